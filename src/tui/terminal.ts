// The terminal's clipboard and modes.

import { spawnSync } from 'node:child_process';

/** Puts a text into the terminal's clipboard (xterm's OSC 52; inside tmux: set-clipboard on). */
export function clipboard(text: string): string {
  return `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
}

/** The modes of the terminal that is stdin, in stty's own words; undefined where there is no stty. */
export function modes(): string | undefined {
  const { status, stdout } = spawnSync('stty', ['-g'], {
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Gives it these modes. */
export function setModes(words: string): void {
  spawnSync('stty', [words], { stdio: ['inherit', 'ignore', 'ignore'] });
}
