// Logs in blocks of 64 KiB, the last few of which are kept; and where lines begin in them, found from any
// place. A line that is longer than a block is cut at the ends of blocks that hold no newline, before a
// character that goes on there: so nobody has to look further than two blocks.

import type { Job } from '../../model/build.ts';
import type { ByteOffset } from '../../model/ids.ts';
import type { LogSource } from '../../store/logs.ts';

export const BLOCK = 64 * 1024;
const KEPT = 48;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

interface Kept {
  /** As long as what may be read into it. */
  readonly room: Buffer;
  /** What was read. */
  bytes: Buffer;
}

export class Blocks {
  readonly #logsOf: (job: Job) => LogSource;
  /** The least recently used first. */
  readonly #kept = new Map<Job, Map<number, Kept>>();
  #count = 0;
  /** What a block was in that is forgotten. */
  #spare: Buffer | undefined;

  constructor(logsOf: (job: Job) => LogSource) {
    this.#logsOf = logsOf;
  }

  /** What there is of a block; it may have grown since. Valid until the next one is asked for. */
  get(job: Job, index: number): Buffer {
    let blocks = this.#kept.get(job);
    const known = blocks?.get(index);
    if (known?.bytes.length === BLOCK) return known.bytes;
    const base = index * BLOCK;
    const size = Math.max(0, Math.min(BLOCK, job.size - base));
    if (known && known.bytes.length >= size) return known.bytes;
    const kept = this.#withRoom(known, size);
    let n = kept.bytes.length;
    while (n < size) {
      const more = this.#logsOf(job).read(job.id, (base + n) as ByteOffset, kept.room.subarray(n, size));
      if (more === 0) break;
      n += more;
    }
    kept.bytes = kept.room.subarray(0, n);
    if (kept === known) return kept.bytes;
    if (!blocks) {
      blocks = new Map<number, Kept>();
      this.#kept.set(job, blocks);
    }
    if (!known) this.#count++;
    blocks.set(index, kept);
    this.#forget();
    return kept.bytes;
  }

  /**
   * The bytes between two offsets; valid until the next block is asked for.
   * @param room for bytes of more than one block: they are copied into it, if it is given and large enough.
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

  /** Forgets what was read: the log may be another one now. */
  clear(): void {
    this.#kept.clear();
    this.#count = 0;
  }

  /** Where the line ends that begins at `from`: after its newline, or where it is cut; `to` at the latest. */
  lineEnd(job: Job, from: number, to: number): number {
    for (let index = Math.floor(from / BLOCK); ; index++) {
      const base = index * BLOCK;
      const block = this.get(job, index);
      const newline = block.indexOf(NEWLINE, Math.max(0, from - base));
      if (newline >= 0) return Math.min(to, base + newline + 1);
      const end = base + block.length;
      if (block.length < BLOCK || end >= to) return Math.min(to, end);
      const cut = this.#cut(job, index);
      if (cut !== undefined && cut > from) return cut;
    }
  }

  /** Where a line is cut that goes on after this block; undefined where the block holds a newline. */
  #cut(job: Job, index: number): number | undefined {
    const block = this.get(job, index);
    const end = index * BLOCK + block.length;
    return block.includes(NEWLINE) ? undefined : end - unfinished(block);
  }

  /**
   * The start of the line that holds the byte at `at`; `floor` at the earliest.
   * @param to the end of what may belong to it.
   */
  lineStart(job: Job, at: number, floor: number, to: number): number {
    for (let index = Math.floor(at / BLOCK), before = at; ; index--) {
      const base = index * BLOCK;
      if (before === at && base + BLOCK < to) {
        const cut = this.#cut(job, index);
        if (cut !== undefined && cut <= at) return Math.max(floor, cut);
      }
      const block = this.get(job, index);
      const stop = before - base;
      const newline = stop > 0 ? block.subarray(0, stop).lastIndexOf(NEWLINE) : -1;
      if (newline >= 0) return Math.max(floor, base + newline + 1);
      if (base <= floor) return floor;
      const cut = this.#cut(job, index - 1);
      if (cut !== undefined) return Math.max(floor, cut);
      before = base;
    }
  }

  /** How many newlines there are between two offsets. */
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
   * What has grown once is given room for a whole block: of a log that grows all the time, each byte is read
   * once, into memory that is there.
   */
  #withRoom(known: Kept | undefined, size: number): Kept {
    if (known && known.room.length >= size) return known;
    if (!known && size < BLOCK) return { room: Buffer.allocUnsafe(size), bytes: NOTHING };
    const room = this.#spare ?? Buffer.allocUnsafeSlow(BLOCK);
    this.#spare = undefined;
    const n = known?.bytes.copy(room) ?? 0;
    return { room, bytes: room.subarray(0, n) };
  }

  #forget(): void {
    for (const [job, blocks] of this.#kept) {
      for (const index of blocks.keys()) {
        if (this.#count <= KEPT) return;
        // Its memory is for the next one: new buffers of a whole search would not be collected soon.
        const { room } = blocks.get(index)!;
        if (room.length === BLOCK) this.#spare = room;
        blocks.delete(index);
        this.#count--;
      }
      if (blocks.size === 0) this.#kept.delete(job);
    }
  }
}

/** How many bytes at the end are the beginning of a character of UTF-8. */
function unfinished(bytes: Buffer): number {
  for (let n = 1; n <= 3; n++) {
    const byte = bytes.at(-n) ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > n ? n : 0;
  }
  return 0;
}
