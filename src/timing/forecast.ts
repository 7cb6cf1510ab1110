// Predicts how many jobs a running build will have and how long it will still take, from an earlier build of
// the same command. Predicts nothing while that build does not match the running one: an incremental build is
// not compared with one from scratch. Knows no clock and no store.
//
// The time left is what the earlier build still took after it had done as much work as this one has, times
// how much slower this one has been so far. It is never less than the longest chain of jobs that remains. The
// estimate thus accounts for different durations, another machine load and another number of parallel jobs,
// and for the end of a build, when a single job runs.

import { type Build, type Job, failed } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { criticalPath } from './critical.ts';
import { loadOf } from './load.ts';

/** A job of an earlier build. Times are in milliseconds. */
interface PastJob {
  readonly name: string;
  /** Its self time. */
  readonly selfMs: number;
  /** The longest path from its start to the end of the build. */
  readonly rest: number;
}

/** The data that is kept of an earlier build. */
export interface PastBuild {
  /** In the order of their starts. */
  readonly jobs: readonly PastJob[];
  readonly ms: number;
  /** The work done after each of the equal parts of the build's time, starting with 0. */
  readonly done: Float64Array;
  /** The names of the jobs on its critical path. */
  readonly critical: ReadonlySet<string>;
}

/** The number of parts into which an earlier build's time is divided. */
const PARTS = 500;

export function pastOf(build: Build): PastBuild {
  const { jobs, from, to, path } = criticalPath(build);
  const { over } = loadOf(build, build.jobs, from, to);
  const done = new Float64Array(PARTS + 1);
  over(PARTS).forEach((running, i) => {
    done[i + 1] = done[i]! + (running * (to - from)) / PARTS;
  });
  const past = jobs
    .filter(({ job }) => job.id !== ROOT)
    .map(({ job, selfMs, rest }) => ({ name: job.name, selfMs, rest }));
  const critical = new Set(path.filter(({ job }) => job.id !== ROOT).map(({ job }) => job.name));
  return { jobs: past, ms: to - from, done, critical };
}

export interface Expected {
  readonly total?: number;
  readonly leftMs?: number;
}

/** Until this many jobs have started, or half of them, the earlier build may match by chance. */
const EVIDENCE = 8;
/** The earlier build matches if at least this share of the started jobs is among its own first jobs. */
const FITS = 0.75;
/** Below this share, it is another kind of build. */
const MISFITS = 0.6;
/** Measurements count little until they cover this share of the earlier build's time, up to a limit. */
const PRIOR = 0.03;
const MOST_PRIOR_MS = 1500;
/** The estimate shown approaches a new one over a few times this long, plus this share of the time left. */
const CALM_MS = 300;
const CALM_PART = 0.08;

const NONE: ReadonlySet<string> = new Set();

/** Follows a running build. */
export class Forecast {
  readonly #past: PastBuild;
  readonly #build: Build;
  /**
   * The indices of the earlier jobs that have not started yet, by name. The first one is last in its list.
   */
  readonly #byName = new Map<string, number[]>();
  readonly #started: Uint8Array;
  readonly #byRest: readonly number[];
  #nextByRest = 0;
  readonly #running = new Map<Job, number>();
  #taken = 1;
  #matched = 0;
  #strangers = 0;
  /** How many of the first jobs of the earlier build, up to the bound, have started. */
  #early = 0;
  #bound = 0;
  /** The work of the jobs that have ended: as expected, and as measured. */
  #expected = 0;
  #measured = 0;
  /** The expected work of all jobs that have ended, including those that cannot be compared. */
  #done = 0;
  #failed = false;
  #fits: boolean | undefined;
  #shown: { at: number; ms: number } | undefined;

  /** @param build the running build, from which no job has been removed since. */
  constructor(past: PastBuild, build: Build) {
    this.#past = past;
    this.#build = build;
    this.#started = new Uint8Array(past.jobs.length);
    for (let i = past.jobs.length - 1; i >= 0; i--) {
      const { name } = past.jobs[i]!;
      const same = this.#byName.get(name);
      if (same) same.push(i);
      else this.#byName.set(name, [i]);
    }
    this.#byRest = [...past.jobs.keys()].sort((a, b) => past.jobs[b]!.rest - past.jobs[a]!.rest);
  }

  /** The earlier build is of another kind, so there will be no forecast. */
  get refuted(): boolean {
    return this.#fits === false;
  }

  /** The names of the jobs that will probably determine how long the build takes; none if it is too early. */
  get critical(): ReadonlySet<string> {
    return this.#fits === true ? this.#past.critical : NONE;
  }

  /**
   * Returns the current forecast.
   * @param now milliseconds since the build's start.
   * @param total how many jobs there will be, if the tool has reported it.
   */
  at(now: number, total?: number): Expected {
    this.#take();
    this.#judge(total);
    // A build that goes on after a failure skips an unknown part of its jobs.
    if (this.#fits !== true || this.#failed) return {};
    return {
      total: total ?? this.#past.jobs.length + this.#strangers,
      leftMs: this.#calm(now, this.#remaining(now)),
    };
  }

  #take(): void {
    const { jobs } = this.#build;
    for (; this.#taken < jobs.length; this.#taken++) {
      const job = jobs[this.#taken]!;
      const index = this.#byName.get(job.name)?.pop();
      this.#running.set(job, index ?? -1);
      if (index === undefined) {
        this.#strangers++;
        continue;
      }
      this.#started[index] = 1;
      this.#matched++;
      if (index < this.#bound) this.#early++;
    }
    for (const [job, index] of this.#running) {
      if (job.ended === undefined) continue;
      this.#running.delete(job);
      this.#failed ||= failed(job);
      if (index < 0) continue;
      const { selfMs } = this.#past.jobs[index]!;
      this.#done += selfMs;
      // A job that launched others was not working all the time.
      if (job.links.length > 0) continue;
      this.#expected += selfMs;
      this.#measured += job.ended - job.started;
    }
  }

  #judge(total: number | undefined): void {
    const count = this.#past.jobs.length;
    const seen = this.#matched + this.#strangers;
    if (this.#fits === false || seen < Math.min(EVIDENCE, Math.ceil(count / 2))) return;
    // The order in which jobs start varies a little.
    for (
      const bound = Math.min(count, Math.ceil(1.25 * this.#matched) + 4);
      this.#bound < bound;
      this.#bound++
    )
      this.#early += this.#started[this.#bound]!;
    const share = this.#early / seen;
    const otherTotal = total !== undefined && Math.abs(total - count) > Math.max(1, 0.1 * count);
    if (share < MISFITS || otherTotal) this.#fits = false;
    else if (share >= FITS) this.#fits = true;
  }

  #remaining(now: number): number {
    const { jobs, ms, done } = this.#past;
    const prior = Math.min(PRIOR * ms, MOST_PRIOR_MS);
    /** How much slower a job is than in the earlier build. */
    const slower = (this.#measured + prior) / (this.#expected + prior);
    let work = this.#done;
    let chain = 0;
    for (const [job, index] of this.#running) {
      // The longest path from a job that launched others leads through those.
      if (index < 0 || job.links.length > 0) continue;
      const { selfMs, rest } = jobs[index]!;
      const ran = Math.min(selfMs, (now - job.started) / slower);
      work += ran;
      chain = Math.max(chain, rest - ran);
    }
    while (this.#nextByRest < this.#byRest.length && this.#started[this.#byRest[this.#nextByRest]!] === 1)
      this.#nextByRest++;
    const next = this.#byRest[this.#nextByRest];
    if (next !== undefined) chain = Math.max(chain, jobs[next]!.rest);
    const then = (ms * partAt(done, work)) / PARTS;
    const pace = (now + prior) / (then + prior);
    // Running the remaining jobs one after the other would not take longer.
    const most = (done[PARTS]! - work) * slower;
    return Math.max(Math.min((ms - then) * pace, most), chain * slower);
  }

  /** Subtracts the time that has passed, and moves gradually towards the estimate. */
  #calm(now: number, estimate: number): number {
    const last = this.#shown;
    let ms = estimate;
    if (last) {
      const passed = Math.max(0, now - last.at);
      const expected = Math.max(0, last.ms - passed);
      ms =
        expected +
        (estimate - expected) *
          (1 - Math.exp(-passed / (CALM_MS + CALM_PART * Math.min(estimate, expected))));
    }
    this.#shown = { at: now, ms };
    return ms;
  }
}

/**
 * Returns the number of parts, with a fraction, after which this much work was done. If several match, the
 * first.
 */
function partAt(done: Float64Array, work: number): number {
  let low = 0;
  let high = done.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (done[middle]! >= work) high = middle;
    else low = middle + 1;
  }
  if (low === 0 || done[low]! < work) return low;
  const before = done[low - 1]!;
  return low - 1 + (work - before) / (done[low]! - before);
}
