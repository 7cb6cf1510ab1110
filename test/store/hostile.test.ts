// Stores damaged by an attacker or by a disk: each fault that fuzzing (test/fuzz) found, with the right
// behaviour. Absurd numbers, links that lead out, FIFOs without a writer, a few bytes that stand for much.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, after, test } from 'node:test';
import { Group } from '../../src/linearize/group.ts';
import { Causes } from '../../src/linearize/causes.ts';
import { Walk } from '../../src/linearize/walk.ts';
import { emptyBuild, reduce, setGraph } from '../../src/model/reduce.ts';
import type { BuildEvent } from '../../src/model/events.ts';
import { FlatGraph, type GraphNode, mergeGraphs } from '../../src/model/graph.ts';
import type { InstanceId } from '../../src/model/ids.ts';
import { indexSpaced, splitNames } from '../../src/model/namelist.ts';
import { listBuilds, summarise } from '../../src/store/builds.ts';
import { collect } from '../../src/store/gc.ts';
import { readGraphs } from '../../src/store/graphs.ts';
import { History } from '../../src/store/history.ts';
import {
  buildFolder,
  graphFile,
  historyFile,
  journalFile,
  logsFolder,
  sizeFile,
  thinnedFile,
} from '../../src/store/layout.ts';
import { tryLock } from '../../src/store/lock.ts';
import { openBuild } from '../../src/store/reader.ts';
import { liveness } from '../../src/store/running.ts';
import { buildSize } from '../../src/store/sizes.ts';
import { criticalPath } from '../../src/timing/critical.ts';
import { type Ran, run } from '../rig/inprocess.ts';
import { judge } from '../rig/judge.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { Random, forSeeds } from '../rig/seeded.ts';
import { journalText, storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { Watchdog } from '../rig/watchdog.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';

function story(name = 'make'): Story {
  const one = new Story(name).make(name, ['a']).start('a', { make: name }).say('a', 'said by a\n').end('a');
  return one.graph(name, { a: '' }).makeEnds(name).end(name);
}

/** A project with two builds; B is the last one. */
function project(t: TestContext): { box: Sandbox; store: string; folder: string } {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  const store = box.path('.loglin');
  storeBuild(store, story(), { id: A });
  return { box, store, folder: storeBuild(store, story(), { id: B }) };
}

/** Reports and ends a command that does not finish. */
const dog = new Watchdog(60_000);
after(() => dog.end());

/**
 * Runs a command in this process and checks that it ends, opens nothing outside its folder, and prints only
 * loglin's own lines on stderr.
 */
async function loglin(box: Sandbox, name: string, ...args: string[]): Promise<Ran> {
  dog.begin([name, ...args].join(' '));
  const store = ['--store', box.path('.loglin')];
  const words = name === 'completion' ? [name, ...args, ...store] : [name, ...store, ...args];
  const ran = await run(words, [box.path('.loglin')]);
  judge([name, ...args], ran);
  for (const line of ran.stderr.split('\n')) assert.match(line, /^(loglin: .*)?$/, name);
  return ran;
}

function changeLine(file: string, number: number, changes: object): void {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const at = number < 0 ? lines.length + number : number;
  lines[at] = JSON.stringify({ ...(JSON.parse(lines[at]!) as object), ...changes });
  fs.writeFileSync(file, lines.join('\n'));
}

// -- numbers and shapes ----------------------------------------------------------------------------------

for (const [what, changes] of [
  ['a time beyond the end of the world', { at: 1e300 }],
  ['a time that a Date just cannot hold', { at: 8.64e15 + 1 }],
  ['a time of another type', { at: 'x' }],
  ['a command that is none', { argv: 7 }],
  ['a word of a command that is none', { argv: ['make', {}] }],
  ['no command', { argv: undefined }],
  ['a name that is none', { name: [] }],
  ['a process beyond all', { pid: 2 ** 40 }],
] as const)
  test(`ls: a build with ${what} in its first record is damaged, and the others are listed`, async (t) => {
    const { box, folder } = project(t);
    changeLine(journalFile(folder), 0, changes);
    const text = await loglin(box, 'ls');
    assert.deepEqual([text.status, text.stderr], [0, '']);
    assert.match(
      text.stdout,
      new RegExp(`^${A} .* ok .*make\n${B} +damaged: the first record cannot be read\n$`),
    );
    const json = await loglin(box, 'ls', '--json');
    assert.deepEqual([json.status, json.stderr], [0, '']);
    const [first, last] = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(first?.state, 'finished');
    assert.deepEqual([last?.id, last?.state, last?.started, last?.argv], [B, 'damaged', null, null]);
    const shown = await loglin(box, 'show');
    assert.equal(shown.status, 1);
    assert.match(shown.stderr, /journal\.ndjson:1: not a record of a journal\n/);
    assert.equal(shown.stdout, '▸ a\nsaid by a\n');
    assert.match(
      (await loglin(box, 'completion', '--builds', '', '--')).stdout,
      new RegExp(`^${B}:damaged$`, 'm'),
    );
  });

for (const [what, changes] of [
  ['a status that is none', { status: 'x' }],
  ['no status', { status: undefined }],
  ['a signal 0', { status: { signal: 0 } }],
  ['a signal that no system has', { status: { signal: 128 } }],
  ['a status less than 0', { status: { exit: -1 } }],
  ['a time without an end', { t: 1e300 }],
  ['failures that are no number', { failed: 'x' }],
] as const)
  test(`ls: a build with ${what} in its last record has no end, and the others are listed`, async (t) => {
    const { box, folder } = project(t);
    changeLine(journalFile(folder), -2, changes);
    const { status, stdout, stderr } = await loglin(box, 'ls');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^${A} .* ok .*\n${B} .* interrupted +1 job +make\n$`));
    assert.doesNotMatch(stdout, /NaN|Infinity|undefined/);
  });

test('a recorded status of more than 8 bits is not 0', async (t) => {
  const { box, folder } = project(t);
  changeLine(journalFile(folder), -2, { status: { exit: 256 } });
  assert.equal((await loglin(box, 'show', '--exit-code')).status, 255);
  assert.match((await loglin(box, 'ls')).stdout, / exit 256 /);
});

test('a build of another version with other fields is named by its number and kept', async (t) => {
  const { box, store, folder } = project(t);
  changeLine(journalFile(folder), 0, { v: 2, argv: { of: 'another shape' }, at: 'then' });
  assert.match(
    (await loglin(box, 'ls')).stdout,
    new RegExp(`^${B} +version 2: use the loglin that wrote it$`, 'm'),
  );
  assert.equal(summarise(store, B).version, 2);
  assert.equal(summarise(store, B).started, undefined);
  storeBuild(store, story(), { id: '20260103-000000000-cccc' });
  await loglin(box, 'gc', '--keep', '1');
  assert.deepEqual(listBuilds(store), [B, '20260103-000000000-cccc']);
  assert.equal(summarise(store, A).version, undefined);
});

test('a process number that is invalid or stands for a group is not running', () => {
  for (const pid of [-1, 0, 0.5, 2 ** 31, 2 ** 53, 1e300, NaN])
    assert.equal(liveness({ pid }), 'gone', String(pid));
  assert.equal(liveness({ pid: process.pid }), 'running');
});

test('an instance with a number far ahead creates no others and takes no time', async (t) => {
  const { box, folder } = project(t);
  const file = journalFile(folder);
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, text.replace('"i":0,"tool"', '"i":99999,"tool"'));
  const { stdout, stderr, status } = await loglin(box, 'time');
  assert.equal(status, 1);
  assert.match(stderr, /journal\.ndjson: instance 99999 is out of turn\n/);
  assert.match(stdout, / a\n/);
  // So many records may have been lost, but not one for each of many records.
  const build = emptyBuild();
  const events = [
    { e: 'build', v: 1, id: 'x', at: 0, argv: ['make'], cwd: '', pid: 1 },
    { e: 'tool', t: 0, i: 9999, tool: 'make', j: 0, cwd: '', argv: [] },
  ] as unknown as BuildEvent[];
  for (const event of events) reduce(build, event);
  assert.equal(build.instances.length, 10_000);
  assert.equal(build.jobs[0]?.instances.length, 10_000);
  assert.throws(() => {
    reduce(build, { ...events[1], i: 12_000 } as BuildEvent);
  }, /out of turn/);
});

test('jobs and steps with numbers far ahead create about as many jobs as there are logs', (t) => {
  const { store, folder } = project(t);
  const file = journalFile(folder);
  const [first, ...rest] = fs.readFileSync(file, 'utf8').split('\n');
  const start = (j: number): object => ({ e: 'start', t: 1, j, name: `job ${j}`, parent: 0, at: 0 });
  const far = [900, 99_999, 5_000_000].map((j) => JSON.stringify(start(j)));
  const steps = [9000, 30_000, 99_999].map((s) =>
    JSON.stringify({ e: 'step', t: 1, j: 1, s, at: 0, argv: ['x'] }),
  );
  fs.writeFileSync(file, [first, ...rest.slice(0, -2), ...far, ...steps, ...rest.slice(-2)].join('\n'));
  const { build, problems } = openBuild(store, B);
  assert.equal(build.jobs.length, 901);
  assert.equal(build.jobs[900]?.name, 'job 900');
  assert.equal(build.jobs[1]?.steps.length, 9001);
  for (const what of ['job 99999', 'job 5000000', 'step 30000 of job 1', 'step 99999 of job 1'])
    assert.ok(problems.includes(`${file}: ${what} is out of turn`), what);
});

test('a journal of empty lines is refused in one line', async (t) => {
  const { box, store, folder } = project(t);
  fs.writeFileSync(journalFile(folder), '\n'.repeat(1_000_000));
  const shown = await loglin(box, 'show');
  assert.equal(shown.status, 125);
  assert.equal(
    shown.stderr,
    `loglin: ${journalFile(folder)}: no record is intact; the logs are in ${folder}/logs\n`,
  );
  // The same with an intact record.
  fs.appendFileSync(journalFile(folder), journalText(story().events));
  const { problems } = openBuild(store, B);
  assert.equal(problems.length, 1001);
  assert.equal(problems.at(-1), `${journalFile(folder)}: 999000 more such problems`);
});

// -- links, FIFOs, folders -------------------------------------------------------------------------------

/** Files of a build and of a store. */
const PLACES: Readonly<Record<string, (store: string) => string>> = {
  journal: (store) => journalFile(buildFolder(store, B)),
  graph: (store) => graphFile(buildFolder(store, B)),
  log: (store) => path.join(logsFolder(buildFolder(store, B)), '1.log'),
  size: (store) => sizeFile(buildFolder(store, B)),
  history: historyFile,
  config: (store) => path.join(store, 'config.json'),
  lock: (store) => path.join(store, 'gc.lock'),
};

const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ['show'],
  ['show', '-u'],
  ['ls', '--json'],
  ['jobs'],
  ['why', '--tree'],
  ['diff'],
  ['grep', 'said'],
  ['problems', '--new'],
  ['time'],
  ['path'],
  ['export', '-o', 'OUT'],
  ['completion', '--targets', '', '--'],
  ['gc', '-n'],
  ['gc'],
];

const inBox = (box: Sandbox, [name, ...words]: (typeof COMMANDS)[number]): [string, ...string[]] => [
  name,
  ...words.map((word) => (word === 'OUT' ? box.path('.loglin/out') : word)),
];

for (const [name, place] of Object.entries(PLACES))
  test(`a FIFO in place of ${name} blocks nothing, and intact parts are shown`, async (t) => {
    const { box, store } = project(t);
    const file = place(store);
    fs.rmSync(file, { force: true });
    assert.equal(spawnSync('mkfifo', [file]).status, 0);
    for (const words of COMMANDS) {
      const ran = await loglin(box, ...inBox(box, words));
      assert.ok([0, 1, 125].includes(ran.status));
      if (['journal', 'graph', 'log'].includes(name) && words[0] === 'show') {
        assert.match(ran.stderr, new RegExp(`${file}: not a file\n`));
        if (name === 'graph') assert.equal(ran.stdout, '▸ a\nsaid by a\n');
      }
      if (name === 'config' && /^(gc|problems|diff)$/.test(words[0]))
        assert.match(ran.stderr, new RegExp(`${file}: not a file\n`));
    }
    assert.equal((await loglin(box, 'show', '-b', A)).stdout, '▸ a\nsaid by a\n');
  });

for (const [name, place] of Object.entries(PLACES))
  test(`a link in place of ${name} that leads out is neither read nor written through`, async (t) => {
    const { box, store } = project(t);
    const secret = 'a secret\n';
    const outside = box.write('outside', secret);
    const file = place(store);
    fs.rmSync(file, { force: true });
    fs.symlinkSync(outside, file);
    for (const words of COMMANDS) {
      const { stdout, stderr } = await loglin(box, ...inBox(box, words));
      assert.ok(!stdout.includes('secret') && !stderr.includes('secret'), words.join(' '));
    }
    assert.equal((await loglin(box, 'gc', '--keep', '1')).stdout.includes('secret'), false);
    assert.equal(fs.readFileSync(outside, 'utf8'), secret);
  });

test('a link in place of the folder of logs is not followed by gc, nor shown', async (t) => {
  const { box, store } = project(t);
  // The build has the only log of a target that is still needed, so that gc would thin it.
  const kept = new Story('make')
    .make('make', ['a', 'z'])
    .start('z', { make: 'make' })
    .say('z', 'said by z\n')
    .end('z');
  const id = '20251231-000000000-0000';
  const folder = storeBuild(store, kept.graph('make', { a: '', z: '' }).makeEnds('make').end('make'), { id });
  const outside = box.path('outside');
  fs.renameSync(logsFolder(folder), outside);
  fs.writeFileSync(path.join(outside, 'mine'), 'mine');
  fs.symlinkSync(outside, logsFolder(folder));
  const before = fs.readdirSync(outside).sort();
  const shown = await loglin(box, 'show', '-b', id);
  assert.equal(shown.status, 1);
  assert.equal(shown.stdout, '▸ z\n');
  assert.match(shown.stderr, /1\.log: a symbolic link, and loglin follows none in a store\n/);
  assert.equal((await loglin(box, 'export', '-b', id, '-o', box.path('.loglin/out'))).status, 125);
  await loglin(box, 'gc', '--keep', '1');
  await loglin(box, 'rm', id);
  assert.deepEqual(fs.readdirSync(outside).sort(), before);
  assert.equal(fs.readFileSync(path.join(outside, '1.log'), 'utf8'), 'said by z\n');
});

test('a link in place of a build is no build', async (t) => {
  const { box, store } = project(t);
  const outside = box.path('outside');
  fs.renameSync(buildFolder(store, B), outside);
  fs.symlinkSync(outside, buildFolder(store, B));
  spawnSync('mkfifo', [path.join(store, 'builds', 'fifo')]);
  assert.deepEqual(listBuilds(store), [A]);
  assert.equal((await loglin(box, 'ls')).stdout.split('\n').length, 2);
  assert.equal((await loglin(box, 'rm', B)).status, 1);
  assert.ok(fs.existsSync(path.join(outside, 'journal.ndjson')));
});

test('a size is not written through a link, and an invalid one is measured again', (t) => {
  const { box, store, folder } = project(t);
  const outside = box.write('outside', 'mine');
  fs.symlinkSync(outside, sizeFile(folder));
  const size = buildSize(folder);
  assert.ok(size > 0);
  assert.equal(fs.readFileSync(outside, 'utf8'), 'mine');
  fs.rmSync(sizeFile(folder));
  fs.writeFileSync(sizeFile(folder), `${'9'.repeat(400)}\n`);
  assert.equal(buildSize(folder), size);
  assert.equal(fs.readFileSync(sizeFile(folder), 'utf8'), `${size}\n`);
  assert.ok(!fs.existsSync(thinnedFile(folder)) && store !== '');
});

test('a history that is no file is replaced by one', (t) => {
  const { box, store } = project(t);
  const outside = box.write('outside', 'mine');
  for (const make of [
    () => {
      fs.symlinkSync(outside, historyFile(store));
    },
    () => spawnSync('mkfifo', [historyFile(store)]),
  ]) {
    fs.rmSync(historyFile(store), { force: true });
    make();
    const history = new History(store);
    assert.equal(history.last('a', B)[0]?.build, A);
    history.close();
    assert.ok(fs.lstatSync(historyFile(store)).isFile());
  }
  assert.equal(fs.readFileSync(outside, 'utf8'), 'mine');
});

test('a history with a head for a hole of a terabyte is read again', (t) => {
  const { store } = project(t);
  const bytes = 2 ** 40;
  fs.writeFileSync(historyFile(store), `{"b":"${A}","journal":1,"rows":1,"bytes":${bytes},"sum":1}\n`);
  fs.truncateSync(historyFile(store), bytes + 200);
  const history = new History(store);
  // The hole itself is not measured: searching it for another head takes its time.
  fs.truncateSync(historyFile(store), 2 ** 24);
  assert.equal(history.last('a', B)[0]?.build, A);
  history.close();
});

test('a file in place of a folder and a folder in place of a file are handled', async (t) => {
  const { box, folder } = project(t);
  fs.rmSync(logsFolder(folder), { recursive: true });
  fs.writeFileSync(logsFolder(folder), '');
  for (const words of COMMANDS)
    assert.ok([0, 1, 125].includes((await loglin(box, ...inBox(box, words))).status));
  assert.match((await loglin(box, 'show')).stderr, /1\.log: not a directory\n/);
  fs.rmSync(folder, { recursive: true });
  fs.writeFileSync(folder, '');
  for (const words of COMMANDS)
    assert.ok([0, 1, 125].includes((await loglin(box, ...inBox(box, words))).status));
  assert.equal((await loglin(box, 'show')).stdout, '▸ a\nsaid by a\n');
});

test('a lock that is a FIFO or holds anything is abandoned once it is old', (t) => {
  const { box, store } = project(t);
  const file = path.join(store, 'gc.lock');
  for (const text of ['', '{"pid":1e300}', '{"pid":-1}', '\0'.repeat(100_000), undefined]) {
    fs.rmSync(file, { force: true });
    if (text === undefined) assert.equal(spawnSync('mkfifo', [file]).status, 0);
    else fs.writeFileSync(file, text);
    fs.utimesSync(file, 1, 1);
    const lock = tryLock(file);
    assert.ok(lock, JSON.stringify(text?.slice(0, 20)));
    lock.release();
  }
  const collected = collect(
    { root: box.folder, store },
    { builds: 9, bytes: 1e9 },
    { dry: false, again: true },
  );
  assert.deepEqual(collected?.problems, []);
});

// -- graphs ----------------------------------------------------------------------------------------------

test('a damaged graph is reported, and the build is shown', async (t) => {
  const { box, folder } = project(t);
  const file = graphFile(folder);
  const whole = fs.readFileSync(file, 'utf8');
  for (const [text, problems] of [
    ['{\n', [`${file}:1: not a graph`]],
    [`${whole}[]\n{"i":-1}\n`, [`${file}:2: not a graph`, `${file}:3: not a graph`]],
    [whole.slice(0, 40), [`${file}:1: not a graph`]],
    [`${whole}\n\n`, []],
    [whole.trimEnd(), []],
    [
      'x\n'.repeat(30),
      [
        ...Array.from({ length: 20 }, (_, i) => `${file}:${i + 1}: not a graph`),
        `${file}: 10 more such lines`,
      ],
    ],
  ] as const) {
    fs.writeFileSync(file, text);
    const { status, stdout, stderr } = await loglin(box, 'show');
    assert.equal(stdout, '▸ a\nsaid by a\n');
    const lines = problems.map((line) => `loglin: ${line}\n`);
    // No more than twenty problems are printed.
    const shown =
      lines.length > 20
        ? [...lines.slice(0, 20), `loglin: and 1 more such problems with the record of build ${B}\n`]
        : lines;
    assert.equal(stderr, shown.join(''));
    assert.equal(status, problems.length > 0 ? 1 : 0);
  }
});

/** The slow reference: each further node is merged with the nodes before. */
function slowly(nodes: readonly GraphNode[]): Map<string, GraphNode> {
  const all = new Map<string, GraphNode>();
  for (const node of nodes) {
    const one = all.get(node.name);
    if (!one) {
      all.set(node.name, node);
      continue;
    }
    const rules = [one, node].flatMap((of) => of.rules ?? (of.recipe ? [of.needs] : []));
    all.set(node.name, {
      ...one,
      needs: [...new Set([...one.needs, ...node.needs])],
      recipe: one.recipe || node.recipe,
      ...(rules.length > 1 ? { rules } : {}),
    });
  }
  return all;
}

test('nodes of one name become one, as in the slow reference', () => {
  forSeeds(300, (seed) => {
    const random = new Random(seed);
    const names = ['a', 'b', 'c'];
    const nodes = Array.from({ length: random.below(12) }, (): GraphNode => ({
      name: random.pick(names),
      needs: random.some(['x', 'y', 'z', 'a'], 0.4),
      recipe: random.chance(0.6),
      ...(random.chance(0.2) ? { phony: true as const } : {}),
      ...(random.chance(0.2) ? { also: ['d'] } : {}),
    }));
    const graph = new FlatGraph();
    for (const [i, node] of nodes.entries()) {
      graph.add(node);
      const expected = slowly(nodes.slice(0, i + 1));
      assert.deepEqual([...graph.values()], [...expected.values()]);
      assert.deepEqual(graph.get('a'), expected.get('a'));
    }
    const older = mergeGraphs(undefined, [
      { name: 'a', needs: ['old'], recipe: true },
      { name: 'o', needs: [], recipe: false },
    ]);
    const merged = mergeGraphs(older, nodes);
    older.putAll(mergeGraphs(undefined, nodes));
    assert.deepEqual([...older.values()], [...merged.values()]);
  });
});

test('each repetition of a node or a graph costs only its own size', (t) => {
  const { folder } = project(t);
  const head = '{"i":0,"tool":"make","cwd":"","argv":["make"],"goals":["a"],"nodes":';
  const many = Array.from({ length: 50_000 }, (_, i) => `["a",["n${i}"],1]`);
  const few = Array.from({ length: 30_000 }, (_, i) => `["m${i}",[],0]`);
  fs.writeFileSync(
    graphFile(folder),
    `${head}[${many.join()}]}\n${head}[${few.join()}]}\n${`${head}[["b",[],1]]}\n`.repeat(10_000)}`,
  );
  const graph = readGraphs(folder).get(0 as InstanceId)?.graph;
  assert.equal(graph?.get('a')?.needs.length, 50_000);
  assert.equal(graph.get('a')?.rules?.length, 50_000);
  assert.equal(graph.has('m29999') && graph.has('b'), true);
});

// -- a few bytes that stand for much ---------------------------------------------------------------------

test('candidates with more spaces than any known name are not looked up', () => {
  const word = 'b '.repeat(5000).trim();
  const spaced = indexSpaced([`a ${word}`, 'a b c', 'one two']);
  assert.deepEqual(splitNames('a b c one two | x a b', spaced), ['a b c', 'one two', 'x', 'a', 'b']);
  const text = 'a '.repeat(20_000);
  assert.equal(splitNames(text, spaced).length, 20_000);
});

test('130,000 targets with one need and one with 130,000 needs do not exhaust the arguments of a call', () => {
  const count = 130_000;
  const story = new Story('make').make('make', ['all']);
  story.start('hub', { make: 'make', needs: 'all' }).end('hub').start('leaf', { make: 'make' }).end('leaf');
  const names = Array.from({ length: count }, (_, i) => `t${i}`);
  const graph = new FlatGraph();
  graph.put({ name: 'all', needs: names, recipe: false, phony: true });
  for (const name of names) graph.put({ name, needs: ['leaf'], recipe: false });
  const { build } = story;
  const [instance] = build.instances;
  setGraph(build, instance!, graph);
  const group = new Group(instance!, graph);
  assert.equal(group.preorder().size, count + 2);
  Object.assign(instance!, { goals: ['gone'] });
  assert.deepEqual(group.goals(), ['gone', 'hub']);
  const causes = new Causes(build, (_, name) => name);
  Object.assign(build.jobs[1]!, { newer: 'all' });
  assert.deepEqual(
    causes.of(build.jobs[1]!).map((reason) => reason.kind === 'need' && reason.job.name),
    ['leaf'],
  );
  assert.ok(criticalPath(build).jobs.length === 3);
});

test('thousands of jobs of one target are all shown, and time and why take no longer than for as many targets', () => {
  const count = 5000;
  const story = new Story('make').make('make', ['all']);
  for (let i = 0; i < count; i++) story.start('all', { make: 'make', needs: 'all x' });
  const { build } = story.makeEnds('make').end('make');
  const walk = new Walk(build, [{ job: build.jobs[0]! }], { order: 'needs' }, () => undefined);
  let shown = 0;
  for (let segment = walk.next(); typeof segment !== 'string'; segment = walk.next())
    if (segment.kind === 'enter') shown++;
  assert.equal(shown, count);
  const group = new Group(build.instances[0]!, undefined);
  assert.equal(group.jobsOf('all').length, count);
  assert.deepEqual(
    group.makersOf('all').map(({ id }) => id),
    build.jobs.slice(-20).map(({ id }) => id),
  );
  assert.equal(criticalPath(build).jobs.length, count + 1);
});

test('thousands of rules of one target, each with a job of its own, are found in their order', () => {
  const count = 3000;
  const story = new Story('make').make('make', ['all']);
  const rules = Array.from({ length: count }, (_, i) => [`x${i}`, 'common']);
  for (let i = count - 1; i >= 0; i--)
    story.start('all', { make: 'make', needs: rules[i]!.toReversed().join(' ') });
  const { build } = story.makeEnds('make').end('make');
  const nodes = rules.map((needs) => ({ name: 'all', needs, recipe: true }));
  setGraph(build, build.instances[0]!, mergeGraphs(undefined, nodes));
  const walk = new Walk(
    build,
    [{ job: build.jobs[0]! }],
    { order: 'needs', unchanged: () => [] },
    () => undefined,
  );
  const shown: number[] = [];
  for (let segment = walk.next(); typeof segment !== 'string'; segment = walk.next())
    if (segment.kind === 'enter') shown.push(segment.job.id);
  assert.deepEqual(
    shown,
    Array.from({ length: count }, (_, i) => count - i),
  );
});
