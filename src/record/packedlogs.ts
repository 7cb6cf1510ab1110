// The logs of a shared build, read out of its pack, frame by frame. Does not know where the pack is, nor who
// unpacks gzip.

import { isFailure, reason } from '../model/failure.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { FRAME, type LogIndex, type PackedLog } from './logindex.ts';

/** The pack of logs, somewhere. */
export interface Pack {
  /** Returns the bytes of a range; fewer if the pack ends before. @throws what reading it throws. */
  read(range: { readonly from: number; readonly to: number }): Uint8Array;
  /** What was kept of a range is not what it should be: it is brought again when it is read again. */
  forget(range: { readonly from: number; readonly to: number }): void;
}

/** Unpacks gzip. @param size of what comes out, in bytes. @throws if it is damaged or larger. */
export type Unzip = (bytes: Uint8Array, size: number) => Uint8Array;

/** So many frames stay unpacked. */
const UNPACKED = 16;

export class PackedLogs {
  readonly count: number;
  readonly jobs: readonly JobId[];
  readonly #index: LogIndex;
  readonly #pack: Pack;
  readonly #unzip: Unzip;
  readonly #passesOn: (error: unknown) => boolean;
  readonly #frames = new Map<string, Uint8Array>();
  readonly #troubles = new Map<JobId, string>();

  /** @param passesOn errors that `read` throws: what it was asked for is to be asked for again. */
  constructor(
    index: LogIndex,
    pack: Pack,
    unzip: Unzip,
    passesOn: (error: unknown) => boolean = () => false,
  ) {
    this.#index = index;
    this.#pack = pack;
    this.#unzip = unzip;
    this.#passesOn = passesOn;
    this.count = index.logs.size;
    this.jobs = [...index.logs.values()].filter(({ size }) => size > 0).map(({ job }) => job);
  }

  size(job: JobId): ByteOffset | undefined {
    return this.#index.logs.get(job)?.size as ByteOffset | undefined;
  }

  /** Why a log could not be read, if that was tried. */
  trouble(job: JobId): string | undefined {
    return this.#troubles.get(job);
  }

  /** Reads from an offset of a log on. @returns how many bytes; 0 at its end, and where there is trouble. */
  read(job: JobId, from: ByteOffset, into: Uint8Array): number {
    const log = this.#index.logs.get(job);
    if (!log || from >= log.size || this.#troubles.has(job)) return 0;
    try {
      const frame = this.#frame(log, Math.floor(from / FRAME));
      const start = from % FRAME;
      const bytes = frame.subarray(start, start + into.length);
      into.set(bytes);
      return bytes.length;
    } catch (error) {
      if (this.#passesOn(error)) throw error;
      // The caller reports it when the range turns out to be short.
      this.#troubles.set(job, isFailure(error) ? error.message : reason(error));
      return 0;
    }
  }

  #frame(log: PackedLog, number: number): Uint8Array {
    const key = `${log.job}/${number}`;
    let frame = this.#frames.get(key);
    if (!frame) {
      frame = this.#unpack(log, number);
      const [oldest] = this.#frames.keys();
      if (this.#frames.size >= UNPACKED && oldest !== undefined) this.#frames.delete(oldest);
      this.#frames.set(key, frame);
    }
    return frame;
  }

  #unpack(log: PackedLog, number: number): Uint8Array {
    let from = log.offset;
    for (let i = 0; i < number; i++) from += log.frames[i]!;
    const range = { from, to: from + log.frames[number]! };
    const size = Math.min(FRAME, log.size - number * FRAME);
    try {
      return this.#unpackRange(range, size);
    } catch (error) {
      if (isFailure(error)) throw error;
      // Perhaps it is only what was kept of it.
      this.#pack.forget(range);
      return this.#unpackRange(range, size);
    }
  }

  #unpackRange(range: { readonly from: number; readonly to: number }, size: number): Uint8Array {
    const bytes = this.#pack.read(range);
    if (bytes.length < range.to - range.from) throw new Error('the pack of logs is cut short');
    let frame: Uint8Array | undefined;
    try {
      frame = this.#unzip(bytes, size);
    } catch {
      // It is damaged.
    }
    if (frame?.length !== size) throw new Error('the pack of logs is damaged');
    return frame;
  }
}
