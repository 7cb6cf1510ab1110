// The pager for long output on a terminal, as git has it: its command, its environment, and a pager as an
// output.

import type { Write } from './stdout.ts';

/** The command of the user's pager, for a shell; undefined if none is wanted. */
export function pagerCommand(env: NodeJS.ProcessEnv): string | undefined {
  const command = env.LOGLIN_PAGER ?? env.PAGER ?? 'less';
  return command === '' || command === 'cat' ? undefined : command;
}

/**
 * The environment of a pager. The user's options take precedence.
 * @param less default options of less, as letters.
 */
export function pagerEnvironment(less: string): NodeJS.ProcessEnv {
  return { LESS: less, LV: '-c', ...process.env };
}

export interface Pager {
  readonly write: Write;
  /** Ends its input and waits until the user has left it. */
  closed(): Promise<void>;
}

/**
 * Starts the pager. With `-FRX`, less quits if everything fits on a screen, passes colours, and keeps the
 * screen.
 * @param atEnd show the end first.
 * @returns undefined if no pager is wanted.
 */
export async function startPager(atEnd = false): Promise<Pager | undefined> {
  const command = pagerCommand(process.env);
  if (command === undefined) return undefined;
  // Loaded only when needed: it takes longer than all of `show`.
  const { spawn } = await import('node:child_process');
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: pagerEnvironment(atEnd ? 'FRX+G' : 'FRX'),
  });
  // The user may leave it before the end: the callbacks of the writes say so.
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
