// Jobs that a tool reports itself, through a module inside it (parallel/LoglinParallel.pm,
// scons/site/loglin_scons.py). The record of a start stands in the tool's own stream, so that the job is
// linked at that place. Each further command may have a record in the job's slot. The end has one. A slot is
// taken at the start, or with a separate record just before the first output. Knows no tool.

import type { Job, JobStart } from '../jobs.ts';
import type { Slot } from '../slot.ts';
import { statusOf } from '../wire.ts';
import type { Recording } from './hook.ts';

/** The fields of a start that all tools have. */
interface StartRecord {
  readonly place: string;
  readonly slot: string;
  readonly shown: string;
  readonly time: string;
}

/** The fields of an end. */
interface EndRecord {
  readonly status: string;
  readonly time: string;
  readonly user?: string;
  readonly sys?: string;
  readonly peak?: string;
}

export type ReportedStart = Pick<JobStart, 'parent' | 't' | 'redirected'>;

/**
 * Handles the start of a job.
 * @param streamSlot the slot in whose stream the record stood.
 * @param start starts the job, with the options that all tools have.
 */
export function startReported(
  { jobs, slots, flush }: Recording,
  { place, slot, shown, time }: StartRecord,
  streamSlot: Slot | undefined,
  start: (common: ReportedStart) => Job,
): Job {
  if (streamSlot) flush(streamSlot);
  const job = start({ parent: jobs.byPlace(place), t: jobs.time(time), redirected: shown !== '1' });
  const jobSlot = slots.get(slot);
  if (jobSlot) slots.assign(jobSlot, job);
  return job;
}

/**
 * The job that a record is about, if it runs. Flushes the text before the record to the log.
 * @param slot the slot whose stream has the record.
 */
export function reportedJob({ jobs, flush }: Recording, wireId: string, slot?: Slot): Job | undefined {
  const job = jobs.byWireId(wireId);
  if (!job || job.ended) return undefined;
  if (slot) flush(slot);
  return job;
}

/**
 * Ends a job, as the parent of its last process reports.
 * @param isStopped does a signal mean that its tool has stopped it as it should?
 */
export function endReported(recording: Recording, job: Job, record: EndRecord, isStopped = false): void {
  const { jobs, slots, flush, release } = recording;
  const { time, user = '', sys = '', peak = '' } = record;
  const jobSlot = slots.ofJob(job);
  if (jobSlot) {
    jobSlot.read(true);
    flush(jobSlot);
  }
  const status = statusOf(record.status);
  if (status) jobs.exited(job, { status, t: jobs.time(time), used: { user, sys, peak } });
  jobs.end(job, isStopped && status && 'signal' in status ? 'ignored' : undefined);
  if (jobSlot) release(jobSlot);
}
