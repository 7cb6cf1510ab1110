// The logs of a shared build, read out of its pack, frame by frame.

import zlib from 'node:zlib';
import { isFailure, reason } from '../model/failure.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import type { RemoteLogs } from '../store/logs.ts';
import { FRAME, type LogIndex, type PackedLog } from './logindex.ts';
import type { PackReader } from './packreader.ts';

/** So many frames stay unpacked. */
const UNPACKED = 16;

export class PackedLogs implements RemoteLogs {
  readonly count: number;
  readonly jobs: readonly JobId[];
  readonly #index: LogIndex;
  readonly #pack: PackReader;
  readonly #frames = new Map<string, Buffer>();
  readonly #troubles = new Map<JobId, string>();

  constructor(index: LogIndex, pack: PackReader) {
    this.#index = index;
    this.#pack = pack;
    this.count = index.logs.size;
    this.jobs = [...index.logs.values()].filter(({ size }) => size > 0).map(({ job }) => job);
  }

  size(job: JobId): ByteOffset | undefined {
    return this.#index.logs.get(job)?.size as ByteOffset | undefined;
  }

  trouble(job: JobId): string | undefined {
    return this.#troubles.get(job);
  }

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
      // The caller reports it when the range turns out to be short.
      this.#troubles.set(job, isFailure(error) ? error.message : reason(error));
      return 0;
    }
  }

  #frame(log: PackedLog, number: number): Buffer {
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

  #unpack(log: PackedLog, number: number): Buffer {
    let from = log.offset;
    for (let i = 0; i < number; i++) from += log.frames[i]!;
    const range = { from, to: from + log.frames[number]! };
    const want = Math.min(FRAME, log.size - number * FRAME);
    const unpack = (): Buffer => {
      const bytes = this.#pack.read(range);
      if (bytes.length < range.to - range.from) throw new Error('the pack of logs is cut short');
      const frame = zlib.gunzipSync(bytes, { maxOutputLength: FRAME });
      if (frame.length !== want) throw new Error('the pack of logs is damaged');
      return frame;
    };
    try {
      return unpack();
    } catch (error) {
      if (isFailure(error)) throw error;
      // Perhaps it is only what was kept of it.
      this.#pack.forget(range);
      try {
        return unpack();
      } catch (again) {
        const code = (again as NodeJS.ErrnoException).code ?? '';
        throw isFailure(again) || !/^Z_|^ERR_/.test(code) ? again : new Error('the pack of logs is damaged');
      }
    }
  }
}
