// Collects what the reports have of a build that has ended.

import { rootFailures } from '../linearize/failures.ts';
import { shownJobs } from '../linearize/shown.ts';
import { type Job, failed } from '../model/build.ts';
import { isStopSignal } from '../model/events.ts';
import { ROOT } from '../model/ids.ts';
import { lineEnds } from '../record/logsource.ts';
import type { BuildReport, Ran, Slow } from '../render/reports/report.ts';
import type { Failed } from '../render/report.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import { sameCommand } from '../store/graphhistory.ts';
import { type Span, childrenByParent, selfSpans, spanOf } from '../timing/selftime.ts';
import { type EndingSetting, readEnding } from './ending.ts';
import { PastTimes } from './pasttimes.ts';

/** Of a failure that no pattern knows, there is room for more lines than at the end of a log. */
const LINES = 30;
/** So many jobs are listed as slow, and none that took less, in milliseconds. */
const MOST_SLOW = 10;
const LEAST_SLOW_MS = 100;
/** How many builds back the same command is looked for. */
const MOST_BACK = 100;

/**
 * @param mostRead logs of more bytes are not searched for problems.
 * @param say called with what could not be read, and with a user's pattern that takes too long.
 */
export function buildReport(
  setting: EndingSetting & { readonly version: string },
  mostRead: number,
  say: (text: string) => void,
): BuildReport {
  const { id, build, status, nameOf, version } = setting;
  const { failures, found, fresh, compared, stopped } = readEnding(setting, LINES, mostRead, say);
  if (!found) say('its logs are too large to be searched for problems here; see loglin problems');
  return {
    version,
    nameOf,
    problems: found?.list() ?? [],
    id,
    command: build.jobs[ROOT]?.name ?? '',
    at: build.started?.at ?? 0,
    ms: build.ended?.t ?? build.time,
    status,
    stopped,
    ran: jobsThatRan(setting, failures?.different ?? [], stopped),
    jobs: build.jobs.length - 1,
    failed: failures?.failed ?? 0,
    alone: failures?.alone ?? 0,
    failures: failures?.different ?? [],
    commandLog: failures?.own?.lines ?? [],
    fresh,
    compared,
    slowest: slowest(setting),
    before: buildOfSameCommand(setting),
  };
}

/** The jobs that ran, in the order in which show prints them. */
function jobsThatRan(
  { build, logs, nameOf }: EndingSetting,
  failures: readonly Failed[],
  stopped: boolean,
): Ran[] {
  const [root] = build.jobs;
  const alone = new Set(rootFailures(build));
  const known = new Map(failures.flatMap((one) => [one.name, ...one.also].map((name) => [name, one])));
  const jobs = shownJobs(build, root ? [{ job: root }] : [], 'needs', lineEnds(logs, false));
  const ran = jobs.filter((job) => job !== root);
  if (root && (ran.length === 0 || (failed(root) && alone.size === 0 && !stopped))) ran.unshift(root);
  return ran.map((job): Ran => {
    const { from, to } = spanOf(build, job);
    const name = nameOf(job);
    const failure = alone.has(job) ? known.get(name) : undefined;
    const outcome = outcomeOf(job, stopped);
    return {
      name,
      parent: nameOf(job.parent ?? job),
      ms: to - from,
      outcome,
      because: outcome === 'failed' ? failedBelow(job).map(nameOf) : [],
      failure: failure && { ...failure, also: failure.name === name ? failure.also : [] },
      status: job.status,
    };
  });
}

function outcomeOf(job: Job, stopped: boolean): Ran['outcome'] {
  const { status, ended, skipped } = job;
  if (ended === undefined || (stopped && status === undefined)) return 'stopped';
  if (stopped && status && 'signal' in status && isStopSignal(status.signal)) return 'stopped';
  if (failed(job)) return 'failed';
  return skipped ? 'skipped' : 'ok';
}

const failedBelow = ({ links }: Job): Job[] => links.flatMap(({ job }) => (job && failed(job) ? [job] : []));

/** The jobs that took longest by themselves. */
function slowest({ build, place, id, nameOf }: EndingSetting): Slow[] {
  const children = childrenByParent(build.jobs);
  const jobs = build.jobs
    .filter((job) => job.parent)
    .map((job) => ({ job, ms: sum(selfSpans(build, job, children.get(job))) }))
    .filter(({ ms }) => ms >= LEAST_SLOW_MS)
    .sort((a, b) => b.ms - a.ms || a.job.id - b.job.id)
    .slice(0, MOST_SLOW);
  const past = new PastTimes(place.store, id);
  // The history has whole times, which say nothing of a job that waits for others.
  const slow = jobs.map(({ job, ms }) => ({
    name: nameOf(job),
    ms,
    before: children.has(job) || job.instances.length > 0 ? undefined : past.of(job),
  }));
  past.close();
  return slow;
}

const sum = (spans: readonly Span[]): number => spans.reduce((ms, { from, to }) => ms + to - from, 0);

function buildOfSameCommand({
  place: { store },
  id,
  build: { started },
}: EndingSetting): BuildReport['before'] {
  const earlier = listBuilds(store).filter((one) => one < id);
  for (const one of earlier.slice(-MOST_BACK).reverse()) {
    const { started: other, ended } = summarise(store, one);
    if (!started || !other || other.inside || !ended || ended.interrupted) continue;
    if (sameCommand(started, other)) return { ms: ended.t, status: ended.status };
  }
  return undefined;
}
