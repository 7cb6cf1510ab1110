// The logs of a build, one file a job. The writer's descriptors serve the live display too, so that what was
// not shown yet is still there when the build deletes its own store.

import fs from 'node:fs';
import { reason } from '../model/failure.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { logFile, logsFolder } from './layout.ts';
import { openPrivate, writeAll } from './privatefiles.ts';
import { checkFolder, namesIn, openPlain, statOf } from './plainfile.ts';

/** Reads ranges of logs. */
export interface LogSource {
  /**
   * Reads from `from` on into `into`; how many bytes there were: 0 at the end, or where the log is missing.
   */
  read(job: JobId, from: ByteOffset, into: Uint8Array): number;
}

/** Descriptors by job, the least recently used closed first. */
class Descriptors {
  readonly #open = new Map<JobId, number>();
  readonly #limit: number;
  readonly #opener: (job: JobId) => number;

  constructor(limit: number, opener: (job: JobId) => number) {
    this.#limit = limit;
    this.#opener = opener;
  }

  get(job: JobId): number {
    let fd = this.#open.get(job);
    if (fd === undefined) {
      fd = this.#opener(job);
      for (const [old, oldFd] of this.#open) {
        if (this.#open.size < this.#limit) break;
        this.#open.delete(old);
        fs.closeSync(oldFd);
      }
    } else {
      this.#open.delete(job);
    }
    this.#open.set(job, fd);
    return fd;
  }

  close(): void {
    for (const fd of this.#open.values()) fs.closeSync(fd);
    this.#open.clear();
  }
}

const BLOCK = 256 * 1024;

/** Are the first `size` bytes of these two logs the same? Not where some are missing. */
export function sameBytes(a: LogSource, jobA: JobId, b: LogSource, jobB: JobId, size: number): boolean {
  const [x, y] = [Buffer.allocUnsafe(Math.min(size, BLOCK)), Buffer.allocUnsafe(Math.min(size, BLOCK))];
  for (let at = 0; at < size;) {
    const want = Math.min(BLOCK, size - at);
    const n = a.read(jobA, at as ByteOffset, x.subarray(0, want));
    if (n === 0 || b.read(jobB, at as ByteOffset, y.subarray(0, n)) !== n) return false;
    if (!x.subarray(0, n).equals(y.subarray(0, n))) return false;
    at += n;
  }
  return true;
}

/** The logs of a build that is being recorded. */
export class LogWriter implements LogSource {
  readonly #descriptors: Descriptors;

  /** @param most descriptors that are open at the same time. */
  constructor(folder: string, most = 400) {
    this.#descriptors = new Descriptors(most, (job) => openPrivate(logFile(folder, job), 'a+'));
  }

  /** @throws where the disk is full, or the store gone. */
  append(job: JobId, bytes: Uint8Array): void {
    writeAll(this.#descriptors.get(job), bytes);
  }

  /** Makes the log of a job that may never say anything. @throws as append. */
  create(job: JobId): void {
    this.#descriptors.get(job);
  }

  read(job: JobId, from: ByteOffset, into: Uint8Array): number {
    return fs.readSync(this.#descriptors.get(job), into, 0, into.length, from);
  }

  close(): void {
    this.#descriptors.close();
  }
}

/** Why a log cannot be read that newer builds have superseded. */
export const REMOVED_BY_GC = 'log removed by gc';

/** The logs of a recorded build. */
export class LogReader implements LogSource {
  readonly #descriptors: Descriptors;
  readonly #unreadable = new Map<JobId, string>();

  readonly #thinned: boolean;

  /** @param thinned logs that are not there were removed by gc. */
  constructor(folder: string, thinned = false) {
    this.#thinned = thinned;
    let checked = false;
    this.#descriptors = new Descriptors(64, (job) => {
      if (!checked) checkFolder(logsFolder(folder));
      checked = true;
      return openPlain(logFile(folder, job));
    });
  }

  read(job: JobId, from: ByteOffset, into: Uint8Array): number {
    if (this.#unreadable.has(job)) return 0;
    try {
      return fs.readSync(this.#descriptors.get(job), into, 0, into.length, from);
    } catch (error) {
      // Named by whoever finds the range short.
      const gone = this.#thinned && (error as NodeJS.ErrnoException).code === 'ENOENT';
      this.#unreadable.set(job, gone ? REMOVED_BY_GC : reason(error));
      return 0;
    }
  }

  close(): void {
    this.#descriptors.close();
  }

  /** Why a log cannot be read; undefined where it can, or where nobody has tried. */
  trouble(job: JobId): string | undefined {
    return this.#unreadable.get(job);
  }
}

/** A log's size in bytes, or undefined where there is none that can be read. */
export function logSize(folder: string, job: JobId): ByteOffset | undefined {
  const stat = statOf(logFile(folder, job));
  return stat?.isFile() ? (stat.size as ByteOffset) : undefined;
}

/** How many files there are where the logs are. */
export function countLogs(folder: string): number {
  return namesIn(logsFolder(folder)).length;
}

/** The jobs that have a log which is not empty. */
export function loggedJobs(folder: string): JobId[] {
  const names = namesIn(logsFolder(folder));
  const jobs = names.flatMap((name) =>
    /^(0|[1-9]\d{0,8})\.log$/.test(name) ? [parseInt(name, 10) as JobId] : [],
  );
  return jobs.filter((job) => (logSize(folder, job) ?? 0) > 0).sort((a, b) => a - b);
}
