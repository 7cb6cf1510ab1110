// Why jobs ran: the needs that were newer, followed down to the roots, which are the files that changed, what
// was missing, and what always runs. Pure; knows what the tools told and their graphs, no file and no clock.

import type { Build, Instance, Job } from '../model/build.ts';
import { Group } from './group.ts';

/** A reason that has no reason in the build. */
export type RootReason =
  /** A file that no job of this build made. */
  | { readonly kind: 'file'; readonly name: string }
  /** What the job makes was not there. */
  | { readonly kind: 'missing'; readonly job: Job }
  /** Its command is another one than last time. */
  | { readonly kind: 'command'; readonly job: Job }
  /** It is out of date each time: phony, or it makes no file. */
  | { readonly kind: 'always'; readonly name: string }
  /** A job ran it: its script says when. */
  | { readonly kind: 'launched'; readonly job: Job; readonly by: Job }
  /** The tool's own words. */
  | { readonly kind: 'said'; readonly job: Job; readonly text: string }
  | { readonly kind: 'unknown'; readonly job: Job };

/** Why a job ran, one step down. */
export type Reason = RootReason | { readonly kind: 'need'; readonly job: Job };

/** Two reasons are the same if their keys are. */
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

/** Of more jobs of one name, in other instances, nobody would be told each. */
const MOST_OF_A_NAME = 100;

/** The tools that say which needs were newer, or leave it to be seen. */
const TELLING = new Set(['make', 'ninja']);

export class Causes {
  readonly #build: Build;
  readonly #shownName: (instance: Instance, name: string) => string;
  readonly #groups = new Map<Instance, Group>();
  readonly #reasons = new Map<Job, readonly Reason[]>();
  #byName: Map<string, Job[]> | undefined;

  /** @param shownName what a target of an instance is shown by. */
  constructor(build: Build, shownName: (instance: Instance, name: string) => string) {
    this.#build = build;
    this.#shownName = shownName;
  }

  /** Why a job ran, in the order of its needs; never empty. */
  of(job: Job): readonly Reason[] {
    let reasons = this.#reasons.get(job);
    if (!reasons) {
      reasons = unique(this.#find(job));
      this.#reasons.set(job, reasons);
    }
    return reasons;
  }

  /** Of what a target without a job of its own needs: what ran. */
  ofNode(instance: Instance, name: string): readonly Reason[] {
    return unique(this.#through(this.#group(instance), [name], new Set()));
  }

  /** The roots below some reasons, in the order in which they are come to. */
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
      // Of what was not there, or never is a file, all needs count as newer: only those that were made are
      // news.
      const below = this.#through(group, group.needsOfJob(job), new Set([job.target]));
      if (below.length > 0) return below;
      return [phony ? { kind: 'always', name: job.name } : { kind: 'missing', job }];
    }
    const reasons: Reason[] = [];
    if (why.command) reasons.push({ kind: 'command', job });
    if (TELLING.has(instance.tool)) {
      for (const name of group.newerNeeds(job))
        for (const reason of this.#newer(group, name, job)) reasons.push(reason);
    } else {
      const below = this.#through(group, group.needsOfJob(job), new Set([job.target]));
      for (const reason of below) reasons.push(reason);
    }
    if (reasons.length > 0) return reasons;
    if (why.words !== undefined) return [{ kind: 'said', job, text: why.words }];
    if (instance.tool === 'make') return [{ kind: 'always', name: job.name }];
    return [{ kind: 'unknown', job }];
  }

  /** A need that was newer: the jobs that made it, or else it is a root. */
  #newer(group: Group, name: string, by: Job): Reason[] {
    const jobs = this.#jobsOf(group, name).filter((job) => job !== by);
    if (jobs.length > 0) return jobs.map((job) => ({ kind: 'need', job }));
    const node = group.node(name);
    const shown = this.#shownName(group.instance, name);
    if (!node?.phony) return [{ kind: 'file', name: shown }];
    const below = this.#through(group, node.needs, new Set([name, by.target]));
    return below.length > 0 ? below : [{ kind: 'always', name: shown }];
  }

  /** The jobs that made some needs, or what those need that have no job. */
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
   * The jobs that made a target in this build: of its own instance, else of another one (a make below this
   * one, say).
   */
  #jobsOf(group: Group, name: string): readonly Job[] {
    const own = group.makersOf(name);
    if (own.length > 0) return own;
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

/** What is to be taken first comes last. Not as arguments: of so many there can be more than a call takes. */
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

/** What a root set off. */
export interface Effect {
  readonly root: RootReason;
  /** The jobs that it is itself a reason of, in launch order. */
  readonly first: readonly Job[];
  /** All that it led to. */
  readonly jobs: number;
  /** Their durations together, in milliseconds, without what they launched. */
  readonly ms: number;
  /** Of these, what no other root led to. */
  readonly alone: number;
}

/**
 * How many jobs may be looked at to find out what each root led to: more roots than that are counted by their
 * first jobs only.
 */
const MOST_LOOKS = 20_000_000;

/**
 * The whole build, roots first: the one that took most time first.
 * @param ownMs how long a job took by itself, in milliseconds.
 * @returns the roots, and which jobs each job is a reason of.
 */
export function effects(
  build: Build,
  causes: Causes,
  ownMs: (job: Job) => number,
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
    // A set can grow while it is walked.
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
      ms += ownMs(job);
      if (roots.get(job) === 1) alone++;
    }
    return { root, first: start, jobs: ledTo.get(key)?.size ?? 0, ms, alone };
  });
  return { effects: found.sort((a, b) => b.ms - a.ms), dependents };
}
