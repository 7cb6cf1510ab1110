// One slot: a FIFO that a job writes to, the text in it that is held back, and the tools that write there.
// Knows nothing of records and of jobs' logs.

import { compareLineages } from '../model/lineage.ts';
import { HeldText, type Piece, type WrittenBy } from './heldtext.ts';
import type { Job, Writer } from './jobs.ts';
import type { Forward } from './forward.ts';
import type { Scanner, Sink } from './framing.ts';
import { Stream } from './stream.ts';

/**
 * The number of ended tools that are remembered, since the record of one that started before them may come
 * late.
 */
const MOST_ENDED = 100;

export class Slot {
  readonly name: string;
  readonly stream: Stream;
  /** A nested loglin made it for itself: it is removed, not used again. */
  readonly single: boolean;
  job: Job | undefined;
  /** The pipe that what arrives here is passed on to. */
  #forward: Forward | undefined;
  /** The other one of a pair is being read before a record in this one is dealt with. */
  isReadingSecond = false;
  /** The tool itself prints what arrives here, later. */
  isPrintedAgain = false;
  /** The slot of the job's stderr, if that has one of its own; in that slot, the job's first one. */
  #second: Slot | undefined;
  #first: Slot | undefined;
  /** A writer has had it open. */
  opened = false;
  /**
   * The tools that may be about to start the job that text here belongs to. While there are any, text is held
   * back.
   */
  readonly holders = new Set<unknown>();
  /** When the oldest text that is held back came, in milliseconds since the epoch. */
  heldSince = 0;
  /** The writer of the next text, and the number of its bytes. */
  #announced: { readonly by: Writer; readonly bytes: number } | undefined;
  readonly #held = new HeldText();
  /** The tool instances that write here, and the last ones that did so. */
  readonly #writers = new Set<Writer>();

  constructor(name: string, fifo: string, scanner: Scanner, single: boolean, sink: (slot: Slot) => Sink) {
    this.name = name;
    this.single = single;
    this.stream = new Stream(name, fifo, scanner, sink(this));
  }

  get forward(): Forward | undefined {
    return this.#forward;
  }

  setForward(forward: Forward | undefined): void {
    forward?.use();
    this.#forward?.release();
    this.#forward = forward;
  }

  /** The pipe that the job's stdout (1) or stderr (2) is passed on to. */
  forwardOf(fd: 1 | 2): Forward | undefined {
    return fd === 2 && this.#second ? this.#second.forward : this.#forward;
  }

  /** Joins the slot of the job's stderr to this one: its text and its records count as this one's. */
  pair(second: Slot): void {
    this.#second = second;
    second.#first = this;
  }

  /** Ends that, and returns the slot of the job's stderr. */
  unpair(): Slot | undefined {
    const second = this.#second;
    if (second) second.#first = undefined;
    this.#second = undefined;
    return second;
  }

  /** The slot that text and records count as: the first one of a pair. */
  get owner(): Slot {
    return this.#first ?? this;
  }

  /** In the first slot of a pair, the other one. */
  get second(): Slot | undefined {
    return this.#second;
  }

  /** The slots that it consists of. */
  get parts(): readonly Slot[] {
    return this.#second ? [this, this.#second] : [this];
  }

  /** Reads the bytes that have come. Arguments and result are those of Stream.read. */
  read(all: boolean, enough?: () => boolean): number {
    let total = 0;
    for (const { stream, forward } of this.parts) {
      // The reader of the pipe is slow, so the writer has to wait, as it would without us.
      if (!all && forward?.isFull) continue;
      total += stream.read(all, enough);
    }
    return total;
  }

  /** What arrives here is passed on to a pipe, or a part of it. */
  get isForwarded(): boolean {
    return this.parts.some(({ forward }) => forward !== undefined);
  }

  /** Nobody has it open for writing, as of the last read. */
  get atEnd(): boolean {
    return this.parts.every(({ stream }) => stream.atEnd);
  }

  /** Reads the other one of a pair as far as that needs no other stream. */
  readSecond(): void {
    if (!this.#second) return;
    this.isReadingSecond = true;
    this.#second.stream.read(true);
    this.isReadingSecond = false;
  }

  /** The job's mark has come: what follows is its text. */
  openedBy(job: Job): void {
    this.job = job;
    this.opened = true;
  }

  /**
   * Adds a writer: a tool instance that begins to write here, or a nested job that is launched from here.
   * @returns ended writers that turn out to have run at the same time as another.
   */
  join(writer: Writer): Writer[] {
    const late: Writer[] = [];
    for (const other of this.#writers) {
      if (other.ended && !isOlder(writer, other)) continue;
      if (other.ended && !other.concurrent) late.push(other);
      other.concurrent = writer.concurrent = true;
    }
    this.#writers.add(writer);
    for (const other of this.#writers) {
      if (this.#writers.size <= MOST_ENDED) break;
      if (other.ended) this.#writers.delete(other);
    }
    return late;
  }

  /** Nobody writes here any more. */
  clear(): void {
    this.#writers.clear();
    this.holders.clear();
    this.#announced = undefined;
  }

  get heldBytes(): number {
    return this.#held.size;
  }

  /** Holds text back. @param bytes not used again by the caller. @param by as of HeldText.push. */
  hold(bytes: Buffer, by?: Writer): void {
    if (bytes.length === 0) return;
    if (this.#held.size === 0) this.heldSince = Date.now();
    this.#held.push(bytes, by);
  }

  /** Takes text that was held back. @param of the writer; by default, all text. */
  takeHeld(of?: WrittenBy): Buffer {
    return this.#held.take(of);
  }

  /** Splits text by its writer: a part of what takeHeld() has returned, or other text. */
  pieces(text: Buffer): readonly Piece[] {
    return this.#held.pieces(text);
  }

  /** Sets the writer of the next bytes. */
  announceText(by: Writer, bytes: number): void {
    this.#announced = { by, bytes };
  }

  /** Forgets a text that was announced. */
  forgetAnnounced(): void {
    this.#announced = undefined;
  }

  /** Splits text that has just come by its writer. */
  attribute(text: Buffer): readonly Piece[] {
    if (!this.#announced) return [{ bytes: text, by: undefined }];
    const { by, bytes } = this.#announced;
    this.#announced = text.length < bytes ? { by, bytes: bytes - text.length } : undefined;
    const rest = text.subarray(bytes);
    return [
      { bytes: text.subarray(0, bytes), by },
      ...(rest.length > 0 ? [{ bytes: rest, by: undefined }] : []),
    ];
  }
}

function isOlder({ lineage }: Writer, other: Writer): boolean {
  return lineage !== undefined && other.lineage !== undefined && compareLineages(lineage, other.lineage) < 0;
}
