// Types for the parts of split2 and ndjson that are used here.

declare module 'split2' {
  import type { Transform } from 'node:stream';

  interface Options {
    /** The longest line, in UTF-16 units. */
    readonly maxLength?: number;
    /** Longer lines are skipped, instead of being an error. */
    readonly skipOverflow?: boolean;
  }

  /** @param mapper called with each line; its result is pushed unless it is undefined. */
  export default function split(
    matcher: string,
    mapper: (line: string) => unknown,
    options?: Options,
  ): Transform & {
    /** The current line is too long, and is being skipped. */
    readonly overflow: boolean;
  };
}

declare module 'ndjson' {
  import type { Transform } from 'node:stream';

  /** Turns lines into values. Emits 'error' for a line that is not JSON, then goes on. */
  export function parse(): Transform;
}
