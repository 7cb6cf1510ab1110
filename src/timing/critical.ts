// The critical path: what a build could not have been faster than, however many jobs had run at once, and
// because of which jobs.
//
// What waits for what:
// - a job starts after its needs have ended. A need without a job of its own passes on to what it needs
//   itself. A need that still ran when the job started (cargo starts a crate when the metadata of its needs
//   are there) was enough as far as it had come when the first job that needs it started.
// - what a tool instance launched starts after the own time of its parent before the first of them, and the
//   parent's own time after the last of them goes on when all have ended. Between these, only needs count:
//   that the tool ran no more at once, and its own time from one job to the next, is what more room would
//   have saved. Makefiles that it made before it started anew come before the rest.
// - what else a job launched (`loglin -t NAME …` in a script) stays in the script's sequence: what had ended
//   before something was launched comes before it. What a script waited for with `--once` or a link likewise.
//   What outlives the job that launched it holds nothing up.
//
// Each job takes as long as it took: that it may have been slower because others ran beside it is not known.
// So the path is the longest way through these arcs, and a lower bound; a job's slack is how much later it
// could have ended without making that way longer.

import type { WalkRoot } from '../linearize/walkoptions.ts';
import type { Build, Job } from '../model/build.ts';
import { type Sliced, runToEnd } from '../model/sliced.ts';
import { Constraints } from './constraints.ts';
import type { Stretch } from './eventgraph.ts';

/** A part of the critical path: own time of a job. */
export interface PathSpan {
  readonly job: Job;
  /** When it really began, and how long it took, in milliseconds. */
  readonly at: number;
  readonly ms: number;
  /** How long after the piece before it had ended. */
  readonly waited: number;
}

/** What is known of one job; times in milliseconds. */
export interface JobTiming {
  readonly job: Job;
  readonly from: number;
  readonly to: number;
  /** Its own time: what it launched does not count. */
  readonly selfMs: number;
  /** How much later it could have ended without making the critical path longer. */
  readonly slack: number;
  /** How long it could have run already, but for a free place. */
  readonly waited: number;
  /** The longest way from its start to the end of all. */
  readonly rest: number;
}

export interface Timing {
  /** From the first start to the last end of what is looked at. */
  readonly from: number;
  readonly to: number;
  /** The length of the critical path. */
  readonly least: number;
  readonly path: readonly PathSpan[];
  /** In the order in which the recorder heard of them. */
  readonly jobs: readonly JobTiming[];
}

/**
 * Finds the critical path of a build, or of what some targets needed. Linear in jobs and needs, but for
 * sorting by time what a job launched.
 * @param roots the targets; none: the whole build.
 */
export function criticalPath(build: Build, roots?: readonly WalkRoot[]): Timing {
  return runToEnd(findCriticalPath(build, roots));
}

/** As criticalPath, in pieces. */
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

/** Stretches of one job that follow one another become one piece. */
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
