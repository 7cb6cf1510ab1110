// The log of a build as a CI system shows it: a group for each job's output, titled by its path of targets.
// Headers of jobs without output of their own stand between the groups, and so do failures. Where groups do
// not nest, a group ends where a job's block inside it begins. Knows no system's syntax.

import type { Heading } from '../../linearize/segments.ts';
import { type Build, type Job, failed } from '../../model/build.ts';
import { escapeName } from '../../model/printable.ts';
import { painter } from '../formats.ts';
import { Headings } from '../headings.ts';
import { PlainRenderer } from '../plain.ts';
import type { RenderOptions, Renderer } from '../renderer.ts';
import type { CiLog } from './log.ts';
import type { CiSystem, Group } from './system.ts';

const EMPTY = Buffer.alloc(0);
const NEWLINE = 0x0a;
/** A title has at most this many names of the path: the first one, and the last ones. */
const MOST_NAMES = 6;

/** A job whose block has begun. */
interface Block {
  readonly entered: Extract<Heading, { kind: 'enter' }>;
  readonly title: string;
  /** It has had a group. */
  shown: boolean;
}

/** A group that has begun. */
interface Open {
  readonly job: Job;
  readonly depth: number;
  /** Undefined: its lines stand by themselves, since the system would fold any group. */
  readonly group: Group | undefined;
}

export class CiRenderer implements Renderer {
  readonly #log: CiLog;
  readonly #system: CiSystem;
  readonly #options: RenderOptions;
  readonly #headings: Headings;
  readonly #plain: PlainRenderer;
  readonly #blocks = new Map<Job, Block>();
  /** The names of the blocks around the next one, by their depth. */
  readonly #names: string[] = [];
  readonly #open: Open[] = [];
  /** A job whose block has begun, and nothing of it is shown. */
  #pending: Block | undefined;
  /** The job whose text was printed last, if nothing else was. */
  #current: Job | undefined;
  /** When the build started, in milliseconds since the epoch. */
  #startedAt = 0;

  constructor(log: CiLog, options: RenderOptions) {
    this.#log = log;
    this.#system = log.system;
    this.#options = options;
    this.#headings = new Headings(options);
    this.#plain = new PlainRenderer(options);
  }

  begin({ started }: Build): Buffer {
    this.#startedAt = started?.at ?? 0;
    return EMPTY;
  }

  heading(segment: Heading): Buffer {
    const end = this.#endText();
    const lines = this.#heading(segment);
    return lines === '' ? end : Buffer.concat([end, Buffer.from(lines)]);
  }

  text(job: Job, bytes: Buffer): Buffer {
    const before = this.#current === job ? EMPTY : this.#changeTo(job);
    const text = this.#log.text.push(this.#plain.text(job, bytes));
    return before.length > 0 ? Buffer.concat([before, text]) : text;
  }

  partial(): Buffer {
    return this.#log.text.push(this.#plain.partial());
  }

  finish(): Buffer {
    const end = this.#endText();
    return Buffer.concat([end, Buffer.from(this.#showPending() + this.#close(-1))]);
  }

  #heading(segment: Heading): string {
    switch (segment.kind) {
      case 'enter':
        return this.#enter(segment);
      case 'leave':
        return this.#leave(segment);
      case 'resume':
        // Its text follows, and has a group of its own unless the job's is still open.
        return '';
      case 'command':
        return this.#begin(segment.job) + this.#line(segment);
      case 'seen':
      case 'absent':
        return this.#showPending() + this.#line(segment);
    }
  }

  #enter(segment: Extract<Heading, { kind: 'enter' }>): string {
    const { job, depth } = segment;
    const lines = this.#showPending();
    this.#names.length = Math.min(this.#names.length, Math.max(0, depth));
    this.#names[depth] = escapeName(this.#options.nameOf(job));
    const title = `${this.#path()}${this.#headings.remarks(segment, painter(false))}`;
    this.#pending = { entered: segment, title, shown: false };
    this.#blocks.set(job, this.#pending);
    return lines;
  }

  /** The names down to the block that was entered last. */
  #path(): string {
    const names = this.#names;
    const [first = ''] = names;
    const short = names.length <= MOST_NAMES;
    const shown = short ? names : [first, '…', ...names.slice(2 - MOST_NAMES)];
    return shown.join(this.#options.ascii ? ' > ' : ' → ');
  }

  #leave(segment: Extract<Heading, { kind: 'leave' }>): string {
    const { job, depth } = segment;
    let lines = '';
    if (this.#pending?.entered.job === job) lines = this.#showPending(true);
    const inside = this.#open.at(-1)?.job === job;
    if (this.#system.groups !== 'endless') lines += this.#close(depth);
    const line = this.#line(segment);
    if (line === '' || this.#system.groups !== 'endless' || !failed(job)) return lines + line;
    if (inside) return lines + (this.#system.reveal ?? '') + line;
    return lines + this.#header(line.trim(), true);
  }

  /**
   * Shows the header of a job that has said nothing.
   * @param over nothing will stand inside its block.
   */
  #showPending(over = false): string {
    const block = this.#pending;
    this.#pending = undefined;
    if (!block) return '';
    const { entered } = block;
    switch (this.#system.groups) {
      case 'nested':
        return over ? this.#close(entered.depth) + this.#line(entered) : this.#beginGroup(block);
      case 'flat':
        return this.#close(-1) + this.#line(entered);
      case 'endless':
        return this.#header(block.title, false);
    }
  }

  /** A line of its own where groups have no end: the header of a group without lines. */
  #header(title: string, open: boolean): string {
    this.#open.length = 0;
    return this.#system.begin({ id: this.#log.nextId(), title: this.#log.inertLine(title) }, 0, open) ?? '';
  }

  #changeTo(job: Job): Buffer {
    const end = this.#endText();
    this.#current = job;
    return Buffer.concat([end, Buffer.from(this.#begin(job))]);
  }

  /** Returns what must come before lines of a job: ends of groups, and the begin of its own. */
  #begin(job: Job): string {
    const at = this.#open.findLastIndex((open) => open.job === job);
    if (at >= 0) return this.#close((this.#open[at]?.depth ?? 0) + 1);
    const block = this.#blocks.get(job);
    if (block) {
      if (this.#pending === block) this.#pending = undefined;
      return this.#beginGroup(block);
    }
    // The wrapped command's own text has no group, unless it would be in another one.
    if (this.#system.groups !== 'endless') return this.#close(-1);
    const title = escapeName(this.#options.nameOf(job));
    const lines = this.#header(title, false);
    this.#open.push({ job, depth: -1, group: undefined });
    return lines;
  }

  #beginGroup(block: Block): string {
    const { entered, title, shown } = block;
    const { job, depth } = entered;
    block.shown = true;
    const ended = this.#close(this.#system.groups === 'nested' ? depth : -1);
    const text = this.#log.inertLine(shown ? `${title} (resumed)` : title);
    const group: Group = { id: this.#log.nextId(), title: text };
    const begun = this.#system.begin(group, this.#seconds(job.started), this.#log.replay && failed(job));
    this.#open.push({ job, depth, group: begun === undefined ? undefined : group });
    const plain = shown ? ({ kind: 'resume', job, depth } as const) : entered;
    return ended + (begun ?? this.#line(plain));
  }

  /** Ends the groups from this depth on. */
  #close(depth: number): string {
    let lines = '';
    for (let last = this.#open.at(-1); last && last.depth >= depth; last = this.#open.at(-1)) {
      this.#open.pop();
      const { job, group } = last;
      if (group) lines += this.#system.end(group, this.#seconds(job.ended ?? job.started));
    }
    return lines;
  }

  #seconds(time: number): number {
    return Math.floor((this.#startedAt + time) / 1000);
  }

  #line(segment: Heading): string {
    const line = this.#headings.line(segment);
    return line === '' ? '' : this.#log.inertText(`${line}\n`);
  }

  #endText(): Buffer {
    if (!this.#current) return EMPTY;
    this.#current = undefined;
    const rest = this.#plain.finish();
    // What turns a colour off would stand before the command that follows, which then is none.
    const newline = rest.length > 0 && rest[rest.length - 1] !== NEWLINE ? '\n' : '';
    const { text } = this.#log;
    return Buffer.concat([text.push(Buffer.concat([rest, Buffer.from(newline)])), text.end()]);
  }
}
