// The graphs of a build on the disk. What a line holds: record/graphs.ts.

import fs from 'node:fs';
import { isFailure } from '../model/failure.ts';
import type { InstanceGraph } from '../model/graph.ts';
import type { InstanceId } from '../model/ids.ts';
import { GraphReader, type StoredGraph, graphLine } from '../record/graphs.ts';
import { GrowingFile } from './growingfile.ts';
import { graphFile } from './layout.ts';
import { openPrivate, writeAll } from './privatefiles.ts';

/**
 * Appends an instance's graph to the graphs of a build.
 * @throws if the disk is full.
 */
export function appendGraph(folder: string, i: InstanceId, graph: InstanceGraph): void {
  const line = graphLine(i, graph);
  const fd = openPrivate(graphFile(folder), 'a');
  try {
    writeAll(fd, Buffer.from(`${line}\n`));
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Returns the graphs of a build by instance. Damaged lines are skipped. An instance without a graph has the
 * needs of its jobs.
 */
export function readGraphs(folder: string): Map<InstanceId, StoredGraph> {
  const reader = new GraphReader(new GrowingFile(graphFile(folder)));
  const graphs = new Map<InstanceId, StoredGraph>();
  const take = (found: readonly StoredGraph[]): void => {
    for (const one of found) {
      const known = graphs.get(one.i);
      if (known) known.graph.putAll(one.graph);
      else graphs.set(one.i, one);
    }
  };
  try {
    for (let found = reader.read(); found; found = reader.read()) take(found);
    take(reader.rest());
  } catch (error) {
    // The graphs that were read are valid.
    if (!isFailure(error)) throw error;
  } finally {
    reader.close();
  }
  return graphs;
}
