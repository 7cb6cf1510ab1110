// The critical path: the least time that a build would have taken with any number of parallel jobs, and the
// jobs that determine it.
//
// What waits for what:
// - A job starts after its needs have ended. A need without a job is replaced by its own needs. cargo starts
//   a crate as soon as the metadata of its needs exist, so a need may still run when the job starts. Such a
//   need counts up to the point that it had reached when the first job that needs it started.
// - The jobs of a tool instance start after the self time of their parent before the first of them. The
//   parent's self time after the last of them continues when all have ended. In between, only needs count.
//   The limit on parallel jobs, and the tool's self time between jobs, are what more parallelism would save.
//   Makefiles that make remade before it restarted come before the other jobs.
// - Other jobs that a script launched (`loglin -t NAME …`) keep the script's sequence: what had ended before
//   a launch comes before it. The same holds for what a script waited for with `--once` or a link. A job that
//   outlives the job that launched it delays nothing.
//
// Each job is assumed to take as long as it did. Whether other jobs slowed it down is not known. The longest
// path through these arcs is therefore a lower bound. The slack of a job is how much later it could have
// ended without making that path longer.

import type { WalkRoot } from '../linearize/walkoptions.ts';
import type { Build, Job } from '../model/build.ts';
import { type Sliced, runToEnd } from '../model/sliced.ts';
import { Constraints } from './constraints.ts';
import type { Stretch } from './eventgraph.ts';

/** A part of the critical path: self time of one job. */
export interface PathSpan {
  readonly job: Job;
  /** When it actually began, and how long it took, in milliseconds. */
  readonly at: number;
  readonly ms: number;
  /** How long after the end of the previous part it began, in milliseconds. */
  readonly waited: number;
}

/** The timing of one job, in milliseconds. */
export interface JobTiming {
  readonly job: Job;
  readonly from: number;
  readonly to: number;
  /** The time in which nothing that it launched was running. */
  readonly selfMs: number;
  /** How much later it could have ended without making the critical path longer. */
  readonly slack: number;
  /** How long it was ready before a job slot was free. */
  readonly waited: number;
  /** The longest path from its start to the end of the build. */
  readonly rest: number;
}

export interface Timing {
  /** The first start and the last end of the jobs considered. */
  readonly from: number;
  readonly to: number;
  /** The length of the critical path. */
  readonly least: number;
  readonly path: readonly PathSpan[];
  /** In the order in which the recorder heard of them. */
  readonly jobs: readonly JobTiming[];
}

/**
 * Finds the critical path of a build, or of what some targets needed. Linear in jobs and needs, except that
 * the launches of each job are sorted by time.
 * @param roots the targets; undefined for the whole build.
 */
export function criticalPath(build: Build, roots?: readonly WalkRoot[]): Timing {
  return runToEnd(findCriticalPath(build, roots));
}

/** Like criticalPath, in slices. */
export function* findCriticalPath(build: Build, roots?: readonly WalkRoot[]): Sliced<Timing> {
  const constraints = new Constraints(build);
  const ends = roots ? roots.flatMap((root) => constraints.reach(root)) : yield* constraints.all();
  yield* constraints.complete();
  const { at, earliest, rest, ready, way } = yield* constraints.graph.longest();

  let sink = ends[0];
  for (const end of ends) if (earliest[end]! > earliest[sink!]!) sink = end;
  const least = sink === undefined ? 0 : earliest[sink]!;
  const jobs = constraints.placed.map(({ job, start, end, selfMs }): JobTiming => ({
    job,
    from: at[start]!,
    to: at[end]!,
    selfMs,
    slack: Math.max(0, least - earliest[end]! - rest[end]!),
    waited: ready[start]! < 0 ? 0 : at[start]! - ready[start]!,
    rest: rest[start]!,
  }));
  jobs.sort((a, b) => a.job.id - b.job.id);
  const from = jobs.reduce((first, job) => Math.min(first, job.from), jobs[0]?.from ?? 0);
  return {
    from,
    to: ends.reduce((last, end) => Math.max(last, at[end]!), from),
    least,
    path: sink === undefined ? [] : pathSpans(way(sink), constraints.owners),
    jobs,
  };
}

/** Joins successive stretches of one job. */
function pathSpans(way: readonly Stretch[], owners: readonly (Job | undefined)[]): PathSpan[] {
  const path: PathSpan[] = [];
  let before: number | undefined;
  for (const { from, at, ms } of way) {
    const job = owners[from]!;
    const waited = before === undefined ? 0 : Math.max(0, at - before);
    const last = path.at(-1);
    if (last?.job === job)
      path[path.length - 1] = { ...last, ms: last.ms + ms, waited: last.waited + waited };
    else path.push({ job, at, ms, waited });
    before = at + ms;
  }
  return path;
}
