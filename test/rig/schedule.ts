// Builds with known times: a plan of durations and dependencies, run with unlimited slots or with jobs that
// start later than they could. The results of the timing must not depend on that.

import type { Build } from '../../src/model/build.ts';
import { emptyBuild, reduce, setGraph } from '../../src/model/reduce.ts';
import type { BuildEvent } from '../../src/model/events.ts';
import { mergeGraphs } from '../../src/model/graph.ts';
import { type ByteOffset, type InstanceId, type JobId, START } from '../../src/model/ids.ts';
import { MemoryLogs } from './fakebuild.ts';
import type { Random } from './seeded.ts';

/** The steps of a job, in order: work of its own, a make, or nested calls that run at once. */
export type Work =
  | { readonly kind: 'own'; ms: number }
  | { readonly kind: 'make'; readonly make: TimedMake }
  | { readonly kind: 'calls'; readonly jobs: readonly TimedJob[] };

export interface TimedJob {
  readonly name: string;
  readonly work: readonly Work[];
}

export interface TimedTarget {
  readonly name: string;
  /** Names of earlier targets. */
  readonly needs: readonly string[];
  /** None: no recipe. */
  readonly job: TimedJob | undefined;
}

export interface TimedMake {
  readonly head: number;
  readonly tail: number;
  readonly targets: readonly TimedTarget[];
}

interface Placed {
  readonly name: string;
  readonly from: number;
  to: number;
  readonly parent: Placed | undefined;
  readonly instance: number | undefined;
  readonly needs: string;
}

class Schedule {
  readonly jobs: Placed[] = [];
  readonly makes: { job: Placed; make: TimedMake; end: number }[] = [];
  readonly #delay: () => number;

  constructor(delay: () => number) {
    this.#delay = delay;
  }

  job(job: TimedJob, from: number, parent?: Placed, instance?: number, needs = ''): Placed {
    const placed: Placed = { name: job.name, from, to: from, parent, instance, needs };
    this.jobs.push(placed);
    for (const work of job.work) {
      if (work.kind === 'own') placed.to += work.ms;
      else if (work.kind === 'make') placed.to = this.#make(work.make, placed, placed.to);
      else {
        const at = placed.to;
        for (const call of work.jobs) placed.to = Math.max(placed.to, this.job(call, at, placed).to);
      }
    }
    return placed;
  }

  #make(make: TimedMake, parent: Placed, from: number): number {
    const instance = this.makes.length;
    const entry = { job: parent, make, end: 0 };
    this.makes.push(entry);
    const ends = new Map<string, number>();
    const start = from + make.head;
    let end = start;
    let first = true;
    for (const { name, needs, job } of make.targets) {
      let at = start;
      for (const need of needs) at = Math.max(at, ends.get(need) ?? 0);
      if (job) {
        // The make's own time ends with the first job that it starts.
        if (!first) at += this.#delay();
        first = false;
        at = this.job(job, at, parent, instance, needs.join(' ')).to;
        end = Math.max(end, at);
      }
      ends.set(name, at);
    }
    // Without a job there is nothing between head and tail.
    entry.end = end + make.tail;
    return entry.end;
  }
}

/** A plan's build, and the events that the recorder would have written. */
export interface TimedBuild {
  readonly build: Build;
  readonly events: readonly BuildEvent[];
  readonly logs: MemoryLogs;
}

/** Like recordPlan, but only the build. */
export function runPlan(plan: TimedJob, delay?: () => number): Build {
  return recordPlan(plan, delay).build;
}

/**
 * Runs a plan.
 * @param delay how much later each job starts than it could.
 */
export function recordPlan(plan: TimedJob, delay: () => number = () => 0): TimedBuild {
  const schedule = new Schedule(delay);
  const root = schedule.job(plan, 0);
  const build = emptyBuild();
  const events: BuildEvent[] = [];
  const emit = (event: BuildEvent): void => {
    events.push(event);
    reduce(build, event);
  };
  emit({ e: 'build', v: 1, id: 'plan', at: 0, argv: [plan.name], cwd: '', pid: 1 });
  const ids = new Map<Placed, JobId>([[root, 0 as JobId]]);
  const jobs = schedule.jobs.slice(1);
  // A parent precedes the jobs that it launched.
  jobs.sort((a, b) => a.from - b.from);
  for (const [i, job] of jobs.entries()) ids.set(job, (i + 1) as JobId);
  const idOf = new Map<number, InstanceId>();
  const at = 0 as ByteOffset;
  for (const job of jobs) {
    const parent = ids.get(job.parent!)!;
    const { instance, from: t, name, needs } = job;
    if (instance !== undefined && !idOf.has(instance)) {
      const i = idOf.size as InstanceId;
      idOf.set(instance, i);
      emit({ e: 'tool', t, i, tool: 'make', j: parent, cwd: '', argv: ['make'] });
      const nodes = schedule.makes[instance]!.make.targets.map((target) => ({
        name: target.name,
        needs: target.needs,
        recipe: target.job !== undefined,
      }));
      setGraph(build, build.instances[i]!, mergeGraphs(undefined, nodes));
    }
    const i = instance === undefined ? {} : { i: idOf.get(instance)! };
    emit({ e: 'start', t, j: ids.get(job)!, name, parent, at, ...i, ...(needs === '' ? {} : { needs }) });
  }
  const ended = [...schedule.jobs].sort((a, b) => a.to - b.to);
  for (const job of ended) emit({ e: 'end', t: job.to, j: ids.get(job)!, status: { exit: 0 }, size: START });
  return { build, events, logs: new MemoryLogs() };
}

/** A random plan with about so many jobs; names are unique. */
export function randomTimes(random: Random, size: number): TimedJob {
  let left = size;
  // Of two parallel calls, one that took no time would seem to precede the other.
  const own = (): Work => ({ kind: 'own', ms: 1 + random.below(20) });
  const leaf = (): TimedJob => {
    left--;
    return { name: `j${left}`, work: [own()] };
  };
  const job = (depth: number): TimedJob => {
    const { name } = leaf();
    if (depth > 2 || random.chance(0.6)) return { name, work: [own()] };
    const work: Work[] = [own()];
    for (let i = random.below(3); i >= 0; i--) {
      if (random.chance(0.5)) work.push({ kind: 'make', make: make(depth + 1) });
      else
        work.push({
          kind: 'calls',
          jobs: Array.from({ length: 1 + random.below(3) }, () => job(depth + 1)),
        });
      if (random.chance(0.7)) work.push(own());
    }
    return { name, work };
  };
  const make = (depth: number): TimedMake => {
    const targets: TimedTarget[] = [];
    const count = 1 + random.below(depth === 0 ? size : 4);
    for (let i = 0; i < count && (left > 0 || i === 0); i++) {
      const needs = random.some(
        targets.slice(-5).map(({ name }) => name),
        0.4,
      );
      // The first one runs, so that the make's own time before it is known.
      const made = i === 0 || random.chance(0.8) ? job(depth) : undefined;
      targets.push({ name: made?.name ?? `n${depth}-${left}-${i}`, needs, job: made });
    }
    return { head: random.below(10), tail: random.below(10), targets };
  };
  return { name: 'root', work: [own(), { kind: 'make', make: make(0) }, own()] };
}

/** Every job of a plan that launches nothing. */
export function leaves(job: TimedJob): { name: string; work: { kind: 'own'; ms: number } }[] {
  const [only] = job.work;
  if (job.work.length === 1 && only?.kind === 'own') return [{ name: job.name, work: only }];
  return job.work.flatMap((work) => {
    if (work.kind === 'own') return [];
    if (work.kind === 'calls') return work.jobs.flatMap(leaves);
    return work.make.targets.flatMap((target) => (target.job ? leaves(target.job) : []));
  });
}
