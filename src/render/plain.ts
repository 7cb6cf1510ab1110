// The log as people read it: each job's output starts at column 0, with headings between.

import type { Heading } from '../linearize/segments.ts';
import type { Job } from '../model/build.ts';
import { EchoedCommands } from './echoed.ts';
import { Headings } from './headings.ts';
import { highlightFrom } from './highlight.ts';
import type { RenderOptions, Renderer } from './renderer.ts';
import { COLOURS_OFF, TextFilter } from './textfilter.ts';

const EMPTY = Buffer.alloc(0);
const NEWLINE = 0x0a;

export class PlainRenderer implements Renderer {
  readonly #options: RenderOptions;
  readonly #headings: Headings;
  #filter: TextFilter;
  #current: Job | undefined;
  #midLine = false;
  readonly #commands = new EchoedCommands();

  constructor(options: RenderOptions) {
    this.#options = options;
    this.#headings = new Headings(options);
    this.#filter = new TextFilter(options);
  }

  heading(segment: Heading): Buffer {
    const line = this.#headings.line(segment);
    const end = this.#endText();
    return line === '' ? end : Buffer.concat([end, Buffer.from(`${line}\n`)]);
  }

  text(job: Job, bytes: Buffer): Buffer {
    const end = this.#current === job ? EMPTY : this.#endText();
    this.#current = job;
    const before = this.#filter.coloured;
    const text = this.#painted(job, this.#filter.push(bytes), before);
    if (text.length > 0) this.#midLine = text[text.length - 1] !== NEWLINE;
    return end.length > 0 ? Buffer.concat([end, text]) : text;
  }

  partial(): Buffer {
    const text = this.#filter.partial();
    if (text.length > 0) this.#midLine = true;
    return text;
  }

  finish(): Buffer {
    return this.#endText();
  }

  /** Colours complete lines, unless their program has switched a colour on. */
  #painted(job: Job, text: Buffer, coloured: boolean): Buffer {
    if (!this.#options.highlight || coloured || text.length === 0) return text;
    return highlightFrom(text, this.#midLine, this.#commands.of(job));
  }

  /** Ends a job's text. Adds a newline if its last line has none. */
  #endText(): Buffer {
    if (!this.#current) return EMPTY;
    this.#current = undefined;
    let rest = this.#filter.flush();
    if (rest.length > 0) this.#midLine = rest[rest.length - 1] !== NEWLINE;
    if (this.#filter.coloured) rest = Buffer.concat([rest, COLOURS_OFF]);
    if (this.#midLine) rest = Buffer.concat([rest, Buffer.from('\n')]);
    this.#filter = new TextFilter(this.#options);
    this.#midLine = false;
    return rest;
  }
}
