// The documents of a build: a job's log, with a line where each child was launched; and a job's block, as
// `show` prints it.

import type { Segment, Segments } from '../linearize/segments.ts';
import type { Job } from '../model/build.ts';
import type { Renderer } from '../render/renderer.ts';
import type { Blocks } from './blocks.ts';
import { type PieceSource, type Piece, PieceDocument } from './pieces.ts';

/**
 * A job's log.
 * @param mark returns the line for the launch of a job. @param warning says what is wrong with the log.
 */
export function jobLog(
  job: Job,
  blocks: Blocks,
  mark: (child: Job) => string,
  warning: () => string | undefined,
): PieceDocument {
  return new PieceDocument(new LogPieces(job, blocks, mark), blocks, warning);
}

class LogPieces implements PieceSource {
  readonly #job: Job;
  readonly #blocks: Blocks;
  readonly #mark: (child: Job) => string;
  #position = 0;
  #link = 0;
  #due: Piece | undefined;

  constructor(job: Job, blocks: Blocks, mark: (child: Job) => string) {
    this.#job = job;
    this.#blocks = blocks;
    this.#mark = mark;
  }

  next(): Piece | undefined {
    if (this.#due) {
      const due = this.#due;
      this.#due = undefined;
      return due;
    }
    const job = this.#job;
    for (; this.#link < job.links.length; this.#link++) {
      const { job: child, at, midLine: mid } = job.links[this.#link]!;
      if (!child) continue;
      this.#link++;
      const mark: Piece = { kind: 'mark', text: () => this.#mark(child), target: { job: child } };
      const to = mid ? this.#blocks.lineEnd(job, at, job.size) : at;
      // In a live build, the text after the launch may already be visible.
      if (to <= this.#position) return mark;
      this.#due = mark;
      return this.#range(to);
    }
    return job.size > this.#position ? this.#range(job.size) : undefined;
  }

  #range(to: number): Piece {
    const from = this.#position;
    this.#position = to;
    return { kind: 'range', job: this.#job, from, to };
  }
}

/** The text that a walk shows. @param renderer renders the headings. */
export function jobBlock(
  walk: Segments,
  renderer: Renderer,
  blocks: Blocks,
  warning: () => string | undefined,
): PieceDocument {
  return new PieceDocument(new BlockPieces(walk, renderer), blocks, warning);
}

class BlockPieces implements PieceSource {
  readonly #walk: Segments;
  readonly #renderer: Renderer;

  constructor(walk: Segments, renderer: Renderer) {
    this.#walk = walk;
    this.#renderer = renderer;
  }

  next(): Piece | undefined {
    for (;;) {
      const segment: Segment | 'wait' | 'done' = this.#walk.next();
      if (segment === 'wait' || segment === 'done') return undefined;
      if (segment.kind === 'range')
        return { kind: 'range', job: segment.job, from: segment.from, to: segment.to };
      const text = this.#renderer.heading(segment).toString().trimEnd();
      if (text === '') continue;
      const job = segment.kind === 'absent' ? undefined : segment.job;
      return { kind: 'mark', text: () => text, ...(job && { target: { job } }) };
    }
  }
}
