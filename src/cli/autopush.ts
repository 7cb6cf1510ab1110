// Pushes a build at its end if the configuration says so, in a process of its own: a remote that is slow or
// gone neither delays nor fails a build. What went wrong is said at the end of the next build.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { succeeded } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { type Place, configFile } from '../store/place.ts';
import { readPlain } from '../store/plainfile.ts';
import { writePrivate } from '../store/privatefiles.ts';
import { warn } from './stderr.ts';

/** What is done with a build in the background, and the file that says why the last time failed. */
const TASKS = { push: 'push-failed', otlp: 'otlp-failed' } as const;
type Task = keyof typeof TASKS;

const failureFile = (store: string, task: Task): string => path.join(store, TASKS[task]);

/** Starts a push of a build that has just ended, and sends its spans, if that is wanted. */
export async function pushAtEnd(place: Place, id: string, status: Status): Promise<void> {
  // Builds inside others are a part of them.
  if (process.env.LOGLIN_BUILD || !fs.existsSync(configFile(place))) return;
  const { readConfig } = await import('../store/config.ts');
  const { push, otlp } = readConfig(place).sharing;
  if (push === 'always' || (push === 'failed' && !succeeded(status)))
    inBackground(place, 'push', ['push', '--auto', '-b', id]);
  if (otlp !== undefined) inBackground(place, 'otlp', ['export', '--auto', '--otlp', otlp, '-b', id]);
}

function inBackground(place: Place, task: Task, words: readonly string[]): void {
  sayLastFailure(place.store, task);
  const [, program = ''] = process.argv;
  const child = spawn(process.execPath, [program, ...words, '--store', place.store], {
    cwd: place.root,
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', () => undefined);
  child.unref();
}

function sayLastFailure(store: string, task: Task): void {
  try {
    const text = readPlain(failureFile(store, task)).trim();
    fs.rmSync(failureFile(store, task));
    warn(`a build was not ${task === 'push' ? 'pushed' : 'sent'}: ${text}`);
  } catch {
    // None has failed.
  }
}

/** Notes why something in the background failed; nothing where it did not. */
export function noteFailure(store: string, task: Task, failure: string | undefined): void {
  try {
    if (failure === undefined) fs.rmSync(failureFile(store, task), { force: true });
    else writePrivate(failureFile(store, task), `${failure}\n`);
  } catch {
    // The disk is full, too.
  }
}
