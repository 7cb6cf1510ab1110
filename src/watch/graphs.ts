// The graphs that tell what the builds of one command read: of each call of a tool the last one. A build in
// which a tool had nothing to do, or that failed early, does not take away what earlier ones told.

import fs from 'node:fs';
import path from 'node:path';
import { type Instance, succeeded } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import { type Graph, mergeGraphs } from '../model/graph.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import { GraphHistory } from '../store/graphhistory.ts';
import { fromRoot, shownName } from '../model/shownname.ts';
import type { Place } from '../store/place.ts';
import { openBuild } from '../store/reader.ts';
import { BuildInputs, type NamedGraph } from './inputs.ts';

/** The tools whose targets are files. Graphs of others tell of packages or scripts. */
const OF_FILES: ReadonlySet<string> = new Set(['make', 'ninja', 'redo', 'scons', 'tup']);

/** So many earlier builds of the same command are looked at. */
const MOST_BUILDS = 5;
/** A call that was not made in so many builds is forgotten. */
const FORGOTTEN_AFTER = 20;

interface Call {
  readonly cwd: string;
  readonly graph: Graph;
  readonly manifests: readonly string[];
  seen: number;
}

/** A build that was read. */
export interface ReadBuild {
  /** The names of the jobs that succeeded. */
  readonly made: ReadonlySet<string>;
}

/**
 * What a tool knows of inputs that are not in its graph. Takes its folder, absolute, and how it was called.
 * @returns tells the inputs of a target, both by the tool's names.
 */
export type ReportedInputs = (
  tool: string,
  cwd: string,
  argv: readonly string[],
) => ((target: string) => readonly string[]) | undefined;

export class KnownGraphs {
  readonly #place: Place;
  readonly #reported: ReportedInputs;
  readonly #calls = new Map<string, Call>();
  #builds = 0;

  constructor(place: Place, reported: ReportedInputs) {
    this.#place = place;
    this.#reported = reported;
  }

  /** Reads the last builds of a command, if there are any. @param cwd as in their records. */
  addEarlier(argv: readonly string[], cwd: string): void {
    const found: string[] = [];
    for (const id of listBuilds(this.#place.store).reverse()) {
      const { started } = summarise(this.#place.store, id);
      if (started?.cwd === cwd && started.argv.join('\0') === argv.join('\0')) found.push(id);
      if (found.length === MOST_BUILDS) break;
    }
    for (const id of found.reverse()) this.add(id);
  }

  /** @returns undefined if the build cannot be read. */
  add(id: string): ReadBuild | undefined {
    const { store } = this.#place;
    this.#builds++;
    try {
      const { build, logs } = openBuild(store, id);
      logs.close();
      const history = new GraphHistory(store, id);
      for (const instance of build.instances) {
        const graph = instance.graph ?? history.find(instance)?.graph;
        if (graph && OF_FILES.has(instance.tool)) this.#take(instance, graph);
      }
      for (const [key, { seen }] of this.#calls)
        if (seen < this.#builds - FORGOTTEN_AFTER) this.#calls.delete(key);
      const made = build.jobs.filter(({ status }) => status && succeeded(status));
      return { made: new Set(made.map(({ name }) => name)) };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return undefined;
    }
  }

  /** What the builds read; undefined if no graph tells. */
  inputs(): BuildInputs | undefined {
    const { root } = this.#place;
    const calls = [...this.#calls.values()];
    const graphs = calls.map(({ cwd, graph }): NamedGraph => ({
      graph,
      shown: (name) => shownName(root, cwd, name),
    }));
    const inputs = new BuildInputs(
      graphs,
      calls.flatMap(({ manifests }) => manifests),
    );
    return inputs.inputs.size === 0 ? undefined : inputs;
  }

  #take(instance: Instance, graph: Graph): void {
    const { tool, cwd, argv } = instance;
    const { root } = this.#place;
    const reported = this.#reported(tool, path.resolve(root, cwd), argv);
    const call: Call = {
      cwd,
      graph: reported ? withInputs(graph, reported) : graph,
      manifests: manifestsOf(root, instance),
      seen: this.#builds,
    };
    this.#calls.set([tool, cwd, ...argv].join('\0'), call);
  }
}

function withInputs(graph: Graph, reported: (target: string) => readonly string[]): Graph {
  const nodes = [...graph.values()].map((node) => {
    const inputs = node.recipe ? [node.name, ...(node.also ?? [])].flatMap(reported) : [];
    return inputs.length === 0 ? node : { ...node, needs: [...node.needs, ...inputs] };
  });
  return mergeGraphs(undefined, nodes);
}

const MANIFESTS: Readonly<Record<string, readonly string[]>> = {
  make: ['GNUmakefile', 'makefile', 'Makefile'],
  ninja: ['build.ninja'],
  scons: ['SConstruct'],
  tup: ['Tupfile'],
};

/** The files in which a tool finds its rules: those that it is given, else the first of the usual names. */
function manifestsOf(root: string, { tool, cwd, argv }: Instance): string[] {
  const given: string[] = [];
  for (const [i, word] of argv.entries()) {
    if (word === '-f' && argv[i + 1] !== undefined) given.push(argv[i + 1]!);
    else if (/^-f./.test(word)) given.push(word.slice(2));
  }
  const folder = path.resolve(root, cwd);
  const names = given.length > 0 ? given : (MANIFESTS[tool] ?? []);
  const files = names.map((name) => path.resolve(folder, name)).filter((file) => fs.existsSync(file));
  return (given.length > 0 ? files : files.slice(0, 1)).map((file) => fromRoot(root, file));
}
