// Is a process still there: the recorder of a build, the owner of a lock? Its number alone could be somebody else's by now.

import fs from 'node:fs';

/** A process' start time in clock ticks after boot (proc(5), field 22 of stat), or undefined where there is no /proc. */
export function startTicks(pid: number): number | undefined {
  const start = statFields(pid)?.[19];
  return start === undefined ? undefined : Number(start);
}

/** What /proc/<pid>/stat says after the process' name. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** A number of this boot of this machine, so that a process' number is taken for nobody's elsewhere; undefined where there is no /proc. */
export function bootId(): string | undefined {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
}

/** A process, as it is told from a later one of the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** Its start in clock ticks. */
  readonly ticks?: number;
  readonly boot?: string;
}

const MOST_PID = 2 ** 31 - 1;

/** The mark of this process. */
export function ownMark(): ProcessMark {
  const ticks = startTicks(process.pid);
  const boot = bootId();
  return {
    pid: process.pid,
    ...(ticks === undefined ? {} : { ticks }),
    ...(boot === undefined ? {} : { boot }),
  };
}

/** Is this very process still there? Of another machine's, and of an earlier boot's, none is; and one that was killed and not yet asked for is not. */
export function isRunning({ pid, ticks, boot }: ProcessMark): boolean {
  // Not 0 and less, which kill(2) takes for groups of processes; and no number that no process has.
  if (!Number.isInteger(pid) || pid <= 0 || pid > MOST_PID || (boot !== undefined && boot !== bootId()))
    return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const [state, ...fields] = statFields(pid) ?? [];
  return state !== 'Z' && (ticks === undefined || Number(fields[18]) === ticks);
}
