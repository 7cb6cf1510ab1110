// Temporary folders beside the builds, for builds that are being created or removed. Their names start with
// '.', so that listings skip them, and identify their process, so that the leftovers of killed processes can
// be recognised.

import fs from 'node:fs';
import path from 'node:path';
import { reason } from '../model/failure.ts';
import { buildsFolder } from './layout.ts';
import { ageOf } from './plainfile.ts';
import { type ProcessMark, liveness, thisProcess } from './running.ts';

/** How long a folder of another container must have been unchanged before it counts as left over. */
const UNSEEN_MS = 24 * 3600_000;

/**
 * Returns the path of such a folder.
 * @param kind a word.
 * @param name distinguishes two folders of one process.
 */
export function scratchFolder(store: string, kind: string, name: string): string {
  const { pid, ticks = 0, ns = 0 } = thisProcess();
  return path.join(buildsFolder(store), `.${kind}-${pid}-${ticks}-${ns}-${name}`);
}

/**
 * Removes the folders of processes that are gone.
 * @returns what could not be removed, one line each.
 */
export function removeLeftovers(store: string): string[] {
  const builds = buildsFolder(store);
  const problems: string[] = [];
  for (const name of fs.existsSync(builds) ? fs.readdirSync(builds) : []) {
    const folder = path.join(builds, name);
    const mark = markOf(name);
    if (!mark) continue;
    const state = liveness(mark);
    if (state === 'running' || (state === 'unknown' && ageOf(folder) < UNSEEN_MS)) continue;
    try {
      fs.rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      problems.push(`${path.join(builds, name)}: ${reason(error)}`);
    }
  }
  return problems;
}

/**
 * Returns the process that a folder's name identifies. Without /proc, the name has no start time and no
 * namespace.
 */
function markOf(name: string): ProcessMark | undefined {
  const [, pid, ticks = 0, ns = 0] = (/^\.[a-z]+-(\d+)-(\d+)-(?:(\d+)-)?/.exec(name) ?? []).map(Number);
  if (pid === undefined) return undefined;
  return { pid, ...(ticks === 0 ? {} : { ticks }), ...(ns > 0 ? { ns } : {}) };
}
