// The record of a running build: its state in memory, and its journal, logs and graphs in the store. If the
// store fails, the build goes on, and its output goes unsplit to the observer. Knows neither processes nor
// streams.

import { type StdioOptions, spawn } from 'node:child_process';
import fs from 'node:fs';
import type { Build } from '../model/build.ts';
import type { BuildEvent, BuildStarted, Status } from '../model/events.ts';
import { Failure, reason } from '../model/failure.ts';
import { type GraphNode, mergeGraphs } from '../model/graph.ts';
import type { ByteOffset, InstanceId, JobId } from '../model/ids.ts';
import { emptyBuild, freeze, reduce, setGraph } from '../model/reduce.ts';
import { appendGraph } from '../store/graphs.ts';
import { remember } from '../store/history.ts';
import { JournalWriter } from '../store/journalwriter.ts';
import { buildFolder, graphFile, journalFile, logFile, logsFolder } from '../store/layout.ts';
import { LogWriter } from '../store/logs.ts';
import { makeFolder, makeStore, openPrivate } from '../store/privatefiles.ts';
import { noteSize, occupied } from '../store/sizes.ts';
import type { RecorderSink } from './jobs.ts';
import type { OpenSlot } from './recorder.ts';
import type { Trace } from './trace.ts';

const FLUSH_MS = 50;

/**
 * Copies stdin to a pipe, its stdout, and to the log at descriptor 3. The pipe is opened anew: ours does not
 * block.
 */
const PASS_ON = ['sh', '-c', 'exec tee -a /proc/self/fd/3 >/proc/self/fd/1'] as const;

/** Who looks at a build while it is recorded. */
export interface Observer {
  /** The build's state has changed. */
  changed(): void;
  /** Output that could not be recorded. @returns false if no more can be taken for now. */
  unsplit(bytes: Buffer): boolean;
  /** A message for stderr, once. */
  warn(text: string): void;
}

export class BuildRecording implements RecorderSink {
  readonly build: Build = emptyBuild();
  readonly id: string;
  readonly folder: string;
  readonly logs: LogWriter;
  observer: Observer | undefined;
  readonly #store: string;
  readonly #start: number;
  readonly #journal: JournalWriter;
  readonly #trace: Trace | undefined;
  /** The sizes of logs that are not in the journal yet. */
  readonly #grown = new Map<JobId, ByteOffset>();
  /** Likewise, what readers of pipes have printed again (OutputPassed). */
  readonly #settled = new Map<JobId, ByteOffset>();
  readonly #swallowed: (readonly [JobId, ByteOffset, ByteOffset])[] = [];
  readonly #idle: JobId[] = [];
  /** The size of each log in bytes. */
  readonly #written = new Map<JobId, number>();
  #flushed = Date.now();
  /** The observer can take no more: unsplit output waits in memory. */
  #full = false;
  /** The build's state has changed since the last call of observer.changed(). */
  #changed = false;
  /** Why nothing more is recorded. */
  #broken: string | undefined;

  /**
   * Makes the build's folder. Writes the first event at once, so that others can tell a build that has just
   * begun from one that was interrupted.
   * @param mostLogs how many logs may be open at the same time.
   * @throws Failure if the store cannot be written; the caller removes what was made.
   */
  constructor(store: string, first: BuildStarted, mostLogs: number, trace: Trace | undefined) {
    this.#store = store;
    this.#start = first.at;
    this.#trace = trace;
    this.id = first.id;
    this.folder = buildFolder(store, first.id);
    try {
      makeStore(store);
      makeFolder(logsFolder(this.folder));
      this.#journal = new JournalWriter(journalFile(this.folder));
      reduce(this.build, first);
      this.#journal.append(first);
      this.#journal.flush();
    } catch (error) {
      throw new Failure(`${this.folder}: ${reason(error)} (--store DIR keeps builds elsewhere)`);
    }
    this.logs = new LogWriter(this.folder, mostLogs);
  }

  /** Milliseconds since the build's start. */
  now(): number {
    return Date.now() - this.#start;
  }

  // -- from the recorder ------------------------------------------------------------------------------------

  event(event: BuildEvent): void {
    if (this.#broken !== undefined) return;
    this.#changed = true;
    this.#trace?.('event', event);
    reduce(this.build, event);
    if (event.e === 'out') {
      for (const [job, size] of event.sizes) this.#grown.set(job, size);
      return;
    }
    if (event.e === 'passed') {
      for (const [job, size] of event.sizes) this.#settled.set(job, size);
      this.#swallowed.push(...(event.without ?? []));
      this.#idle.push(...(event.idle ?? []));
      return;
    }
    if (event.e === 'end') this.#grown.delete(event.j);
    this.#journal.append(event);
  }

  append(job: JobId, bytes: Buffer): void {
    const isWritten = this.#guard(() => {
      this.logs.append(job, bytes);
    });
    if (isWritten) {
      this.#written.set(job, (this.#written.get(job) ?? 0) + bytes.length);
      return;
    }
    // A copy, since the caller reuses its buffer.
    if (this.observer?.unsplit(Buffer.from(bytes)) === false) this.#full = true;
  }

  create(job: JobId): void {
    this.#guard(() => {
      this.logs.create(job);
    });
  }

  graph(i: InstanceId, nodes: GraphNode[], goals: readonly string[]): void {
    const instance = this.build.instances[i];
    if (!instance) return;
    setGraph(this.build, instance, mergeGraphs(instance.graph, nodes), goals);
    this.#changed = true;
    const { tool, cwd, argv } = instance;
    this.#guard(() => {
      appendGraph(this.folder, i, { tool, cwd, argv, goals, nodes });
    });
  }

  // -- once a tick ------------------------------------------------------------------------------------------

  /** Must the build wait, since too much unsplit output is in memory? */
  get full(): boolean {
    if (this.#full) this.#full = !(this.observer?.unsplit(Buffer.alloc(0)) ?? true);
    return this.#full;
  }

  /** Writes the journal if it is time, and calls the observer if the build's state has changed. */
  tick(): void {
    if (Date.now() - this.#flushed >= FLUSH_MS) this.#flush();
    if (!this.#changed) return;
    this.#changed = false;
    this.observer?.changed();
  }

  #flush(): void {
    this.#flushed = Date.now();
    if (this.#broken !== undefined) return;
    this.#appendSizes();
    this.#guard(() => {
      this.#journal.flush();
    });
  }

  /** Appends what is kept back until there is something to write, since it changes all the time. */
  #appendSizes(): void {
    if (this.#broken !== undefined) return;
    if (this.#grown.size > 0) {
      this.#journal.append({ e: 'out', t: this.now(), sizes: [...this.#grown] });
      this.#grown.clear();
    }
    if (this.#settled.size > 0 || this.#idle.length > 0) {
      const without = this.#swallowed.splice(0);
      const idle = this.#idle.splice(0);
      this.#journal.append({
        e: 'passed',
        t: this.now(),
        sizes: [...this.#settled],
        ...(without.length > 0 ? { without } : {}),
        ...(idle.length > 0 ? { idle } : {}),
      });
      this.#settled.clear();
    }
  }

  // -- a store that fails -----------------------------------------------------------------------------------

  /** Does something with the store. @returns false if the store has failed, now or before. */
  #guard(action: () => void): boolean {
    if (this.#broken !== undefined) return false;
    try {
      action();
      return true;
    } catch (error) {
      if (fs.existsSync(journalFile(this.folder))) this.break(`${this.folder}: ${reason(error)}`);
      else this.break(`${this.folder}: was deleted, and with it the record of this build`);
      return false;
    }
  }

  /** Ends the recording, not the build. @param why for the user. */
  break(why: string): void {
    if (this.#broken !== undefined) return;
    // All that is in the logs is shown from there, even bytes of which no event has told yet.
    const sizes = [...this.#written].map(([job, size]): [JobId, ByteOffset] => [job, size as ByteOffset]);
    reduce(this.build, { e: 'out', t: this.now(), sizes });
    this.#broken = why;
    this.#trace?.('broken', why);
    this.observer?.warn(`${why}; the build goes on, its output is no longer split or recorded`);
  }

  // -- the end ----------------------------------------------------------------------------------------------

  /**
   * Leaves a process behind for each slot that is still written to, so that its writers do not die and their
   * output goes to the log.
   */
  keepReading(slots: readonly OpenSlot[]): void {
    for (const { job, fd, pipe } of slots) {
      let log: number | 'ignore' = 'ignore';
      try {
        log = openPrivate(logFile(this.folder, job), 'a');
      } catch {
        // The store is gone, but the output must still be read.
      }
      const [command, stdio]: [readonly [string, ...string[]], StdioOptions] =
        pipe === undefined ? [['cat'], [fd, log, 'ignore']] : [PASS_ON, [fd, pipe, 'ignore', log]];
      const [program, ...args] = command;
      spawn(program, args, { detached: true, stdio, cwd: '/' }).unref();
      if (log !== 'ignore') fs.closeSync(log);
    }
  }

  /**
   * The build is over.
   * @param jobs the number of jobs without the root job; `failed`: how many of them failed.
   * @param late the jobs whose logs still grow.
   */
  close(status: Status, jobs: number, failed: number, late: readonly JobId[], isInterrupted: boolean): void {
    // Readers find out how a build ended from the last record.
    this.#appendSizes();
    this.event({
      e: 'close',
      t: this.now(),
      status,
      ...(isInterrupted ? { interrupted: true as const } : {}),
      jobs,
      failed,
      ...(late.length > 0 ? { late } : {}),
    });
    this.#flush();
    if (this.#broken === undefined) this.#noteSize();
    if (this.#broken === undefined && !fs.existsSync(journalFile(this.folder)))
      this.observer?.warn(`${this.folder}: was deleted while the build ran; the record of it is gone`);
    // The store failed: nothing has been recorded since. What was recorded before is still shown.
    if (this.#broken !== undefined) freeze(this.build);
    else this.#remember();
    this.#journal.close();
  }

  #remember(): void {
    try {
      remember(this.#store, this.id, this.build);
    } catch {
      // The history is a cache, which is rebuilt when it is next read.
    }
  }

  /**
   * Notes the build's size, so that gc need not look at each log. Output of processes that outlive the build
   * is not counted.
   */
  #noteSize(): void {
    let bytes = 0;
    for (const size of this.#written.values()) bytes += occupied(size);
    try {
      for (const file of [journalFile(this.folder), graphFile(this.folder)])
        bytes += occupied(fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0);
      noteSize(this.folder, bytes);
    } catch {
      // If the folder is gone, or is not a folder, close() warns. If the disk is full, gc measures the size
      // itself.
    }
  }
}
