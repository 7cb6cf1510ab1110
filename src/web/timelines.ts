// When jobs ran, as arrays.

import { failed } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import type { Timing } from '../timing/critical.ts';
import { lanesOf } from '../timing/lanes.ts';
import type { PageBuild } from './pagebuild.ts';
import type { Timeline } from './protocol.ts';

const FAILED = 1;
const CRITICAL = 2;
const RUNNING = 4;
const WAITED = 8;
/** A job whose own time is less than this part of it only waited. */
const OWN = 0.02;

export function timelineOf(build: PageBuild, timing: Timing): Timeline {
  const live = build.state === 'running';
  const selfMs = new Map(timing.jobs.map(({ job, selfMs: own }) => [job, own]));
  const spans = build.build.jobs
    .filter(({ id }) => id !== ROOT || build.named)
    .map((job) => ({
      job,
      from: job.started,
      to: Math.max(job.started, job.ended ?? (live ? build.time : build.build.time)),
    }));
  const drawn = lanesOf(spans);
  const count = drawn.length;
  const made = {
    jobs: new Uint32Array(count),
    starts: new Float32Array(count),
    ends: new Float32Array(count),
    lanes: new Uint16Array(count),
    flags: new Uint8Array(count),
  };
  const path = new Set(timing.path.map(({ job }) => job));
  let laneCount = 0;
  for (const [i, { job, from, to, lane }] of drawn.entries()) {
    const launched = job.links.some((link) => link.job?.parent === job);
    made.jobs[i] = job.id;
    made.starts[i] = from;
    made.ends[i] = to;
    made.lanes[i] = lane;
    made.flags[i] =
      (failed(job) ? FAILED : 0) |
      (path.has(job) ? CRITICAL : 0) |
      (live && job.ended === undefined ? RUNNING : 0) |
      (launched && (selfMs.get(job) ?? to - from) <= OWN * (to - from) ? WAITED : 0);
    laneCount = Math.max(laneCount, lane + 1);
  }
  return {
    from: 0,
    to: build.time,
    ...made,
    laneCount,
    critical: Uint32Array.from(
      timing.path.map(({ job }) => job).filter(({ id }) => id !== ROOT),
      ({ id }) => id,
    ),
  };
}
