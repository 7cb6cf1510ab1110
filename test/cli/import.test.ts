// Streams of build events imported into the store: from `show --json`, from `go test -json`, and others.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Build, failed } from '../../src/model/build.ts';
import { HOSTILE } from '../rig/hostile.ts';
import { FakeBuild } from '../rig/fakebuild.ts';
import { randomPlan } from '../rig/plans.ts';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';
import { Random } from '../rig/seeded.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { until } from '../rig/tree.ts';

const SAMPLES = path.join(import.meta.dirname, '../../sample-logs');
const GO_TEST = path.join(import.meta.dirname, '../capture/fixtures/go-test.ndjson');

function sandbox(t: TestContext): Sandbox {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  fs.mkdirSync(box.path('.loglin'));
  return box;
}

/** Imports these lines. */
function take(
  box: Sandbox,
  lines: readonly unknown[],
  kind: readonly string[] = [],
): [string, string, number] {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  box.write('stream', `${text.join('\n')}\n`);
  const { stdout, stderr, status } = box.loglin(['import', ...kind, 'stream']);
  return [stdout, stderr.replaceAll(`${box.folder}/`, ''), status ?? -1];
}

interface Row {
  readonly name: string;
  readonly status: unknown;
  readonly skipped?: true;
  readonly failed: boolean;
  readonly ms: number;
  readonly state: string;
}

function jobs(box: Sandbox): Row[] {
  const { stdout, stderr } = box.loglin(['jobs', '--json']);
  assert.equal(stderr, '');
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

const names = (box: Sandbox): string[] => jobs(box).map(({ name }) => name);

const failures = ({ jobs: all }: Build): number => all.filter((job) => job.parent && failed(job)).length;

// -- loglin show --json ----------------------------------------------------------------------------------

const VIEWS = [
  ['show'],
  ['show', '--prefix'],
  ['show', '--no-details'],
  ['show', '--raw'],
  ['jobs'],
  ['problems'],
  ['problems', '--snippets', '--format=github'],
];

/** The events without job numbers; adjacent text is joined, since its chunks are arbitrary. */
function eventsOf(json: string): unknown[] {
  const events: Record<string, unknown>[] = [];
  for (const line of json.trimEnd().split('\n')) {
    const { job: _job, folder: _folder, ...one } = JSON.parse(line) as Record<string, unknown>;
    const last = events.at(-1);
    if (last?.type === 'text' && last.name === one.name && 'text' in last && 'text' in one)
      last.text = `${last.text as string}${one.text as string}`;
    else events.push(one);
  }
  return events;
}

/** Checks that every command that shows a build prints the same for the imported one. */
function expectSame(here: Sandbox, store: string, id: string, there: Sandbox): void {
  const stream = here.loglin(['show', '--json', '--store', store, '-b', id]);
  there.write('stream', stream.bytes);
  const imported = there.loglin(['import', 'stream']);
  assert.deepEqual([imported.stderr, imported.status], ['', 0]);
  assert.ok(imported.stdout.startsWith(`${id}  `));
  const listed = (box: Sandbox, args: readonly string[]): unknown => {
    const lines = box.loglin(['ls', '--json', ...args]).stdout.split('\n');
    const found = JSON.parse(lines.find((line) => line.includes(id)) ?? '') as Record<string, unknown>;
    // Its size, and whether gc thinned it, belong to the store.
    const { bytes: _bytes, thinned: _thinned, ...rest } = found;
    return rest;
  };
  assert.deepEqual(listed(there, []), listed(here, ['--store', store]));
  for (const view of VIEWS) {
    const before = here.loglin([...view, '--store', store, '-b', id]);
    const after = there.loglin([...view, '-b', id]);
    assert.equal(after.stdout, before.stdout, `${view.join(' ')} of ${id}`);
    assert.deepEqual([after.stderr, after.status], ['', before.status], view.join(' '));
  }
  // An imported build can be exported again.
  const again = there.loglin(['show', '--json', '-b', id]).stdout;
  assert.deepEqual(eventsOf(again), eventsOf(stream.stdout));
}

for (const sample of ['lua', 'lz4', 'zlib'])
  test(`sample-logs/${sample}: an imported build is shown like the original`, (t) => {
    const store = path.join(SAMPLES, sample);
    for (const id of fs.readdirSync(path.join(store, 'builds'))) {
      const [here, there] = [sandbox(t), sandbox(t)];
      // The folder name in the output is the same, and neither has files of the project.
      expectSame(here, store, id, there);
    }
  });

test('random builds: an imported build is shown like the original', (t) => {
  const here = sandbox(t);
  for (let seed = 1; seed <= 6; seed++) {
    const random = new Random(seed);
    const fake = new FakeBuild(randomPlan(random), { random, slots: 4, graphs: seed % 2 === 0 }).run();
    const id = `20260102-0304${String(seed).padStart(2, '0')}000-abcd`;
    storeBuild(here.path('.loglin'), fake, { id, close: { failed: failures(fake.build) } });
    expectSame(here, here.path('.loglin'), id, sandbox(t));
  }
});

test('names, bytes, commands, statuses, colours and a header of the root job are imported', (t) => {
  const here = sandbox(t);
  const story = new Story('make', 'named').say('named', 'no newline').make('named', ['a', 'b']);
  for (const [i, name] of HOSTILE.entries()) {
    const odd = `${name}${i}`;
    story.start(odd, { make: 'named' }).step(odd, `say ${name}`).say(odd, `${name}\r\n${name}`);
    story.end(odd, i % 3 === 0 ? { exit: 2 } : i % 3 === 1 ? { signal: 11 } : { exit: 0 });
  }
  story.say('named', '\x1b[31mred').makeEnds('named').end('named');
  const id = '20260102-030400000-abcd';
  const first = { coloured: true, silent: true, revision: 'c0ffee', inside: true };
  storeBuild(here.path('.loglin'), story, {
    id,
    first,
    close: { failed: failures(story.build), status: { exit: 1 } },
  });
  expectSame(here, here.path('.loglin'), id, sandbox(t));
});

test('a silent redirected job, an ignored status, a job without one and a missing end are imported', (t) => {
  const here = sandbox(t);
  const story = new Story('make').make('make', ['a']);
  story.start('quiet', { make: 'make', aside: true }).end('quiet').start('a', { make: 'make' });
  story.event({ e: 'end', t: 7, j: story.id('a'), status: { exit: 2 }, ignored: true, size: 0 as never });
  story.start('b', { make: 'make' }).event({ e: 'end', t: 8, j: 3 as never, size: 0 as never });
  story.start('c', { make: 'make' }).say('c', 'cut');
  const id = '20260102-030400000-abcd';
  storeBuild(here.path('.loglin'), story, { id, close: false });
  const there = sandbox(t);
  expectSame(here, here.path('.loglin'), id, there);
  assert.deepEqual(
    jobs(there).map(({ name, state }) => `${name} ${state}`),
    ['b ended', 'c interrupted', 'a ended', 'quiet ended'],
  );
});

test('a part of a build is imported as a build of its own', (t) => {
  const [here, there] = [sandbox(t), sandbox(t)];
  const store = path.join(SAMPLES, 'lua');
  const [id = ''] = fs.readdirSync(path.join(store, 'builds'));
  const part = ['show', '--store', store, '-b', id, 'lapi.o', 'lvm.o'];
  there.write('stream', here.loglin([...part, '--json']).bytes);
  const { stdout, stderr, status } = there.loglin(['import', 'ndjson', 'stream']);
  assert.deepEqual([stderr, status], ['', 0]);
  assert.match(stdout, /^20261121-\d+-[0-9a-f]{4} {2}2 jobs\n$/);
  assert.ok(!stdout.startsWith(id));
  assert.equal(there.loglin(['show']).stdout, here.loglin(part).stdout);
});

test('a build that exists already is not imported twice', (t) => {
  const here = sandbox(t);
  storeBuild(here.path('.loglin'), new Story('make').start('a').end('a').end('make'));
  const stream = here.loglin(['show', '--json']).stdout;
  here.write('stream', stream);
  const { stdout, stderr, status } = here.loglin(['import', 'stream']);
  const message = 'loglin: build 20260102-030405006-abcd: is in the store already; nothing was imported\n';
  assert.deepEqual([stdout, stderr, status], ['', message, 1]);
});

test('`loglin --json` prints the same stream for a build that it runs', (t) => {
  const [here, there] = [sandbox(t), sandbox(t)];
  here.write('Makefile', 'all: a b\na:\n\t@echo a\nb:\n\t@echo b; exit 3\n');
  const { stdout } = here.loglin(['--json', 'make', '-k']);
  there.write('stream', stdout);
  const imported = there.loglin(['import', 'stream']);
  assert.deepEqual([imported.stderr, imported.status], ['', 0]);
  for (const args of [['show'], ['jobs'], ['ls']])
    assert.equal(there.loglin(args).stdout, here.loglin(args).stdout);
});

test('a stream without the build record, as from an older loglin, is imported', (t) => {
  const box = sandbox(t);
  const [stdout, stderr, status] = take(box, [
    { type: 'enter', job: 3, name: 'a', depth: 0 },
    { type: 'text', job: 3, name: 'a', text: 'said\n' },
    { type: 'leave', job: 3, name: 'a', depth: 0, exit: 2, failed: true, started: 1, ended: 5 },
  ]);
  assert.match(stdout, / {2}1 job\n$/);
  assert.deepEqual([stderr, status], ['', 0]);
  assert.equal(box.loglin(['show']).stdout, '▸ a\nsaid\n✗ a (exit 2)\n');
});

test('damaged lines are reported once for each kind, with number and count, and good lines are kept', (t) => {
  const box = sandbox(t);
  const [, stderr, status] = take(box, [
    'null',
    { type: 'enter', job: 1, name: '../../../etc/passwd', depth: 0, started: 1 },
    '[1]',
    { type: 'text', job: 1, text: 'good\n' },
    { type: 'enter', job: 2, name: 'deep', depth: 7 },
    { type: 'text', job: 1, base64: '!!' },
    { type: 'text', job: 'x', text: 'no job' },
    { type: 'nothing' },
    '{cut',
    { type: 'leave', job: 1, depth: 0, exit: -1, ended: 5 },
    { type: 'leave', job: 1, depth: 0, exit: 1, ended: 5 },
  ]);
  assert.equal(
    stderr,
    'loglin: stream:1: is no JSON, left out (the first of 3 such lines)\n' +
      'loglin: stream:5: is a damaged event of loglin show --json (the first of 4 such lines)\n' +
      'loglin: stream:8: is no event of loglin show --json that this loglin knows, left out\n',
  );
  assert.equal(status, 1);
  assert.equal(box.loglin(['show']).stdout, '▸ ../../../etc/passwd\ngood\n');
});

test('a stream that ends anywhere gives an interrupted build', (t) => {
  const store = path.join(SAMPLES, 'lz4');
  const [id = ''] = fs.readdirSync(path.join(store, 'builds'));
  const stream = sandbox(t).loglin(['show', '--json', '--store', store, '-b', id]).bytes;
  for (let cut = 1000; cut < stream.length; cut += Math.ceil(stream.length / 7)) {
    const box = sandbox(t);
    box.write('stream', stream.subarray(0, cut));
    const { stdout, stderr, status } = box.loglin(['import', 'stream']);
    assert.ok(stdout.startsWith(id), stderr);
    assert.match(stderr, /stream: ends before the build does; what came is kept, as interrupted\n$/);
    assert.equal(status, 1);
    const whole = stream.toString('utf8', 0, cut).split('\n').slice(0, -1);
    const entered = whole.filter((line) => line.startsWith('{"type":"enter"')).length;
    assert.equal(box.loglin(['jobs']).stdout.split('\n').length - 1, entered);
    const [listed] = box.loglin(['ls', '--json']).stdout.split('\n');
    assert.equal((JSON.parse(listed ?? '') as { state: string }).state, 'interrupted');
    assert.equal(box.loglin(['show']).stderr, '');
  }
});

// -- go test -json ---------------------------------------------------------------------------------------

test('go test: a real stream is imported', (t) => {
  const box = sandbox(t);
  box.write('go-test.ndjson', fs.readFileSync(GO_TEST));
  box.write('go.mod', 'module example.com/m\n');
  const { stdout, stderr, status } = box.loglin(['import', 'go-test.ndjson']);
  assert.match(stdout, /^20261126-175743893-[0-9a-f]{4} {2}24 jobs\n$/);
  const text = `loglin: ${box.path('go-test.ndjson')}:1: is no JSON, kept as the build's own text\n`;
  assert.deepEqual([stderr, status], [text, 0]);
  const shown = box.loglin(['show']).stdout;
  const golden = GO_TEST.replace(/ndjson$/, 'txt');
  if (process.env.UPDATE_SNAPSHOTS) fs.writeFileSync(golden, shown);
  assert.equal(shown, fs.readFileSync(golden, 'utf8'));
  const [listed] = box.loglin(['ls', '--json']).stdout.split('\n');
  const { status: exit, jobs: count, failed } = JSON.parse(listed ?? '') as Record<string, unknown>;
  assert.deepEqual([exit, count, failed], [{ exit: 1 }, 24, 12]);
});

const T = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const event = (ms: number, Action: string, Package: string, Test?: string, more: object = {}): object => ({
  Time: T(ms),
  Action,
  Package,
  ...(Test === undefined ? {} : { Test }),
  ...more,
});

test('go test: parallel tests have logs of their own, nested, with status and times', (t) => {
  const box = sandbox(t);
  const say = (ms: number, Test: string, Output: string): object =>
    event(ms, 'output', 'm/p', Test, { Output });
  take(box, [
    event(0, 'start', 'm/p'),
    event(10, 'run', 'm/p', 'TestA'),
    say(11, 'TestA', 'A begins\n'),
    event(20, 'run', 'm/p', 'TestA/x/y'),
    event(21, 'pause', 'm/p', 'TestA/x/y'),
    event(22, 'run', 'm/p', 'TestA/x/y/../../../z'),
    event(30, 'cont', 'm/p', 'TestA/x/y'),
    say(31, 'TestA/x/y', 'xy 1\n'),
    say(32, 'TestA/x/y/../../../z', 'z 1\n'),
    say(33, 'TestA/x/y', 'xy 2\n'),
    event(40, 'skip', 'm/p', 'TestA/x/y/../../../z'),
    event(50, 'fail', 'm/p', 'TestA/x/y'),
    say(51, 'TestA', 'A ends\n'),
    event(60, 'fail', 'm/p', 'TestA'),
    event(70, 'run', 'm/p', 'TestLost'),
    event(80, 'fail', 'm/p'),
  ]);
  assert.equal(
    box.loglin(['show']).stdout,
    `▸ m/p
  ▸ m/p TestA
A begins
    ▸ m/p TestA/x/y
      ▸ m/p TestA/x/y/../../../z
z 1
    ▸ m/p TestA/x/y (resumed)
xy 1
xy 2
    ✗ m/p TestA/x/y (exit 1)
  ▸ m/p TestA (resumed)
A ends
  ✗ m/p TestA (exit 1)
  ▸ m/p TestLost
✗ m/p (exit 1)
`,
  );
  assert.deepEqual(
    jobs(box).map(({ name, status, skipped, ms }) => [name, status, skipped ?? false, ms]),
    [
      ['m/p', { exit: 1 }, false, 80],
      ['m/p TestA', { exit: 1 }, false, 50],
      ['m/p TestA/x/y', { exit: 1 }, false, 30],
      ['m/p TestA/x/y/../../../z', { exit: 0 }, true, 18],
      ['m/p TestLost', null, false, 10],
    ],
  );
  assert.match(box.loglin(['jobs']).stdout, /^skipped {3}0\.02s/m);
  // A name that looks like a path creates no file.
  assert.deepEqual(fs.readdirSync(box.folder).sort(), ['.loglin', 'stream']);
});

test('go test: builds that fail and builds that only print something are imported (Go 1.24)', (t) => {
  const box = sandbox(t);
  const build = (Action: string, ImportPath: string, Output?: string): object => ({
    ImportPath,
    Action,
    ...(Output === undefined ? {} : { Output }),
  });
  const broken = 'm/broken [m/broken.test]';
  const [, stderr, status] = take(
    box,
    [
      build('build-output', broken, '# m/broken [m/broken.test]\n'),
      build('build-output', broken, 'broken/b.go:4:29: undefined: x\n'),
      build('build-output', 'm/c', 'a warning of the linker\n'),
      build('build-fail', broken),
      event(5, 'start', 'm/broken'),
      event(5, 'output', 'm/broken', undefined, { Output: 'FAIL\tm/broken [build failed]\n' }),
      event(6, 'fail', 'm/broken', undefined, { Elapsed: 0, FailedBuild: broken }),
      event(7, 'start', 'm/c'),
      event(8, 'attr', 'm/c', 'TestC', { Key: 'k', Value: 'v' }),
      event(8, 'pass', 'm/c', 'TestC'),
      event(9, 'pass', 'm/c'),
    ],
    ['go-test'],
  );
  assert.deepEqual([stderr, status], ['', 0]);
  assert.deepEqual(
    jobs(box).map(({ name, status: exit }) => [name, exit]),
    [
      [`build ${broken}`, { exit: 1 }],
      ['build m/c', { exit: 0 }],
      ['m/broken', { exit: 1 }],
      ['m/c', { exit: 0 }],
      ['m/c TestC', { exit: 0 }],
    ],
  );
  // The package failed because its build failed.
  assert.match(box.loglin(['show', '--failed']).stdout, /^▸ build m\/broken [^▸]*$/);
  assert.match(box.loglin(['problems']).stdout, /^broken\/b\.go:4:29: error: undefined: x/);
});

test('go test: foreign text, unknown actions, missing packages and repeated tests are handled', (t) => {
  const box = sandbox(t);
  const [, stderr, status] = take(box, [
    'go: downloading example.com/x v1.0.0',
    { Action: 'run', Test: 'TestA', Time: T(0) },
    { Action: 'output', Test: 'TestA', Output: 'one\n' },
    'printed past the test',
    { Action: 'teleport', Test: 'TestA' },
    { Action: 'output', Test: 'TestA' },
    { nothing: true },
    { Action: 'pass', Test: 'TestA', Time: T(1) },
    { Action: 'run', Test: 'TestA', Time: T(2) },
    { Action: 'output', Test: 'TestA', Output: 'two\n', Time: T(3) },
    { Action: 'pass', Test: 'TestA', Time: T(4) },
    { Action: 'pass', Time: T(5) },
  ]);
  assert.equal(
    stderr,
    "loglin: stream:1: is no JSON, kept as the build's own text (the first of 2 such lines)\n" +
      'loglin: stream:5: is no event of go test -json that this loglin knows, left out (the first of 2 such lines)\n' +
      'loglin: stream:6: is a damaged event of go test -json\n',
  );
  assert.equal(status, 1);
  assert.equal(
    box.loglin(['show']).stdout,
    'go: downloading example.com/x v1.0.0\n▸ TestA\none\nprinted past the test\n▸ TestA#2\ntwo\n',
  );
});

test('go test: many tests, long lines and arbitrary names are handled', (t) => {
  const box = sandbox(t);
  const lines: object[] = [event(0, 'start', 'p')];
  for (let i = 0; i < 3000; i++) lines.push(event(i, 'run', 'p', `T/${i}`), event(i, 'pass', 'p', `T/${i}`));
  for (const [i, name] of HOSTILE.entries()) lines.push(event(i, 'run', 'p', `${i}${name}`));
  lines.push(event(1, 'output', 'p', undefined, { Output: `${'x'.repeat(5_000_000)}\n` }));
  lines.push(event(1, 'output', 'p', undefined, { Output: 'y'.repeat(9_000_000) }));
  lines.push(
    event(2, 'output', 'p', `a${'/'.repeat(100_000)}b`, { Output: 'deep\n' }),
    event(9000, 'pass', 'p'),
  );
  const [stdout, stderr, status] = take(box, lines);
  assert.match(stdout, new RegExp(` {2}${3002 + HOSTILE.length} jobs\n$`));
  assert.match(stderr, /^loglin: stream:\d+: is too long for an event, left out\n$/);
  assert.equal(status, 1);
  assert.ok(names(box).includes('p T/2999'));
  assert.equal(box.loglin(['jobs', '--json']).stdout.match(/"bytes":5000001/g)?.length, 1);
});

test('go test: text before the first event may exceed one read', (t) => {
  const box = sandbox(t);
  const text = `FAIL\tp/broken [build failed] ${'x'.repeat(200_000)}`;
  const [stdout, stderr, status] = take(box, [text, event(0, 'start', 'p'), event(1, 'pass', 'p')]);
  assert.match(stdout, / {2}1 job\n$/);
  assert.equal(stderr, "loglin: stream:1: is no JSON, kept as the build's own text\n");
  assert.equal(status, 0);
  assert.equal(box.loglin(['show']).stdout, `${text}\n▸ p\n`);
});

// -- as it comes -----------------------------------------------------------------------------------------

test('a slow stream can be shown while it arrives, and is kept as interrupted when it is stopped', async (t) => {
  const box = sandbox(t);
  const child = spawn(LOGLIN_BIN, ['import', '-'], { cwd: box.folder, stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise<[number | null, string | null]>((resolve) =>
    child.on('exit', (code, signal) => {
      resolve([code, signal]);
    }),
  );
  const put = (...lines: object[]): void => {
    child.stdin.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
  put(event(0, 'start', 'p'), event(1, 'run', 'p', 'TestA'));
  put(event(2, 'output', 'p', 'TestA', { Output: 'first\n' }));
  const shown = (): string => box.loglin(['show']).stdout;
  await until('the first line is shown', () => shown() === '▸ p\n  ▸ p TestA\nfirst\n');
  assert.deepEqual(
    jobs(box).map(({ name, state }) => [name, state]),
    [
      ['p', 'running'],
      ['p TestA', 'running'],
    ],
  );
  put(event(3, 'output', 'p', 'TestA', { Output: 'second\n' }), event(4, 'pass', 'p', 'TestA'));
  await until('the second is', () => shown().endsWith('second\n'));
  child.kill('SIGINT');
  assert.deepEqual(await ended, [null, 'SIGINT']);
  assert.equal(shown(), '▸ p\n  ▸ p TestA\nfirst\nsecond\n');
  assert.deepEqual(
    jobs(box).map(({ name, state }) => [name, state]),
    [
      ['p', 'interrupted'],
      ['p TestA', 'ended'],
    ],
  );
  assert.match(box.loglin(['ls']).stdout, /interrupted/);
});

test('input that is no stream is refused in one line and stores nothing', (t) => {
  const box = sandbox(t);
  for (const [content, kind, message] of [
    ['{"a":1}\n', [], 'no event of loglin show --json or of go test -json in it; nothing was imported'],
    ['', ['go-test'], 'no event of go test -json in it; nothing was imported'],
    ['hello\n', ['ndjson'], 'no event of loglin show --json in it; nothing was imported'],
    ['hello\n', ['go-test'], 'no event of go test -json in it; nothing was imported'],
  ] as const) {
    box.write('stream', content);
    const { stdout, stderr, status } = box.loglin(['import', ...kind, 'stream']);
    assert.deepEqual([stdout, stderr, status], ['', `loglin: ${box.path('stream')}: ${message}\n`, 125]);
  }
  const { stderr } = box.loglin(['import', 'go-test']);
  assert.equal(
    stderr,
    'loglin: import go-test: of which file? - is stdin; a file of that name is ./go-test\n',
  );
  assert.equal(box.loglin(['ls']).stdout, '');
});

test('--max limits the size, and what arrived is kept', (t) => {
  const box = sandbox(t);
  const lines = [event(0, 'start', 'p'), event(1, 'output', 'p', undefined, { Output: 'x'.repeat(400_000) })];
  box.write('stream', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { stdout, stderr, status } = box.loglin(['import', 'stream', '--max', '200K']);
  assert.match(stdout, / {2}1 job\n$/);
  assert.match(stderr, /stream: more than 200 KiB; what came is kept/);
  assert.equal(status, 125);
});
