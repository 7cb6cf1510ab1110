// Splits what tup runs into jobs. tup has a command write to a file, .tup/tmp/output-<id>, and prints that
// when the command has ended. This hook reads these files as they grow, one job for each, and takes banners
// and copies out of tup's own text. A command that ends before its file has been seen has its log from there.
// Nothing can be put between: tup runs its commands with an environment of their own.

import fs from 'node:fs';
import path from 'node:path';
import type { Job, Writer } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import type { Fields } from '../../wire.ts';
import { type ProcessMark, liveness, startTicks } from '../../../store/running.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { TupInstance } from './instance.ts';

/** The interval at which it is checked that tup still runs, in milliseconds. */
const LOOK_MS = 50;

export class TupRecords implements Hook {
  readonly handlers: Handlers = { j: (record, slot) => this.#announced(record, slot) };
  readonly #recording: Recording;
  readonly #running = new Map<
    Slot,
    { readonly tup: TupInstance; readonly process: ProcessMark | undefined }
  >();
  #looked = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  get total(): number | undefined {
    const [only, other] = this.#running.values();
    return other ? undefined : only?.tup.total;
  }

  #announced({ place, pid, time, cwd, argv }: Fields<'j'>, slot: Slot | undefined): undefined {
    const { jobs } = this.#recording;
    const top = topOf(cwd);
    if (!slot || top === undefined) return;
    this.#recording.flush(slot);
    this.#end(slot);
    const ticks = startTicks(Number(pid));
    const start = { tool: 'tup', job: jobs.byPlace(place), argv, t: jobs.time(time), slot };
    const process = ticks === undefined ? undefined : { pid: Number(pid), ticks };
    this.#running.set(slot, { tup: new TupInstance(this.#recording, start, top, cwd), process });
    slot.holders.add(this);
  }

  unclaimed(slot: Slot, text: Buffer, by: Writer | undefined): Buffer {
    const running = by ? undefined : this.#running.get(slot);
    if (!running) return text;
    running.tup.push(text);
    return Buffer.alloc(0);
  }

  poll(): void {
    const now = Date.now();
    const looks = now - this.#looked >= LOOK_MS;
    if (looks) this.#looked = now;
    for (const [slot, { tup, process }] of this.#running) {
      tup.readFiles();
      this.#recording.flush(slot);
      tup.settle(now);
      if (looks && process && liveness(process) === 'gone') this.#endGone(slot, tup);
    }
  }

  jobEnded(job: Job): void {
    for (const [slot, { tup }] of this.#running) if (tup.job === job) this.#end(slot);
  }

  ending(): void {
    for (const slot of this.#running.keys()) this.#end(slot);
  }

  /** tup has ended: its last text may have come since the slot was read. */
  #endGone(slot: Slot, tup: TupInstance): void {
    slot.read(true);
    // The next one may have been announced there.
    if (this.#running.get(slot)?.tup === tup) this.#end(slot);
  }

  #end(slot: Slot): void {
    const running = this.#running.get(slot);
    if (!running) return;
    this.#recording.flush(slot);
    this.#running.delete(slot);
    slot.holders.delete(this);
    running.tup.end();
  }
}

/** The folder with the .tup that a tup in this folder works with. */
function topOf(cwd: string): string | undefined {
  for (let at = cwd; path.isAbsolute(at); at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, '.tup', 'db'))) return at;
    if (at === path.dirname(at)) return undefined;
  }
  return undefined;
}
