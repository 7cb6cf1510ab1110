// What a report is made of.

import type { Job } from '../../model/build.ts';
import type { Status } from '../../model/events.ts';
import type { FoundProblem } from '../../problems/problemlist.ts';
import type { Problem } from '../../problems/problem.ts';
import type { Failed } from '../report.ts';

/** The errors and warnings of a build. */
export interface ProblemReport {
  /** The version of loglin. */
  readonly version: string;
  readonly nameOf: (job: Job) => string;
  readonly problems: readonly FoundProblem[];
}

/** One job that ran. Times are in milliseconds. */
export interface Ran {
  readonly name: string;
  /** The name of the job that launched it. */
  readonly parent: string;
  readonly ms: number;
  readonly outcome: 'ok' | 'skipped' | 'failed' | 'stopped';
  /** It failed only because of these jobs. */
  readonly because: readonly string[];
  /** The failure to report of it; undefined: it did not fail by itself, or like many others. */
  readonly failure: Failed | undefined;
  readonly status: Status | undefined;
}

/** How long a job took by itself, and its last run before if that is known, in milliseconds. */
export interface Slow {
  readonly name: string;
  readonly ms: number;
  readonly before: number | undefined;
}

/** A build that has ended. Times are in milliseconds. */
export interface BuildReport extends ProblemReport {
  readonly id: string;
  /** As the user typed it, or the name that `-t` gave it. */
  readonly command: string;
  /** Since the epoch. */
  readonly at: number;
  readonly ms: number;
  readonly status: Status;
  /** It was interrupted. */
  readonly stopped: boolean;
  /** The jobs that ran; the command itself if it failed and none of them did, or if there are none. */
  readonly ran: readonly Ran[];
  /** How many jobs there were; how many failed; how many of them by themselves. */
  readonly jobs: number;
  readonly failed: number;
  readonly alone: number;
  /** The different failures, the one that explains most first. */
  readonly failures: readonly Failed[];
  /** The end of the command's own log, if it failed and no job did. */
  readonly commandLog: readonly string[];
  /** Warnings that the build before did not have; all of them if there is none before. */
  readonly fresh: readonly FoundProblem[];
  /** There is a build before. */
  readonly compared: boolean;
  /** The slowest jobs, the slowest first. */
  readonly slowest: readonly Slow[];
  /** The last build of the same command that was not interrupted. */
  readonly before: { readonly ms: number; readonly status: Status } | undefined;
}

/** A rule as code scanners name it: the tool, and its code if there is one. */
export function ruleOf({ tool, code }: Problem, separator = '/'): string {
  return wellFormed(code === undefined ? tool : `${tool}${separator}${code}`);
}

/** Replaces halves of surrogate pairs, which a user's pattern may have cut: no encoding has them. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\ufffd');
}

/**
 * Returns a text for each problem that tells it from all others of the report, and stays the same when the
 * problem moves to another line: the same message further down in the file is another one.
 */
export function identities(problems: readonly FoundProblem[]): string[] {
  const seen = new Map<string, number>();
  return problems.map(({ problem }) => {
    const print = fingerprint([ruleOf(problem), problem.file ?? '', problem.message].join('\0'));
    const count = (seen.get(print) ?? 0) + 1;
    seen.set(print, count);
    return `${print}:${count}`;
  });
}

/** FNV-1a, twice, over UTF-16 code units: 64 bits that are the same everywhere. */
function fingerprint(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
