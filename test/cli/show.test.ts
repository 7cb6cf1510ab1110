// loglin show on stored builds, called as by a user.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { logFile } from '../../src/store/layout.ts';
import type { JobId } from '../../src/model/ids.ts';
import { type Changes, LOGLIN_BIN, type Outcome, Sandbox } from '../rig/sandbox.ts';
import { logOf, storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';
const C = '20260103-000000000-cccc';

/** The build that most tests use. */
function story(): Story {
  const one = new Story('make').say('make', 'entering\n').make('make', ['all']);
  one
    .start('src/gen.h', { make: 'make' })
    .step('src/gen.h', './gen quietly')
    .say('src/gen.h', 'gen\n')
    .end('src/gen.h');
  one.start('src/b.o', { make: 'make', needs: 'src/gen.h' }).step('src/b.o', 'cc -c b.c', true);
  one.say('src/b.o', 'b.c:1: error: \x1b[31mred\x1b[0m\n').end('src/b.o', { exit: 1 });
  one.start('src/a.o', { make: 'make', needs: 'src/gen.h' }).say('src/a.o', '10%\r50%\rdone');
  one.end('src/a.o', { signal: 11 });
  one.start('lib/a.o', { make: 'make' }).say('lib/a.o', 'no UTF-8: \n').end('lib/a.o');
  one.graph('make', {
    all: 'objs lib/a.o',
    objs: 'src/a.o src/b.o',
    'src/a.o': 'src/gen.h',
    'src/b.o': 'src/gen.h',
    'src/gen.h': '',
    'lib/a.o': '',
  });
  return one.say('make', 'leaving\n').makeEnds('make').end('make', { exit: 2 });
}

const SHOWN = `entering
▸ src/a.o
  ▸ src/gen.h
gen
▸ src/a.o (resumed)
done
✗ src/a.o (SIGSEGV)
▸ src/b.o
cc -c b.c
b.c:1: error: \x1b[31mred\x1b[0m
✗ src/b.o (exit 1)
▸ lib/a.o
no UTF-8: 
`;

const box = new Sandbox();

before(() => {
  const older = new Story('make').start('old').say('old', 'from the older build\n').end('old').end('make');
  storeBuild(box.path('.loglin'), older, { id: A });
  const failed = new Story('sh').say('sh', 'it failed\n').end('sh', { exit: 3 });
  storeBuild(box.path('.loglin'), failed, { id: B, close: { status: { exit: 3 } } });
  storeBuild(box.path('.loglin'), story(), { id: C });
});
after(() => {
  box.remove();
});

function show(args: readonly string[] = [], changes: Changes = {}): Outcome {
  return box.loglin(['show', ...args], changes);
}

function stdout(args: readonly string[] = [], changes: Changes = {}): string {
  const { status, stdout: text, stderr } = show(args, changes);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return text;
}

/** Checks status and empty stdout, and returns stderr. */
function refused(args: readonly string[], status: number): string {
  const outcome = show(args);
  assert.equal(outcome.stdout, '');
  assert.equal(outcome.status, status, outcome.stderr);
  return outcome.stderr;
}

test('show prints the last build in the order of needs, from any folder of the project', () => {
  assert.equal(stdout(), `${SHOWN}leaving\n`);
  fs.mkdirSync(box.path('src/deep'), { recursive: true });
  assert.equal(box.loglin(['show'], {}, box.path('src/deep')).stdout, `${SHOWN}leaving\n`);
  assert.equal(box.loglin(['show', '--store', box.path('.loglin')], {}, '/').stdout, `${SHOWN}leaving\n`);
  assert.equal(box.loglin(['show'], { LOGLIN_STORE: box.path('.loglin') }, '/').stdout, `${SHOWN}leaving\n`);
});

test('--order=launch prints each job at its link', () => {
  const text = stdout(['--order=launch']);
  assert.deepEqual(text.match(/^▸ .*$/gm), ['▸ src/gen.h', '▸ src/b.o', '▸ src/a.o', '▸ lib/a.o']);
});

test('a target is printed as recorded, with the jobs below it', () => {
  assert.equal(
    stdout(['src/a.o']),
    '▸ src/a.o\n  ▸ src/gen.h\ngen\n▸ src/a.o (resumed)\ndone\n✗ src/a.o (SIGSEGV)\n',
  );
  assert.equal(stdout(['lib/a.o', 'src/gen.h']), '▸ lib/a.o\nno UTF-8: \n▸ src/gen.h\ngen\n');
});

test('jobs shared by several targets are shown once', () => {
  assert.equal(stdout(['src/b.o', 'src/a.o']).match(/^gen$/gm)?.length, 1);
});

test('a target is found by a path suffix that begins after a /', () => {
  assert.match(stdout(['gen.h']), /^▸ src\/gen\.h\n/);
  assert.match(
    refused(['en.h'], 1),
    /^loglin: en\.h: no such target in this build; nearest:\n {2}src\/gen\.h\n$/,
  );
});

test('an ambiguous suffix lists its targets, with status 1', () => {
  assert.equal(refused(['a.o'], 1), 'loglin: a.o: which one?\n  src/a.o\n  lib/a.o\n');
});

test('a glob selects all matches; * does not cross a / but ** does', () => {
  assert.deepEqual(stdout(['src/*.o']).match(/^▸ .*o$/gm), ['▸ src/b.o', '▸ src/a.o']);
  assert.deepEqual(stdout(['**/?.o']).match(/^▸ .*o$/gm), ['▸ src/b.o', '▸ src/a.o', '▸ lib/a.o']);
  assert.deepEqual(stdout(['src/[!b].o']).match(/^▸ .*o$/gm), ['▸ src/a.o']);
  assert.deepEqual(stdout(['**/objs']).match(/^▸ .*o$/gm), ['▸ src/a.o', '▸ src/b.o']);
  assert.equal(
    refused(['*.o'], 1),
    "loglin: *.o: no such target in this build; * does not cross a /: '**/*.o' is in all folders\n",
  );
  assert.equal(refused(['*.x'], 1), 'loglin: *.x: no such target in this build\n');
  assert.match(refused(['[z-a]'], 1), /^loglin: \[z-a\]: no such target/);
});

test('a target without a job of its own stands for its needs', () => {
  const text = stdout(['objs']);
  assert.ok(text.startsWith('▸ src/a.o\n  ▸ src/gen.h\n'));
  assert.ok(!text.includes('lib/a.o'));
});

test('an unknown name has status 1 and lists similar names, if there are any', () => {
  assert.equal(
    refused(['src/c.o'], 1),
    'loglin: src/c.o: no such target in this build; nearest:\n  src/a.o\n  src/b.o\n',
  );
  assert.equal(
    refused(['completely-different'], 1),
    'loglin: completely-different: no such target in this build\n',
  );
});

test('-b takes an id, a prefix of one, -1 or @failed', () => {
  const older = '▸ old\nfrom the older build\n';
  for (const args of [
    ['-b', A],
    ['-b', '20260101'],
    ['-b', '-2'],
    ['-b-2'],
    ['--build=-2'],
    ['--build', '-2'],
  ])
    assert.equal(stdout(args), older, args.join(' '));
  assert.equal(stdout(['-b', '-1']), 'it failed\n');
  assert.equal(stdout(['-b', '@failed']), 'it failed\n');
  assert.equal(stdout(['-b', '-2', 'old']), older);
  assert.match(refused(['-b', '2026'], 1), /^loglin: build 2026: .*; give more of the id\n$/);
  assert.match(refused(['-b', 'x'], 1), /^loglin: build x: not in .*; `loglin ls` lists the builds\n$/);
  assert.equal(refused(['-b', '-7'], 1), 'loglin: build -7: there are not so many\n');
});

test('--failed prints jobs that failed themselves, without their needs, in log order', () => {
  assert.equal(
    stdout(['--failed']),
    '▸ src/a.o\ndone\n✗ src/a.o (SIGSEGV)\n▸ src/b.o\ncc -c b.c\nb.c:1: error: \x1b[31mred\x1b[0m\n✗ src/b.o (exit 1)\n',
  );
});

test('--commands prints commands that the log does not have', () => {
  const text = stdout(['--commands', 'src/b.o']);
  assert.match(
    text,
    /^▸ src\/b\.o\n {2}▸ src\/gen\.h\n\$ '\.\/gen quietly'\ngen\n▸ src\/b\.o \(resumed\)\ncc -c b\.c\n/,
  );
});

test('--raw prints every byte of every log once and nothing else', () => {
  const logs = [0, 1, 2, 3, 4].map((job) => fs.readFileSync(logOf(box.path('.loglin'), C, job), 'latin1'));
  const { bytes } = show(['--raw']);
  assert.equal(bytes.length, logs.join('').length);
  for (const log of logs.slice(1)) assert.equal(bytes.toString('latin1').split(log).length, 2);
  assert.equal(stdout(['--raw', 'src/a.o']), 'gen\n10%\r50%\rdone');
});

test('--prefix prints the target before every line', () => {
  assert.equal(
    stdout(['--prefix']),
    `make: entering
src/gen.h: gen
src/a.o: done
src/a.o: ✗ SIGSEGV
src/b.o: cc -c b.c
src/b.o: b.c:1: error: \x1b[31mred\x1b[0m
src/b.o: ✗ exit 1
lib/a.o: no UTF-8: 
make: leaving
`,
  );
});

test('--no-details prints headers and failures', () => {
  assert.equal(
    stdout(['--no-details']),
    '▸ src/a.o\n  ▸ src/gen.h\n✗ src/a.o (SIGSEGV)\n▸ src/b.o\n✗ src/b.o (exit 1)\n▸ lib/a.o\n',
  );
});

test('--times prints the start and duration of each job', () => {
  const text = stdout(['--times', '--no-details']);
  assert.match(
    text,
    /^▸ src\/a\.o \(at 0\.\d\ds\)\n {2}▸ src\/gen\.h \(at 0\.\d\ds\)\n {2}✓ src\/gen\.h 0\.\d\ds\n✗ src\/a\.o \(SIGSEGV\) 0\.\d\ds\n/,
  );
});

test('--links refers to needs that were shown above', () => {
  assert.match(stdout(['--links']), /▸ src\/b\.o\n {2}▸ src\/gen\.h \(above\)\ncc -c/);
});

test('--json prints one event a line, with bytes that are not UTF-8 in base64', () => {
  const file = logFile(box.path('.loglin/builds', C), 4 as JobId);
  const log = fs.readFileSync(file);
  const bad = Buffer.from(log);
  bad[3] = 0xff;
  fs.writeFileSync(file, bad);
  const events = stdout(['--json'])
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  fs.writeFileSync(file, log);
  const [first] = events;
  assert.deepEqual(first, { type: 'build', id: C, at: first?.at, argv: ['make'], cwd: '' });
  assert.equal(typeof first.at, 'number');
  assert.equal(events.at(-1)?.type, 'end');
  assert.deepEqual(events.slice(1, 5), [
    { type: 'text', job: 0, name: 'make', text: 'entering\n' },
    { type: 'enter', job: 3, name: 'src/a.o', depth: 0, started: 13, folder: '' },
    { type: 'enter', job: 1, name: 'src/gen.h', depth: 1, started: 4, folder: '' },
    { type: 'text', job: 1, name: 'src/gen.h', text: 'gen\n' },
  ]);
  const segv = events.find(({ type, job }) => type === 'leave' && job === 3);
  assert.equal(segv?.signal, 11);
  assert.equal(segv.failed, true);
  assert.deepEqual(
    events.find(({ type, job }) => type === 'text' && job === 3),
    { type: 'text', job: 3, name: 'src/a.o', text: '10%\r50%\rdone' },
  );
  const base64 = events.find((event) => 'base64' in event);
  assert.equal(base64?.job, 4);
  assert.deepEqual(Buffer.from(base64.base64 as string, 'base64'), bad);
});

test('colour follows --color, NO_COLOR and FORCE_COLOR, and is off in a pipe by default', () => {
  const own = '\x1b[1m▸ src/a.o\x1b[0m';
  const theirs = '\x1b[31mred\x1b[0m';
  for (const [args, changes, coloured, kept] of [
    [[], {}, false, true],
    [['--color'], {}, true, true],
    [['--color=always'], { NO_COLOR: '1' }, true, true],
    [[], { FORCE_COLOR: '1' }, true, true],
    [[], { FORCE_COLOR: '1', NO_COLOR: '1' }, true, true],
    [['--color=auto'], { NO_COLOR: '1' }, false, false],
    [[], { FORCE_COLOR: '0' }, false, false],
    [['--color=never'], { FORCE_COLOR: '1' }, false, false],
    [['--no-color'], {}, false, false],
    [[], { NO_COLOR: '' }, false, true],
  ] as const) {
    const text = stdout(args, changes);
    const what = `${args.join(' ')} ${JSON.stringify(changes)}`;
    assert.equal(text.includes(own), coloured, what);
    assert.equal(text.includes(theirs), kept, what);
    assert.ok(text.includes('red'));
  }
});

test('--color does not take the target as its value', () => {
  assert.match(stdout(['--color', 'gen.h']), /^\x1b\[1m▸ src\/gen\.h/);
});

test('colours that programs printed only at the request of loglin are left out of a pipe', () => {
  const other = new Sandbox();
  try {
    storeBuild(other.path('.loglin'), story(), { first: { coloured: true } });
    assert.ok(!other.loglin(['show']).stdout.includes('\x1b'));
    assert.ok(other.loglin(['show', '--color']).stdout.includes('\x1b[31mred'));
    assert.ok(other.loglin(['show', '--raw']).stdout.includes('\x1b[31mred'));
  } finally {
    other.remove();
  }
});

test('only ASCII is printed with --ascii or in a locale other than UTF-8; no locale counts as UTF-8', () => {
  for (const [args, changes, ascii] of [
    [['--ascii'], {}, true],
    [[], {}, false],
    [[], { LANG: 'C' }, true],
    [[], { LANG: 'C', LC_ALL: 'C.UTF-8' }, false],
    [[], { LANG: 'C.UTF-8', LC_CTYPE: 'POSIX' }, true],
    [[], { LANG: 'de_DE.utf8', LC_ALL: '' }, false],
  ] as const) {
    const text = stdout([...args, 'src/b.o'], changes);
    assert.equal(text.startsWith('> src/b.o\n  > src/gen.h\n'), ascii, JSON.stringify(changes));
    assert.equal(text.endsWith('x src/b.o (exit 1)\n'), ascii);
  }
});

test('wrong use is one line with the reason and status 125', () => {
  for (const [args, message] of [
    [['--frob'], /^loglin: --frob: no such option; see loglin show --help\n$/],
    [['--order=size'], /^loglin: --order=size: want needs or launch\n$/],
    [['--order'], /^loglin: --order <order>: its value is missing; see loglin show --help\n$/],
    [['--color=sometimes'], /^loglin: --color=sometimes: want auto, always or never\n$/],
    [['-b'], /^loglin: -b, --build <build>: its value is missing; see loglin show --help\n$/],
  ] as const)
    assert.match(refused(args, 125), message);
});

test('names that are no paths are found by their words, and globs do not treat their slashes as separators', () => {
  const other = new Sandbox();
  try {
    const one = new Story('npm');
    const names = [
      '@m/p03 build',
      '@m/p03 test:unit',
      '@m/p04 build',
      'gzip -9 data/old/a.txt',
      '(cd x; ./run)',
      'lib/a b',
    ];
    const make = new Story('make')
      .make('make', ['all'])
      .start('dir/my file.o', { make: 'make' })
      .end('dir/my file.o');
    for (const name of names) one.start(name).say(name, 'said\n').end(name);
    storeBuild(other.path('.loglin'), make.makeEnds('make').end('make'), { id: A });
    storeBuild(other.path('.loglin'), one.end('npm'), { id: B });
    const found = (word: string, build = B): string[] => {
      const { stdout: text, stderr } = other.loglin(['show', '-b', build, '--', word]);
      return [...text.matchAll(/^▸ (.*)$/gm)]
        .map(([, name = '']) => name)
        .concat(stderr === '' ? [] : stderr);
    };
    const [build3, test3, build4, gzip, run, ab] = names as [string, string, string, string, string, string];
    assert.deepEqual(found('*p03*'), [build3, test3]);
    assert.deepEqual(found('*build'), [build3, build4]);
    assert.deepEqual(found('@m/p0?'), [build3, test3, build4]);
    assert.deepEqual(found('*.txt'), [gzip]);
    assert.deepEqual(found('b*d'), [build3, build4]);
    assert.deepEqual(found('test:unit'), [test3]);
    assert.deepEqual(found('p04'), [build4]);
    assert.deepEqual(found('@m/p04'), [build4]);
    assert.deepEqual(found('p04 build'), [build4]);
    assert.deepEqual(found('old/a.txt'), [gzip]);
    assert.deepEqual(found('data/old/a.txt'), [gzip]);
    assert.deepEqual(found('./run'), [run]);
    assert.deepEqual(found('a b'), [ab]);
    assert.match(
      found('build').join(),
      /^loglin: build: which one\?\n {2}@m\/p03 build\n {2}@m\/p04 build\n$/,
    );
    assert.match(found('uild').join(), /no such target/);
    assert.match(found('p0').join(), /no such target/);
    assert.match(found('[z-a]*').join(), /no such target/);
    // A file name is a path, with or without spaces.
    assert.deepEqual(found('my file.o', A), ['dir/my file.o']);
    assert.match(found('file.o', A).join(), /no such target/);
    assert.match(found('*.o', A).join(), /no such target/);
    assert.deepEqual(found('dir/*.o', A), ['dir/my file.o']);
  } finally {
    other.remove();
  }
});

test('names with spaces, quotes, escapes and control characters are escaped, and found unescaped', () => {
  const other = new Sandbox();
  try {
    const names = ['a b', `it's`, '\x1b[31mred', 'tab\tnew\nline', 'über/größe.o', '-dash', '*', 'x[1]'];
    const one = new Story('make').make('make', ['all']);
    for (const name of names)
      one
        .start(name, { make: 'make' })
        .say(name, `<${names.indexOf(name)}>\n`)
        .end(name);
    storeBuild(other.path('.loglin'), one.makeEnds('make').end('make'));
    for (const name of names.filter((each) => each !== '*')) {
      const { stdout: text, status, stderr } = other.loglin(['show', '--', name]);
      assert.equal(status, 0, stderr);
      assert.equal(text.split('\n').length, 3, 'a header and a line');
      assert.ok(text.endsWith(`\n<${names.indexOf(name)}>\n`));
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\x00-\x1f]/);
    }
    assert.equal(other.loglin(['show', 'größe.o']).stdout, '▸ über/größe.o\n<4>\n');
    assert.equal(other.loglin(['show', '*']).stdout, '▸ *\n<6>\n', 'a name before a glob');
    const near = other.loglin(['show', '\x1b[31mrad']).stderr;
    assert.doesNotMatch(near.replaceAll('\n', ''), /[\x00-\x1f]/);
  } finally {
    other.remove();
  }
});

test('the second job of a name is name#2', () => {
  const other = new Sandbox();
  try {
    const one = new Story('sh').start('t', { as: '1' }).say('1', 'first\n').end('1').start('t', { as: '2' });
    storeBuild(other.path('.loglin'), one.say('2', 'second\n').end('2').end('sh'));
    assert.equal(other.loglin(['show', 't#2']).stdout, '▸ t#2\nsecond\n');
    assert.equal(other.loglin(['show', 't']).stdout, '▸ t\nfirst\n');
  } finally {
    other.remove();
  }
});

test('a store without builds gives one line on how to record one, with status 1', () => {
  const other = new Sandbox();
  try {
    const { stderr, status } = other.loglin(['show']);
    assert.match(stderr, /^loglin: no builds in .*\.loglin; record one: loglin make\n$/);
    assert.equal(status, 1);
  } finally {
    other.remove();
  }
});

test('damage is reported on stderr with status 1, and the rest is shown', () => {
  const other = new Sandbox();
  try {
    const folder = storeBuild(other.path('.loglin'), story(), { id: C });
    fs.appendFileSync(`${folder}/journal.ndjson`, 'damaged\n');
    fs.rmSync(logFile(folder, 1 as JobId));
    const { stdout: text, stderr, status } = other.loglin(['show']);
    assert.equal(text, `${SHOWN}leaving\n`.replace('gen\n▸ src/a.o (resumed)', '▸ src/a.o (resumed)'));
    const lines = stderr.split('\n');
    assert.match(lines[0] ?? '', /journal\.ndjson:\d+: not a record of a journal$/);
    assert.match(lines[1] ?? '', /logs\/1\.log: no such file or directory$/);
    assert.equal(lines.length, 3);
    assert.equal(status, 1);
  } finally {
    other.remove();
  }
});

test('show ends quietly when its reader goes away', () => {
  const {
    stdout: text,
    stderr,
    status,
  } = box.run(['sh', '-c', '"$0" show --store .loglin | head -1', LOGLIN_BIN]);
  assert.equal(text, 'entering\n');
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

test('--exit-code exits with the status of the build, or 1 if it has none', () => {
  const other = new Sandbox();
  try {
    const ends = [
      { exit: 0 },
      { exit: 3 },
      { exit: 255 },
      { exit: 256 },
      { exit: 2 ** 32 - 1 },
      { signal: 15 },
    ];
    for (const [i, status] of ends.entries())
      storeBuild(other.path('.loglin'), new Story('make').end('make'), {
        id: `2026010${i + 1}-000000000-aaaa`,
        close: { status },
      });
    storeBuild(other.path('.loglin'), new Story('make'), { id: C.replace('0103', '0108'), close: false });
    const statuses = [7, 6, 5, 4, 3, 2, 1].map((n) => {
      const { status, stderr } = other.loglin(['show', '--exit-code', '-b', `-${7 - n}`]);
      assert.equal(stderr, '');
      return status;
    });
    assert.deepEqual(statuses.reverse(), [0, 3, 255, 255, 255, 143, 1]);
    assert.equal(other.loglin(['show', '-b', '-1']).status, 0, 'not asked for');
  } finally {
    other.remove();
  }
});

test('all commands take a target as a path from the current folder or an absolute path', () => {
  const other = new Sandbox();
  try {
    const one = new Story('make').make('make', ['all']);
    const names = ['src/a.o', 'lib/a.o', '..x/a.o', 'a[b]/a.o', 'src/sub', 'top'];
    for (const name of names) one.start(name, { make: 'make' }).say(name, `<${name}>\n`).end(name);
    storeBuild(other.path('.loglin'), one.makeEnds('make').end('make'), {
      id: A,
      first: { root: '/where/it/was' },
    });
    for (const folder of ['src', 'src/sub', 'lib', '..x', 'a[b]']) fs.mkdirSync(other.path(folder));
    fs.symlinkSync(other.path('src'), other.path('link'));
    fs.symlinkSync(other.folder, `${other.folder}.link`);
    const shown = (folder: string, word: string): string => {
      const { stdout: text, stderr } = other.loglin(['show', word], {}, other.path(folder));
      return stderr || (text.match(/(?<=<).*(?=>)/g) ?? []).join(' ');
    };
    for (const [folder, word, name] of [
      ['', './src/a.o', 'src/a.o'],
      ['src', './a.o', 'src/a.o'],
      // The target of the current folder is meant, so it is not ambiguous.
      ['src', 'a.o', 'src/a.o'],
      ['lib', 'a.o', 'lib/a.o'],
      ['..x', 'a.o', '..x/a.o'],
      ['..x', '../top', 'top'],
      ['a[b]', 'a.o', 'a[b]/a.o'],
      ['a[b]', '*.o', 'a[b]/a.o'],
      ['src', '../lib/a.o', 'lib/a.o'],
      ['src', '../*/a.o', 'src/a.o lib/a.o ..x/a.o a[b]/a.o'],
      ['src', './*.o', 'src/a.o'],
      ['src', 'sub/', 'src/sub'],
      ['src/sub', '.', 'src/sub'],
      ['src', 'src/a.o', 'src/a.o'],
      ['src', 'lib/a.o', 'lib/a.o'],
      ['src', 'top', 'top'],
      ['lib', other.path('src/a.o'), 'src/a.o'],
      ['lib', `${other.folder}.link/src/a.o`, 'src/a.o'],
      ['', 'link/a.o', 'src/a.o'],
      ['', '/where/it/was/src/a.o', 'src/a.o'],
      ['src', './b.o', 'loglin: ./b.o: no such target in this build; nearest:\n  src/a.o\n  src/sub\n'],
      ['src', './completely-different', 'loglin: ./completely-different: no such target in this build\n'],
      ['', 'a.o', 'loglin: a.o: which one?\n  src/a.o\n  lib/a.o\n  ..x/a.o\n  a[b]/a.o\n'],
    ] as const)
      assert.equal(shown(folder, word), name, `${word} in ${folder}/`);
    fs.rmSync(`${other.folder}.link`);
    const src = other.path('src');
    for (const [args, expected] of [
      [['jobs', './a.o'], / src\/a\.o$/m],
      [['why', './a.o'], /src\/a\.o/],
      [['diff', '-b', A, './a.o'], /src\/a\.o/],
      [['path', './a.o'], /\/1\.log$/m],
      [['grep', '.', './a.o'], /^src\/a\.o:1:<src/],
      [['time', './a.o'], /src\/a\.o/],
      [['problems', './a.o'], /^$/],
      [['jobs', '../lib/a.o'], / lib\/a\.o$/m],
    ] as const) {
      const { stdout: text, stderr } = other.loglin(args, {}, src);
      assert.equal(stderr, '', args.join(' '));
      assert.match(text, expected, args.join(' '));
      assert.doesNotMatch(text, args[1] === '../lib/a.o' ? /src\/a/ : /lib\/a/);
    }
  } finally {
    fs.rmSync(`${other.folder}.link`, { force: true });
    other.remove();
  }
});

test('a build that was not split explains why it has no targets', () => {
  const other = new Sandbox();
  try {
    const one = (): Story => new Story('make').say('make', 'text\n').end('make');
    const why = (): string => other.loglin(['show', 'all']).stderr;
    storeBuild(other.path('.loglin'), one(), { id: A });
    assert.equal(
      why(),
      'loglin: all: no targets in this build: nothing in it was a tool that is split into jobs, or --no-hooks was given\n',
    );
    const noted = one();
    noted.events.push({ e: 'note', t: 1, text: 'make is static, so it is one job', unsplit: true });
    storeBuild(other.path('.loglin'), noted, { id: B });
    assert.equal(why(), 'loglin: all: no targets in this build: make is static, so it is one job\n');
    storeBuild(other.path('.loglin'), new Story('make').make('make', ['all']).makeEnds('make').end('make'), {
      id: C,
    });
    assert.equal(
      why(),
      'loglin: all: no targets in this build: its tool had nothing to do; with -u, what it made before\n',
    );
  } finally {
    other.remove();
  }
});

/**
 * all → lib → x.o (prints something) → gen.h (silent); b.o is silent and fails; c.o is silent; sub runs d.o,
 * which prints something.
 */
function silentStory(): Story {
  const one = new Story('make').make('make', ['all']);
  one.start('gen.h', { make: 'make' }).end('gen.h');
  one.start('x.o', { make: 'make', needs: 'gen.h' }).say('x.o', 'x.c:1: warning: w\n').end('x.o');
  one.start('lib', { make: 'make', needs: 'x.o' }).end('lib');
  one.start('b.o', { make: 'make' }).end('b.o', { exit: 1 });
  one.start('c.o', { make: 'make' }).step('c.o', 'cc -c c.c').end('c.o');
  one.start('sub', { make: 'make' }).say('sub', 'before\n').start('quiet', { parent: 'sub' }).end('quiet');
  one.say('sub', 'after\n').start('sub/d.o', { parent: 'sub' }).say('sub/d.o', 'd.c:1: warning: w\n');
  one.end('sub/d.o').say('sub', 'end\n').end('sub');
  one.graph('make', {
    all: 'lib b.o c.o sub',
    lib: 'x.o',
    'x.o': 'gen.h',
    'gen.h': '',
    'b.o': '',
    'c.o': '',
    sub: '',
  });
  return one.makeEnds('make').end('make', { exit: 2 });
}

test('--hide-silent shows only jobs with output or a failure, and is the default for a silent make', () => {
  const other = new Sandbox();
  try {
    const text = (...args: string[]): string => other.loglin(['show', ...args]).stdout;
    const hidden =
      '▸ x.o\nx.c:1: warning: w\n▸ b.o\n✗ b.o (exit 1)\n▸ sub\nbefore\nafter\n  ▸ sub/d.o\nd.c:1: warning: w\n▸ sub (resumed)\nend\n';
    const all =
      '▸ lib\n  ▸ x.o\n    ▸ gen.h\n  ▸ x.o (resumed)\nx.c:1: warning: w\n▸ b.o\n✗ b.o (exit 1)\n▸ c.o\n▸ sub\nbefore\n  ▸ quiet\n▸ sub (resumed)\nafter\n  ▸ sub/d.o\nd.c:1: warning: w\n▸ sub (resumed)\nend\n';
    storeBuild(other.path('.loglin'), silentStory(), { id: A, first: { argv: ['make', '-j4'] } });
    assert.equal(text(), all);
    assert.equal(text('--hide-silent'), hidden);
    assert.equal(text('--hide-silent', '--no-details'), '▸ x.o\n▸ b.o\n✗ b.o (exit 1)\n▸ sub\n  ▸ sub/d.o\n');
    assert.match(text('--hide-silent', '--commands'), /^▸ c\.o\n\$ 'cc -c c\.c'$/m);
    assert.deepEqual(
      text('--hide-silent', '--json')
        .match(/"type":"enter"[^\n]*/g)
        ?.map((line) => /"name":"(.*?)","depth":(\d)/.exec(line)?.slice(1).join(' ')),
      ['x.o 0', 'b.o 0', 'sub 0', 'sub/d.o 1'],
    );
    // Programs get the other jobs at the end, so that they can import the same build.
    assert.deepEqual(
      text('--hide-silent', '--json').match(/"type":"(?:build|silent|end)"(?:,"job":\d+,"name":"[^"]*")?/g),
      [
        '"type":"build"',
        '"type":"silent","job":1,"name":"gen.h"',
        '"type":"silent","job":3,"name":"lib"',
        '"type":"silent","job":5,"name":"c.o"',
        '"type":"silent","job":7,"name":"quiet"',
        '"type":"end"',
      ],
    );
    assert.equal(text('--hide-silent', 'c.o'), '');
    assert.match(text('--links'), /(?:lib|c\.o|gen\.h) \(above\)/);
    assert.doesNotMatch(text('--hide-silent', '--links'), /(?:lib|c\.o|gen\.h) \(above\)/);
    other.write('.loglin.json', '{ "hideSilent": true }');
    assert.equal(text(), hidden);
    assert.equal(text('--no-hide-silent'), all);
    fs.rmSync(other.path('.loglin.json'));

    storeBuild(other.path('.loglin'), silentStory(), { id: B, first: { argv: ['make', '-sj4'] } });
    assert.equal(text(), hidden);
    assert.equal(text('--no-hide-silent'), all);
    // A user who names a target wants to see that it ran; programs get everything.
    assert.equal(text('c.o'), '▸ c.o\n');
    assert.match(text('--json'), /"type":"enter","job":\d+,"name":"c\.o"/);
    other.write('.loglin.json', '{ "hideSilent": false }');
    assert.equal(text(), all);
  } finally {
    other.remove();
  }
});
