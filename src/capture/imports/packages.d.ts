// What is used of split2 and ndjson.

declare module 'split2' {
  import type { Transform } from 'node:stream';

  interface Options {
    /** The longest line, in UTF-16 units. */
    readonly maxLength?: number;
    /** A longer one is passed over, not an error. */
    readonly skipOverflow?: boolean;
  }

  /** @param mapper called with each line; what it returns is pushed, if it is not undefined. */
  export default function split(
    matcher: string,
    mapper: (line: string) => unknown,
    options?: Options,
  ): Transform & {
    /** The line that is read now is too long: it is being passed over. */
    readonly overflow: boolean;
  };
}

declare module 'ndjson' {
  import type { Transform } from 'node:stream';

  /** Lines in, values out; an 'error' event for a line that is no JSON, after which it goes on. */
  export function parse(): Transform;
}
