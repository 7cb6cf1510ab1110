// The frames of the walk's stack: what it has begun to show, and how far it has come. Types only.

import type { Instance, Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Pieces } from '../model/pieces.ts';
import type { Group } from './group.ts';
import type { Heap } from './heap.ts';
import type { Entry } from './sidebyside.ts';
import type { Unmade } from './unmade.ts';

/** Names still to be visited, in order. */
export interface Names {
  readonly group: Group;
  readonly names: readonly string[];
  next: number;
}

export interface JobFrame {
  readonly kind: 'job';
  readonly job: Job;
  /** -1: it has no header. */
  readonly depth: number;
  readonly needs: Names | undefined;
  /** The header is out. */
  entered: boolean;
  /** A nested block was printed since the last of its own text. */
  nested: boolean;
  position: ByteOffset;
  link: number;
  /** How many of its instances were looked at: those that had nothing to do. */
  instance: number;
  step: number;
  /** Where several spoke in its log at the same time: what is still to come of it. */
  readonly entries: Iterator<Entry> | undefined;
  /** Shown already, up to its end as it was then: this is what came after it. */
  readonly late: boolean;
  /** Of an earlier build's job: why its target is not known to be up to date. */
  readonly unmade: Unmade | undefined;
}

/** A target that did not run: its needs. */
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

/** What came after a job's block was closed, waiting for its turn. */
export interface LateFrame {
  readonly kind: 'late';
  readonly frame: JobFrame;
}

/** A tool instance's block: what its order is depends on what is known. */
export interface GroupFrame {
  readonly kind: 'group';
  readonly depth: number;
  readonly instance: Instance;
  /** Complete: the jobs that no goal reaches, then the goals; and how these are worked out. */
  names: Names | undefined;
  order: Pieces<readonly string[]> | undefined;
  /** Live: what runs or ran, by rank. */
  readonly ranks: ReadonlyMap<string, number> | undefined;
  readonly waiting: Heap<Job> | undefined;
  taken: number;
}

export type Frame = JobFrame | NodeFrame | TurnFrame | LateFrame | GroupFrame;
