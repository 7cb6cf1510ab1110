// What `loglin watch` runs after a build: one command at a time. It may stay, as a server does; it is ended
// before the next build begins.

import { type ChildProcess, spawn } from 'node:child_process';
import { warn } from './stderr.ts';

/** So long a command may take to end once it was asked to, in milliseconds. */
const PATIENCE_MS = 5000;

export class Follower {
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  /** @param command for a shell. The one before must have been ended. */
  start(command: string): void {
    // A session of its own, so that all of it can be ended.
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.on('exit', () => {
        this.#child = undefined;
        resolve();
      });
      child.on('error', (error) => {
        this.#child = undefined;
        warn(error.message);
        resolve();
      });
    });
  }

  /** Ends what still runs of it. */
  async end(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    signal(child, 'SIGTERM');
    const timer = setTimeout(() => {
      signal(child, 'SIGKILL');
    }, PATIENCE_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // It has just ended.
  }
}
