// A document made of pieces: ranges of logs, and lines that stand between them (headers, launches of
// children). Pieces are created only as far as they are needed, so that the block of a build of 100,000 jobs
// opens at once. Each piece begins a line.

import type { Job } from '../model/build.ts';
import { CarriageFilter } from '../render/carriage.ts';
import { Sanitizer } from '../render/sanitize.ts';
import { BLOCK, type Blocks } from './blocks.ts';
import type { Document, DocumentLine, LinkTarget } from './document.ts';

export type Piece =
  | { readonly kind: 'range'; readonly job: Job; readonly from: number; readonly to: number }
  | { readonly kind: 'mark'; readonly text: () => string; readonly target?: LinkTarget };

export interface PlacedRange {
  readonly kind: 'range';
  readonly start: number;
  end: number;
  readonly job: Job;
  readonly from: number;
}

export interface PlacedMark {
  readonly kind: 'mark';
  readonly start: number;
  readonly end: number;
  readonly text: () => string;
  readonly target: LinkTarget | undefined;
}

export type PlacedPiece = PlacedRange | PlacedMark;

/** The source of the pieces. */
export interface PieceSource {
  /** Returns the next piece; undefined if there is none now. A range may continue the one before. */
  next(): Piece | undefined;
}

export class PieceDocument implements Document {
  readonly blocks: Blocks;
  readonly #source: PieceSource;
  readonly #placed: PlacedPiece[] = [];
  readonly #warning: () => string | undefined;
  #exhausted = false;

  /** @param warning says what is wrong with the logs, as soon as it is known. */
  constructor(source: PieceSource, blocks: Blocks, warning: () => string | undefined) {
    this.#source = source;
    this.blocks = blocks;
    this.#warning = warning;
  }

  get warning(): string | undefined {
    return this.#warning();
  }

  get knownEnd(): number {
    return this.#placed.at(-1)?.end ?? 0;
  }

  get complete(): boolean {
    return this.#exhausted;
  }

  /** How many pieces there are so far. */
  get pieces(): number {
    return this.#placed.length;
  }

  /** There may be more pieces now. */
  wake(): void {
    this.#exhausted = false;
  }

  end(): number {
    while (this.#createNext());
    return this.knownEnd;
  }

  /** Returns the piece that holds this offset. Creates the pieces up to there. */
  pieceAt(offset: number): PlacedPiece | undefined {
    while (offset >= this.knownEnd) if (!this.#createNext()) return undefined;
    let low = 0;
    let high = this.#placed.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#placed[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#placed[low];
  }

  at(start: number): DocumentLine | undefined {
    const piece = this.pieceAt(start);
    if (!piece) return undefined;
    if (piece.kind === 'mark')
      return { start, next: piece.end, text: piece.text(), mark: true, target: piece.target };
    const { job, from } = piece;
    const at = from + (start - piece.start);
    const to = from + (piece.end - piece.start);
    const end = this.blocks.lineEnd(job, at, to);
    if (end <= at)
      return {
        start,
        next: piece.end,
        text: `\x1b[31m(${to - at} bytes are missing: the log is shorter than its record says, or gone)\x1b[0m`,
        mark: true,
      };
    const text = textOf(this.blocks.bytes(job, at, end));
    const continued = at > from && !this.#afterNewline(job, at);
    return {
      start,
      next: start + (end - at),
      text,
      ...(continued ? { continued } : {}),
      origin: { job, at },
    };
  }

  before(start: number): number | undefined {
    if (start <= 0) return undefined;
    return this.startOf(start - 1);
  }

  startOf(offset: number): number {
    const piece = this.pieceAt(Math.max(0, offset)) ?? this.#placed.at(-1);
    if (!piece) return 0;
    if (piece.kind === 'mark') return piece.start;
    const within = Math.min(Math.max(offset, 0), piece.end - 1) - piece.start;
    const to = piece.from + (piece.end - piece.start);
    const start = this.blocks.lineStart(piece.job, piece.from + within, piece.from, to);
    return piece.start + (start - piece.from);
  }

  /**
   * Returns the position of an offset in a job's log; undefined if no piece that exists by then contains it.
   */
  find(job: Job, at: number): number | undefined {
    this.end();
    for (const piece of this.#placed)
      if (piece.kind === 'range' && piece.job === job) {
        const offset = piece.start + (at - piece.from);
        if (at >= piece.from && offset <= piece.end) return offset;
      }
    return undefined;
  }

  /** Returns the start of the first mark that fits; undefined if there is none. Creates all pieces. */
  findMark(fits: (target: LinkTarget) => boolean): number | undefined {
    this.end();
    return this.#placed.find((piece) => piece.kind === 'mark' && piece.target && fits(piece.target))?.start;
  }

  #afterNewline(job: Job, at: number): boolean {
    return this.blocks.get(job, Math.floor((at - 1) / BLOCK)).at((at - 1) % BLOCK) === 0x0a;
  }

  /** Creates the next piece. @returns false if there is none. */
  #createNext(): boolean {
    if (this.#exhausted) return false;
    const piece = this.#source.next();
    if (!piece) {
      this.#exhausted = true;
      return false;
    }
    const start = this.knownEnd;
    if (piece.kind === 'mark') {
      this.#placed.push({ kind: 'mark', start, end: start + 1, text: piece.text, target: piece.target });
      return true;
    }
    const { job, from, to } = piece;
    if (to <= from) return true;
    const last = this.#placed.at(-1);
    if (last?.kind === 'range' && last.job === job && last.from + (last.end - last.start) === from)
      last.end += to - from;
    else this.#placed.push({ kind: 'range', start, end: start + (to - from), job, from });
    return true;
  }
}

/** Converts a line's bytes to text: its last state if it was redrawn, sanitised, without the newline. */
export function textOf(bytes: Buffer): string {
  let out = bytes;
  if (out.at(-1) === 0x0a) out = out.subarray(0, -1);
  if (out.at(-1) === 0x0d) out = out.subarray(0, -1);
  if (out.includes(0x0d)) {
    const filter = new CarriageFilter();
    const start = filter.push(out);
    out = Buffer.concat([start, filter.flush()]);
  }
  const sanitizer = new Sanitizer('colours');
  const start = sanitizer.push(out);
  const rest = sanitizer.flush();
  return rest.length === 0 ? start.toString('utf8') : Buffer.concat([start, rest]).toString('utf8');
}
