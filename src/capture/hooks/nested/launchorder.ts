// Finds the order in which a script started its background jobs. `loglin X & loglin Y &` announce themselves
// in the order in which they get to run, but a shell forks them in order. Reads the process table (proc(5)).
// Without one, the order of arrival has to do.

import fs from 'node:fs';
import type { ProcessStart, Lineage } from '../../../model/lineage.ts';
import { readProc, statFields } from '../../../store/running.ts';

/** A shell's fork that has been waiting longer than this is a subshell, which may never start a loglin. */
const RECENT_TICKS = 15;
const LEVELS = 6;

interface Process {
  /** It is running or waiting for a disk: it does not wait for other processes yet. */
  readonly busy: boolean;
  readonly parent: number;
  /** Its start in clock ticks after boot. */
  readonly started: number;
}

function inspect(pid: number): Process | undefined {
  const fields = statFields(pid);
  if (!fields) return undefined;
  return { busy: /[RD]/.test(fields[0] ?? ''), parent: Number(fields[1]), started: Number(fields[19]) };
}

/** The processes from below `top` down to this one. */
export function lineageOf(pid: number, top: number): Lineage {
  const lineage: ProcessStart[] = [];
  for (let at = pid; at > 1 && at !== top && lineage.length < LEVELS;) {
    const process = inspect(at);
    if (!process) break;
    lineage.unshift([process.started, at]);
    at = process.parent;
  }
  return lineage;
}

/**
 * Is there a process that the same parent forked before this one, and that may still turn out to be a loglin?
 * @param announced the processes that are known to be loglins.
 * @returns 'surely' if it is one, or has not had a chance to become one; 'perhaps' if it was forked a moment
 *   ago.
 */
export function olderSiblingsComing(
  lineage: Lineage,
  announced: ReadonlySet<number>,
): 'surely' | 'perhaps' | 'no' {
  const now = nowTicks();
  let answer: 'perhaps' | 'no' = 'no';
  for (const [started, pid] of lineage) {
    const parent = inspect(pid)?.parent;
    if (parent === undefined) continue;
    for (const sibling of children(parent)) {
      if (sibling === pid || announced.has(sibling)) continue;
      const process = inspect(sibling);
      if (!process || process.started > started || (process.started === started && sibling > pid)) continue;
      const stage = stageOf(sibling, parent);
      if (stage === 'loglin' || (stage === 'forked' && process.busy)) return 'surely';
      if (stage === 'forked' && now - process.started <= RECENT_TICKS) answer = 'perhaps';
    }
  }
  return answer;
}

function nowTicks(): number {
  try {
    return Number(fs.readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 100;
  } catch {
    return 0;
  }
}

function children(pid: number): number[] {
  return (readProc(pid, `task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);
}

/** A loglin, or a hook's shim. */
const LOGLIN = /\/loglin(-[a-z]+\.sh)?\0/;

/**
 * What a process is by now: a fork before its exec (with its parent's command line), a loglin, or another
 * program.
 */
function stageOf(pid: number, parent: number): 'forked' | 'loglin' | 'other' {
  const commandLine = readProc(pid, 'cmdline');
  if (commandLine === undefined) return 'other';
  if (LOGLIN.test(commandLine)) return 'loglin';
  return commandLine === readProc(parent, 'cmdline') ? 'forked' : 'other';
}
