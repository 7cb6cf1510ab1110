// What a problem is: an error or a warning that a tool says in a log, with where it is and which bytes of the
// log say it.

import type { ByteOffset } from '../model/ids.ts';

export type Severity = 'error' | 'warning';

/** A place in a source file, as far as the tool says it. Lines and columns count from 1. */
export interface Place {
  /** Relative to the project root where that is known, with `/`; else as printed. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** What a tool adds to a problem: "previous definition is here". */
export interface Note extends Place {
  readonly message: string;
}

export interface Problem extends Place {
  readonly severity: Severity;
  /**
   * It says only that something failed, which has been said above if it was said at all: `make: *** [a.o]
   * Error 1`.
   */
  readonly summary: boolean;
  /** gcc, tsc, make, …; the name of a user's own pattern. */
  readonly tool: string;
  /** `-Wunused-variable`, `E0308`, `TS2322`, a rule's id, an exception's class. */
  readonly code: string | undefined;
  /** One line; no control characters. */
  readonly message: string;
  readonly notes: readonly Note[];
  /**
   * The lines that belong to it: a range of the job's log, from the start of a line to the end of one, with
   * its newline.
   */
  readonly from: ByteOffset;
  readonly to: ByteOffset;
  /**
   * The start of the line that has the message: others may stand before it, such as "In file included from".
   */
  readonly at: ByteOffset;
  /** The folder that a make said it had entered before; relative to the project root, or absolute. */
  readonly entered: string | undefined;
}
