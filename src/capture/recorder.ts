// The recorder: reads slots, takes records, and is the only writer of the journal and of the job logs. Emits each event as it happens,
// to the journal and to whoever shows the build live. Knows the records of hooks/make and hooks/nested; starts no process itself.
//
// Order between streams is kept by pulling: a mark in a job's slot whose record is not known yet has the parent's stream read first; an
// end in the parent's stream has the job's slot drained first. So a job's log is complete when its end is told.

import fs from 'node:fs';
import path from 'node:path';
import type { BuildEvent, Status } from '../model/events.ts';
import type { GraphNode } from '../model/graph.ts';
import type { ByteOffset, InstanceId, JobId } from '../model/ids.ts';
import { ROOT } from '../model/ids.ts';
import { parseFileDataBase, prune } from './hooks/make/graph.ts';
import { byBirth, lineage, olderSiblingsComing } from './hooks/nested/births.ts';
import { type TargetMessage, findEcho, findMessages, findUnstarted } from './hooks/make/messages.ts';
import { Scanner, type WireRecord } from './protocol.ts';
import { Stream } from './stream.ts';
import type { Workspace } from './workspace.ts';

/** Make's own text waits this long for the record that says whose echo it is. */
const HOLD_MS = 250;
/** A nested loglin waits at most this long for one that its script started before it. */
const SETTLE_MS = 100;
const HOLD_BYTES = 256 * 1024;
const FIRST_SLOTS = 64;
const MOST_SLOTS = 4096;
const ROOT_SLOT = '0';

/** Where what was recorded goes. */
export interface RecorderSink {
  event(event: BuildEvent): void;
  /** Bytes for a job's log. */
  append(job: JobId, bytes: Buffer): void;
  create(job: JobId): void;
  graph(instance: InstanceId, nodes: GraphNode[], goals: readonly string[]): void;
}

interface Instance {
  /** Undefined until it has launched a job: one that launches none is of no interest. */
  id: InstanceId | undefined;
  /** Where its targets are: known with its first job, since `-C` comes after the start. */
  cwd: string;
  readonly argv: readonly string[];
  readonly started: number;
  readonly job: Job;
  readonly talk: Slot | undefined;
  readonly errVisible: boolean;
  goals: readonly string[];
  ended: boolean;
}

interface Announced {
  readonly t: number;
  readonly argv: readonly string[];
  /** What make said of the step before: that it failed, and that this is ignored. */
  readonly said?: Buffer;
  readonly echo: Buffer | undefined;
}

interface Job {
  readonly id: JobId;
  readonly name: string;
  readonly target: string;
  readonly parent: Job | undefined;
  readonly instance: Instance | undefined;
  slot: Slot | undefined;
  size: number;
  atLineStart: boolean;
  /** Steps whose record has come but not their place in the slot. */
  readonly announced: Map<number, Announced>;
  steps: number;
  status: Status | undefined;
  statusTime: number;
  ended: boolean;
  /** Make processes that it started. */
  readonly makes: Instance[];
  /** A loglin --once below it waits for that job. */
  waitsFor: Job | undefined;
  /** The jobs whose loglin --once waits for this one, with the FIFOs to answer on. */
  readonly waiters: { job: Job; reply: string }[];
}

interface Slot {
  readonly name: string;
  readonly stream: Stream;
  job: Job | undefined;
  /** Make processes whose text goes here. */
  readonly makes: Set<Instance>;
  held: Buffer[];
  heldBytes: number;
  heldSince: number;
  /** Nested loglins that wait for one that was forked before them. */
  coming: { fields: readonly string[]; line: [number, number][]; since: number }[];
  /** A writer has had it open. */
  opened: boolean;
  /** Made by a nested loglin for itself: removed, not used again. */
  readonly single: boolean;
}

export class Recorder {
  readonly #workspace: Workspace;
  readonly #root: string;
  readonly #start: number;
  readonly #sink: RecorderSink;
  readonly #control: Stream;
  readonly #free: number;
  readonly #slots = new Map<string, Slot>();
  readonly #active = new Set<Slot>();
  readonly #instances = new Map<string, Instance>();
  readonly #byPid = new Map<number, Instance>();
  readonly #byWire = new Map<string, Job>();
  readonly #once = new Map<string, Job>();
  readonly #byName = new Map<string, Job>();
  /** The processes of nested loglins, and those between them and us. */
  readonly #announced = new Set<number>();
  readonly #grown = new Set<Job>();
  readonly #replies: { file: string; text: string }[] = [];
  readonly #rootJob: Job;
  #slotCount = 0;
  #slotsUsed = 0;
  #jobCount = 0;
  #instanceCount = 0;
  #saidUncaptured = false;
  failures = 0;
  /** Graphs that were asked for before the build (--plan). */
  readonly plans: { cwd: string; nodes: GraphNode[] }[] = [];

  /**
   * @param root the project root, resolved; names are relative to it.
   * @param start the build's start in milliseconds since the epoch.
   */
  constructor(workspace: Workspace, root: string, start: number, sink: RecorderSink) {
    this.#workspace = workspace;
    this.#root = root;
    this.#start = start;
    this.#sink = sink;
    workspace.makeFifos([
      workspace.path('ctl'),
      workspace.path('free'),
      workspace.slot(ROOT_SLOT),
      ...this.#nextSlots(FIRST_SLOTS),
    ]);
    this.#control = new Stream('-', workspace.path('ctl'), this.#scanner(), {
      text: () => undefined,
      record: (record) => this.#record(record, undefined),
    });
    this.#free = fs.openSync(workspace.path('free'), fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    this.#offerSlots();
    const slot = this.#openSlot(ROOT_SLOT, true);
    this.#rootJob = this.#newJob('', '', undefined, undefined, slot);
    this.#active.add(slot);
  }

  get jobs(): number {
    return this.#jobCount;
  }

  /** The FIFO that the wrapped command writes to. */
  get rootFifo(): string {
    return this.#workspace.slot(ROOT_SLOT);
  }

  /** Milliseconds since the build's start. */
  now(): number {
    return Date.now() - this.#start;
  }

  /**
   * Reads all that there is now.
   * @param unexpected told of what should not happen; the other streams are read all the same.
   * @returns the bytes read: more may be waiting if they are many.
   */
  poll(unexpected: (error: unknown) => void): number {
    let total = 0;
    const attempt = (action: () => void): void => {
      try {
        action();
      } catch (error) {
        unexpected(error);
      }
    };
    attempt(() => {
      total += this.#control.read(false);
    });
    const now = Date.now();
    for (const slot of this.#active)
      attempt(() => {
        total += slot.stream.read(false);
        this.#release(slot);
        if (slot.coming.length > 0) this.#settle(slot, false);
        if (slot.heldBytes > 0 && now - slot.heldSince > HOLD_MS) this.#flushHeld(slot);
      });
    attempt(() => {
      this.#giveSlots();
      this.#reply();
      this.#tellGrowth();
    });
    return total;
  }

  /**
   * The wrapped command has ended: takes what is still in the slots, and ends every job.
   * @returns the slots that a process left behind still holds open, with the job whose they are.
   */
  finish(status: Status): { job: JobId; fd: number }[] {
    this.#control.read(true);
    for (let again = true; again;) {
      again = false;
      for (const slot of [...this.#active]) {
        if (slot.stream.read(true) > 0) again = true;
        this.#release(slot);
      }
    }
    for (const slot of this.#active) {
      if (slot.stream.atEnd) slot.stream.flush();
      this.#flushHeld(slot);
    }
    this.#rootJob.status = status;
    this.#rootJob.statusTime = this.now();
    for (const job of [...this.#byWire.values()].reverse()) if (!job.ended) this.#endJob(job);
    for (const instance of this.#instances.values()) this.#endInstance(instance, undefined);
    this.#endJob(this.#rootJob);
    this.#tellGrowth();
    const left: { job: JobId; fd: number }[] = [];
    for (const slot of this.#active)
      if (!slot.stream.atEnd && slot.job) left.push({ job: slot.job.id, fd: slot.stream.fd });
    return left;
  }

  // -- slots -------------------------------------------------------------------------------------------------------------------

  #nextSlots(count: number): string[] {
    return Array.from({ length: count }, () => this.#workspace.slot(String(++this.#slotCount)));
  }

  #offered = 0;

  #offerSlots(): void {
    for (; this.#offered < this.#slotCount; this.#offered++) {
      const name = String(this.#offered + 1);
      this.#openSlot(name, false);
      this.#freed += name.padStart(8);
    }
    this.#giveSlots();
  }

  /** Slots that are free, and that make has not been told of. */
  #freed = '';

  #giveSlots(): void {
    if (this.#freed === '') return;
    fs.writeSync(this.#free, this.#freed);
    this.#freed = '';
  }

  #openSlot(name: string, single: boolean): Slot {
    const slot: Slot = {
      name,
      stream: new Stream(name, this.#workspace.slot(name), this.#scanner(), {
        text: (bytes) => {
          this.#text(slot, bytes);
        },
        record: (record) => this.#record(record, slot),
      }),
      job: undefined,
      makes: new Set(),
      held: [],
      heldBytes: 0,
      heldSince: 0,
      coming: [],
      opened: false,
      single,
    };
    this.#slots.set(name, slot);
    return slot;
  }

  #scanner(): Scanner {
    return new Scanner(this.#workspace.nonce, this.#workspace.folder);
  }

  #useSlot(slot: Slot): void {
    this.#active.add(slot);
    if (slot.single) return;
    this.#slotsUsed++;
    if (this.#slotsUsed * 2 > this.#slotCount && this.#slotCount < MOST_SLOTS) {
      this.#workspace.makeFifos(this.#nextSlots(this.#slotCount));
      this.#offerSlots();
    }
  }

  /** Gives a slot back whose job has ended and that nobody can write to any more. */
  #release(slot: Slot): void {
    const job = slot.job;
    if (!slot.stream.atEnd || !job || job === this.#rootJob) return;
    if (!job.ended) {
      // A nested loglin's slot ends with a record; without it, the loglin was killed.
      if (!slot.single || !slot.opened) return;
      this.#endJob(job);
    }
    slot.stream.flush();
    this.#flushHeld(slot);
    this.#active.delete(slot);
    job.slot = undefined;
    slot.job = undefined;
    slot.makes.clear();
    if (slot.single) {
      slot.stream.close();
      this.#slots.delete(slot.name);
      fs.rmSync(this.#workspace.slot(slot.name), { force: true });
    } else {
      this.#slotsUsed--;
      this.#freed += slot.name.padStart(8);
    }
  }

  // -- text --------------------------------------------------------------------------------------------------------------------

  #text(slot: Slot, bytes: Buffer): void {
    if (slot.coming.length > 0) this.#settle(slot, true);
    if (slot.makes.size === 0 && slot.heldBytes === 0) {
      this.#append(slot.job ?? this.#rootJob, bytes);
      return;
    }
    if (slot.heldBytes === 0) slot.heldSince = Date.now();
    slot.held.push(Buffer.from(bytes));
    slot.heldBytes += bytes.length;
    if (slot.heldBytes > HOLD_BYTES) this.#flushHeld(slot);
  }

  #takeHeld(slot: Slot): Buffer {
    const held = slot.held.length === 1 ? slot.held[0]! : Buffer.concat(slot.held);
    slot.held = [];
    slot.heldBytes = 0;
    return held;
  }

  #hold(slot: Slot, bytes: Buffer): void {
    if (bytes.length === 0) return;
    slot.held.push(bytes);
    slot.heldBytes += bytes.length;
  }

  #flushHeld(slot: Slot): void {
    if (slot.heldBytes === 0) return;
    let held = this.#takeHeld(slot);
    const [instance] = slot.makes;
    const owner = slot.job ?? this.#rootJob;
    for (let lost = instance && findUnstarted(held); instance && lost; lost = findUnstarted(held)) {
      this.#append(owner, held.subarray(0, lost.from));
      this.#tellInstance(instance, instance.cwd || process.cwd());
      const job = this.#newJob(this.#nameOf(instance, lost.target), lost.target, owner, instance, undefined);
      this.#tellStart(job, owner, this.now(), '', '', false);
      this.#append(job, held.subarray(lost.from, lost.to));
      job.status = { exit: lost.status };
      job.statusTime = this.now();
      this.#endJob(job);
      held = held.subarray(lost.to);
    }
    this.#append(owner, held);
  }

  #append(job: Job, bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#sink.append(job.id, bytes);
    job.size += bytes.length;
    job.atLineStart = bytes[bytes.length - 1] === 0x0a;
    this.#grown.add(job);
  }

  #tellGrowth(): void {
    if (this.#grown.size === 0) return;
    const sizes = [...this.#grown].map((job): [JobId, ByteOffset] => [job.id, job.size as ByteOffset]);
    this.#grown.clear();
    this.#sink.event({ e: 'out', t: this.now(), sizes });
  }

  // -- records -----------------------------------------------------------------------------------------------------------------

  #record({ kind, fields }: WireRecord, slot: Slot | undefined): 'wait' | undefined {
    switch (kind) {
      case 'M':
        this.#makeStarted(fields, slot);
        break;
      case 'L':
        this.#jobLaunched(fields, slot);
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
        this.#targetFinished(fields, slot);
        break;
      case 'X':
        this.#makeExited(fields, slot);
        break;
      case 'G':
        this.#planned(fields);
        break;
      case 'N':
        this.#nestedComes(fields, slot);
        break;
      case 'Q':
        this.#nestedEnded(fields);
        break;
      case 'K':
        this.#needLinked(fields, slot);
        break;
      default:
      // A newer library than this recorder: nothing that could be done about it.
    }
    return undefined;
  }

  /** Milliseconds since the build's start, of a wire time in microseconds since the epoch. */
  #time(field: string | undefined): number {
    return Math.max(0, Math.round(Number(field) / 1000 - this.#start));
  }

  #wireJob(place: string): Job {
    return this.#byWire.get(place.slice(place.indexOf('/') + 1)) ?? this.#rootJob;
  }

  #makeStarted(fields: readonly string[], slot: Slot | undefined): void {
    const [wire = '', pidText = '', place = '', flags = '', t = '', ...argv] = fields;
    const pid = Number(pidText);
    const again = this.#byPid.get(pid);
    if (again && !again.ended && slot && again.talk === slot) {
      // It has executed itself anew, after it remade a makefile.
      this.#instances.set(wire, again);
      return;
    }
    const instance: Instance = {
      id: undefined,
      cwd: '',
      argv,
      started: this.#time(t),
      job: this.#wireJob(place),
      talk: slot,
      errVisible: flags[1] === '1',
      goals: [],
      ended: false,
    };
    this.#instances.set(wire, instance);
    this.#byPid.set(pid, instance);
    slot?.makes.add(instance);
    instance.job.makes.push(instance);
  }

  #tellInstance(instance: Instance, cwd: string): InstanceId {
    if (instance.id !== undefined) return instance.id;
    instance.id = this.#instanceCount++ as InstanceId;
    instance.cwd = cwd;
    const { id, started, job, argv } = instance;
    this.#sink.event({
      e: 'tool',
      t: started,
      i: id,
      tool: 'make',
      j: job.id,
      cwd: this.#relative(cwd),
      argv,
    });
    return id;
  }

  #makeExited([wire = '', exit = '', t = '', graph = '']: readonly string[], slot: Slot | undefined): void {
    const instance = this.#instances.get(wire);
    if (!instance || instance.ended) return;
    if (graph !== '' && instance.id !== undefined)
      this.#sink.graph(instance.id, this.#parseGraph(graph, instance.goals), instance.goals);
    if (slot) this.#flushHeld(slot);
    this.#endInstance(instance, Number(exit), this.#time(t));
  }

  /** @param file the spool file of make's dump, which is removed. */
  #parseGraph(file: string, goals: readonly string[]): GraphNode[] {
    const full = path.join(this.#workspace.folder, path.basename(file));
    let dump: Buffer;
    try {
      dump = fs.readFileSync(full);
      fs.unlinkSync(full);
    } catch {
      return [];
    }
    return prune(parseFileDataBase(dump), goals).map(({ name, needs, recipe, also }): GraphNode => ({
      name,
      needs,
      recipe,
      ...(also.length > 0 ? { also } : {}),
    }));
  }

  /** A make that was asked for its graph alone. */
  #planned([cwd = '', goalWords = '', graph = '']: readonly string[]): void {
    const goals = goalWords.split(' ').filter((goal) => goal !== '');
    if (graph !== '') this.plans.push({ cwd: this.#relative(cwd), nodes: this.#parseGraph(graph, goals) });
  }

  #endInstance(instance: Instance, exit: number | undefined, t = this.now()): void {
    if (instance.ended) return;
    instance.ended = true;
    instance.talk?.makes.delete(instance);
    if (instance.id === undefined) return;
    this.#sink.event({ e: 'toolend', t, i: instance.id, ...(exit === undefined ? {} : { exit }) });
  }

  #jobLaunched(fields: readonly string[], slot: Slot | undefined): void {
    const [
      wire = '',
      from = '',
      place = '',
      flags = '',
      t = '',
      cwd = '',
      target = '',
      needs = '',
      newer = '',
      goals = '',
      ...argv
    ] = fields;
    const instance = this.#instances.get(from);
    if (!instance) return;
    const i = this.#tellInstance(instance, cwd);
    if (instance.goals.length === 0 && goals !== '') {
      instance.goals = goals.split(' ').filter((goal) => goal !== '');
      this.#sink.event({ e: 'goals', i, goals: instance.goals });
    }
    const own = place === '-' ? undefined : this.#slots.get(place);
    const echo = own && slot ? this.#takeEcho(slot, argv) : undefined;
    const job = this.#newJob(this.#nameOf(instance, target), target, instance.job, instance, own);
    this.#byWire.set(wire, job);
    this.#tellStart(job, instance.job, this.#time(t), needs, newer, !flags.startsWith('1'));
    if (own) this.#useSlot(own);
    else if (slot) this.#sayUncaptured();
    job.announced.set(0, { t: this.#time(t), argv, echo });
    this.#beginStep(job, 0);
  }

  #sayUncaptured(): void {
    if (this.#saidUncaptured) return;
    this.#saidUncaptured = true;
    const text = 'more jobs at once than slots: the output of some is in the log of what started them';
    this.#sink.event({ e: 'note', t: this.now(), text });
  }

  #stepAnnounced([wire = '', step = '', t = '', ...argv]: readonly string[], slot: Slot | undefined): void {
    const job = this.#byWire.get(wire);
    if (!job) return;
    const said = slot && isBad(job.status) ? this.#cutMessages(slot, job).text : undefined;
    const echo = job.slot && slot ? this.#takeEcho(slot, argv) : undefined;
    job.announced.set(Number(step), { t: this.#time(t), argv, echo, ...(said ? { said } : {}) });
    if (!job.slot) this.#beginStep(job, Number(step));
  }

  /** The mark in the job's own slot: what comes after it is this step's. */
  #stepBegins(
    [wire = '', step = '', talk = '']: readonly string[],
    slot: Slot | undefined,
  ): 'wait' | undefined {
    const number = Number(step);
    const known = (): Job | undefined => {
      const job = this.#byWire.get(wire);
      return job && (job.steps > number || job.announced.has(number)) ? job : undefined;
    };
    const told = talk === '-' ? this.#control : this.#slots.get(talk)?.stream;
    // Not beyond that record: what comes after it may be about the end of what is being read here.
    if (!known()) told?.read(true, () => known() !== undefined);
    const job = known();
    // The end of the step before is being dealt with, in the stream that tells of this one later.
    if (!job && told?.busy) return 'wait';
    if (!job || !slot) return undefined;
    slot.job = job;
    slot.opened = true;
    this.#beginStep(job, number);
    return undefined;
  }

  #beginStep(job: Job, step: number): void {
    const announced = job.announced.get(step);
    if (!announced) return;
    job.announced.delete(step);
    job.steps = step + 1;
    const { t, argv, said, echo } = announced;
    if (said) this.#append(job, said);
    this.#sink.event({
      e: 'step',
      t,
      j: job.id,
      s: step,
      at: job.size as ByteOffset,
      argv,
      ...(echo ? { echo: true as const } : {}),
    });
    if (echo) this.#append(job, echo);
  }

  /** Takes a step's echo out of make's text; what stood before it is now known to be make's own. */
  #takeEcho(slot: Slot, argv: readonly string[]): Buffer | undefined {
    if (slot.heldBytes === 0) return undefined;
    const held = this.#takeHeld(slot);
    const found = findEcho(held, argv);
    if (!found) {
      this.#hold(slot, held);
      this.#flushHeld(slot);
      return undefined;
    }
    this.#hold(slot, held.subarray(0, found.from));
    this.#flushHeld(slot);
    this.#hold(slot, held.subarray(found.to));
    slot.heldSince = Date.now();
    return held.subarray(found.from, found.to);
  }

  #stepReaped([
    wire = '',
    step = '',
    status = '',
    t = '',
    user = '',
    sys = '',
    rss = '',
  ]: readonly string[]): void {
    const job = this.#byWire.get(wire);
    if (!job) return;
    const code = Number(status);
    job.status = code < 0 ? { signal: -code } : { exit: code };
    job.statusTime = this.#time(t);
    // The step's mark may not have been read yet. Not beyond it: the record of the next one may stand behind this one.
    const begun = (): boolean => job.steps > Number(step);
    if (!begun()) job.slot?.stream.read(true, begun);
    if (!begun()) return;
    this.#sink.event({
      e: 'stepend',
      t: job.statusTime,
      j: job.id,
      s: Number(step),
      status: job.status,
      user: Number(user),
      sys: Number(sys),
      rss: Number(rss),
    });
  }

  #targetFinished([wire = '']: readonly string[], slot: Slot | undefined): void {
    const job = this.#byWire.get(wire);
    if (!job || job.ended) return;
    if (job.slot) {
      job.slot.stream.read(true);
      this.#flushHeld(job.slot);
    }
    if (slot && !isBad(job.status)) this.#takeUnstarted(slot, job);
    const ignored = isBad(job.status) && slot ? this.#takeMessages(slot, job) : false;
    this.#endJob(job, ignored);
    if (job.slot) this.#release(job.slot);
  }

  /** Moves make's lines about a failure into the job's log. @returns whether make ignores it. */
  #takeMessages(slot: Slot, job: Job): boolean {
    const { text, messages } = this.#cutMessages(slot, job);
    this.#append(job, text);
    if (job.status === undefined && messages.length > 0) job.status = { exit: 127 };
    if (messages.length > 0) return messages.every((message) => message.ignored);
    // Under -s make does not even mention what it ignores.
    return job.instance?.errVisible ?? false;
  }

  /** A further line of the recipe whose program is not there: no step, but the end of the job. */
  #takeUnstarted(slot: Slot, job: Job): void {
    if (slot.heldBytes === 0) return;
    const held = this.#takeHeld(slot);
    let at = 0;
    for (let lost = findUnstarted(held); lost; lost = findUnstarted(held.subarray(at))) {
      const from = at + lost.from;
      if (lost.target === job.target) {
        this.#hold(slot, held.subarray(0, from));
        this.#append(job, held.subarray(from, at + lost.to));
        this.#hold(slot, held.subarray(at + lost.to));
        job.status = { exit: lost.status };
        return;
      }
      at += lost.to;
    }
    this.#hold(slot, held);
  }

  /** Takes make's lines about a failure out of its text. */
  #cutMessages(slot: Slot, job: Job): { text: Buffer; messages: readonly TargetMessage[] } {
    const held = this.#takeHeld(slot);
    const messages = held.length > 0 ? findMessages(held, job.target) : [];
    const cut: Buffer[] = [];
    let at = 0;
    for (const message of messages) {
      this.#hold(slot, held.subarray(at, message.from));
      cut.push(held.subarray(message.from, message.to));
      at = message.to;
    }
    this.#hold(slot, held.subarray(at));
    return { text: Buffer.concat(cut), messages };
  }

  // -- nested loglin -----------------------------------------------------------------------------------------------------------

  /** Launches count in the order in which the script made them, as far as the process table tells. */
  #nestedComes(fields: readonly string[], slot: Slot | undefined): void {
    if (!slot) {
      this.#nestedStarted(fields, slot);
      return;
    }
    const line = lineage(Number(fields[6]), process.pid);
    for (const [, pid] of line) this.#announced.add(pid);
    slot.coming.push({ fields, line, since: Date.now() });
    this.#settle(slot, false);
  }

  /** Starts the nested loglins that nothing older is expected before. @param all without waiting any longer. */
  #settle(slot: Slot, all: boolean): void {
    slot.coming.sort((a, b) => byBirth(a.line, b.line));
    for (let first = slot.coming[0]; first; first = slot.coming[0]) {
      const wait =
        !all && Date.now() - first.since < SETTLE_MS && olderSiblingsComing(first.line, this.#announced);
      if (wait) return;
      slot.coming.shift();
      this.#nestedStarted(first.fields, slot);
    }
  }

  #nestedStarted(fields: readonly string[], slot: Slot | undefined): void {
    const [id = '', place = '', givenName = '', flags = '', once = '', , , ...argv] = fields;
    const parent = this.#wireJob(place);
    const reply = this.#workspace.path(`${id}.reply`);
    const name = givenName !== '' ? givenName : argv.join(' ').slice(0, 200);
    if (slot) this.#flushHeld(slot);
    const other = once === '' ? undefined : this.#once.get(name);
    if (other) {
      this.#waitFor(other, parent, reply);
      fs.rmSync(this.#workspace.slot(id), { force: true });
      return;
    }
    const captured = flags !== '00';
    const own = captured ? this.#openSlot(id, true) : undefined;
    if (!own) fs.rmSync(this.#workspace.slot(id), { force: true });
    const job = this.#newJob(name, name, parent, undefined, own);
    if (own) {
      own.job = job;
      this.#useSlot(own);
    }
    this.#byWire.set(id, job);
    if (once !== '') this.#once.set(name, job);
    this.#tellStart(job, parent, this.now(), '', '', !flags.startsWith('1'));
    job.announced.set(0, { t: this.now(), argv, echo: undefined });
    this.#beginStep(job, 0);
    this.#replies.push({ file: reply, text: 'run' });
    this.#reply();
  }

  /** A loglin --once of a name that ran or runs: it links to that job and gets its status, once there is one. */
  #waitFor(job: Job, parent: Job, reply: string): void {
    if (this.#leadsTo(job, parent)) {
      this.#replies.push({ file: reply, text: `cycle ${job.name}` });
    } else {
      this.#sink.event({ e: 'link', t: this.now(), ...here(parent), j: job.id });
      if (job.ended) {
        this.#replies.push({ file: reply, text: `ended ${shellStatus(job.status)}` });
      } else {
        parent.waitsFor = job;
        job.waiters.push({ job: parent, reply });
      }
    }
    this.#reply();
  }

  #nestedEnded([id = '', status = '']: readonly string[]): void {
    const job = this.#byWire.get(id);
    if (!job || job.ended) return;
    const code = Number(status);
    job.status = code > 128 && code < 160 ? { signal: code - 128 } : { exit: code };
    job.statusTime = this.now();
    this.#sink.event({ e: 'stepend', t: this.now(), j: job.id, s: 0, status: job.status });
    if (job.slot) this.#flushHeld(job.slot);
    this.#endJob(job);
  }

  #needLinked([place = '', name = '']: readonly string[], slot: Slot | undefined): void {
    if (slot) this.#settle(slot, true);
    const parent = this.#wireJob(place);
    if (slot) this.#flushHeld(slot);
    const ran = this.#byName.get(name);
    if (ran) this.#sink.event({ e: 'link', t: this.now(), ...here(parent), j: ran.id });
    else this.#sink.event({ e: 'need', t: this.now(), ...here(parent), name });
  }

  /** Does the end of `from` wait, through launches and --once, for the end of `to`? */
  #leadsTo(from: Job, to: Job): boolean {
    const waiting = [...this.#byWire.values()].filter((job) => !job.ended);
    const todo = [from];
    const done = new Set<Job>();
    for (let job = todo.pop(); job; job = todo.pop()) {
      if (job === to) return true;
      if (job.ended || done.has(job)) continue;
      done.add(job);
      if (job.waitsFor) todo.push(job.waitsFor);
      for (const child of waiting) if (child.parent === job) todo.push(child);
    }
    return false;
  }

  /** Answers shims; one that has not opened its FIFO yet is answered in the next round. */
  #reply(): void {
    for (let i = this.#replies.length - 1; i >= 0; i--) {
      const reply = this.#replies[i];
      if (!reply) continue;
      try {
        const fd = fs.openSync(reply.file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
        fs.writeSync(fd, `${reply.text}\n`);
        fs.closeSync(fd);
        fs.unlinkSync(reply.file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENXIO') continue;
      }
      this.#replies.splice(i, 1);
    }
  }

  // -- jobs --------------------------------------------------------------------------------------------------------------------

  #newJob(
    name: string,
    target: string,
    parent: Job | undefined,
    instance: Instance | undefined,
    slot: Slot | undefined,
  ): Job {
    const job: Job = {
      id: this.#jobCount++ as JobId,
      name,
      target,
      parent,
      instance,
      slot,
      size: 0,
      atLineStart: true,
      announced: new Map(),
      steps: 0,
      status: undefined,
      statusTime: 0,
      ended: false,
      makes: [],
      waitsFor: undefined,
      waiters: [],
    };
    if (slot) slot.job = job;
    this.#byName.set(name, job);
    this.#sink.create(job.id);
    return job;
  }

  #tellStart(job: Job, parent: Job, t: number, needs: string, newer: string, aside: boolean): void {
    this.#sink.event({
      e: 'start',
      t,
      j: job.id,
      name: job.name,
      ...(job.target === job.name ? {} : { target: job.target }),
      ...here(parent),
      ...(job.instance?.id === undefined ? {} : { i: job.instance.id }),
      ...(needs === '' || needs === ' | ' ? {} : { needs: needs.replace(/ \| $/, '') }),
      ...(newer === '' ? {} : { newer }),
      ...(aside ? { aside: true as const } : {}),
    });
  }

  #endJob(job: Job, ignored = false): void {
    if (job.ended) return;
    for (const instance of job.makes) this.#endInstance(instance, undefined);
    job.ended = true;
    const good = job.status && 'exit' in job.status && job.status.exit === 0;
    if (job.status && !good && !ignored && job.id !== ROOT) this.failures++;
    this.#tellGrowth();
    this.#sink.event({
      e: 'end',
      t: job.status ? job.statusTime : this.now(),
      j: job.id,
      ...(job.status ? { status: job.status } : {}),
      ...(ignored ? { ignored: true as const } : {}),
      size: job.size as ByteOffset,
    });
    for (const waiter of job.waiters) {
      waiter.job.waitsFor = undefined;
      this.#replies.push({ file: waiter.reply, text: `ended ${shellStatus(job.status)}` });
    }
  }

  #relative(folder: string): string {
    const relative = path.relative(this.#root, folder);
    return relative.startsWith('..') ? folder : relative;
  }

  /** A target's path relative to the project root, as it is shown. */
  #nameOf(instance: Instance, target: string): string {
    const file = path.resolve(instance.cwd, target);
    const relative = path.relative(this.#root, file);
    const name = relative.startsWith('../') || relative === '..' ? file : relative;
    return target.endsWith('/') && name !== '' ? `${name}/` : name === '' ? target : name;
  }
}

/** The place where a job's log is now. */
function here(parent: Job): { parent: JobId; at: ByteOffset; mid?: true } {
  return { parent: parent.id, at: parent.size as ByteOffset, ...(parent.atLineStart ? {} : { mid: true }) };
}

function isBad(status: Status | undefined): boolean {
  return status === undefined || !('exit' in status) || status.exit !== 0;
}

/** A status as a shell's `$?` has it. */
function shellStatus(status: Status | undefined): number {
  if (!status) return 1;
  return 'exit' in status ? status.exit : 128 + status.signal;
}
