// The terminal's clipboard and modes.

import { spawnSync } from 'node:child_process';

/** Puts a text in the terminal's clipboard (xterm's OSC 52; in tmux with set-clipboard on). */
export function clipboard(text: string): string {
  return `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
}

/** The modes of the terminal on stdin, in stty's format; undefined if there is no stty. */
export function modes(): string | undefined {
  const { status, stdout } = spawnSync('stty', ['-g'], {
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Sets these modes. */
export function setModes(words: string): void {
  spawnSync('stty', [words], { stdio: ['inherit', 'ignore', 'ignore'] });
}
