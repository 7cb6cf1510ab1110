// Folders beside the builds that are being made or removed. Their names start with '.', so that listings pass
// over them, and say whose they are, so that what a killed process left behind is known for that.

import fs from 'node:fs';
import path from 'node:path';
import { reason } from '../model/failure.ts';
import { buildsFolder } from './layout.ts';
import { ageOf } from './plainfile.ts';
import { type ProcessMark, liveness, thisProcess } from './running.ts';

/** One of another container: how long nobody there can have been at it before it is taken for left behind. */
const UNSEEN_MS = 24 * 3600_000;

/** A path for such a folder. @param kind a word; `name` tells two of one process apart. */
export function scratchFolder(store: string, kind: string, name: string): string {
  const { pid, ticks = 0, ns = 0 } = thisProcess();
  return path.join(buildsFolder(store), `.${kind}-${pid}-${ticks}-${ns}-${name}`);
}

/** Removes those of processes that are gone. @returns what could not be removed, a line each. */
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

/** Whose it is, by its name. Without /proc no process has a start, nor a namespace, to tell it by. */
function markOf(name: string): ProcessMark | undefined {
  const [, pid, ticks = 0, ns = 0] = (/^\.[a-z]+-(\d+)-(\d+)-(?:(\d+)-)?/.exec(name) ?? []).map(Number);
  if (pid === undefined) return undefined;
  return { pid, ...(ticks === 0 ? {} : { ticks }), ...(ns > 0 ? { ns } : {}) };
}
