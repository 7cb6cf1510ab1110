// What a word means as a target: a recorded or shown name, a path from the current folder, the end of a path,
// or a glob. If nothing fits, the nearest names.

import fs from 'node:fs';
import path from 'node:path';

import { shownJobs } from '../linearize/shown.ts';
import { targetsThatRan } from '../linearize/targetpaths.ts';
import type { WalkRoot } from '../linearize/walkoptions.ts';
import type { Build, Instance, Job } from '../model/build.ts';
import { Failure } from '../model/failure.ts';
import { nearest } from '../model/nearest.ts';
import { escapeName } from '../model/printable.ts';
import { escapeRegExp } from '../model/regexp.ts';
import type { EarlierBuilds } from './earlierbuilds.ts';
import { fromRoot, shownName } from '../model/shownname.ts';
import { rootOf } from '../store/layout.ts';
import type { ViewedBuild } from './viewedbuild.ts';

/** A job, or a target of a graph that has no job. */
interface Named {
  readonly name: string;
  readonly root: WalkRoot;
  /** The name is not a path but several words: a command, `@scope/package script`, `crate (test)`. */
  readonly words?: boolean;
}

/**
 * Finds what a word on the command line stands for. Of targets that had no job in this build, all those of
 * that name are found, in whichever tool instance.
 * @param earlier find targets, too, that only earlier builds made, and targets of instances of this build
 *   that had nothing to do.
 * @throws Failure with status 1 if there is none, or if the end of a path fits several.
 */
export function findTargets(
  viewed: Pick<ViewedBuild, 'place' | 'folder' | 'nameOf'> & { readonly recorded: { readonly build: Build } },
  word: string,
  earlier?: EarlierBuilds,
): WalkRoot[] {
  const { place, folder: here, nameOf } = viewed;
  const { build } = viewed.recorded;
  const root = rootOf(build, place);
  const names = allNames(build, nameOf, root, earlier);
  const meant = (is: (name: string) => boolean): WalkRoot[] =>
    names.filter(({ name }) => is(name)).map((named) => named.root);
  /** A name as recorded, here or in an earlier build, or as headers and listings show it. */
  const known = (name: string): WalkRoot[] => {
    const exact = meant((other) => other === name);
    if (exact.length > 0) return exact;
    // The user calls further jobs of the name `name#2`, so `name` is the first one.
    const [job] = earlier?.unchanged(name, undefined) ?? [];
    if (job) return [{ job }];
    return name.includes('\\') ? meant((other) => escapeName(other) === name) : [];
  };

  let found = known(word);
  if (found.length > 0) return found;
  const pattern = globPattern(word);
  const among = globAmongWords(word);
  found = names
    .filter(({ name, words }) => pattern?.test(name) === true || (words && among?.test(name)))
    .map((named) => named.root);
  if (found.length > 0) return found;
  const paths = pathsFrom(here, word, [place.root, root]);
  for (const { folder, rest } of paths) {
    found = known(folder + rest);
    const from = globPattern(rest, folder);
    if (found.length === 0 && from) found = meant((name) => from.test(name));
    if (found.length > 0) return found;
  }
  let suffix = names.filter(({ name }) => name.endsWith(`/${word}`));
  if (suffix.length === 0) suffix = names.filter(({ name, words }) => words && isAmongWords(word, name));
  const different = new Set(suffix.map(({ name }) => name));
  if (different.size === 1) return suffix.map((named) => named.root);
  if (different.size > 1) throw new Failure(`${word}: which one?`, 1, [...different]);
  throw noSuchTarget(word, paths[0], names, build);
}

/** The names of the roots below which nothing ran: up to date, or not reached by the build. */
export function targetsNotRun(
  { place, recorded: { build } }: ViewedBuild,
  roots: readonly WalkRoot[],
): string[] {
  const asked = new Map<Instance, string[]>();
  for (const root of roots) {
    if ('job' in root) continue;
    const targets = asked.get(root.instance);
    if (targets) targets.push(root.target);
    else asked.set(root.instance, [root.target]);
  }
  const names = new Set<string>();
  for (const [instance, targets] of asked) {
    const ran = targetsThatRan(instance, targets);
    for (const target of targets)
      if (!ran.has(target)) names.add(shownName(rootOf(build, place), instance.cwd, target));
  }
  return [...names];
}

/**
 * A path from the project root: folders, whose names are taken literally, and the rest, which may be a glob.
 */
interface FromRoot {
  readonly folder: string;
  readonly rest: string;
}

/**
 * Takes a word for a path from the current folder, and returns it as paths from the project root: as it is
 * written, and with symbolic links resolved.
 * @param roots the folders that count as the project root: today's, and that of the recording.
 */
function pathsFrom(here: string, word: string, roots: readonly string[]): FromRoot[] {
  const file = path.resolve(here, word);
  const bare = word.replace(/\/+$/, '');
  const glob = GLOB.exec(bare)?.index ?? bare.length;
  // Links are resolved in the folders before the first wildcard only, since the rest is no path on disk.
  let fixed = path.resolve(here, bare.slice(0, bare.lastIndexOf('/', glob) + 1) || '.');
  if (fixed === file) fixed = path.dirname(file);
  const rest = path.relative(fixed, file);
  const slash = bare === word ? '' : '/';
  const found = new Map<string, FromRoot>();
  for (const folder of new Set([fixed, followed(fixed)]))
    for (const root of new Set(roots)) {
      const from = fromRoot(root, folder);
      const prefix = from === '' || from.endsWith('/') ? from : `${from}/`;
      // A shell's completion adds a slash to a folder's name, which the recorded name may not have.
      for (const tail of new Set([rest + slash, rest]))
        found.set(prefix + tail, { folder: prefix, rest: tail });
    }
  return [...found.values()];
}

/** A path with its links followed, as far as it exists. */
function followed(folder: string): string {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      return path.join(fs.realpathSync(at), path.relative(at, folder));
    } catch {
      if (at === path.dirname(at)) return folder;
    }
  }
}

/** The failure for a word that fits no target, with a hint. */
function noSuchTarget(
  word: string,
  from: FromRoot | undefined,
  names: readonly Named[],
  build: Build,
): Failure {
  const all = names.map(({ name }) => name);
  if (/^-\d+$/.test(word))
    return new Failure(`${word}: no such target in this build; an earlier build is -b ${word}`, 1);
  if (word === '@failed' || word === '@last' || /^\d{8}-[\w-]*$/.test(word))
    return new Failure(`${word}: no such target in this build; another build is -b ${word}`, 1);
  if (all.length === 0) return new Failure(`${word}: no targets in this build: ${whyUnsplit(build)}`, 1);
  if (GLOB.test(word)) {
    const deep = `**/${word}`;
    const pattern = globPattern(deep);
    const hint =
      !word.includes('/') && pattern && all.some((name) => pattern.test(name))
        ? `; * does not cross a /: '${deep}' is in all folders`
        : '';
    return new Failure(`${word}: no such target in this build${hint}`, 1);
  }
  const path = /^(?:\.{0,2}\/)/.test(word) && from ? from.folder + from.rest : word;
  const near = nearest(path, all);
  return new Failure(`${word}: no such target in this build${near.length > 0 ? '; nearest:' : ''}`, 1, near);
}

/** Why a build has no job but the wrapped command. */
function whyUnsplit({ unsplit, instances }: Build): string {
  if (unsplit.length > 0) return unsplit.join('; ');
  return instances.length > 0
    ? 'its tool had nothing to do; with -u, what it made before'
    : 'nothing in it was a tool that is split into jobs, or --no-hooks was given';
}

function allNames(
  build: Build,
  nameOf: (job: Job) => string,
  projectRoot: string,
  earlier: EarlierBuilds | undefined,
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
    const graph = earlier ? earlier.graphOf(instance) : instance.graph;
    for (const target of graph?.keys() ?? []) {
      const name = shownName(projectRoot, instance.cwd, target);
      if (!ran.has(name)) names.push({ name, root: { instance, target } });
    }
  }
  return names;
}

/**
 * The jobs that these words mean and those below them, in the order of `show`; without words, all jobs of the
 * build. The wrapped command is included if it has a name or text of its own, or no job below it.
 * @throws Failure as findTargets.
 */
export function chosenJobs(viewed: ViewedBuild, words: readonly string[]): readonly Job[] {
  const { recorded, ends } = viewed;
  const { build } = recorded;
  if (words.length > 0) {
    const roots = words.flatMap((word) => findTargets(viewed, word));
    return shownJobs(build, roots, 'needs', ends);
  }
  const [root] = build.jobs;
  const shown = new Set(viewed.shown());
  // The walk does not show jobs that have neither text nor a header. They come last.
  for (const job of build.jobs) if (job !== root) shown.add(job);
  const worth = root && (shown.size === 0 || build.started?.name !== undefined);
  return [...new Set(worth ? [root, ...shown] : shown)];
}

const GLOB = /[*?[]/;

/**
 * Whether a name with spaces is several words (`crate (test)`) rather than one file name with spaces in it.
 * make and ninja name jobs after files; cargo, npm and others do not.
 */
function isWords({ name, instance }: Job): boolean {
  return (!instance || instance.tool === 'cargo') && /\s/.test(name);
}

/** Whether it is one or more whole words of the name, or the end of a path among them. */
function isAmongWords(word: string, name: string): boolean {
  for (let at = name.indexOf(word); at >= 0 && word !== ''; at = name.indexOf(word, at + 1))
    if (/^$|[\s(/]$/.test(name.slice(0, at)) && /^$|^[\s)]/.test(name.slice(at + word.length))) return true;
  return false;
}

/** Same as globPattern, but for whole words of a name in which `/` has no meaning. */
function globAmongWords(glob: string): RegExp | undefined {
  return compiled(glob, '.', String.raw`(?:^|[\s(])`, String.raw`(?:[\s)]|$)`);
}

/**
 * `*` and `?` do not match `/`; `**` does, and as a folder of its own it also stands for no folder.
 * @param before literal text before what the glob matches.
 * @returns undefined if there is no wildcard, or if a set is invalid (`[z-a]`).
 */
function globPattern(glob: string, before = ''): RegExp | undefined {
  return compiled(glob, '[^/]', `^${escapeRegExp(before)}`, '$');
}

/** @param one the expression for one character: what `?` matches, and `*` any number of times. */
function globSource(glob: string, one: string): string {
  let pattern = '';
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i] ?? '';
    if (c === '*' && glob[i + 1] === '*') {
      const folder = glob[i + 2] === '/' && (i === 0 || glob[i - 1] === '/');
      pattern += folder ? '(?:.*/)?' : '.*';
      i += folder ? 2 : 1;
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
    } else pattern += escapeRegExp(c);
  }
  return pattern;
}

function compiled(glob: string, one: string, before: string, after: string): RegExp | undefined {
  if (!GLOB.test(glob)) return undefined;
  try {
    return new RegExp(`${before}${globSource(glob, one)}${after}`, 'su');
  } catch {
    return undefined;
  }
}
