// The slots: FIFOs that jobs write to. They are made many at once, offered as tokens, and taken back when
// nobody can write to them any more. Knows nothing of records and of jobs' logs.

import fs from 'node:fs';
import type { Capacity } from './capacity.ts';
import { reason } from '../model/failure.ts';
import type { Forward } from './forward.ts';
import type { Job } from './jobs.ts';
import { Scanner, type WireRecord } from './framing.ts';
import { Slot } from './slot.ts';
import { Stream } from './stream.ts';
import type { Trace } from './trace.ts';
import type { Workspace } from './workspace.ts';

/** A token's length, as the library reads them. */
const TOKEN = 8;

/** A user's pipes may hold 64 MiB in all (pipe-user-pages-soft). */
const MOST_WIDE = 16;

/** The slot of the wrapped command. */
export const ROOT_SLOT = '0';

/** The names of the slots that a new workspace gets; more are made when they are needed. */
export function firstSlotNames({ firstSlots }: Capacity): string[] {
  return [ROOT_SLOT, ...Array.from({ length: firstSlots }, (_, i) => String(i + 1))];
}

/** Receives what is read from the slots. Records from the control FIFO come without a slot. */
export interface SlotSink {
  text(slot: Slot, bytes: Buffer): void;
  /**
   * Called before that if the text was passed on to a pipe.
   * @param part the one of a pair in which it came.
   */
  forwarded(part: Slot, bytes: Buffer): void;
  record(record: WireRecord, slot: Slot | undefined): 'wait' | undefined;
}

export class Slots {
  /** The slots that somebody writes to, or did until recently. */
  readonly active = new Set<Slot>();
  readonly control: Stream;
  readonly #workspace: Workspace;
  readonly #sink: SlotSink;
  readonly #trace: Trace | undefined;
  #most: number;
  readonly #byName = new Map<string, Slot>();
  readonly #ofJob = new Map<Job, Slot>();
  readonly #free: number;
  /** How many hold more than by default. */
  #wide = 0;
  #made = 0;
  #used = 0;
  /**
   * Tokens of free slots that are still to be written into `#free`, the FIFO from which launchers take them.
   */
  #tokens = '';

  /** Opens the first slots, which the workspace has made. @throws if one cannot be opened. */
  constructor(workspace: Workspace, sink: SlotSink, { firstSlots, mostSlots }: Capacity, trace?: Trace) {
    this.#workspace = workspace;
    this.#trace = trace;
    this.#sink = sink;
    this.#most = mostSlots;
    this.control = new Stream('-', workspace.path('ctl'), this.#scanner(), {
      text: () => undefined,
      record: (record) => sink.record(record, undefined),
    });
    this.#free = fs.openSync(workspace.path('free'), fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    this.#offer(firstSlots);
  }

  get(name: string): Slot | undefined {
    return this.#byName.get(name);
  }

  /** The slot of a LOGLIN_JOB, `<slot>/<wire id>`. */
  ofPlace(place: string): Slot | undefined {
    return this.#byName.get(place.replace(/[+/].*/s, ''));
  }

  /** Takes a slot that a record names, or a pair: `7+8`. Undefined if there is none of that name. */
  take(names: string): Slot | undefined {
    const [first, second] = names.split('+', 2).map((name) => this.#byName.get(name));
    if (first && second && first !== second && !first.job && !second.job) first.pair(second);
    return first;
  }

  /**
   * The stream that a mark names: `7`, that of slot 7; `e7`, the same, if what arrives there was first read
   * and passed on by ninja; `7+8`, that of slot 7, which is one of a pair; `-`, the control FIFO.
   */
  stream(name: string): Stream | undefined {
    return name === '-' ? this.control : this.#byName.get(name.replace(/^e|\+.*/g, ''))?.stream;
  }

  /** Opens an existing FIFO; undefined if there is none, or if no more files can be open. */
  open(name: string, single: boolean): Slot | undefined {
    let slot: Slot;
    try {
      slot = this.#newSlot(name, single);
    } catch (error) {
      this.#trace?.('slot', name, `cannot be opened: ${reason(error)}`);
      return undefined;
    }
    this.#byName.set(name, slot);
    return slot;
  }

  #newSlot(name: string, single: boolean): Slot {
    const slot = this.#makeSlot(name, single);
    slot.stream.onFull = () => {
      if (this.#wide < MOST_WIDE && this.#workspace.widen(this.#workspace.slot(name))) this.#wide++;
    };
    return slot;
  }

  #makeSlot(name: string, single: boolean): Slot {
    return new Slot(name, this.#workspace.slot(name), this.#scanner(), single, (slot) => ({
      text: (bytes) => {
        slot.forward?.push(bytes);
        if (slot.forward ?? slot.isPrintedAgain) this.#sink.forwarded(slot, bytes);
        this.#sink.text(slot.owner, bytes);
      },
      record: (record) => {
        // A record comes after what its writer has written into both of a pair; it stands in the first one.
        // Nothing was written before the mark of the first step.
        if (record.kind !== 'S' || record.fields[1] !== '0') slot.readSecond();
        return this.#sink.record(record, slot.owner);
      },
    }));
  }

  /** The slot of a job that has one. */
  ofJob(job: Job): Slot | undefined {
    return this.#ofJob.get(job);
  }

  /**
   * Gives the slot to a job, and reads it from now on.
   * @param forwards the pipes that its parts are passed on to; by default, those of the parent job's slot.
   */
  assign(slot: Slot, job: Job, forwards?: readonly (Forward | undefined)[]): void {
    const around = job.parent && this.#ofJob.get(job.parent);
    for (const [i, part] of slot.parts.entries())
      part.setForward(forwards ? forwards[i] : around?.forwardOf(i === 0 ? 1 : 2));
    slot.job = job;
    this.#trace?.('slot', slot.name, `is job ${job.id}'s: ${job.name}`);
    this.#ofJob.set(job, slot);
    this.active.add(slot);
    if (slot.single) return;
    this.#used += slot.parts.length;
    if (this.#used * 2 > this.#made) this.#grow();
  }

  /** Takes back a slot that no job has got. */
  giveBack(slot: Slot): void {
    const parts = slot.parts;
    slot.unpair();
    for (const { name } of parts) this.#tokens += name.padStart(TOKEN);
  }

  /** Doubles the number of slots. If that fails, there will be no more than the existing ones. */
  #grow(): void {
    const count = Math.min(this.#made, this.#most - this.#made);
    if (count <= 0) return;
    const more = Array.from({ length: count }, (_, i) => this.#workspace.slot(String(this.#made + i + 1)));
    try {
      this.#workspace.makeFifos(more);
    } catch (error) {
      this.#trace?.('slots', `no more than ${this.#made}: ${reason(error)}`);
      this.#most = this.#made;
      return;
    }
    this.#offer(count);
  }

  /** Frees a slot that nobody writes to any more. */
  free(slot: Slot): void {
    this.active.delete(slot);
    this.#trace?.('slot', slot.name, 'is free');
    if (slot.job) this.#ofJob.delete(slot.job);
    slot.job = undefined;
    slot.clear();
    const parts = slot.parts;
    slot.unpair();
    for (const part of parts) {
      const isBroken = part.forward?.isBroken ?? false;
      part.setForward(undefined);
      part.isPrintedAgain = false;
      if (!slot.single) this.#used--;
      if (slot.single || isBroken) this.#remove(part);
      else this.#tokens += part.name.padStart(TOKEN);
    }
  }

  /** Closes a slot, so that its writers get SIGPIPE. It is not used again. */
  #remove(slot: Slot): void {
    slot.stream.close();
    this.#byName.delete(slot.name);
    fs.rmSync(this.#workspace.slot(slot.name), { force: true });
  }

  /** Closes the slots whose pipe has lost its reader, so that their writers get SIGPIPE as without us. */
  closeBroken(): void {
    for (const slot of this.active)
      for (const part of slot.parts) if (part.forward?.isBroken) part.stream.close();
  }

  /** Closes all streams. */
  close(): void {
    for (const slot of this.#byName.values()) slot.stream.close();
    this.#byName.clear();
    this.active.clear();
    this.control.close();
    fs.closeSync(this.#free);
  }

  /** Offers the slots that became free. */
  offerFree(): void {
    if (this.#tokens === '') return;
    fs.writeSync(this.#free, this.#tokens);
    this.#tokens = '';
  }

  #offer(count: number): void {
    this.#trace?.('slots', `${count} more than ${this.#made}`);
    for (let i = 0; i < count; i++) {
      const name = String(this.#made + 1);
      if (!this.open(name, false)) {
        this.#most = this.#made;
        break;
      }
      this.#made++;
      this.#tokens += name.padStart(TOKEN);
    }
    this.offerFree();
  }

  #scanner(): Scanner {
    return new Scanner(this.#workspace.nonce, (name) => {
      const bytes = this.#workspace.take(name);
      if (!bytes) this.#trace?.('lost', `the record in ${name}: there is no such file`);
      return bytes;
    });
  }
}
