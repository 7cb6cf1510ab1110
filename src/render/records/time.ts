// Where a build's time went, as the objects of `loglin time --json` (docs/json.md). All times are in
// milliseconds since the build's start, all durations in milliseconds.

import type { Job } from '../../model/build.ts';
import { resourcesOf } from '../../timing/resources.ts';
import type { JsonRecord } from './line.ts';
import { type Timetable, bySlowness } from '../timetable.ts';

/** @param most how many entries each list has at most. */
export function* timeRecords(
  { timing, load, used }: Timetable,
  nameOf: (job: Job) => string,
  most: number,
): Generator<JsonRecord> {
  const { from, to, least, path, jobs } = timing;
  yield {
    type: 'build',
    from,
    to,
    ms: to - from,
    least,
    work: load.work,
    running: load.levels,
    alone: load.alone.reduce((sum, { ms }) => sum + ms, 0),
    user: used.known > 0 ? used.user : null,
    sys: used.known > 0 ? used.sys : null,
    rss: used.rss > 0 ? used.rss : null,
    known: used.known,
  };
  for (const { job, at, ms, waited } of path.slice(0, most))
    yield { type: 'path', job: job.id, name: nameOf(job), at, ms, waited };
  const alone = new Map(load.alone.map(({ job, ms }) => [job, ms]));
  for (const { job, from: started, to: ended, selfMs: own, slack, waited } of bySlowness(jobs).slice(
    0,
    most,
  )) {
    const system = resourcesOf(job);
    yield {
      type: 'job',
      job: job.id,
      name: nameOf(job),
      started,
      ended,
      own,
      slack,
      waited,
      alone: alone.get(job) ?? 0,
      user: system?.user ?? null,
      sys: system?.sys ?? null,
      rss: system && system.rss > 0 ? system.rss : null,
    };
  }
}
