// A graph of targets with shared needs, and what a build of it prints.

import { Random } from './seeded.ts';

/** Needs by target, in order. `t0` is the goal. */
export type TargetGraph = ReadonlyMap<string, readonly string[]>;

/**
 * Each target needs later ones only, so that there is no cycle. Every target except the first is needed by an
 * earlier one.
 */
export function randomGraph(seed: number, targets: number): TargetGraph {
  const random = new Random(seed);
  const name = (i: number): string => `t${i}`;
  const graph = new Map(Array.from({ length: targets }, (_, i): [string, string[]] => [name(i), []]));
  for (let i = 1; i < targets; i++) {
    const parents = new Set([random.below(i)]);
    if (random.chance(0.6)) parents.add(random.below(i));
    if (random.chance(0.3)) parents.add(random.below(i));
    for (const parent of parents) graph.get(name(parent))!.push(name(i));
  }
  return graph;
}

/**
 * Returns what show prints for a target: its needs, depth first, each once.
 * @param text a target's own output.
 */
export function shownGraph(
  graph: TargetGraph,
  target: string,
  text = (name: string) => `building ${name}\n`,
): string {
  const seen = new Set<string>();
  const visit = (name: string, depth: number): string => {
    if (seen.has(name)) return '';
    seen.add(name);
    const indent = '  '.repeat(depth);
    const below = graph
      .get(name)!
      .map((need) => visit(need, depth + 1))
      .join('');
    const resumed = below === '' ? '' : `${indent}▸ ${name} (resumed)\n`;
    return `${indent}▸ ${name}\n${below}${resumed}${text(name)}`;
  };
  return visit(target, 0);
}

/**
 * The targets that a change of this one makes out of date: itself and everything that needs it, directly or
 * indirectly.
 */
export function dependents(graph: TargetGraph, target: string): Set<string> {
  const found = new Set([target]);
  // Needs come later, so one pass from the end is enough.
  for (const [name, needs] of [...graph].reverse())
    if (needs.some((need) => found.has(need))) found.add(name);
  return found;
}
