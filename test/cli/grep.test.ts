// loglin grep on stored builds, compared with GNU grep where it can do the same.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { type Outcome, Sandbox } from '../rig/sandbox.ts';
import { Random, forSeeds } from '../rig/seeded.ts';
import { logOf, storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const OLD = '20260101-000000000-aaaa';
const NEW = '20260102-000000000-bbbb';

const box = new Sandbox();
after(() => {
  box.remove();
});
const store = box.path('.loglin');

function story(warning: string): Story {
  return new Story('make')
    .make('make', ['all'])
    .say('make', 'make: Entering\n')
    .start('b.o', { make: 'make' })
    .start('dir/a.o', { make: 'make' })
    .say('dir/a.o', `cc a.c\na.c:1: \x1b[35mwarn\x1b[1ming:\x1b[0m ${warning}\n  note\n`)
    .end('dir/a.o')
    .say('b.o', 'cc b.c\nWarning in b\nlast')
    .end('b.o')
    .graph('make', { all: 'dir/a.o b.o', 'dir/a.o': '', 'b.o': '' })
    .makeEnds('make')
    .end('make');
}
storeBuild(store, story('old'), { id: OLD });
storeBuild(store, story('new'), { id: NEW });

const grep = (...args: string[]): Outcome => box.loglin(['grep', ...args]);

function prints(args: readonly string[], lines: readonly string[], status = 0): void {
  const ran = grep(...args);
  assert.equal(ran.stderr, '');
  assert.deepEqual(ran.stdout.split('\n').slice(0, -1), lines);
  assert.equal(ran.status, status);
}

test('grep prints target:line:text in the order of show, with status 1 if nothing is found', () => {
  prints(['cc'], ['dir/a.o:1:cc a.c', 'b.o:1:cc b.c']);
  prints(['make'], ['make:1:make: Entering']);
  prints(['nothing'], [], 1);
  prints(['cc', 'a.o'], ['dir/a.o:1:cc a.c']);
  prints(['cc', '*.o'], ['b.o:1:cc b.c']);
});

test('colours in the log do not hide a match', () => {
  prints(['warning: new'], ['dir/a.o:2:a.c:1: warning: new']);
});

test('the usual options of grep work', () => {
  prints(['-i', 'WARNING'], ['dir/a.o:2:a.c:1: warning: new', 'b.o:2:Warning in b']);
  prints(['-ic', 'warning'], ['dir/a.o:1', 'b.o:1']);
  prints(['-l', 'cc'], ['dir/a.o', 'b.o']);
  prints(['-o', '[ab]\\.c'], ['dir/a.o:1:a.c', 'dir/a.o:2:a.c', 'b.o:1:b.c']);
  prints(['-F', 'a.c:'], ['dir/a.o:2:a.c:1: warning: new']);
  prints(['-F', 'a.c+'], [], 1);
  prints(['-w', 'arnin'], [], 1);
  prints(['-w', 'in'], ['b.o:2:Warning in b']);
  prints(['-v', 'cc|arn', '*.o'], ['b.o:3:last']);
  prints(['-m1', 'a', '**.o'], ['b.o:2:Warning in b', 'dir/a.o:1:cc a.c']);
  prints(['--no-line-number', 'last'], ['b.o:last']);
  prints(['-e', 'last', '-e', 'note'], ['dir/a.o:3:  note', 'b.o:3:last']);
  prints(['-e', 'last', 'b.o'], ['b.o:3:last']);
  prints(['-q', 'cc'], []);
  prints(['-q', 'nothing'], [], 1);
  prints(['--heading', 'cc|last'], ['dir/a.o', '1:cc a.c', '', 'b.o', '1:cc b.c', '3:last']);
});

test('-A, -B and -C print context lines', () => {
  prints(
    ['-A1', 'cc'],
    ['dir/a.o:1:cc a.c', 'dir/a.o-2-a.c:1: warning: new', '--', 'b.o:1:cc b.c', 'b.o-2-Warning in b'],
  );
  prints(['-B1', 'last'], ['b.o-2-Warning in b', 'b.o:3:last']);
  prints(['-C', '9', 'note'], ['dir/a.o-1-cc a.c', 'dir/a.o-2-a.c:1: warning: new', 'dir/a.o:3:  note']);
});

test('--color colours like git grep', () => {
  prints(
    ['--color', 'arn', 'b.o'],
    ['\x1b[35mb.o\x1b[0m\x1b[36m:\x1b[0m\x1b[32m2\x1b[0m\x1b[36m:\x1b[0mW\x1b[1;31marn\x1b[0ming in b'],
  );
});

test('--all-builds searches the newest build first and prints ids', () => {
  prints(
    ['--all-builds', 'warning: '],
    [`${NEW}:dir/a.o:2:a.c:1: warning: new`, `${OLD}:dir/a.o:2:a.c:1: warning: old`],
  );
  prints(['-b', '-1', 'warning: '], ['dir/a.o:2:a.c:1: warning: old']);
  const { stderr, status } = grep('--all-builds', 'x', 'no-such');
  assert.match(stderr, /^loglin: no-such: no such target/);
  assert.equal(status, 1);
});

test('--json has the documented fields', () => {
  const records = (...args: string[]): unknown[] =>
    grep('--json', ...args)
      .stdout.split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
  assert.deepEqual(records('-A1', 'c+ b', 'b.o'), [
    { type: 'match', job: 1, name: 'b.o', line: 1, text: 'cc b.c', spans: [[0, 4]] },
    { type: 'context', job: 1, name: 'b.o', line: 2, text: 'Warning in b' },
  ]);
  assert.deepEqual(records('-c', 'cc', 'b.o'), [{ type: 'job', job: 1, name: 'b.o', count: 1 }]);
  assert.deepEqual(records('-l', '--all-builds', 'old'), [
    { type: 'job', build: OLD, job: 2, name: 'dir/a.o' },
  ]);
});

test('a missing or short log is reported, and the others are searched', () => {
  const other = box.path('other');
  storeBuild(other, story('x'), { id: OLD });
  fs.rmSync(logOf(other, OLD, 2));
  fs.truncateSync(logOf(other, OLD, 1), 3);
  const { stdout, stderr, status } = grep('--store', other, 'c');
  assert.equal(stdout, 'b.o:1:cc \n');
  assert.match(
    stderr,
    /^loglin: .*\/2\.log: no such file or directory\nloglin: .*\/1\.log: ends at byte 3, \d+ are recorded\n$/,
  );
  assert.equal(status, 0);
});

test('bytes that are not UTF-8 are unchanged in a pipe and base64 in JSON, and a name with a newline is one line', () => {
  const other = box.path('bytes');
  const odd = new Story('sh').start('o\ndd').say('o\ndd', 'xxxx found\n').end('o\ndd').end('sh');
  storeBuild(other, odd, { id: OLD });
  fs.writeFileSync(logOf(other, OLD, 1), Buffer.from('\xff\x00\xfe! found\n', 'latin1').subarray(0, 11));
  const { bytes } = grep('--store', other, 'found');
  assert.deepEqual(bytes, Buffer.from('o\\ndd:1:\xff\x00\xfe! found\n', 'latin1'));
  const [record] = grep('--store', other, '--json', 'found').stdout.split('\n');
  const { base64, name } = JSON.parse(record ?? '') as { base64: string; name: string };
  assert.deepEqual(Buffer.from(base64, 'base64'), Buffer.from('\xff\x00\xfe! found', 'latin1'));
  assert.equal(name, 'o\ndd');
});

test('wrong use is reported', () => {
  const wrong: [string[], RegExp][] = [
    [[], /^loglin: grep for what\? loglin grep --help\n$/],
    [
      ['('],
      /^loglin: '\(': no regular expression: \( without \); to look for these very characters: loglin grep -F '\('\n$/,
    ],
    [['-A', 'x', 'y'], /^loglin: -A x: want a number\n$/],
    [['-b', OLD, '--all-builds', 'x'], /^loglin: -b and --all-builds: give one of them\n$/],
  ];
  for (const [args, message] of wrong) {
    const { stderr, status } = grep(...args);
    assert.match(stderr, message);
    assert.equal(status, 125);
  }
});

test('grep finds the same lines as GNU grep', () => {
  forSeeds(15, (seed) => {
    const random = new Random(seed);
    const words = ['a', 'b', 'ab', 'foo', 'Foo', 'foo_bar', ' ', ' ', '.', '\n', '\n', '\n'];
    const text = `${Array.from({ length: 150 }, () => random.pick(words)).join('')}\n`;
    const other = box.path(`gnu${seed}`);
    storeBuild(other, new Story('sh').start('t').say('t', text).end('t').end('sh'), { id: OLD });
    box.write('t', text);
    const options = [
      ...random.some(['-i', '-v', '-w'], 0.3),
      ...random.some([`-A${1 + random.below(4)}`, `-B${1 + random.below(4)}`], 0.4),
      ...random.some(['-F'], 0.2),
    ];
    const pattern = random.pick(['foo', 'a', '^$', 'ab|foo', 'fo+.', '[^a ]b', '.']);
    const what = [...options, ...(options.includes('-F') ? [] : ['-E'])];
    const theirs = box.run(['grep', '-nH', ...what, '-e', pattern, 't'], { LC_ALL: 'C.UTF-8' });
    const ours = grep('--store', other, ...what, '-e', pattern);
    assert.equal(ours.stdout, theirs.stdout, `${what.join(' ')} ${pattern}`);
    assert.equal(ours.status, theirs.status);
  });
});
