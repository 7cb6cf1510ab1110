// Documents that are no logs: why a job ran, the problems of the build. Each line leads to a job.

import { type LinkTarget, TextDocument } from '../documents/document.ts';
import { Causes } from '../linearize/causes.ts';
import type { Job } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { shownName } from '../model/shownname.ts';
import type { FoundProblem } from '../problems/problemlist.ts';
import { placeText } from '../render/problem.ts';
import { whyText } from '../render/why.ts';
import type { PageBuild } from './pagebuild.ts';

export function whyDocument(shown: PageBuild, job: Job): TextDocument {
  const { build, nameOf, project } = shown;
  if (!job.parent) return new TextDocument([{ text: `${escapeName(nameOf(job))}: was what you asked for` }]);
  const causes = new Causes(build, (instance, target) => shownName(project.root, instance.cwd, target));
  const text = whyText(nameOf(job), job, causes.of(job), causes, {
    nameOf,
    ascii: false,
    colour: true,
    // What a command was before is in another build.
    commandChange: () => [],
  });
  const byName = new Map(build.jobs.map((one) => [escapeName(nameOf(one)), one]));
  return new TextDocument(
    text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const found = namesOf(line).flatMap((name) => byName.get(name) ?? [])[0];
        return { text: line, target: found && { job: found } };
      }),
  );
}

/** The names that a line may have: of several, the first. */
function namesOf(line: string): string[] {
  const plain = line.replaceAll(/\x1b\[[\d;]*m/g, '');
  const name = plain.replace(/^ *(?:←)? */, '').replace(/ \((?:above|exit \d+|SIG\w+|signal \d+)\)$/, '');
  return [name, name.replace(/(?:, .*| and \d+ more)$/, '')];
}

export function problemsDocument(found: readonly FoundProblem[], nameOf: (job: Job) => string): TextDocument {
  if (found.length === 0) return new TextDocument([{ text: 'no errors, no warnings' }]);
  return new TextDocument(
    found.map(({ problem, jobs }) => {
      const { severity, tool, code, message, file, line, column, at } = problem;
      const where = escapeName(placeText(problem) ?? tool);
      const [first] = jobs;
      const colour = severity === 'error' ? '1;31' : '1;35';
      const kind = code === undefined ? '' : ` [${escapeName(code)}]`;
      const target: LinkTarget = { job: first, at, file, line, column };
      return {
        text:
          `\x1b[1m${where}:\x1b[0m \x1b[${colour}m${severity}:\x1b[0m ${escapeName(message)}${kind} ` +
          `\x1b[2m(${first ? escapeName(nameOf(first)) : ''}${jobs.length > 1 ? `, in ${jobs.length} jobs` : ''})\x1b[0m`,
        target,
      };
    }),
  );
}
