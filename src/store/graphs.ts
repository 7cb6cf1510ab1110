// The graphs of a build: one line an instance, {"i":0,"tool":"make",…} with its nodes.

import fs from 'node:fs';
import type { GraphNode, InstanceGraph } from '../model/graph.ts';
import type { InstanceId } from '../model/ids.ts';
import { graphFile } from './layout.ts';
import { openPrivate, writeAll } from './owner.ts';

/** A node as it is written: name, needs, what it is, also. */
type NodeRecord = readonly [string, readonly string[], number, (readonly string[])?];

/** Bits of what a node is. */
const RECIPE = 1;
const PHONY = 2;

interface GraphRecord extends Omit<InstanceGraph, 'nodes'> {
  readonly i: InstanceId;
  readonly nodes: readonly NodeRecord[];
}

/** Adds an instance's graph to a build's. @throws where the disk is full. */
export function appendGraph(folder: string, i: InstanceId, graph: InstanceGraph): void {
  const nodes = graph.nodes.map(({ name, needs, recipe, phony, also }): NodeRecord => {
    const kind = (recipe ? RECIPE : 0) | (phony ? PHONY : 0);
    return also ? [name, needs, kind, also] : [name, needs, kind];
  });
  const record: GraphRecord = { ...graph, i, nodes };
  const fd = openPrivate(graphFile(folder), 'a');
  try {
    writeAll(fd, Buffer.from(`${JSON.stringify(record)}\n`));
  } finally {
    fs.closeSync(fd);
  }
}

/** The graphs of a build by instance. Damaged lines are passed over: without its graph, an instance has the needs of its jobs. */
export function readGraphs(folder: string): Map<InstanceId, InstanceGraph> {
  const graphs = new Map<InstanceId, InstanceGraph>();
  let text: string;
  try {
    text = fs.readFileSync(graphFile(folder), 'utf8');
  } catch {
    return graphs;
  }
  for (const line of text.split('\n')) {
    const graph = parseGraph(line);
    if (graph) graphs.set(graph.i, graph);
  }
  return graphs;
}

/** A graph from a line of the file; undefined where it is none. */
export function parseGraph(line: string): (InstanceGraph & { readonly i: InstanceId }) | undefined {
  const record = parse(line);
  if (!record) return undefined;
  const nodes = record.nodes.map(([name, needs, kind, also]): GraphNode => ({
    name,
    needs,
    recipe: (kind & RECIPE) !== 0,
    ...(kind & PHONY ? { phony: true } : {}),
    ...(also ? { also } : {}),
  }));
  return { ...record, nodes };
}

function parse(line: string): GraphRecord | undefined {
  try {
    const value = JSON.parse(line) as GraphRecord;
    const whole =
      Number.isSafeInteger(value.i) &&
      typeof value.tool === 'string' &&
      typeof value.cwd === 'string' &&
      isNames(value.argv) &&
      isNames(value.goals) &&
      Array.isArray(value.nodes) &&
      value.nodes.every(
        (node) =>
          Array.isArray(node) &&
          typeof node[0] === 'string' &&
          isNames(node[1]) &&
          (node[3] === undefined || isNames(node[3])),
      );
    return whole ? value : undefined;
  } catch {
    return undefined;
  }
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
