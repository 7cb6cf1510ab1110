// The frames of the walk's stack. Each says what the walk has begun to show and how far it has come. Types
// only.

import type { Instance, Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Sliced } from '../model/sliced.ts';
import type { Group } from './group.ts';
import type { Heap } from './heap.ts';
import type { Entry } from './sidebyside.ts';
import type { NotRemade } from './notremade.ts';

/** Names that are still to be visited, in order. */
export interface Names {
  readonly group: Group;
  readonly names: readonly string[];
  next: number;
}

export interface JobFrame {
  readonly kind: 'job';
  readonly job: Job;
  /**
   * Its output went into a pipe inside what is shown: only what the pipe's reader has printed is shown, in
   * place of what it printed.
   */
  readonly behindPipe: boolean;
  /** -1 if it has no header. */
  readonly depth: number;
  readonly needs: Names | undefined;
  /** The header has been printed. */
  entered: boolean;
  /** A nested block was printed after the job's last text. */
  nested: boolean;
  position: ByteOffset;
  link: number;
  /** How many of its idle instances have been handled. */
  instance: number;
  step: number;
  /** The rest of the log, if several tools wrote to it at the same time. */
  readonly entries: Iterator<Entry> | undefined;
  /** The block was closed before. This frame shows what was appended since. */
  readonly late: boolean;
  /** For a job of an earlier build: why its target is not known to be up to date. */
  readonly notRemade: NotRemade | undefined;
}

/** The needs of a target that did not run. */
export interface NodeFrame {
  readonly kind: 'node';
  readonly depth: number;
  readonly needs: Names;
}

/** A job that waits for its turn. */
export interface TurnFrame {
  readonly kind: 'turn';
  readonly depth: number;
  readonly job: Job;
  readonly within: Group | undefined;
}

/** Output that came after a job's block was closed. It waits for its turn. */
export interface LateFrame {
  readonly kind: 'late';
  readonly frame: JobFrame;
}

/** A tool instance's block. Its order depends on what is known of the instance. */
export interface GroupFrame {
  readonly kind: 'group';
  readonly depth: number;
  readonly instance: Instance;
  /**
   * If the instance is complete: the jobs that no goal reaches, then the goals; and the computation of this
   * list.
   */
  names: Names | undefined;
  order: Sliced<readonly string[]> | undefined;
  /** If the build is live: the jobs that run or ran, by rank. */
  readonly ranks: ReadonlyMap<string, number> | undefined;
  readonly waiting: Heap<Job> | undefined;
  taken: number;
}

export type Frame = JobFrame | NodeFrame | TurnFrame | LateFrame | GroupFrame;
