// One wrapped build, from the start of its command to the end of its record: workspace, recorder, signals,
// and the command's process. recording.ts keeps the record, poll.ts decides when to poll. Knows nothing of
// how a build is shown.

import fs from 'node:fs';
import path from 'node:path';
import type { Build, Instance } from '../model/build.ts';
import type { BuildStarted, Status } from '../model/events.ts';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { type Graph, mergeGraphs } from '../model/graph.ts';
import type { JobId } from '../model/ids.ts';
import { buildFolder, newBuildId } from '../store/layout.ts';
import { fromRoot } from '../model/shownname.ts';
import type { LogWriter } from '../store/logs.ts';
import { type Place } from '../store/place.ts';
import { thisProcess } from '../store/running.ts';
import { JOURNAL, versionFields } from '../record/versions.ts';
import { capacityOf, openFilesLimit } from './capacity.ts';
import { installHooks } from './hooks/install.ts';
import { TOOLS } from './hooks/list.ts';
import { isSilentMake } from './hooks/make/commandline.ts';
import type { Attendant } from './launch/attendant.ts';
import type { Before } from './launch/before.ts';
import { launch } from './launch/launch.ts';
import type { Started } from './launch/started.ts';
import { Bell } from './bell.ts';
import { pollUntilExit, pollWhileRunning } from './poll.ts';
import { Recorder } from './recorder.ts';
import { BuildRecording, type Observer } from './recording.ts';
import { revision } from './revision.ts';
import { Signals } from './signals.ts';
import { firstSlotNames } from './slots.ts';
import { type Trace, openTrace, traceFile } from './trace.ts';
import { Workspace } from './workspace.ts';

export interface SessionOptions {
  readonly place: Place;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly name?: string;
  readonly before: Before;
  readonly attendant: Attendant | undefined;
  /** Is this tool to be split? */
  readonly hooked: (tool: string) => boolean;
  /** The command's stdin is /dev/null. */
  readonly noInput?: boolean;
  /** Read make's graph first. */
  readonly plan: boolean;
  /** Ask the programs for colours. */
  readonly coloured: boolean;
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
  readonly #options: SessionOptions;
  readonly #workspace: Workspace;
  readonly #recorder: Recorder;
  readonly #bell: Bell;
  readonly #recording: BuildRecording;
  readonly #signals: Signals;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #trace: Trace | undefined;
  /** Why there is no trace although one is wanted. */
  #untraced: string | undefined;

  /**
   * Makes the build's folders, and everything else that the command needs.
   * @throws any error that prevents a recording. Nothing is left behind then, and the command can be run
   *   without a record.
   */
  constructor(options: SessionOptions) {
    this.#options = options;
    const { store, root } = options.place;
    const start = Date.now();
    const capacity = capacityOf(openFilesLimit());
    const undos: (() => void)[] = [];
    this.#trace = this.#openTrace();
    try {
      this.#signals = new Signals(options.before.ignored, options.attendant);
      undos.push(() => {
        this.#signals.stop();
      });
      this.#workspace = new Workspace(firstSlotNames(capacity), options.attendant);
      undos.push(() => {
        this.#workspace.remove();
      });
      this.#bell = new Bell(this.#workspace.path('bell'));
      undos.push(() => {
        this.#bell.close();
      });
      const first = this.#firstEvent(start);
      undos.push(() => {
        removeQuietly(buildFolder(store, first.id));
      });
      this.#recording = new BuildRecording(store, first, capacity.logs, this.#trace);
      this.#recorder = new Recorder(
        this.#workspace,
        capacity,
        root,
        start,
        this.#recording,
        options,
        this.#trace,
      );
      this.#environment = this.#installHooks();
    } catch (error) {
      for (const undo of undos.reverse()) undo();
      throw error;
    }
  }

  get build(): Build {
    return this.#recording.build;
  }

  get id(): string {
    return this.#recording.id;
  }

  get folder(): string {
    return this.#recording.folder;
  }

  get logs(): LogWriter {
    return this.#recording.logs;
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

  /** Runs the command to its end, and records it. @throws Failure if it cannot be run. */
  async run(observer: Observer): Promise<Outcome> {
    this.#recording.observer = observer;
    if (this.#untraced !== undefined) observer.warn(this.#untraced);
    if (this.#options.plan) await this.#plan();
    // Signals that have come are handled before the command runs, since it would miss them.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#signals.first !== undefined) return this.#endEarly({ signal: this.#signals.first });
    let status: Status;
    try {
      const child = this.#launch();
      this.#signals.guard(child);
      Workspace.removeAbandoned();
      status = await pollUntilExit(child, this.#options.argv[0] ?? '', () => this.#poll(), this.#bell);
    } catch (error) {
      this.#signals.stop();
      this.#bell.close();
      this.#workspace.remove();
      throw error;
    }
    const openSlots = this.#recorder.finish(status);
    this.#noteSilentTool();
    this.#recording.keepReading(openSlots);
    const late = openSlots.map(({ job }) => job);
    this.#close(status, late, this.#signals.interrupted);
    observer.changed();
    return { status };
  }

  #launch(): Started {
    const { argv, cwd, before, attendant, noInput } = this.#options;
    const input = noInput ? '/dev/null' : undefined;
    const output = this.#recorder.rootFifo;
    try {
      return launch({ argv, cwd, input, output, environment: this.#environment, before, attendant });
    } catch (error) {
      throw new Failure(`${argv[0] ?? ''}: ${reason(error)}`, 126);
    }
  }

  /** Interrupts the command, like Ctrl-C. */
  interrupt(): void {
    this.#signals.interrupt();
  }

  /** The number of jobs that there will be, if only one tool runs and its output has it. */
  get total(): number | undefined {
    return this.build.instances.length === 1 ? this.#recorder.total : undefined;
  }

  /** The graph of a make in this folder, if it was read first. */
  plannedGraph(instance: Instance): Graph | undefined {
    const plan = this.#recorder.plans.find(({ cwd }) => cwd === instance.cwd);
    return plan && mergeGraphs(undefined, plan.nodes);
  }

  /** Runs the same make up to its first recipe, which the library does not let it start. */
  async #plan(): Promise<void> {
    const { argv, cwd, before, attendant } = this.#options;
    const [input, output] = ['/dev/null', '/dev/null'];
    const environment = { ...this.#environment, LOGLIN_JOB: 'plan/plan' };
    const child = launch({ argv, cwd, input, output, environment, before, attendant });
    this.#signals.guard(child);
    await pollWhileRunning(child, () => this.#poll());
  }

  /** Ends without running the command, since a signal came before. */
  #endEarly(status: Status): Outcome {
    this.#recorder.finish(status);
    this.#close(status, [], true);
    return { status };
  }

  #firstEvent(start: number): BuildStarted {
    const { place, argv, cwd, name, coloured } = this.#options;
    const commit = place.git === undefined ? undefined : revision(place.git);
    return {
      e: 'build',
      ...versionFields(JOURNAL),
      id: newBuildId(new Date(start), this.#workspace.nonce.slice(0, 4)),
      at: start,
      argv,
      cwd: fromRoot(place.root, cwd),
      root: place.root,
      ...(name === undefined ? {} : { name }),
      ...thisProcess(),
      workspace: this.#workspace.folder,
      ...(commit === undefined ? {} : { revision: commit }),
      ...(coloured ? { coloured: true as const } : {}),
      ...(isSilentMake(argv, process.env) ? { silent: true as const } : {}),
      ...(process.env.LOGLIN_BUILD ? { inside: true as const } : {}),
    };
  }

  /** Installs the hooks. @returns the variables that the command gets on top of our environment. */
  #installHooks(): Readonly<Record<string, string>> {
    const { coloured } = this.#options;
    const variables: Record<string, string> = { LOGLIN_BUILD: this.#workspace.folder, LOGLIN_JOB: '0/root' };
    const hooks = installHooks(this.#workspace, this.#options.hooked);
    Object.assign(variables, hooks.variables);
    const trace = traceFile(process.env);
    if (trace !== undefined) variables.LOGLIN_TRACE = trace;
    this.#trace?.('session', this.id, this.folder, this.#options.argv, variables);
    if (hooks.missing !== undefined)
      this.#recording.event({ e: 'note', t: 0, text: hooks.missing, unsplit: true });
    if (coloured)
      for (const [name, value] of Object.entries(COLOURS))
        if (process.env[name] === undefined) variables[name] = value;
    return variables;
  }

  /**
   * Notes that a command that should be split has sent no record. The library usually sends the reason; here
   * even that is missing.
   */
  #noteSilentTool(): void {
    const { argv, hooked } = this.#options;
    const program = path.basename(argv[0] ?? '');
    const tool = TOOLS.find(({ inside, programs }) => inside && programs.includes(program));
    if (!tool || !hooked(tool.name) || this.#recorder.sawRecord || this.build.unsplit.length > 0) return;
    const text = `${program} could not be looked into, so it is one job; loglin doctor tries what works here`;
    this.#recording.event({ e: 'note', t: this.#recorder.now(), text, unsplit: true });
  }

  #poll(): number {
    if (this.#recording.full) return 0;
    const read = this.#recorder.poll((error) => {
      // A fault in loglin must not end the build.
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#recording.break(`internal error: ${what}`);
    });
    // Called even if no byte has come: held text may have gone to a log, or a job may have ended after a
    // wait.
    this.#recording.tick();
    return read;
  }

  /** @param late the jobs whose logs still grow. */
  #close(status: Status, late: readonly JobId[], interrupted: boolean): void {
    const stopped = interrupted || ('signal' in status && [1, 2, 3, 15].includes(status.signal));
    this.#recorder.close();
    this.#bell.close();
    this.#recording.close(status, this.#recorder.jobs - 1, this.#recorder.failures, late, stopped);
    this.#signals.stop();
    this.#workspace.remove();
  }
}

/** Removes a folder as far as possible. The user is told of the first failure, not of this one. */
function removeQuietly(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch {
    // The folder was never made.
  }
}
