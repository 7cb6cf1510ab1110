// Puts the name of its job before every line.

import type { Heading } from '../linearize/segments.ts';
import { type Job, failed } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { commandLines, statusText } from './formats.ts';
import { EchoedCommands } from './echoed.ts';
import { highlight, highlightFrom } from './highlight.ts';
import { LineCutter } from './linecutter.ts';
import type { RenderOptions, Renderer } from './renderer.ts';
import { COLOURS_OFF, TextFilter, leavesColour } from './textfilter.ts';
import { oldLogText } from './notremade.ts';

const EMPTY = Buffer.alloc(0);
const NEWLINE = 0x0a;
const ESC = 0x1b;

export class PrefixRenderer implements Renderer {
  readonly #options: RenderOptions;
  #filter: TextFilter;
  #lines = new LineCutter();
  #current: Job | undefined;
  /** Part of the current line has been printed, since it is too long to hold. */
  #midLine = false;
  /** A colour is still on, and would colour the name before the next line. */
  #coloured = false;
  readonly #commands = new EchoedCommands();

  constructor(options: RenderOptions) {
    // A carriage return would overwrite the name. Lines are complete anyway.
    this.#options = { ...options, collapse: true };
    this.#filter = new TextFilter(this.#options);
  }

  heading(segment: Heading): Buffer {
    const end = this.#endText();
    if (segment.kind === 'absent') return end;
    const { job } = segment;
    if (segment.kind === 'command')
      return Buffer.concat([end, ...commandLines(segment.step.argv).map((line) => this.#line(job, line))]);
    if (segment.kind === 'enter' && segment.notRemade)
      return Buffer.concat([
        end,
        this.#line(job, `(${oldLogText(segment.notRemade, segment.around, this.#options.nameOf)})`),
      ]);
    if (segment.kind !== 'leave' || !failed(job) || !job.status) return end;
    return Buffer.concat([
      end,
      this.#line(job, `${this.#options.ascii ? 'x' : '✗'} ${statusText(job.status)}`),
    ]);
  }

  text(job: Job, bytes: Buffer): Buffer {
    const end = this.#current === job ? EMPTY : this.#endText();
    this.#current = job;
    return Buffer.concat([end, this.#prefixed(job, this.#lines.push(this.#filter.push(bytes)))]);
  }

  partial(): Buffer {
    return EMPTY;
  }

  finish(): Buffer {
    return this.#endText();
  }

  #line(job: Job, text: string): Buffer {
    return Buffer.from(`${this.#prefix(job)}${text}\n`);
  }

  #prefix(job: Job): string {
    const name = escapeName(this.#options.nameOf(job));
    return this.#options.colour ? `\x1b[1m${name}\x1b[0m: ` : `${name}: `;
  }

  #prefixed(job: Job, text: Buffer): Buffer {
    if (text.length === 0) return EMPTY;
    const { highlight: painted } = this.#options;
    // No colour goes on over the end of a line here, so that lines with colours of their own do not matter
    // to those after them.
    const apart = painted && text.includes(ESC);
    const lines = painted && !apart ? highlightFrom(text, this.#midLine, this.#commands.of(job)) : text;
    const prefix = Buffer.from(this.#prefix(job));
    const parts: Buffer[] = [];
    for (let at = 0; at < lines.length;) {
      let end = lines.indexOf(NEWLINE, at);
      if (end < 0) end = lines.length - 1;
      const whole = !this.#midLine;
      if (whole) parts.push(prefix);
      this.#midLine = lines[end] !== NEWLINE;
      const own = lines.subarray(at, end + 1);
      const line = apart && whole ? highlight(own, this.#commands.of(job)) : own;
      if (this.#options.escapes === 'colours') this.#coloured = leavesColour(line, this.#coloured);
      if (this.#coloured && !this.#midLine) {
        parts.push(line.subarray(0, -1), COLOURS_OFF, line.subarray(-1));
        this.#coloured = false;
      } else parts.push(line);
      at = end + 1;
    }
    return Buffer.concat(parts);
  }

  #endText(): Buffer {
    const job = this.#current;
    if (!job) return EMPTY;
    this.#current = undefined;
    const whole = this.#prefixed(job, this.#lines.push(this.#filter.flush()));
    const rest = this.#prefixed(job, this.#lines.flush());
    this.#filter = new TextFilter(this.#options);
    const off = this.#coloured ? COLOURS_OFF : EMPTY;
    const end = this.#midLine ? Buffer.from('\n') : EMPTY;
    this.#midLine = this.#coloured = false;
    return Buffer.concat([whole, rest, off, end]);
  }
}
