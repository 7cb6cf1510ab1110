// What the user means by a target: a name as recorded, a path suffix of one, a glob; else the nearest names.

import path from 'node:path';
import { shownJobs } from '../linearize/paths.ts';
import type { Root } from '../linearize/walk.ts';
import type { Build, Job } from '../model/build.ts';
import { Failure } from '../model/failure.ts';
import { nearest } from '../model/nearest.ts';
import type { JobState } from '../render/joblist.ts';
import { escapeName } from '../render/sanitize.ts';
import type { RecordedBuild } from '../store/builds.ts';
import type { Opened } from './opened.ts';

/** All that can be named: jobs, and targets of the graphs that have no job of their own. */
interface Named {
  readonly name: string;
  readonly root: Root;
}

/**
 * Finds the roots that a word means.
 * @param past the jobs of that very name in the last build that had any.
 * @throws Failure with status 1 where there is none, or where a suffix fits several.
 */
export function findTargets(
  build: Build,
  nameOf: (job: Job) => string,
  word: string,
  past?: (name: string) => readonly Job[] | undefined,
): Root[] {
  const names = allNames(build, nameOf);
  const shown = escapeName(word);
  const exact = names.filter(({ name }) => name === word);
  if (exact.length > 0) return exact.map(({ root }) => root);
  const earlier = past?.(word) ?? [];
  if (earlier.length > 0) return earlier.map((job) => ({ job }));
  if (/[*?[]/.test(word)) {
    const pattern = globPattern(word);
    const matching = names.filter(({ name }) => pattern?.test(name));
    if (matching.length > 0) return matching.map(({ root }) => root);
  }
  const suffix = names.filter(({ name }) => name.endsWith(`/${word}`));
  if (suffix.length === 1) return suffix.map(({ root }) => root);
  if (suffix.length > 1) throw new Failure(`${shown}: which one?${list(suffix.map(({ name }) => name))}`, 1);
  const near = nearest(
    word,
    names.map(({ name }) => name),
  );
  const hint = near.length > 0 ? `; nearest:${list(near)}` : '';
  throw new Failure(`${shown}: no such target in this build${hint}`, 1);
}

function list(names: readonly string[]): string {
  return names.map((name) => `\n  ${escapeName(name)}`).join('');
}

function allNames(build: Build, nameOf: (job: Job) => string): Named[] {
  const names: Named[] = [];
  const taken = new Set<string>();
  const add = (name: string, root: Root): void => {
    if (taken.has(name)) return;
    taken.add(name);
    names.push({ name, root });
  };
  for (const job of build.jobs)
    if (job.parent || build.started?.name !== undefined) add(nameOf(job), { job });
  for (const instance of build.instances) {
    for (const node of instance.graph?.values() ?? []) {
      const name = instance.cwd === '' ? node.name : path.posix.join(instance.cwd, node.name);
      add(name, { instance, target: node.name });
    }
  }
  return names;
}

/**
 * The jobs that these words mean, and what is below them, in shown order; without words all jobs of the build. The wrapped command itself
 * is among them where it has a name or text of its own, or no job below it.
 * @throws Failure as findTargets.
 */
export function chosenJobs({ recorded, nameOf, ends }: Opened, words: readonly string[]): readonly Job[] {
  const { build } = recorded;
  if (words.length > 0) {
    const roots = words.flatMap((word) => findTargets(build, nameOf, word));
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
