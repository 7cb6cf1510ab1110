// Splits `loglin redo …` into jobs. redo writes the output of each target to a log, and has redo-log print
// all of them. This hook reads the logs as they grow, one job for each, and removes redo-log's copy from
// redo's output. redo-log's output cannot be the source: a target that two others wait for is in it twice,
// and under another target's name. Works for the wrapped command only; knows no store.

import fs from 'node:fs';
import path from 'node:path';
import stripAnsi from 'strip-ansi';
import type { GraphNode } from '../../../model/graph.ts';
import type { ByteOffset, InstanceId } from '../../../model/ids.ts';
import { openPlain } from '../../../store/plainfile.ts';
import type { Job, Writer } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import { ROOT_SLOT } from '../../slots.ts';
import { statusOf } from '../../wire.ts';
import type { Hook, Recording } from '../hook.ts';
import { ToolInstance } from '../instances.ts';
import { type RedoDatabase, readDatabase } from './database.ts';
import { graphOf } from './graph.ts';
import { LineSet } from './lines.ts';
import { type LogPiece, TargetLog } from './logs.ts';
import { baseOf, loggedTargets, redoFolder, targetLog } from './tree.ts';

const NEWLINE = 0x0a;
/** The resolution of file times: a folder that changed less than this ago may change again unnoticed. */
const FRESH_MS = 30;
/** The shortest time between two reads of the database. */
const DATABASE_MS = 50;
/** redo-log's header lines: `redo    src/a.o (resumed)`. */
const TRACE = /^redo {2} *(.+?)(?: \((?:resumed|done|exit (\d+))\))?$/;

/** A log that is being read. */
interface OpenLog {
  readonly id: number;
  readonly stamp: string;
  readonly job: Job;
  readonly log: TargetLog;
  readonly fd: number;
  readonly mentioned: Set<string>;
}

/** A place in a job's log where it asked for a target that has no job so far. */
interface Mention {
  readonly parent: Job;
  readonly at: ByteOffset;
  readonly mid: boolean;
  readonly name: string;
}

export interface RedoCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly targets: readonly string[];
}

const buffer = Buffer.allocUnsafe(64 * 1024);

export class RedoRecords implements Hook {
  readonly handlers = {};
  readonly #recording: Recording;
  readonly #command: RedoCommand;
  #base: string | undefined;
  #instance: ToolInstance | undefined;
  /**
   * The inodes of all known logs, by the target's number: those from before the build, and those that were
   * read.
   */
  readonly #stamps = new Map<number, string>();
  readonly #openLogs = new Map<number, OpenLog>();
  readonly #jobs = new Map<string, Job>();
  readonly #lines = new LineSet();
  #unresolved: Mention[] = [];
  /** The exit statuses of targets that failed, as redo-log printed them. */
  readonly #exits = new Map<string, number>();
  #database: RedoDatabase | undefined;
  /** When the database was last read, in milliseconds since the epoch. */
  #databaseRead = 0;
  #folderTime = '';
  /** There are logs of targets whose names are not known yet. */
  #hasUnnamed = false;
  /** The length of an unfinished line that is held. */
  #heldTail = 0;

  constructor(recording: Recording, command: RedoCommand) {
    this.#recording = recording;
    this.#command = command;
    this.#base = baseOf(command.cwd, command.targets);
    if (this.#base === undefined) return;
    for (const [id, stamp] of this.#stampsNow()) this.#stamps.set(id, stamp);
  }

  beforeText(slot: Slot): void {
    if (slot.name === ROOT_SLOT && this.#isEnabled()) slot.holders.add(this);
  }

  poll(): void {
    if (!this.#isEnabled()) return;
    this.#readLogs(false);
    const slot = this.#recording.slots.get(ROOT_SLOT);
    // The lines of a log without a name have not been read: redo-log's copy of them would be flushed.
    if (slot && slot.heldBytes > this.#heldTail && !this.#hasUnnamed) this.#recording.flush(slot);
  }

  unclaimed(slot: Slot, text: Buffer, by: Writer | undefined): Buffer {
    if (by || !slot.holders.has(this)) return text;
    this.#readLogs(false);
    const again = text.length === this.#heldTail;
    this.#heldTail = 0;
    const end = text.lastIndexOf(NEWLINE) + 1;
    const kept: Buffer[] = [];
    for (let at = 0; at < end;) {
      const next = text.indexOf(NEWLINE, at) + 1;
      if (!this.#isKnown(text.subarray(at, next - 1))) kept.push(text.subarray(at, next));
      at = next;
    }
    const rest = text.subarray(end);
    if (rest.length > 0 && !again && !slot.atEnd && !this.#recording.isOver()) {
      this.#heldTail = rest.length;
      slot.hold(Buffer.from(rest));
    } else if (rest.length > 0) {
      kept.push(rest);
    }
    return Buffer.concat(kept);
  }

  ending(): void {
    if (!this.#isEnabled()) return;
    this.#readLogs(true);
    this.#database = this.#read();
    this.#readLogs(true);
    const instance = this.#instance?.id;
    if (instance === undefined) return;
    const { jobs } = this.#recording;
    for (const openLog of [...this.#openLogs.values()]) this.#endLog(openLog);
    for (const { parent, at, mid, name } of this.#unresolved) {
      const here = { t: jobs.now(), parent: parent.id, at, ...(mid ? { mid: true as const } : {}) };
      jobs.emit({ e: 'need', ...here, name: jobs.nameOf(this.#base ?? '', name) });
    }
    if (this.#database) {
      const nodes: GraphNode[] = graphOf(this.#database);
      jobs.emitGraph(instance, nodes, this.#goals());
    } else {
      jobs.note('redo: the data base could not be read: needs are not known; install sqlite3');
    }
    this.#instance?.emitEnd();
  }

  #isEnabled(): boolean {
    return fs.existsSync(this.#recording.workspace.path('h.redo'));
  }

  // -- logs -------------------------------------------------------------------------------------------------

  /**
   * Reads new logs, and what has been added to the others.
   * @param all looks for new logs even if the folder's time has not changed.
   */
  #readLogs(all: boolean): void {
    this.#base ??= baseOf(this.#command.cwd, this.#command.targets);
    if (this.#base === undefined) return;
    if (all || this.#hasUnnamed || this.#folderChanged()) {
      this.#hasUnnamed = false;
      for (const [id, stamp] of this.#stampsNow()) if (this.#stamps.get(id) !== stamp) this.#begin(id, stamp);
    }
    for (const openLog of this.#openLogs.values()) this.#readOn(openLog);
  }

  #folderChanged(): boolean {
    const stat = fs.statSync(redoFolder(this.#base ?? ''), { bigint: true, throwIfNoEntry: false });
    if (!stat) return false;
    const now = `${stat.ino}.${stat.mtimeNs}`;
    if (now === this.#folderTime) return false;
    if (Date.now() - Number(stat.mtimeMs) > FRESH_MS) this.#folderTime = now;
    return true;
  }

  #stampsNow(): Map<number, string> {
    const base = this.#base ?? '';
    const stamps = new Map<number, string>();
    try {
      for (const id of loggedTargets(base)) {
        const stat = fs.statSync(targetLog(base, id), { bigint: true, throwIfNoEntry: false });
        if (stat) stamps.set(id, String(stat.ino));
      }
    } catch {
      // The folder is gone; redo itself reports that.
    }
    return stamps;
  }

  #begin(id: number, stamp: string): void {
    const name = this.#nameOf(id);
    if (name === undefined) {
      this.#hasUnnamed = true;
      return;
    }
    const before = this.#openLogs.get(id);
    if (before) this.#endLog(before);
    let fd: number;
    try {
      fd = openPlain(targetLog(this.#base ?? '', id));
    } catch {
      return;
    }
    this.#stamps.set(id, stamp);
    const { jobs } = this.#recording;
    const t = jobs.now();
    const shown = jobs.nameOf(this.#base ?? '', name);
    const instance = this.#emitStart(t);
    const job = jobs.start({ name: shown, target: name, parent: jobs.root, instance, t, redirected: false });
    this.#jobs.set(name, job);
    this.#unresolved = this.#unresolved.filter((mention) => mention.name !== name || !this.#link(mention));
    this.#openLogs.set(id, { id, stamp, job, log: new TargetLog(name), fd, mentioned: new Set() });
  }

  #emitStart(t: number): InstanceId {
    const base = this.#base ?? '';
    if (this.#instance) return this.#instance.emitStart(base);
    const { jobs } = this.#recording;
    const { argv } = this.#command;
    this.#instance = new ToolInstance(this.#recording, {
      tool: 'redo',
      job: jobs.root,
      argv,
      t,
      slot: undefined,
    });
    const i = this.#instance.emitStart(base);
    jobs.emit({ e: 'goals', i, goals: this.#goals() });
    return i;
  }

  #goals(): string[] {
    const { cwd, targets } = this.#command;
    return targets.map((target) => path.relative(this.#base ?? '', path.resolve(cwd, target)));
  }

  #readOn(openLog: OpenLog): void {
    for (;;) {
      const n = fs.readSync(openLog.fd, buffer, 0, buffer.length, null);
      if (n === 0) return;
      const bytes = Buffer.from(buffer.subarray(0, n));
      this.#lines.add(openLog.id, bytes);
      for (const piece of openLog.log.push(bytes)) this.#take(openLog, piece);
    }
  }

  #take(openLog: OpenLog, piece: LogPiece): void {
    const { jobs } = this.#recording;
    const { job } = openLog;
    if (piece.kind === 'text') {
      if (piece.fromRedo) this.#lines.addLine(piece.bytes);
      jobs.append(job, piece.bytes);
    } else if (piece.kind === 'done') {
      const done = [...this.#openLogs.values()].find((other) => other.job === this.#jobs.get(piece.name));
      if (!done || done === openLog) return;
      this.#recording.jobs.setStatus(done.job, statusOf(piece.exit));
      this.#endLog(done);
    } else if (!openLog.mentioned.has(piece.name)) {
      openLog.mentioned.add(piece.name);
      const mention = { parent: job, at: job.size as ByteOffset, mid: piece.mid, name: piece.name };
      if (!this.#link(mention)) this.#unresolved.push(mention);
    }
  }

  /** @returns false if the target has no job so far. */
  #link({ parent, at, mid, name }: Mention): boolean {
    const { jobs } = this.#recording;
    const job = this.#jobs.get(name);
    if (!job) return false;
    const here = { t: jobs.now(), parent: parent.id, at, ...(mid ? { mid: true as const } : {}) };
    if (job !== parent) jobs.emit({ e: 'link', ...here, j: job.id });
    return true;
  }

  #endLog(openLog: OpenLog): void {
    if (this.#openLogs.get(openLog.id) !== openLog) return;
    this.#readOn(openLog);
    const { jobs } = this.#recording;
    const { id, job, log, fd } = openLog;
    jobs.append(job, log.end().bytes);
    this.#lines.end(id);
    fs.closeSync(fd);
    this.#openLogs.delete(id);
    jobs.setStatus(job, job.status ?? this.#statusOf(id, job.target), jobs.now());
    jobs.end(job);
  }

  /** The status of a target without an end in any log: it is a goal, or was killed. */
  #statusOf(id: number, target: string): Job['status'] {
    const exit = this.#exits.get(target);
    if (exit !== undefined) return { exit };
    const { files, lastRun = 0 } = this.#database ?? {};
    const file = files?.get(id);
    if (!file) return undefined;
    if (file.failed >= lastRun) return { exit: 1 };
    return file.changed >= lastRun || (file.stamped && file.checked >= lastRun) ? { exit: 0 } : undefined;
  }

  // -- names, and redo's own text ---------------------------------------------------------------------------

  #nameOf(id: number): string | undefined {
    const known = this.#database?.files.get(id)?.name;
    if (known !== undefined || Date.now() - this.#databaseRead < DATABASE_MS) return known;
    this.#database = this.#read() ?? this.#database;
    return this.#database?.files.get(id)?.name;
  }

  /** Reads the database; undefined if that fails, since redo may be writing it. */
  #read(): RedoDatabase | undefined {
    this.#databaseRead = Date.now();
    try {
      return readDatabase(this.#base ?? '');
    } catch {
      return undefined;
    }
  }

  /** Is this line a copy from a target's log, or a header of redo-log's? */
  #isKnown(line: Buffer): boolean {
    if (this.#lines.has(line)) return true;
    const text = stripAnsi(line.toString('utf8'));
    const [, name, exit] = TRACE.exec(text) ?? [];
    if (name === undefined) return false;
    const target = path.relative(this.#base ?? '', path.resolve(this.#command.cwd, name));
    if (!this.#jobs.has(target)) return false;
    if (exit !== undefined) this.#exits.set(target, Number(exit));
    return true;
  }
}
