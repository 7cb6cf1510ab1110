// The graphs of a build, written and read back in chunks of any size.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { GraphNode } from '../../src/model/graph.ts';
import type { InstanceId } from '../../src/model/ids.ts';
import { GraphReader, type StoredGraph } from '../../src/record/graphs.ts';
import { appendGraph, readGraphs } from '../../src/store/graphs.ts';
import { GrowingFile } from '../../src/store/growingfile.ts';
import { graphFile } from '../../src/store/layout.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

const CALL = { tool: 'make', cwd: 'sub', argv: ['make', '-j4'], goals: ['all'] };

/** Names that look like the record around them. */
const ODD = [
  '"',
  '\\',
  '\\"',
  '],[',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  'a b',
  'ü✗',
  '\n',
  '"nodes":[',
  'all',
  '',
];

function folder(t: TestContext): string {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  return box.folder;
}

function randomNodes(random: Random): GraphNode[] {
  const name = (): string => random.pick(ODD) + random.pick(ODD) + String(random.below(4));
  const names = (most: number): string[] => Array.from({ length: random.below(most) }, name);
  return [...new Set(names(12))].map((one) => ({
    name: one,
    needs: names(5),
    recipe: random.chance(0.5),
    ...(random.chance(0.3) ? { phony: true as const } : {}),
    ...(random.chance(0.3) ? { also: names(3) } : {}),
  }));
}

function readInPieces(dir: string, chunk: number): StoredGraph[] {
  const reader = new GraphReader(new GrowingFile(graphFile(dir)), chunk);
  const found: StoredGraph[] = [];
  for (let more = reader.read(); more; more = reader.read()) found.push(...more);
  found.push(...reader.rest());
  reader.close();
  return found;
}

const contents = (graph: StoredGraph | undefined): unknown =>
  graph && { ...graph, graph: [...graph.graph.values()] };

test('graphs are read back in chunks of any size, with and without the last newline', (t) => {
  const dir = folder(t);
  const file = graphFile(dir);
  forSeeds(100, (seed) => {
    const random = new Random(seed);
    fs.rmSync(file, { force: true });
    const graphs = [0, 1, 2].map((i) => ({ i: i as InstanceId, nodes: randomNodes(random) }));
    for (const { i, nodes } of graphs) appendGraph(dir, i, { ...CALL, nodes });
    if (random.chance(0.3)) fs.truncateSync(file, fs.statSync(file).size - 1);
    const found = readInPieces(dir, 1 + random.below(random.chance(0.5) ? 5 : 300));
    assert.deepEqual(
      found.map(contents),
      graphs.map(({ i, nodes }) => ({ i, ...CALL, graph: nodes })),
    );
  });
});

test('the fields of a line may come in any order', (t) => {
  const dir = folder(t);
  const nodes = [
    ['a', ['b', 'c'], 1],
    ['b', [], 3, ['c']],
  ];
  const expected = [
    { name: 'a', needs: ['b', 'c'], recipe: true },
    { name: 'b', needs: [], recipe: true, phony: true, also: ['c'] },
  ];
  for (const record of [
    { i: 4, ...CALL, nodes },
    { ...CALL, nodes, i: 4 },
    { nodes, ...CALL, i: 4 },
  ]) {
    fs.writeFileSync(graphFile(dir), `${JSON.stringify(record)}\n`);
    assert.deepEqual([...readGraphs(dir).values()].map(contents), [{ i: 4, ...CALL, graph: expected }]);
  }
});

test('a damaged line is passed over, and its neighbours are read', (t) => {
  const dir = folder(t);
  const file = graphFile(dir);
  const good = (i: number): string => JSON.stringify({ i, ...CALL, nodes: [['a', ['b'], 1]] });
  for (const bad of [
    '',
    '{}',
    'null',
    good(1).slice(0, -3),
    good(1).slice(1),
    good(1).replace('"a"', '"a'),
    good(1).replace('["b"]', '[7]'),
    good(1).replace('"b"', '["b"]'),
    good(1).replace('"i":1', '"i":"1"'),
    good(1).replace('[["a",["b"],1]]', '[1]').replace('"nodes"', '"knots"'),
    '\0'.repeat(5000),
  ]) {
    fs.writeFileSync(file, [good(0), bad, good(2), ''].join('\n'));
    for (const chunk of [3, 1000])
      assert.deepEqual(
        readInPieces(dir, chunk).map(({ i }) => i),
        [0, 2],
        bad.slice(0, 80),
      );
  }
});

test('a graph that was written in parts is their sum, and newer parts replace older ones', (t) => {
  const dir = folder(t);
  const node = (name: string, ...needs: string[]): GraphNode => ({ name, needs, recipe: true });
  appendGraph(dir, 0 as InstanceId, { ...CALL, nodes: [node('a', 'x'), node('b', 'x')] });
  appendGraph(dir, 0 as InstanceId, { ...CALL, nodes: [node('b', 'y'), node('c')] });
  const { graph } = readGraphs(dir).get(0 as InstanceId)!;
  assert.deepEqual([...graph.values()], [node('a', 'x'), node('b', 'y'), node('c')]);
});

test('a missing file has no graphs, and a file created later is read', (t) => {
  const dir = folder(t);
  const reader = new GraphReader(new GrowingFile(graphFile(dir)));
  assert.equal(reader.read(), undefined);
  appendGraph(dir, 0 as InstanceId, { ...CALL, nodes: [] });
  assert.equal(reader.read()?.length, 1);
  assert.equal(reader.read(), undefined);
  reader.close();
});
