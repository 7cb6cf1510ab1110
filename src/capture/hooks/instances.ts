// The tool instances of a build: processes of build tools that launch jobs. Each tool has a registry, which
// finds them by their wire id, by the job that they run in, and by the slot that they write to. Knows no
// tool.

import { type Lineage, lineageText, parseLineage } from '../../model/lineage.ts';
import type { ByteOffset, InstanceId } from '../../model/ids.ts';
import type { Job, Writer } from '../jobs.ts';
import type { Slot } from '../slot.ts';
import type { Recording } from './hook.ts';
import { emitRanges, joinSlot } from './attribution.ts';

/** What is known of an instance when it starts. */
export interface InstanceStart {
  readonly tool: string;
  /** The job that it runs in. */
  readonly job: Job;
  readonly argv: readonly string[];
  /** When it started, in milliseconds since the build's start. */
  readonly t: number;
  /** The slot that its text and its records go to; undefined if they do not go to the log. */
  readonly slot: Slot | undefined;
  /** Its stdout goes into a pipe. */
  readonly piped?: boolean;
  /**
   * Its lineage in the wire's format, if its text can be told from that of other tools; '' if it is unknown.
   */
  readonly lineage?: string;
}

export class ToolInstance implements Writer {
  /**
   * Undefined until its start is emitted. That is when it launches a job, ends with nothing to do, or has
   * written at the same time as another.
   */
  id: InstanceId | undefined;
  /** Its folder; '' until that is known. */
  cwd = '';
  readonly argv: readonly string[];
  readonly job: Job;
  readonly slot: Slot | undefined;
  readonly piped: boolean;
  /** When it started, in milliseconds since the build's start. */
  readonly t: number;
  /** Its text can be told from that of other tools in the log. */
  readonly attributed: boolean;
  readonly lineage: Lineage | undefined;
  readonly ranges: [number, number][] = [];
  concurrent = false;
  ended = false;
  /** Where in the job's log it began. */
  at: number;
  /** The folder that it was in when it ended, and its exit status. */
  exit: { readonly cwd: string; readonly code: number | undefined } | undefined;
  readonly #recording: Recording;
  readonly #tool: string;

  constructor(recording: Recording, start: InstanceStart) {
    const { tool, job, argv, t, slot, piped = false, lineage } = start;
    this.#recording = recording;
    this.#tool = tool;
    this.t = t;
    this.job = job;
    this.at = job.size;
    this.argv = argv;
    this.attributed = lineage !== undefined;
    this.lineage = parseLineage(lineage ?? '');
    this.slot = slot;
    this.piped = piped;
  }

  /** Emits its start, unless that has been done. @param cwd the folder that its targets are relative to. */
  emitStart(cwd: string): InstanceId {
    if (this.id !== undefined) return this.id;
    const { jobs } = this.#recording;
    const i = jobs.newInstance();
    this.id = i;
    this.cwd = cwd;
    jobs.emit({
      e: 'tool',
      t: this.t,
      i,
      tool: this.#tool,
      j: this.job.id,
      cwd: jobs.relative(cwd),
      argv: this.argv,
      ...(this.attributed ? { at: this.at as ByteOffset } : {}),
      ...(this.piped ? { piped: true as const } : {}),
      ...(this.lineage ? { born: lineageText(this.lineage) } : {}),
    });
    return i;
  }

  /** Emits its start and end although it has launched nothing, since there are events about its text. */
  introduce(): InstanceId {
    const i = this.emitStart([this.cwd, this.exit?.cwd].find(Boolean) ?? process.cwd());
    if (this.ended) this.emitEnd(this.exit?.code);
    return i;
  }

  /** Emits its end, if its start was emitted. */
  emitEnd(exit?: number, t = this.#recording.jobs.now(), keepGoing?: boolean): void {
    if (this.id === undefined) return;
    this.#recording.jobs.emit({
      e: 'toolend',
      t,
      i: this.id,
      ...(exit === undefined ? {} : { exit }),
      ...(keepGoing === undefined ? {} : { keepGoing }),
    });
  }
}

export class Instances<T extends ToolInstance> {
  readonly #recording: Recording;
  readonly #byWireId = new Map<string, T>();
  /** The instances in each job, and those that write into each slot; the latter only while they run. */
  readonly #inJob = new Map<Job, T[]>();
  readonly #inSlot = new Map<Slot, Set<T>>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** @param wireId its id in records, which may be used again when the instance has ended. */
  add(wireId: string, instance: T): void {
    const { job, slot } = instance;
    this.#byWireId.set(wireId, instance);
    const siblings = this.#inJob.get(job);
    if (siblings) siblings.push(instance);
    else this.#inJob.set(job, [instance]);
    if (!slot) return;
    const writers = this.#inSlot.get(slot) ?? new Set();
    this.#inSlot.set(slot, writers.add(instance));
    if (instance.attributed) joinSlot(this.#recording, slot, instance);
    else slot.holders.add(instance);
  }

  /** Gives an instance another wire id. */
  rename(wireId: string, instance: T): void {
    this.#byWireId.set(wireId, instance);
  }

  get(wireId: string): T | undefined {
    return this.#byWireId.get(wireId);
  }

  /** All instances, with those that have ended. */
  all(): Iterable<T> {
    return this.#byWireId.values();
  }

  running(): T[] {
    return [...this.#byWireId.values()].filter(({ ended }) => !ended);
  }

  /** Removes and returns the instances in a job that has ended. */
  takeOf(job: Job): readonly T[] {
    const instances = this.#inJob.get(job) ?? [];
    this.#inJob.delete(job);
    return instances;
  }

  /** The instances that write into a slot, in the order of their records. */
  inSlot(slot: Slot): readonly T[] {
    return [...(this.#inSlot.get(slot) ?? [])];
  }

  /**
   * Removes an instance that has ended from its slot: no text is held for it any more. Emits what it wrote if
   * others wrote at the same time.
   */
  leave(instance: T): void {
    const { slot } = instance;
    emitRanges(this.#recording, instance);
    instance.ended = true;
    if (!slot) return;
    slot.holders.delete(instance);
    const writers = this.#inSlot.get(slot);
    if (writers?.delete(instance) && writers.size === 0) this.#inSlot.delete(slot);
  }

  /** Ends an instance, once. @param t milliseconds since the build's start; now, by default. */
  end(instance: T, exit?: number, t?: number, keepGoing?: boolean): void {
    if (instance.ended) return;
    this.leave(instance);
    instance.emitEnd(exit, t, keepGoing);
  }
}
