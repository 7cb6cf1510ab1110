// Long output on a terminal goes through a pager, as git does it.

import type { Write } from '../play/stdout.ts';

export interface Pager {
  readonly write: Write;
  /** Ends its input and waits until the user has left it. */
  closed(): Promise<void>;
}

/**
 * Starts the pager; undefined where none is wanted. `-FRX`: leaves if all fits on a screen, passes colours, keeps the screen.
 * @param atEnd it shows the end first.
 */
export async function startPager(atEnd = false): Promise<Pager | undefined> {
  const program = process.env.LOGLIN_PAGER ?? process.env.PAGER ?? 'less';
  if (program === '' || program === 'cat') return undefined;
  // Loaded where it is needed: it takes longer than all of `show`.
  const { spawn } = await import('node:child_process');
  const child = spawn('/bin/sh', ['-c', program], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: atEnd ? 'FRX+G' : 'FRX', LV: '-c', ...process.env },
  });
  // Left before the end: the writes' own errors say it.
  child.stdin.on('error', () => undefined);
  // Ctrl-C is the pager's.
  process.on('SIGINT', () => undefined);
  const left = new Promise<void>((resolve) => {
    child.on('exit', () => {
      resolve();
    });
    child.on('error', () => {
      resolve();
    });
  });
  return {
    write: (bytes, done) => {
      child.stdin.write(bytes, (error) => {
        done(error ?? null, bytes.length);
      });
    },
    closed: () => {
      child.stdin.end();
      return left;
    },
  };
}
