// Writes a build that is read from a stream to the store. It is written as it comes, so it can be looked at
// like any running build, and an incomplete one is kept as far as it came. Knows the store, not what the
// stream looks like. Keeps nothing but the number of a job that has ended.

import { randomBytes } from 'node:crypto';
import { type BuildEvent, type BuildStarted, type Status } from '../../model/events.ts';
import { Failure, reason } from '../../model/failure.ts';
import { type ByteOffset, type JobId, ROOT } from '../../model/ids.ts';
import { listBuilds } from '../../store/builds.ts';
import { JournalWriter } from '../../store/journalwriter.ts';
import { buildFolder, journalFile, logsFolder, newBuildId } from '../../store/layout.ts';
import { LogWriter } from '../../store/logs.ts';
import { makeFolder, makeStore } from '../../store/privatefiles.ts';
import { thisProcess } from '../../store/running.ts';
import { JOURNAL, versionFields } from '../../record/versions.ts';
import { isBad } from '../jobs.ts';

/** The most text that is buffered before a flush, in bytes. */
const MOST_BUFFERED = 1024 * 1024;
/** The most logs that are open at the same time. */
const MOST_OPEN = 100;
const NEWLINE = 0x0a;

/** What is known of the build at its first event. */
export type BuildHeader = Pick<BuildStarted, 'argv' | 'cwd'> &
  Partial<Pick<BuildStarted, 'root' | 'name' | 'revision' | 'coloured' | 'silent' | 'inside'>> & {
    /** The build's start in milliseconds since the epoch. */
    readonly at: number;
    /** The id that the build has in the store it comes from. */
    readonly id?: string;
  };

/** A job of the stream. */
export interface ImportedJob {
  readonly id: JobId;
  /** The folder that file names in its output are relative to. */
  readonly folder: string | undefined;
  /** The size of its log in bytes, with what is buffered. */
  size: number;
  atLineStart: boolean;
  ended: boolean;
}

export interface ImportedStart {
  readonly name: string;
  readonly parent: ImportedJob;
  /** Milliseconds since the build's start, like all times here. */
  readonly t: number;
  /** By default, that of the parent. */
  readonly folder?: string | undefined;
  /** The job is not shown if it has no text. */
  readonly aside?: boolean;
  /** The job's block may stand inside an unfinished line of the parent. */
  readonly mid?: boolean;
}

export interface ImportedEnd {
  readonly status?: Status | undefined;
  readonly ignored?: boolean;
  readonly skipped?: boolean;
}

/** Limits a time to the years 1970 to 9999, which a build's id can hold. */
function clamped(ms: number): number {
  return Math.min(Math.max(Math.floor(ms), 0), Date.UTC(9999, 11, 31));
}

export class ImportedRecord {
  readonly id: string;
  readonly root: ImportedJob;
  /** The build's start, in milliseconds since the epoch. */
  readonly at: number;
  readonly #folder: string;
  readonly #journal: JournalWriter;
  readonly #logs: LogWriter;
  readonly #buffers = new Map<JobId, Buffer[]>();
  #bufferedBytes = 0;
  readonly #grown = new Map<JobId, ImportedJob>();
  /** The jobs that have not ended. */
  readonly #open = new Set<ImportedJob>();
  #broken: Failure | undefined;
  #last = 0;
  #jobs = 0;
  #failed = 0;

  /** @throws Failure if the store cannot be written, or has a build of this id. */
  constructor(store: string, { id, at, ...header }: BuildHeader) {
    this.at = clamped(at);
    this.id = id ?? newBuildId(new Date(this.at), randomBytes(2).toString('hex'));
    if (listBuilds(store).includes(this.id))
      throw new Failure(`build ${this.id}: is in the store already; nothing was imported`, 1);
    this.#folder = buildFolder(store, this.id);
    this.root = { id: ROOT, folder: undefined, size: 0, atLineStart: true, ended: false };
    try {
      makeStore(store);
      makeFolder(logsFolder(this.#folder));
      this.#journal = new JournalWriter(journalFile(this.#folder));
      this.#logs = new LogWriter(this.#folder, MOST_OPEN);
      this.#logs.create(ROOT);
    } catch (error) {
      throw new Failure(`${this.#folder}: ${reason(error)}`);
    }
    this.#emit({
      e: 'build',
      ...versionFields(JOURNAL),
      id: this.id,
      at: this.at,
      ...header,
      ...thisProcess(),
    });
    // Flushed at once, so that others can tell a build that has just begun from one that was interrupted.
    this.flush();
  }

  /** The number of jobs without the root job. */
  get jobs(): number {
    return this.#jobs;
  }

  get failed(): number {
    return this.#failed;
  }

  /** The latest time of any event. */
  get last(): number {
    return this.#last;
  }

  start({ name, parent, t, folder, aside, mid }: ImportedStart): ImportedJob {
    const job: ImportedJob = {
      id: ++this.#jobs as JobId,
      folder: folder ?? parent.folder,
      size: 0,
      atLineStart: true,
      ended: false,
    };
    this.#open.add(job);
    this.#guard(() => {
      this.#logs.create(job.id);
    });
    this.#emit({
      e: 'start',
      t,
      j: job.id,
      name,
      ...this.#place(parent, mid ?? false),
      ...(aside ? { aside } : {}),
      ...(folder === undefined || folder === parent.folder ? {} : { folder }),
    });
    return job;
  }

  /** Appends to a job's log, also after the job's end. */
  text(job: ImportedJob, bytes: Buffer): void {
    if (bytes.length === 0) return;
    const buffer = this.#buffers.get(job.id);
    if (buffer) buffer.push(bytes);
    else this.#buffers.set(job.id, [bytes]);
    job.size += bytes.length;
    job.atLineStart = bytes[bytes.length - 1] === NEWLINE;
    this.#grown.set(job.id, job);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes > MOST_BUFFERED) this.flush();
  }

  /** Links to a job that was started before, at the current place in the parent's log. */
  link(parent: ImportedJob, job: ImportedJob, t: number): void {
    if (job === parent) return;
    this.#emit({ e: 'link', t, ...this.#place(parent, true), j: job.id });
  }

  /** Notes at the current place in the parent's log that it needs a target that did not run. */
  need(parent: ImportedJob, name: string): void {
    this.#emit({ e: 'need', t: this.#last, ...this.#place(parent, false), name });
  }

  /** Appends another event of a job. */
  append(event: Extract<BuildEvent, { e: 'step' | 'stepend' | 'note' }>): void {
    this.#emit(event);
  }

  end(job: ImportedJob, t: number, { status, ignored = false, skipped = false }: ImportedEnd): void {
    if (job.ended) return;
    job.ended = true;
    this.#open.delete(job);
    if (status && isBad(status) && !ignored && job !== this.root) this.#failed++;
    this.#emit({
      e: 'end',
      t,
      j: job.id,
      ...(status ? { status } : {}),
      ...(ignored ? { ignored: true as const } : {}),
      ...(skipped ? { skipped: true as const } : {}),
      size: job.size as ByteOffset,
    });
  }

  /**
   * Writes what is buffered. To be called at least every 100 ms.
   * @throws Failure if the store cannot be written.
   */
  flush(): void {
    this.#guard(() => {
      for (const [job, pieces] of this.#buffers)
        this.#logs.append(job, pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
      this.#buffers.clear();
      this.#bufferedBytes = 0;
      if (this.#grown.size > 0) {
        const sizes = Array.from(this.#grown.values(), ({ id, size }): [JobId, ByteOffset] => [
          id,
          size as ByteOffset,
        ]);
        this.#grown.clear();
        this.#journal.append({ e: 'out', t: this.#last, sizes });
      }
      this.#journal.flush();
    });
  }

  /** Ends the build, and each job that has not ended. */
  close(t: number, status: Status, interrupted = false): void {
    for (const job of this.#open) this.end(job, t, {});
    this.end(this.root, t, { status });
    this.flush();
    this.#emit({
      e: 'close',
      t,
      status,
      ...(interrupted ? { interrupted: true as const } : {}),
      jobs: this.#jobs,
      failed: this.#failed,
    });
    this.#release();
  }

  /** Leaves the build without an end, as interrupted. @param t the time of its last event. */
  leaveOpen(t = this.#last): void {
    this.flush();
    this.#emit({ e: 'out', t, sizes: [] });
    this.#release();
  }

  /** Flushes and closes the files. */
  #release(): void {
    this.flush();
    this.#journal.close();
    this.#logs.close();
  }

  #place(parent: ImportedJob, mid: boolean): { parent: JobId; at: ByteOffset; mid?: true } {
    return {
      parent: parent.id,
      at: parent.size as ByteOffset,
      ...(mid && !parent.atLineStart ? { mid: true } : {}),
    };
  }

  #emit(event: BuildEvent): void {
    if ('t' in event && event.t > this.#last) this.#last = event.t;
    this.#journal.append(event);
  }

  /** Does not write again after a failure: part of the bytes may have been written. */
  #guard(action: () => void): void {
    if (this.#broken) throw this.#broken;
    try {
      action();
    } catch (error) {
      this.#broken = new Failure(`${this.#folder}: ${reason(error)}; what came is kept`);
      throw this.#broken;
    }
  }
}
