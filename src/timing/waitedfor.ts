// Finds the jobs that a job waited for, to draw them. A target without a job stands for the need that ended
// last. A phony target between m and n jobs would otherwise add m × n lines.

import { Group } from '../linearize/group.ts';
import type { Build, Instance, Job } from '../model/build.ts';

/** Finds the needs of the jobs of one build. */
export class WaitedFor {
  readonly #build: Build;
  readonly #groups = new Map<Instance, { group: Group; last: Map<string, Job | undefined> }>();

  constructor(build: Build) {
    this.#build = build;
  }

  /** Returns the jobs that had to end before this one could start, each once. */
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

  /** Records which job ended last among the needs of a target without a job, and of the targets below it. */
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
      // In a cycle, this is what is known so far.
      if (last.has(need)) better(top.name, last.get(need));
      else {
        last.set(need, undefined);
        stack.push(frame(need));
      }
    }
  }
}
