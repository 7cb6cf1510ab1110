// A build that is shown while it is being read, piece by piece, and while it runs, here or in another
// process. Knows the store, but no screen.

import fs from 'node:fs';
import { GrowingNames, findDisplayNames } from '../linearize/names.ts';
import { Walk } from '../linearize/walk.ts';
import type { Order, WalkOptions } from '../linearize/walkoptions.ts';
import { type Build, type Job, failed, succeeded } from '../model/build.ts';
import type { BuildEnded } from '../model/events.ts';
import { type Sliced, runToEnd } from '../model/sliced.ts';
import { grow } from '../model/reduce.ts';
import { EarlierBuilds } from './earlierbuilds.ts';
import { lineEnds } from '../record/logsource.ts';
import type { BuildState } from '../record/recordreader.ts';
import { type BuildSummary, summarise } from '../store/builds.ts';
import { GraphHistory } from '../store/graphhistory.ts';
import { BuildReader, isThinned } from '../store/reader.ts';
import { journalFile, logFile } from '../store/layout.ts';
import { type Place } from '../store/place.ts';
import { LogReader, logSize } from '../store/logs.ts';
import type { LogSource } from '../record/logsource.ts';

/** How much of a record is read at once, in bytes: a few milliseconds. */
const STEP = 64 * 1024;

/** A build that runs in this process. */
export interface LiveBuild {
  readonly id: string;
  readonly folder: string;
  readonly build: Build;
  readonly logs: LogSource;
  /** How many jobs there will be, if the tool itself has said so. */
  readonly total?: number | undefined;
}

/** The order in which jobs are walked, and whether those that did not run are included. */
export interface WalkedAs {
  readonly order: Order;
  readonly unchanged: boolean;
}

const PLAIN: WalkedAs = { order: 'needs', unchanged: false };

/** How many jobs there are so far. */
export interface Counts {
  readonly jobs: number;
  readonly failed: number;
  readonly running: number;
}

export class GrowingBuild {
  readonly id: string;
  readonly folder: string;
  readonly build: Build;
  readonly earlier: EarlierBuilds;
  logs: LogSource;
  state: BuildState;
  loaded = 0;
  nameOf: (job: Job) => string = (job) => job.name;
  readonly #store: string;
  readonly #record: BuildReader | undefined;
  #naming: Sliced<void> | undefined;
  readonly #reader: LogReader | undefined;
  #problems: readonly string[] = [];
  #gone: string | undefined;
  /** The jobs before this index are in `#running`, if their logs may grow. */
  #counted = 0;
  /** How often reading has come to an end. */
  #finished = 0;
  /** A build of this process may have changed since the last refresh. */
  #fresh = true;
  readonly #running = new Set<Job>();
  readonly #live: LiveBuild | undefined;
  /** What the ends of the record say, read before the rest. */
  readonly #ends: BuildSummary | undefined;

  /** @throws Failure where its journal cannot be read. */
  constructor(place: Place, which: string | LiveBuild) {
    if (typeof which === 'string') {
      this.#record = new BuildReader(place.store, which, STEP);
      this.#reader = new LogReader(this.#record.folder, isThinned(this.#record.folder));
      this.id = which;
      this.folder = this.#record.folder;
      this.build = this.#record.build;
      this.logs = this.#reader;
      this.#ends = summarise(place.store, which);
      this.state = this.#ends.state;
    } else {
      this.#live = which;
      this.state = 'running';
      this.id = which.id;
      this.folder = which.folder;
      this.build = which.build;
      this.logs = lenient(which.logs);
      this.loaded = 1;
      const names = new GrowingNames(this.rootHeader);
      this.nameOf = (job) => names.of(job);
    }
    this.earlier = new EarlierBuilds(place, this.id, this.build, () => this.state === 'running');
    this.#store = place.store;
  }

  get now(): number {
    return this.state === 'running' ? Date.now() - (this.build.started?.at ?? 0) : this.build.time;
  }

  /** The build's logs, apart from those that are shown: with descriptors of their own. Close them. */
  otherLogs(): LogSource & { close(): void } {
    if (this.#live) return { read: (...asked) => this.logs.read(...asked), close: () => undefined };
    return new LogReader(this.folder, isThinned(this.folder));
  }

  /** How many jobs there will be, if the tool itself has said so. */
  get total(): number | undefined {
    return this.#live?.total;
  }

  /** What the end of its record says; undefined for a build without one. */
  get summary(): BuildEnded | undefined {
    return this.build.ended ?? this.#ends?.ended;
  }

  /** How it ended, or that it runs. Known before the build has been read. */
  get outcome(): 'ok' | 'failed' | 'running' | 'interrupted' {
    if (this.state === 'running') return 'running';
    const { summary } = this;
    if (!summary || summary.interrupted) return 'interrupted';
    return succeeded(summary.status) ? 'ok' : 'failed';
  }

  get warning(): string | undefined {
    // There is little room, and the user sees which build it is.
    return this.#gone ?? this.#problems[0]?.replaceAll(`${this.folder}/`, '');
  }

  /** Changes whenever the build has changed in more than the size of its logs. */
  get revision(): number {
    return this.build.changeCount + this.#finished;
  }

  readonly isEarlier = (job: Job): boolean => this.build.jobs[job.id] !== job;

  /**
   * Reads another piece of what was recorded before the build was opened.
   * @returns false when all is read.
   * @throws Failure where nothing of it can be read.
   */
  step(): boolean {
    if (!this.#record || this.loaded === 1) return false;
    if (!this.#naming) {
      if (this.#record.step()) {
        const { at, size } = this.#record.progress;
        this.loaded = Math.min(0.99, at / Math.max(1, size));
      } else this.#naming = this.#finish();
      return true;
    }
    if (!this.#naming.next().done) return true;
    this.loaded = 1;
    return false;
  }

  /** Everything is read for now. Finding the names can take long. */
  *#finish(): Sliced<void> {
    this.#finished++;
    const { state, problems, logs } = this.#record!.finish();
    logs.close();
    this.state = state;
    this.#problems = problems;
    if (state !== 'running')
      this.nameOf = yield* findDisplayNames(this.build, 'needs', lineEnds(this.logs, false));
    else if (this.#counted === 0) {
      const names = new GrowingNames(this.rootHeader);
      this.nameOf = (job) => names.of(job);
    }
  }

  /** Reports that the build of this process has changed. */
  changed(): void {
    this.#fresh = true;
  }

  /**
   * Reads what is new of a running build, and checks that the build is still there.
   * @returns whether anything has changed.
   */
  refresh(): boolean {
    if (this.loaded < 1) return false;
    if (!fs.existsSync(journalFile(this.folder))) {
      const fresh = this.#gone === undefined;
      this.#gone = 'this build was removed; what was read of it is still shown';
      if (!this.#record) return this.#refreshLive() || fresh;
      if (fresh && this.state === 'running') this.state = 'interrupted';
      return fresh;
    }
    if (this.state !== 'running') return false;
    if (!this.#record) return this.#refreshLive();
    let changed = false;
    while (this.#record.step()) changed = true;
    changed = this.#sizes() || changed;
    const { running } = this.#record;
    if (!running) runToEnd(this.#finish());
    return changed || !running;
  }

  #refreshLive(): boolean {
    if (this.build.ended) this.state = 'finished';
    else if (!this.#fresh) return false;
    this.#fresh = false;
    return true;
  }

  /** Updates the sizes of logs, which are ahead of the journal. */
  #sizes(): boolean {
    const { jobs } = this.build;
    for (; this.#counted < jobs.length; this.#counted++) this.#running.add(jobs[this.#counted]!);
    let grown = false;
    for (const job of this.#running) {
      const size = logSize(this.folder, job.id);
      if (size !== undefined && grow(job, size)) grown = true;
      if (job.ended !== undefined) this.#running.delete(job);
    }
    return grown;
  }

  counts(): Counts {
    let bad = 0;
    let running = 0;
    for (const job of this.build.jobs) {
      if (!job.parent) continue;
      if (failed(job)) bad++;
      else if (job.ended === undefined && this.state === 'running') running++;
    }
    return { jobs: Math.max(0, this.build.jobs.length - 1), failed: bad, running };
  }

  /** The walk that prints a job's block. */
  blockWalk(job: Job, how: WalkedAs): Walk {
    const running = this.state === 'running';
    const ends = this.earlier.lineEnds(lineEnds(this.logs, running));
    return new Walk(this.build, [{ job }], { ...this.#walkOptions(how), live: running }, ends);
  }

  /** The walk that lists jobs in the order in which they are printed, with links to those listed above. */
  treeWalk(root: Job, how: WalkedAs): Walk {
    const options = { ...this.#walkOptions(how), links: true, sliced: true };
    return new Walk(this.build, [{ job: root }], options, (_, at) => at);
  }

  /** The walk that prints the build while it runs. */
  liveWalk(root: Job): Walk {
    const ends = lineEnds(this.logs, true);
    return new Walk(this.build, [{ job: root }], { ...this.#walkOptions(PLAIN), live: true }, ends);
  }

  /** Whether the root job has a header of its own. */
  get rootHeader(): boolean {
    return this.build.started?.name !== undefined;
  }

  #walkOptions({ order, unchanged }: WalkedAs): WalkOptions {
    const history = new GraphHistory(this.#store, this.id);
    return {
      order,
      rootHeader: this.rootHeader,
      ...(this.state === 'running' && {
        knownGraph: (instance) => instance.graph ?? history.find(instance)?.graph,
      }),
      ...(unchanged && this.earlier.walkOptions()),
    };
  }

  /** Why a job's log could not be read, if that was tried. */
  logTrouble(job: Job): string | undefined {
    const why = this.isEarlier(job) ? undefined : this.#reader?.trouble(job.id);
    return why === undefined ? undefined : `${logFile(this.folder, job.id)}: ${why}`;
  }

  close(): void {
    this.#record?.close();
    this.#reader?.close();
    this.earlier.close();
  }
}

/** Logs of a build that may delete its own store: a missing log counts as short. */
function lenient(logs: LogSource): LogSource {
  return {
    read: (job, from, into) => {
      try {
        return logs.read(job, from, into);
      } catch {
        return 0;
      }
    },
  };
}
