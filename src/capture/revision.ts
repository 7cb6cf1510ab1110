// The git revision of a tree, without starting git. What a tree brings along may claim anything: it goes into a record that others get to
// see, so nothing but a commit's name is taken from it.

import fs from 'node:fs';
import path from 'node:path';
import { readPlain } from '../store/plainfile.ts';

/** The commit that HEAD is at, or undefined where there is none to be read. */
export function revision(root: string): string | undefined {
  try {
    const found = read(root);
    return found !== undefined && /^[0-9a-f]{40,64}$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function read(root: string): string | undefined {
  let git = path.join(root, '.git');
  if (fs.statSync(git).isFile())
    git = path.resolve(
      root,
      readPlain(git)
        .replace(/^gitdir: /, '')
        .trim(),
    );
  const head = readPlain(path.join(git, 'HEAD')).trim();
  if (!head.startsWith('ref: ')) return head;
  const ref = head.slice('ref: '.length);
  const common = fs.existsSync(path.join(git, 'commondir'))
    ? path.resolve(git, readPlain(path.join(git, 'commondir')).trim())
    : git;
  const file = path.join(common, ref);
  if (fs.existsSync(file)) return readPlain(file).trim();
  return readPlain(path.join(common, 'packed-refs'))
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ')[0];
}
