// What is known of a build: its jobs, links, steps and tool instances. All of it is readonly here. Only
// reduce.ts changes it. Knows the sizes of logs, not their content.

import type { Lineage } from './lineage.ts';
import type { BuildEnded, BuildStarted, Status } from './events.ts';
import type { Graph } from './graph.ts';
import type { ByteOffset, InstanceId, JobId } from './ids.ts';

/** A place in a job's log where another job was launched, or was found to have run already. */
export interface Link {
  readonly at: ByteOffset;
  /** `at` is inside a line, so the linked job is shown after that line. */
  readonly midLine: boolean;
  /** How many steps of the parent had begun. */
  readonly stepsBefore: number;
  /** In milliseconds since the build's start. */
  readonly time: number;
  /** Undefined for a need that did not run in this build. */
  readonly job: Job | undefined;
  readonly need: string | undefined;
}

export interface Step {
  readonly at: ByteOffset;
  readonly argv: readonly string[];
  readonly echo: boolean;
  readonly started: number;
  readonly ended: number | undefined;
  readonly status: Status | undefined;
  readonly user: number | undefined;
  readonly sys: number | undefined;
  readonly rss: number | undefined;
}

export interface Job {
  readonly id: JobId;
  /** As shown, without `#2`. */
  readonly name: string;
  /** As the tool names it. */
  readonly target: string;
  readonly parent: Job | undefined;
  readonly instance: Instance | undefined;
  /**
   * The needs that its tool reported when the job ran; undefined if they equal those in its instance's graph.
   */
  readonly needs: string | undefined;
  readonly newer: string;
  /** Why it ran, as far as that is known. */
  readonly why: Why;
  readonly redirected: boolean;
  /** Its output may go to its parent's log. */
  readonly piped: boolean;
  /** The job, itself or one above it, whose output goes to a pipe of the build itself: the nearest one. */
  readonly pipe: Job | undefined;
  /** The job, itself or one above it, whose output the pipe's reader kept to itself: the nearest one. */
  readonly kept: Job | undefined;
  /** How much of its log is settled: whether the reader of that pipe has printed it again. */
  readonly settled: ByteOffset;
  /** Its pipe is closed, and the reader silent. */
  readonly readerIdle: boolean;
  /** The ranges of that which the reader has not printed, in order. */
  readonly swallowed: readonly (readonly [ByteOffset, ByteOffset])[];
  /** The process of a nested loglin, and its ancestors. */
  readonly lineage: Lineage | undefined;
  /** The folder to which the file names in its output are relative, if no instance determines it. */
  readonly folder: string | undefined;
  /** Its start is missing from the journal. The job was inferred so that its log belongs to one. */
  readonly lost: boolean;
  readonly started: number;
  readonly links: readonly Link[];
  readonly steps: readonly Step[];
  /** The tool instances that ran in it. */
  readonly instances: readonly Instance[];
  /** The size of its log. It may still grow while the job runs. */
  readonly size: ByteOffset;
  readonly ended: number | undefined;
  readonly status: Status | undefined;
  readonly ignored: boolean;
  /** It did nothing and reported so, like a skipped test. */
  readonly skipped: boolean;
}

/** Why a job ran, as far as that is known. */
export interface Why {
  /** The tool's own explanation. */
  readonly words?: string;
  /** The needs that were newer, if the tool's records name them. */
  readonly newer?: readonly string[];
  /** Its output was missing. */
  readonly missing?: boolean;
  /** Its command differs from the last one. */
  readonly command?: boolean;
}

export interface Instance {
  readonly id: InstanceId;
  readonly tool: string;
  readonly job: Job;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** The offset in its job's log at which it began. */
  readonly at: ByteOffset;
  /**
   * How many links its job had when the recorder first heard of it. For an instance that had nothing to do,
   * that is when it ended.
   */
  readonly linksBefore: number;
  /** The output of its jobs may go to their parent's log. */
  readonly piped: boolean;
  readonly lineage: Lineage | undefined;
  /** The ranges of its own output in its job's log, in order, if others wrote there at the same time. */
  readonly outputRanges: readonly (readonly [ByteOffset, ByteOffset])[];
  readonly goals: readonly string[];
  readonly jobs: readonly Job[];
  readonly ended: boolean;
  /** Its exit status, if known. */
  readonly exit: number | undefined;
  /** Whether it goes on after a failure (`-k`), if its tool reports that. */
  readonly keepGoing: boolean | undefined;
  /** Its graph, once it is known (setGraph). Graphs are too large for the journal. */
  readonly graph: Graph | undefined;
}

export interface Build {
  readonly started: BuildStarted | undefined;
  readonly jobs: readonly Job[];
  readonly instances: readonly Instance[];
  readonly notes: readonly string[];
  /** The notes that say why the build, or a part of it, is a single job. */
  readonly unsplit: readonly string[];
  /** The time of the last event. */
  readonly time: number;
  /** Incremented by every change except the growth of logs. */
  readonly changeCount: number;
  readonly ended: BuildEnded | undefined;
}

/** Did its tool treat it as failed? */
export function failed(job: Job): boolean {
  return job.status !== undefined && !job.ignored && !succeeded(job.status);
}

/**
 * Returns the folder to which the file names in a job's output are relative: where its tool ran, or the tool
 * of a job above it. Undefined if it is not known.
 */
export function folderOf(job: Job): string | undefined {
  for (let at: Job | undefined = job; at; at = at.parent) {
    if (at.folder !== undefined) return at.folder;
    if (at.instance) return at.instance.cwd;
  }
  return undefined;
}

export function succeeded(status: Status): boolean {
  return 'exit' in status && status.exit === 0;
}
