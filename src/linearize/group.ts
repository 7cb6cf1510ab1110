// The jobs of one tool instance and what they need: the graph's nodes joined with what ran. Knows no order of time but the launch.

import type { Instance, Job } from '../model/build.ts';
import type { Graph, GraphNode } from '../model/graph.ts';
import { type Spaced, indexSpaced, splitNames } from '../model/words.ts';

const EMPTY: Graph = new Map<string, GraphNode>();

export class Group {
  readonly instance: Instance;
  /** Nodes that this walk has visited. */
  readonly visited = new Set<string>();
  readonly #graph: Graph;
  readonly #spaced: Spaced;
  readonly #jobs = new Map<string, Job[]>();
  #indexed = 0;

  /** @param graph what is known of the instance's graph; the recorded needs of its jobs come on top. */
  constructor(instance: Instance, graph: Graph | undefined) {
    this.instance = instance;
    this.#graph = graph ?? EMPTY;
    this.#spaced = indexSpaced([...this.#graph.keys(), ...instance.jobs.map((job) => job.target)]);
  }

  /** The jobs that made this target in this build, by launch number. */
  jobsOf(name: string): readonly Job[] {
    this.#index();
    const own = this.#jobs.get(name);
    if (own) return own;
    // A sibling that the same commands make has no job of its own.
    for (const sibling of this.#graph.get(name)?.also ?? []) {
      const jobs = this.#jobs.get(sibling);
      if (jobs) return jobs;
    }
    return [];
  }

  /** The needs of a target that did not run, in order. */
  needsOfNode(name: string): readonly string[] {
    return this.#graph.get(name)?.needs ?? [];
  }

  /** The needs of a job, in order: as this very run had them, else as the graph has them. */
  needsOfJob(job: Job): readonly string[] {
    const own = splitNames(job.needs, this.#spaced);
    return own.length > 0 ? own : this.needsOfNode(job.target);
  }

  has(name: string): boolean {
    return this.#graph.has(name) || this.jobsOf(name).length > 0;
  }

  /** The goals; where they are not known, or lead nowhere, what no other job needs, by launch number. */
  goals(): readonly string[] {
    const goals = this.instance.goals;
    if (goals.length > 0 && goals.every((goal) => this.has(goal))) return goals;
    const needed = new Set<string>();
    for (const job of this.instance.jobs) for (const need of this.needsOfJob(job)) needed.add(need);
    const tops = this.instance.jobs.map((job) => job.target).filter((name) => !needed.has(name));
    return [...new Set([...goals, ...tops])];
  }

  /** Every node in the order of the walk, from the goals, each once. */
  preorder(): Map<string, number> {
    const ranks = new Map<string, number>();
    const stack = [...this.goals()].reverse();
    for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
      if (ranks.has(name)) continue;
      ranks.set(name, ranks.size);
      const jobs = this.jobsOf(name);
      for (const job of jobs)
        if (job.target !== name && !ranks.has(job.target)) ranks.set(job.target, ranks.size);
      const needs = jobs.length > 0 ? jobs.flatMap((job) => this.needsOfJob(job)) : this.needsOfNode(name);
      for (let i = needs.length - 1; i >= 0; i--) {
        const need = needs[i];
        if (need !== undefined && !ranks.has(need)) stack.push(need);
      }
    }
    return ranks;
  }

  #index(): void {
    const jobs = this.instance.jobs;
    for (; this.#indexed < jobs.length; this.#indexed++) {
      const job = jobs[this.#indexed];
      if (!job) continue;
      const same = this.#jobs.get(job.target);
      if (same) same.push(job);
      else this.#jobs.set(job.target, [job]);
    }
  }
}
