// What the capture library tells of GNU make (library/make.c), made into jobs. M: a make starts; L: it launches a job; P: the job's
// next command; S, in the job's slot: the place where it begins; W: a command was reaped; E: the target is finished; X: the make exits;
// G: the graph alone (--plan); F: what it prints around a piece of a job's output (--output-sync); T: what comes next is its own text.
// Knows make's habits, not how slots and logs work.

import fs from 'node:fs';
import path from 'node:path';
import type { GraphNode } from '../../../model/graph.ts';
import { type Frame, type Job, type Speaker, exitOf, isBad, statusOf } from '../../jobs.ts';
import type { WireRecord } from '../../protocol.ts';
import type { Slot } from '../../slots.ts';
import type { Hook, Recording } from '../hook.ts';
import { type InstanceStart, Instances, ToolInstance } from '../instances.ts';
import { awaitRecord } from '../marks.ts';
import { readCommandLine } from './commandline.ts';
import { parseFileDataBase, prune } from './graph.ts';
import { type TargetMessage, enteringLength, findEcho, findMessages, findUnstarted } from './messages.ts';

/** The line that says in which folder a make works is no longer, in bytes. */
const LONGEST_FIRST = 5000;

/** So much a make says at once. */
const LONGEST_SPOKEN = 4096;

/**
 * A make process. One that executes itself anew stays the same. Its folder is known with its first job, since `-C`
 * comes after the start.
 */
class Make extends ToolInstance {
  readonly errVisible: boolean;
  /** The beginning of what it said first, while it has launched nothing. */
  firstText: Buffer | undefined;
  goals: readonly string[] = [];
  frame: { readonly before: Buffer; readonly after: Buffer; readonly byLine: boolean } | undefined;

  constructor(recording: Recording, start: InstanceStart, errVisible: boolean) {
    super(recording, start);
    this.errVisible = errVisible;
  }
}

export class MakeRecords implements Hook {
  readonly kinds = 'MLPSWEXGFT';
  /** Graphs that were asked for before the build (--plan). */
  readonly plans: { cwd: string; nodes: GraphNode[] }[] = [];
  readonly #recording: Recording;
  readonly #makes: Instances<Make>;
  readonly #byPid = new Map<number, Make>();
  readonly #launchedBy = new Map<Job, Make>();
  #saidUncaptured = false;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#makes = new Instances(recording);
  }

  record({ kind, fields }: WireRecord, slot: Slot | undefined): 'wait' | undefined {
    switch (kind) {
      case 'M':
        this.#started(fields, slot);
        break;
      case 'L':
        this.#launched(fields, slot);
        break;
      case 'P':
        this.#stepAnnounced(fields, slot);
        break;
      case 'S':
        return this.#stepBegins(fields, slot);
      case 'W':
        this.#stepReaped(fields);
        break;
      case 'E':
        this.#finished(fields, slot);
        break;
      case 'X':
        this.#exited(fields, slot);
        break;
      case 'G':
        this.#planned(fields);
        break;
      case 'F':
        this.#framed(fields);
        break;
      case 'T':
        this.#speaks(fields, slot);
        break;
      default:
    }
    return undefined;
  }

  jobEnded(job: Job): void {
    for (const make of this.#makes.takeOf(job)) this.#end(make, undefined);
    this.#launchedBy.delete(job);
  }

  finish(): void {
    for (const make of this.#makes.all()) this.#end(make, undefined);
  }

  /** A recipe line whose program is not there starts nothing: make's messages are all that there is of its job. */
  unclaimed(slot: Slot, text: Buffer, by: Speaker | undefined): Buffer {
    const { jobs } = this.#recording;
    const speakers = this.#makes.inSlot(slot);
    const instance = by === undefined ? speakers[0] : speakers.find((one) => one === by);
    const owner = slot.job ?? jobs.root;
    for (const one of speakers)
      if (
        (by === undefined || one === by) &&
        one.id === undefined &&
        one.job === owner &&
        owner.size === one.at
      )
        one.firstText = Buffer.from(text.subarray(0, LONGEST_FIRST));
    let rest = this.#recording.over() ? this.#takeLastMessages(slot, text) : text;
    for (let lost = instance && findUnstarted(rest); instance && lost; lost = findUnstarted(rest)) {
      const { from, to } = withFrame(rest, lost, instance.frame);
      for (const piece of slot.pieces(rest.subarray(0, from))) jobs.append(owner, piece.bytes, piece.by);
      const i = instance.tell(instance.cwd || process.cwd());
      const name = jobs.nameOf(instance.cwd, lost.target);
      const t = jobs.now();
      const job = jobs.start({ name, target: lost.target, parent: owner, instance: i, t, aside: false });
      jobs.append(job, rest.subarray(from, to));
      job.status = { exit: lost.status };
      job.statusTime = t;
      jobs.end(job);
      rest = rest.subarray(to);
    }
    return rest;
  }

  /** A make that was killed has not told that the last of its jobs is finished: its lines about it are at the end of its text. */
  #takeLastMessages(slot: Slot, text: Buffer): Buffer {
    const { jobs } = this.#recording;
    const failing = [...this.#launchedBy.keys()].filter(
      ({ status }) => status !== undefined && isBad(status),
    );
    const found = failing
      .flatMap((job) => findMessages(text, job.target).map((message) => ({ job, ...message })))
      .filter(({ job }) => job.parent === (slot.job ?? jobs.root))
      .sort((a, b) => a.from - b.from);
    let at = 0;
    for (const { job, from, to } of found) {
      if (from < at) continue;
      for (const piece of slot.pieces(text.subarray(at, from)))
        jobs.append(slot.job ?? jobs.root, piece.bytes, piece.by);
      jobs.append(job, text.subarray(from, to));
      at = to;
    }
    return text.subarray(at);
  }

  // -- make processes ----------------------------------------------------------------------------------------------------------

  #started(fields: readonly string[], slot: Slot | undefined): void {
    const [wire = '', pidText = '', place = '', flags = '', time = '', born = '', ...argv] = fields;
    const pid = Number(pidText);
    const again = this.#byPid.get(pid);
    if (again && !again.ended && slot && again.talk === slot) {
      // It has executed itself anew, after it remade a makefile.
      this.#makes.rename(wire, again);
      return;
    }
    const start = { tool: 'make', place, argv, time, born, talk: slot, piped: flags[2] === 'p' };
    const make = new Make(this.#recording, start, flags[1] === '1');
    this.#byPid.set(pid, make);
    this.#makes.add(wire, make);
  }

  #exited(fields: readonly string[], slot: Slot | undefined): void {
    const [wire = '', exit = '', t = '', graph = '', cwd = '', keepGoing = ''] = fields;
    const { jobs, flush } = this.#recording;
    const instance = this.#makes.get(wire);
    if (!instance || instance.ended) return;
    if (slot) flush(slot, instance);
    const code = exitOf(exit);
    instance.left = { cwd, exit: code };
    if (instance.id === undefined) this.#tellIdle(instance, cwd);
    if (graph !== '' && instance.id !== undefined)
      jobs.tellGraph(instance.id, this.#readGraph(graph, instance.goals, instance.cwd), instance.goals);
    this.#end(instance, code, jobs.time(t), keepGoing === '' ? undefined : keepGoing === '1');
  }

  /**
   * It had nothing to do, or failed before it did anything: what it would have made is shown from earlier builds (`-u`).
   * @param cwd where it was called.
   */
  #tellIdle(instance: Make, cwd: string): void {
    const { folder, goals, idle } = readCommandLine(instance.argv);
    if (idle || cwd === '') return;
    const there = path.resolve(cwd, folder);
    // What it made stands where its jobs would: after the line that says where it works.
    if (instance.firstText) instance.at += enteringLength(instance.firstText, there);
    const i = instance.tell(there);
    if (goals.length > 0) this.#recording.jobs.tell({ e: 'goals', i, goals });
  }

  #end(instance: Make, exit: number | undefined, t = this.#recording.jobs.now(), keepGoing?: boolean): void {
    if (instance.ended) return;
    this.#makes.leave(instance);
    instance.tellEnd(exit, t, keepGoing);
  }

  #speaks([wire = '', size = '']: readonly string[], slot: Slot | undefined): void {
    const by = this.#makes.get(wire);
    const left = Number(size);
    if (slot && by && left > 0 && left <= LONGEST_SPOKEN) slot.speaking = { by, left };
  }

  #framed([wire = '', kind = '', before = '', after = '']: readonly string[]): void {
    const instance = this.#makes.get(wire);
    if (!instance) return;
    const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
    instance.frame = { before: bytes(before), after: bytes(after), byLine: kind === 'line' };
  }

  #planned([cwd = '', goals = '', graph = '']: readonly string[]): void {
    if (graph === '') return;
    this.plans.push({
      cwd: this.#recording.jobs.relative(cwd),
      nodes: this.#readGraph(graph, words(goals), cwd),
    });
  }

  /** @param file the spool file of make's dump, which is removed. @param cwd where its names are. */
  #readGraph(file: string, goals: readonly string[], cwd: string): GraphNode[] {
    const dump = this.#recording.workspace.take(file);
    if (!dump) return [];
    return prune(parseFileDataBase(dump), goals).map((entry): GraphNode => {
      const { name, needs, recipe, also } = entry;
      // A rule without commands, and no file: the old way to say phony (`FORCE:`). A header's empty rule (gcc -MP) has its file.
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

  // -- jobs and their steps ----------------------------------------------------------------------------------------------------

  #launched(fields: readonly string[], slot: Slot | undefined): void {
    const { jobs, slots } = this.#recording;
    const [wire = '', from = '', place = '', flags = '', time = '', cwd = '', ...rest] = fields;
    const [target = '', needs = '', newer = '', goals = '', ...argv] = rest;
    const instance = this.#makes.get(from);
    if (!instance) return;
    const i = instance.tell(cwd);
    if (instance.goals.length === 0 && goals !== '') {
      instance.goals = words(goals);
      jobs.tell({ e: 'goals', i, goals: instance.goals });
    }
    const own = place === '-' ? undefined : slots.get(place);
    const echo = own && slot ? this.#takeEcho(slot, instance, argv) : undefined;
    const t = jobs.time(time);
    const aside = !flags.startsWith('1');
    const missing = flags[3] === '1';
    const name = jobs.nameOf(instance.cwd, target);
    const { job: parent } = instance;
    const piped = instance.piped || (slot !== undefined && !own);
    const job = jobs.start(
      { name, target, parent, instance: i, t, needs, newer, missing, aside, piped },
      wire,
    );
    this.#launchedBy.set(job, instance);
    if (own) slots.use(own, job);
    else if (slot) this.#sayUncaptured();
    const frame = flags[2] === '1' ? this.#frameOf(job) : undefined;
    job.announced.set(0, { t, argv, echo, frame });
    jobs.beginStep(job, 0);
  }

  #sayUncaptured(): void {
    if (this.#saidUncaptured) return;
    this.#saidUncaptured = true;
    const text = 'more jobs at once than slots: the output of some is in the log of what started them';
    this.#recording.jobs.tell({ e: 'note', t: this.#recording.jobs.now(), text });
  }

  #stepAnnounced(
    [wire = '', step = '', synced = '', t = '', ...argv]: readonly string[],
    slot: Slot | undefined,
  ): void {
    const { jobs, slots } = this.#recording;
    const job = jobs.wire(wire);
    if (!job) return;
    const own = slots.of(job);
    const instance = this.#launchedBy.get(job);
    const said = slot && isBad(job.status) ? cutMessages(slot, job, instance).text : undefined;
    if (slot) this.#takeFrame(slot, job);
    const echo = own && slot ? this.#takeEcho(slot, instance, argv) : undefined;
    const frame = synced === '1' ? this.#frameOf(job) : undefined;
    job.announced.set(Number(step), { t: jobs.time(t), argv, said, echo, frame });
    if (!own) jobs.beginStep(job, Number(step));
  }

  /** The mark in the job's own slot: what comes after it is this step's. */
  #stepBegins(
    [wire = '', step = '', talk = '']: readonly string[],
    slot: Slot | undefined,
  ): 'wait' | undefined {
    const { jobs } = this.#recording;
    const number = Number(step);
    const known = (): Job | undefined => {
      const job = jobs.wire(wire);
      return job && (job.steps > number || job.announced.has(number)) ? job : undefined;
    };
    if (awaitRecord(this.#recording, talk, () => known() !== undefined) === 'wait') return 'wait';
    const job = known();
    if (!job || !slot) return undefined;
    slot.job = job;
    slot.opened = true;
    jobs.beginStep(job, number);
    return undefined;
  }

  /** With --output-sync: make prints a piece for each target, or each line. */
  #frameOf(job: Job): Frame | undefined {
    const frame = this.#launchedBy.get(job)?.frame;
    if (!frame) return undefined;
    return job.frame && !frame.byLine
      ? job.frame
      : { before: frame.before, after: frame.after, begun: false };
  }

  /** make has printed a piece that nothing is left of: its messages were taken out, or it went to stderr alone. */
  #takeFrame(slot: Slot, job: Job): void {
    const { frame } = job;
    if (!frame || slot.heldBytes === 0) return;
    const held = slot.takeHeld(this.#launchedBy.get(job));
    const empty = Buffer.concat([frame.before, frame.after]);
    const at = held.indexOf(empty);
    slot.hold(held.subarray(0, at < 0 ? held.length : at));
    if (at >= 0) slot.hold(held.subarray(at + empty.length));
    if (at >= 0) this.#recording.jobs.beginFrame(job);
  }

  /** Takes a step's echo out of make's text; what stood before it is now known to be make's own. */
  #takeEcho(slot: Slot, of: Speaker | undefined, argv: readonly string[]): Buffer | undefined {
    if (slot.heldBytes === 0) return undefined;
    const held = slot.takeHeld(of);
    const found = findEcho(held, argv);
    const rest = found ? slot.pieces(held.subarray(found.to)) : [];
    slot.hold(held.subarray(0, found?.from ?? held.length));
    this.#recording.flush(slot, of);
    if (!found) return undefined;
    for (const { bytes, by } of rest) slot.hold(bytes, by);
    return held.subarray(found.from, found.to);
  }

  #stepReaped(fields: readonly string[]): void {
    const { jobs, slots } = this.#recording;
    const [wire = '', number = '', code = '', t = '', ...used] = fields;
    const job = jobs.wire(wire);
    const status = statusOf(code);
    if (!job || !status) return;
    const step = Number(number);
    // The step's mark may not have been read yet. Not beyond it: the record of the next one may stand behind this one.
    const begun = (): boolean => job.steps > step;
    if (!begun()) slots.of(job)?.stream.read(true, begun);
    jobs.exited(job, { step, status, t: jobs.time(t), used });
  }

  #finished([wire = '']: readonly string[], slot: Slot | undefined): void {
    const { jobs, slots, flush, release } = this.#recording;
    const job = jobs.wire(wire);
    if (!job || job.ended) return;
    const own = slots.of(job);
    if (own) {
      own.stream.read(true);
      flush(own);
    }
    let ignored = false;
    if (slot && isBad(job.status)) ignored = this.#takeMessages(slot, job);
    else if (slot) this.#takeUnstarted(slot, job);
    if (slot) this.#takeFrame(slot, job);
    jobs.end(job, ignored);
    if (own) release(own);
  }

  /** Moves make's lines about a failure into the job's log. @returns whether make ignores it. */
  #takeMessages(slot: Slot, job: Job): boolean {
    const { text, messages, unstarted } = cutMessages(slot, job, this.#launchedBy.get(job));
    this.#recording.jobs.append(job, text);
    if (unstarted !== undefined) job.status = { exit: unstarted };
    else if (job.status === undefined && messages.length > 0) job.status = { exit: 127 };
    if (messages.length > 0) return messages.every((message) => message.ignored);
    // Under -s make does not even mention what it ignores.
    return this.#launchedBy.get(job)?.errVisible ?? false;
  }

  /** A further line of the recipe whose program is not there: no step, but the end of the job. */
  #takeUnstarted(slot: Slot, job: Job): void {
    if (slot.heldBytes === 0) return;
    const held = slot.takeHeld(this.#launchedBy.get(job));
    let at = 0;
    for (let lost = findUnstarted(held); lost; lost = findUnstarted(held.subarray(at))) {
      const from = at + lost.from;
      at += lost.to;
      if (lost.target !== job.target) continue;
      slot.hold(held.subarray(0, from));
      // With --output-sync=line this is a piece of its own.
      this.#recording.jobs.setFrame(job, this.#frameOf(job));
      this.#recording.jobs.append(job, held.subarray(from, at));
      slot.hold(held.subarray(at));
      job.status = { exit: lost.status };
      return;
    }
    slot.hold(held);
  }
}

/** A range of make's text, with what make has printed around it. */
function withFrame(
  text: Buffer,
  { from, to }: { readonly from: number; readonly to: number },
  frame: Make['frame'],
): { from: number; to: number } {
  const start = from - (frame?.before.length ?? 0);
  const end = to + (frame?.after.length ?? 0);
  const framed =
    frame &&
    start >= 0 &&
    text.subarray(start, from).equals(frame.before) &&
    text.subarray(to, end).equals(frame.after);
  return framed ? { from: start, to: end } : { from, to };
}

/**
 * Takes make's lines about a job's failure out of its text.
 * @returns them; and the status of a further line whose program is not there, where make ignored the failure of the last one that it started.
 */
function cutMessages(
  slot: Slot,
  job: Job,
  of: Speaker | undefined,
): { text: Buffer; messages: readonly TargetMessage[]; unstarted?: number } {
  const held = slot.takeHeld(of);
  const messages = held.length > 0 ? findMessages(held, job.target) : [];
  const cut: Buffer[] = [];
  let at = 0;
  let unstarted: number | undefined;
  for (const message of messages) {
    const lost = message.ignored ? undefined : findUnstarted(held.subarray(at, message.to));
    let { from } = message;
    if (lost?.target === job.target && !hasExit(job, lost.status)) {
      from = at + lost.from;
      unstarted = lost.status;
    }
    slot.hold(held.subarray(at, from));
    cut.push(held.subarray(from, message.to));
    at = message.to;
  }
  slot.hold(held.subarray(at));
  return { text: Buffer.concat(cut), messages, ...(unstarted === undefined ? {} : { unstarted }) };
}

/** Did the last step that was started end so? Then it is what make's message is about. */
function hasExit({ status }: Job, exit: number): boolean {
  return status !== undefined && 'exit' in status && status.exit === exit;
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
