// What is known of a build: its jobs, links, steps and tool instances, for those who look at it. All of it is
// readonly here; reduce.ts alone changes it. Knows the sizes of logs, not what is in them.

import type { Lineage } from './lineage.ts';
import type { BuildEnded, BuildStarted, Status } from './events.ts';
import type { Graph } from './graph.ts';
import type { ByteOffset, InstanceId, JobId } from './ids.ts';

/** A place in a log at which a job was launched, or at which it was found to have been. */
export interface Link {
  readonly at: ByteOffset;
  /** `at` is inside a line: what is linked is shown after that line. */
  readonly midLine: boolean;
  /** How many of the parent's steps had begun. */
  readonly stepsBefore: number;
  /** When. */
  readonly time: number;
  /** The job; missing for a need that did not run in this build. */
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
  /** What it needs, as its tool told it when it ran; undefined: just what the graph of its instance says. */
  readonly needs: string | undefined;
  readonly newer: string;
  /** What is known of why it ran. */
  readonly why: Why;
  readonly redirected: boolean;
  /** What it says may come in its parent's log. */
  readonly piped: boolean;
  /** A nested loglin's process. */
  readonly lineage: Lineage | undefined;
  /** What its output's relative file names are relative to, where no instance says it. */
  readonly folder: string | undefined;
  /** Its start is not in the journal: it stands in for what its log belongs to. */
  readonly lost: boolean;
  readonly started: number;
  readonly links: readonly Link[];
  readonly steps: readonly Step[];
  /** The tool instances that ran in it. */
  readonly instances: readonly Instance[];
  /** So far, if it runs. */
  readonly size: ByteOffset;
  readonly ended: number | undefined;
  readonly status: Status | undefined;
  readonly ignored: boolean;
  /** It did nothing, and says so: a test that was skipped. */
  readonly skipped: boolean;
}

/** What is known of why a job ran. */
export interface Why {
  /** The tool's own words. */
  readonly words?: string;
  /** The needs that were newer, where the tool's records say it. */
  readonly newer?: readonly string[];
  /** What it makes was not there. */
  readonly missing?: boolean;
  /** Its command is another one than last time. */
  readonly command?: boolean;
}

export interface Instance {
  readonly id: InstanceId;
  readonly tool: string;
  readonly job: Job;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** Where in its job's log it began. */
  readonly at: ByteOffset;
  /** How many links its job had when it was first told of: of one that had nothing to do, when it ended. */
  readonly linksBefore: number;
  /** What its jobs say may come in their parent's log. */
  readonly piped: boolean;
  readonly lineage: Lineage | undefined;
  /**
   * What it said itself in its job's log, where another spoke there at the same time: the pieces, in order.
   */
  readonly outputRanges: readonly (readonly [ByteOffset, ByteOffset])[];
  readonly goals: readonly string[];
  readonly jobs: readonly Job[];
  readonly ended: boolean;
  /** Its exit status, where it is known. */
  readonly exit: number | undefined;
  /** It goes on after a failure (`-k`), where its tool says so. */
  readonly keepGoing: boolean | undefined;
  /** Its graph, once known (setGraph): it is too large for the journal. */
  readonly graph: Graph | undefined;
}

export interface Build {
  readonly started: BuildStarted | undefined;
  readonly jobs: readonly Job[];
  readonly instances: readonly Instance[];
  readonly notes: readonly string[];
  /** Those of the notes that say why the build, or a part of it, is one job. */
  readonly unsplit: readonly string[];
  /** The time of the last event. */
  readonly time: number;
  /** How many events said more than that logs grew. */
  readonly changeCount: number;
  readonly ended: BuildEnded | undefined;
}

/** Did it fail in the eyes of its tool? */
export function failed(job: Job): boolean {
  return job.status !== undefined && !job.ignored && !succeeded(job.status);
}

/**
 * What the file names in a job's output are relative to: where its tool ran, or that of a job above it;
 * undefined: not known.
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
