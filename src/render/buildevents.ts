// What `--json` says of a build besides the text of its log, so that `loglin import` can make the same build of it (docs/json.md): of the build
// as a whole, of each job's end, and of the jobs that nothing was shown of. Pure; knows no renderer and no walk.

import { type Build, type Job, type Step, failed } from '../model/build.ts';
import type { BuildStarted } from '../model/events.ts';

export type JsonEvent = Readonly<Record<string, unknown>>;

/** The first event. @param part only some of the build's jobs follow, or also jobs of other builds. */
export function buildEvent(started: BuildStarted, part: boolean): JsonEvent {
  const { id, at, argv, cwd, root, name, revision, coloured, inside } = started;
  return {
    type: 'build',
    id,
    at,
    argv,
    cwd,
    ...(root === undefined ? {} : { root }),
    ...(name === undefined ? {} : { name }),
    ...(revision === undefined ? {} : { revision }),
    ...(coloured ? { coloured } : {}),
    ...(inside ? { inside } : {}),
    ...(part ? { part } : {}),
  };
}

/** The last event; without a status where the build has no end. */
export function endEvent({ jobs, ended, time }: Build): JsonEvent {
  return {
    type: 'end',
    ...ended?.status,
    ...(ended?.interrupted ? { interrupted: true } : {}),
    ms: ended?.t ?? time,
    ended: jobs[0]?.ended ?? null,
  };
}

/** How a job ended, for its `leave`. */
export function endOf(job: Job): JsonEvent {
  const steps = job.steps.flatMap((step) => stepOf(step));
  return {
    ...job.status,
    failed: failed(job),
    ...(job.ignored ? { ignored: true } : {}),
    ...(job.skipped ? { skipped: true } : {}),
    started: job.started,
    ended: job.ended ?? null,
    ...(steps.length > 0 ? { steps } : {}),
  };
}

function stepOf({ at, argv, echo, started, ended, status, user, sys, rss }: Step): JsonEvent {
  return {
    argv,
    at,
    ...(echo ? { echo } : {}),
    started,
    ...(ended === undefined ? {} : { ended }),
    ...status,
    ...(user === undefined ? {} : { user }),
    ...(sys === undefined ? {} : { sys }),
    ...(rss === undefined ? {} : { rss }),
  };
}
