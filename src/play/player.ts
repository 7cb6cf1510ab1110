// The loop from the walk to the output, for live and recorded builds: takes segments, reads their ranges,
// renders them. Takes no more from the walk than the output can take, so that waiting text waits on disk.

import type { Segment, Segments } from '../linearize/segments.ts';
import type { Renderer } from '../render/renderer.ts';
import type { Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { LogSource } from '../record/logsource.ts';

/** Where the bytes go. */
export interface Output {
  /** The bytes may be used after the call; they may wait for more, or for flush(). */
  write(bytes: Buffer): void;
  flush(): void;
  /** No more for now: `drained` is called when there is room again. */
  readonly full: boolean;
  /** All is written, and no bytes are used any more. */
  readonly idle: boolean;
}

const CHUNK = 256 * 1024;
/** From this size on, a piece keeps its buffer while the output uses it; a smaller one is copied. */
const WORTH_A_BUFFER = 64 * 1024;
const NEWLINE = 0x0a;

export class Player {
  readonly #walk: Segments;
  readonly #logsOf: (job: Job) => LogSource;
  readonly #renderer: Renderer;
  readonly #output: Output;
  readonly #short: (job: Job, at: ByteOffset) => void;
  #buffer = Buffer.allocUnsafeSlow(CHUNK);
  #range: { job: Job; at: ByteOffset; to: ByteOffset } | undefined;
  #done = false;

  /**
   * @param logsOf where a job's log is.
   * @param short called when a log is shorter than the record says: bytes from `at` on are missing.
   */
  constructor(
    walk: Segments,
    logsOf: (job: Job) => LogSource,
    renderer: Renderer,
    output: Output,
    short: (job: Job, at: ByteOffset) => void,
  ) {
    this.#walk = walk;
    this.#logsOf = logsOf;
    this.#renderer = renderer;
    this.#output = output;
    this.#short = short;
  }

  /**
   * Prints what can be printed now.
   * @returns 'full' if the output has no room, 'wait' if the build must go on first, or 'done'.
   */
  play(): 'full' | 'wait' | 'done' {
    if (this.#done) return 'done';
    const state = this.#play();
    this.#output.flush();
    return state;
  }

  #play(): 'full' | 'wait' | 'done' {
    for (;;) {
      if (this.#output.full) return 'full';
      if (this.#range) {
        this.#playRange(this.#range);
        continue;
      }
      const segment = this.#walk.next();
      if (segment === 'wait') return 'wait';
      if (segment === 'done') {
        this.#done = true;
        this.#write(this.#renderer.finish());
        return 'done';
      }
      this.#take(segment);
    }
  }

  /** Prints what there is of an unfinished line. */
  partial(): void {
    this.#write(this.#renderer.partial());
    this.#output.flush();
  }

  #take(segment: Segment): void {
    if (segment.kind === 'range') this.#range = { job: segment.job, at: segment.from, to: segment.to };
    else this.#write(this.#renderer.heading(segment));
  }

  #playRange(range: { job: Job; at: ByteOffset; to: ByteOffset }): void {
    const want = Math.min(CHUNK, range.to - range.at);
    const n = this.#logsOf(range.job).read(range.job.id, range.at, this.#buffer.subarray(0, want));
    if (n === 0) {
      this.#short(range.job, range.at);
      this.#range = undefined;
      return;
    }
    // Whole lines, where there is more to come: then the renderer has nothing to keep.
    const more = range.at + n < range.to && n >= WORTH_A_BUFFER;
    const taken = (more && this.#buffer.lastIndexOf(NEWLINE, n - 1) + 1) || n;
    range.at = (range.at + taken) as ByteOffset;
    if (range.at >= range.to) this.#range = undefined;
    const text = this.#renderer.text(range.job, this.#buffer.subarray(0, taken));
    // What the renderer passes through unchanged is the buffer that the next chunk is read into.
    const ours = text.buffer === this.#buffer.buffer;
    this.#write(ours && text.length < WORTH_A_BUFFER ? Buffer.from(text) : text);
    if (ours && text.length >= WORTH_A_BUFFER && !this.#output.idle)
      this.#buffer = Buffer.allocUnsafeSlow(CHUNK);
  }

  #write(bytes: Buffer): void {
    if (bytes.length > 0) this.#output.write(bytes);
  }
}
