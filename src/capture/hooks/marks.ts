// Marks in slots. The record of a mark stands in another stream, which is read first, up to that record.
// Knows no tool.

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
