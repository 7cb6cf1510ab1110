// Reads a build's record, wherever it is. Accepts what is intact in it and reports the rest.

import type { Build, Job } from '../model/build.ts';
import {
  InconsistentEvent,
  addLoggedJob,
  dropKnownNeeds,
  emptyBuild,
  grow,
  reduce,
  setGraph,
  setId,
} from '../model/reduce.ts';
import type { BuildEnded, BuildEvent, BuildStarted } from '../model/events.ts';
import { Failure, isFailure } from '../model/failure.ts';
import type { ByteOffset, InstanceId, JobId } from '../model/ids.ts';
import { GraphReader, type StoredGraph } from './graphs.ts';
import { type JournalContents, JournalReader } from './journal.ts';
import type { GrowingBytes } from './tail.ts';
import { JOURNAL, versionFields } from './versions.ts';

/** The files of a build. */
export interface RecordFiles {
  readonly journal: GrowingBytes;
  readonly graphs: GrowingBytes;
  /** Where the logs are, in messages. */
  readonly logs: string;
  /** gc has removed logs that newer builds superseded. */
  readonly thinned: boolean;
  /** Is the recorder still there? */
  isRecorded(started: BuildStarted): boolean;
  /** How many logs there are. */
  countLogs(): number;
  /** The jobs whose logs are not empty, by number. */
  loggedJobs(): readonly JobId[];
  /** A log's size in bytes; undefined if there is no readable log. */
  logSize(job: JobId): ByteOffset | undefined;
}

export type BuildState = 'running' | 'interrupted' | 'finished';

/** What was read, and the problems of the record. */
export interface ReadRecord {
  readonly build: Build;
  readonly problems: readonly string[];
  readonly state: BuildState;
}

/** In a badly damaged record, only this many lines are named. */
const MOST_NAMED = 1000;

/** The largest number of jobs that may have been lost together with their logs. */
const LOST_WITHOUT_LOG = 1000;

/** The size of each read. */
const STEP = 1 << 20;

/**
 * Reads a build in steps, so that the known part can be shown while the rest is read. Continues with a build
 * that is still running.
 */
export class RecordReader {
  readonly id: string;
  readonly build: Build;
  readonly #files: RecordFiles;
  readonly #file: string;
  readonly #journal: JournalReader;
  readonly #graphs: GraphReader;
  readonly #problems: string[] = [];
  #unnamed = 0;
  /** Events that came before the `build` record, in a journal whose start is damaged. */
  #early: BuildEvent[] = [];
  /** Graphs whose tool instance is not known yet. */
  #earlyGraphs: StoredGraph[] = [];
  readonly #graphsTaken = new Map<InstanceId, StoredGraph>();
  #begun = false;
  /** How many jobs have had their needs compared with the graph. */
  #checked = 0;
  #headless = false;
  #cut = false;
  #records = 0;

  /**
   * @param step the size of each read in bytes.
   * @throws Failure if its journal cannot be read.
   */
  constructor(id: string, files: RecordFiles, step = STEP) {
    this.id = id;
    this.#files = files;
    this.#file = files.journal.name;
    this.#journal = new JournalReader(files.journal, step);
    this.#graphs = new GraphReader(files.graphs, step);
    let most: number | undefined;
    // No job has a number far beyond the number of logs, since each has one; but gc removes logs.
    this.build = emptyBuild(() => (most ??= files.thinned ? Infinity : files.countLogs() + LOST_WITHOUT_LOG));
  }

  /** The problems of the records read so far. */
  get problems(): readonly string[] {
    return [...this.#named(), ...this.#notes()];
  }

  #notes(): string[] {
    const { note } = this.#journal;
    return note === undefined ? [] : [note];
  }

  #named(): string[] {
    const more = this.#unnamed > 0 ? [`${this.#file}: ${this.#unnamed} more such problems`] : [];
    return [...this.#problems, ...more];
  }

  #note(problem: string): void {
    if (this.#problems.length < MOST_NAMED) this.#problems.push(problem);
    else this.#unnamed++;
  }

  /** The graphs of the build's instances; undefined if there are others, too. */
  get graphs(): ReadonlyMap<InstanceId, StoredGraph> | undefined {
    return this.#earlyGraphs.length === 0 ? this.#graphsTaken : undefined;
  }

  /** How many records and graphs were read. */
  get records(): number {
    return this.#records;
  }

  /** How much of the record was read, in bytes, and its current size. */
  get progress(): { readonly at: number; readonly size: number } {
    const [journal, graphs] = [this.#journal.progress, this.#graphs.progress];
    return { at: journal.at + graphs.at, size: journal.size + graphs.size };
  }

  /**
   * Reads some more. Graphs are read before the journal, since a job whose needs are those of the graph does
   * not keep a list of its own. They are read again after it: a graph may have been recorded after the first
   * reading, but before a job that is in the journal by now.
   * @returns false if there is nothing more now.
   * @throws Failure if the journal cannot be read, or has an unknown version.
   */
  step(): boolean {
    if (!this.#begun && this.#readGraphs()) return true;
    this.#begun = true;
    const contents = this.#journal.read();
    if (!contents) return this.#readGraphs();
    this.#take(contents);
    this.#takeGraphs();
    const { jobs } = this.build;
    for (; this.#checked < jobs.length; this.#checked++) dropKnownNeeds(jobs[this.#checked]!);
    return true;
  }

  /** Is its recorder still there, and the build not ended? */
  get running(): boolean {
    const { started, ended } = this.build;
    return !ended && started !== undefined && !this.#headless && this.#files.isRecorded(started);
  }

  /**
   * Returns the build as it is now known, with the problems of its record. A running build can be read on and
   * requested again.
   * @throws Failure if there is nothing of it.
   */
  read(): ReadRecord {
    const { build } = this;
    const file = this.#file;
    if (!this.running) this.#readRest();
    if (!build.started) this.#doWithoutFirst();
    if (!build.started) throw new Failure(`${file}: the first record cannot be read; ${this.#logsAre}`);
    const state = build.ended ? 'finished' : this.running ? 'running' : 'interrupted';
    const problems = this.#named();
    if (this.#cut && state !== 'running') problems.push(`${file}: the last record is cut short`);
    const nameless = build.jobs.filter(({ lost }) => lost).length;
    if (nameless > 0) problems.push(`${file}: records are missing; jobs without a name: ${nameless}`);
    else if (build.ended && problems.length === 0 && !isWhole(build, build.ended))
      problems.push(`${file}: records are missing`);
    // If records are missing, jobs may still be known by their logs.
    const damaged = problems.length > 0 || state === 'interrupted';
    if (damaged)
      for (const job of this.#files.loggedJobs())
        if (!build.jobs[job]) standInFor(build, job, problems, file);
    // A log may be longer than the journal says: in a damaged or running build, since the journal is written
    // only every 50 ms.
    if (damaged || state === 'running') for (const job of build.jobs) growAsLogged(this.#files, job);
    else growLate(this.#files, build);
    problems.push(...this.#graphs.problems, ...this.#notes());
    return { build, problems, state };
  }

  get #logsAre(): string {
    return `the logs are in ${this.#files.logs}`;
  }

  close(): void {
    this.#journal.close();
    this.#graphs.close();
  }

  /** Reads what a recorder that was killed has written since the last read; its last line may be cut. */
  #readRest(): void {
    while (this.step());
    if (!this.build.ended) {
      const rest = this.#journal.rest();
      this.#cut ||= rest === 'cut';
      if (rest && rest !== 'cut') this.#take({ events: [rest], problems: [], unnamed: 0 });
    }
    for (const graph of this.#graphs.rest()) this.#earlyGraphs.push(graph);
    this.#takeGraphs();
  }

  #take({ events, problems, unnamed }: JournalContents): void {
    this.#unnamed += unnamed;
    for (const problem of problems) this.#note(problem);
    this.#records += events.length + problems.length + unnamed;
    let taken = events;
    if (!this.build.started) {
      for (const event of events) this.#early.push(event);
      if (!this.#early.some(({ e }) => e === 'build')) return;
      taken = this.#early;
      this.#early = [];
    }
    for (const event of taken) {
      try {
        reduce(this.build, event);
      } catch (error) {
        if (!(error instanceof InconsistentEvent)) throw error;
        this.#note(`${this.#file}: ${error.message}`);
      }
    }
    setId(this.build, this.id);
  }

  /** @returns whether there was anything. */
  #readGraphs(): boolean {
    let graphs: readonly StoredGraph[] | undefined;
    try {
      graphs = this.#graphs.read();
    } catch (error) {
      // The build is shown without them.
      if (!isFailure(error)) throw error;
    }
    this.#records += graphs?.length ?? 0;
    for (const graph of graphs ?? []) this.#earlyGraphs.push(graph);
    this.#takeGraphs();
    return graphs !== undefined;
  }

  #takeGraphs(): void {
    if (this.#earlyGraphs.length === 0) return;
    this.#earlyGraphs = this.#earlyGraphs.filter((stored) => {
      const { i, graph, goals } = stored;
      const instance = this.build.instances[i];
      if (!instance) return true;
      const known = this.#graphsTaken.get(i);
      if (known) known.graph.putAll(graph);
      else this.#graphsTaken.set(i, stored);
      setGraph(this.build, instance, known?.graph ?? graph, goals);
      return false;
    });
  }

  /**
   * The first record is missing or damaged. Another one replaces it.
   * @throws Failure if no other record is intact.
   */
  #doWithoutFirst(): void {
    const file = this.#file;
    if (this.#early.length === 0) throw new Failure(`${file}: no record is intact; ${this.#logsAre}`);
    this.#headless = true;
    this.#note(`${file}: the first record is missing or damaged`);
    const first: BuildEvent = {
      e: 'build',
      ...versionFields(JOURNAL),
      id: this.id,
      at: 0,
      argv: ['?'],
      cwd: '',
      pid: 0,
    };
    const events = this.#early;
    this.#early = [];
    events.unshift(first);
    this.#take({ events, problems: [], unnamed: 0 });
    this.#takeGraphs();
  }
}

/** Jobs that left a process behind may have longer logs than the journal says, since it goes on writing. */
export function growLate(files: Pick<RecordFiles, 'logSize'>, build: Build): void {
  for (const late of build.ended?.late ?? []) growAsLogged(files, build.jobs[late]);
}

function growAsLogged(files: Pick<RecordFiles, 'logSize'>, job: Job | undefined): void {
  if (!job) return;
  const size = files.logSize(job.id);
  if (size !== undefined) grow(job, size);
}

/** Does a finished build have all of its jobs and their ends? */
function isWhole(build: Build, ended: BuildEnded): boolean {
  return build.jobs.length - 1 === ended.jobs && build.jobs.every((job) => job.ended !== undefined);
}

/** Adds a job for a log that no record mentions. */
function standInFor(build: Build, job: JobId, problems: string[], file: string): void {
  try {
    addLoggedJob(build, job);
  } catch (error) {
    if (!(error instanceof InconsistentEvent)) throw error;
    problems.push(`${file}: log ${job}.log is of no known job`);
  }
}
