// Finding and reading recorded builds.

import fs from 'node:fs';
import path from 'node:path';
import { type Build, type Instance, emptyBuild, reduce, standIn } from '../model/build.ts';
import { type BuildEnded, type BuildEvent, type BuildStarted, JOURNAL_VERSION } from '../model/events.ts';
import { Failure, reason } from '../model/failure.ts';
import { type Graph, mergeGraphs } from '../model/graph.ts';
import type { JobId } from '../model/ids.ts';
import { readGraphs } from './graphs.ts';
import { type JournalContents, JournalReader } from './journal.ts';
import { buildFolder, buildsFolder, importedFile, journalFile, thinnedFile } from './layout.ts';
import { LogReader, loggedJobs, logSize } from './logs.ts';
import { isRunning } from './running.ts';

/** A build read back, with what was wrong in its record. */
export interface RecordedBuild {
  readonly id: string;
  readonly folder: string;
  readonly build: Build;
  readonly logs: LogReader;
  readonly problems: readonly string[];
  readonly state: BuildState;
  /** Logs that newer builds have superseded were removed by gc: that they are missing is no damage. */
  readonly thinned: boolean;
}

export type BuildState = 'running' | 'interrupted' | 'finished';

/** The ids of the builds in a store, the oldest first. Empty where there is no store. @throws Failure when it cannot be read. */
export function listBuilds(store: string): string[] {
  try {
    return fs
      .readdirSync(buildsFolder(store), { withFileTypes: true })
      .filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Failure(`${buildsFolder(store)}: ${reason(error)}`);
  }
}

/** No argument list is longer. */
const LONGEST_HEAD = 8 * 1024 * 1024;

const NEWLINE = 0x0a;

/** What a listing says of a build, from the ends of its journal alone where it has ended. */
export interface BuildSummary {
  readonly id: string;
  readonly started: BuildStarted | undefined;
  readonly ended: BuildEnded | undefined;
  readonly state: BuildState;
}

export function summarise(store: string, id: string): BuildSummary {
  const folder = buildFolder(store, id);
  let ends: readonly [string, string];
  try {
    ends = endsOf(journalFile(folder));
  } catch {
    return { id, started: undefined, ended: undefined, state: 'interrupted' };
  }
  const started = record(ends[0], 'build');
  const ended = record(ends[1], 'close');
  const state = ended ? 'finished' : started && isRecorded(folder, started) ? 'running' : 'interrupted';
  return { id, started, ended, state };
}

/** Most first and last records are shorter. */
const SHORT_END = 4096;
const ENDS = Buffer.allocUnsafeSlow(SHORT_END);

/** The first line of a file and the last one that is not empty, as far as they are no longer than LONGEST_HEAD. @throws where it cannot be read. */
function endsOf(file: string): readonly [string, string] {
  const fd = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    const read = (from: number, length: number): Buffer => {
      const buffer = length > SHORT_END ? Buffer.allocUnsafe(length) : ENDS;
      return buffer.subarray(0, fs.readSync(fd, buffer, 0, Math.min(length, buffer.length), from));
    };
    let head = read(0, SHORT_END);
    // A command can be long: that of sh -c '…', say.
    if (head.length < size && !head.includes(NEWLINE)) head = read(0, Math.min(size, LONGEST_HEAD));
    const newline = head.indexOf(NEWLINE);
    const first = head.toString('utf8', 0, Math.max(0, newline));
    let length = Math.min(size, SHORT_END);
    let tail = read(size - length, length);
    // And so can the list of the jobs that left a process behind.
    if (length < size && tail.lastIndexOf(NEWLINE, -2) < 0) {
      length = Math.min(size, LONGEST_HEAD);
      tail = read(size - length, length);
    }
    return [first, tail.toString().trimEnd().split('\n').at(-1) ?? ''];
  } finally {
    fs.closeSync(fd);
  }
}

function record(line: string, kind: 'build'): BuildStarted | undefined;
function record(line: string, kind: 'close'): BuildEnded | undefined;
function record(line: string, kind: string): unknown {
  try {
    const value = JSON.parse(line) as { e?: unknown } | null;
    return value?.e === kind ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The build that the user means.
 * @param wanted an id, a unique prefix of one, `-1` (the one before the last), `@failed` (the last that failed); none: the last one.
 *   Builds recorded inside others count only by their id.
 * @throws Failure when there is none, or several.
 */
export function chooseBuild(store: string, wanted?: string): string {
  const ids = listBuilds(store);
  if (wanted !== undefined && !/^-\d+$/.test(wanted) && wanted !== '@failed') {
    const matching = ids.filter((id) => id.startsWith(wanted));
    if (ids.includes(wanted)) return wanted;
    if (matching.length === 1 && matching[0] !== undefined) return matching[0];
    if (matching.length > 1)
      throw new Failure(`build ${wanted}: ${matching.join(', ')}; give more of the id`, 1);
    throw new Failure(`build ${wanted}: not in ${buildsFolder(store)}; \`loglin ls\` lists the builds`, 1);
  }
  let back = wanted === undefined || wanted === '@failed' ? 0 : -Number(wanted);
  for (let i = ids.length - 1; i >= 0; i--) {
    const summary = summarise(store, ids[i] ?? '');
    if (summary.started?.inside) continue;
    if (wanted === '@failed') {
      const status = summary.ended?.status;
      if (!status || ('exit' in status && status.exit === 0)) continue;
    }
    if (back-- === 0) return summary.id;
  }
  if (ids.length === 0) throw new Failure(`no builds in ${store}; record one: loglin make`, 1);
  throw new Failure(
    wanted === '@failed' ? 'no build failed' : `build ${wanted ?? ''}: there are not so many`,
    1,
  );
}

/**
 * Reads a build back.
 * @throws Failure when its journal cannot be read at all, or is of an unknown version.
 */
export function openBuild(store: string, id: string): RecordedBuild {
  const opening = new Opening(store, id);
  try {
    while (opening.step());
    return opening.finish();
  } finally {
    opening.close();
  }
}

/** How much of a journal is read at once. */
const STEP = 1 << 20;

/** Reads a build back piece by piece, so that what is known can be shown while the rest is read; and goes on with one that runs. */
export class Opening {
  readonly id: string;
  readonly folder: string;
  readonly build = emptyBuild();
  readonly #file: string;
  readonly #journal: JournalReader;
  readonly #problems: string[] = [];
  /** Events before the first record: of a journal whose start is damaged. */
  #early: BuildEvent[] = [];
  #headless = false;
  #cut = false;

  /** @throws Failure when its journal cannot be read. */
  constructor(store: string, id: string) {
    this.id = id;
    this.folder = buildFolder(store, id);
    this.#file = journalFile(this.folder);
    this.#journal = new JournalReader(this.#file);
  }

  /** How much of the journal was read, in bytes, and how long it is. */
  get progress(): { readonly at: number; readonly size: number } {
    return this.#journal.progress;
  }

  /**
   * Reads some more.
   * @returns false where there is no more now.
   * @throws Failure when the journal cannot be read, or is of an unknown version.
   */
  step(most = STEP): boolean {
    const contents = this.#journal.read(most);
    if (contents) this.#take(contents);
    return contents !== undefined;
  }

  /**
   * The build as it is known now, with what is wrong with its record. A build that runs can be read on, and asked for again.
   * @throws Failure when there is nothing of it.
   */
  finish(): RecordedBuild {
    const { id, folder, build } = this;
    const file = this.#file;
    if (!build.ended && !(build.started && isRecorded(folder, build.started))) {
      // What it wrote between the last look and its end.
      while (this.step());
      const rest = this.#journal.rest();
      this.#cut ||= rest.cut;
      this.#take(rest);
    }
    if (!build.started) this.#doWithoutFirst();
    if (!build.started)
      throw new Failure(`${file}: the first record cannot be read; the logs are in ${folder}/logs`);
    const state = build.ended
      ? 'finished'
      : !this.#headless && isRecorded(folder, build.started)
        ? 'running'
        : 'interrupted';
    const problems = [...this.#problems];
    if (this.#cut && state !== 'running') problems.push(`${file}: the last record is cut short`);
    const nameless = build.jobs.filter(({ lost }) => lost).length;
    if (nameless > 0) problems.push(`${file}: records are missing; jobs without a name: ${nameless}`);
    else if (build.ended && problems.length === 0 && !isWhole(build, build.ended))
      problems.push(`${file}: records are missing`);
    // Where records are missing, the logs say what there is. A running build's journal is flushed ten times a second, its logs at once.
    const damaged = problems.length > 0 || state === 'interrupted';
    if (damaged)
      for (const job of loggedJobs(folder)) if (!build.jobs[job]) standInFor(build, job, problems, file);
    // And a process that was left behind writes on.
    for (const job of damaged || state === 'running'
      ? build.jobs
      : (build.ended?.late ?? []).map((late) => build.jobs[late])) {
      if (!job) continue;
      const size = logSize(folder, job.id);
      if (size !== undefined && size > job.size) job.size = size;
    }
    const graphs = readGraphs(folder);
    for (const instance of build.instances) {
      const graph = graphs.get(instance.id);
      if (!graph) continue;
      instance.graph = mergeGraphs(undefined, graph.nodes);
      if (instance.goals.length === 0) instance.goals = graph.goals;
    }
    const thinned = isThinned(folder);
    return { id, folder, build, logs: new LogReader(folder, thinned), problems, state, thinned };
  }

  close(): void {
    this.#journal.close();
  }

  #take({ events, problems }: JournalContents): void {
    this.#problems.push(...problems);
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
        this.#problems.push(`${this.#file}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** The first record is missing or damaged: another one stands in for it. @throws Failure where no other is intact. */
  #doWithoutFirst(): void {
    const file = this.#file;
    if (this.#early.length === 0)
      throw new Failure(`${file}: no record is intact; the logs are in ${this.folder}/logs`);
    this.#headless = true;
    this.#problems.push(`${file}: the first record is missing or damaged`);
    const first: BuildEvent = {
      e: 'build',
      v: JOURNAL_VERSION,
      id: this.id,
      at: 0,
      argv: ['?'],
      cwd: '',
      pid: 0,
    };
    const events = this.#early;
    this.#early = [];
    this.#take({ events: [first, ...events], problems: [], cut: false });
  }
}

/** Were logs that newer builds have superseded removed from this build's folder? */
export function isThinned(folder: string): boolean {
  return fs.existsSync(thinnedFile(folder));
}

/** Is the build in this folder being recorded now? */
export function isRecorded(folder: string, started: BuildStarted): boolean {
  return isRunning(started) && !fs.existsSync(importedFile(folder));
}

/** Does a finished build know all of its jobs, and all of their ends? */
function isWhole(build: Build, ended: BuildEnded): boolean {
  return build.jobs.length - 1 === ended.jobs && build.jobs.every((job) => job.ended !== undefined);
}

/** A log of a job that no record speaks of. */
function standInFor(build: Build, job: JobId, problems: string[], file: string): void {
  try {
    standIn(build, (job + 1) as JobId);
  } catch {
    problems.push(`${file}: log ${job}.log is of no known job`);
  }
}

/** Looks the graphs of earlier builds up by tool instance, the newest first; reads no more of them than it must. */
export class GraphHistory {
  readonly #store: string;
  readonly #ids: string[];
  readonly #counts: (id: string) => boolean;
  readonly #known = new Map<string, { graph: Graph; goals: readonly string[] }>();

  /** @param before the id of the build that asks. @param counts is a build of the same project? */
  constructor(store: string, before: string, counts: (id: string) => boolean = () => true) {
    this.#store = store;
    this.#ids = listBuilds(store).filter((id) => id < before);
    this.#ids = this.#ids.slice(-8);
    this.#counts = counts;
  }

  /**
   * The last graph of the same tool in the same folder with the same arguments, and its goals; else with arguments that want the same
   * (and the goals), else with other ones.
   */
  find(instance: Instance): { readonly graph: Graph; readonly goals?: readonly string[] } | undefined {
    const [exact, same, loose] = keys(instance);
    for (;;) {
      const found = this.#known.get(exact);
      if (found) return found;
      const id = this.#ids.pop();
      if (id === undefined) {
        const other = this.#known.get(loose);
        return this.#known.get(same) ?? (other && { graph: other.graph });
      }
      if (!this.#counts(id)) continue;
      for (const graph of readGraphs(buildFolder(this.#store, id)).values()) {
        for (const k of keys(graph))
          if (!this.#known.has(k))
            this.#known.set(k, { graph: mergeGraphs(undefined, graph.nodes), goals: graph.goals });
      }
    }
  }
}

/** What a call is known by: with its arguments, with those that say what is wanted, without any. */
function keys(call: Call): [exact: string, same: string, loose: string] {
  return [key(call, call.argv), `same ${key(call, wanting(call.argv))}`, key(call, undefined)];
}

/** How make and ninja say where they work, which is known, and how they talk and go on. */
const MANNERS =
  /^(?:--(?:no-)?print-directory|--silent|--quiet|--no-silent|--keep-going|--no-keep-going|--directory=.*|-[skw]+|-C.+)$/;

/** A command without the program's path and what changes neither the graph nor the goals. */
function wanting(argv: readonly string[]): string[] {
  const [program = '', ...words] = telling(argv);
  const kept = words.filter((word, i) => {
    const before = words[i - 1];
    return (
      !MANNERS.test(word) &&
      word !== '-C' &&
      word !== '--directory' &&
      before !== '-C' &&
      before !== '--directory'
    );
  });
  return [path.basename(program), ...kept];
}

/** What was called: a tool in a folder with arguments. */
export type Call = Pick<Instance, 'tool' | 'cwd' | 'argv'>;

/** The same tool in the same folder with the same arguments. */
export function sameCall(a: Call, b: Call): boolean {
  return key(a, a.argv) === key(b, b.argv);
}

function key(
  of: { readonly tool: string; readonly cwd: string },
  argv: readonly string[] | undefined,
): string {
  return JSON.stringify([of.tool, of.cwd, (argv && telling(argv)) ?? null]);
}

/** A command without how many jobs are to run at once: that changes neither the graph nor what is built. */
function telling(argv: readonly string[]): string[] {
  return argv.filter((word) => !/^(-j\d*|-l[\d.]*|\d+|--jobserver.*)$/.test(word));
}

/** The same command, in the same folder. */
export function sameCommand(a: BuildStarted, b: BuildStarted): boolean {
  return a.cwd === b.cwd && JSON.stringify(telling(a.argv)) === JSON.stringify(telling(b.argv));
}
