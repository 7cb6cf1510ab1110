// One tup that runs: its commands, as jobs, from their files and from what tup prints about them.

import path from 'node:path';
import { isFailure } from '../../../model/failure.ts';
import type { Status } from '../../../model/events.ts';
import type { InstanceId } from '../../../model/ids.ts';
import type { Job } from '../../jobs.ts';
import { statusOf } from '../../wire.ts';
import type { Recording } from '../hook.ts';
import { type InstanceStart, ToolInstance } from '../instances.ts';
import { querySqlite, querySqliteLater } from '../sqlite.ts';
import { causeOf } from './causes.ts';
import { QUERY, type TupCommand, TupDatabase } from './database.ts';
import { graphOf, rootsOf, targetOf } from './graph.ts';
import { type Banner, type Claim, TupOutput } from './output.ts';
import { type OutputFile, newOutputFiles } from './outputfiles.ts';
import { PrintedCopy } from './printedcopy.ts';

/** A job ends when tup has printed something else, but at most this long after its banner. */
const SETTLE_MS = 1000;
const SUBCOMMANDS = new Set(['upd', 'autoupdate', 'monitor', 'parse', 'scan', 'todo', 'refactor', 'ref']);

/** A command that runs, or whose messages may still come. */
interface Running {
  readonly command: TupCommand;
  readonly job: Job;
  readonly file: OutputFile | undefined;
  copy?: PrintedCopy;
  /** What tup says of its end. */
  end?: { status: Status; readonly t: number };
}

export class TupInstance extends ToolInstance {
  readonly #recording: Recording;
  readonly #top: string;
  readonly #goals: readonly string[];
  readonly #output: TupOutput;
  readonly #file: string;
  #database: TupDatabase | undefined;
  /** When the data base was read, in milliseconds since the epoch. */
  #databaseTime = 0;
  /** Stops the reading of the data base. */
  #stopReading: (() => void) | undefined;
  #isReadable = true;
  /** The phase in which commands run; undefined with `--quiet`, where tup prints no phases. */
  #isExecuting: boolean | undefined;
  #isUpdated = false;
  /** Files of commands whose names are not known yet. */
  readonly #unnamed = new Map<number, OutputFile>();
  readonly #running = new Map<number, Running>();
  /** The commands that have ended in this phase: each runs once. */
  readonly #done = new Set<number>();
  /** What they have made. */
  readonly #made = new Set<string>();
  /** The one that tup's text is about, and when that came last, in milliseconds since the epoch. */
  #current: Running | undefined;
  #currentSince = 0;
  /** Files that are closed later, since tup has not printed their last lines so far. */
  #unprinted: OutputFile[] = [];
  total: number | undefined;

  /** @param top the folder with the .tup. @param cwd the folder that goals are relative to. */
  constructor(recording: Recording, start: InstanceStart, top: string, cwd: string) {
    super(recording, start);
    this.#recording = recording;
    this.#top = top;
    this.#file = path.join(top, '.tup', 'db');
    this.#goals = goalsOf(start.argv).map((goal) => path.relative(top, path.resolve(cwd, goal)));
    const { jobs } = recording;
    this.#output = new TupOutput({
      banner: (banner, rest) => this.#banner(banner, rest),
      phase: (name) => {
        this.#begin(name);
      },
      output: (text) => {
        this.#currentSince = Date.now();
        jobs.append(this.#current?.job ?? this.job, text);
      },
      message: (line, plain, id) => {
        this.#message(line, plain, id);
      },
      own: (text) => {
        jobs.append(this.job, text);
      },
    });
  }

  /** Takes text that tup has printed. */
  push(text: Buffer): void {
    this.#output.push(text);
  }

  /** Reads what commands have written. */
  readFiles(): void {
    if (this.#isExecuting === false || !this.#isReadable) return;
    const found = newOutputFiles(this.#top, (id) => this.#running.has(id) || this.#unnamed.has(id));
    for (const [id, file] of found) this.#unnamed.set(id, file);
    if (found.size > 0 && this.slot) {
      // What tup has printed before it started them; maybe one has ended already.
      this.slot.read(true);
      this.#recording.flush(this.slot);
    }
    this.#nameFiles();
    for (const { job, file } of this.#running.values()) if (file) this.#append(job, file);
  }

  /** Ends the job whose messages have come long ago. @param now milliseconds since the epoch. */
  settle(now: number): void {
    if (this.#current && now - this.#currentSince > SETTLE_MS) this.#finishCurrent();
  }

  /** tup has ended. */
  end(): void {
    if (this.#stopReading) {
      this.#stopReading();
      this.#read();
    }
    this.readFiles();
    this.#output.end();
    this.#finishCurrent();
    if (this.id !== undefined) {
      this.#read();
      this.#emitGraph(this.id);
    } else if (this.#isUpdated) {
      const i = this.emitStart(this.#top);
      if (this.#goals.length > 0) this.#recording.jobs.emit({ e: 'goals', i, goals: this.#goals });
    }
    for (const running of [...this.#running.values()]) this.#finishUnreported(running);
    for (const file of [...this.#unnamed.values(), ...this.#unprinted]) file.close();
    this.ended = true;
    this.emitEnd();
  }

  #begin(phase: string): void {
    this.#finishCurrent();
    this.#isExecuting = phase.startsWith('Executing Commands');
    this.#isUpdated = /^(?:Updated|Partial update complete)/.test(phase);
    if (!this.#isExecuting) return;
    this.#database = undefined;
    this.#isReadable = true;
    this.#done.clear();
    this.#made.clear();
    for (const file of this.#unprinted) file.close();
    this.#unprinted = [];
  }

  // -- the data base ----------------------------------------------------------------------------------------

  /** Starts to read the data base, unless that goes on already. */
  #readLater(): void {
    if (this.#stopReading) return;
    this.#databaseTime = Date.now();
    this.#stopReading = querySqliteLater(this.#file, QUERY, (answer) => {
      this.#stopReading = undefined;
      this.#take(answer);
      this.#nameFiles();
      this.#output.resume();
    });
  }

  #read(): void {
    this.#stopReading = undefined;
    this.#databaseTime = Date.now();
    try {
      this.#take(querySqlite(this.#file, QUERY));
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.#take(error);
    }
  }

  #take(answer: string[][] | Error): void {
    if (!(answer instanceof Error)) {
      this.#database = new TupDatabase(answer);
      return;
    }
    if (this.#isReadable) this.#recording.jobs.note(`${answer.message}; what tup runs is not split`, true);
    this.#isReadable = false;
  }

  #nameFiles(): void {
    for (const [id, file] of this.#unnamed) {
      const command = this.#database?.command(id);
      if (command) {
        this.#startWithFile(command, file);
      } else if (this.#database?.knows(id)) {
        // A folder, whose Tupfile runs a script.
        if (!file.isRemoved) continue;
        this.#unnamed.delete(id);
        file.close();
      } else if (!this.#database || this.#databaseTime < file.since) {
        this.#readLater();
      }
    }
  }

  #emitGraph(id: InstanceId): void {
    if (!this.#database) return;
    const goals = this.#goals.length > 0 ? this.#goals : rootsOf(this.#database);
    this.#recording.jobs.emitGraph(id, graphOf(this.#database), goals);
  }

  // -- commands ---------------------------------------------------------------------------------------------

  #start(command: TupCommand, t: number, file?: OutputFile): Running {
    const { jobs } = this.#recording;
    const isFirst = this.id === undefined;
    const instance = this.emitStart(this.#top);
    if (isFirst) this.#emitGraph(instance);
    const target = targetOf(command);
    const name = command.outputs.length > 0 ? jobs.nameOf(this.#top, target) : target;
    const job = jobs.start({ name, target, parent: this.job, instance, t, redirected: false });
    const echo = Buffer.from(`${command.text}\n`);
    jobs.step(job, { t, argv: ['/bin/sh', '-e', '-c', command.command], echo });
    const why = causeOf(command, this.#top, (made) => this.#made.has(made));
    if (why) jobs.emit({ e: 'why', t, j: job.id, ...why });
    const running = { command, job, file };
    this.#running.set(command.id, running);
    return running;
  }

  #startWithFile(command: TupCommand, file: OutputFile): Running {
    const { jobs } = this.#recording;
    this.#unnamed.delete(command.id);
    const t = jobs.time(String(file.since * 1000));
    return this.#start(command, Math.min(Math.max(t, this.t), jobs.now()), file);
  }

  #append(job: Job, file: OutputFile): void {
    file.read((bytes) => {
      this.#recording.jobs.append(job, bytes);
    });
  }

  #banner({ label, failed, seconds, left }: Banner, rest: Buffer): Claim {
    if (this.#isExecuting === false || !this.#isReadable) return 'none';
    if (!this.#database) {
      this.#readLater();
      return 'later';
    }
    const command = this.#choose(label, rest);
    if (!command) return 'none';
    this.#finishCurrent();
    const now = this.#recording.jobs.now();
    const ms = (seconds ?? 0) * 1000;
    const running = this.#runningOf(command) ?? this.#start(command, Math.max(this.t, Math.round(now - ms)));
    const { job, file } = running;
    const t = seconds === undefined ? now : Math.min(now, Math.round(job.statusTime + ms));
    running.end = { status: { exit: failed ? 1 : 0 }, t };
    if (left !== undefined) this.total = this.#done.size + 1 + left;
    this.#current = running;
    this.#currentSince = Date.now();
    const lines = label === command.label ? command.text : command.command;
    if (file) {
      this.#append(job, file);
      running.copy = new PrintedCopy(file.fd);
    }
    return { copy: running.copy, lines: lines.split('\n').length };
  }

  #runningOf(command: TupCommand): Running | undefined {
    const file = this.#unnamed.get(command.id);
    return this.#running.get(command.id) ?? (file && this.#startWithFile(command, file));
  }

  /** The command that a banner is about. Several may look the same. @param rest what tup prints next. */
  #choose(label: string, rest: Buffer): TupCommand | undefined {
    const commands = (this.#database?.labelled(label) ?? []).filter(
      ({ id }) => !this.#done.has(id) && !this.#running.get(id)?.end,
    );
    if (commands.length < 2) return commands[0];
    const ended = commands.filter(({ id }) => this.#running.get(id)?.file?.isRemoved);
    const printed = ended.find(({ id }) => {
      const file = this.#running.get(id)?.file;
      return file && new PrintedCopy(file.fd).fits(rest);
    });
    return printed ?? ended[0] ?? commands.find(({ id }) => !this.#running.has(id)) ?? commands[0];
  }

  #message(line: Buffer, plain: string, id: number | undefined): void {
    const { jobs } = this.#recording;
    const named = id === undefined ? undefined : this.#named(id);
    if (named && named !== this.#current) {
      // Of several that look the same, it was the other one.
      const end = this.#current?.end ?? { status: { exit: 1 }, t: jobs.now() };
      if (this.#current) delete this.#current.end;
      named.end = end;
      this.#current = named;
    }
    if (!this.#current) {
      jobs.append(this.job, line);
      return;
    }
    this.#currentSince = Date.now();
    const [, exit, signal] = /failed with return value (\d+)|killed by signal (\d+)/.exec(plain) ?? [];
    const status = statusOf(exit ?? `-${signal ?? ''}`);
    if (id !== undefined && status && this.#current.end) this.#current.end.status = status;
    jobs.appendToolText(this.#current.job, line);
  }

  #named(id: number): Running | undefined {
    const command = this.#done.has(id) ? undefined : this.#database?.command(id);
    return command && (this.#runningOf(command) ?? this.#start(command, this.#recording.jobs.now()));
  }

  #finishCurrent(): void {
    const current = this.#current;
    this.#current = undefined;
    if (!current?.end) return;
    this.#recording.jobs.exited(current.job, current.end);
    this.#finish(current);
  }

  #finish({ command, job, file, copy }: Running): void {
    this.#running.delete(command.id);
    this.#done.add(command.id);
    for (const output of command.outputs) this.#made.add(output);
    this.#recording.jobs.end(job);
    if (file && copy?.isDone === false) this.#unprinted.push(file);
    else file?.close();
  }

  /** tup has said nothing of its end: it was stopped, or the command was silent, with `--quiet`. */
  #finishUnreported(running: Running): void {
    const { command, job, file } = running;
    if (file) this.#append(job, file);
    if (this.#database && !this.#database.isUnfinished(command.id))
      this.#recording.jobs.exited(job, { status: { exit: 0 }, t: this.#recording.jobs.now() });
    this.#finish(running);
  }
}

/** The outputs that a command line names. */
function goalsOf([, ...words]: readonly string[]): string[] {
  const named = words.filter((word) => !word.startsWith('-'));
  return SUBCOMMANDS.has(named[0] ?? '') ? named.slice(1) : named;
}
