// The jobs of one tool instance and their needs: the nodes of the graph joined with the jobs that ran. Knows
// no order in time except the launch order.

import type { Instance, Job } from '../model/build.ts';
import type { Graph, GraphNode } from '../model/graph.ts';
import { type Sliced, runToEnd } from '../model/sliced.ts';
import { type Spaced, indexSpaced, isMember, splitNames, withArchives } from '../model/namelist.ts';

/** How many targets are handled per slice of work. */
const SLICE = 500;

const EMPTY: Graph = new Map<string, GraphNode>();

const MOST_MAKERS = 20;

/** The tools that reach their targets in an order that depends on timing or on how many run at once. */
const IN_ANY_ORDER = new Set(['cargo', 'scons', 'turbo', 'nx', 'wireit']);

const NONE: readonly Job[] = [];
const listed = (jobs: Job | Job[]): readonly Job[] => (Array.isArray(jobs) ? jobs : [jobs]);

/** Returns a key for the rule that has these needs, in any order. */
export function ruleWith(needs: readonly string[]): string {
  return JSON.stringify([...new Set(needs)].sort());
}

export class Group {
  readonly instance: Instance;
  /** The nodes that this walk has visited. */
  readonly visited = new Set<string>();
  readonly #graph: Graph;
  readonly #spaced: Spaced;
  /** Some targets are members of archives. */
  readonly #archives: boolean;
  /** Most targets have a single job and need no list. */
  readonly #jobs = new Map<string, Job | Job[]>();
  #indexed = 0;
  readonly #rules = new Map<Job, string>();

  /** @param graph what is known of the instance's graph. The recorded needs of its jobs take precedence. */
  constructor(instance: Instance, graph: Graph | undefined) {
    this.instance = instance;
    this.#graph = graph ?? EMPTY;
    const names = [...this.#graph.keys(), ...instance.jobs.map((job) => job.target)];
    this.#spaced = indexSpaced(names);
    this.#archives = names.some(isMember);
  }

  /** The jobs that made this target in this build, by launch number. */
  jobsOf(name: string): readonly Job[] {
    this.#index();
    const own = this.#jobs.get(name);
    if (own) return listed(own);
    // A sibling that the same commands make has no job of its own.
    for (const sibling of this.#graph.get(name)?.also ?? []) {
      const jobs = this.#jobs.get(sibling);
      if (jobs) return listed(jobs);
    }
    return NONE;
  }

  /**
   * Returns the jobs of a target that its dependents waited for: all of its jobs. If there are more jobs than
   * any target has rules (records are wrong then), only the last ones, since m dependents of n jobs would
   * cost m × n.
   */
  makersOf(name: string): readonly Job[] {
    const jobs = this.jobsOf(name);
    return jobs.length > MOST_MAKERS ? jobs.slice(-MOST_MAKERS) : jobs;
  }

  node(name: string): GraphNode | undefined {
    return this.#graph.get(name);
  }

  /** The needs of a target that did not run, in order. */
  needsOfNode(name: string): readonly string[] {
    return this.#graph.get(name)?.needs ?? [];
  }

  /** The needs of a job, in order: those recorded for this run, else those in the graph. */
  needsOfJob(job: Job): readonly string[] {
    const own = this.#recordedNeeds(job);
    return own.length > 0 ? own : this.needsOfNode(job.target);
  }

  /**
   * The needs that the tool reported for a job, which may be a job of an earlier build with its own graph.
   */
  #recordedNeeds({ needs, instance, target }: Job): readonly string[] {
    if (needs !== undefined) return this.#split(needs, target);
    return instance?.graph?.get(target)?.needs ?? [];
  }

  /** Splits a list of names, separated by blanks, that GNU make reported for a target. */
  #split(list: string, target: string): readonly string[] {
    const names = splitNames(list, this.#spaced);
    return this.#archives ? withArchives(names, this.needsOfNode(target)) : names;
  }

  /**
   * The needs of an earlier build's job, in order: those of the target in the current graph, or those that
   * were recorded if the target has no recipe now or has several rules.
   */
  needsNow(job: Job): readonly string[] {
    const node = this.#graph.get(job.target);
    return node?.recipe && !node.rules ? node.needs : this.needsOfJob(job);
  }

  /**
   * Returns a key that tells the rules of one target apart (`::`): jobs whose recorded needs are the same
   * were made by the same rule. It is what ruleWith returns for these needs.
   */
  ruleOf(job: Job): string {
    let rule = this.#rules.get(job);
    if (rule === undefined) this.#rules.set(job, (rule = ruleWith(this.#recordedNeeds(job))));
    return rule;
  }

  /** The needs of a job that were newer, according to its tool or the tool's records. */
  newerNeeds(job: Job): readonly string[] {
    return job.why.newer ?? this.#split(job.newer, job.target);
  }

  has(name: string): boolean {
    return this.#graph.has(name) || this.jobsOf(name).length > 0;
  }

  /** Returns the goals, after the targets that no goal leads to and no other job needs. */
  goals(): readonly string[] {
    return runToEnd(this.findGoals());
  }

  /** Like goals, in slices. */
  *findGoals(): Sliced<readonly string[]> {
    const { instance } = this;
    // make itself strips the `./`.
    const goals = instance.goals.map((goal) => (this.has(goal) ? goal : goal.replace(/^(?:\.\/+)+/, '')));
    if (goals.length > 0 && goals.every((goal) => this.has(goal))) return goals;
    return [...new Set([...goals, ...(yield* this.#tops(instance.jobs))])];
  }

  /** Computes in slices what to visit, in order: the jobs that no goal reaches, then the goals. */
  *order(): Sliced<readonly string[]> {
    const goals = yield* this.findGoals();
    const reached = yield* this.#preorder(goals);
    const strays = this.instance.jobs.filter((job) => !reached.has(job.target));
    if (strays.length === 0) return goals;
    // What is in a cycle is needed by another job, so none of these is among the tops.
    return [...(yield* this.#tops(strays)), ...strays.map((job) => job.target), ...goals];
  }

  /** Returns the rank of every node in the order of the walk from the goals. Each node occurs once. */
  preorder(): Map<string, number> {
    return runToEnd(this.#preorder(this.goals()));
  }

  *#preorder(goals: readonly string[]): Sliced<Map<string, number>> {
    const ranks = new Map<string, number>();
    const stack = [...goals].reverse();
    for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
      if (ranks.has(name)) continue;
      ranks.set(name, ranks.size);
      if (ranks.size % SLICE === 0) yield;
      for (const job of this.jobsOf(name)) if (!ranks.has(job.target)) ranks.set(job.target, ranks.size);
      const needs = this.#needs(name);
      for (let i = needs.length - 1; i >= 0; i--) {
        const need = needs[i];
        if (need !== undefined && !ranks.has(need)) stack.push(need);
      }
    }
    return ranks;
  }

  /** All needs of a target: those of its jobs, then the others. */
  #needs(name: string): readonly string[] {
    const graph = this.needsOfNode(name);
    const recorded = this.jobsOf(name).filter((job) => Boolean(job.needs) || job.target !== name);
    return recorded.length === 0 ? graph : [...recorded.flatMap((job) => this.needsOfJob(job)), ...graph];
  }

  /**
   * Returns the tops of these jobs: the targets that none of the other jobs needs. The first is the one below
   * which a job was launched first, since a tool launches jobs below the target that it reaches first. When
   * the top itself is launched depends on how long the jobs below it take.
   */
  *#tops(jobs: readonly Job[]): Sliced<string[]> {
    let looked = 0;
    const needers = new Map<string, string[]>();
    const needed = new Set<string>();
    const names = new Set(jobs.map((job) => job.target));
    // The set grows during this iteration.
    for (const name of names) {
      if (++looked % SLICE === 0) yield;
      for (const need of this.#needs(name)) {
        if (need === name) continue;
        needed.add(need);
        for (const job of this.jobsOf(need)) if (job.target !== name) needed.add(job.target);
        const list = needers.get(need);
        if (list) list.push(name);
        else needers.set(need, [name]);
        names.add(need);
      }
    }
    const first = new Map<string, number>();
    for (const job of jobs) {
      const todo = [job.target];
      for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
        if (first.has(name)) continue;
        first.set(name, job.id);
        if (++looked % SLICE === 0) yield;
        for (const needer of needers.get(name) ?? []) todo.push(needer);
      }
    }
    const byName = IN_ANY_ORDER.has(this.instance.tool);
    const rank = (name: string): number => (byName ? 0 : (first.get(name) ?? 0));
    return [...new Set(jobs.map((job) => job.target))]
      .filter((name) => !needed.has(name))
      .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  }

  #index(): void {
    const jobs = this.instance.jobs;
    for (; this.#indexed < jobs.length; this.#indexed++) {
      const job = jobs[this.#indexed];
      if (!job) continue;
      const same = this.#jobs.get(job.target);
      if (Array.isArray(same)) same.push(job);
      else this.#jobs.set(job.target, same ? [same, job] : job);
    }
  }
}
