// Writes targets of a redo tree to the store as one build. Knows the content of redo's database and logs, not
// where they are.

import fs from 'node:fs';
import type { BuildEvent, Status } from '../../../model/events.ts';
import { Failure, reason } from '../../../model/failure.ts';
import { type ByteOffset, type InstanceId, ROOT } from '../../../model/ids.ts';
import { appendGraph } from '../../../store/graphs.ts';
import { JournalWriter } from '../../../store/journalwriter.ts';
import { buildFolder, journalFile, logsFolder } from '../../../store/layout.ts';
import { fromRoot } from '../../../model/shownname.ts';
import { LogWriter } from '../../../store/logs.ts';
import { makeFolder, makeStore } from '../../../store/privatefiles.ts';
import { type Place } from '../../../store/place.ts';
import { JOURNAL, versionFields } from '../../../record/versions.ts';
import { type Job, Jobs, type RecorderSink } from '../../jobs.ts';
import { statusOf } from '../../wire.ts';
import type { RedoDatabase } from './database.ts';
import { graphOf } from './graph.ts';
import type { Target, TargetRun } from './targets.ts';

/** The targets of a build, with all that redo recorded of them. */
interface TargetData {
  readonly targets: readonly Target[];
  readonly runs: ReadonlyMap<string, TargetRun>;
  readonly database: RedoDatabase | undefined;
}

/**
 * Writes a build.
 * @param base the folder that targets are relative to.
 * @param at the build's start, in milliseconds since the epoch.
 * @throws Failure if the store cannot be written; nothing of the build is left then.
 */
export function writeBuild(place: Place, base: string, id: string, at: number, data: TargetData): void {
  const { store, root } = place;
  const folder = buildFolder(store, id);
  try {
    makeStore(store);
    makeFolder(logsFolder(folder));
    const journal = new JournalWriter(journalFile(folder));
    const logs = new LogWriter(folder);
    const cwd = fromRoot(root, base);
    const goals = goalsOf(data);
    const argv = ['redo', ...goals];
    const sink: RecorderSink = {
      event: (event) => {
        if (event.e !== 'out') journal.append(event);
      },
      append: (job, bytes) => {
        logs.append(job, bytes);
      },
      create: (job) => {
        logs.create(job);
      },
      graph: (i, nodes) => {
        appendGraph(folder, i, { tool: 'redo', cwd, argv, goals, nodes });
      },
    };
    try {
      sink.event({ e: 'build', ...versionFields(JOURNAL), id, at, argv, cwd, pid: 0 });
      new ImportedBuild(root, base, at, sink, data).write(cwd, argv, goals);
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

/** The targets that no other target of the build needs. */
function goalsOf({ targets, database }: TargetData): string[] {
  const needed = new Set(targets.flatMap(({ id }) => database?.needs.get(id) ?? []));
  return targets.filter(({ id }) => !needed.has(id)).map(({ name }) => name);
}

/** A target and its job. */
interface TargetJob {
  readonly target: Target;
  readonly job: Job;
}

class ImportedBuild {
  readonly #base: string;
  readonly #at: number;
  readonly #jobs: Jobs;
  readonly #data: TargetData;

  constructor(root: string, base: string, at: number, sink: RecorderSink, data: TargetData) {
    this.#base = base;
    this.#at = at;
    this.#jobs = new Jobs(root, at, sink);
    this.#data = data;
  }

  write(cwd: string, argv: readonly string[], goals: readonly string[]): void {
    const i = this.#jobs.newInstance();
    this.#emit({ e: 'tool', t: 0, i, tool: 'redo', j: ROOT, cwd, argv });
    this.#emit({ e: 'goals', i, goals });
    const byName = this.#start(i);
    for (const { target, job } of byName.values()) this.#append(target, job, byName);
    for (const { target, job } of byName.values()) this.#endJob(target, job);
    const { database } = this.#data;
    if (database) this.#jobs.emitGraph(i, graphOf(database), goals);
    const last = [...byName.values()].reduce((t, { job }) => Math.max(t, job.statusTime), 0);
    this.#end(i, last);
  }

  #emit(event: BuildEvent): void {
    this.#jobs.emit(event);
  }

  /** Starts a job for each target, in the order in which they were built. */
  #start(instance: InstanceId): Map<string, TargetJob> {
    const jobs = this.#jobs;
    const { targets } = this.#data;
    const sorted = [...targets].sort((a, b) => this.#started(a) - this.#started(b) || a.id - b.id);
    return new Map(
      sorted.map((target) => {
        const job = jobs.start({
          name: jobs.nameOf(this.#base, target.name),
          target: target.name,
          parent: jobs.root,
          instance,
          t: this.#started(target),
          needs: this.#needs(target),
          redirected: false,
        });
        return [target.name, { target, job }];
      }),
    );
  }

  /** Appends the target's text. Puts a link or a need where it first asked for each other target. */
  #append(target: Target, job: Job, byName: ReadonlyMap<string, TargetJob>): void {
    const jobs = this.#jobs;
    const linked = new Set<string>();
    for (const piece of target.pieces) {
      if (piece.kind === 'text') jobs.append(job, piece.bytes);
      if (piece.kind !== 'mention' || linked.has(piece.name)) continue;
      linked.add(piece.name);
      const other = byName.get(piece.name)?.job;
      const here = { t: this.#time(piece.t), parent: job.id, at: job.size as ByteOffset };
      const mid = piece.mid ? { mid: true as const } : {};
      if (!other) this.#emit({ e: 'need', ...here, ...mid, name: jobs.nameOf(this.#base, piece.name) });
      else if (other !== job) this.#emit({ e: 'link', ...here, ...mid, j: other.id });
    }
  }

  #endJob(target: Target, job: Job): void {
    const ended = this.#time(this.#data.runs.get(target.name)?.ended);
    this.#jobs.setStatus(job, this.#status(target), Math.max(this.#started(target), ended));
    this.#jobs.end(job);
  }

  #end(i: InstanceId, t: number): void {
    const { failures, count, root } = this.#jobs;
    const status = { exit: failures > 0 ? 1 : 0 };
    this.#emit({ e: 'toolend', t, i, exit: status.exit });
    this.#emit({ e: 'end', t, j: ROOT, status, size: root.size as ByteOffset });
    this.#emit({ e: 'close', t, status, jobs: count - 1, failed: failures });
  }

  /** Milliseconds since the build's start. @param ms since the epoch. */
  #time(ms = this.#at): number {
    return Math.max(0, Math.round(ms - this.#at));
  }

  #started(target: Target): number {
    return this.#time(this.#data.runs.get(target.name)?.started);
  }

  #status({ id, name }: Target): Status {
    const { runs, database } = this.#data;
    const exit = runs.get(name)?.exit;
    const file = database?.files.get(id);
    // A goal's end is in no log, so a later run may have ended differently: the database knows.
    if (file && file.failed > 0) return statusOf(exit === undefined || exit === 0 ? 1 : exit);
    return statusOf(file ? 0 : (exit ?? 0));
  }

  /** The target's needs, in make's format. */
  #needs({ id }: Target): string {
    const { files, needs } = this.#data.database ?? {};
    const names = (needs?.get(id) ?? []).flatMap((need) => files?.get(need)?.name ?? []);
    return names.filter((name) => !name.startsWith('//')).join(' ');
  }
}
