// One wrapped build, from the start of its command to the end of its record: workspace, recorder, journal and logs, signals. Where the
// store cannot take more, the build goes on and its output goes on unsplit. Knows nothing of how a build is shown.

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Build, Instance } from '../model/build.ts';
import { emptyBuild, freeze, reduce, setGraph } from '../model/reduce.ts';
import { type BuildEvent, type Status } from '../model/events.ts';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { type Graph, mergeGraphs } from '../model/graph.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { appendGraph } from '../store/graphs.ts';
import { remember } from '../store/history.ts';
import { JournalWriter } from '../store/journal.ts';
import {
  buildFolder,
  fromRoot,
  graphFile,
  journalFile,
  logFile,
  logsFolder,
  newBuildId,
} from '../store/layout.ts';
import { type Place } from '../store/place.ts';
import { LogWriter } from '../store/logs.ts';
import { makeFolder, makeStore, openPrivate } from '../store/owner.ts';
import { ownMark } from '../store/running.ts';
import { noteSize, occupied } from '../store/sizes.ts';
import { JOURNAL, versionFields } from '../store/versions.ts';
import { capacityOf, openFilesLimit } from './capacity.ts';
import { arm } from './hooks/arm.ts';
import { TOOLS } from './hooks/list.ts';
import type { Before } from './launch/before.ts';
import { launch } from './launch/launch.ts';
import type { RecorderSink } from './jobs.ts';
import { Recorder } from './recorder.ts';
import { revision } from './revision.ts';
import { Signals } from './signals.ts';
import { firstSlotNames } from './slots.ts';
import { type Trace, openTrace, traceFile } from './trace.ts';
import { Workspace } from './workspace.ts';

const FLUSH_MS = 100;
const POLL_BUSY_MS = 6;
const POLL_IDLE_MS = 15;
const IDLE_AFTER_MS = 200;
/** For a while after much has come: a full FIFO holds its writer up until the next tick. */
const POLL_VOLUME_MS = 1;
const VOLUME_MS = 20;
/** A tick that read this much is followed by the next at once. */
const VOLUME = 32 * 1024;

export interface SessionOptions {
  readonly place: Place;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly name?: string;
  readonly before: Before;
  /** Is this tool to be split? */
  readonly hooked: (tool: string) => boolean;
  /** The command's stdin is /dev/null. */
  readonly noInput?: boolean;
  /** Read make's graph first. */
  readonly plan: boolean;
  /** Ask the programs for colours. */
  readonly coloured: boolean;
}

export interface Observer {
  /** Something happened: the build's state has changed. */
  changed(): void;
  /** Output that could not be recorded. @returns false where no more can be taken for now. */
  unsplit(bytes: Buffer): boolean;
  /** Said once, for stderr. */
  warn(text: string): void;
}

/** How the command ended. */
export interface Outcome {
  readonly status: Status;
}

const COLOURS: Readonly<Record<string, string>> = {
  CLICOLOR_FORCE: '1',
  FORCE_COLOR: '1',
  CARGO_TERM_COLOR: 'always',
  npm_config_color: 'always',
};

export class Session {
  readonly build: Build = emptyBuild();
  readonly id: string;
  readonly logs: LogWriter;
  readonly #options: SessionOptions;
  readonly folder: string;
  readonly #journal: JournalWriter;
  readonly #workspace: Workspace;
  readonly #recorder: Recorder;
  readonly #signals: Signals;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #start = Date.now();
  #observer: Observer | undefined;
  /** The sizes that the journal has not been told of yet. */
  readonly #grown = new Map<JobId, ByteOffset>();
  /** The bytes that are in each log. */
  readonly #written = new Map<JobId, number>();
  #flushed = Date.now();
  readonly #trace: Trace | undefined;
  /** Why there is no trace, where one is wanted. */
  #untraced: string | undefined;
  /** Why nothing more is recorded. */
  #broken: string | undefined;

  /**
   * Makes the build's folders, and all else that must be there before the command runs.
   * @throws whatever stands in the way; nothing is left behind then, and the command can be run without a record.
   */
  constructor(options: SessionOptions) {
    this.#options = options;
    const capacity = capacityOf(openFilesLimit());
    const made: (() => void)[] = [];
    this.#trace = this.#openTrace();
    try {
      this.#signals = new Signals(options.before.ignored);
      made.push(() => {
        this.#signals.stop();
      });
      this.#workspace = new Workspace(firstSlotNames(capacity));
      made.push(() => {
        this.#workspace.remove();
      });
      this.id = newBuildId(new Date(this.#start), this.#workspace.nonce.slice(0, 4));
      this.folder = buildFolder(options.place.store, this.id);
      made.push(() => {
        removeQuietly(this.folder);
      });
      this.#journal = this.#makeJournal();
      this.logs = new LogWriter(this.folder, capacity.logs);
      const { root } = options.place;
      this.#recorder = new Recorder(
        this.#workspace,
        capacity,
        root,
        this.#start,
        this.#sink(),
        options,
        this.#trace,
      );
      this.#environment = this.#arm();
    } catch (error) {
      for (const undo of made.reverse()) undo();
      throw error;
    }
  }

  #openTrace(): Trace | undefined {
    const file = traceFile(process.env);
    if (file === undefined) return undefined;
    try {
      return openTrace(file);
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.#untraced = error.message;
      return undefined;
    }
  }

  /** @throws Failure where the store cannot be written. */
  #makeJournal(): JournalWriter {
    try {
      makeStore(this.#options.place.store);
      makeFolder(logsFolder(this.folder));
      const journal = new JournalWriter(journalFile(this.folder));
      const first = this.#firstEvent();
      reduce(this.build, first);
      journal.append(first);
      // At once, so that others can tell a build that has just begun from one that was interrupted.
      journal.flush();
      return journal;
    } catch (error) {
      throw new Failure(`${this.folder}: ${reason(error)} (--store DIR keeps builds elsewhere)`);
    }
  }

  #sink(): RecorderSink {
    return {
      event: (event) => {
        this.#event(event);
      },
      append: (job, bytes) => {
        this.#append(job, bytes);
      },
      create: (job) => {
        this.#guard(() => {
          this.logs.create(job);
        });
      },
      graph: (i, nodes, goals) => {
        const instance = this.build.instances[i];
        if (!instance) return;
        setGraph(this.build, instance, mergeGraphs(instance.graph, nodes), goals);
        this.#changed = true;
        const { tool, cwd, argv } = instance;
        this.#guard(() => {
          appendGraph(this.folder, i, { tool, cwd, argv, goals, nodes });
        });
      },
    };
  }

  /** Runs the command to its end, and the record with it. */
  async run(observer: Observer): Promise<Outcome> {
    this.#observer = observer;
    if (this.#untraced !== undefined) observer.warn(this.#untraced);
    const { argv, cwd, before, noInput } = this.#options;
    const environment = this.#environment;
    if (this.#options.plan) await this.#plan(environment);
    // What came until now is dealt with before the command is there to miss it.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#signals.first !== undefined) return this.#endEarly({ signal: this.#signals.first });
    const output = fs.openSync(this.#recorder.rootFifo, fs.constants.O_WRONLY);
    const input = noInput ? fs.openSync('/dev/null', 'r') : undefined;
    let child: ChildProcess;
    try {
      child = launch({ argv, cwd, ...(input === undefined ? {} : { input }), output, environment, before });
    } catch (error) {
      this.#signals.stop();
      this.#workspace.remove();
      throw new Failure(`${argv[0] ?? ''}: ${reason(error)}`, 126);
    } finally {
      fs.closeSync(output);
      if (input !== undefined) fs.closeSync(input);
    }
    this.#signals.guard(child);
    const status = await this.#watch(child);
    const left = this.#recorder.finish(status);
    this.#noteSilentTool();
    this.#keepReading(left);
    this.#recorder.close();
    this.#close(
      status,
      left.map(({ job }) => job),
      this.#signals.interrupted,
    );
    this.#signals.stop();
    this.#workspace.remove();
    observer.changed();
    return { status };
  }

  /** Interrupts the command, as Ctrl-C does. */
  interrupt(): void {
    this.#signals.interrupt();
  }

  /** How many jobs there will be, if the one tool that runs has said so. */
  get total(): number | undefined {
    return this.build.instances.length === 1 ? this.#recorder.total : undefined;
  }

  /** The graph of a make in this folder, if it was read first. */
  plannedGraph(instance: Instance): Graph | undefined {
    const plan = this.#recorder.plans.find(({ cwd }) => cwd === instance.cwd);
    return plan && mergeGraphs(undefined, plan.nodes);
  }

  /** Runs the same make up to its first recipe, which the library does not let it start. */
  async #plan(environment: Readonly<Record<string, string>>): Promise<void> {
    const { argv, cwd, before } = this.#options;
    const nowhere = fs.openSync('/dev/null', 'r+');
    const child = launch({
      argv,
      cwd,
      input: nowhere,
      output: nowhere,
      environment: { ...environment, LOGLIN_JOB: 'plan/plan' },
      before,
    });
    fs.closeSync(nowhere);
    this.#signals.guard(child);
    await new Promise((resolve) => {
      const timer = setInterval(() => this.#poll(), POLL_BUSY_MS);
      const done = (): void => {
        clearInterval(timer);
        this.#poll();
        resolve(undefined);
      };
      child.on('exit', done);
      child.on('error', done);
    });
  }

  /** A signal came before the command ran: it is not run at all. */
  #endEarly(status: Status): Outcome {
    this.#recorder.finish(status);
    this.#recorder.close();
    this.#close(status, [], true);
    this.#signals.stop();
    this.#workspace.remove();
    return { status };
  }

  #firstEvent(): BuildEvent {
    const { place, argv, cwd, name, coloured } = this.#options;
    const commit = place.git === undefined ? undefined : revision(place.git);
    return {
      e: 'build',
      ...versionFields(JOURNAL),
      id: this.id,
      at: this.#start,
      argv,
      cwd: fromRoot(place.root, cwd),
      root: place.root,
      ...(name === undefined ? {} : { name }),
      ...ownMark(),
      workspace: this.#workspace.folder,
      ...(commit === undefined ? {} : { revision: commit }),
      ...(coloured ? { coloured: true as const } : {}),
      ...(process.env.LOGLIN_BUILD ? { inside: true as const } : {}),
    };
  }

  /** Readies the hooks. @returns what the command's environment has beyond ours. */
  #arm(): Readonly<Record<string, string>> {
    const { coloured } = this.#options;
    const variables: Record<string, string> = { LOGLIN_BUILD: this.#workspace.folder, LOGLIN_JOB: '0/root' };
    const armed = arm(this.#workspace, this.#options.hooked);
    Object.assign(variables, armed.variables);
    const trace = traceFile(process.env);
    if (trace !== undefined) variables.LOGLIN_TRACE = trace;
    this.#trace?.('session', this.id, this.folder, this.#options.argv, variables);
    if (armed.missing !== undefined) this.#event({ e: 'note', t: 0, text: armed.missing, unsplit: true });
    if (coloured)
      for (const [name, value] of Object.entries(COLOURS))
        if (process.env[name] === undefined) variables[name] = value;
    return variables;
  }

  /** The command was to be split, and has said nothing: neither it nor the library, which knows the reason mostly. */
  #noteSilentTool(): void {
    const { argv, hooked } = this.#options;
    const program = path.basename(argv[0] ?? '');
    const tool = TOOLS.find(({ inside, programs }) => inside && programs.includes(program));
    if (!tool || !hooked(tool.name) || this.#recorder.spoken || this.build.unsplit.length > 0) return;
    const text = `${program} could not be looked into, so it is one job; loglin doctor tries what works here`;
    this.#event({ e: 'note', t: this.#recorder.now(), text, unsplit: true });
  }

  /** Polls until the command has ended. */
  #watch(child: ChildProcess): Promise<Status> {
    return new Promise((resolve, reject) => {
      let over = false;
      let active = Date.now();
      let much = 0;
      child.on('error', (error) => {
        over = true;
        this.#signals.stop();
        this.#workspace.remove();
        reject(new Failure(`${this.#options.argv[0] ?? ''}: ${reason(error)}`, 126));
      });
      child.on('exit', (code, signal) => {
        over = true;
        resolve(signal ? { signal: os.constants.signals[signal] } : { exit: code ?? 1 });
      });
      const tick = (): void => {
        if (over) return;
        const read = this.#poll();
        const now = Date.now();
        if (read > 0) active = now;
        if (read >= VOLUME) {
          much = now;
          setImmediate(tick);
        } else {
          const quiet = now - active > IDLE_AFTER_MS ? POLL_IDLE_MS : POLL_BUSY_MS;
          setTimeout(tick, now - much < VOLUME_MS ? POLL_VOLUME_MS : quiet);
        }
      };
      tick();
    });
  }

  #full = false;
  /** Something happened since the observer was told. */
  #changed = false;

  #poll(): number {
    // Unsplit output waits in memory: when that is full, the build has to wait.
    if (this.#full) {
      this.#full = !(this.#observer?.unsplit(Buffer.alloc(0)) ?? true);
      if (this.#full) return 0;
    }
    const read = this.#recorder.poll((error) => {
      // A mistake of ours must not cost anybody a build.
      this.#break(
        `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    });
    if (Date.now() - this.#flushed >= FLUSH_MS) this.#flush();
    // Also without a byte: text that might have been an echo is given up, a job that is waited for is gone.
    if (this.#changed) {
      this.#changed = false;
      this.#observer?.changed();
    }
    return read;
  }

  // -- what is recorded --------------------------------------------------------------------------------------------------------

  #event(event: BuildEvent): void {
    if (this.#broken !== undefined) return;
    this.#changed = true;
    this.#trace?.('event', event);
    reduce(this.build, event);
    if (event.e === 'out') {
      for (const [job, size] of event.sizes) this.#grown.set(job, size);
      return;
    }
    if (event.e === 'end') this.#grown.delete(event.j);
    this.#journal.append(event);
  }

  #append(job: JobId, bytes: Buffer): void {
    if (
      this.#broken === undefined &&
      this.#guard(() => {
        this.logs.append(job, bytes);
      })
    ) {
      this.#written.set(job, (this.#written.get(job) ?? 0) + bytes.length);
      return;
    }
    // The caller's buffer is used again.
    if (this.#observer?.unsplit(Buffer.from(bytes)) === false) this.#full = true;
  }

  #flush(): void {
    this.#flushed = Date.now();
    if (this.#broken !== undefined) return;
    if (this.#grown.size > 0) {
      this.#journal.append({ e: 'out', t: this.#recorder.now(), sizes: [...this.#grown] });
      this.#grown.clear();
    }
    this.#guard(() => {
      this.#journal.flush();
    });
  }

  /** Does something with the store. @returns false when the store has failed, now or before. */
  #guard(action: () => void): boolean {
    if (this.#broken !== undefined) return false;
    try {
      action();
      return true;
    } catch (error) {
      if (fs.existsSync(journalFile(this.folder))) this.#break(`${this.folder}: ${reason(error)}`);
      else this.#break(`${this.folder}: was deleted, and with it the record of this build`);
      return false;
    }
  }

  #break(why: string): void {
    if (this.#broken !== undefined) return;
    // What is in the logs is shown from there, also what was written a moment ago and not told of yet.
    const sizes = [...this.#written].map(([job, size]): [JobId, ByteOffset] => [job, size as ByteOffset]);
    reduce(this.build, { e: 'out', t: this.#recorder.now(), sizes });
    this.#broken = why;
    this.#trace?.('broken', why);
    this.#observer?.warn(`${why}; the build goes on, its output is no longer split or recorded`);
  }

  /** Leaves a process behind for each slot that others still write to: they must not die of it, and their output still goes to the log. */
  #keepReading(left: readonly { job: JobId; fd: number }[]): void {
    for (const { job, fd } of left) {
      let log: number | 'ignore' = 'ignore';
      try {
        log = openPrivate(logFile(this.folder, job), 'a');
      } catch {
        // The store is gone: the output is read all the same.
      }
      spawn('cat', [], { detached: true, stdio: [fd, log, 'ignore'], cwd: '/' }).unref();
      if (log !== 'ignore') fs.closeSync(log);
    }
  }

  #close(status: Status, late: readonly JobId[], interrupted: boolean): void {
    const stopped = interrupted || ('signal' in status && [1, 2, 3, 15].includes(status.signal));
    this.#event({
      e: 'close',
      t: this.#recorder.now(),
      status,
      ...(stopped ? { interrupted: true as const } : {}),
      jobs: this.#recorder.jobs - 1,
      failed: this.#recorder.failures,
      ...(late.length > 0 ? { late } : {}),
    });
    this.#flush();
    if (this.#broken === undefined) this.#noteSize();
    if (this.#broken === undefined && !fs.existsSync(journalFile(this.folder)))
      this.#observer?.warn(`${this.folder}: was deleted while the build ran; the record of it is gone`);
    // The store failed: nothing after that was recorded, and what was recorded before is still shown.
    if (this.#broken !== undefined) freeze(this.build);
    else this.#remember();
    this.#journal.close();
  }

  #remember(): void {
    try {
      remember(this.#options.place.store, this.id, this.build);
    } catch {
      // The history is a cache: the first who asks it makes it anew.
    }
  }

  /** A gc then need not ask each log. What a process left behind still writes is not counted. */
  #noteSize(): void {
    let bytes = 0;
    for (const size of this.#written.values()) bytes += occupied(size);
    try {
      for (const file of [journalFile(this.folder), graphFile(this.folder)])
        bytes += occupied(fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0);
      noteSize(this.folder, bytes);
    } catch {
      // The folder is gone, or a file is in its place, which is told below; or the disk is full, and who needs the size measures it.
    }
  }
}

/** Removes what was begun in vain. Why it was in vain is what is told, not what is in the way of this. */
function removeQuietly(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch {
    // It was never made.
  }
}
