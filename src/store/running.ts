// Is the recorder of a build still there? Its process number alone could be somebody else's by now.

import fs from 'node:fs';
import type { BuildStarted } from '../model/events.ts';

/** A process' start time in clock ticks after boot (proc(5), field 22 of stat), or undefined where there is no /proc. */
export function startTicks(pid: number): number | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

export function isRunning(build: BuildStarted): boolean {
  try {
    process.kill(build.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return build.ticks === undefined || startTicks(build.pid) === build.ticks;
}
