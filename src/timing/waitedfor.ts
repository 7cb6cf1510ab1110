// Which jobs a job's needs were, for a picture of them: through a target without a job of its own only the
// one that ended last, so that a phony target between many and many does not become as many times as many.

import { Group } from '../linearize/group.ts';
import type { Build, Instance, Job } from '../model/build.ts';

/** Asks for the needs of one build's jobs. */
export class WaitedFor {
  readonly #build: Build;
  readonly #groups = new Map<Instance, { group: Group; last: Map<string, Job | undefined> }>();

  constructor(build: Build) {
    this.#build = build;
  }

  /** The jobs that had to end before this one could start, each once. */
  of(job: Job): Job[] {
    const { instance } = job;
    if (!instance) return [];
    let known = this.#groups.get(instance);
    if (!known) {
      known = { group: new Group(instance, instance.graph), last: new Map() };
      this.#groups.set(instance, known);
    }
    const { group, last } = known;
    const found = new Set<Job>();
    for (const name of group.needsOfJob(job)) {
      const jobs = group.makersOf(name);
      if (jobs.length === 0) this.#findLast(group, last, name);
      const behind = jobs.length === 0 ? [last.get(name)] : jobs;
      for (const need of behind) if (need && this.#end(need) <= job.started) found.add(need);
    }
    found.delete(job);
    return [...found];
  }

  readonly #end = (job: Job): number => job.ended ?? this.#build.time;

  /** Notes for a target without a job, and for those that it leads to, which job behind it ended last. */
  #findLast(group: Group, last: Map<string, Job | undefined>, target: string): void {
    const frame = (name: string) => ({ name, needs: group.needsOfNode(name), next: 0 });
    const stack = [frame(target)];
    if (!last.has(target)) last.set(target, undefined);
    else return;
    const better = (name: string, job: Job | undefined): void => {
      const best = last.get(name);
      if (job && (!best || this.#end(job) > this.#end(best))) last.set(name, job);
    };
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const need = top.needs[top.next++];
      if (need === undefined) {
        stack.pop();
        const under = stack.at(-1);
        if (under) better(under.name, last.get(top.name));
        continue;
      }
      const jobs = group.jobsOf(need);
      for (const job of jobs) better(top.name, job);
      if (jobs.length > 0) continue;
      // In a circle, what is known by now.
      if (last.has(need)) better(top.name, last.get(need));
      else {
        last.set(need, undefined);
        stack.push(frame(need));
      }
    }
  }
}
