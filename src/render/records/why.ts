// Why jobs ran, as records of `loglin why --json` (docs/json.md).

import type { Causes, Effect, Reason } from '../../linearize/causes.ts';
import type { NotRemade } from '../../linearize/notremade.ts';
import type { Job } from '../../model/build.ts';
import type { JsonRecord } from './line.ts';
import { notRemadeRecord } from './notremade.ts';

/** A target that the user asked about. */
export interface AskedTarget {
  readonly name: string;
  /** The job that made it; undefined if it did not run. */
  readonly job: Job | undefined;
  /** Why it ran; or, if it did not, which of its needs ran. */
  readonly reasons: readonly Reason[];
  /** The last build in which it ran, if it did not run in this one. */
  readonly last?: { readonly id: string; readonly job: Job } | undefined;
  /** If it did not run: why it is not known to be up to date. */
  readonly notRemade?: NotRemade | undefined;
}

/** @param change the words that changed in the job's commands since it last ran. */
export function whyRecord(
  { name, job, reasons, last, notRemade }: AskedTarget,
  causes: Causes,
  nameOf: (job: Job) => string,
  change: (job: Job) => readonly string[],
): JsonRecord {
  return {
    target: name,
    ran: job !== undefined,
    reasons: reasons.map((reason) => reasonRecord(reason, nameOf)),
    roots: causes.roots(reasons).map((root) => ({
      ...reasonRecord(root, nameOf),
      ...(root.kind === 'command' ? { change: change(root.job) } : {}),
    })),
    ...(notRemade ? { unmade: notRemadeRecord(notRemade, nameOf) } : {}),
    ...(last ? { last: { build: last.id, job: last.job.id } } : {}),
  };
}

/** A root cause in a build, and the jobs that it caused to run. */
export function effectRecord(
  { root, first, jobs, ms, alone }: Effect,
  nameOf: (job: Job) => string,
): JsonRecord {
  return { root: reasonRecord(root, nameOf), first: first.map(nameOf), jobs, ms: Math.round(ms), alone };
}

function reasonRecord(reason: Reason, nameOf: (job: Job) => string): JsonRecord {
  switch (reason.kind) {
    case 'file':
    case 'always':
      return { kind: reason.kind, name: reason.name };
    case 'launched':
      return { kind: reason.kind, target: nameOf(reason.job), by: nameOf(reason.by) };
    case 'said':
      return { kind: reason.kind, target: nameOf(reason.job), text: reason.text };
    default:
      return { kind: reason.kind, target: nameOf(reason.job) };
  }
}
