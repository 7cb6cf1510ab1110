// Turns the records of GNU make (library/make.c, wire.ts) into jobs. Knows how make works, not how slots and
// logs do.

import fs from 'node:fs';
import path from 'node:path';
import type { GraphNode } from '../../../model/graph.ts';
import type { Job, Writer } from '../../jobs.ts';
import { isBad } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import { type Fields, statusOf } from '../../wire.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { Instances } from '../instances.ts';
import { awaitRecord } from '../marks.ts';
import { readCommandLine } from './commandline.ts';
import { parseFileDataBase, prune } from './graph.ts';
import { MakeInstance } from './instance.ts';
import { enteringLength, findUnstarted } from './messages.ts';
import { MakeText, withFrame } from './text.ts';

/** The longest line in which a make names its folder, in bytes. */
const LONGEST_FIRST = 5000;

/** The longest piece that a make writes at once, in bytes. */
const LONGEST_PIECE = 4096;

export class MakeRecords implements Hook {
  readonly handlers: Handlers = {
    M: (record, slot) => this.#started(record, slot),
    L: (record, slot) => this.#launched(record, slot),
    P: (record, slot) => this.#stepAnnounced(record, slot),
    S: (record, slot) => this.#stepBegins(record, slot),
    W: (record) => this.#stepReaped(record),
    Y: (record) => this.#awaitReaped(record),
    E: (record, slot) => this.#finished(record, slot),
    X: (record, slot) => this.#exited(record, slot),
    F: (record) => this.#framed(record),
    G: (record) => this.#planned(record),
    T: (record, slot) => this.#textAnnounced(record, slot),
  };
  /** Graphs that were asked for before the build (--plan). */
  readonly plans: { cwd: string; nodes: GraphNode[] }[] = [];
  readonly #recording: Recording;
  readonly #instances: Instances<MakeInstance>;
  readonly #byPid = new Map<string, MakeInstance>();
  readonly #launchedBy = new Map<Job, MakeInstance>();
  readonly #text: MakeText;
  #notedUncaptured = false;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#instances = new Instances(recording);
    this.#text = new MakeText(recording, this.#launchedBy);
  }

  jobEnded(job: Job): void {
    for (const make of this.#instances.takeOf(job)) this.#instances.end(make);
    this.#launchedBy.delete(job);
  }

  finish(): void {
    for (const make of this.#instances.all()) this.#instances.end(make);
  }

  /**
   * Makes jobs of recipe lines whose program does not exist. make starts nothing for them, and only prints
   * messages.
   */
  unclaimed(slot: Slot, text: Buffer, by: Writer | undefined): Buffer {
    const { jobs, isOver } = this.#recording;
    const all = this.#instances.inSlot(slot);
    const writers = by === undefined ? all : all.filter((one) => one === by);
    const owner = slot.job ?? jobs.root;
    for (const one of writers)
      if (one.id === undefined && one.job === owner && owner.size === one.at)
        one.firstText = Buffer.from(text.subarray(0, LONGEST_FIRST));
    const [instance] = writers;
    let rest = isOver() ? this.#text.moveLastMessages(slot, text) : text;
    for (let found = instance && findUnstarted(rest); instance && found; found = findUnstarted(rest)) {
      const { from, to } = withFrame(rest, found, instance.frame);
      for (const piece of slot.pieces(rest.subarray(0, from))) jobs.append(owner, piece.bytes, piece.by);
      this.#unstarted(instance, owner, found.target, found.status, rest.subarray(from, to));
      rest = rest.subarray(to);
    }
    return rest;
  }

  /** Records a job that has nothing but make's messages. */
  #unstarted(instance: MakeInstance, parent: Job, target: string, exit: number, messages: Buffer): void {
    const { jobs } = this.#recording;
    const i = instance.emitStart(instance.cwd || process.cwd());
    const name = jobs.nameOf(instance.cwd, target);
    const t = jobs.now();
    const job = jobs.start({ name, target, parent, instance: i, t, redirected: false });
    jobs.append(job, messages);
    jobs.setStatus(job, { exit }, t);
    jobs.end(job);
  }

  // -- make processes ---------------------------------------------------------------------------------------

  #started(record: Fields<'M'>, slot: Slot | undefined): undefined {
    const { process, pid, place, flags, time, lineage, argv } = record;
    const known = this.#byPid.get(pid);
    if (known && !known.ended && slot && known.slot === slot) {
      // It has re-executed itself after it remade a makefile.
      this.#instances.rename(process, known);
      return;
    }
    const { jobs } = this.#recording;
    const start = {
      job: jobs.byPlace(place),
      argv,
      t: jobs.time(time),
      lineage,
      slot,
      piped: flags[2] === 'p',
    };
    const make = new MakeInstance(this.#recording, start, flags[1] === '1');
    this.#byPid.set(pid, make);
    this.#instances.add(process, make);
  }

  #exited(record: Fields<'X'>, slot: Slot | undefined): undefined {
    const { process, exit, time, graph, cwd, keepGoing } = record;
    const { jobs, flush } = this.#recording;
    const instance = this.#instances.get(process);
    if (!instance || instance.ended) return;
    if (slot) flush(slot, instance);
    const code = statusOf(exit, 'exit')?.exit;
    instance.exit = { cwd, code };
    if (instance.id === undefined) this.#introduceIdle(instance, cwd);
    if (graph !== '' && instance.id !== undefined)
      jobs.emitGraph(instance.id, this.#readGraph(graph, instance.goals, instance.cwd), instance.goals);
    this.#instances.end(instance, code, jobs.time(time), keepGoing === '' ? undefined : keepGoing === '1');
  }

  /**
   * Emits the start of a make that had nothing to do, or failed before it did anything. Its targets are shown
   * from earlier builds (`-u`).
   * @param cwd the folder in which it was called.
   */
  #introduceIdle(instance: MakeInstance, cwd: string): void {
    const { folder, goals, idle } = readCommandLine(instance.argv);
    if (idle || cwd === '') return;
    const entered = path.resolve(cwd, folder);
    // The targets are shown at the place where its jobs would be: after the line that names the folder.
    if (instance.firstText) instance.at += enteringLength(instance.firstText, entered);
    const i = instance.emitStart(entered);
    if (goals.length > 0) this.#recording.jobs.emit({ e: 'goals', i, goals });
  }

  #textAnnounced({ process, bytes }: Fields<'T'>, slot: Slot | undefined): undefined {
    const by = this.#instances.get(process);
    const count = Number(bytes);
    if (slot && by && count > 0 && count <= LONGEST_PIECE) slot.announceText(by, count);
  }

  #framed({ process, unit, before, after }: Fields<'F'>): undefined {
    const instance = this.#instances.get(process);
    if (!instance) return;
    const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
    instance.frame = { before: bytes(before), after: bytes(after), byLine: unit === 'line' };
  }

  #planned({ cwd, goals, graph }: Fields<'G'>): undefined {
    if (graph === '') return;
    this.plans.push({
      cwd: this.#recording.jobs.relative(cwd),
      nodes: this.#readGraph(graph, words(goals), cwd),
    });
  }

  /**
   * @param file the spool file of make's dump, which is removed.
   * @param cwd the folder that names are relative to.
   */
  #readGraph(file: string, goals: readonly string[], cwd: string): GraphNode[] {
    const dump = this.#recording.workspace.take(file);
    if (!dump) return [];
    return prune(parseFileDataBase(dump), goals).map((entry): GraphNode => {
      const { name, needs, recipe, also } = entry;
      // A rule without commands whose file does not exist is the old form of phony (`FORCE:`). The file of a
      // header's empty rule (gcc -MP) exists.
      const phony = entry.phony || (!recipe && also.length === 0 && !fs.existsSync(path.resolve(cwd, name)));
      return {
        name,
        needs,
        recipe,
        ...(phony ? { phony } : {}),
        ...(also.length > 0 ? { also } : {}),
      };
    });
  }

  // -- jobs and their steps ---------------------------------------------------------------------------------

  #launched(record: Fields<'L'>, slot: Slot | undefined): undefined {
    const { jobs, slots } = this.#recording;
    const { process, flags, target, needs, newer, argv } = record;
    const instance = this.#instances.get(process);
    if (!instance) return;
    const i = instance.emitStart(record.cwd);
    if (instance.goals.length === 0 && record.goals !== '') {
      instance.goals = words(record.goals);
      jobs.emit({ e: 'goals', i, goals: instance.goals });
    }
    const jobSlot = record.slot === '-' ? undefined : slots.take(record.slot);
    const echo = jobSlot && slot ? this.#text.takeEcho(slot, instance, argv) : undefined;
    const t = jobs.time(record.time);
    const start = {
      name: jobs.nameOf(instance.cwd, target),
      target,
      parent: instance.job,
      instance: i,
      t,
      needs,
      newer,
      missing: flags[3] === '1',
      redirected: flags.startsWith('0'),
      // make itself is the reader, which prints a piece again.
      ...(flags.startsWith('p') ? { toPipe: { streams: 'stdout' as const } } : {}),
      piped: instance.piped || (slot !== undefined && !jobSlot),
    };
    const job = jobs.start(start, record.job);
    this.#launchedBy.set(job, instance);
    if (jobSlot) this.#assign(jobSlot, job, flags.startsWith('p'));
    else if (slot) this.#noteUncaptured();
    const frame = flags[2] === '1' ? this.#text.frameOf(job) : undefined;
    jobs.step(job, { t, argv, echo, frame });
  }

  /** @param isPrintedAgain make itself prints what comes in the slot, later (--output-sync into a pipe). */
  #assign(slot: Slot, job: Job, isPrintedAgain: boolean): void {
    this.#recording.slots.assign(slot, job, isPrintedAgain ? [] : undefined);
    slot.isPrintedAgain = isPrintedAgain;
  }

  #noteUncaptured(): void {
    if (this.#notedUncaptured) return;
    this.#notedUncaptured = true;
    this.#recording.jobs.note(
      'more jobs at once than slots: the output of some is in the log of what started them',
    );
  }

  #stepAnnounced(record: Fields<'P'>, slot: Slot | undefined): undefined {
    const { jobs, slots } = this.#recording;
    const { framed, time, argv } = record;
    const job = jobs.byWireId(record.job);
    if (!job) return;
    const hasSlot = slots.ofJob(job) !== undefined;
    const messages = slot && isBad(job.status) ? this.#text.takeMessages(slot, job) : undefined;
    if (slot) this.#text.takeEmptyFrame(slot, job);
    const echo = hasSlot && slot ? this.#text.takeEcho(slot, this.#launchedBy.get(job), argv) : undefined;
    const frame = framed === '1' ? this.#text.frameOf(job) : undefined;
    const number = Number(record.step);
    jobs.announceStep(job, number, { t: jobs.time(time), argv, messages, echo, frame });
    if (!hasSlot) jobs.beginStep(job, number);
  }

  /** Handles the mark in a job's slot: the text after it belongs to this step. */
  #stepBegins({ job: wireId, step, stream }: Fields<'S'>, slot: Slot | undefined): 'wait' | undefined {
    const { jobs } = this.#recording;
    const number = Number(step);
    const known = (): Job | undefined => {
      const job = jobs.byWireId(wireId);
      return job && jobs.knowsStep(job, number) ? job : undefined;
    };
    // What is left of the step before, in the job's stdout, comes first.
    if (slot?.isReadingSecond && !known()) return 'wait';
    if (awaitRecord(this.#recording, stream, () => known() !== undefined) === 'wait') return 'wait';
    const job = known();
    if (!job || !slot) return undefined;
    slot.openedBy(job);
    jobs.beginStep(job, number);
    return undefined;
  }

  #stepReaped({ job: wireId, step, status: code, time, user, sys, peak }: Fields<'W'>): undefined {
    const { jobs, slots } = this.#recording;
    const job = jobs.byWireId(wireId);
    const status = statusOf(code);
    if (!job || !status) return;
    const number = Number(step);
    // Reads the slot up to the step's mark. Not beyond it: the next step's record may come after this one.
    const hasBegun = (): boolean => job.steps > number;
    const jobSlot = slots.ofJob(job);
    // What the step has written goes into the pipe before what make prints next.
    if (jobSlot?.isForwarded) jobSlot.read(true);
    else if (!hasBegun()) jobSlot?.read(true, hasBegun);
    jobs.exited(job, { step: number, status, t: jobs.time(time), used: { user, sys, peak } });
  }

  /**
   * What make has printed on its stderr after it reaped a step comes after what the step has printed there.
   */
  #awaitReaped({ job: wireId, step }: Fields<'Y'>): 'wait' | undefined {
    const { jobs, isOver } = this.#recording;
    const job = jobs.byWireId(wireId);
    const isKnown = job && (job.ended || job.steps > Number(step) + 1 || job.status !== undefined);
    return isKnown || isOver() ? undefined : 'wait';
  }

  #finished({ job: wireId }: Fields<'E'>, slot: Slot | undefined): undefined {
    const { jobs, slots, flush, release } = this.#recording;
    const job = jobs.byWireId(wireId);
    if (!job || job.ended) return;
    const jobSlot = slots.ofJob(job);
    if (jobSlot) {
      jobSlot.read(true);
      flush(jobSlot);
    }
    let ignored = false;
    if (slot && isBad(job.status)) ignored = this.#text.moveMessages(slot, job);
    else if (slot) this.#text.moveUnstarted(slot, job);
    if (slot) this.#text.takeEmptyFrame(slot, job);
    jobs.end(job, ignored ? 'ignored' : undefined);
    if (jobSlot) release(jobSlot);
  }
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
