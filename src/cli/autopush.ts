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

/** Holds what the last push said when it failed. */
const failureFile = (store: string): string => path.join(store, 'push-failed');

/** Starts a push of a build that has just ended, if it is wanted. */
export async function pushAtEnd(place: Place, id: string, status: Status): Promise<void> {
  // Builds inside others are a part of them.
  if (process.env.LOGLIN_BUILD || !fs.existsSync(configFile(place))) return;
  const { readConfig } = await import('../store/config.ts');
  const { push } = readConfig(place).sharing;
  if (push === undefined || (push === 'failed' && succeeded(status))) return;
  sayLastFailure(place.store);
  const [, program = ''] = process.argv;
  const child = spawn(process.execPath, [program, 'push', '--auto', '-b', id, '--store', place.store], {
    cwd: place.root,
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', () => undefined);
  child.unref();
}

function sayLastFailure(store: string): void {
  try {
    const text = readPlain(failureFile(store)).trim();
    fs.rmSync(failureFile(store));
    warn(`a build was not pushed: ${text}`);
  } catch {
    // None has failed.
  }
}

/** Notes why a push in the background failed; nothing where it did not. */
export function notePush(store: string, failure: string | undefined): void {
  try {
    if (failure === undefined) fs.rmSync(failureFile(store), { force: true });
    else writePrivate(failureFile(store), `${failure}\n`);
  } catch {
    // The disk is full, too.
  }
}
