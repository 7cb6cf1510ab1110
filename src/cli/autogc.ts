// At the end of a build: are old builds to be removed? If so, by a process of its own, since a folder of 100,000 logs takes seconds.

import { spawn } from 'node:child_process';
import os from 'node:os';
import { isFailure } from '../model/failure.ts';
import { readConfig } from '../store/config.ts';
import { isDue } from '../store/gc.ts';
import type { Place } from '../store/layout.ts';
import { complain } from './opened.ts';

/** Starts a gc where one is due. Says what is wrong with the configuration, and nothing else. */
export function removeOldBuilds(place: Place): void {
  const { keep, errors } = readConfig(place.store);
  for (const error of errors) complain(error);
  // The build around this one does it at its end.
  if (errors.length > 0 || !keep.auto || process.env.LOGLIN_BUILD) return;
  try {
    if (!isDue(place.store, keep)) return;
  } catch (error) {
    // Of a store that cannot be read the build has told.
    if (isFailure(error)) return;
    throw error;
  }
  const [, program = ''] = process.argv;
  const child = spawn(process.execPath, [program, 'gc', '--auto', '--store', place.store], {
    cwd: place.root,
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', () => undefined);
  child.unref();
  try {
    if (child.pid !== undefined) os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
}
