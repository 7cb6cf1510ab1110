// What a kind of stream consists of (list.ts): a name, a test for its events, and a reader that makes a
// record of them.

import type { Place } from '../../store/place.ts';
import type { Event } from './lines.ts';
import type { ImportedRecord } from './record.ts';

export interface ImportPlace {
  readonly place: Place;
  /** The folder in which the import was started, relative to the project root, or absolute. */
  readonly cwd: string;
}

export interface StreamKind {
  /** Its name on the command line. */
  readonly name: string;
  /** What makes such streams, for messages. */
  readonly from: string;
  isEvent(event: Event): boolean;
  reader(where: ImportPlace): EventReader;
}

/**
 * What became of an event. `unknown`: its type is unknown; `damaged`: its type is known, but a field is
 * missing or invalid.
 */
export type Taken = 'taken' | 'unknown' | 'damaged';

export interface EventReader {
  /** Undefined until the first event has come. */
  readonly record: ImportedRecord | undefined;
  /** @throws Failure if the store cannot be written. */
  take(event: Event): Taken;
  /** Imports a line that is no event. @returns false if it cannot be kept. */
  text(line: string): boolean;
  /**
   * Ends the record.
   * @param stopped the stream goes on, but is read no further.
   * @returns whether the end of the build is missing.
   */
  finish(stopped: boolean): { readonly truncated: boolean };
}
