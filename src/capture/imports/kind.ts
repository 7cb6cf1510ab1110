// What every kind of stream has: a name, its events told from others', and a reader that makes a record of
// them (list.ts).

import type { Place } from '../../store/place.ts';
import type { Event } from './lines.ts';
import type { ImportedRecord } from './record.ts';

export interface ImportPlace {
  readonly place: Place;
  /** Where the import was called, relative to the project root, or absolute. */
  readonly cwd: string;
}

export interface Kind {
  /** As it is given on the command line. */
  readonly name: string;
  /** What makes such streams, for messages. */
  readonly from: string;
  isEvent(event: Event): boolean;
  reader(where: ImportPlace): EventReader;
}

/**
 * What becomes of an event. `unknown`: of no kind that is known; `damaged`: of a known kind, with fields that
 * cannot be.
 */
export type Taken = 'taken' | 'unknown' | 'damaged';

export interface EventReader {
  /** Undefined until the first event has come. */
  readonly record: ImportedRecord | undefined;
  /** @throws Failure where the store cannot be written. */
  take(event: Event): Taken;
  /** A line that is no event. @returns false where it cannot be kept. */
  text(line: string): boolean;
  /**
   * No more comes: ends the record.
   * @param stopped the stream goes on, but is read no further.
   * @returns whether something is missing at its end.
   */
  finish(stopped: boolean): { readonly truncated: boolean };
}
