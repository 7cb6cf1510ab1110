// The names by which files and targets are shown: paths relative to the project root. Knows no disk; paths
// are those of POSIX.

import { leadsOut } from './leadsout.ts';

/**
 * Returns a path relative to the project root ('' for the root itself); unchanged if it is outside. Both
 * paths are resolved.
 */
export function fromRoot(root: string, file: string): string {
  const relative = relativePath(root, file);
  return leadsOut(relative) ? file : relative;
}

/** A path that is absolute, or that has `.`, `..` or nothing between two slashes or at its end. */
const DETOUR = /(?:^|\/)(?:\.{0,2}(?:\/|$))/;

/**
 * Joins a folder and a path from it. Resolving and relating them would take ten times as long.
 * @param folder no detour; '' for the project root.
 * @returns undefined if the path leads out of the root, is absolute, or is one of a folder.
 */
function joined(folder: string, file: string): string | undefined {
  let at = 0;
  let end = folder.length;
  for (;;) {
    if (file.startsWith('./', at)) at += 2;
    else if (!file.startsWith('../', at)) break;
    else if (end === 0) return undefined;
    else {
      at += 3;
      end = Math.max(0, folder.lastIndexOf('/', end - 1));
    }
  }
  const rest = at === 0 ? file : file.slice(at);
  if (DETOUR.test(rest)) return undefined;
  return end === 0 ? rest : `${folder.slice(0, end)}/${rest}`;
}

/**
 * Returns the name by which a target is shown: its path relative to the project root.
 * @param root the project root, resolved.
 * @param cwd the folder in which its tool ran, relative to the root or absolute.
 * @param target as the tool names it.
 */
export function shownName(root: string, cwd: string, target: string): string {
  // The usual case: neither is absolute or odd.
  const folder = cwd === root ? '' : cwd;
  const short = folder === '' || !DETOUR.test(folder) ? joined(folder, target) : undefined;
  if (short !== undefined) return short;
  const file = resolved(root, cwd, target);
  const name = fromRoot(root, file);
  return target.endsWith('/') && name !== '' ? `${name}/` : name === '' ? target : name;
}

/** The parts of an absolute path, without detours. */
function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return parts;
}

/** Goes from an absolute folder to a path, and from there to another one. */
function resolved(root: string, cwd: string, target: string): string {
  const from = cwd.startsWith('/') ? cwd : `${root}/${cwd}`;
  return `/${partsOf(target.startsWith('/') ? target : `${from}/${target}`).join('/')}`;
}

/** The way from one absolute path to another. */
function relativePath(from: string, to: string): string {
  const [a, b] = [partsOf(from), partsOf(to)];
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
}
