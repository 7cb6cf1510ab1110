// How many jobs ran at each time. A job counts while it works itself. The wrapped command, and jobs that wait
// for what they launched, do not count.

import type { Build, Job } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { childrenByParent, selfSpans } from './selftime.ts';

export interface Load {
  readonly from: number;
  readonly to: number;
  /** The milliseconds during which this many jobs ran, indexed by the number of jobs. */
  readonly levels: readonly number[];
  /** The sum of all jobs' times in milliseconds. */
  readonly work: number;
  /** The jobs that ran alone while jobs that had not started yet waited, the longest first. */
  readonly alone: readonly { readonly job: Job; readonly ms: number }[];
  /** Returns the average number of running jobs in each of several equal parts of the time. */
  readonly over: (parts: number) => Float64Array;
}

interface Change {
  readonly t: number;
  readonly by: 1 | -1;
  readonly job: Job;
}

/** @param among the jobs of the build that count. */
export function loadOf(build: Build, among: readonly Job[], from: number, to: number): Load {
  const children = childrenByParent(build.jobs);
  const changes: Change[] = [];
  let lastStart = from;
  for (const job of among) {
    if (job.id === ROOT) continue;
    lastStart = Math.max(lastStart, job.started);
    for (const span of selfSpans(build, job, children.get(job))) {
      const inside = { from: Math.max(from, span.from), to: Math.min(to, span.to) };
      if (inside.from >= inside.to) continue;
      changes.push({ t: inside.from, by: 1, job }, { t: inside.to, by: -1, job });
    }
  }
  changes.sort((a, b) => a.t - b.t || a.by - b.by);

  const levels: number[] = [0];
  const alone = new Map<Job, number>();
  const running = new Set<Job>();
  let work = 0;
  let at = from;
  const pass = (t: number): void => {
    const ms = t - at;
    at = t;
    if (ms <= 0) return;
    while (levels.length <= running.size) levels.push(0);
    levels[running.size]! += ms;
    work += ms * running.size;
    if (running.size !== 1 || t > lastStart) return;
    for (const job of running) alone.set(job, (alone.get(job) ?? 0) + ms);
  };
  for (const { t, by, job } of changes) {
    pass(t);
    if (by > 0) running.add(job);
    else running.delete(job);
  }
  pass(to);
  return {
    from,
    to,
    levels,
    work,
    alone: [...alone].map(([job, ms]) => ({ job, ms })).sort((a, b) => b.ms - a.ms || a.job.id - b.job.id),
    over: (parts) => averages(changes, from, to, parts),
  };
}

function averages(changes: readonly Change[], from: number, to: number, parts: number): Float64Array {
  const sums = new Float64Array(parts);
  const width = (to - from) / parts;
  let running = 0;
  let at = from;
  const pass = (t: number): void => {
    for (let part = Math.min(parts - 1, Math.floor((at - from) / width)); at < t; part++) {
      const end = part >= parts - 1 ? t : Math.min(t, from + (part + 1) * width);
      sums[part]! += running * Math.max(0, end - at);
      at = Math.max(end, at);
      if (end >= t) return;
    }
  };
  if (width <= 0) return sums;
  for (const { t, by } of changes) {
    pass(t);
    running += by;
  }
  return sums.map((sum) => sum / width);
}
