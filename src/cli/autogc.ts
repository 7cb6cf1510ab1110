// Starts a gc at the end of a build if one is due, in a process of its own: removing a folder of 100,000 logs
// takes seconds.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { isFailure } from '../model/failure.ts';
import { isDue } from '../store/gc.ts';
import { type Place, configFile } from '../store/place.ts';
import { DEFAULT_KEEP, type Keep } from '../store/retention.ts';
import { warnAll } from './stderr.ts';

/** Starts a gc if one is due. Prints only what is wrong with the configuration. */
export async function removeOldBuilds(place: Place): Promise<void> {
  const keep = await wantedOf(place);
  // The enclosing build starts it at its end.
  if (!keep?.auto || process.env.LOGLIN_BUILD) return;
  try {
    if (!isDue(place.store, keep)) return;
  } catch (error) {
    // The build has already reported a store that cannot be read.
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

/** What is kept; undefined if the configuration has errors: then nothing is removed. */
async function wantedOf(place: Place): Promise<Keep | undefined> {
  if (!fs.existsSync(configFile(place))) return DEFAULT_KEEP;
  const { readConfig } = await import('../store/config.ts');
  const { keep, errors } = readConfig(place);
  return warnAll(errors) ? undefined : keep;
}
