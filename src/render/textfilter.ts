// Filters the bytes of a job's log: keeps the last state of redrawn lines, and the escape sequences that the
// options allow. Knows no headings.

import { CarriageFilter } from './carriage.ts';
import type { RenderOptions } from './renderer.ts';
import { Sanitizer } from './sanitize.ts';

const EMPTY = Buffer.alloc(0);
const ESC = 0x1b;
/** Turns all colours off. */
export const COLOURS_OFF = Buffer.from('\x1b[0m');

/** Filters one job's text until something else is printed. */
export class TextFilter {
  readonly #carriage: CarriageFilter | undefined;
  readonly #sanitizer: Sanitizer | undefined;
  readonly #terminal: boolean;
  /** On a terminal: the job has left a colour on, which would spread to the following text. */
  coloured = false;

  constructor(options: RenderOptions) {
    if (options.collapse) this.#carriage = new CarriageFilter();
    this.#terminal = options.escapes === 'colours';
    if (options.escapes !== 'all') this.#sanitizer = new Sanitizer(this.#terminal ? 'colours' : 'strip');
  }

  push(bytes: Buffer): Buffer {
    const text = this.#carriage ? this.#carriage.push(bytes) : bytes;
    return this.#seen(this.#sanitizer ? this.#sanitizer.push(text) : text);
  }

  partial(): Buffer {
    const text = this.#carriage?.takePartial() ?? EMPTY;
    return this.#seen(this.#sanitizer ? this.#sanitizer.push(text) : text);
  }

  flush(): Buffer {
    const text = this.#carriage?.flush() ?? EMPTY;
    return this.#seen(
      this.#sanitizer ? Buffer.concat([this.#sanitizer.push(text), this.#sanitizer.flush()]) : text,
    );
  }

  #seen(text: Buffer): Buffer {
    if (this.#terminal) this.coloured = leavesColour(text, this.coloured);
    return text;
  }
}

/**
 * Whether a colour is on after text whose only escape sequences are complete colour sequences.
 * @param before whether one was on before the text.
 */
export function leavesColour(text: Buffer, before: boolean): boolean {
  const last = text.lastIndexOf(ESC);
  return last < 0 ? before : !/^\x1b\[0*m/.test(text.toString('latin1', last, last + 8));
}
