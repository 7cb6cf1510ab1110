// The Go module in a folder: its name, from which the folders of its packages follow. Knows no Go code.

import path from 'node:path';
import { readStart } from '../store/plainfile.ts';

/** The module line stands near the start. */
const MOST_GO_MOD = 64 * 1024;

export interface GoModule {
  readonly name: string;
  /** As the caller wants it shown: relative to the project root, or absolute. */
  readonly folder: string;
}

/** @returns the module whose go.mod is in that folder, if there is one. @param shown the module's folder. */
export function moduleAt(folder: string, shown: string): GoModule | undefined {
  try {
    const source = readStart(path.join(folder, 'go.mod'), MOST_GO_MOD).toString();
    const [, name] = /^module[ \t]+"?([^\s"]+)/m.exec(source) ?? [];
    return name === undefined ? undefined : { name, folder: shown };
  } catch {
    // There is none: file names are shown as they are.
    return undefined;
  }
}

/** The folder of a package's files; undefined if it is unknown. */
export function folderOf(module: GoModule | undefined, name: string): string | undefined {
  if (!module || (name !== module.name && !name.startsWith(`${module.name}/`))) return undefined;
  const below = name.slice(module.name.length + 1);
  if (below.split('/').some((part) => part === '.' || part === '..')) return undefined;
  const folder = path.posix.join(module.folder, below);
  return folder === '.' ? '' : folder;
}
