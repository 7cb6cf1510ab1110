// The files of redo: the folder .redo at the base of a tree, with a log for each target, `log.<rowid>`. Reads
// no content.

import fs from 'node:fs';
import path from 'node:path';

/** The nearest folder that has a .redo, from this one upward. */
export function findBase(folder: string): string | undefined {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (fs.statSync(path.join(at, '.redo'), { throwIfNoEntry: false })?.isDirectory()) return at;
    if (at === path.dirname(at)) return undefined;
  }
}

/**
 * The base that redo chooses for these targets: the nearest one from their common folder upward, its own
 * current folder included.
 */
export function baseOf(cwd: string, targets: readonly string[]): string | undefined {
  let common = path.resolve(cwd);
  for (const target of targets) {
    const folder = path.dirname(path.resolve(cwd, target));
    while (folder !== common && !folder.startsWith(common === '/' ? '/' : `${common}/`))
      common = path.dirname(common);
  }
  return findBase(common);
}

export const redoFolder = (base: string): string => path.join(base, '.redo');
export const targetLog = (base: string, id: number): string => path.join(base, '.redo', `log.${id}`);

/** The numbers of the targets that have a log. @throws if the folder cannot be read. */
export function loggedTargets(base: string): number[] {
  return fs
    .readdirSync(redoFolder(base))
    .flatMap((name) => /^log\.([1-9]\d{0,14})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
