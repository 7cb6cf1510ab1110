// The graph of a tool instance: which target needs which, in order. It comes from make's data base, from
// ninja's graph, or from the needs of the jobs that ran. Does not know which targets ran.

import { Numbers } from './numbers.ts';

/** One target of a graph. */
export interface GraphNode {
  readonly name: string;
  /** In order, the order-only ones last. */
  readonly needs: readonly string[];
  /** It has commands. A target without commands can never be a job. */
  readonly recipe: boolean;
  /** It is a name for its needs or its commands, not a file. */
  readonly phony?: true;
  /** The other targets that the same commands make. */
  readonly also?: readonly string[];
  /** The needs of each rule, in order, if several rules have commands of their own (double-colon rules). */
  readonly rules?: readonly (readonly string[])[];
}

/** The targets by name. */
export type Graph = Pick<ReadonlyMap<string, GraphNode>, 'get' | 'has' | 'keys' | 'values'>;

/** What is known of a tool's graph besides its nodes. */
export interface GraphCall {
  readonly tool: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly goals: readonly string[];
}

/** A graph that a tool reported, and the instance that it belongs to. */
export interface InstanceGraph extends GraphCall {
  readonly nodes: Iterable<GraphNode>;
}

const RECIPE = 1;
const PHONY = 2;

/** The fields that few nodes have. */
type Rare = Pick<GraphNode, 'also' | 'rules'>;

/** The contents of a FlatGraph, for whoever keeps one. */
export interface GraphArrays {
  readonly names: readonly string[];
  /**
   * By the number of a name: 1 plus where in `needs` its needs begin (0: it is no target), where they end,
   * its kind.
   */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  readonly kind: ArrayLike<number>;
  /** The numbers of names. */
  readonly needs: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly rare: readonly (readonly [number, Rare])[];
}

/**
 * A graph in flat arrays that holds each name once. 100,000 targets with a million needs take 15 MB, compared
 * to 70 MB as a map of nodes.
 */
export class FlatGraph implements Graph {
  /** The numbers of all names, both of targets and of needs; undefined until one is looked up. */
  #known: Map<string, number> | undefined;
  #names: string[] = [];
  /** By number: 1 plus the index at which its needs begin; 0 if it is no target. */
  #from = new Numbers();
  #to = new Numbers();
  #kind = new Numbers();
  #needs = new Numbers();
  /** The targets in the order in which they were added. */
  #targets = new Numbers();
  #rare = new Map<number, Rare>();
  /** Targets that were added more than once. */
  readonly #joined = new Map<number, JoinedNode>();
  /** What was looked up last: who asks for a target asks several times. */
  #lastName: string | undefined;
  #lastNode: GraphNode | undefined;

  /** Returns a graph with the contents of another one. */
  static of({ names, from, to, kind, needs, targets, rare }: GraphArrays): FlatGraph {
    const graph = new FlatGraph();
    graph.#names = [...names];
    graph.#from = Numbers.from(from);
    graph.#to = Numbers.from(to);
    graph.#kind = Numbers.from(kind);
    graph.#needs = Numbers.from(needs);
    graph.#targets = Numbers.from(targets);
    graph.#rare = new Map(rare);
    return graph;
  }

  /** Returns its contents, valid until the next change. */
  arrays(): GraphArrays {
    for (const joined of [...this.#joined.values()]) this.put(joined.node());
    return {
      names: this.#names,
      from: this.#from.values(),
      to: this.#to.values(),
      kind: this.#kind.values(),
      needs: this.#needs.values(),
      targets: this.#targets.values(),
      rare: [...this.#rare],
    };
  }

  get #numbers(): Map<string, number> {
    return (this.#known ??= new Map(this.#names.map((name, number) => [name, number])));
  }

  /** Adds a target. If it exists (double-colon rules), it gets the needs of both. */
  add(node: GraphNode): void {
    const number = this.#numbers.get(node.name);
    if (number === undefined || this.#from.at(number) === 0) {
      this.put(node);
      return;
    }
    this.#lastName = undefined;
    let joined = this.#joined.get(number);
    if (!joined) this.#joined.set(number, (joined = new JoinedNode(this.#node(number))));
    joined.add(node);
  }

  /** Adds a target, replacing any existing one of that name. */
  put({ name, needs, recipe, phony, also, rules }: GraphNode): void {
    const number = this.#number(name);
    this.#lastName = undefined;
    this.#joined.delete(number);
    if (this.#from.at(number) === 0) this.#targets.push(number);
    this.#from.set(number, this.#needs.length + 1);
    for (const need of needs) this.#needs.push(this.#number(need));
    this.#to.set(number, this.#needs.length);
    this.#kind.set(number, (recipe ? RECIPE : 0) | (phony ? PHONY : 0));
    if (also || rules) this.#rare.set(number, { ...(also && { also }), ...(rules && { rules }) });
    else this.#rare.delete(number);
  }

  has(name: string): boolean {
    const number = this.#numbers.get(name);
    return number !== undefined && this.#from.at(number) > 0;
  }

  get(name: string): GraphNode | undefined {
    if (name === this.#lastName) return this.#lastNode;
    const number = this.#numbers.get(name);
    this.#lastNode = number === undefined || this.#from.at(number) === 0 ? undefined : this.#node(number);
    this.#lastName = name;
    return this.#lastNode;
  }

  *keys(): MapIterator<string> {
    for (let i = 0; i < this.#targets.length; i++) yield this.#names[this.#targets.at(i)]!;
  }

  *values(): MapIterator<GraphNode> {
    for (let i = 0; i < this.#targets.length; i++) yield this.#node(this.#targets.at(i));
  }

  /** Replaces the nodes of this graph by those of another one. */
  putAll(newer: Graph): void {
    for (const node of newer.values()) this.put(node);
  }

  #node(number: number): GraphNode {
    const joined = this.#joined.get(number);
    if (joined) return joined.node();
    const from = this.#from.at(number) - 1;
    const needs = new Array<string>(this.#to.at(number) - from);
    for (let i = 0; i < needs.length; i++) needs[i] = this.#names[this.#needs.at(from + i)]!;
    const kind = this.#kind.at(number);
    return {
      name: this.#names[number]!,
      needs,
      recipe: (kind & RECIPE) !== 0,
      ...(kind & PHONY ? { phony: true } : {}),
      ...this.#rare.get(number),
    };
  }

  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.length;
    this.#numbers.set(name, number);
    this.#names.push(name);
    this.#from.push(0);
    this.#to.push(0);
    this.#kind.push(0);
    return number;
  }
}

/**
 * Returns `older` with the nodes of `newer` replacing its own. Several nodes of one name in `newer` become
 * one node with the needs of all.
 */
export function mergeGraphs(older: Graph | undefined, newer: Iterable<GraphNode>): FlatGraph {
  const over = new FlatGraph();
  for (const node of newer) over.add(node);
  if (!older) return over;
  const merged = new FlatGraph();
  merged.putAll(older);
  merged.putAll(over);
  return merged;
}

/** Several nodes of one name joined into one. Each additional one costs only what it adds. */
class JoinedNode {
  readonly #first: GraphNode;
  readonly #needs: Set<string>;
  /** Two or more rules. If there are fewer, the whole node is one rule. */
  #rules: (readonly string[])[];
  #recipe: boolean;
  #node: GraphNode | undefined;

  constructor(first: GraphNode) {
    this.#first = first;
    this.#needs = new Set(first.needs);
    this.#rules = [...(first.rules ?? [])];
    this.#recipe = first.recipe;
  }

  add(node: GraphNode): void {
    const rules = node.rules ?? (node.recipe ? [node.needs] : []);
    if (rules.length > 0 && this.#rules.length === 0 && this.#recipe) this.#rules = [[...this.#needs]];
    if (rules.length + this.#rules.length > 1) for (const rule of rules) this.#rules.push(rule);
    for (const need of node.needs) this.#needs.add(need);
    this.#recipe ||= node.recipe;
    this.#node = undefined;
  }

  node(): GraphNode {
    this.#node ??= {
      ...this.#first,
      needs: [...this.#needs],
      recipe: this.#recipe,
      ...(this.#rules.length > 1 ? { rules: this.#rules } : {}),
    };
    return this.#node;
  }
}
