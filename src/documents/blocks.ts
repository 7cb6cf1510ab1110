// Reads logs in blocks of 64 KiB, caches the last few, and finds the starts of lines from any offset. If a
// block holds no newline, the line that goes on after it is cut at the block's end, before a character that
// continues there. No search thus needs more than two blocks.

import type { Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { LogSource } from '../record/logsource.ts';

export const BLOCK = 64 * 1024;
/** How much is cached: bytes, and blocks, since those of short logs are small. */
const MOST_BYTES = 48 * BLOCK;
const MOST_BLOCKS = 2048;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

interface CachedBlock {
  /** The block's buffer, which may be larger than what was read into it. */
  readonly buffer: Buffer;
  /** What was read. */
  bytes: Buffer;
}

export class Blocks {
  readonly #logsOf: (job: Job) => LogSource;
  /** The least recently used block comes first. */
  readonly #cache = new Map<Job, Map<number, CachedBlock>>();
  #count = 0;
  #bytes = 0;
  /** The buffer of a dropped block, for reuse. */
  #spare: Buffer | undefined;

  constructor(logsOf: (job: Job) => LogSource) {
    this.#logsOf = logsOf;
  }

  /** Returns a block's current bytes; it may have grown since the last call. Valid until the next call. */
  get(job: Job, index: number): Buffer {
    let blocks = this.#cache.get(job);
    const known = blocks?.get(index);
    if (known?.bytes.length === BLOCK) return known.bytes;
    const base = index * BLOCK;
    const size = Math.max(0, Math.min(BLOCK, job.size - base));
    if (known && known.bytes.length >= size) return known.bytes;
    const kept = this.#withCapacity(known, size);
    let n = kept.bytes.length;
    while (n < size) {
      const more = this.#logsOf(job).read(job.id, (base + n) as ByteOffset, kept.buffer.subarray(n, size));
      if (more === 0) break;
      n += more;
    }
    kept.bytes = kept.buffer.subarray(0, n);
    if (kept === known) return kept.bytes;
    if (!blocks) {
      blocks = new Map<number, CachedBlock>();
      this.#cache.set(job, blocks);
    }
    if (!known) this.#count++;
    this.#bytes += kept.buffer.length - (known?.buffer.length ?? 0);
    blocks.set(index, kept);
    this.#forget();
    return kept.bytes;
  }

  /**
   * Returns the bytes between two offsets; valid until the next block is requested.
   * @param room receives bytes that span several blocks, if it is given and large enough.
   */
  bytes(job: Job, from: number, to: number, room?: Buffer): Buffer {
    const first = Math.floor(from / BLOCK);
    if (to <= (first + 1) * BLOCK)
      return this.get(job, first).subarray(from - first * BLOCK, to - first * BLOCK);
    const out = room && room.length >= to - from ? room : Buffer.allocUnsafe(to - from);
    let n = 0;
    for (let at = from; at < to;) {
      const index = Math.floor(at / BLOCK);
      const block = this.get(job, index);
      n += block.copy(out, n, at - index * BLOCK, Math.min(block.length, to - index * BLOCK));
      if (block.length < BLOCK) break;
      at = (index + 1) * BLOCK;
    }
    return out.subarray(0, n);
  }

  /**
   * Returns the end of the line that begins at `from`: after its newline, or where it is cut; `to` at the
   * latest.
   */
  lineEnd(job: Job, from: number, to: number): number {
    for (let index = Math.floor(from / BLOCK); ; index++) {
      const base = index * BLOCK;
      const block = this.get(job, index);
      const newline = block.indexOf(NEWLINE, Math.max(0, from - base));
      if (newline >= 0) return Math.min(to, base + newline + 1);
      const end = base + block.length;
      if (block.length < BLOCK || end >= to) return Math.min(to, end);
      const cut = this.cut(job, index);
      if (cut !== undefined && cut > from) return cut;
    }
  }

  /** Returns where a line that goes on after this block is cut; undefined if the block holds a newline. */
  cut(job: Job, index: number): number | undefined {
    const block = this.get(job, index);
    const end = index * BLOCK + block.length;
    return block.includes(NEWLINE) ? undefined : end - unfinished(block);
  }

  /**
   * Returns the start of the line that holds the byte at `at`; `floor` at the earliest.
   * @param to the end of the line's possible bytes.
   */
  lineStart(job: Job, at: number, floor: number, to: number): number {
    for (let index = Math.floor(at / BLOCK), before = at; ; index--) {
      const base = index * BLOCK;
      if (before === at && base + BLOCK < to) {
        const cut = this.cut(job, index);
        if (cut !== undefined && cut <= at) return Math.max(floor, cut);
      }
      const block = this.get(job, index);
      const stop = before - base;
      const newline = stop > 0 ? block.subarray(0, stop).lastIndexOf(NEWLINE) : -1;
      if (newline >= 0) return Math.max(floor, base + newline + 1);
      if (base <= floor) return floor;
      const cut = this.cut(job, index - 1);
      if (cut !== undefined) return Math.max(floor, cut);
      before = base;
    }
  }

  /** Counts the newlines between two offsets. */
  newlines(job: Job, from: number, to: number): number {
    let count = 0;
    for (let at = from; at < to;) {
      const index = Math.floor(at / BLOCK);
      const base = index * BLOCK;
      const block = this.get(job, index);
      const end = Math.min(to - base, block.length);
      for (let i = block.indexOf(NEWLINE, at - base); i >= 0 && i < end; i = block.indexOf(NEWLINE, i + 1))
        count++;
      if (block.length < BLOCK) break;
      at = base + BLOCK;
    }
    return count;
  }

  /**
   * Gives a block that has grown once a full-size buffer. Each byte of a log that keeps growing is then read
   * once, into memory that exists already.
   */
  #withCapacity(known: CachedBlock | undefined, size: number): CachedBlock {
    if (known && known.buffer.length >= size) return known;
    if (!known && size < BLOCK) return { buffer: Buffer.allocUnsafe(size), bytes: NOTHING };
    const buffer = this.#spare ?? Buffer.allocUnsafeSlow(BLOCK);
    this.#spare = undefined;
    const n = known?.bytes.copy(buffer) ?? 0;
    return { buffer, bytes: buffer.subarray(0, n) };
  }

  #forget(): void {
    for (const [job, blocks] of this.#cache) {
      for (const index of blocks.keys()) {
        if (this.#count <= MOST_BLOCKS && this.#bytes <= MOST_BYTES) return;
        // Its memory is reused for the next block: new buffers for a whole search would not be collected
        // soon.
        const { buffer } = blocks.get(index)!;
        if (buffer.length === BLOCK) this.#spare = buffer;
        blocks.delete(index);
        this.#count--;
        this.#bytes -= buffer.length;
      }
      if (blocks.size === 0) this.#cache.delete(job);
    }
  }
}

/** Returns how many bytes at the end are the start of an incomplete UTF-8 character. */
function unfinished(bytes: Buffer): number {
  for (let n = 1; n <= 3; n++) {
    const byte = bytes.at(-n) ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > n ? n : 0;
  }
  return 0;
}
