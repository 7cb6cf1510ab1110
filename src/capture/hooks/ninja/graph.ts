// Makes a graph of targets from a manifest. Knows no job.

import type { GraphNode } from '../../../model/graph.ts';
import type { Edge, Manifest } from './manifest.ts';
import { readDyndeps } from './parser.ts';
import { canonical } from './scope.ts';

/**
 * The graph of what the goals need.
 * @param cwd the folder in which ninja runs: dyndep files are relative to it.
 * @param wanted the goals of the command line; if there are none, ninja's defaults.
 */
export function graphOf(
  manifest: Manifest,
  cwd: string,
  wanted: readonly string[],
): { nodes: GraphNode[]; goals: string[] } {
  const goals = wanted.length > 0 ? wanted.map((goal) => goalOf(manifest, goal)) : [...manifest.roots()];
  const dyndeps = manifest.hasDyndeps ? readDyndeps(manifest, cwd) : undefined;
  const nodes: GraphNode[] = [];
  const done = new Set<Edge>();
  // ninja makes its own manifest first, before it looks at the goals.
  const stack = [...goals, ...manifest.files].reverse();
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    const edge = manifest.making(name);
    if (!edge || done.has(edge)) continue;
    done.add(edge);
    const [first = '', ...others] = edge.outputs;
    const needs = [...edge.needs, ...(dyndeps?.get(edge) ?? [])];
    nodes.push({
      name: first,
      needs,
      recipe: !edge.phony,
      ...(edge.phony ? { phony: true } : {}),
      ...(others.length > 0 ? { also: others } : {}),
    });
    // One command makes all outputs: a need for any of them is a need for the first.
    for (const other of others) nodes.push({ name: other, needs: [first], recipe: false, also: [first] });
    for (let i = needs.length - 1; i >= 0; i--) stack.push(needs[i] ?? '');
  }
  return { nodes, goals };
}

/** `file^` is the first output that is made from the file. */
function goalOf(manifest: Manifest, goal: string): string {
  if (!goal.endsWith('^')) return canonical(goal);
  const source = canonical(goal.slice(0, -1));
  return manifest.edges.find((edge) => edge.needs.includes(source))?.outputs[0] ?? source;
}
