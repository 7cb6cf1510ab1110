// In which order a script started its background jobs: `loglin X & loglin Y &` announce themselves in whatever order they get to run,
// but a shell forks them in order. Looks at the process table (proc(5)); where there is none, the order of arrival has to do.

import fs from 'node:fs';

/** A process forked longer ago than this would have announced itself by now. */
const RECENT_TICKS = 15;
const LEVELS = 6;

interface Process {
  readonly parent: number;
  /** Clock ticks after boot. */
  readonly started: number;
}

function inspect(pid: number): Process | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), started: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** The processes from below `top` down to this one, as [started, pid]; what sorts before was forked before. */
export function lineage(pid: number, top: number): [number, number][] {
  const line: [number, number][] = [];
  for (let at = pid; at > 1 && at !== top && line.length < LEVELS;) {
    const process = inspect(at);
    if (!process) break;
    line.unshift([process.started, at]);
    at = process.parent;
  }
  return line;
}

/** Compares lineages: negative when `a` was forked first. */
export function byBirth(a: readonly [number, number][], b: readonly [number, number][]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (!x || !y || x[1] === y[1]) continue;
    return x[0] - y[0] || x[1] - y[1];
  }
  return a.length - b.length;
}

/**
 * Is there a process that was forked a moment ago, before this one and from the same parent, that may still turn out to be a loglin?
 * @param announced the processes that are known already.
 */
export function olderSiblingsComing(
  line: readonly [number, number][],
  announced: ReadonlySet<number>,
): boolean {
  const now = nowTicks();
  for (const [started, pid] of line) {
    const parent = inspect(pid)?.parent;
    if (parent === undefined) continue;
    for (const sibling of children(parent)) {
      if (sibling === pid || announced.has(sibling)) continue;
      const process = inspect(sibling);
      if (!process || process.started > started || (process.started === started && sibling > pid)) continue;
      if (now - process.started <= RECENT_TICKS && mayAnnounce(sibling, parent)) return true;
    }
  }
  return false;
}

function nowTicks(): number {
  try {
    return Number(fs.readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 100;
  } catch {
    return 0;
  }
}

function children(pid: number): number[] {
  try {
    return fs
      .readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

/** Not executed yet (its command line is its parent's), or a loglin that has not spoken. */
function mayAnnounce(pid: number, parent: number): boolean {
  try {
    const own = fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return own.includes('/loglin\0') || own === fs.readFileSync(`/proc/${parent}/cmdline`, 'latin1');
  } catch {
    return false;
  }
}
