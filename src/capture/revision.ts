// The git revision of a tree, without starting git.

import path from 'node:path';
import { readRegular } from '../store/plainfile.ts';

/** The most bytes that are read of a file: git's are short. */
const LONGEST = 64 * 1024 * 1024;
const COMMIT = /^[0-9a-f]{40,64}$/;
const REF = /^refs\/(?!.*\.\.)[^\0]+$/;

/** The commit of HEAD; undefined if it cannot be read. */
export function revision(gitFolder: string): string | undefined {
  const read = (...names: string[]): string =>
    readRegular(path.join(...names), LONGEST)
      .toString('utf8')
      .trim();
  try {
    const head = read(gitFolder, 'HEAD');
    if (COMMIT.test(head)) return head;
    const ref = head.replace(/^ref: /, '');
    if (!REF.test(ref)) return undefined;
    const common = attempt(() => path.resolve(gitFolder, read(gitFolder, 'commondir'))) ?? gitFolder;
    const commit =
      attempt(() => read(common, ref)) ??
      read(common, 'packed-refs')
        .split('\n')
        .find((line) => line.endsWith(` ${ref}`))
        ?.split(' ')[0];
    return commit !== undefined && COMMIT.test(commit) ? commit : undefined;
  } catch {
    return undefined;
  }
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The branch that HEAD is; undefined if it is none, or if it cannot be read. */
export function branchOf(gitFolder: string): string | undefined {
  const head = attempt(() => readRegular(path.join(gitFolder, 'HEAD'), LONGEST).toString('utf8').trim());
  return /^ref: refs\/heads\/(.+)$/.exec(head ?? '')?.[1];
}
