// What the recorder asks of a build tool's hook. All hooks stand in one list, in recorder.ts.

import type { Job, Jobs } from '../jobs.ts';
import type { WireRecord } from '../protocol.ts';
import type { Slot, Slots } from '../slots.ts';
import type { Workspace } from '../workspace.ts';

/** What a hook works with. */
export interface Recording {
  readonly jobs: Jobs;
  readonly slots: Slots;
  readonly workspace: Workspace;
  /** The text that the slot keeps back goes to its job's log. */
  readonly flush: (slot: Slot) => void;
  /** Takes the slot back, if its job has ended and nobody can write to it any more. */
  readonly release: (slot: Slot) => void;
}

export interface Hook {
  /** The kinds of records that it understands. */
  readonly kinds: string;
  /**
   * @param slot in whose stream the record stood; none: it came over the control FIFO.
   * @returns 'wait' where it cannot be dealt with before another stream goes on.
   */
  record(record: WireRecord, slot: Slot | undefined): 'wait' | undefined;
  /** Other text comes into the slot. */
  beforeText?(slot: Slot): void;
  /** The slot's text that was kept back goes to its job's log. @returns what of it does. */
  unclaimed?(slot: Slot, text: Buffer): Buffer;
  /** Once a round. */
  poll?(): void;
  jobEnded?(job: Job): void;
  /** The build is over. */
  finish?(): void;
}
