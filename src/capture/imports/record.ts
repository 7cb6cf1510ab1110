// A build that is being read from a stream, as a record in the store: written as it comes, so that it can be
// looked at as any that runs, and kept as far as it came. Knows the store, not what the stream looks like. Of
// a job that has ended it keeps no more than its number.

import { randomBytes } from 'node:crypto';
import { type BuildEvent, type BuildStarted, type Status } from '../../model/events.ts';
import { Failure, reason } from '../../model/failure.ts';
import { type ByteOffset, type JobId, ROOT } from '../../model/ids.ts';
import { listBuilds } from '../../store/builds.ts';
import { JournalWriter } from '../../store/journal.ts';
import { buildFolder, journalFile, logsFolder, newBuildId } from '../../store/layout.ts';
import { LogWriter } from '../../store/logs.ts';
import { makeFolder, makeStore } from '../../store/privatefiles.ts';
import { thisProcess } from '../../store/running.ts';
import { JOURNAL, versionFields } from '../../store/versions.ts';
import { isBad } from '../jobs.ts';

/** So much text waits for a flush, in bytes. */
const MOST_WAITING = 1024 * 1024;
/** Logs that are open at the same time. */
const MOST_OPEN = 100;
const NEWLINE = 0x0a;

/** What is known of the build when its first event comes. */
export type Imported = Pick<BuildStarted, 'argv' | 'cwd'> &
  Partial<Pick<BuildStarted, 'root' | 'name' | 'revision' | 'coloured' | 'inside'>> & {
    /** Its start in milliseconds since the epoch. */
    readonly at: number;
    /** The one that it has elsewhere. */
    readonly id?: string;
  };

/** A job, as far as the stream came. */
export interface ImportedJob {
  readonly id: JobId;
  /** What file names in its output are relative to. */
  readonly folder: string | undefined;
  /** Of its log, in bytes, also what waits to be written. */
  size: number;
  atLineStart: boolean;
  ended: boolean;
}

export interface ImportedStart {
  readonly name: string;
  readonly parent: ImportedJob;
  /** Milliseconds since the build's start, as all times here. */
  readonly t: number;
  /** That of the job above it, if it is not given. */
  readonly folder?: string | undefined;
  /** Without text it is not shown. */
  readonly aside?: boolean;
  /** The parent's line that has begun is shown before it. */
  readonly mid?: boolean;
}

export interface ImportedEnd {
  readonly status?: Status | undefined;
  readonly ignored?: boolean;
  readonly skipped?: boolean;
}

/** A time that a build's id can have: any of the years 1970 to 9999. */
function clamped(ms: number): number {
  return Math.min(Math.max(Math.floor(ms), 0), Date.UTC(9999, 11, 31));
}

export class ImportedRecord {
  readonly id: string;
  readonly root: ImportedJob;
  /** Of the build's start, in milliseconds since the epoch. */
  readonly at: number;
  readonly #folder: string;
  readonly #journal: JournalWriter;
  readonly #logs: LogWriter;
  readonly #waiting = new Map<JobId, Buffer[]>();
  #waitingBytes = 0;
  readonly #grown = new Map<JobId, ImportedJob>();
  /** The jobs that have not ended. */
  readonly #open = new Set<ImportedJob>();
  #broken: Failure | undefined;
  #last = 0;
  #jobs = 0;
  #failed = 0;

  /** @throws Failure where the store cannot be written, or has a build of this id. */
  constructor(store: string, { id, at, ...known }: Imported) {
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
    this.#tell({
      e: 'build',
      ...versionFields(JOURNAL),
      id: this.id,
      at: this.at,
      ...known,
      ...thisProcess(),
    });
    // At once, so that others can tell a build that has just begun from one that was interrupted.
    this.flush();
  }

  /** How many jobs there are, the root job aside. */
  get jobs(): number {
    return this.#jobs;
  }

  get failed(): number {
    return this.#failed;
  }

  /** The time of the last event that had one. */
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
    this.#tell({
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

  /** More of a job's log; also of one that has ended. */
  text(job: ImportedJob, bytes: Buffer): void {
    if (bytes.length === 0) return;
    const waiting = this.#waiting.get(job.id);
    if (waiting) waiting.push(bytes);
    else this.#waiting.set(job.id, [bytes]);
    job.size += bytes.length;
    job.atLineStart = bytes[bytes.length - 1] === NEWLINE;
    this.#grown.set(job.id, job);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MOST_WAITING) this.flush();
  }

  /** The parent depends here on a job that was started before. */
  link(parent: ImportedJob, job: ImportedJob, t: number): void {
    if (job === parent) return;
    this.#tell({ e: 'link', t, ...this.#place(parent, true), j: job.id });
  }

  /** It depends here on something that did not run. */
  need(parent: ImportedJob, name: string): void {
    this.#tell({ e: 'need', t: this.#last, ...this.#place(parent, false), name });
  }

  /** Another record of a job. */
  tell(event: Extract<BuildEvent, { e: 'step' | 'stepend' | 'note' }>): void {
    this.#tell(event);
  }

  end(job: ImportedJob, t: number, { status, ignored = false, skipped = false }: ImportedEnd): void {
    if (job.ended) return;
    job.ended = true;
    this.#open.delete(job);
    if (status && isBad(status) && !ignored && job !== this.root) this.#failed++;
    this.#tell({
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
   * Writes what waits. To be called at least every 100 ms.
   * @throws Failure where the store cannot be written.
   */
  flush(): void {
    this.#guard(() => {
      for (const [job, pieces] of this.#waiting)
        this.#logs.append(job, pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
      this.#waiting.clear();
      this.#waitingBytes = 0;
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

  /** The build has ended, and with it what was not told to have. */
  close(t: number, status: Status, interrupted = false): void {
    for (const job of this.#open) this.end(job, t, {});
    this.end(this.root, t, { status });
    this.flush();
    this.#tell({
      e: 'close',
      t,
      status,
      ...(interrupted ? { interrupted: true as const } : {}),
      jobs: this.#jobs,
      failed: this.#failed,
    });
    this.#release();
  }

  /** The build has no end, and counts as interrupted; the time of the last event is this one. */
  leaveOpen(t = this.#last): void {
    this.flush();
    this.#tell({ e: 'out', t, sizes: [] });
    this.#release();
  }

  /** Closes the files; what was written stays. */
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

  #tell(event: BuildEvent): void {
    if ('t' in event && event.t > this.#last) this.#last = event.t;
    this.#journal.append(event);
  }

  /** What has failed once is not tried again: part of it may have been written. */
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
