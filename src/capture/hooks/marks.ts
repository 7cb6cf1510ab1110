// Marks in slots. The record of a mark stands in another stream, which is read first, up to that record.
// Knows no tool.

import type { Job } from '../jobs.ts';
import type { Slot } from '../slot.ts';
import type { Recording } from './hook.ts';

/**
 * Reads a stream until a record that stands in it is known.
 * @param streamName the stream that the mark names (Slots.stream).
 * @returns 'wait' if the record may still come, in the next round.
 */
export function awaitRecord(
  { slots, isOver }: Recording,
  streamName: string,
  known: () => boolean,
): 'known' | 'wait' | 'never' {
  if (known()) return 'known';
  const stream = slots.stream(streamName);
  // Not beyond that record: the next one may end the job whose slot is being read.
  stream?.read(true, known);
  if (known()) return 'known';
  // That stream is being read further up the stack, and has this record later; or ninja has not passed it on
  // yet.
  return stream?.busy || (streamName.startsWith('e') && !isOver()) ? 'wait' : 'never';
}

/**
 * Handles the mark of a job that writes into a pipe of its tool's: what follows in the slot is its output.
 * @param mark the job, and the stream in which its start stands.
 */
export function beginAtMark(
  recording: Recording,
  { job: wireId, stream }: { readonly job: string; readonly stream: string },
  slot: Slot | undefined,
): 'wait' | undefined {
  const { jobs } = recording;
  const known = (): boolean => jobs.byWireId(wireId) !== undefined;
  if (awaitRecord(recording, stream, known) === 'wait') return 'wait';
  const job = jobs.byWireId(wireId);
  if (job && slot) slot.openedBy(job);
  return undefined;
}

/**
 * The job of a record that came over the control FIFO. The start of that job may stand in a stream that has
 * not been read so far: such streams are read first.
 * @param place as of Jobs.byPlace.
 */
export function jobAt({ jobs, slots }: Recording, place: string): Job {
  const id = place.slice(place.indexOf('/') + 1);
  for (let read = 1; read > 0 && !jobs.byWireId(id);) {
    read = 0;
    for (const slot of [...slots.active]) read += slot.read(true);
  }
  return jobs.byPlace(place);
}
