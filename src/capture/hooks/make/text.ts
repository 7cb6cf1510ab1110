// Moves parts of make's own text, which a slot holds back, to the logs of the jobs that they are about:
// echoes of commands, messages about failures, and the lines that --output-sync prints around a piece. Knows
// how make works and its messages, not its records.

import type { Frame, Job, Writer } from '../../jobs.ts';
import { isBad } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import type { Recording } from '../hook.ts';
import type { MakeInstance } from './instance.ts';
import { type TargetMessage, findEcho, findMessages, findUnstarted } from './messages.ts';

/** A range of a text, in bytes. */
interface Range {
  readonly from: number;
  readonly to: number;
}

export class MakeText {
  readonly #recording: Recording;
  readonly #launchedBy: ReadonlyMap<Job, MakeInstance>;

  /** @param launchedBy the make of each job that runs. */
  constructor(recording: Recording, launchedBy: ReadonlyMap<Job, MakeInstance>) {
    this.#recording = recording;
    this.#launchedBy = launchedBy;
  }

  /**
   * The frame of the job's next text: with --output-sync make prints a piece for each target, or for each
   * line.
   */
  frameOf(job: Job): Frame | undefined {
    const frame = this.#launchedBy.get(job)?.frame;
    if (!frame) return undefined;
    return job.frame && !frame.byLine ? job.frame : { before: frame.before, after: frame.after };
  }

  /** Removes an empty piece: its messages were removed, or its text went only to stderr. */
  takeEmptyFrame(slot: Slot, job: Job): void {
    const { frame } = job;
    if (!frame || slot.heldBytes === 0) return;
    const held = slot.takeHeld(this.#launchedBy.get(job));
    const empty = Buffer.concat([frame.before, frame.after]);
    const at = held.indexOf(empty);
    slot.hold(held.subarray(0, at < 0 ? held.length : at));
    if (at < 0) return;
    slot.hold(held.subarray(at + empty.length));
    this.#recording.jobs.beginFrame(job);
  }

  /**
   * Removes and returns a step's echo. The text before it must be make's own, and goes to the log of the
   * slot's job.
   */
  takeEcho(slot: Slot, of: Writer | undefined, argv: readonly string[]): Buffer | undefined {
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

  /** Removes and returns the messages about a job's failure. */
  takeMessages(slot: Slot, job: Job): Buffer {
    return this.#cutMessages(slot, job).text;
  }

  /** Moves the messages about a job's failure into its log. @returns whether make ignores the failure. */
  moveMessages(slot: Slot, job: Job): boolean {
    const { jobs } = this.#recording;
    const { text, messages, unstarted } = this.#cutMessages(slot, job);
    jobs.append(job, text);
    if (unstarted !== undefined) jobs.setStatus(job, { exit: unstarted });
    else if (job.status === undefined && messages.length > 0) jobs.setStatus(job, { exit: 127 });
    if (messages.length > 0) return messages.every((message) => message.ignored);
    // With -s make does not even print a message about a failure that it ignores.
    return this.#launchedBy.get(job)?.errVisible ?? false;
  }

  /**
   * Moves the messages about a further line of the recipe whose program does not exist. It is not a step, but
   * ends the job.
   */
  moveUnstarted(slot: Slot, job: Job): void {
    if (slot.heldBytes === 0) return;
    const { jobs } = this.#recording;
    const held = slot.takeHeld(this.#launchedBy.get(job));
    let at = 0;
    for (let found = findUnstarted(held); found; found = findUnstarted(held.subarray(at))) {
      const from = at + found.from;
      at += found.to;
      if (found.target !== job.target) continue;
      slot.hold(held.subarray(0, from));
      // With --output-sync=line this is a piece of its own.
      jobs.setFrame(job, this.frameOf(job));
      jobs.append(job, held.subarray(from, at));
      slot.hold(held.subarray(at));
      jobs.setStatus(job, { exit: found.status });
      return;
    }
    slot.hold(held);
  }

  /**
   * Moves messages of a make that was killed before it reported that its last jobs are finished. They are at
   * the end of its text.
   * @returns the text after them.
   */
  moveLastMessages(slot: Slot, text: Buffer): Buffer {
    const { jobs } = this.#recording;
    const owner = slot.job ?? jobs.root;
    const found = [...this.#launchedBy.keys()]
      .filter(({ status }) => status !== undefined && isBad(status))
      .flatMap((job) => findMessages(text, job.target).map((message) => ({ job, ...message })))
      .filter(({ job }) => job.parent === owner)
      .sort((a, b) => a.from - b.from);
    let at = 0;
    for (const { job, from, to } of found) {
      if (from < at) continue;
      for (const piece of slot.pieces(text.subarray(at, from))) jobs.append(owner, piece.bytes, piece.by);
      jobs.append(job, text.subarray(from, to));
      at = to;
    }
    return text.subarray(at);
  }

  /**
   * Cuts the messages about a job's failure out of the held text.
   * @returns the messages, and the status of a further line whose program does not exist, if make ignored the
   *   failure of the last one that it started.
   */
  #cutMessages(
    slot: Slot,
    job: Job,
  ): { text: Buffer; messages: readonly TargetMessage[]; unstarted?: number } {
    const held = slot.takeHeld(this.#launchedBy.get(job));
    const messages = held.length > 0 ? findMessages(held, job.target) : [];
    const cut: Buffer[] = [];
    let at = 0;
    let unstarted: number | undefined;
    for (const message of messages) {
      const found = message.ignored ? undefined : findUnstarted(held.subarray(at, message.to));
      let { from } = message;
      if (found?.target === job.target && !hasExit(job, found.status)) {
        from = at + found.from;
        unstarted = found.status;
      }
      slot.hold(held.subarray(at, from));
      cut.push(held.subarray(from, message.to));
      at = message.to;
    }
    slot.hold(held.subarray(at));
    return { text: Buffer.concat(cut), messages, ...(unstarted === undefined ? {} : { unstarted }) };
  }
}

/** Extends a range of make's text by the frame around it. */
export function withFrame(text: Buffer, { from, to }: Range, frame: MakeInstance['frame']): Range {
  const start = from - (frame?.before.length ?? 0);
  const end = to + (frame?.after.length ?? 0);
  const isFramed =
    frame &&
    start >= 0 &&
    text.subarray(start, from).equals(frame.before) &&
    text.subarray(to, end).equals(frame.after);
  return isFramed ? { from: start, to: end } : { from, to };
}

/** Did the last started step end with this status? Then make's message is about that step. */
function hasExit({ status }: Job, exit: number): boolean {
  return status !== undefined && 'exit' in status && status.exit === exit;
}
