// Finds out which tool instance wrote which part of a log, if several wrote at the same time. With that the
// log can be put in order when it is read. Knows no tool.

import type { Lineage } from '../../model/lineage.ts';
import type { ByteOffset } from '../../model/ids.ts';
import type { Job, Writer } from '../jobs.ts';
import type { Slot } from '../slot.ts';
import type { Recording } from './hook.ts';

/** Adds an instance that begins to write into a slot. */
export function joinSlot(recording: Recording, slot: Slot, writer: Writer): void {
  slot.holders.add(writer);
  for (const ended of slot.join(writer)) emitRanges(recording, ended);
}

/**
 * Adds a nested job that is launched from a slot: it writes nothing there, but stands beside the writers.
 */
export function launchFromSlot(recording: Recording, slot: Slot, job: Job, lineage: Lineage): void {
  const { id } = job;
  const launched = {
    job,
    lineage,
    ranges: [],
    concurrent: false,
    id: undefined,
    introduce: () => {
      throw new Error(`job ${id} is no tool instance`);
    },
    get ended() {
      return job.ended;
    },
  };
  for (const ended of slot.join(launched)) emitRanges(recording, ended);
}

/**
 * Emits what an instance wrote when it has ended. One that was alone needs no event: the log between its jobs
 * is in order.
 */
export function emitRanges({ jobs }: Recording, writer: Writer): void {
  const { concurrent, ranges } = writer;
  if (!concurrent || ranges.length === 0) return;
  const i = writer.id ?? writer.introduce();
  jobs.emit({ e: 'said', i, ranges: ranges.map(([from, to]) => [from as ByteOffset, to as ByteOffset]) });
}
