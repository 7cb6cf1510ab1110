// A redo tree's logs as builds in the store: what its last run built, and before that, as one more, what it left alone. What cannot be
// read is named, all else is taken.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type BuildEvent, type Status } from '../../../model/events.ts';
import { Failure, isFailure, reason } from '../../../model/failure.ts';
import type { GraphNode } from '../../../model/graph.ts';
import { type ByteOffset, type InstanceId, type JobId, ROOT } from '../../../model/ids.ts';
import { appendGraph } from '../../../store/graphs.ts';
import { JournalWriter } from '../../../store/journal.ts';
import { buildFolder, fromRoot, journalFile, logsFolder, newBuildId } from '../../../store/layout.ts';
import { type Place } from '../../../store/place.ts';
import { LogWriter } from '../../../store/logs.ts';
import { makeFolder, makeStore } from '../../../store/owner.ts';
import { readPlainBytes } from '../../../store/plainfile.ts';
import { JOURNAL, versionFields } from '../../../store/versions.ts';
import { Jobs } from '../../jobs.ts';
import { statusOf } from '../../wire.ts';
import { type RedoDatabase, readDatabase } from './database.ts';
import { graphOf } from './graph.ts';
import { type Piece, TargetLog } from './logs.ts';
import { loggedTargets, targetLog } from './tree.ts';

export interface Imported {
  /** The oldest first. */
  readonly builds: readonly { readonly id: string; readonly jobs: number; readonly known: boolean }[];
  readonly problems: readonly string[];
}

/** A target with its log. */
interface Target {
  readonly id: number;
  readonly name: string;
  readonly pieces: readonly Piece[];
}

/** What the logs say of a target's last build, in milliseconds since the epoch. */
interface Story {
  started?: number;
  ended?: number;
  exit?: number;
}

/**
 * @param base the folder that has the .redo.
 * @throws Failure where nothing of it can be read, or the store cannot be written.
 */
export function importRedo(base: string, place: Place): Imported {
  const problems: string[] = [];
  const database = attempt(problems, () => readDatabase(base));
  const targets = readTargets(base, database, problems);
  if (targets.length === 0) throw new Failure(`${path.join(base, '.redo')}: no target has a log`);
  const stories = readStories(targets);
  const last = database ? lastRun(targets, database) : new Set(targets);
  const parts = [targets.filter((target) => !last.has(target)), targets.filter((target) => last.has(target))];
  const starts = parts.map((part) => {
    const times = part.flatMap(({ name }) => stories.get(name)?.started ?? stories.get(name)?.ended ?? []);
    return times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : undefined;
  });
  const changed = clamped(Math.round(fs.statSync(path.join(base, '.redo')).mtimeMs));
  const lastStart = Math.floor(starts[1] ?? changed);
  // What was left alone was built before, whatever the clock said.
  const firstStart = Math.min(Math.floor(starts[0] ?? lastStart - 1), lastStart - 1);
  const builds = parts.flatMap((part, i) => {
    if (part.length === 0) return [];
    const start = i === 0 ? firstStart : lastStart;
    const id = newBuildId(
      new Date(start),
      digest([base, String(i), ...part.map((target) => content(target))]),
    );
    const known = fs.existsSync(journalFile(buildFolder(place.store, id)));
    if (!known) new Import(place, base, database, stories).write(id, start, part);
    return [{ id, jobs: part.length, known }];
  });
  return { builds, problems };
}

/** A time that a build's id can have, in milliseconds since the epoch: any of the years 1970 to 9999. */
function clamped(ms: number): number {
  return Math.min(Math.max(ms, 1), Date.UTC(9999, 11, 31));
}

function attempt<T>(problems: string[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!isFailure(error)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

function readTargets(base: string, database: RedoDatabase | undefined, problems: string[]): Target[] {
  let ids: number[];
  try {
    ids = loggedTargets(base);
  } catch (error) {
    throw new Failure(`${path.join(base, '.redo')}: ${reason(error)}`);
  }
  return ids.flatMap((id): Target[] => {
    const file = targetLog(base, id);
    const known = database?.files.get(id)?.name;
    if (database && known === undefined) problems.push(`${file}: of no known target`);
    const name = known ?? `log.${id}`;
    let bytes: Buffer;
    try {
      bytes = readPlainBytes(file);
    } catch (error) {
      problems.push(`${file}: ${reason(error)}`);
      return [];
    }
    const log = new TargetLog(name);
    const pieces = log.push(bytes);
    const left = log.end();
    if (left.cut) problems.push(`${file}: the last line is cut short`);
    else if (left.bytes.length > 0) pieces.push({ kind: 'text', bytes: left.bytes });
    return [{ id, name, pieces }];
  });
}

function readStories(targets: readonly Target[]): Map<string, Story> {
  const stories = new Map<string, Story>();
  const of = (name: string): Story => {
    const story = stories.get(name) ?? {};
    stories.set(name, story);
    return story;
  };
  for (const { name: own, pieces } of targets)
    for (const piece of pieces) {
      if (piece.kind === 'text') continue;
      // What it asks for while it runs.
      const asking = of(own);
      asking.started = Math.min(asking.started ?? Infinity, piece.t);
      asking.ended = Math.max(asking.ended ?? 0, piece.t);
    }
  for (const { pieces } of targets)
    for (const piece of pieces) {
      if (piece.kind === 'text') continue;
      const story = of(piece.name);
      if (piece.kind === 'mention' && piece.built) story.started = piece.t;
      if (piece.kind === 'done' && (story.exit === undefined || piece.t >= (story.ended ?? 0))) {
        story.ended = piece.t;
        story.exit = piece.exit;
      }
    }
  return stories;
}

/** The targets that the last run built: those that became others or failed, and those of which their logs say that they were built. */
function lastRun(targets: readonly Target[], { files, lastRun: run }: RedoDatabase): Set<Target> {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const mentioned = new Set<string>();
  for (const { pieces } of targets)
    for (const piece of pieces) if (piece.kind !== 'text') mentioned.add(piece.name);
  const built = new Set(
    targets.filter(({ id }) => {
      const file = files.get(id);
      // One that redo-stamp decides on does not become another; and one that nobody asks for may have been a goal.
      return (
        file &&
        (Math.max(file.changed, file.failed) >= run || (file.stamped && file.checked >= run && !asked(id)))
      );
    }),
  );
  function asked(id: number): boolean {
    const name = files.get(id)?.name;
    return name !== undefined && mentioned.has(name);
  }
  // A set can grow while it is walked.
  for (const { pieces } of built)
    for (const piece of pieces) {
      const target = piece.kind === 'mention' && piece.built ? byName.get(piece.name) : undefined;
      if (target) built.add(target);
    }
  return built;
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 4);
}

function content({ id, name, pieces }: Target): string {
  return JSON.stringify([
    id,
    name,
    pieces.map((piece) => ('bytes' in piece ? piece.bytes.toString('latin1') : piece)),
  ]);
}

/** One build being written. */
class Import {
  readonly #place: Place;
  readonly #base: string;
  readonly #database: RedoDatabase | undefined;
  readonly #stories: ReadonlyMap<string, Story>;

  constructor(
    place: Place,
    base: string,
    database: RedoDatabase | undefined,
    stories: ReadonlyMap<string, Story>,
  ) {
    this.#place = place;
    this.#base = base;
    this.#database = database;
    this.#stories = stories;
  }

  /** @throws Failure where the store cannot be written. */
  write(id: string, at: number, targets: readonly Target[]): void {
    const { store } = this.#place;
    const folder = buildFolder(store, id);
    try {
      makeStore(store);
      makeFolder(logsFolder(folder));
      const journal = new JournalWriter(journalFile(folder));
      const logs = new LogWriter(folder);
      try {
        this.#record(id, at, targets, journal, logs, folder);
        journal.flush();
      } finally {
        logs.close();
        journal.close();
      }
    } catch (error) {
      fs.rmSync(folder, { recursive: true, force: true });
      throw new Failure(`${folder}: ${reason(error)}`);
    }
  }

  #record(
    id: string,
    at: number,
    targets: readonly Target[],
    journal: JournalWriter,
    logs: LogWriter,
    folder: string,
  ): void {
    const { root } = this.#place;
    const tell = (event: BuildEvent): void => {
      if (event.e !== 'out') journal.append(event);
    };
    const cwd = fromRoot(root, this.#base);
    const goals = this.#goals(targets);
    const argv = ['redo', ...goals];
    tell({ e: 'build', ...versionFields(JOURNAL), id, at, argv, cwd, pid: 0 });
    const jobs = new Jobs(root, at, {
      event: tell,
      append: (job: JobId, bytes: Buffer) => {
        logs.append(job, bytes);
      },
      create: (job: JobId) => {
        logs.create(job);
      },
      graph: (i: InstanceId, nodes: GraphNode[]) => {
        appendGraph(folder, i, { tool: 'redo', cwd, argv, goals, nodes });
      },
    });
    const i = jobs.newInstance();
    tell({ e: 'tool', t: 0, i, tool: 'redo', j: ROOT, cwd, argv });
    tell({ e: 'goals', i, goals });
    const time = (ms: number | undefined): number => Math.max(0, Math.round((ms ?? at) - at));
    const started = (target: Target): number => time(this.#stories.get(target.name)?.started);
    const sorted = [...targets].sort((a, b) => started(a) - started(b) || a.id - b.id);
    const byName = new Map(
      sorted.map((target) => {
        const { name } = target;
        const t = started(target);
        const start = {
          name: jobs.nameOf(this.#base, name),
          target: name,
          parent: jobs.root,
          instance: i,
          t,
        };
        return [
          name,
          { target, job: jobs.start({ ...start, needs: this.#needs(target), redirected: false }) },
        ];
      }),
    );
    for (const { target, job } of byName.values()) {
      const linked = new Set<string>();
      for (const piece of target.pieces) {
        if (piece.kind === 'text') jobs.append(job, piece.bytes);
        if (piece.kind !== 'mention' || linked.has(piece.name)) continue;
        linked.add(piece.name);
        const other = byName.get(piece.name);
        const here = { t: time(piece.t), parent: job.id, at: job.size as ByteOffset };
        const mid = piece.mid ? { mid: true as const } : {};
        if (other && other.job !== job) tell({ e: 'link', ...here, ...mid, j: other.job.id });
        else if (!other) tell({ e: 'need', ...here, ...mid, name: jobs.nameOf(this.#base, piece.name) });
      }
    }
    for (const { target, job } of byName.values()) {
      const ended = Math.max(started(target), time(this.#stories.get(target.name)?.ended));
      jobs.setStatus(job, this.#status(target), ended);
      jobs.end(job);
    }
    if (this.#database) jobs.emitGraph(i, graphOf(this.#database), goals);
    const t = [...byName.values()].reduce((last, { job }) => Math.max(last, job.statusTime), 0);
    const status = { exit: jobs.failures > 0 ? 1 : 0 };
    tell({ e: 'toolend', t, i, exit: status.exit });
    tell({ e: 'end', t, j: ROOT, status, size: jobs.root.size as ByteOffset });
    tell({ e: 'close', t, status, jobs: jobs.count - 1, failed: jobs.failures });
  }

  #status({ id, name }: Target): Status {
    const exit = this.#stories.get(name)?.exit;
    const file = this.#database?.files.get(id);
    // A later run may have ended otherwise, of which no log speaks: that of a goal.
    if (file && file.failed > 0) return statusOf(exit === undefined || exit === 0 ? 1 : exit);
    return statusOf(file ? 0 : (exit ?? 0));
  }

  /** What the targets need, as make prints it. */
  #needs({ id }: Target): string {
    const { files, needs } = this.#database ?? {};
    const names = (needs?.get(id) ?? []).flatMap((need) => files?.get(need)?.name ?? []);
    return names.filter((name) => !name.startsWith('//')).join(' ');
  }

  /** What no other of the targets needs. */
  #goals(targets: readonly Target[]): string[] {
    const needed = new Set(targets.flatMap(({ id }) => this.#database?.needs.get(id) ?? []));
    return targets.filter(({ id }) => !needed.has(id)).map(({ name }) => name);
  }
}
