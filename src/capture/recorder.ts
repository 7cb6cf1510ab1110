// The recorder reads the slots, and passes records to the hooks and text to the jobs' logs. Streams, jobs and
// hooks meet only here. It does not know what records mean, and starts no process.
//
// Order between streams is kept by pulling. Before a mark in a job's slot whose record is not known yet, the
// parent's stream is read. Before a job's end in the parent's stream, the job's slot is drained. So a job's
// log is complete when its end is emitted.

import type { Status } from '../model/events.ts';
import type { GraphNode } from '../model/graph.ts';
import type { JobId } from '../model/ids.ts';
import { Failure } from '../model/failure.ts';
import type { Capacity } from './capacity.ts';
import { type AnyHandler, type Command, type Hook, type Recording, handlersByKind } from './hooks/hook.ts';
import { TOOLS } from './hooks/list.ts';
import { Forwards } from './forwards.ts';
import type { WrittenBy } from './heldtext.ts';
import { type Job, Jobs, type RecorderSink, type Writer } from './jobs.ts';
import type { WireRecord } from './framing.ts';
import type { Slot } from './slot.ts';
import { ROOT_SLOT, type SlotSink, Slots } from './slots.ts';
import type { Trace } from './trace.ts';
import type { Workspace } from './workspace.ts';

/** A tool's own text is held this long for the record that says whose it is. */
const HOLD_MS = 250;
const HOLD_BYTES = 256 * 1024;

/** A slot that a process still holds open after the build. */
export interface OpenSlot {
  readonly job: JobId;
  readonly fd: number;
  /** The pipe that what arrives there is passed on to. */
  readonly pipe: number | undefined;
}

export class Recorder {
  readonly #workspace: Workspace;
  readonly #jobs: Jobs;
  readonly #slots: Slots;
  readonly #forwards: Forwards;
  readonly #hooks: readonly Hook[];
  readonly #handlers: ReadonlyMap<string, AnyHandler>;
  readonly #trace: Trace | undefined;
  #over = false;
  #sawRecord = false;

  /**
   * @param capacity for which the workspace's slots were made.
   * @param root the project root, resolved; names are relative to it.
   * @param start the build's start in milliseconds since the epoch.
   * @param trace gets what is read and decided.
   * @throws Failure if the slots cannot be made.
   */
  constructor(
    workspace: Workspace,
    capacity: Capacity,
    root: string,
    start: number,
    sink: RecorderSink,
    command: Command,
    trace?: Trace,
  ) {
    this.#workspace = workspace;
    this.#trace = trace;
    this.#jobs = new Jobs(root, start, sink);
    const slotSink: SlotSink = {
      text: (slot, bytes) => {
        this.#text(slot, bytes);
      },
      forwarded: (part, bytes) => {
        const { job } = part.owner;
        if (job) this.#jobs.pipes.forwarded(job, part.name, bytes);
      },
      record: (record, slot) => this.#record(record, slot),
    };
    this.#slots = new Slots(workspace, slotSink, capacity, trace);
    this.#forwards = new Forwards(this.#jobs, this.#slots);
    const recording: Recording = {
      jobs: this.#jobs,
      slots: this.#slots,
      forwards: this.#forwards,
      workspace,
      command,
      flush: (slot, of) => {
        this.#flush(slot, of);
      },
      release: (slot) => {
        this.#release(slot);
      },
      isOver: () => this.#over,
    };
    this.#hooks = TOOLS.flatMap((tool) => tool.records?.(recording) ?? []);
    this.#handlers = new Map(this.#hooks.flatMap(({ handlers }) => handlersByKind(handlers)));
    this.#jobs.flushBehind = (reader) => {
      for (const slot of this.#behind(reader)) this.#flush(slot);
    };
    this.#jobs.isHeldBehind = (reader) => this.#behind(reader).some(({ heldBytes }) => heldBytes > 0);
    this.#jobs.onStep = (job, step) => {
      for (const hook of this.#hooks) hook.stepBegun?.(job, step);
    };
    this.#jobs.onEnd = (job) => {
      for (const hook of this.#hooks) hook.jobEnded?.(job);
    };
    const slot = this.#slots.open(ROOT_SLOT, true);
    if (!slot) throw new Failure(`${this.rootFifo}: cannot be opened`);
    this.#slots.assign(slot, this.#jobs.root);
  }

  /** The number of jobs, with the root job. */
  get jobs(): number {
    return this.#jobs.count;
  }

  get failures(): number {
    return this.#jobs.failures;
  }

  /** Graphs that were asked for before the build (--plan). */
  get plans(): readonly { readonly cwd: string; readonly nodes: GraphNode[] }[] {
    return this.#hooks.flatMap(({ plans }) => plans ?? []);
  }

  /** The number of jobs that there will be, if a tool's output has it. */
  get total(): number | undefined {
    return this.#hooks.find(({ total }) => total !== undefined)?.total;
  }

  /** Has any record come? */
  get sawRecord(): boolean {
    return this.#sawRecord;
  }

  /** The FIFO that the wrapped command writes to. */
  get rootFifo(): string {
    return this.#workspace.slot(ROOT_SLOT);
  }

  /** Milliseconds since the build's start. */
  now(): number {
    return this.#jobs.now();
  }

  /**
   * Reads all slots.
   * @param unexpected gets unexpected errors; the other streams are still read.
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
      total += this.#slots.control.read(false);
    });
    const now = Date.now();
    for (const slot of this.#slots.active)
      attempt(() => {
        total += slot.read(false);
        this.#release(slot);
        if (slot.heldBytes > 0 && now - slot.heldSince > HOLD_MS) {
          this.#trace?.('held', slot.name, `nobody has claimed ${slot.heldBytes} bytes in ${HOLD_MS} ms`);
          this.#flush(slot);
        }
      });
    attempt(() => {
      this.#forwards.poll();
      for (const hook of this.#hooks) hook.poll?.();
      this.#jobs.pipes.poll();
      this.#slots.offerFree();
      this.#jobs.emitGrowth();
    });
    return total;
  }

  /**
   * Ends every job after the wrapped command has ended, and reads what is left in the slots.
   * @returns the slots that a remaining process still holds open, each with its job.
   */
  finish(status: Status): OpenSlot[] {
    const { root } = this.#jobs;
    this.#slots.control.read(true);
    for (let again = true; again || !this.#over;) {
      this.#over = !again;
      again = false;
      for (const slot of [...this.#slots.active]) {
        if (slot.read(true) > 0) again = true;
        this.#release(slot);
      }
    }
    for (const slot of this.#slots.active) {
      for (const { stream } of slot.parts) if (stream.atEnd) stream.flush();
      this.#flush(slot);
    }
    for (const hook of this.#hooks) hook.ending?.();
    this.#jobs.setStatus(root, status, this.now());
    for (const job of [...this.#jobs.all()].reverse()) this.#jobs.end(job);
    for (const hook of this.#hooks) hook.finish?.();
    this.#jobs.end(root);
    const openSlots: OpenSlot[] = [];
    for (const slot of this.#slots.active)
      for (const { name, stream, forward } of slot.parts) {
        if (stream.atEnd || !slot.job) continue;
        this.#trace?.('slot', name, `is still written to, for job ${slot.job.id}`);
        openSlots.push({ job: slot.job.id, fd: stream.fd, pipe: forward?.fd });
      }
    return openSlots;
  }

  /** Closes the slots. Those that finish() has returned must have been handed over. */
  close(): void {
    this.#slots.close();
  }

  /** The slots of jobs whose output goes into a pipe that another job reads. */
  #behind(reader: Job): Slot[] {
    return [...this.#slots.active].filter(({ job }) => job?.pipe?.parent === reader);
  }

  #record(record: WireRecord, slot: Slot | undefined): 'wait' | undefined {
    const { kind, fields } = record;
    this.#sawRecord = true;
    this.#trace?.('record', slot?.name ?? '-', kind, fields);
    const handle = this.#handlers.get(kind);
    // A kind that no hook knows comes from a newer library, and is ignored.
    if (!handle) this.#trace?.('unknown', slot?.name ?? '-', kind);
    if (handle?.(fields, slot) !== 'wait') return undefined;
    this.#trace?.('waits', slot?.name ?? '-', kind);
    return 'wait';
  }

  #text(slot: Slot, bytes: Buffer): void {
    this.#trace?.('text', slot.name, `${bytes.length} bytes`);
    for (const hook of this.#hooks) hook.beforeText?.(slot);
    if (slot.holders.size === 0 && slot.heldBytes === 0) {
      this.#jobs.append(slot.job ?? this.#jobs.root, bytes);
      slot.forgetAnnounced();
      return;
    }
    for (const piece of slot.attribute(Buffer.from(bytes))) slot.hold(piece.bytes, piece.by);
    if (slot.heldBytes > HOLD_BYTES) this.#flush(slot);
  }

  #flush(slot: Slot, of?: WrittenBy): void {
    if (slot.heldBytes === 0) return;
    const text = slot.takeHeld(of);
    const pieces = slot.pieces(text);
    // A tool that is alone has written all of it, even pieces whose writer is unknown.
    if (slot.holders.size <= 1) this.#toLog(slot, text, pieces.find(({ by }) => by)?.by);
    else for (const { bytes, by } of pieces) this.#toLog(slot, bytes, by);
  }

  #toLog(slot: Slot, text: Buffer, by: Writer | undefined): void {
    const owner = slot.job ?? this.#jobs.root;
    let rest = text;
    for (const hook of this.#hooks) rest = hook.unclaimed?.(slot, rest, by) ?? rest;
    for (const piece of slot.pieces(rest)) this.#jobs.append(owner, piece.bytes, piece.by);
  }

  #release(slot: Slot): void {
    const { job } = slot;
    if (!slot.atEnd || !job || job === this.#jobs.root) return;
    if (!job.ended) {
      // A nested loglin's slot ends with a record. Without one, the loglin was killed.
      if (!slot.single || !slot.opened || job.reported) return;
      this.#trace?.('slot', slot.name, `was closed without a record: job ${job.id} was killed`);
      this.#jobs.end(job);
    }
    for (const { stream } of slot.parts) stream.flush();
    this.#flush(slot);
    this.#slots.free(slot);
  }
}
