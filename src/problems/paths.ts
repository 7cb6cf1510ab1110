// Turns the files that tools print into files of the project. Touches no disk: the caller says which files
// exist.

import { leadsOut } from '../model/leadsout.ts';

/** What is known about where a log was written. */
export interface LogLocation {
  /**
   * The folder in which the job ran, relative to the project root ('' for the root itself); absolute if it is
   * outside the project; undefined: unknown.
   */
  readonly folder: string | undefined;
  /** The project root. */
  readonly root: string;
  /** Whether a file exists, relative to the project root. Without it, this is unknown. */
  readonly exists?: (file: string) => boolean;
  /**
   * The job's commands in the order of the log, both those that change to another folder first and those that
   * do not.
   */
  readonly commands?: readonly {
    /** The offset in the log at which its output begins; negative if that is before the part that is read. */
    readonly at: number;
    /** The folder as printed in the command; undefined: the command stays in the job's folder. */
    readonly folder: string | undefined;
  }[];
}

/**
 * @param entered the folder that make most recently said it entered, if any.
 * @param at where in the log the file is named.
 */
export type Resolve = (file: string, entered: string | undefined, at: number) => string;

/**
 * Makes files relative to the project root, with `..` for files outside it. Files of a folder outside the
 * project become absolute, and those of an unknown folder stay as printed.
 */
export function resolver(setting: LogLocation): Resolve {
  const known = new Map<string, string>();
  return (file, entered, at) => {
    const moved =
      entered === undefined ? setting.commands?.findLast((one) => one.at <= at)?.folder : undefined;
    const key =
      entered === undefined && moved === undefined ? file : `${entered ?? ''}\0${moved ?? ''}\0${file}`;
    let found = known.get(key);
    if (found === undefined) {
      const printed = file.replace(/^file:\/\//, '');
      const there = moved === undefined ? undefined : find(printed, folderOf(moved, setting), setting);
      // Only a command's first `cd` is known, not any later one.
      found =
        there !== undefined && (setting.exists?.(there) ?? true)
          ? there
          : find(printed, entered ?? setting.folder, setting);
      // The cache is bounded, since a log can name any number of files.
      if (known.size > 10_000) known.clear();
      known.set(key, found);
    }
    return found;
  };
}

/** A folder that make entered: absolute as printed, or relative to where the job ran. */
export function folderOf(printed: string, setting: LogLocation): string {
  if (!printed.startsWith('/')) return join(setting.folder ?? '', printed);
  return inside(normal(printed), setting.root) ?? normal(printed);
}

/**
 * The folder that a command changes to before it does anything else: `sh -c 'cd lib && cc -c x.c'`.
 * @returns undefined if it stays in its folder, or if only the shell knows the folder.
 */
export function folderOfCommand(argv: readonly string[]): string | undefined {
  const [program = '', ...rest] = argv;
  if (!/(?:^|\/)(?:ba|da|a|k|z)?sh$/.test(program)) return undefined;
  const script = rest.find((word) => !/^[-+]/.test(word)) ?? '';
  const found =
    /^(?:set -\w+ *(?:;|&&))?[\s({]*cd +(?:--? +)?(?:'([^']+)'|"([^"$`\\]+)"|([^\s'"$`\\;&|()<>*?[~]+)) *(?:&&|;|\n)/.exec(
      script,
    );
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

/**
 * A file's name as seen from a folder: relative to the folder if both are in the project, or if the file is
 * below the folder; else absolute.
 * @param file as a resolver returns it. @param root of the project. @param from the folder, absolute.
 */
export function nameFrom(file: string, root: string, from: string): string {
  const known = file.startsWith('/') || /^(?:[A-Za-z]:[\\/]|<)/.test(file);
  const absolute = known ? file : `${root === '/' ? '' : root}/${file}`;
  const below = inside(normal(absolute), from);
  if (below !== undefined && absolute.startsWith('/')) return below;
  if (known) return file;
  return inside(from, root) === undefined ? normal(absolute) : relative(from, normal(absolute));
}

function relative(from: string, file: string): string {
  const [there, here] = [file.split('/'), from.split('/')];
  const same = there.findIndex((part, i) => part !== here[i]);
  const shared = same < 0 ? there.length : same;
  return [...here.slice(shared).map(() => '..'), ...there.slice(shared)].join('/');
}

function find(file: string, folder: string | undefined, { root, exists }: LogLocation): string {
  if (file.startsWith('/')) return inside(normal(file), root) ?? file;
  if (folder === undefined || /^(?:[A-Za-z]:[\\/]|<)/.test(file)) return file;
  const likely = join(folder, file);
  if (folder.startsWith('/')) return inside(likely, root) ?? likely;
  if (leadsOut(likely) || !exists || folder === '' || exists(likely)) return likely;
  // cargo runs rustc in the workspace's root, whichever member it was called in.
  for (let up = parent(folder); ; up = parent(up)) {
    const other = join(up, file);
    if (exists(other)) return other;
    if (up === '') return likely;
  }
}

/** Returns the file relative to the root; undefined if it is outside. */
function inside(file: string, root: string): string | undefined {
  if (file === root) return '';
  const prefix = root.endsWith('/') ? root : `${root}/`;
  return file.startsWith(prefix) ? file.slice(prefix.length) : undefined;
}

const parent = (folder: string): string => folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
const join = (folder: string, file: string): string => normal(folder === '' ? file : `${folder}/${file}`);

/** A slash at the start or end, two of them, or one beside `.` or `..`. */
const DETOUR = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** Removes `.`, `..` and doubled slashes as far as possible. */
function normal(file: string): string {
  if (!DETOUR.test(file)) return file;
  const parts: string[] = [];
  for (const part of file.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !file.startsWith('/')) parts.push(part);
  }
  return (file.startsWith('/') ? '/' : '') + parts.join('/');
}
