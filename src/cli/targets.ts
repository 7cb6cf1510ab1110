// What the user means by a target: a name as recorded or as shown, a path suffix of one, a glob; else the nearest names.

import { shownJobs } from '../linearize/paths.ts';
import type { Root } from '../linearize/walk.ts';
import type { Build, Job } from '../model/build.ts';
import { Failure } from '../model/failure.ts';
import { nearest } from '../model/nearest.ts';
import { escapeName } from '../model/printable.ts';
import type { JobState } from '../render/joblist.ts';
import type { Past } from '../play/past.ts';
import type { RecordedBuild } from '../store/reader.ts';
import { rootOf, shownName } from '../store/layout.ts';
import type { Opened } from './opened.ts';

/** All that can be named: jobs, and targets of the graphs that have no job of their own. */
interface Named {
  readonly name: string;
  readonly root: Root;
}

/**
 * Finds the roots that a word means. A target without a job stands for all that have its name, in whatever instance.
 * @param past what earlier builds made of that very name counts, and what the instances here that had nothing to do would make.
 * @throws Failure with status 1 where there is none, or where a suffix fits several.
 */
export function findTargets(
  { place, recorded: { build }, nameOf }: Pick<Opened, 'place' | 'nameOf'> & { recorded: { build: Build } },
  word: string,
  past?: Past,
): Root[] {
  const names = allNames(build, nameOf, rootOf(build, place), past);
  const exact = names.filter(({ name }) => name === word);
  if (exact.length > 0) return exact.map(({ root }) => root);
  const earlier = past?.unchanged(word, undefined) ?? [];
  // Of several jobs of one name, the others are `name#2` and so on.
  if (earlier[0]) return [{ job: earlier[0] }];
  // As headers and listings show it.
  const shown = word.includes('\\') ? names.filter(({ name }) => escapeName(name) === word) : [];
  if (shown.length > 0) return shown.map(({ root }) => root);
  if (/[*?[]/.test(word)) {
    const pattern = globPattern(word);
    const matching = names.filter(({ name }) => pattern?.test(name));
    if (matching.length > 0) return matching.map(({ root }) => root);
  }
  const suffix = names.filter(({ name }) => name.endsWith(`/${word}`));
  const different = new Set(suffix.map(({ name }) => name));
  if (different.size === 1) return suffix.map(({ root }) => root);
  if (different.size > 1) throw new Failure(`${word}: which one?`, 1, [...different]);
  const near = nearest(
    word,
    names.map(({ name }) => name),
  );
  const hint = near.length > 0 ? '; nearest:' : '';
  throw new Failure(`${word}: no such target in this build${hint}`, 1, near);
}

function allNames(
  build: Build,
  nameOf: (job: Job) => string,
  projectRoot: string,
  past: Past | undefined,
): Named[] {
  const names: Named[] = [];
  const ran = new Set<string>();
  for (const job of build.jobs) {
    if (!job.parent && build.started?.name === undefined) continue;
    const name = nameOf(job);
    ran.add(name);
    names.push({ name, root: { job } });
  }
  for (const instance of build.instances) {
    const graph = past ? past.graphOf(instance) : instance.graph;
    for (const { name: target } of graph?.values() ?? []) {
      const name = shownName(projectRoot, instance.cwd, target);
      if (!ran.has(name)) names.push({ name, root: { instance, target } });
    }
  }
  return names;
}

/**
 * The jobs that these words mean, and what is below them, in shown order; without words all jobs of the build. The wrapped command itself
 * is among them where it has a name or text of its own, or no job below it.
 * @throws Failure as findTargets.
 */
export function chosenJobs(opened: Opened, words: readonly string[]): readonly Job[] {
  const { recorded, ends } = opened;
  const { build } = recorded;
  if (words.length > 0) {
    const roots = words.flatMap((word) => findTargets(opened, word));
    return shownJobs(build, roots, 'needs', ends);
  }
  const [root] = build.jobs;
  const shown = new Set(root && shownJobs(build, [{ job: root }], 'needs', ends));
  // What has neither text nor a header (`aside`) comes last.
  for (const job of build.jobs) if (job !== root) shown.add(job);
  const worth = root && (shown.size === 0 || build.started?.name !== undefined);
  return [...new Set(worth ? [root, ...shown] : shown)];
}

/** `*` and `?` do not cross a `/`; `**` does. Undefined where a set is none (`[z-a]`). */
export function globPattern(glob: string): RegExp | undefined {
  let pattern = '';
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i] ?? '';
    if (c === '*' && glob[i + 1] === '*') {
      pattern += '.*';
      i++;
    } else if (c === '*') pattern += '[^/]*';
    else if (c === '?') pattern += '[^/]';
    else if (c === '[') {
      const end = glob.indexOf(']', i + 2);
      if (end < 0) pattern += String.raw`\[`;
      else {
        const set = glob.slice(i + 1, end).replaceAll('\\', String.raw`\\`);
        pattern += `[${set.startsWith('!') ? `^${set.slice(1)}` : set}]`;
        i = end;
      }
    } else pattern += c.replaceAll(/[.+^${}()|\]\\]/g, String.raw`\$&`);
  }
  try {
    return new RegExp(`^${pattern}$`, 'su');
  } catch {
    return undefined;
  }
}

/** Has a job of a recorded build ended, or else why not? */
export function stateOf(job: Job, { state }: RecordedBuild): JobState {
  return job.ended !== undefined ? 'ended' : state === 'running' ? 'running' : 'interrupted';
}
