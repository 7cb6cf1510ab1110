// The same graph of 200 targets with shared needs, written for make, for ninja, for redo and as scripts with
// `loglin --once`: show prints the same text for all of them, except for the tools' own lines.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { randomGraph, shownGraph } from '../rig/graphs.ts';
import { LOGLIN, type Tree, needs, tree, wants } from '../rig/tree.ts';

const GRAPH = randomGraph(42, 200);

async function showsTheGraph(it: Tree, command: readonly string[], own = /^$/): Promise<void> {
  const { end, stderr } = await it.run([LOGLIN, ...command]);
  assert.equal(stderr, '');
  assert.equal(end, 'exit 0');
  const lines = (await it.show()).split('\n');
  assert.equal(lines.filter((line) => line === '' || !own.test(line)).join('\n'), shownGraph(GRAPH, 't0'));
}

test('200 targets: make gives the shared text', async (t: TestContext) => {
  const rules = [...GRAPH].map(([name, list]) => `${name}: ${list.join(' ')}\n\t@echo building ${name}\n`);
  const it = tree(t, { Makefile: rules.join('') });
  for (const jobs of ['-j1', '-j4', '-j16']) await showsTheGraph(it, ['make', jobs]);
});

test('200 targets: ninja gives the shared text', async (t: TestContext) => {
  if (!needs(t, 'ninja')) return;
  const edges = [...GRAPH].map(([name, list]) => `build ${name}: say ${list.join(' ')}\n`);
  const manifest = `rule say\n  command = echo building $out && touch $out\n${edges.join('')}`;
  for (const jobs of ['-j1', '-j4', '-j16'])
    await showsTheGraph(tree(t, { 'build.ninja': manifest }), ['ninja', jobs], /^echo building/);
});

test('200 targets: scripts that run their needs at once give the shared text, and run each target once', async (t: TestContext) => {
  const scripts = [...GRAPH].map(([name, list]): [string, string] => {
    const launches = list.map((need) => `"$LOGLIN_BIN" --once -t ${need} ./${need}.sh &\n`).join('');
    return [`${name}.sh`, `#!/bin/sh\n${launches}wait\necho building ${name}\n`];
  });
  const it = tree(t, Object.fromEntries(scripts));
  await showsTheGraph(it, ['-t', 't0', './t0.sh']);
});

test('200 targets: redo gives the shared text', async (t: TestContext) => {
  if (!wants(t, 'redo') || !needs(t, 'sqlite3')) return;
  const rules = [...GRAPH].map(([name, list]): [string, string] => [
    `${name}.do`,
    `redo-ifchange ${list.join(' ')}\necho building ${name} >&2\necho ${name}\n`,
  ]);
  const it = tree(t, Object.fromEntries(rules));
  await showsTheGraph(it, ['redo', '-j4', 't0']);
});
