// The lines of a stream, numbered, those that hold an event parsed. Knows no kind of event. What a chunk
// completes is told before push() returns, so nothing waits here but the line that has begun.

import ndjson from 'ndjson';
import split from 'split2';

/**
 * A line that is longer is no event: loglin's own have 1 MiB of text, of which JSON can make six. In UTF-16
 * units.
 */
const LONGEST = 8 * 1024 * 1024;

export type Event = Readonly<Record<string, unknown>>;

/** A line of a stream: with an event, or with text that is none. */
export type Line =
  | { readonly number: number; readonly event: Event }
  | { readonly number: number; readonly text: string; readonly newline: boolean }
  | { readonly number: number; readonly tooLong: true };

export class Lines {
  readonly #split = split('\n', (line) => this.#line(line), { maxLength: LONGEST, skipOverflow: true });
  readonly #parser = new Parser();
  #count = 0;
  /** A line that is too long is being passed over. */
  #skipping = false;
  #ending = false;
  #lines: { readonly number: number; readonly text: string | undefined; readonly newline: boolean }[] = [];

  /** @returns the lines that this completes. */
  push(chunk: Buffer): Line[] {
    this.#split.write(chunk);
    if (this.#split.overflow) this.#skipping = true;
    return this.#take();
  }

  /** @returns the line that was not ended, if there is one. */
  end(): Line[] {
    this.#ending = true;
    this.#split.end();
    if (this.#skipping) this.#skipped();
    return this.#take();
  }

  #line(text: string): undefined {
    if (this.#skipping) this.#skipped();
    // The rest of a long line, at the end of the stream.
    if (text.length <= LONGEST) this.#lines.push({ number: ++this.#count, text, newline: !this.#ending });
    return undefined;
  }

  #skipped(): void {
    this.#skipping = false;
    this.#lines.push({ number: ++this.#count, text: undefined, newline: true });
  }

  #take(): Line[] {
    const lines = this.#lines;
    this.#lines = [];
    // Only what begins as an object does: ndjson takes a line `null` for the end of all.
    const objects = lines.flatMap(({ text }) => (text?.startsWith('{') ? text : []));
    const values = this.#parser.parse(objects);
    let next = 0;
    return lines.map(({ number, text, newline }): Line => {
      if (text === undefined) return { number, tooLong: true };
      const event = text.startsWith('{') ? values[next++] : undefined;
      return event ? { number, event } : { number, text, newline };
    });
  }
}

/**
 * Parses lines with ndjson, which says in the order of the lines what they hold and which of them hold
 * nothing.
 */
class Parser {
  readonly #stream = ndjson.parse();
  /** By the number of its line among those that were given together. */
  #wrong: number[] = [];

  constructor() {
    this.#stream.on('error', () => {
      this.#wrong.push(this.#stream.readableLength + this.#wrong.length);
    });
  }

  /** @returns a value for each line, undefined for one that is no JSON. */
  parse(lines: readonly string[]): (Event | undefined)[] {
    if (lines.length === 0) return [];
    this.#wrong = [];
    this.#stream.write(`${lines.join('\n')}\n`);
    const wrong = new Set(this.#wrong);
    return lines.map((_, i) => (wrong.has(i) ? undefined : (this.#stream.read() as Event)));
  }
}
