// What a build reads and what it makes, by its tools' graphs: its inputs are the needs that no rule makes.
// Names are those that loglin shows: relative to the project's root, absolute outside of it. Knows no file.

import type { Graph } from '../model/graph.ts';

/** A graph, and how its names are shown. */
export interface NamedGraph {
  readonly graph: Graph;
  readonly shown: (name: string) => string;
}

/** Headers of the system do not change, and there are many. */
const OF_SYSTEM = /^\/(?:usr|lib\d*|opt|nix|gnu|snap|System|Library|Applications)\//;

export class BuildInputs {
  /** For each name, the targets that need it; without an array if it is one only, as for most files. */
  readonly #users = new Map<string, string | string[]>();
  /** The targets with commands. */
  readonly #recipes = new Set<string>();
  readonly #inputs = new Set<string>();
  readonly #made = new Set<string>();

  /** @param manifests files that the tools read themselves, as a makefile is. */
  constructor(graphs: Iterable<NamedGraph>, manifests: Iterable<string> = []) {
    for (const { graph, shown } of graphs) this.#add(graph, shown);
    for (const name of manifests) this.#inputs.add(name);
    for (const name of this.#users.keys())
      if (!this.#made.has(name) && !OF_SYSTEM.test(name)) this.#inputs.add(name);
    for (const name of this.#made) this.#inputs.delete(name);
  }

  /** The files that no rule makes. Some are no files: names that stand for nothing (`FORCE`). */
  get inputs(): ReadonlySet<string> {
    return this.#inputs;
  }

  /** Does a rule make this? */
  makes(name: string): boolean {
    return this.#made.has(name);
  }

  /** The targets with commands that depend on some of these names, themselves or through others. */
  targetsOf(names: Iterable<string>): string[] {
    const seen = new Set<string>(names);
    const found: string[] = [];
    for (const name of seen) {
      const users = this.#users.get(name) ?? [];
      for (const user of typeof users === 'string' ? [users] : users) {
        if (seen.has(user)) continue;
        // What is added to a set while it is walked is walked, too.
        seen.add(user);
        if (this.#recipes.has(user)) found.push(user);
      }
    }
    return found;
  }

  #add(graph: Graph, shown: (name: string) => string): void {
    const known = new Map<string, string>();
    const nameOf = (name: string): string => {
      let found = known.get(name);
      if (found === undefined) known.set(name, (found = shown(name)));
      return found;
    };
    for (const { name, needs, recipe, phony, also = [] } of graph.values()) {
      const target = nameOf(name);
      // A rule without commands and needs says of a file that it may be missing: an input all the same.
      if (recipe || needs.length > 0 || phony) for (const one of [name, ...also]) this.#made.add(nameOf(one));
      if (recipe) this.#recipes.add(target);
      for (const need of new Set(needs)) this.#use(nameOf(need), target);
      for (const one of also) this.#use(target, nameOf(one));
    }
  }

  #use(need: string, target: string): void {
    const users = this.#users.get(need);
    if (users === undefined) this.#users.set(need, target);
    else if (typeof users === 'string') this.#users.set(need, [users, target]);
    else users.push(target);
  }
}
