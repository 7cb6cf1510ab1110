// A tool instance's own graph: which target needs which, in order. From make's data base, from ninja's graph, or from the needs of
// the jobs that ran. Does not know who ran.

/** One target of a graph. A graph is a map of these by name. */
export interface GraphNode {
  readonly name: string;
  /** In order, the order-only ones last. */
  readonly needs: readonly string[];
  /** It has commands: without, it can never be a job. */
  readonly recipe: boolean;
  /** It is a name for its needs or its commands, not a file. */
  readonly phony?: true;
  /** Targets that the same commands make. */
  readonly also?: readonly string[];
  /** Of several rules with commands of their own (double-colon rules): what each of them needs, in order. */
  readonly rules?: readonly (readonly string[])[];
}

export type Graph = ReadonlyMap<string, GraphNode>;

/** A graph as the store keeps it, with what it belongs to. */
export interface InstanceGraph {
  readonly tool: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly goals: readonly string[];
  readonly nodes: readonly GraphNode[];
}

/** Puts the nodes of `newer` over those of `older`. Several nodes of one name (double-colon rules) become one with the needs of all. */
export function mergeGraphs(older: Graph | undefined, newer: Iterable<GraphNode>): Graph {
  const merged = new Map(older ?? []);
  const fresh = new Set<string>();
  for (const node of newer) {
    const same = fresh.has(node.name) ? merged.get(node.name) : undefined;
    fresh.add(node.name);
    merged.set(node.name, same ? joined(same, node) : node);
  }
  return merged;
}

function joined(one: GraphNode, other: GraphNode): GraphNode {
  const rules = [one, other].flatMap(({ rules, recipe, needs }) => rules ?? (recipe ? [needs] : []));
  return {
    ...one,
    needs: [...new Set([...one.needs, ...other.needs])],
    recipe: one.recipe || other.recipe,
    ...(rules.length > 1 ? { rules } : {}),
  };
}
