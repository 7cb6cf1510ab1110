// The headings of jobs as text, and the view that shows only headings.

import type { Heading } from '../linearize/segments.ts';
import type { NotRemade } from '../linearize/notremade.ts';
import { failed } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { type Paint, commandLines, duration, painter, statusText } from './formats.ts';
import type { RenderOptions, Renderer } from './renderer.ts';
import { oldLogText, notRemadeText } from './notremade.ts';

const EMPTY = Buffer.alloc(0);

type Entered = Extract<Heading, { kind: 'enter' }>;

/** The headings' text, which is the same in every view that has headings. */
export class Headings {
  readonly #options: RenderOptions;

  constructor(options: RenderOptions) {
    this.#options = options;
  }

  #absent(notRemade: NotRemade | undefined): string {
    const never = 'no log: it never ran under loglin';
    return notRemade ? `${notRemadeText(notRemade, this.#options.nameOf)}; ${never}` : never;
  }

  /** Returns what follows a job's name where its block begins: whether its log is old, and the time. */
  remarks({ job, notRemade, around }: Entered, paint: Paint): string {
    const { nameOf, times } = this.#options;
    return (
      (notRemade ? paint('2', ` (${oldLogText(notRemade, around, nameOf)})`) : '') +
      (times ? paint('2', ` (at ${duration(job.started)})`) : '')
    );
  }

  /**
   * Returns a heading without its newline. A command may take several lines. '' for a heading that is not
   * shown.
   */
  line(segment: Heading): string {
    const { ascii, times, colour } = this.#options;
    const paint = painter(colour);
    if (segment.kind === 'command')
      return commandLines(segment.step.argv)
        .map((line) => paint('2', line))
        .join('\n');
    const indent = '  '.repeat(Math.max(0, segment.depth));
    const arrow = ascii ? '>' : '▸';
    if (segment.kind === 'absent')
      return paint('2', `${indent}${arrow} ${escapeName(segment.name)} (${this.#absent(segment.notRemade)})`);
    const { job } = segment;
    const name = escapeName(this.#options.nameOf(job));
    switch (segment.kind) {
      case 'enter':
        return paint('1', `${indent}${arrow} ${name}`) + this.remarks(segment, paint);
      case 'resume':
        return paint('1', `${indent}${arrow} ${name}`) + paint('2', ' (resumed)');
      case 'seen':
        return paint('2', `${indent}${arrow} ${name} (above)`);
      case 'leave': {
        const took = times && job.ended !== undefined ? ` ${duration(job.ended - job.started)}` : '';
        if (failed(job) && job.status)
          return (
            paint('1;31', `${indent}${ascii ? 'x' : '✗'} ${name} (${statusText(job.status)})`) +
            (took === '' ? '' : paint('2', took))
          );
        return took === '' ? '' : paint('2', `${indent}${ascii ? '.' : '✓'} ${name}${took}`);
      }
    }
  }
}

/** Prints headers and failures, but no output. */
export class HeadingsRenderer implements Renderer {
  readonly #headings: Headings;

  constructor(options: RenderOptions) {
    this.#headings = new Headings(options);
  }

  heading(segment: Heading): Buffer {
    const line = segment.kind === 'resume' ? '' : this.#headings.line(segment);
    return line === '' ? EMPTY : Buffer.from(`${line}\n`);
  }

  text(): Buffer {
    return EMPTY;
  }

  partial(): Buffer {
    return EMPTY;
  }

  finish(): Buffer {
    return EMPTY;
  }
}
