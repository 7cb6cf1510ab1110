// The logs of a build, one file per job. The live display reads through the writer's descriptors. Output that
// has not been shown yet thus survives a build that deletes its own store.

import fs from 'node:fs';
import { reason } from '../model/failure.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import type { LogSource } from '../record/logsource.ts';
import { logFile, logsFolder } from './layout.ts';
import { openPrivate, writeAll } from './privatefiles.ts';
import { checkFolder, namesIn, openPlain, statOf } from './plainfile.ts';

/** The logs of a build whose folder here has none of them: they are read from where it was pushed to. */
export interface RemoteLogs extends LogSource {
  /** How many logs there are, also empty ones. */
  readonly count: number;
  /** The jobs that have a log which is not empty, in the order of their ids. */
  readonly jobs: readonly JobId[];
  /** Returns a log's size in bytes, or undefined if there is none. */
  size(job: JobId): ByteOffset | undefined;
  /** Returns why a log could not be read; undefined if it could, or if nobody has tried. */
  trouble(job: JobId): string | undefined;
}

/** Global to the process: each bundle of dist/ has its own copy of this module. */
const PROVIDED = Symbol.for('loglin.remotelogs');
const shared = globalThis as { [PROVIDED]?: Map<string, RemoteLogs> | undefined };

/** From now on, the logs of the build in this folder are these. */
export function provideLogs(folder: string, logs: RemoteLogs): void {
  const all = shared[PROVIDED] ?? new Map<string, RemoteLogs>();
  all.set(folder, logs);
  shared[PROVIDED] = all;
}

/** Returns the logs of a build that is only looked at from here; undefined for one of a store. */
function remoteLogs(folder: string): RemoteLogs | undefined {
  return shared[PROVIDED]?.get(folder);
}

/** Descriptors by job. The least recently used one is closed first. */
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

/** Are the first `size` bytes of two logs equal? Not if some are missing. */
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

/** Opens a log to be written and read. Nearly all are new, and what is new need not be looked at. */
function openLog(file: string): number {
  try {
    return openPrivate(file, 'ax+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return openPrivate(file, 'a+');
  }
}

/** The logs of a build that is being recorded. */
export class LogWriter implements LogSource {
  readonly #descriptors: Descriptors;

  /** @param most the largest number of open descriptors. */
  constructor(folder: string, most = 400) {
    this.#descriptors = new Descriptors(most, (job) => openLog(logFile(folder, job)));
  }

  /** @throws if the disk is full, or the store is gone. */
  append(job: JobId, bytes: Uint8Array): void {
    writeAll(this.#descriptors.get(job), bytes);
  }

  /**
   * Creates the log of a job that may never have any output.
   * @throws like append.
   */
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

/** The reason why a log superseded by newer builds cannot be read. */
export const REMOVED_BY_GC = 'log removed by gc';

/** The logs of a recorded build. */
export class LogReader implements LogSource {
  readonly #descriptors: Descriptors;
  readonly #unreadable = new Map<JobId, string>();

  readonly #thinned: boolean;
  readonly #remote: RemoteLogs | undefined;

  /** @param thinned missing logs were removed by gc. */
  constructor(folder: string, thinned = false) {
    this.#thinned = thinned;
    this.#remote = remoteLogs(folder);
    let checked = false;
    this.#descriptors = new Descriptors(64, (job) => {
      if (!checked) checkFolder(logsFolder(folder));
      checked = true;
      return openPlain(logFile(folder, job));
    });
  }

  read(job: JobId, from: ByteOffset, into: Uint8Array): number {
    if (this.#remote && this.#remote.size(job) !== undefined) return this.#remote.read(job, from, into);
    if (this.#unreadable.has(job)) return 0;
    try {
      return fs.readSync(this.#descriptors.get(job), into, 0, into.length, from);
    } catch (error) {
      // The caller reports it when the range turns out to be short.
      const gone = this.#thinned && (error as NodeJS.ErrnoException).code === 'ENOENT';
      this.#unreadable.set(job, gone ? REMOVED_BY_GC : reason(error));
      return 0;
    }
  }

  close(): void {
    this.#descriptors.close();
  }

  /** Returns why a log cannot be read; undefined if it can, or if nobody has tried. */
  trouble(job: JobId): string | undefined {
    return this.#remote?.trouble(job) ?? this.#unreadable.get(job);
  }
}

/** Returns a log's size in bytes, or undefined if there is no readable log. */
export function logSize(folder: string, job: JobId): ByteOffset | undefined {
  const remote = remoteLogs(folder);
  if (remote) return remote.size(job);
  const stat = statOf(logFile(folder, job));
  return stat?.isFile() ? (stat.size as ByteOffset) : undefined;
}

/** Returns the number of files in the logs folder. */
export function countLogs(folder: string): number {
  return remoteLogs(folder)?.count ?? namesIn(logsFolder(folder)).length;
}

/** Returns the jobs that have a log which is not empty. */
export function loggedJobs(folder: string): JobId[] {
  const remote = remoteLogs(folder);
  if (remote) return [...remote.jobs];
  const names = namesIn(logsFolder(folder));
  const jobs = names.flatMap((name) =>
    /^(0|[1-9]\d{0,8})\.log$/.test(name) ? [parseInt(name, 10) as JobId] : [],
  );
  return jobs.filter((job) => (logSize(folder, job) ?? 0) > 0).sort((a, b) => a - b);
}
