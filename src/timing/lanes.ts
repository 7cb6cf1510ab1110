// Assigns the jobs of a chart to lanes. The jobs of a lane follow one another, or are nested, a job in the
// one that launched it. Each job, from left to right, takes the first free lane, so that there are few lanes.

import { Heap } from '../linearize/heap.ts';
import type { Job } from '../model/build.ts';

export interface Laned {
  readonly job: Job;
  readonly from: number;
  readonly to: number;
}

/** A job on the chart. Lanes are counted from 0. */
export interface Drawn extends Laned {
  readonly lane: number;
}

/** @returns the jobs in the order of their starts. A job comes before those that it launched. */
export function lanesOf(jobs: readonly Laned[]): Drawn[] {
  const sorted = [...jobs].sort((a, b) => a.from - b.from || a.job.id - b.job.id);
  /** The open jobs in each lane, the innermost last. */
  const lanes: Drawn[][] = [];
  const free = new Heap<number>((a, b) => a < b);
  const open = new Heap<Drawn>((a, b) => a.to < b.to);
  const innermost = new Map<Job, Drawn>();
  return sorted.map(({ job, from, to }) => {
    for (let ended = open.pop(); ended; ended = open.pop()) {
      if (ended.to > from) {
        open.push(ended);
        break;
      }
      close(lanes[ended.lane]!, from);
      if (lanes[ended.lane]!.length === 0) free.push(ended.lane);
    }
    const parent = job.parent && innermost.get(job.parent);
    const within = parent && lanes[parent.lane]!.at(-1) === parent && parent.to >= to && parent.from <= from;
    const drawn = { job, from, to, lane: within ? parent.lane : (takeFree(lanes, free) ?? lanes.length) };
    (lanes[drawn.lane] ??= []).push(drawn);
    innermost.set(job, drawn);
    open.push(drawn);
    return drawn;
  });
}

/** Removes ended jobs from a lane. A job that is still open is never inside one that has ended. */
function close(lane: Drawn[], now: number): void {
  while (lane.length > 0 && lane.at(-1)!.to <= now) lane.pop();
}

/** Returns the first empty lane. The heap may hold a lane more than once. */
function takeFree(lanes: readonly (readonly Drawn[])[], free: Heap<number>): number | undefined {
  for (let lane = free.pop(); lane !== undefined; lane = free.pop())
    if (lanes[lane]!.length === 0) return lane;
  return undefined;
}
