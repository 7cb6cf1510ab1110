// Finds out whether a process still exists: the recorder of a build, or the owner of a lock. Its PID alone
// may by now belong to another process, or to another PID namespace, since containers share stores and temp
// folders.

import fs from 'node:fs';
import path from 'node:path';

/**
 * Does /proc belong to this PID namespace? Otherwise its PIDs are not ours (`unshare -p` without its own
 * mount).
 */
const procIsOurs = ((): boolean => {
  try {
    return fs.readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
})();

/** Reads a file of /proc about a process of this PID namespace; undefined if /proc does not know it. */
export function procFile(pid: number, name: string): string | undefined {
  if (pid === process.pid) return `/proc/self/${name}`;
  return procIsOurs ? `/proc/${pid}/${name}` : undefined;
}

/**
 * Returns a process' start time in clock ticks after boot (proc(5), field 22 of stat), or undefined if it is
 * unknown.
 */
export function startTicks(pid: number): number | undefined {
  const start = statFields(pid)?.[19];
  return start === undefined ? undefined : Number(start);
}

/** Reads a file of /proc about a process; undefined if there is none. */
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
 * Returns the fields of /proc/<pid>/stat after the process' name: its state, its parent, … (proc(5), from
 * field 3 on).
 */
export function statFields(pid: number): string[] | undefined {
  const stat = readProc(pid, 'stat');
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * Returns an id of this boot of this machine, so that a PID is never looked up elsewhere; undefined if there
 * is no /proc.
 */
export function bootId(): string | undefined {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
}

/** Returns the PID namespace of this process; undefined if it is unknown. */
function pidNamespace(): number | undefined {
  try {
    return Number(/\d+/.exec(fs.readlinkSync('/proc/self/ns/pid'))?.[0]);
  } catch {
    return undefined;
  }
}

/** Identifies a process, even if another one gets its PID later. */
export interface ProcessMark {
  readonly pid: number;
  /** Its start time in clock ticks. */
  readonly ticks?: number;
  readonly boot?: string;
  /** The PID namespace in which `pid` is valid. */
  readonly ns?: number;
  /** A recorder's temp folder, in which it keeps a FIFO open for reading as long as it lives. */
  readonly workspace?: string;
}

const MOST_PID = 2 ** 31 - 1;

/** Returns the mark of this process. */
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
 * Is this very process still there? No process of another machine or an earlier boot is, nor one that was
 * killed and has not been waited for. 'unknown': it belongs to another PID namespace and shares no FIFO with
 * us.
 */
export function liveness({ pid, ticks, boot, ns, workspace }: ProcessMark): 'running' | 'gone' | 'unknown' {
  // kill(2) takes 0 and negative numbers for process groups. Numbers that no process can have are refused
  // too.
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
 * Does a process have this FIFO open for reading? The kernel knows, whatever the namespace of the reader.
 * @returns undefined if the FIFO does not exist or is not ours.
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
