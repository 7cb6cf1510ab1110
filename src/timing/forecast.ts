// How many jobs a running build will have, and how much longer it will take, from one earlier build of the
// same command. Says nothing while that build does not fit what happens: an incremental build is not compared
// with one from scratch, nor the reverse. Knows no clock and no store.
//
// Time left is what the earlier build still had before it when it had done as much work as this one has,
// times how much slower this one has been so far; but not less than the longest chain of jobs that is left.
// So other durations, another load of the machine and another number of jobs at once are all in it, as well
// as the end of a build where one job runs alone.

import { type Build, type Job, failed } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { criticalPath } from './critical.ts';
import { loadOf } from './load.ts';

/** A job of an earlier build; milliseconds. */
interface PastJob {
  readonly name: string;
  /** Its self time. */
  readonly selfMs: number;
  /** The longest way from its start to the end of the build. */
  readonly rest: number;
}

/** What is remembered of an earlier build. */
export interface PastBuild {
  /** In the order of their starts. */
  readonly jobs: readonly PastJob[];
  readonly ms: number;
  /** The work that was done after so many equal parts of the time, from 0 on. */
  readonly done: Float64Array;
}

/** So finely is the time of an earlier build divided. */
const PARTS = 500;

export function pastOf(build: Build): PastBuild {
  const { jobs, from, to } = criticalPath(build);
  const { over } = loadOf(build, build.jobs, from, to);
  const done = new Float64Array(PARTS + 1);
  over(PARTS).forEach((running, i) => {
    done[i + 1] = done[i]! + (running * (to - from)) / PARTS;
  });
  const past = jobs
    .filter(({ job }) => job.id !== ROOT)
    .map(({ job, selfMs, rest }) => ({ name: job.name, selfMs, rest }));
  return { jobs: past, ms: to - from, done };
}

export interface Expected {
  readonly total?: number;
  readonly leftMs?: number;
}

/** Before so many jobs have started, or half of them, the earlier build may only seem to fit. */
const EVIDENCE = 8;
/** So much of what has started is what the earlier build started first. */
const FITS = 0.75;
/** With less, it is another kind of build. */
const MISFITS = 0.6;
/**
 * What was measured counts little before it is so long, in parts of the earlier build's time; but not for
 * longer than that.
 */
const PRIOR = 0.03;
const MOST_PRIOR_MS = 1500;
/** A new estimate counts fully after some times of this, and of that part of what it is about. */
const CALM_MS = 300;
const CALM_PART = 0.08;

/** Follows a running build. */
export class Forecast {
  readonly #past: PastBuild;
  readonly #build: Build;
  /** Indices into the past jobs that have not started yet, by name; the first last. */
  readonly #byName = new Map<string, number[]>();
  readonly #started: Uint8Array;
  readonly #byRest: readonly number[];
  #nextByRest = 0;
  readonly #running = new Map<Job, number>();
  #taken = 1;
  #matched = 0;
  #strangers = 0;
  /** How many of the first so many past jobs have started. */
  #early = 0;
  #bound = 0;
  /** The work of what has ended: as it was expected, and as it was. */
  #expected = 0;
  #measured = 0;
  /** All of the expected work that has ended, also where it cannot be compared. */
  #done = 0;
  #failed = false;
  #fits: boolean | undefined;
  #shown: { at: number; ms: number } | undefined;

  /** @param build the one that runs; no job of it has been taken away since. */
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

  /** The earlier build is of another kind than this one: nothing will come of it. */
  get refuted(): boolean {
    return this.#fits === false;
  }

  /**
   * What can be said now.
   * @param now milliseconds since the build's start.
   * @param total how many jobs there will be, if the tool itself has said so.
   */
  at(now: number, total?: number): Expected {
    this.#take();
    this.#judge(total);
    // A build that goes on after a failure leaves out nobody knows what.
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
      // What launched others was not working all the time.
      if (job.links.length > 0) continue;
      this.#expected += selfMs;
      this.#measured += job.ended - job.started;
    }
  }

  #judge(total: number | undefined): void {
    const count = this.#past.jobs.length;
    const seen = this.#matched + this.#strangers;
    if (this.#fits === false || seen < Math.min(EVIDENCE, Math.ceil(count / 2))) return;
    // Jobs do not start in quite the same order every time.
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
    /** How much slower a job is than it was. */
    const slower = (this.#measured + prior) / (this.#expected + prior);
    let work = this.#done;
    let chain = 0;
    for (const [job, index] of this.#running) {
      // The way from a job that launched others leads through these.
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
    // Not even one after the other could it take longer.
    const most = (done[PARTS]! - work) * slower;
    return Math.max(Math.min((ms - then) * pace, most), chain * slower);
  }

  /** Lets the time pass, and goes on towards the estimate little by little. */
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

/** After how many parts, with a fraction, so much was done; the first of several. */
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
