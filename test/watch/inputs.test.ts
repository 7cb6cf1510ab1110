// What counts as an input, what depends on it, how changes are collected, and which lines are printed.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { mergeGraphs } from '../../src/model/graph.ts';
import { Collector } from '../../src/watch/collector.ts';
import { WatchedFolders } from '../../src/watch/folders.ts';
import { BuildInputs, type NamedGraph } from '../../src/watch/inputs.ts';
import { reasonLine, watchingLine } from '../../src/watch/words.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { until } from '../rig/tree.ts';

function graph(nodes: Readonly<Record<string, string>>, folder = ''): NamedGraph {
  const all = Object.entries(nodes).map(([name, needs]) => ({
    name,
    needs: needs.split(' ').filter((need) => need !== '' && need !== '!'),
    recipe: !needs.startsWith('!'),
  }));
  return { graph: mergeGraphs(undefined, all), shown: (name) => folder + name };
}

test('inputs are what is needed and not made, by any of the graphs', () => {
  const top = graph({
    all: '! prog',
    prog: 'lib/lib.a main.o',
    'main.o': 'main.c util.h /usr/include/stdio.h',
  });
  const lib = graph({ 'lib.a': 'a.o', 'a.o': 'a.c ../util.h' }, 'lib/');
  const inputs = new BuildInputs(
    [top, { ...lib, shown: (name) => path.posix.join('lib', name) }],
    ['Makefile'],
  );
  assert.deepEqual([...inputs.inputs].sort(), ['Makefile', 'lib/a.c', 'main.c', 'util.h']);
  assert.deepEqual(inputs.targetsOf(['util.h']).sort(), ['lib/a.o', 'lib/lib.a', 'main.o', 'prog']);
  assert.deepEqual(inputs.targetsOf(['lib/a.c']), ['lib/a.o', 'lib/lib.a', 'prog']);
  assert.deepEqual(inputs.targetsOf(['nosuch']), []);
  assert.ok(inputs.makes('prog') && inputs.makes('all') && !inputs.makes('main.c'));
});

test('targets that depend on each other end the search', () => {
  const inputs = new BuildInputs([graph({ a: 'b x', b: 'a' })]);
  assert.deepEqual(inputs.targetsOf(['x']).sort(), ['a', 'b']);
});

test('the lines of a build', () => {
  const change = (name: string, gone = false): { name: string; gone: boolean } => ({ name, gone });
  for (const [changes, targets, line] of [
    [[], undefined, '▸ watch: first build'],
    [[change('src/sds.h')], 74, '▸ watch: src/sds.h changed → 74 targets'],
    [[change('a.c')], 1, '▸ watch: a.c changed → 1 target'],
    [[change('a.c', true)], 0, '▸ watch: a.c removed → 0 targets'],
    [[change('a.c', true), change('b.c')], undefined, '▸ watch: a.c, b.c changed'],
    [
      ['a', 'b', 'c', 'd', 'e'].map((name) => change(name)),
      9,
      '▸ watch: a, b, c and 2 more changed → 9 targets',
    ],
  ] as const)
    assert.equal(reasonLine(changes, targets, false), line);
  assert.equal(reasonLine([change('a.c')], 2, true), '> watch: a.c changed -> 2 targets');
  assert.deepEqual([watchingLine(1), watchingLine(312)], ['watching 1 file', 'watching 312 files']);
});

test('changes are one until it is quiet, also while more is known to come', async () => {
  let ready = 0;
  let busy = true;
  const collector = new Collector({ quietMs: 20, mostMs: 60_000, busy: () => busy, ready: () => ready++ });
  for (const name of ['a', 'b', 'a']) collector.add(name);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(ready, 0);
  busy = false;
  await until('it is ready', () => ready === 1);
  assert.deepEqual(collector.take(), ['a', 'b']);
  assert.equal(collector.names.size, 0);
  collector.add('c');
  await until('it is ready again', () => ready === 2);
});

test('a file that is written all the time does not hold changes up for ever', async (t) => {
  let ready = false;
  const setting = { quietMs: 60, mostMs: 90, busy: () => false, ready: () => (ready = true) };
  const collector = new Collector(setting);
  const writer = setInterval(() => {
    if (!ready) collector.add('a');
  }, 5);
  t.after(() => {
    clearInterval(writer);
  });
  await until('it is ready', () => ready);
});

test('what comes while nobody takes it is asked for again', async () => {
  let ready = 0;
  const collector = new Collector({ quietMs: 10, mostMs: 60_000, busy: () => false, ready: () => ready++ });
  collector.check();
  collector.add('a');
  await until('it is ready', () => ready === 1);
  collector.check();
  await until('it is ready again', () => ready === 2);
  collector.add('b');
  await until('more is told, too', () => ready === 3);
  assert.deepEqual(collector.take(), ['a', 'b']);
});

test('files are seen that change, go, come back, are replaced, and come with new folders', async (t) => {
  const box = new Sandbox();
  const changed: string[] = [];
  const other: string[] = [];
  const folders = new WatchedFolders(box.folder, {
    changed: (name) => changed.push(name),
    other: (name) => other.push(name),
    exhausted: (code) => {
      throw new Error(code);
    },
  });
  t.after(() => {
    folders.close();
    box.remove();
  });
  const names = ['a.c', 'src/b.c', 'src/deep/er/c.c', 'new/folder/d.c'];
  for (const name of names.slice(0, 3)) box.write(name, 'x');
  assert.deepEqual(folders.set(new Set(names)), []);
  assert.equal(folders.count, 3);
  const seen = async (name: string): Promise<void> => {
    await until(`${name} is seen`, () => changed.includes(name));
    changed.length = 0;
  };
  box.write('a.c', 'xy');
  await seen('a.c');
  box.write('src/b.c.new', 'z');
  fs.renameSync(box.path('src/b.c.new'), box.path('src/b.c'));
  await seen('src/b.c');
  fs.rmSync(box.path('src/b.c'));
  await seen('src/b.c');
  box.write('new/folder/d.c', 'at once');
  await seen('new/folder/d.c');
  box.write('new/folder/d.c', 'and again');
  await seen('new/folder/d.c');
  fs.renameSync(box.path('src/deep'), box.path('src/gone'));
  await seen('src/deep/er/c.c');
  box.write('src/deep/er/c.c', 'back');
  await seen('src/deep/er/c.c');
  box.write('src/deep/er/c.c', 'back, and changed');
  await seen('src/deep/er/c.c');
  other.length = 0;
  box.write('src/b.c~', 'a backup');
  await until('the rest is told apart', () => other.includes('src/b.c~'));
  assert.deepEqual(changed, []);
  folders.set(new Set(['a.c']));
  assert.equal(folders.count, 1);
  box.write('src/deep/er/c.c', 'not watched any more');
  box.write('a.c', 'xyz');
  await seen('a.c');
});

test('10,000 files that change at once are all seen', async (t) => {
  const box = new Sandbox();
  const changed = new Set<string>();
  const folders = new WatchedFolders(box.folder, {
    changed: (name) => changed.add(name),
    other: () => undefined,
    exhausted: (code) => {
      throw new Error(code);
    },
  });
  t.after(() => {
    folders.close();
    box.remove();
  });
  const names = Array.from({ length: 10_000 }, (_, i) => `d${i % 100}/f${i}`);
  for (const name of names) box.write(name, 'x');
  folders.set(new Set(names));
  for (const name of names) fs.writeFileSync(box.path(name), 'xy');
  await until('most are seen', () => changed.size > 1000);
  folders.look();
  assert.equal(changed.size, 10_000);
});

test('where the system watches no more folders, all of them are looked at, and the limit is told once', async (t) => {
  const box = new Sandbox();
  const changed: string[] = [];
  const codes: string[] = [];
  const { watch } = fs;
  let allowed = 2;
  t.mock.method(fs, 'watch', (...args: Parameters<typeof watch>) => {
    if (allowed-- > 0) return watch(...args);
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  });
  const folders = new WatchedFolders(box.folder, {
    changed: (name) => changed.push(name),
    other: () => undefined,
    exhausted: (code) => codes.push(code),
  });
  t.after(() => {
    folders.close();
    box.remove();
  });
  const names = ['a', 'one/b', 'two/c', 'three/d'];
  for (const name of names) box.write(name, 'x');
  folders.set(new Set(names));
  assert.deepEqual([codes, folders.count], [['ENOSPC'], 4]);
  for (const name of names) box.write(name, 'xy');
  await until('all are seen', () => changed.length === 4);
  assert.deepEqual(changed.sort(), [...names].sort());
  // Also folders that come later.
  box.write('four/e', 'x');
  folders.set(new Set([...names, 'four/e']));
  box.write('four/e', 'xy');
  await until('it is seen', () => changed.includes('four/e'));
  assert.deepEqual(codes, ['ENOSPC']);
});
