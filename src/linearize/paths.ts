// Why a job is in a build: the path of targets that led to it. Which jobs are shown below a target, and in
// which order. And which failures are nobody else's.

import { type Build, type Instance, type Job, failed } from '../model/build.ts';
import { isStopSignal } from '../model/events.ts';
import { Group } from './group.ts';
import { Walk } from './walk.ts';
import type { LineEnd, Order, WalkRoot } from './walkoptions.ts';

/** Did one of the jobs fail that it launched or waited for? Then that is why it failed, if it did. */
export function hasFailedBelow(job: Job): boolean {
  return job.links.some((link) => link.job !== undefined && failed(link.job));
}

/**
 * The jobs that failed by themselves: not because a job that they launched or waited for failed, nor because
 * the build was stopped.
 */
export function rootFailures(build: Build): Job[] {
  const stopped = build.ended?.interrupted ?? false;
  return build.jobs.filter((job) => {
    if (!failed(job) || !job.parent || hasFailedBelow(job)) return false;
    return !(stopped && job.status && 'signal' in job.status && isStopSignal(job.status.signal));
  });
}

/** Jobs in the order in which the whole build shows them: which of them was launched first is chance. */
export function inShownOrder(
  build: Build,
  jobs: readonly Job[],
  order: Order,
  lineEnd: LineEnd,
): readonly Job[] {
  const [root] = build.jobs;
  if (jobs.length < 2 || !root) return jobs;
  const ranks = new Map<Job, number>();
  const walk = new Walk(build, [{ job: root }], { order }, lineEnd);
  for (let segment = walk.next(); typeof segment !== 'string'; segment = walk.next())
    if (segment.kind === 'enter') ranks.set(segment.job, ranks.size);
  const rank = (job: Job): number => ranks.get(job) ?? Infinity;
  return [...jobs].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
}

/**
 * The jobs that are shown from these roots, in the order in which their blocks begin. A root job without a
 * header is among them, first, where it has text of its own.
 */
export function shownJobs(
  build: Build,
  roots: readonly WalkRoot[],
  order: Order,
  lineEnd: LineEnd,
): readonly Job[] {
  const [root] = build.jobs;
  const whole = roots.some((one) => 'job' in one && one.job === root);
  const shown = new Set<Job>();
  if (root && whole && root.size > 0) shown.add(root);
  const walk = new Walk(build, roots, { order }, lineEnd);
  for (let segment = walk.next(); typeof segment !== 'string'; segment = walk.next())
    if (segment.kind !== 'absent') shown.add(segment.job);
  return [...shown];
}

/** Those of an instance's targets that lead to a job: it, or something that it needs, ran in this build. */
export function targetsThatRan(instance: Instance, targets: Iterable<string>): ReadonlySet<string> {
  const group = new Group(instance, instance.graph);
  const needers = new Map<string, string[]>();
  const ran = new Set<string>();
  const below = new Set(targets);
  // A set can grow while it is walked.
  for (const name of below) {
    if (group.jobsOf(name).length > 0) {
      ran.add(name);
      continue;
    }
    for (const need of group.needsOfNode(name)) {
      const list = needers.get(need);
      if (list) list.push(name);
      else needers.set(need, [name]);
      below.add(need);
    }
  }
  for (const name of ran) for (const needer of needers.get(name) ?? []) ran.add(needer);
  return ran;
}

/**
 * The targets from a goal down to the job, through needs and launches, the job last. The root job is not
 * among them.
 */
export function targetPath(job: Job, nameOf: (job: Job) => string): string[] {
  /** The job first. */
  const path: string[] = [];
  const known = new Map<Job, true>();
  for (let at: Job | undefined = job; at.parent && !known.has(at); at = at.parent) {
    known.set(at, true);
    path.push(nameOf(at));
    if (at.instance) for (const name of needers(at)) path.push(name);
  }
  return path.reverse();
}

/** What of its own tool instance needs the job, up to a goal, without the job itself. */
function needers(job: Job): string[] {
  const { instance } = job;
  if (!instance) return [];
  const group = new Group(instance, instance.graph);
  const from = new Map<string, string | undefined>();
  const queue: string[] = [];
  for (const goal of group.goals()) {
    if (!from.has(goal)) queue.push(goal);
    from.set(goal, undefined);
  }
  // Breadth first: the shortest path says most.
  for (const name of queue) {
    if (name === job.target) break;
    const jobs = group.jobsOf(name);
    const needs = jobs.length > 0 ? jobs.flatMap((one) => group.needsOfJob(one)) : group.needsOfNode(name);
    for (const need of needs) {
      if (from.has(need)) continue;
      from.set(need, name);
      queue.push(need);
    }
  }
  const path: string[] = [];
  for (let name = from.get(job.target); name !== undefined; name = from.get(name)) path.push(name);
  const prefix = instance.cwd === '' || instance.cwd.startsWith('/') ? '' : `${instance.cwd}/`;
  return path.map((name) => prefix + name);
}
