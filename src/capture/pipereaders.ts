// The jobs that read from pipes of others (`make | tee log`): each has what copies/ finds out about its
// text. The reader of a pipe is the job in which the pipe's writer was started, since both ends were made
// there. Knows neither slots nor the record.

import type { OutputPassed } from '../model/events.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { Copies } from './copies/copies.ts';
import type { PipedStreams } from './copies/pipe.ts';

/** A job, as far as pipes are concerned. */
export interface PipedJob<J> {
  readonly id: JobId;
  readonly name: string;
  readonly parent: J | undefined;
  /** The job, itself or one above it, whose output goes into a pipe: the nearest one. */
  readonly pipe: J | undefined;
}

/** What the readers need of their surroundings. W is a writer of a job's log. */
export interface PipeSurroundings<J, W> {
  /** Appends a reader's own text to its log. */
  write(reader: J, text: Buffer, by: W | undefined): void;
  /** Has text that is held back go to the logs of the jobs behind a job's pipes. */
  flushBehind(reader: J): void;
  /** Is text of the jobs behind a job's pipes held back? */
  isHeldBehind(reader: J): boolean;
}

/** What is known of a pipe. */
export interface PipeStart {
  /** The streams that go there. */
  readonly streams: PipedStreams;
  /** The reader is a runner of scripts (Copies.open). */
  readonly isRunners?: boolean;
  /** What the reader puts before each line (Copies.open). */
  readonly prefix?: string | undefined;
  /** The reader keeps all of it to itself. */
  readonly isKept?: boolean;
}

interface Reader<J, W> {
  readonly copies: Copies<J>;
  /** The writer of the text that is being compared. */
  by: W | undefined;
}

export class PipeReaders<J extends PipedJob<J>, W> {
  readonly #surroundings: PipeSurroundings<J, W>;
  readonly #readers = new Map<J, Reader<J, W>>();
  /** Jobs whose reader keeps their output to itself. */
  readonly #kept = new Set<J>();
  readonly #settled = new Map<JobId, ByteOffset>();
  readonly #swallowed: [JobId, ByteOffset, ByteOffset][] = [];
  readonly #idle: JobId[] = [];

  constructor(surroundings: PipeSurroundings<J, W>) {
    this.#surroundings = surroundings;
  }

  /**
   * A job's output goes into a pipe from now on.
   * @param reader the job that it was started in.
   */
  open(job: J, reader: J, { streams, isRunners = false, isKept, prefix }: PipeStart): void {
    if (isKept) {
      this.#kept.add(job);
      return;
    }
    let known = this.#readers.get(reader);
    if (!known) this.#readers.set(reader, (known = this.#newReader(reader)));
    known.copies.open(job, streams, isRunners, job.name, prefix);
  }

  #newReader(reader: J): Reader<J, W> {
    const copies = new Copies<J>({
      append: (bytes) => {
        this.#surroundings.write(reader, bytes, known.by);
      },
      shown: (bytes, inOrder) => {
        if (reader.pipe) this.#of(reader)?.repeated(reader, reader.pipe, bytes, inOrder);
      },
      settled: (job, to, swallowed) => {
        this.#settled.set(job.id, to as ByteOffset);
        for (const [from, end] of swallowed)
          this.#swallowed.push([job.id, from as ByteOffset, end as ByteOffset]);
      },
      idle: (pipe) => {
        this.#idle.push(pipe.id);
      },
      isComing: () => this.#surroundings.isHeldBehind(reader),
    });
    const known: Reader<J, W> = { copies, by: undefined };
    return known;
  }

  /** What the reader of a job's pipe prints, while that reader runs. */
  #of({ pipe }: J): Copies<J> | undefined {
    if (!pipe?.parent || this.#kept.has(pipe)) return undefined;
    return this.#readers.get(pipe.parent)?.copies;
  }

  /** Takes text of a job that reads from pipes. @returns false if it reads from none. */
  read(job: J, text: Buffer, by: W | undefined): boolean {
    const reader = this.#readers.get(job);
    if (!reader) return false;
    if (reader.by !== by) this.settle(job);
    reader.by = by;
    reader.copies.read(text, Date.now());
    return true;
  }

  /** Has all that was written before now in a job's log, if it reads from pipes. */
  settle(job: J): void {
    const reader = this.#readers.get(job);
    if (!reader) return;
    this.#surroundings.flushBehind(job);
    reader.copies.settle(Date.now());
  }

  /** Output of a job has gone into its pipe, before it comes to a log. @param stream in which it came. */
  forwarded(job: J, stream: string, bytes: Buffer): void {
    if (job.pipe) this.#of(job)?.forwarded(job.pipe, stream, bytes);
  }

  /** A tool's line that shows a job's command is about to come to the job's log. */
  echo(job: J, line: Buffer): void {
    if (job.pipe) this.#of(job)?.echo(job.pipe, line);
  }

  /** Text has come to a job's log. Arguments as of Copies.added. */
  added(job: J, at: number, bytes: Buffer, stream: string | undefined): void {
    if (job.pipe) this.#of(job)?.added(job, job.pipe, at, bytes, stream);
  }

  /** A job's pipe was closed. */
  close(job: J): void {
    this.#of(job)?.close(job, Date.now());
  }

  /** A job has ended: it prints nothing more, and reads nothing more. */
  ended(job: J): void {
    this.#readers.get(job)?.copies.finish(Date.now());
    this.#readers.delete(job);
    this.#of(job)?.ended(job);
    this.#kept.delete(job);
  }

  /** To be called in each round. */
  poll(): void {
    for (const { copies } of this.#readers.values()) copies.poll(Date.now());
  }

  /** What was found out since the last call, but for the time; undefined if nothing was. */
  take(): Pick<OutputPassed, 'sizes' | 'without' | 'idle'> | undefined {
    if (this.#settled.size === 0 && this.#idle.length === 0) return undefined;
    const sizes = [...this.#settled];
    const without = this.#swallowed.splice(0);
    const idle = this.#idle.splice(0);
    this.#settled.clear();
    return { sizes, ...(without.length > 0 ? { without } : {}), ...(idle.length > 0 ? { idle } : {}) };
  }
}
