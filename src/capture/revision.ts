// The git revision of a tree, without starting git.

import fs from 'node:fs';
import path from 'node:path';

/** The commit that HEAD is at, or undefined where there is none to be read. */
export function revision(root: string): string | undefined {
  try {
    let git = path.join(root, '.git');
    if (fs.statSync(git).isFile())
      git = path.resolve(
        root,
        fs
          .readFileSync(git, 'utf8')
          .replace(/^gitdir: /, '')
          .trim(),
      );
    const head = fs.readFileSync(path.join(git, 'HEAD'), 'utf8').trim();
    if (!head.startsWith('ref: ')) return head;
    const ref = head.slice('ref: '.length);
    const common = fs.existsSync(path.join(git, 'commondir'))
      ? path.resolve(git, fs.readFileSync(path.join(git, 'commondir'), 'utf8').trim())
      : git;
    const file = path.join(common, ref);
    if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8').trim();
    const packed = fs.readFileSync(path.join(common, 'packed-refs'), 'utf8');
    return packed
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`))
      ?.split(' ')[0];
  } catch {
    return undefined;
  }
}
