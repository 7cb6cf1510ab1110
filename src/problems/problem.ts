// A problem: an error or a warning that a tool reports in a log, with its place and the bytes of the log that
// report it.

import type { ByteOffset } from '../model/ids.ts';

export type Severity = 'error' | 'warning';

/** A place in a source file, as far as the tool gives it. Lines and columns count from 1. */
export interface Place {
  /** Relative to the project root if that is known, with `/`; else as printed. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** A remark that a tool adds to a problem: "previous definition is here". */
export interface Note extends Place {
  readonly message: string;
}

export interface Problem extends Place {
  readonly severity: Severity;
  /**
   * Whether it says only that something failed, without saying why: `make: *** [a.o] Error 1`. The reason, if
   * there is one, stands above.
   */
  readonly summary: boolean;
  /** gcc, tsc, make, …; or the name of a user-defined pattern. */
  readonly tool: string;
  /** `-Wunused-variable`, `E0308`, `TS2322`, a rule's id, an exception's class. */
  readonly code: string | undefined;
  /** One line, without control characters. */
  readonly message: string;
  readonly notes: readonly Note[];
  /**
   * The lines that belong to it, as a range of the job's log. The range starts at the start of a line, and
   * ends after a line's newline.
   */
  readonly from: ByteOffset;
  readonly to: ByteOffset;
  /**
   * The start of the line that has the message. Other lines may come before it, such as "In file included
   * from".
   */
  readonly at: ByteOffset;
  /** The folder that make had last said it entered, relative to the project root or absolute. */
  readonly entered: string | undefined;
}
