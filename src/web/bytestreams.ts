// Text out of the page, in parts of at most 1 MiB: what `loglin show` prints of a document, a job's log, the
// trace of the build. A part is asked for with where the last one ended.

import type { Document } from '../documents/document.ts';
import type { Segments } from '../linearize/segments.ts';
import type { Job } from '../model/build.ts';
import { ROOT, type ByteOffset } from '../model/ids.ts';
import { type Output, Player } from '../play/player.ts';
import { PlainRenderer } from '../render/plain.ts';
import { traceText } from '../render/trace.ts';
import type { Timing } from '../timing/critical.ts';
import type { PageBuild } from './pagebuild.ts';

export interface Part {
  readonly bytes: Uint8Array;
  /** Undefined at the end. */
  readonly next?: number;
}

const MOST = 1 << 20;

/** Yields pieces of a text. */
type Pieces = Iterator<Uint8Array, void>;

/** One text at a time, which goes on where its last part ended. */
export class PartReader {
  #of: unknown;
  #pieces: Pieces = [][Symbol.iterator]();
  #at = 0;
  #rest: Uint8Array[] = [];

  /**
   * @param of what identifies the text.
   * @param from 0, or where the last part ended.
   * @param begin starts the text anew.
   */
  read(of: unknown, from: number, begin: () => Pieces): Part {
    if (this.#of !== of || this.#at !== from || from === 0) {
      this.#of = of;
      this.#pieces = begin();
      this.#rest = [];
      this.#at = 0;
      while (this.#at < from) if (this.#take(from - this.#at) === undefined) break;
    }
    const pieces: Uint8Array[] = [];
    let length = 0;
    while (length < MOST) {
      const piece = this.#take(MOST - length);
      if (!piece) return { bytes: joined(pieces, length) };
      pieces.push(piece);
      length += piece.length;
    }
    return { bytes: joined(pieces, length), next: this.#at };
  }

  #take(most: number): Uint8Array | undefined {
    let piece = this.#rest.shift();
    while (piece?.length === 0 || !piece) {
      const { done, value } = this.#pieces.next();
      if (done) return undefined;
      piece = value;
    }
    if (piece.length > most) {
      this.#rest.unshift(piece.subarray(most));
      piece = piece.subarray(0, most);
    }
    this.#at += piece.length;
    return piece;
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** What `loglin show` writes to a file. */
export function* shownText(build: PageBuild, segments: Segments): Generator<Uint8Array, void> {
  const renderer = new PlainRenderer({
    nameOf: build.nameOf,
    ascii: false,
    colour: false,
    // Colours that programs wrote only because loglin asked for them are not in a file.
    escapes: build.build.started?.coloured ? 'none' : 'all',
    collapse: true,
    times: false,
  });
  const waiting: Uint8Array[] = [];
  const output: Output = {
    write: (bytes) => {
      waiting.push(Uint8Array.from(bytes));
    },
    flush: () => undefined,
    get full() {
      return waiting.length >= 16;
    },
    idle: true,
  };
  const player = new Player(
    segments,
    () => build.logs,
    renderer,
    output,
    () => undefined,
  );
  for (;;) {
    const state = player.play();
    yield* waiting.splice(0);
    if (state !== 'full') return;
  }
}

/** The lines of a document between two offsets, without colours. */
export function* linesText(document: Document, from: number, to: number): Generator<Uint8Array, void> {
  const encoder = new TextEncoder();
  for (
    let line = document.at(document.startOf(from));
    line && line.start < to;
    line = document.at(line.next)
  ) {
    const next = document.at(line.next);
    yield encoder.encode(`${line.text.replaceAll(/\x1b\[[\d;:]*m/g, '')}${next?.continued ? '' : '\n'}`);
  }
}

/** The bytes of a job's log. */
export function rawPart(build: PageBuild, job: Job, from: number): Part {
  const buffer = new Uint8Array(Math.max(0, Math.min(MOST, job.size - from)));
  let n = 0;
  while (n < buffer.length) {
    const read = build.logs.read(job.id, (from + n) as ByteOffset, buffer.subarray(n));
    if (read === 0) break;
    n += read;
  }
  const bytes = n === buffer.length ? buffer : buffer.slice(0, n);
  return n > 0 && from + n < job.size ? { bytes, next: from + n } : { bytes };
}

/** The build for Perfetto. */
export function* traceBytes(build: PageBuild, timing: Timing): Generator<Uint8Array, void> {
  const encoder = new TextEncoder();
  const jobs = timing.jobs.filter(({ job }) => job.id !== ROOT || build.named);
  for (const text of traceText(build.build, jobs, build.nameOf)) yield encoder.encode(text);
}
