// Jobs that a tool tells of by itself, through a hook inside it (parallel/LoglinParallel.pm, scons/loglin_scons.py). Knows no tool, only
// the records: one at a start, in the tool's own stream, so that the job is linked at that place; one for each further command, in the
// job's slot; one at the end. A slot may be taken at the start, or by a record of its own just before there is output.

import { type Job, statusOf } from '../jobs.ts';
import type { WireRecord } from '../protocol.ts';
import type { Slot } from '../slots.ts';
import type { Hook, Recording } from './hook.ts';

const LONGEST_NAME = 200;

/** The letters of a tool's records. */
export interface Letters {
  /** id, LOGLIN_JOB, slot or `-`, does stdout go to the log (1 or 0), µs since the epoch, name, command… */
  readonly start: string;
  /** id, slot */
  readonly slot: string;
  /** id, µs since the epoch, the tool's own line that shows it, command… */
  readonly step: string;
  /** id, exit status or -signal or nothing, µs since the epoch */
  readonly end: string;
}

export class ToldRecords implements Hook {
  readonly kinds: string;
  readonly #recording: Recording;
  readonly #letters: Letters;
  readonly #paths: boolean;

  /** @param names paths: they are absolute ones of files, shown relative to the project root. */
  constructor(recording: Recording, letters: Letters, names: { paths: boolean } = { paths: false }) {
    this.kinds = Object.values(letters).join('');
    this.#recording = recording;
    this.#letters = letters;
    this.#paths = names.paths;
  }

  record({ kind, fields }: WireRecord, slot: Slot | undefined): undefined {
    const [id = '', ...rest] = fields;
    if (kind === this.#letters.start) {
      this.#starts(id, rest, slot);
      return;
    }
    const { jobs, slots, flush } = this.#recording;
    const job = jobs.wire(id);
    if (!job || job.ended) return;
    if (kind === this.#letters.end) {
      if (slot) flush(slot);
      endTold(this.#recording, job, rest);
    } else if (kind === this.#letters.step) {
      if (slot) flush(slot);
      const [t = '', echo = '', ...argv] = rest;
      const announced = { t: jobs.time(t), argv, ...(echo === '' ? {} : { echo: Buffer.from(echo) }) };
      job.announced.set(job.steps, announced);
      jobs.beginStep(job, job.steps);
    } else {
      const own = slots.get(rest[0] ?? '');
      if (own) slots.use(own, job);
    }
  }

  #starts(id: string, fields: readonly string[], slot: Slot | undefined): void {
    const { jobs, slots, flush } = this.#recording;
    const [place = '', slotName = '', shown = '', time = '', fullName = '', ...argv] = fields;
    if (slot) flush(slot);
    const t = jobs.time(time);
    const name = this.#paths ? jobs.nameOf('/', fullName) : fullName.slice(0, LONGEST_NAME);
    const job = jobs.start({ name, target: name, parent: jobs.at(place), t, aside: shown !== '1' }, id);
    const own = slots.get(slotName);
    if (own) slots.use(own, job);
    if (argv.length === 0) return;
    job.announced.set(0, { t, argv });
    jobs.beginStep(job, 0);
  }
}

/** A job has ended, as its last process' parent tells. @param fields status, time, and what it used, as far as that is known. */
export function endTold(recording: Recording, job: Job, fields: readonly string[]): void {
  const { jobs, slots, flush, release } = recording;
  const [code = '', t = '', ...used] = fields;
  const own = slots.of(job);
  if (own) {
    own.stream.read(true);
    flush(own);
  }
  const status = statusOf(code);
  if (status) jobs.exited(job, { status, t: jobs.time(t), used });
  jobs.end(job);
  if (own) release(own);
}
