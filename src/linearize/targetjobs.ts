// Chooses the jobs that are shown for a target: those of this build, else those of the earlier build in which
// it last ran. Also chooses the graph in which its needs are looked up. Knows no order and no text.

import type { Build, Instance, Job } from '../model/build.ts';
import { Group, ruleWith } from './group.ts';
import type { NotRemade } from './notremade.ts';
import type { WalkOptions } from './walkoptions.ts';

export class TargetJobs {
  readonly #build: Build;
  readonly #options: WalkOptions;
  readonly #groups = new Map<Instance, Group>();

  constructor(build: Build, options: WalkOptions) {
    this.#build = build;
    this.#options = options;
  }

  group(instance: Instance): Group {
    let group = this.#groups.get(instance);
    if (!group) {
      // Strict prints what a replay prints, and a replay knows this build's graphs only. Instances that had
      // nothing to do are the exception.
      const known =
        this.#options.strict && instance.jobs.length > 0 ? undefined : this.#options.knownGraph?.(instance);
      group = new Group(instance, instance.graph ?? known);
      this.#groups.set(instance, group);
    }
    return group;
  }

  /** Does the job belong to this build, not to an earlier one? */
  isOurs(job: Job): boolean {
    return this.#build.jobs[job.id] === job;
  }

  /**
   * Returns the group in which a job's needs are looked up: for an earlier build's job, the group in which it
   * was found.
   */
  within(group: Group, job: Job): Group | undefined {
    return this.isOurs(job) ? undefined : group;
  }

  /**
   * Returns the jobs of a target with several rules (`::`), in the order of the rules. The jobs of a rule
   * that did not run in this build come from an earlier one. A rule is identified by its needs. A job whose
   * needs match no rule belongs to a rule whose needs have changed.
   */
  #withOtherRules(group: Group, name: string, ours: readonly Job[]): readonly Job[] {
    const { unchanged } = this.#options;
    if (!unchanged) return ours;
    const rules = group.node(name)?.rules;
    if (!rules) return ours;
    const known = new Map(rules.map((rule) => [ruleWith(rule), rule]));
    const changed = (job: Job): boolean => !known.has(group.ruleOf(job));
    const ran = new Map<string, Job[]>();
    const others: Job[] = [];
    for (const job of ours) {
      const same = changed(job) ? others : ran.get(group.ruleOf(job));
      if (same) same.push(job);
      else ran.set(group.ruleOf(job), [job]);
    }
    const jobs = new Set<Job>();
    const past = (is: (job: Job) => boolean): readonly Job[] => unchanged(name, group.instance, is) ?? [];
    for (const rule of known.keys()) {
      let made: readonly Job[] = ran.get(rule) ?? others;
      if (made.length === 0) made = past((job) => group.ruleOf(job) === rule);
      if (made.length === 0) made = past(changed);
      for (const job of made) jobs.add(job);
    }
    for (const job of ours) jobs.add(job);
    return [...jobs];
  }

  /**
   * Returns the jobs that are shown for a target: those of this build, else, if requested, those of the last
   * build in which it ran.
   */
  jobsFor(group: Group, name: string): { readonly jobs: readonly Job[]; readonly past: boolean } {
    const ours = this.isOurs(group.instance.job);
    const recorded = ours ? this.#withOtherRules(group, name, group.jobsOf(name)) : group.jobsOf(name);
    if (ours && recorded.length > 0) return { jobs: recorded, past: false };
    // The target of an earlier build's group may have run again since, by itself.
    const last = this.#unchanged(group, name);
    if (last?.length === 0 && recorded.length > 0) return { jobs: recorded, past: true };
    return { jobs: last ?? [], past: last !== undefined };
  }

  /**
   * Returns the jobs of an earlier build that stand for a target which did not run in this one. Undefined if
   * nothing is to be shown for it.
   */
  #unchanged(group: Group, name: string): readonly Job[] | undefined {
    const { unchanged } = this.#options;
    if (!unchanged) return undefined;
    const node = group.node(name);
    if (node?.recipe === false) return undefined;
    const jobs = unchanged(name, group.instance);
    if (!jobs || jobs.length > 0) return jobs;
    for (const sibling of node?.also ?? []) {
      const same = unchanged(sibling, group.instance);
      if (!same || same.length > 0) return same;
    }
    return jobs;
  }

  notRemade(job: Job | undefined, target: string, instance: Instance | undefined): NotRemade | undefined {
    const ours = instance && this.#build.instances[instance.id] === instance;
    return this.#options.notRemade?.(job, target, ours ? instance : undefined);
  }
}
