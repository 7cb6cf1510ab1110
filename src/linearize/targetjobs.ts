// Which jobs are shown for a target: those of this build, or else those of the earlier build in which it ran
// last. And the graph in which its needs are looked up. Knows no order and no text.

import type { Build, Instance, Job } from '../model/build.ts';
import { Group, ruleWith } from './group.ts';
import type { Unmade } from './unmade.ts';
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
      // Strict prints what a replay prints, and a replay knows this build's own graph only; but for who had
      // nothing to do.
      const known =
        this.#options.strict && instance.jobs.length > 0 ? undefined : this.#options.knownGraph?.(instance);
      group = new Group(instance, instance.graph ?? known);
      this.#groups.set(instance, group);
    }
    return group;
  }

  /** Of this build, not of an earlier one. */
  isOurs(job: Job): boolean {
    return this.#build.jobs[job.id] === job;
  }

  /** The group to look for a job's needs in: of an earlier build's job, where it was found. */
  within(group: Group, job: Job): Group | undefined {
    return this.isOurs(job) ? undefined : group;
  }

  /**
   * Of a target with several rules (`::`): each rule's jobs, in the rules' order; from an earlier build where
   * it did not run in this one. A rule is known by its needs; the one that no job has the needs of has had
   * others.
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
   * The jobs that are shown for a target: those of this build, else those of the last one in which it ran, if
   * that is asked for.
   */
  jobsFor(group: Group, name: string): { readonly jobs: readonly Job[]; readonly past: boolean } {
    const ours = this.isOurs(group.instance.job);
    const recorded = ours ? this.#withOtherRules(group, name, group.jobsOf(name)) : group.jobsOf(name);
    if (ours && recorded.length > 0) return { jobs: recorded, past: false };
    // Of an earlier build's group: it may have run again since, by itself.
    const last = this.#unchanged(group, name);
    if (last?.length === 0 && recorded.length > 0) return { jobs: recorded, past: true };
    return { jobs: last ?? [], past: last !== undefined };
  }

  /**
   * The jobs of an earlier build that stand for a target which did not run in this one; undefined: nothing is
   * to be shown for it.
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

  unmade(job: Job | undefined, target: string, instance: Instance | undefined): Unmade | undefined {
    const ours = instance && this.#build.instances[instance.id] === instance;
    return this.#options.unmade?.(job, target, ours ? instance : undefined);
  }
}
