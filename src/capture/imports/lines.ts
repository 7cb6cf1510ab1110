// Splits a stream into numbered lines, and parses those that hold an event. Knows no kind of event. push()
// returns every line that its chunk completes, so only an unfinished line is kept here.

import ndjson from 'ndjson';
import split from 'split2';

/**
 * A longer line is not an event, in UTF-16 units. loglin's own events have up to 1 MiB of text, which JSON
 * can make six times as long.
 */
const LONGEST = 8 * 1024 * 1024;

export type Event = Readonly<Record<string, unknown>>;

/** A line of a stream: an event, or other text. */
export type Line =
  | { readonly number: number; readonly event: Event }
  | { readonly number: number; readonly text: string; readonly newline: boolean }
  | { readonly number: number; readonly tooLong: true };

export class Lines {
  readonly #split = split('\n', (line) => this.#line(line), { maxLength: LONGEST, skipOverflow: true });
  readonly #parser = new JsonParser();
  #count = 0;
  /** A line that is too long is being skipped. */
  #skipping = false;
  #ending = false;
  #lines: { readonly number: number; readonly text: string | undefined; readonly newline: boolean }[] = [];

  /** @returns the lines that the chunk completes. */
  push(chunk: Buffer): Line[] {
    this.#split.write(chunk);
    if (this.#split.overflow) this.#skipping = true;
    return this.#take();
  }

  /** @returns the last line, if it has no newline. */
  end(): Line[] {
    this.#ending = true;
    this.#split.end();
    if (this.#skipping) this.#skipped();
    return this.#take();
  }

  #line(text: string): undefined {
    if (this.#skipping) this.#skipped();
    // Longer only for the rest of a line that is too long, at the end of the stream.
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
    // Only lines that begin like an object: ndjson takes a line `null` for the end of the stream.
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
 * Parses lines with ndjson. Its values and its errors come in the order of the lines.
 */
class JsonParser {
  readonly #stream = ndjson.parse();
  /** The lines that are not JSON, by their index in the current call of parse(). */
  #invalid: number[] = [];

  constructor() {
    this.#stream.on('error', () => {
      this.#invalid.push(this.#stream.readableLength + this.#invalid.length);
    });
  }

  /** @returns a value for each line, undefined for one that is not JSON. */
  parse(lines: readonly string[]): (Event | undefined)[] {
    if (lines.length === 0) return [];
    this.#invalid = [];
    this.#stream.write(`${lines.join('\n')}\n`);
    const invalid = new Set(this.#invalid);
    return lines.map((_, i) => (invalid.has(i) ? undefined : (this.#stream.read() as Event)));
  }
}
