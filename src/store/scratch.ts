// Folders beside the builds that are being made or removed. Their names start with '.', so that listings pass over them, and say whose they
// are, so that what a killed process left behind is known for that.

import fs from 'node:fs';
import path from 'node:path';
import { reason } from '../model/failure.ts';
import { buildsFolder } from './layout.ts';
import { isRunning, ownMark } from './running.ts';

/** A path for such a folder. @param kind a word; `name` tells two of one process apart. */
export function scratchFolder(store: string, kind: string, name: string): string {
  const { pid, ticks = 0 } = ownMark();
  return path.join(buildsFolder(store), `.${kind}-${pid}-${ticks}-${name}`);
}

/** Removes those of processes that are gone. @returns what could not be removed, a line each. */
export function removeLeftovers(store: string): string[] {
  const builds = buildsFolder(store);
  const problems: string[] = [];
  for (const name of fs.existsSync(builds) ? fs.readdirSync(builds) : []) {
    const [, pid, ticks] = /^\.[a-z]+-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined) continue;
    // Without /proc no process has a start to tell it by.
    if (isRunning({ pid: Number(pid), ...(ticks === '0' ? {} : { ticks: Number(ticks) }) })) continue;
    try {
      fs.rmSync(path.join(builds, name), { recursive: true, force: true });
    } catch (error) {
      problems.push(`${path.join(builds, name)}: ${reason(error)}`);
    }
  }
  return problems;
}
