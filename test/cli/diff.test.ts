// loglin diff, on stored builds.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { type Outcome, Sandbox } from '../rig/sandbox.ts';
import { logOf, storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';
const C = '20260103-000000000-cccc';

const box = new Sandbox();
after(() => {
  box.remove();
});

/** A make of some targets with their output, in the order in which they are started. */
function story(targets: Readonly<Record<string, string>>, failing?: string): Story {
  const names = Object.keys(targets);
  const story = new Story('make').make('make', ['all']).say('make', 'make: Entering\n');
  for (const name of names) story.start(name, { make: 'make' }).step(name, `cc ${name}`);
  for (const name of names)
    story.say(name, targets[name] ?? '').end(name, name === failing ? { exit: 1 } : { exit: 0 });
  const nodes = { all: names.toSorted().join(' '), ...Object.fromEntries(names.map((name) => [name, ''])) };
  return story.graph('make', nodes).makeEnds('make').end('make');
}

const stores = new Set<string>();
/** A store of builds A, B, C, one for each story. */
function store(...builds: Story[]): string {
  const folder = box.path(`store${stores.size}`);
  stores.add(folder);
  for (const [i, one] of builds.entries()) storeBuild(folder, one, { id: [A, B, C][i]! });
  return folder;
}

const diff = (folder: string, ...args: string[]): Outcome => box.loglin(['diff', '--store', folder, ...args]);

function prints(ran: Outcome, lines: readonly string[], status = 0): void {
  assert.equal(ran.stderr, '');
  assert.deepEqual(ran.stdout.split('\n').slice(0, -1), lines);
  assert.equal(ran.status, status);
}

test('diff prints nothing for equal builds, even if the jobs started in another order', () => {
  const same = store(story({ a: 'x 1s\n', b: 'y\n' }), story({ b: 'y\n', a: 'x 2s\n' }));
  prints(diff(same), []);
  prints(diff(same, '--exit-code'), []);
  prints(diff(same, '-b', `${A}..${B}`, '--exit-code'), []);
  prints(diff(same, '--stat'), [' 3 compared, 0 differ']);
  prints(diff(same, '--exact', '--name-only', '--exit-code'), ['a'], 1);
});

test('each target is compared with its own last run', () => {
  const three = store(
    story({ a: 'one\n', b: 'b\n' }),
    story({ b: 'c\n' }),
    story({ a: 'two\n', b: 'c\n', d: 'd\n' }),
  );
  prints(diff(three), [
    'diff a',
    `--- a\t${A}`,
    `+++ a\t${C}`,
    '@@ -1 +1 @@',
    '-one',
    '+two',
    'ran for the first time:',
    '  d',
  ]);
  prints(diff(three, '-b', '-1', '--name-only'), ['b']);
  prints(diff(three, 'b'), []);
  prints(diff(three, '-b', A), ['ran for the first time:', '  a', '  b']);
});

test('a first build has nothing to be compared with', () => {
  const one = store(story({ a: 'one\n' }));
  const { stdout, stderr, status } = diff(one, '--exit-code');
  assert.deepEqual(
    [stdout, stderr, status],
    ['', `loglin: build ${A} is the first one here: there is nothing to compare it with yet\n`, 0],
  );
  assert.match(diff(one, '--json').stdout, /^\{"type":"only","side":"new"/);
});

test('a run interrupted with its build is passed over, one that failed before is not', () => {
  const folder = box.path('cut-off');
  storeBuild(folder, story({ a: 'one\n', b: 'b\n' }), { id: A });
  const cut = new Story('make')
    .make('make', ['all'])
    .start('a', { make: 'make' })
    .start('b', { make: 'make' });
  cut.say('a', 'on').say('b', 'wrong\n').end('b', { exit: 1 }).end('a', { signal: 2 }).makeEnds('make');
  storeBuild(folder, cut.end('make', { signal: 2 }), { id: B, close: { interrupted: true } });
  storeBuild(folder, story({ a: 'two\n', b: 'b\n' }), { id: C });
  prints(diff(folder, 'a'), ['diff a', `--- a\t${A}`, `+++ a\t${C}`, '@@ -1 +1 @@', '-one', '+two']);
  prints(diff(folder, 'b', '--name-only'), ['b']);
});

test('a shell with the status of a signal counts as interrupted, but not in a build that finished', () => {
  for (const [exit, interrupted, old] of [
    [130, true, A],
    [143, true, A],
    [131, true, B],
    [130, false, B],
  ] as const) {
    const folder = box.path(`cut-off-${exit}-${interrupted}`);
    const cut = new Story('make').make('make', ['all']).start('a', { make: 'make' }).say('a', 'half\n');
    cut.end('a', { exit }).makeEnds('make').end('make', { exit: 2 });
    storeBuild(folder, story({ a: 'one\n' }), { id: A });
    storeBuild(folder, cut, { id: B, close: interrupted ? { interrupted } : {} });
    storeBuild(folder, story({ a: 'two\n' }), { id: C });
    assert.ok(diff(folder, 'a').stdout.startsWith(`diff a\n`), `${exit}`);
    assert.match(diff(folder, 'a').stdout, new RegExp(`^--- a\t${old}$`, 'm'), `${exit} ${interrupted}`);
  }
});

test('a comparison of two builds lists targets that only one of them has', () => {
  const two = store(story({ a: 'x\n', b: 'y\n' }), story({ b: 'y\n', c: 'z\n' }));
  prints(diff(two, '-b', '-1..'), [`only in ${A}:`, '  a', `only in ${B}:`, '  c']);
  prints(
    diff(two, '-b', '-1..-0', '--stat', '--exit-code'),
    [` 2 compared, 0 differ, 1 only in ${A}, 1 only in ${B}`],
    1,
  );
  prints(diff(two, '-b', '-1..', '--name-only'), ['a', 'c']);
  prints(diff(two, '-b', '-1..', 'c'), [`only in ${B}:`, '  c']);
  prints(diff(two, '-b', '-1..', 'a'), [`only in ${A}:`, '  a']);
  assert.match(diff(two, '-b', '-1..', 'nothing').stderr, /^loglin: nothing: no such target/);
});

test('--exit-code counts a target in only one of two builds as different, but not one that never ran before', () => {
  const few = story({ a: 'x\n' });
  const many = story({ a: 'x\n', b: 'y\n' });
  const gained = store(few, many);
  prints(diff(gained, '-b', '-1..', '--exit-code'), [`only in ${B}:`, '  b'], 1);
  prints(diff(gained, '-b', '-1..', '--exit-code', 'a'), []);
  prints(diff(gained, '-b', '-1..'), [`only in ${B}:`, '  b']);
  prints(diff(gained, '--exit-code'), ['ran for the first time:', '  b']);
  const lost = store(many, few);
  prints(diff(lost, '-b', '-1..', '--exit-code'), [`only in ${A}:`, '  b'], 1);
});

test('--json has the documented records', () => {
  const two = store(story({ a: 'cc\n', old: '' }), story({ a: 'cc\na.c:1:1: error: x\n', fresh: '' }, 'a'));
  const records = diff(two, '--json', '-b', '-1..')
    .stdout.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  assert.deepEqual(records, [
    {
      type: 'target',
      name: 'a',
      from: { build: A, job: 1, status: { exit: 0 } },
      to: { build: B, job: 1, status: { exit: 1 } },
      outcome: ['ok', 'exit 1'],
      command: null,
      new: [{ severity: 'error', tool: 'cc', file: 'a.c', line: 1, column: 1, code: null, message: 'x' }],
      gone: [],
      added: 1,
      removed: 0,
      unshown: 0,
      hunks: [
        {
          from: { line: 1, count: 1 },
          to: { line: 1, count: 2 },
          rough: false,
          lines: [' cc', '+a.c:1:1: error: x'],
        },
      ],
    },
    { type: 'only', side: 'old', build: A, job: 2, name: 'old' },
    { type: 'only', side: 'new', build: B, job: 2, name: 'fresh' },
  ]);
});

test('--color, --ascii and -U change the output', () => {
  const two = store(story({ a: '1\n2\n3\nx\n' }), story({ a: '1\n2\n3\ny\n' }, 'a'));
  const { stdout } = diff(two, '--color', '--ascii', '-U1');
  assert.ok(stdout.includes('\x1b[1mstatus:\x1b[0m ok -> \x1b[31mexit 1\x1b[0m\n'));
  assert.ok(stdout.includes('\x1b[36m@@ -3,2 +3,2 @@\x1b[0m\n'));
  assert.ok(stdout.includes('\x1b[31m-x\x1b[0m\n\x1b[32m+y\x1b[0m\n'));
  assert.match(diff(two, '-U', 'x').stderr, /^loglin: -U x: want a number\n$/);
});

test('the wrapped command is compared with its last run outside other builds', () => {
  const folder = box.path('inside');
  const says = (text: string): Story => new Story('make').say('make', text).end('make');
  storeBuild(folder, says('one\n'), { id: A });
  storeBuild(folder, says('other\n'), { id: B, first: { inside: true } });
  storeBuild(folder, says('two\n'), { id: C });
  prints(diff(folder), ['diff make', `--- make\t${A}`, `+++ make\t${C}`, '@@ -1 +1 @@', '-one', '+two']);
});

test('a missing log is reported and does not count as empty', () => {
  const two = store(story({ a: 'x\n', b: 'x\n' }), story({ a: 'x\n', b: 'y\n' }));
  fs.rmSync(logOf(two, A, 1));
  const { stdout, stderr } = diff(two, '--name-only');
  assert.equal(stdout, 'b\n');
  assert.match(stderr, /^loglin: .*\/aaaa\/logs|^loglin: .*1\.log: no such file or directory\n$/);
});

test('a history that was deleted or is wrong is derived again', () => {
  const two = store(story({ a: 'x\n' }), story({ a: 'y\n' }));
  prints(diff(two, '--name-only'), ['a']);
  const file = fs.readdirSync(two).find((name) => name.startsWith('history'));
  assert.ok(file);
  fs.rmSync(`${two}/${file}`);
  prints(diff(two, '--name-only'), ['a']);
});

test('running jobs of a running build are not compared', () => {
  const folder = store(story({ a: 'x\n' }));
  const running = new Story('make').make('make').start('a', { make: 'make' }).say('a', 'half');
  storeBuild(folder, running, { id: B, close: false, first: { pid: process.pid, ticks: undefined } });
  const { stdout, stderr } = diff(folder);
  assert.equal(stdout, '');
  assert.match(stderr, /^loglin: \d jobs? still running: not compared\n$/);
});

test('bytes and names that are no text are compared', () => {
  const odd = (text: string): Story =>
    new Story('sh').start('o\ndd').say('o\ndd', text).end('o\ndd').end('sh');
  const two = store(odd('a\x1b[2J\n'), odd('b\x1b[2J\n'));
  fs.writeFileSync(logOf(two, B, 1), Buffer.from([0x62, 0xff, 0x0a, 0x07, 0x0a, 0x0a]));
  const { stdout } = diff(two);
  assert.ok(stdout.startsWith('diff o\\ndd\n'));
  assert.ok(stdout.includes('\n-a\n+b\\xff\n+\n+\n'), stdout);
});
