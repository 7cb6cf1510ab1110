// Turns the records of the module in GNU parallel (LoglinParallel.pm, wire.ts) into jobs.

import type { Slot } from '../../slot.ts';
import type { Fields } from '../../wire.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { endReported, reportedJob, startReported } from '../reportedjobs.ts';

const LONGEST_NAME = 200;

export class ParallelRecords implements Hook {
  readonly handlers: Handlers = {
    a: (record, slot) => this.#started(record, slot),
    b: (record) => this.#slotTaken(record),
    d: (record, slot) => this.#ended(record, slot),
  };
  readonly #recording: Recording;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  #started(record: Fields<'a'>, slot: Slot | undefined): undefined {
    const { jobs } = this.#recording;
    const { argv } = record;
    const name = record.name.slice(0, LONGEST_NAME);
    const job = startReported(this.#recording, record, slot, (common) =>
      jobs.start({ ...common, name, target: name }, record.job),
    );
    if (argv.length > 0) jobs.step(job, { t: jobs.time(record.time), argv });
  }

  #slotTaken(record: Fields<'b'>): undefined {
    const { slots } = this.#recording;
    const job = reportedJob(this.#recording, record.job);
    const slot = slots.get(record.slot);
    if (job && slot) slots.assign(slot, job);
  }

  #ended(record: Fields<'d'>, slot: Slot | undefined): undefined {
    const job = reportedJob(this.#recording, record.job, slot);
    if (job) endReported(this.#recording, job, record);
  }
}
