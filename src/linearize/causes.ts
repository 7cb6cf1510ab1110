// Why jobs ran. Follows the needs that were newer down to the roots: files that changed, outputs that were
// missing, and targets that always run. Pure. Knows the tools' records and graphs, no file and no clock.

import type { Build, Instance, Job } from '../model/build.ts';
import { Group } from './group.ts';

/** A reason that has no further reason within the build. */
export type RootReason =
  /** A file that no job of this build made. */
  | { readonly kind: 'file'; readonly name: string }
  /** The job's output did not exist. */
  | { readonly kind: 'missing'; readonly job: Job }
  /** The job's command differs from the last one. */
  | { readonly kind: 'command'; readonly job: Job }
  /** The target is always out of date: it is phony, or its job makes no file. */
  | { readonly kind: 'always'; readonly name: string }
  /** Another job launched it. That job's script decides when. */
  | { readonly kind: 'launched'; readonly job: Job; readonly by: Job }
  /** The tool's own explanation. */
  | { readonly kind: 'said'; readonly job: Job; readonly text: string }
  | { readonly kind: 'unknown'; readonly job: Job };

/** The direct reason why a job ran. */
export type Reason = RootReason | { readonly kind: 'need'; readonly job: Job };

/** A key that is equal for equal reasons. */
export function keyOf(reason: Reason): string {
  switch (reason.kind) {
    case 'file':
    case 'always':
      return `${reason.kind} ${reason.name}`;
    case 'launched':
      return `launched ${reason.by.id}`;
    case 'missing':
      return 'missing';
    default:
      return `${reason.kind} ${reason.job.id}`;
  }
}

/** At most this many jobs of one name in other instances are considered. Nobody reads a longer list. */
const MOST_OF_A_NAME = 100;

/** The tools of which it is known which needs were newer, and that no other ones matter. */
const EXACT_TOOLS = new Set(['make', 'ninja']);

export class Causes {
  readonly #build: Build;
  readonly #shownName: (instance: Instance, name: string) => string;
  readonly #groups = new Map<Instance, Group>();
  readonly #reasons = new Map<Job, readonly Reason[]>();
  #byName: Map<string, Job[]> | undefined;

  /** @param shownName returns the name by which an instance's target is shown. */
  constructor(build: Build, shownName: (instance: Instance, name: string) => string) {
    this.#build = build;
    this.#shownName = shownName;
  }

  /** Returns why a job ran, in the order of its needs; never empty. */
  of(job: Job): readonly Reason[] {
    let reasons = this.#reasons.get(job);
    if (!reasons) {
      reasons = unique(this.#find(job));
      this.#reasons.set(job, reasons);
    }
    return reasons;
  }

  /** Returns what ran among the needs of a target that has no job of its own. */
  ofNode(instance: Instance, name: string): readonly Reason[] {
    return unique(this.#through(this.#group(instance), [name], new Set()));
  }

  /** Returns the roots of some reasons, in the order in which they are reached. */
  roots(reasons: readonly Reason[]): RootReason[] {
    const roots = new Map<string, RootReason>();
    const seen = new Set<Job>();
    const stack = [...reasons].reverse();
    for (let reason = stack.pop(); reason; reason = stack.pop()) {
      if (reason.kind !== 'need') {
        const key = keyOf(reason);
        if (!roots.has(key)) roots.set(key, reason);
        continue;
      }
      if (seen.has(reason.job)) continue;
      seen.add(reason.job);
      pushReversed(stack, this.of(reason.job));
    }
    return [...roots.values()];
  }

  #find(job: Job): Reason[] {
    const { instance, why } = job;
    if (!instance) return [{ kind: 'launched', job, by: job.parent ?? job }];
    const group = this.#group(instance);
    const phony = group.node(job.target)?.phony ?? false;
    if (why.missing || phony) {
      // All needs of a phony or missing target count as newer. Only those that were made are worth naming.
      const below = this.#through(group, group.needsOfJob(job), new Set([job.target]));
      if (below.length > 0) return below;
      return [phony ? { kind: 'always', name: job.name } : { kind: 'missing', job }];
    }
    const reasons: Reason[] = [];
    if (why.command) reasons.push({ kind: 'command', job });
    for (const name of group.newerNeeds(job))
      for (const reason of this.#newer(group, name, job)) reasons.push(reason);
    if (reasons.length === 0 && !EXACT_TOOLS.has(instance.tool)) {
      const below = this.#through(group, group.needsOfJob(job), new Set([job.target]));
      for (const reason of below) reasons.push(reason);
    }
    if (reasons.length > 0) return reasons;
    if (why.words !== undefined) return [{ kind: 'said', job, text: why.words }];
    if (instance.tool === 'make') return [{ kind: 'always', name: job.name }];
    return [{ kind: 'unknown', job }];
  }

  /** Returns the jobs that made a newer need. A need without such jobs is a root. */
  #newer(group: Group, name: string, by: Job): Reason[] {
    const jobs = this.#jobsOf(group, name).filter((job) => job !== by);
    if (jobs.length > 0) return jobs.map((job) => ({ kind: 'need', job }));
    const node = group.node(name);
    const shown = this.#shownName(group.instance, name);
    if (!node?.phony) return [{ kind: 'file', name: shown }];
    const below = this.#through(group, node.needs, new Set([name, by.target]));
    return below.length > 0 ? below : [{ kind: 'always', name: shown }];
  }

  /** Returns the jobs that made some needs. A need without a job is replaced by its own needs. */
  #through(group: Group, names: readonly string[], seen: Set<string>): Reason[] {
    const reasons: Reason[] = [];
    const stack = [...names].reverse();
    for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const jobs = this.#jobsOf(group, name);
      if (jobs.length > 0) for (const job of jobs) reasons.push({ kind: 'need', job });
      else pushReversed(stack, group.needsOfNode(name));
    }
    return reasons;
  }

  /**
   * Returns the jobs that made a target in this build: those of its own instance, else those of another one
   * (of a make below this one, for example).
   */
  #jobsOf(group: Group, name: string): readonly Job[] {
    const made = group.makersOf(name);
    if (made.length > 0) return made;
    if (!this.#byName) {
      this.#byName = new Map();
      for (const job of this.#build.jobs) {
        if (!job.instance) continue;
        const same = this.#byName.get(job.name);
        if (!same) this.#byName.set(job.name, [job]);
        else if (same.length < MOST_OF_A_NAME) same.push(job);
      }
    }
    return this.#byName.get(this.#shownName(group.instance, name)) ?? [];
  }

  #group(instance: Instance): Group {
    let group = this.#groups.get(instance);
    if (!group) {
      group = new Group(instance, instance.graph);
      this.#groups.set(instance, group);
    }
    return group;
  }
}

/**
 * Pushes items so that the first is popped first. A spread would exceed the number of arguments that a call
 * takes.
 */
function pushReversed<T>(stack: T[], items: readonly T[]): void {
  for (let i = items.length - 1; i >= 0; i--) stack.push(items[i]!);
}

function unique(reasons: readonly Reason[]): Reason[] {
  const keys = new Set<string>();
  return reasons.filter((reason) => {
    const key = keyOf(reason);
    const fresh = !keys.has(key);
    keys.add(key);
    return fresh;
  });
}

/** The effect of a root. */
export interface Effect {
  readonly root: RootReason;
  /** The jobs that the root is a direct reason for, in launch order. */
  readonly first: readonly Job[];
  /** The number of all jobs that ran because of it. */
  readonly jobs: number;
  /** The sum of their durations in milliseconds, without the jobs that they launched. */
  readonly ms: number;
  /** The number of those jobs that have no other root. */
  readonly alone: number;
}

/**
 * How many jobs may be visited to find the effects of the roots. Roots beyond this limit count their direct
 * jobs only.
 */
const MOST_LOOKS = 20_000_000;

/**
 * Returns the effects of all roots of a build, the most expensive root first.
 * @param selfMs a job's self time in milliseconds.
 * @returns the effects, and for each job the jobs that it is a reason for.
 */
export function effects(
  build: Build,
  causes: Causes,
  selfMs: (job: Job) => number,
): { effects: Effect[]; dependents: ReadonlyMap<Job, readonly Job[]> } {
  const first = new Map<string, { root: RootReason; jobs: Job[] }>();
  const dependents = new Map<Job, Job[]>();
  const jobs = build.jobs.filter((job) => job.parent);
  for (const job of jobs) {
    for (const reason of causes.of(job)) {
      if (reason.kind === 'need') {
        const list = dependents.get(reason.job);
        if (list) list.push(job);
        else dependents.set(reason.job, [job]);
        continue;
      }
      const known = first.get(keyOf(reason));
      if (known) known.jobs.push(job);
      else first.set(keyOf(reason), { root: reason, jobs: [job] });
    }
  }
  const ledTo = new Map<string, Set<Job>>();
  const roots = new Map<Job, number>();
  let looks = 0;
  for (const [key, { jobs: start }] of first) {
    const reached = new Set(start);
    // The set grows during this iteration.
    if (looks < MOST_LOOKS)
      for (const job of reached) for (const next of dependents.get(job) ?? []) reached.add(next);
    looks += reached.size;
    ledTo.set(key, reached);
    for (const job of reached) roots.set(job, (roots.get(job) ?? 0) + 1);
  }
  const found = [...first].map(([key, { root, jobs: start }]): Effect => {
    let ms = 0;
    let alone = 0;
    for (const job of ledTo.get(key) ?? []) {
      ms += selfMs(job);
      if (roots.get(job) === 1) alone++;
    }
    return { root, first: start, jobs: ledTo.get(key)?.size ?? 0, ms, alone };
  });
  return { effects: found.sort((a, b) => b.ms - a.ms), dependents };
}
