// What the tasks of a monorepo need, from the files of turbo, nx, lerna and wireit.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { sortedByLerna, tasksForAll } from '../../src/capture/hooks/runners/commandline.ts';
import { readGraph } from '../../src/capture/hooks/runners/graph.ts';
import { parseJson } from '../../src/capture/hooks/runners/json.ts';
import { nxTasks } from '../../src/capture/hooks/runners/nx.ts';
import { type Tasks, graphFrom, topsOf } from '../../src/capture/hooks/runners/tasks.ts';
import { readWorkspaces } from '../../src/capture/hooks/runners/workspaces.ts';
import { tree } from '../rig/tree.ts';

const pack = (name: string | undefined, scripts: readonly string[], more: object = {}): string =>
  JSON.stringify({ name, scripts: Object.fromEntries(scripts.map((one) => [one, `echo ${one}`])), ...more });

const uses = (...names: readonly string[]): object => ({
  dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
});

const unexpected = (note: string): never => {
  throw new Error(note);
};

/** Each node as `name: need, need`; `(…)` if it has no script. */
const asText = (nodes: ReturnType<typeof graphFrom>): string[] =>
  nodes.map(({ name, needs, recipe }) => `${recipe ? name : `(${name})`}: ${needs.join(', ')}`).sort();

const all = (tasks: Tasks): string[] => asText(graphFrom(tasks, tasks.keys()));

const MONOREPO = {
  'package.json': pack('mono', ['lint'], { workspaces: ['packages/*', '!packages/old'], ...uses('@w/c') }),
  'packages/a/package.json': pack('@w/a', ['build', 'prebuild', 'postbuild', 'test'], uses('@w/b', 'react')),
  'packages/b/package.json': pack('@w/b', ['test'], { devDependencies: { '@w/c': '*' } }),
  'packages/c/package.json': pack('@w/c', ['build', 'gen']),
  'packages/old/package.json': pack('@w/old', ['build']),
  'packages/none/file': '',
};

interface Asked {
  readonly argv: readonly string[];
  readonly ran: readonly string[];
  readonly tool?: string;
  readonly around?: string;
}

test('turbo: needs from turbo.json and the packages; a package without the script passes on what it needs', (t) => {
  const it = tree(t, {
    ...MONOREPO,
    'turbo.json': `{
      // As turbo allows:
      "$schema": "https://turbo.build/schema.json", /* a comment */
      "tasks": {
        "build": { "dependsOn": ["^build", "$OLD_VARIABLE"] },
        "test": { "dependsOn": ["build", "@w/c#gen"], },
        "@w/c#build": { "dependsOn": ["gen"] },
        "gen": {}, "//#lint": { "dependsOn": ["@w/a#test"] },
      },
    }`,
  });
  const graph = ({ argv, ran }: Asked): ReturnType<typeof readGraph> =>
    readGraph(
      {
        tool: 'turbo',
        argv,
        cwd: it.dir,
        around: 'mono all',
        ran: ran.map((name) => ({ name, folder: it.path('packages/a') })),
      },
      unexpected,
    );
  const nodes = graph({ argv: ['turbo', 'run', 'test', '--concurrency', '2'], ran: ['@w/c gen'] });
  assert.deepEqual(asText(nodes), [
    '(@w/b build): @w/c build',
    '@w/a build: @w/a prebuild',
    '@w/a prebuild: @w/b build',
    '@w/a test: @w/a build, @w/c gen',
    '@w/b test: @w/b build, @w/c gen',
    '@w/c build: @w/c gen',
    '@w/c gen: ',
  ]);
  assert.deepEqual(topsOf(nodes), ['@w/a test', '@w/b test']);
  // What was left out on the command line is not in the graph.
  const some = graph({ argv: ['turbo', 'run', 'test', '--filter=@w/b...'], ran: ['@w/b test'] });
  assert.deepEqual(asText(some), [
    '(@w/b build): @w/c build',
    '@w/b test: @w/b build, @w/c gen',
    '@w/c build: @w/c gen',
    '@w/c gen: ',
  ]);
  const root = graph({ argv: ['turbo', 'run', 'lint'], ran: [] });
  assert.deepEqual(root, []);
  const lint = graph({ argv: ['turbo', 'run', 'lint'], ran: ['mono lint'] });
  assert.equal(lint[0]?.needs.join(), '@w/a test');
});

test("turbo: a package's own turbo.json goes before the root's, and extends it where it says so", (t) => {
  const it = tree(t, {
    ...MONOREPO,
    'turbo.json':
      '{ "pipeline": { "build": { "dependsOn": ["^build"] }, "test": { "dependsOn": ["build"] } } }',
    'packages/a/turbo.json': `{ "extends": ["//"], "tasks": {
      "build": { "dependsOn": [] }, "test": { "dependsOn": ["$TURBO_EXTENDS$", "@w/c#gen"] }, "gen": {} } }`,
  });
  const ran = [{ name: '@w/a test', folder: it.path('packages/a') }];
  const nodes = readGraph({ tool: 'turbo', argv: ['turbo'], cwd: '', around: '', ran }, unexpected);
  assert.deepEqual(asText(nodes), ['@w/a build: @w/a prebuild', '@w/a prebuild: ', '@w/a test: @w/a build']);
});

test('a damaged file means no needs, and a note that names it; a missing one means none', (t) => {
  const it = tree(t, { ...MONOREPO, 'turbo.json': '{ "tasks": { "build": ' });
  const graph = (tool: string): { nodes: number; notes: string[] } => {
    const notes: string[] = [];
    const ran = [{ name: '@w/a build', folder: it.path('packages/a') }];
    const run = { tool, argv: [tool], cwd: '', around: '', ran };
    return { nodes: readGraph(run, (text) => notes.push(text)).length, notes };
  };
  const { nodes, notes } = graph('turbo');
  assert.equal(nodes, 0);
  assert.equal(notes.filter((note) => note.startsWith(`${it.path('turbo.json')}: `)).length, notes.length);
  assert.ok(notes.length > 0);
  assert.deepEqual(graph('nx'), { nodes: 0, notes: [] });
  for (const text of [
    '[]',
    'null',
    '{"tasks": [1, {"build": 3}]}',
    '{"tasks": {"build": {"dependsOn": {}}}}',
  ]) {
    it.write({ 'turbo.json': text });
    assert.deepEqual(graph('turbo').notes, []);
  }
  it.write({
    'nx.json': '{}',
    '.nx/workspace-data/project-graph.json': '{"nodes": {"a": 1}, "dependencies": 7}',
  });
  assert.deepEqual(graph('nx'), { nodes: 0, notes: [] });
  fs.rmSync(it.path('packages/a/package.json'));
  assert.deepEqual(graph('wireit'), { nodes: 0, notes: [] });
});

test('comments and commas are taken out of JSON, but not out of its texts', () => {
  const text = '\ufeff{"a": "//, }", /* , } */ "b\\"//": [1, 2, // three\n ], }';
  assert.deepEqual(parseJson(text), { a: '//, }', 'b"//': [1, 2] });
  assert.throws(() => parseJson('{"a": ,}'), SyntaxError);
  assert.deepEqual(parseJson('[1]'), {});
});

test('long texts in JSON are read, and a comment or text without an end is no JSON, however long', () => {
  const long = 'x\n'.repeat(5_000_000);
  assert.deepEqual(parseJson(JSON.stringify({ long })), { long });
  // In quadratic time, an hour.
  for (const text of ['/*x'.repeat(1_000_000), `"${'\\"'.repeat(1_000_000)}`])
    assert.throws(() => parseJson(`{ "a": ${text}`), SyntaxError);
});

test('workspaces of npm, yarn and pnpm', (t) => {
  const it = tree(t, MONOREPO);
  const found = (): string[] => readWorkspaces(it.dir).map(({ folder, name }) => `${folder}=${name}`);
  assert.deepEqual(found(), ['=mono', 'packages/a=@w/a', 'packages/b=@w/b', 'packages/c=@w/c']);
  it.write({
    'package.json': pack('mono', []),
    'pnpm-workspace.yaml': `# comment
packages:
  # more of it
  - 'packages/**'
  - "!**/old"
  - apps/web # one
catalog:
  - none/*
`,
    'packages/deep/er/package.json': pack(undefined, []),
    'packages/a/node_modules/x/package.json': pack('x', []),
    'apps/web/package.json': pack('web', []),
  });
  assert.deepEqual(found(), [
    '=mono',
    'apps/web=web',
    'packages/a=@w/a',
    'packages/b=@w/b',
    'packages/c=@w/c',
    'packages/deep/er=er',
  ]);
  it.write({ 'pnpm-workspace.yaml': "packages:\r\n  # a list\r\n  - 'packages/a'\r\n  - apps/web\r\n" });
  assert.deepEqual(found(), ['=mono', 'apps/web=web', 'packages/a=@w/a'], 'lines that end as on Windows');
});

test("nx: needs from its project graph; lerna's order of packages where no file has one", () => {
  const file = path.join(import.meta.dirname, 'fixtures/nx-project-graph.json');
  const graph = parseJson(fs.readFileSync(file, 'utf8'));
  assert.deepEqual(
    all(nxTasks(graph, new Set())),
    [
      '(@w/b build): @w/c build',
      '@w/a build: @w/b build, tool make',
      '@w/a test: @w/a build',
      '@w/b test: ',
      '@w/c build: @w/c prebuild',
      '@w/c gen: ',
      '@w/c prebuild: @w/c gen, @w/c gen:types',
      '@w/c gen:types: ',
      '(tool make): ',
    ].sort(),
  );
  const lerna = all(nxTasks(graph, new Set(['test'])));
  assert.ok(lerna.includes('@w/b test: @w/c test'), lerna.join('\n'));
});

test('wireit: needs from the sections of the packages that are reached', (t) => {
  const it = tree(t, {
    'package.json': pack('mono', ['all', 'lint', 'tsc'], {
      wireit: {
        all: { dependencies: ['./a:build', 'lint', './none:build', './b/../a:build'] },
        lint: { command: 'eslint', dependencies: [{ script: 'tsc', cascade: false }] },
      },
    }),
    'a/package.json': pack('@w/a', ['build'], {
      wireit: { build: { command: 'b', dependencies: ['../b:build:all'] } },
    }),
    'b/package.json': pack(undefined, [], {
      wireit: { 'build:all': { command: 'c', dependencies: ['../a:build'] } },
    }),
  });
  const ran = [
    { name: '@w/a build', folder: it.path('a') },
    { name: 'mono lint', folder: it.dir },
  ];
  const run = { tool: 'wireit', argv: ['wireit'], cwd: it.dir, around: 'mono all', ran };
  assert.deepEqual(asText(readGraph(run, unexpected)), [
    '(mono all): @w/a build, mono lint',
    '@w/a build: b build:all',
    'b build:all: @w/a build',
    'mono lint: mono tsc',
    'mono tsc: ',
  ]);
});

test('the tasks that a command line asks of all packages', () => {
  const words = (tool: string, line: string): string[] => tasksForAll(tool, line.split(' '));
  assert.ok(words('turbo', 'turbo run build test --force').includes('test'));
  assert.ok(words('turbo', '/x/turbo build -- test').includes('build'));
  assert.ok(!words('turbo', '/x/turbo build -- test').includes('test'));
  for (const some of ['-F a', '-Fa', '--filter=a', '--filter a', '--affected'])
    assert.deepEqual(words('turbo', `turbo run build ${some}`), []);
  for (const line of ['-t build test', '--target=build,test', '--targets build,test'])
    assert.ok(
      ['build', 'test'].every((one) => words('nx', `node nx run-many ${line}`).includes(one)),
      line,
    );
  for (const line of [
    'run-many -t build -p a',
    'run-many -t build --exclude=a',
    'affected -t build',
    'build a',
  ])
    assert.deepEqual(words('nx', `node nx ${line}`), [], line);
  assert.ok(words('nx', 'node /m/.bin/lerna run build --stream').includes('build'));
  assert.deepEqual(words('nx', 'node /m/.bin/lerna run build --scope a'), []);
  const lerna = (line: string): string | undefined =>
    sortedByLerna(['node', '/m/.bin/lerna', ...line.split(' ')]);
  assert.equal(lerna('run --stream build'), 'build');
  assert.equal(lerna('run build --no-sort'), undefined);
  assert.equal(lerna('run build --parallel'), undefined);
  assert.equal(sortedByLerna(['node', '/m/.bin/nx', 'run-many', '-t', 'build']), undefined);
});
