// Documents that the log pane shows instead of a log: why a job ran, the problems of a build. Each line has
// the target that Enter opens.

import stripAnsi from 'strip-ansi';
import type { Job } from '../model/build.ts';
import type { Sliced } from '../model/sliced.ts';
import { escapeName } from '../model/printable.ts';
import type { FoundProblem } from '../problems/problemlist.ts';
import type { Problem } from '../problems/problem.ts';
import { duration } from '../render/formats.ts';
import { notRemadeText } from '../render/notremade.ts';
import { placeText } from '../render/problem.ts';
import { whyText } from '../render/why.ts';
import { type Place } from '../store/place.ts';
import { type LinkTarget, TextDocument } from '../documents/document.ts';
import { jobMark } from './views/marks.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import { causesOf, changedWords } from '../view/why.ts';

/** Lists why a job ran, or since when it is up to date. */
export function* whyLines(
  opened: GrowingBuild,
  place: Place,
  job: Job,
  ascii: boolean,
): Sliced<TextDocument> {
  const name = escapeName(opened.nameOf(job));
  const earlier = opened.earlier.recordedOf(job);
  if (earlier) {
    const took = job.ended === undefined ? '' : `, and took ${duration(job.ended - job.started)}`;
    const notRemade = opened.earlier.notRemade(job, job.target, undefined);
    const now = notRemade ? `was ${notRemadeText(notRemade, opened.nameOf)}` : 'is up to date';
    return textDocument([`${name}: ${now}; it last ran in build ${earlier.id}${took}`]);
  }
  if (!job.parent) return textDocument([`${name}: was what you asked for`]);
  const { build } = opened;
  const causes = causesOf(build, place.root);
  const reasons = causes.of(job);
  // A changed command is shown with the previous one, from a build that may have many jobs.
  for (const reason of [...reasons, ...causes.roots(reasons)])
    if (reason.kind === 'command') yield* opened.earlier.readAhead(reason.job);
  const text = whyText(opened.nameOf(job), job, reasons, causes, {
    nameOf: opened.nameOf,
    ascii,
    colour: true,
    commandChange: (of) => changedWords(of, opened.earlier),
  });
  const lines = text.trimEnd().split('\n');
  // For `← a.o, b.o and 3 more`, Enter leads to the first name.
  const namesOf = (line: string): string[] => {
    const plain = stripAnsi(line);
    const name = plain
      .replace(/^ *(?:←|<-)? */, '')
      .replace(/ \((?:above|exit \d+|SIG\w+|signal \d+)\)$/, '');
    return [name, name.replace(/(?:, .*| and \d+ more)$/, '')];
  };
  const wanted = new Set(lines.flatMap(namesOf));
  const byName = new Map<string, Job>();
  for (const one of build.jobs) {
    const shown = escapeName(opened.nameOf(one));
    if (wanted.has(shown)) byName.set(shown, one);
  }
  return new TextDocument(
    lines.map((line) => {
      const first = namesOf(line).flatMap((name) => byName.get(name) ?? [])[0];
      return { text: line, target: first && { job: first } };
    }),
  );
}

export function textDocument(lines: readonly string[]): TextDocument {
  return new TextDocument(lines.map((text) => ({ text })));
}

/** Lists jobs, a line each. */
export function jobLines(opened: GrowingBuild, jobs: readonly Job[], ascii: boolean): TextDocument {
  return new TextDocument(
    jobs.map((job) => {
      const sign = jobMark(job, opened, ascii);
      const took = job.ended === undefined ? '' : duration(job.ended - job.started);
      const name = escapeName(opened.nameOf(job));
      return {
        text: `\x1b[${sign.style}m${sign.text}\x1b[0m ${name} \x1b[2m${took}\x1b[0m`,
        target: { job },
      };
    }),
  );
}

/** The place of a problem. */
export function linkTargetOf(problem: Problem, job: Job | undefined): LinkTarget {
  const { file, line, column, at } = problem;
  return { job, at, file, line, column };
}

/** The problems of a build, a line each. */
export function problemLines(found: readonly FoundProblem[], nameOf: (job: Job) => string): TextDocument {
  if (found.length === 0) return textDocument(['no errors, no warnings']);
  return new TextDocument(
    found.map(({ problem, jobs }) => {
      const { severity, tool, code, message } = problem;
      const where = placeText(problem) ?? tool;
      const [first] = jobs;
      const target = first ? escapeName(nameOf(first)) : '';
      const several = jobs.length > 1 ? `${target}, in ${jobs.length} jobs` : target;
      const colour = severity === 'error' ? '1;31' : '1;35';
      return {
        text: `\x1b[1m${escapeName(where)}:\x1b[0m \x1b[${colour}m${severity}:\x1b[0m ${escapeName(message)}${code === undefined ? '' : ` [${escapeName(code)}]`} \x1b[2m(${several})\x1b[0m`,
        target: linkTargetOf(problem, first),
      };
    }),
  );
}
