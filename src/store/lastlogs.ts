// Which logs of an old build are the last ones of targets that are still there. Pure: builds are given to it one by one, the newest first.
//
// A target is still there if the newest graph of its tool in its folder has it; where a tool has no graph, if a newer build has run it or
// needs it; in a script, if a newer build links to it. What a job launched is there with it.

import type { Build, Instance, Job } from '../model/build.ts';
import type { JobId } from '../model/ids.ts';
import { indexSpaced, splitNames } from '../model/words.ts';

/** What is known of a tool in a folder. */
interface Known {
  /** By arguments: of the newest build with them. */
  readonly graphs: Map<string, ReadonlySet<string>>;
  /** What jobs needed where there was no graph. */
  readonly needed: Set<string>;
}

export class LastLogs {
  /** Targets that ran in a newer build. */
  readonly #ran = new Set<string>();
  readonly #tools = new Map<string, Known>();
  /** Names that scripts link to. */
  readonly #linked = new Set<string>();
  readonly #exists: (folder: string) => boolean;

  /** @param exists is this folder of a tool (relative to the root, or absolute) still there? */
  constructor(exists: (folder: string) => boolean) {
    this.#exists = exists;
  }

  /** A build that is kept, newer than those before. */
  keep(build: Build): void {
    this.#learn(build, true);
  }

  /** The jobs of a build that is to go, older than those before, whose logs are the last ones of targets that are still there. */
  lastOf(build: Build): Set<JobId> {
    const fresh = build.jobs.filter((job) => !job.lost && !this.#ran.has(key(job)));
    this.#learn(build, false);
    const last = new Set<JobId>();
    const todo = fresh.filter((job) => this.#lives(job));
    const rest = new Set(fresh);
    for (let job = todo.pop(); job; job = todo.pop()) {
      if (last.has(job.id)) continue;
      last.add(job.id);
      for (const link of job.links) if (link.job && rest.has(link.job)) todo.push(link.job);
    }
    return last;
  }

  #lives(job: Job): boolean {
    if (!job.instance) return this.#linked.has(job.name);
    const known = this.#tools.get(place(job.instance));
    if (!known || !this.#exists(job.instance.cwd)) return false;
    for (const names of known.graphs.values()) if (names.has(job.target)) return true;
    return known.needed.has(job.target);
  }

  #learn(build: Build, kept: boolean): void {
    for (const job of build.jobs) {
      if (!job.lost) this.#ran.add(key(job));
      for (const { need } of job.links) if (kept && need !== undefined) this.#linked.add(need);
    }
    // Several of one tool in one folder all count, and so do all builds that are kept; of the others the newest.
    const learnt = new Map<string, Known>();
    for (const instance of build.instances) {
      const at = place(instance);
      const there = this.#tools.get(at);
      if (there && !kept) continue;
      const known = there ?? learnt.get(at) ?? { graphs: new Map(), needed: new Set() };
      learnt.set(at, known);
      note(instance, known);
    }
    for (const [at, known] of learnt) this.#tools.set(at, known);
  }
}

function note(instance: Instance, known: Known): void {
  const { graph, jobs } = instance;
  const args = JSON.stringify([instance.argv, instance.goals]);
  if (graph) {
    if (known.graphs.has(args)) return;
    const names = new Set(graph.keys());
    for (const node of graph.values()) for (const name of node.also ?? []) names.add(name);
    known.graphs.set(args, names);
    return;
  }
  const spaced = indexSpaced(jobs.map(({ target }) => target));
  for (const job of jobs) {
    known.needed.add(job.target);
    for (const need of splitNames(job.needs, spaced)) known.needed.add(need);
  }
}

function place({ tool, cwd }: Instance): string {
  return `${tool}\0${cwd}`;
}

function key(job: Job): string {
  return job.instance ? `${place(job.instance)}\0${job.target}` : `\0${job.name}`;
}
