// Turns the records of ninja and samurai (library/ninja.c, wire.ts) into jobs. Knows how ninja works, not how
// slots and logs do.

import type { InstanceId } from '../../../model/ids.ts';
import { isFailure } from '../../../model/failure.ts';
import type { Job, Writer } from '../../jobs.ts';
import { isBad } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import { type Fields, statusOf } from '../../wire.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { type InstanceStart, Instances } from '../instances.ts';
import { beginAtMark } from '../marks.ts';
import { causesOf } from './causes.ts';
import { graphOf } from './graph.ts';
import { NinjaInstance } from './instance.ts';
import type { Edge, Manifest } from './manifest.ts';
import { hasOwnLine, ownLines } from './ownlines.ts';
import { readManifest } from './parser.ts';
import { StaticNinjas } from './static.ts';

/**
 * An edge's job ends when ninja has printed everything about it, but at most this long after the edge.
 */
const SETTLE_MS = 200;

export class NinjaRecords implements Hook {
  readonly handlers: Handlers = {
    m: (record, slot) => this.#started(record, slot),
    l: (record, slot) => this.#launched(record, slot),
    s: (record, slot) => beginAtMark(this.#recording, record, slot),
    w: (record, slot) => this.#reaped(record, slot),
    x: (record, slot) => this.#exited(record, slot),
    V: (record, slot) => this.#static.started(record, slot),
    v: (record, slot) => this.#static.edgeEnded(record, slot),
  };
  readonly #recording: Recording;
  readonly #instances: Instances<NinjaInstance>;
  readonly #static: StaticNinjas;
  /** Jobs whose edge was reaped, with the time at which they end in any case. */
  readonly #settling = new Map<Job, number>();
  /** The instance that has ended, while its held text is flushed for that reason. */
  #exiting: NinjaInstance | undefined;
  readonly #notedUnreadable = new Set<string>();

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#instances = new Instances(recording);
    this.#static = new StaticNinjas(recording, {
      add: (process, start, flags) => this.#add(process, start, flags),
      get: (process) => this.#instances.get(process),
      emitStart: (instance) => this.#emitStart(instance, instance.cwd),
      endJob: (job) => {
        this.#endJob(job);
      },
    });
  }

  get total(): number | undefined {
    const [only, other] = this.#instances.all();
    return other ? undefined : only?.output.total;
  }

  /** Handles ninja's own text: what it prints about edges goes to their logs. */
  unclaimed(slot: Slot, text: Buffer, by: Writer | undefined): Buffer {
    if (by) return text;
    let rest = text;
    for (const instance of this.#instances.inSlot(slot)) {
      if (!instance.printing) rest = instance.output.push(rest);
      // The text after a static ninja's status line is the edge's output.
      if (instance.printing) rest = this.#static.takeOutput(instance.printing, rest);
    }
    return this.#takeOwnLines(slot, rest);
  }

  /**
   * Appends the lines that ninjas print about themselves to the log, and the text before each. Each line gets
   * its writer, since several ninjas may write at once.
   * @returns the text after the last such line.
   */
  #takeOwnLines(slot: Slot, text: Buffer): Buffer {
    const writers = this.#instances.inSlot(slot);
    if (writers.length === 0 || !hasOwnLine(text)) return text;
    const { jobs } = this.#recording;
    const owner = slot.job ?? jobs.root;
    let from = 0;
    let at = 0;
    for (const { bytes, by } of ownLines(text, writers, this.#exiting)) {
      if (by) {
        jobs.append(owner, text.subarray(from, at));
        jobs.append(owner, bytes, by);
        from = at + bytes.length;
      }
      at += bytes.length;
    }
    return text.subarray(from);
  }

  poll(): void {
    if (this.#settling.size === 0) return;
    const now = Date.now();
    for (const [job, until] of this.#settling) if (now >= until) this.#endJob(job);
  }

  jobEnded(job: Job): void {
    for (const ninja of this.#instances.takeOf(job)) this.#end(ninja, undefined);
  }

  finish(): void {
    for (const ninja of this.#instances.all()) this.#end(ninja, undefined);
  }

  // -- ninja processes --------------------------------------------------------------------------------------

  #started({ process, place, flags, time, lineage, argv }: Fields<'m'>, slot: Slot | undefined): undefined {
    const { jobs } = this.#recording;
    this.#add(process, { job: jobs.byPlace(place), t: jobs.time(time), lineage, argv, slot }, flags);
  }

  #add(process: string, start: Omit<InstanceStart, 'tool' | 'piped'>, flags: string): NinjaInstance {
    const ninja = new NinjaInstance(this.#recording, start, flags, (instance, job) => {
      this.#emitReason(instance, job);
      this.#endJob(job);
    });
    this.#instances.add(process, ninja);
    return ninja;
  }

  /** Emits the instance's start with its first edge, so that its graph is known before anything runs. */
  #emitStart(instance: NinjaInstance, cwd: string): InstanceId {
    if (instance.id !== undefined) return instance.id;
    const i = instance.emitStart(cwd);
    this.#readManifest(instance);
    return i;
  }

  /**
   * Emits the start of an instance that had nothing to do. Its targets are shown from earlier builds (`-u`),
   * for which its manifest need not be read.
   */
  #introduceIdle(instance: NinjaInstance, cwd: string): void {
    const { goals, idle } = instance.line;
    if (idle || cwd === '') return;
    const i = instance.emitStart(cwd);
    if (goals.length > 0) this.#recording.jobs.emit({ e: 'goals', i, goals });
  }

  /** Reads the manifest, and emits the graph. */
  #readManifest(instance: NinjaInstance): void {
    const { cwd, line, id } = instance;
    try {
      instance.manifest = readManifest(cwd, line.manifest);
    } catch (error) {
      if (!isFailure(error)) throw error;
      instance.manifest = undefined;
      if (this.#notedUnreadable.has(error.message)) return;
      this.#notedUnreadable.add(error.message);
      this.#recording.jobs.note(`${error.message}; edges are named by their commands`);
      return;
    }
    this.#emitGraph(instance, instance.manifest, id);
  }

  #emitGraph(instance: NinjaInstance, manifest: Manifest, id: InstanceId | undefined): void {
    if (id === undefined) return;
    const { nodes, goals } = graphOf(manifest, instance.cwd, instance.line.goals);
    this.#recording.jobs.emitGraph(id, nodes, goals);
  }

  #exited({ process, exit, time, cwd }: Fields<'x'>, slot: Slot | undefined): undefined {
    const { jobs, flush } = this.#recording;
    const instance = this.#instances.get(process);
    if (!instance || instance.ended) return;
    this.#exiting = instance;
    if (slot) flush(slot, 'unknown');
    this.#exiting = undefined;
    if (instance.id === undefined && exit === '0') this.#introduceIdle(instance, cwd);
    // samurai's status is unknown.
    const code = statusOf(exit, 'exit')?.exit;
    instance.exit = { cwd, code };
    this.#end(instance, code, jobs.time(time));
  }

  #end(instance: NinjaInstance, exit: number | undefined, t = this.#recording.jobs.now()): void {
    if (instance.ended) return;
    const { jobs, flush } = this.#recording;
    const { slot, manifest } = instance;
    if (slot) flush(slot, 'unknown');
    this.#instances.leave(instance);
    if (instance.printing) this.#endJob(instance.printing);
    for (const job of instance.output.end()) {
      this.#emitReason(instance, job);
      this.#endJob(job);
    }
    if (slot) jobs.append(slot.job ?? jobs.root, instance.output.takeKept());
    // The manifest may have been regenerated, or dyndep files have come, while it ran.
    if (manifest && instance.id !== undefined) {
      if (manifest.stale) this.#readManifest(instance);
      else if (manifest.hasDyndeps) this.#emitGraph(instance, manifest, instance.id);
    }
    if (manifest) this.#emitCauses(instance, manifest);
    instance.emitEnd(exit, t);
  }

  // -- edges ------------------------------------------------------------------------------------------------

  #launched(record: Fields<'l'>, slot: Slot | undefined): undefined {
    const { jobs, slots } = this.#recording;
    const { command, output } = record;
    const instance = this.#instances.get(record.process);
    if (!instance) return;
    const i = this.#emitStart(instance, record.cwd);
    const edge = this.#edgeOf(instance, command);
    const isShown = slot !== undefined && this.#takeStatusLine(instance, edge, slot);
    const jobSlot = record.slot === '-' ? undefined : slots.get(record.slot);
    const t = jobs.time(record.time);
    const target = edge?.outputs[0] ?? command.slice(0, 200);
    const start = {
      name: edge ? jobs.nameOf(instance.cwd, target) : target,
      target,
      parent: instance.job,
      instance: i,
      t,
      redirected: !instance.visible,
      piped: instance.piped || (slot !== undefined && !jobSlot),
    };
    const job = jobs.start(start, record.job);
    if (instance.strips && output === 'p') jobs.stripEscapes(job);
    if (edge) instance.edges.set(job, edge);
    if (isShown) instance.shown.add(job);
    if (jobSlot) {
      // ninja itself prints what it has read from an edge's pipe.
      const isPiped = record.output === 'p';
      slots.assign(jobSlot, job, isPiped ? [] : undefined);
      jobSlot.isPrintedAgain = isPiped;
    }
    const description = instance.line.verbose ? command : edge?.description;
    const isSilent = description === undefined || !jobSlot || instance.line.quiet;
    const echo = isSilent ? undefined : Buffer.from(`${description}\n`);
    jobs.step(job, { t, argv: ['/bin/sh', '-c', command], echo });
    if (output === 'c' && slot) instance.output.lock(job);
  }

  /**
   * Reads the status line that samurai prints at each edge's start, and ninja if the edge has the console.
   * @returns whether it has come.
   */
  #takeStatusLine(instance: NinjaInstance, edge: Edge | undefined, slot: Slot): boolean {
    const { jobs, flush } = this.#recording;
    if (!edge || slot.heldBytes === 0) {
      flush(slot, 'unknown');
      return false;
    }
    const { rest, shown } = instance.output.pushStart(
      slot.takeHeld('unknown'),
      edge.description,
      edge.command,
    );
    jobs.append(slot.job ?? jobs.root, this.#takeOwnLines(slot, rest));
    return shown;
  }

  #edgeOf(instance: NinjaInstance, command: string): Edge | undefined {
    const edge = instance.manifest?.take(command);
    if (edge || !instance.manifest?.stale) return edge;
    // It has just remade its own manifest.
    this.#readManifest(instance);
    return instance.manifest.take(command);
  }

  #reaped(record: Fields<'w'>, slot: Slot | undefined): undefined {
    const { jobs, slots, flush } = this.#recording;
    const { job: wireId, user, sys, peak, printed, first } = record;
    const job = jobs.byWireId(wireId);
    const status = statusOf(record.status);
    if (!job || !status) return;
    const jobSlot = slots.ofJob(job);
    if (jobSlot) {
      jobSlot.read(true);
      flush(jobSlot);
    }
    jobs.exited(job, { status, t: jobs.time(record.time), used: { user, sys, peak } });
    const instance = this.#instances.get(wireId.slice(0, wireId.lastIndexOf('.')));
    if (!slot || !instance?.visible) {
      this.#endJob(job);
      return;
    }
    // The text so far is not about this edge.
    flush(slot, 'unknown');
    const edge = instance.edges.get(job);
    // ninja removes the lines that name included files, so it prints less than it read. samurai
    // prints nothing while an edge has the console.
    const differs =
      edge?.binding('deps') === 'msvc' || (instance.samurai && instance.output.locked && !isBad(status));
    this.#settling.set(job, Date.now() + SETTLE_MS);
    instance.output.reaped(job, {
      failed: isBad(status),
      description: edge?.description,
      command: edge?.command,
      printed: differs ? 0 : Number(printed) || 0,
      first: Buffer.from(first, 'hex'),
      shown: instance.line.quiet || instance.shown.delete(job),
    });
  }

  /**
   * The reason that ninja printed with `-d explain`, before anything runs, or since 1.12 with the status
   * line.
   */
  #emitReason(instance: NinjaInstance, job: Job): void {
    const { jobs } = this.#recording;
    const why = instance.output.reasonFor(instance.edges.get(job)?.outputs ?? []);
    if (why !== undefined) jobs.emit({ e: 'why', t: jobs.now(), j: job.id, why });
  }

  /** Emits why edges ran, found in ninja's build log and dep log. */
  #emitCauses(instance: NinjaInstance, manifest: Manifest): void {
    const { jobs } = this.#recording;
    const ran = new Map([...instance.edges].map(([job, edge]) => [edge, { job, done: !isBad(job.status) }]));
    for (const [edge, why] of causesOf(manifest, instance.cwd, ran)) {
      const job = ran.get(edge)?.job;
      if (job) jobs.emit({ e: 'why', t: jobs.now(), j: job.id, ...why });
    }
  }

  #endJob(job: Job): void {
    const { jobs, slots, release } = this.#recording;
    this.#settling.delete(job);
    if (job.ended) return;
    const jobSlot = slots.ofJob(job);
    jobs.end(job);
    if (jobSlot) release(jobSlot);
  }
}
