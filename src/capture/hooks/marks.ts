// Marks in slots whose record stands in another stream: that is read first, up to the record. Knows no tool.

import type { Recording } from './hook.ts';

/**
 * Reads the stream in which a record stands until it is known.
 * @param streamName the stream that the mark names (Slots.stream).
 * @returns 'wait' where it may still come: with the next round.
 */
export function awaitRecord(
  { slots, isOver }: Recording,
  streamName: string,
  known: () => boolean,
): 'known' | 'wait' | 'never' {
  if (known()) return 'known';
  const stream = slots.stream(streamName);
  // Not beyond that record: what comes after it may be about the end of what is being read here.
  stream?.read(true, known);
  if (known()) return 'known';
  // That stream is being read, up to the end of the step before, and has this one's record later; or ninja
  // has not passed it on yet.
  return stream?.busy || (streamName.startsWith('e') && !isOver()) ? 'wait' : 'never';
}
