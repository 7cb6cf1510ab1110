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
  /** It is no path but a command, `@scope/package script`, `crate (test)`: words. */
  readonly words?: boolean;
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
    const among = globAmongWords(word);
    const matching = names.filter(
      ({ name, words }) => pattern?.test(name) === true || (words && among?.test(name)),
    );
    if (matching.length > 0) return matching.map(({ root }) => root);
  }
  let suffix = names.filter(({ name }) => name.endsWith(`/${word}`));
  if (suffix.length === 0) suffix = names.filter(({ name, words }) => words && isAmongWords(word, name));
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
    names.push({ name, root: { job }, words: isWords(job) });
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

/** Names of files are given by the tools that make files; others are words where they are more than one. */
function isWords({ name, instance }: Job): boolean {
  return (!instance || instance.tool === 'cargo') && /\s/.test(name);
}

/** Is it one or more whole words of the name, or the end of a path among them? */
function isAmongWords(word: string, name: string): boolean {
  for (let at = name.indexOf(word); at >= 0 && word !== ''; at = name.indexOf(word, at + 1))
    if (/^$|[\s(/]$/.test(name.slice(0, at)) && /^$|^[\s)]/.test(name.slice(at + word.length))) return true;
  return false;
}

/** As globPattern, for one or more whole words of a name in which a `/` separates nothing. */
function globAmongWords(glob: string): RegExp | undefined {
  return compiled(globSource(glob, '.'), String.raw`(?:^|[\s(])`, String.raw`(?:[\s)]|$)`);
}

/** `*` and `?` do not cross a `/`; `**` does. Undefined where a set is none (`[z-a]`). */
function globPattern(glob: string): RegExp | undefined {
  return compiled(globSource(glob, '[^/]'), '^', '$');
}

/** @param one what `?` stands for, and each character of `*`. */
function globSource(glob: string, one: string): string {
  let pattern = '';
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i] ?? '';
    if (c === '*' && glob[i + 1] === '*') {
      pattern += '.*';
      i++;
    } else if (c === '*') pattern += `${one}*`;
    else if (c === '?') pattern += one;
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
  return pattern;
}

function compiled(source: string, before: string, after: string): RegExp | undefined {
  try {
    return new RegExp(`${before}${source}${after}`, 'su');
  } catch {
    return undefined;
  }
}

/** Has a job of a recorded build ended, or else why not? */
export function stateOf(job: Job, { state }: RecordedBuild): JobState {
  return job.ended !== undefined ? 'ended' : state === 'running' ? 'running' : 'interrupted';
}
