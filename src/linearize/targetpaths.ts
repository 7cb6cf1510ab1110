// The paths of targets that led to a job: why it is in a build.

import type { Instance, Job } from '../model/build.ts';
import { Group } from './group.ts';

/**
 * Returns the targets of an instance that lead to a job that ran in this build, whether it is their own job
 * or a need's.
 */
export function targetsThatRan(instance: Instance, targets: Iterable<string>): ReadonlySet<string> {
  const group = new Group(instance, instance.graph);
  const needers = new Map<string, string[]>();
  const ran = new Set<string>();
  const below = new Set(targets);
  // The set grows during this iteration.
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
 * Returns the targets from a goal down to the job, through needs and launches. The job comes last; the root
 * job is left out.
 */
export function targetPath(job: Job, nameOf: (job: Job) => string): string[] {
  /** The job comes first here. */
  const path: string[] = [];
  const known = new Map<Job, true>();
  for (let at: Job | undefined = job; at.parent && !known.has(at); at = at.parent) {
    known.set(at, true);
    path.push(nameOf(at));
    if (at.instance) for (const name of needers(at)) path.push(name);
  }
  return path.reverse();
}

/** Returns the targets of the job's own tool instance that need it, up to a goal, without the job itself. */
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
  // Breadth first, since the shortest path explains most.
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
