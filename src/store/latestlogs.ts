// Finds the logs of an old build that are the latest ones of targets that still exist. Knows no file. It asks
// its caller about newer builds.
//
// A target still exists if the newest graph of its tool in its folder contains it. If the tool has no graph,
// the target exists if a newer build has run it or needs it; in a script, if a newer build links to it. A job
// that another one launched exists along with it, unless it has run since.

import type { Build, Job } from '../model/build.ts';
import type { Graph, GraphCall, GraphNode } from '../model/graph.ts';
import type { JobId } from '../model/ids.ts';
import { indexSpaced, splitNames } from '../model/namelist.ts';

/** The questions about newer builds. */
export interface NewerBuilds {
  /** Returns the newest build in which this target ran. */
  newest(job: Job): string | undefined;
  /** Does this folder of a tool (relative to the root, or absolute) still exist? */
  exists(folder: string): boolean;
  /**
   * Returns the builds that are kept. Called once at most, and only for scripts and for tools without a
   * graph, since reading builds takes long.
   */
  kept(): Iterable<Build>;
}

/** The names that are needed without a graph that says so. */
interface NeededNames {
  /** The names that scripts link to. */
  readonly linked: ReadonlySet<string>;
  /** By tool and folder: the targets that ran, and their needs. */
  readonly byTool: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A tool in a folder. Its name for one of its targets does not depend on its caller. */
interface ToolInFolder {
  readonly tool: string;
  readonly cwd: string;
}

export class LatestLogs {
  readonly #newer: NewerBuilds;
  /** By tool and folder, then by arguments: the targets of the newest graph. */
  readonly #graphs = new Map<string, Map<string, ReadonlySet<string>>>();
  #needed: NeededNames | undefined;

  constructor(newer: NewerBuilds) {
    this.#newer = newer;
  }

  /**
   * Adds the graphs of a build that is kept. Of graphs with the same arguments, only the newest counts. Call
   * this for the newest build first.
   */
  keep(graphs: Iterable<GraphCall & { readonly graph: Graph }>): void {
    for (const graph of graphs) this.#note(graph, graph.graph.values(), this.#graphs);
  }

  /**
   * Returns the jobs of a build to be removed whose logs are the latest ones of targets that still exist.
   * Call this for the newest build first.
   */
  lastOf(id: string, build: Build): Set<JobId> {
    this.#noteOwn(build);
    const isLast = (job: Job): boolean => !job.lost && this.#newer.newest(job) === id;
    const todo = build.jobs.filter((job) => isLast(job) && this.#lives(job));
    const last = new Set<JobId>();
    for (let job = todo.pop(); job; job = todo.pop()) {
      if (last.has(job.id)) continue;
      last.add(job.id);
      for (const link of job.links) if (link.job && isLast(link.job)) todo.push(link.job);
    }
    return last;
  }

  #lives(job: Job): boolean {
    const { instance } = job;
    if (!instance) return this.#allNeeded().linked.has(job.name);
    if (!this.#newer.exists(instance.cwd)) return false;
    const graphs = this.#graphs.get(placeOf(instance));
    if (graphs) return [...graphs.values()].some((names) => names.has(job.target));
    return this.#allNeeded().byTool.get(placeOf(instance))?.has(job.target) ?? true;
  }

  /** For a tool without a graph in any newer build, the graph of this build is the newest. */
  #noteOwn(build: Build): void {
    const own = new Map<string, Map<string, ReadonlySet<string>>>();
    for (const instance of build.instances)
      if (instance.graph && !this.#graphs.has(placeOf(instance)))
        this.#note(instance, instance.graph.values(), own);
    for (const [place, graphs] of own) this.#graphs.set(place, graphs);
  }

  #note(
    called: ToolInFolder & Pick<GraphCall, 'argv' | 'goals'>,
    nodes: Iterable<GraphNode>,
    to: Map<string, Map<string, ReadonlySet<string>>>,
  ): void {
    const place = placeOf(called);
    const graphs = to.get(place) ?? new Map<string, ReadonlySet<string>>();
    to.set(place, graphs);
    const args = JSON.stringify([called.argv, called.goals]);
    if (graphs.has(args)) return;
    const names = new Set<string>();
    for (const { name, also } of nodes) for (const one of [name, ...(also ?? [])]) names.add(one);
    graphs.set(args, names);
  }

  #allNeeded(): NeededNames {
    if (this.#needed) return this.#needed;
    const linked = new Set<string>();
    const byTool = new Map<string, Set<string>>();
    for (const { jobs, instances } of this.#newer.kept()) {
      for (const { links } of jobs) for (const { need } of links) if (need !== undefined) linked.add(need);
      for (const instance of instances) {
        if (instance.graph || instance.jobs.length === 0) continue;
        const names = byTool.get(placeOf(instance)) ?? new Set();
        byTool.set(placeOf(instance), names);
        const spaced = indexSpaced(instance.jobs.map(({ target }) => target));
        for (const { target, needs } of instance.jobs)
          for (const name of [target, ...splitNames(needs ?? '', spaced)]) names.add(name);
      }
    }
    this.#needed = { linked, byTool };
    return this.#needed;
  }
}

function placeOf({ tool, cwd }: ToolInFolder): string {
  return `${tool}\0${cwd}`;
}
