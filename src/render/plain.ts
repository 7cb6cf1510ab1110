// The log as people read it: each job's output starts at column 0, with headings between.

import type { Heading } from '../linearize/segments.ts';
import type { Job } from '../model/build.ts';
import { commandLine } from './formats.ts';
import { Headings } from './headings.ts';
import { highlight } from './highlight.ts';
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
  /** The command lines of the job that was shown last, from its first steps. */
  #commands = { job: undefined as Job | undefined, steps: 0, lines: new Set<string>() };

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
    if (!this.#midLine) return highlight(text, this.#commandsOf(job));
    const end = text.indexOf(NEWLINE) + 1;
    if (end === 0 || end === text.length) return text;
    return Buffer.concat([text.subarray(0, end), highlight(text.subarray(end), this.#commandsOf(job))]);
  }

  /** The lines of a job's commands as a tool echoes them, with one character per byte. */
  #commandsOf(job: Job): ReadonlySet<string> {
    if (this.#commands.job !== job) this.#commands = { job, steps: 0, lines: new Set() };
    const { lines } = this.#commands;
    for (; this.#commands.steps < job.steps.length; this.#commands.steps++)
      for (const line of commandLine(job.steps[this.#commands.steps]!.argv).split('\n'))
        lines.add(Buffer.from(line).toString('latin1'));
    return lines;
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
