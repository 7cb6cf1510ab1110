// Is a process still there: the recorder of a build, the owner of a lock? Its number alone could be somebody
// else's by now, or by another PID namespace's count: containers share stores and temp folders.

import fs from 'node:fs';
import path from 'node:path';

/**
 * Is /proc that of this PID namespace? Else its numbers are not ours (`unshare -p` without a mount of its
 * own).
 */
const procIsOurs = ((): boolean => {
  try {
    return fs.readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
})();

/** A file of /proc about a process of this PID namespace; undefined where /proc cannot tell of it. */
export function procFile(pid: number, name: string): string | undefined {
  if (pid === process.pid) return `/proc/self/${name}`;
  return procIsOurs ? `/proc/${pid}/${name}` : undefined;
}

/**
 * A process' start time in clock ticks after boot (proc(5), field 22 of stat), or undefined where that is not
 * known.
 */
export function startTicks(pid: number): number | undefined {
  const start = statFields(pid)?.[19];
  return start === undefined ? undefined : Number(start);
}

/** What a file of /proc says of a process; undefined where there is none. */
export function readProc(pid: number, name: string): string | undefined {
  const file = procFile(pid, name);
  if (file === undefined) return undefined;
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * What /proc/<pid>/stat says after the process' name: its state, its parent, … (proc(5), from field 3 on).
 */
export function statFields(pid: number): string[] | undefined {
  const stat = readProc(pid, 'stat');
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * A number of this boot of this machine, so that a process' number is taken for nobody's elsewhere; undefined
 * where there is no /proc.
 */
export function bootId(): string | undefined {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
}

/** The PID namespace that this process' number is of; undefined where that is not known. */
function pidNamespace(): number | undefined {
  try {
    return Number(/\d+/.exec(fs.readlinkSync('/proc/self/ns/pid'))?.[0]);
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
  /** The PID namespace that `pid` is a number of. */
  readonly ns?: number;
  /** A recorder's temp folder, in which it reads a FIFO as long as it lives. */
  readonly workspace?: string;
}

const MOST_PID = 2 ** 31 - 1;

/** The mark of this process. */
export function thisProcess(): ProcessMark {
  const ticks = startTicks(process.pid);
  const boot = bootId();
  const ns = pidNamespace();
  return {
    pid: process.pid,
    ...(ticks === undefined ? {} : { ticks }),
    ...(boot === undefined ? {} : { boot }),
    ...(ns === undefined ? {} : { ns }),
  };
}

/**
 * Is this very process still there? Of another machine's, and of an earlier boot's, none is; and one that was
 * killed and not yet asked for is not. 'unknown': it is of another PID namespace, and shares no FIFO with us.
 */
export function liveness({ pid, ticks, boot, ns, workspace }: ProcessMark): 'running' | 'gone' | 'unknown' {
  // Not 0 and less, which kill(2) takes for groups of processes; and no number that no process has.
  if (!Number.isInteger(pid) || pid <= 0 || pid > MOST_PID) return 'gone';
  if (boot !== undefined && boot !== bootId()) return 'gone';
  if (ns !== undefined && ns !== pidNamespace()) {
    const read = workspace === undefined ? undefined : hasReader(path.join(workspace, 'ctl'));
    return read === undefined ? 'unknown' : read ? 'running' : 'gone';
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
  }
  const [state, ...fields] = statFields(pid) ?? [];
  if (state === undefined && procFile(pid, 'stat') === undefined) return 'running';
  return state !== 'Z' && (ticks === undefined || Number(fields[18]) === ticks) ? 'running' : 'gone';
}

/**
 * Does somebody have this FIFO open for reading? The kernel answers, whatever the namespace of the one that
 * reads.
 * @returns undefined where it is not there, or not ours.
 */
export function hasReader(fifo: string): boolean | undefined {
  try {
    const stat = fs.lstatSync(fifo);
    if (!stat.isFIFO() || stat.uid !== process.getuid?.()) return undefined;
    fs.closeSync(
      fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW),
    );
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENXIO' ? false : undefined;
  }
}
