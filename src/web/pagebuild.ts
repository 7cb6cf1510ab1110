// The build that the page shows: read in slices, read on while it grows, with the names of its jobs.

import { blockWalk, listWalk, walkedBuild } from '../documents/walkedbuild.ts';
import type { Project } from '../documents/problemreader.ts';
import { Blocks } from '../documents/blocks.ts';
import { GrowingNames } from '../linearize/names.ts';
import type { Segments } from '../linearize/segments.ts';
import type { Walk } from '../linearize/walk.ts';
import type { LineEnd, Order } from '../linearize/walkoptions.ts';
import { type Build, type Job, failed, succeeded } from '../model/build.ts';
import { Failure } from '../model/failure.ts';
import type { Sliced } from '../model/sliced.ts';
import { type LogSource, lineEnds } from '../record/logsource.ts';
import { type BuildState, RecordReader } from '../record/recordreader.ts';
import { commandLine, statusText } from '../render/formats.ts';
import type { BuildRow, JobRef, Standing } from './protocol.ts';
import type { BuildSource } from './source.ts';

/** How much of the record is read at once, in bytes: a few milliseconds. */
const STEP = 256 * 1024;

interface JobCounts {
  readonly jobs: number;
  readonly failed: number;
  readonly running: number;
}

export class PageBuild {
  readonly id: string;
  readonly build: Build;
  readonly logs: LogSource;
  readonly blocks: Blocks;
  state: BuildState = 'interrupted';
  problems: readonly string[] = [];
  nameOf: (job: Job) => string = (job) => job.name;
  /** Changes with what was read. */
  revision = 0;
  readonly #source: BuildSource;
  readonly #reader: RecordReader;
  readonly #now: () => number;
  #segments: (() => Segments) | undefined;
  #shown: (() => readonly Job[]) | undefined;
  #counted: { readonly revision: number; readonly counts: JobCounts } | undefined;

  /** @param now milliseconds since 1970. */
  constructor(source: BuildSource, now: () => number) {
    this.#source = source;
    this.#now = now;
    this.#reader = new RecordReader(source.id, source.files, STEP);
    this.id = source.id;
    this.build = this.#reader.build;
    this.logs = source.logs;
    this.blocks = new Blocks(() => source.logs);
  }

  /** How much was read, from 0 to 1. */
  get loaded(): number {
    const { at, size } = this.#reader.progress;
    return Math.min(1, at / Math.max(1, size));
  }

  /**
   * Reads all that is there now.
   * @throws Failure if nothing of it can be read.
   */
  *read(): Sliced<void> {
    while (this.#reader.step()) yield;
    const { state, problems } = this.#reader.read();
    this.revision++;
    this.problems = problems;
    const ended = state !== 'running' && this.state !== state;
    this.state = state;
    if (state === 'running') {
      if (this.revision > 1) return;
      const names = new GrowingNames(this.named);
      this.nameOf = (job) => names.of(job);
      return;
    }
    if (!ended && this.#segments) return;
    const { nameOf, segments, shown } = walkedBuild(this.build, this.ends);
    this.#shown = shown;
    this.nameOf = nameOf;
    this.#segments = segments;
  }

  /** Where lines end in the logs. */
  get ends(): LineEnd {
    return lineEnds(this.logs, this.state === 'running');
  }

  /** The root job has a header of its own. */
  get named(): boolean {
    return this.build.started?.name !== undefined;
  }

  get root(): Job {
    const [root] = this.build.jobs;
    if (!root) throw new Failure(`build ${this.id}: has no record of its command`);
    return root;
  }

  /** @throws Failure if there is no such job. */
  job(id: number): Job {
    const job = this.build.jobs[id];
    if (!job) throw new Failure(`build ${this.id}: has no job ${id}`);
    return job;
  }

  /** What `loglin show` prints of the build. */
  wholeSegments(): Segments {
    return this.state === 'running' || !this.#segments ? this.blockWalk(this.root) : this.#segments();
  }

  /** What `loglin show JOB` prints. */
  blockWalk(job: Job): Segments {
    return blockWalk(this.build, job, this.ends, this.state === 'running');
  }

  /** The walk that lists the jobs, in slices. */
  listWalk(order: Order): Walk {
    return listWalk(this.build, order);
  }

  /** Milliseconds since the build's start: now, or at its end. */
  get time(): number {
    const { started, time } = this.build;
    return this.state === 'running' ? Math.max(time, this.#now() - (started?.at ?? 0)) : time;
  }

  /** The project, as far as it is known where it did not run. */
  get project(): Project {
    return { root: this.build.started?.root ?? '/' };
  }

  /** The jobs of which something is shown, in order. */
  get shown(): readonly Job[] {
    return this.#shown?.() ?? this.build.jobs;
  }

  /** Why a log could not be read. */
  trouble(job: Job): string | undefined {
    return this.#source.trouble(job.id);
  }

  standing(job: Job): Standing {
    if (job.ended === undefined) return this.state === 'running' ? 'running' : 'interrupted';
    if (failed(job)) return 'failed';
    if (job.skipped) return 'skipped';
    return job.status && !succeeded(job.status) ? 'ignored' : 'ok';
  }

  get outcome(): Standing {
    const { ended } = this.build;
    if (this.state === 'running') return 'running';
    if (!ended || ended.interrupted) return 'interrupted';
    return succeeded(ended.status) ? 'ok' : 'failed';
  }

  status(job: Job): string {
    return job.status && !succeeded(job.status) ? statusText(job.status) : '';
  }

  ref(job: Job): JobRef {
    return {
      job: job.id,
      name: this.nameOf(job),
      standing: this.standing(job),
      status: this.status(job),
      ms: (job.ended ?? this.time) - job.started,
    };
  }

  /** How many jobs there are, failed, run: counted once for what was read. */
  counts(): JobCounts {
    if (this.#counted?.revision !== this.revision)
      this.#counted = { revision: this.revision, counts: this.#count() };
    return this.#counted.counts;
  }

  #count(): JobCounts {
    let bad = 0;
    let running = 0;
    for (const job of this.build.jobs) {
      if (!job.parent) continue;
      if (failed(job)) bad++;
      else if (job.ended === undefined && this.state === 'running') running++;
    }
    return { jobs: Math.max(0, this.build.jobs.length - 1), failed: bad, running };
  }

  get row(): BuildRow {
    const { started } = this.build;
    const { jobs, failed: bad } = this.counts();
    return {
      id: this.id,
      command: commandLine(started?.argv ?? []),
      standing: this.outcome,
      at: started?.at ?? 0,
      ms: this.time,
      jobs,
      failed: bad,
    };
  }

  close(): void {
    this.#reader.close();
    this.#source.close();
  }
}
