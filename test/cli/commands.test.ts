// The commands ls, path, doctor, link and help, and wrong use.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import pkg from '../../package.json' with { type: 'json' };
import { type Outcome, Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { thisProcess } from '../../src/store/running.ts';
import { Story } from '../rig/story.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';
const C = '20260103-000000000-cccc';
const D = '20260104-000000000-dddd';

const box = new Sandbox();
after(() => {
  box.remove();
});
const store = box.path('.loglin');
{
  const one = new Story('make').start('dir/a').say('dir/a', 'text\n').end('dir/a', { exit: 1 }).end('make');
  storeBuild(store, one, {
    id: A,
    first: { argv: ['make', '-j4'], revision: '0123456789abcdef' },
    close: { t: 61_000 },
  });
  storeBuild(store, one, { id: B, close: { status: { exit: 2 }, failed: 1, t: 3450 } });
  const named = new Story('sh', 'odd\x1b[31mname').end('odd\x1b[31mname');
  storeBuild(store, named, { id: C, close: { status: { signal: 2 }, interrupted: true } });
  storeBuild(store, one, { id: D, close: false });
  fs.mkdirSync(box.path('.loglin/builds/20260105-000000000-eeee'));
}

function loglin(...args: string[]): Outcome {
  return box.loglin(args, { TZ: 'UTC' });
}

test('ls prints one line for each build, the last build last', () => {
  const { stdout, stderr, status } = loglin('ls');
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 5);
  assert.match(
    lines[0] ?? '',
    new RegExp(`^${A} {2}2026-01-02 03:04 +1m01s {2}ok +1 job +01234567 {2}make -j4$`),
  );
  assert.match(lines[1] ?? '', new RegExp(`^${B} .* 3\\.45s {2}exit 2 +1 job, 1 failed +make$`));
  assert.match(lines[2] ?? '', new RegExp(`^${C} .* interrupted .* odd[^\\x1b]*name$`));
  assert.match(lines[3] ?? '', new RegExp(`^${D} .* interrupted +1 job, 1 failed +make$`));
  assert.match(lines[4] ?? '', /^20260105-000000000-eeee {2}damaged: /);
});

test('ls -n limits the list to the last builds', () => {
  assert.equal(loglin('ls', '-n', '2').stdout.split('\n').length, 3);
  assert.equal(loglin('ls', '-n0').stdout, '');
  assert.equal(loglin('ls', '-n', '99').stdout.split('\n').length, 6);
  const { stderr, status } = loglin('ls', '-n', 'x');
  assert.equal(stderr, 'loglin: -n x: want a number\n');
  assert.equal(status, 125);
});

test('ls --failed lists failed and interrupted builds, with -n the last of them', () => {
  const ids = (...args: string[]): string[] =>
    loglin('ls', '--failed', ...args)
      .stdout.trimEnd()
      .split('\n')
      .map((line) => (line.split(' ', 1)[0] ?? '').slice(-4));
  assert.deepEqual(ids(), ['bbbb', 'cccc', 'dddd', 'eeee']);
  assert.deepEqual(ids('-n', '3'), ['cccc', 'dddd', 'eeee']);
});

test('ls lists a build of another boot or with a reused process number as interrupted', () => {
  const other = new Sandbox();
  try {
    const builds = other.path('.loglin');
    const running = new Story('make');
    const mark = thisProcess();
    storeBuild(builds, running, { id: A, close: false, first: { ...mark } });
    storeBuild(builds, running, { id: B, close: false, first: { ...mark, ticks: 1 } });
    storeBuild(builds, running, { id: C, close: false, first: { ...mark, boot: 'another', inside: true } });
    const lines = other.loglin(['ls']).stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', / {2}running {6}0 jobs {2}make$/);
    assert.match(lines[1] ?? '', / {2}interrupted {2}0 jobs {2}make$/);
    assert.match(lines[2] ?? '', / {2}interrupted {2}0 jobs {2}↳ make$/);
  } finally {
    other.remove();
  }
});

test('ls --failed omits a running build', () => {
  const other = new Sandbox();
  try {
    const builds = other.path('.loglin');
    storeBuild(builds, new Story('make'), { id: A, close: false, first: { ...thisProcess() } });
    storeBuild(builds, new Story('make'), { id: B, close: { status: { exit: 2 } } });
    storeBuild(builds, new Story('make'), { id: C, close: { status: { exit: 0 } } });
    const { stdout } = other.loglin(['ls', '--failed', '--json']);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
      [B],
    );
  } finally {
    other.remove();
  }
});

test('ls --json has the documented fields', () => {
  const builds = loglin('ls', '--json')
    .stdout.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(builds[0], {
    id: A,
    state: 'finished',
    started: '2026-01-02T03:04:05.000Z',
    ms: 61_000,
    argv: ['make', '-j4'],
    cwd: '',
    name: null,
    status: { exit: 0 },
    jobs: 1,
    failed: 0,
    revision: '0123456789abcdef',
    inside: false,
    thinned: false,
    bytes: null,
  });
  assert.deepEqual(
    builds.map(({ state }) => state),
    ['finished', 'finished', 'interrupted', 'interrupted', 'damaged'],
  );
  assert.equal(builds[2]?.name, 'odd\x1b[31mname');
});

test('ls without a store lists nothing and explains on stderr what to do', () => {
  const none = box.path('none');
  const { stdout, stderr, status } = box.loglin(['ls', '--store', none]);
  assert.deepEqual(
    [stdout, stderr, status],
    ['', `loglin: no builds in ${none}; record one: loglin make\n`, 0],
  );
  assert.equal(box.loglin(['ls', '--json', '--store', none]).stderr, '');
});

test("path prints the file of a job's log, or of the root job's log without a target", () => {
  const file = loglin('path', '-b', A, 'a').stdout.trimEnd();
  assert.equal(file, box.path('.loglin/builds', A, 'logs/1.log'));
  assert.equal(fs.readFileSync(file, 'utf8'), 'text\n');
  assert.equal(loglin('path', '-b', '-1').stdout, `${box.path('.loglin/builds', D, 'logs/0.log')}\n`);
  assert.equal(loglin('path', '-b', '@failed').stdout, `${box.path('.loglin/builds', C, 'logs/0.log')}\n`);
  const none = loglin('path', '-b', A, 'b');
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^loglin: b: no such target in this build/);
});

test('path reports a target without commands', () => {
  const other = new Sandbox();
  try {
    const one = new Story('make').make('make', ['all']).start('a', { make: 'make' }).end('a');
    storeBuild(other.path('.loglin'), one.graph('make', { all: 'a', a: '' }).makeEnds('make').end('make'));
    const { stderr, status } = other.loglin(['path', 'all']);
    assert.equal(stderr, 'loglin: all: has no commands, so no log\n');
    assert.equal(status, 1);
  } finally {
    other.remove();
  }
});

test('doctor prints a line for each finding, and its status is 0 if there is no problem', () => {
  const { stdout, stderr, status } = loglin('doctor');
  assert.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^(ok {3}|less) /);
  assert.equal(status, lines.every((line) => line.startsWith('ok')) ? 0 : 1);
  assert.ok(lines.some((line) => line.includes(`node ${process.versions.node}`)));
  assert.ok(lines.some((line) => line.includes(store)));
  const found = loglin('doctor', '--json')
    .stdout.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { ok: boolean; what: string; remedy: string | null });
  assert.deepEqual(
    found.map(({ ok }) => ok),
    lines.map((line) => line.startsWith('ok')),
  );
});

test('short help is printed without arguments, for --help, -h and help, and for each command', () => {
  for (const args of [[], ['--help'], ['-h'], ['help']]) {
    const { stdout, stderr, status } = loglin(...args);
    assert.match(stdout, /^loglin: read a parallel build in order\n/);
    assert.deepEqual([stderr, status], ['', 0]);
  }
  const commands = 'run show ls jobs why diff grep problems time path export import gc rm doctor'.split(' ');
  for (const command of commands) {
    const { stdout, stderr, status } = loglin(command, '--help');
    assert.match(stdout, new RegExp(`^Usage: loglin ${command} `), command);
    if (!['doctor', 'path'].includes(command)) assert.match(stdout, /^Examples:/m, command);
    assert.deepEqual([stderr, status], ['', 0]);
  }
});

/** The words that main.ts accepts as commands. */
function commands(): string[] {
  const text = fs.readFileSync(new URL('../../src/cli/main.ts', import.meta.url), 'utf8');
  return [...text.matchAll(/^ {2}(\w+): \(\) => import\('\.\/commands\/\1\.ts'\),$/gm)].map(
    ([, name = '']) => name,
  );
}

test('the entry accepts the same words as commands as main.ts', () => {
  const entry = fs.readFileSync(new URL('../../bin/loglin', import.meta.url), 'utf8');
  const [, words = ''] = /^ {4}(show( \| \w+)+)\)$/m.exec(entry) ?? [];
  assert.deepEqual(
    // The entry handles these two by itself.
    [...words.split(' | '), 'link', 'run'].sort(),
    commands().sort(),
  );
});

test('with LOGLIN=0, commands still work and a wrapped program runs directly', () => {
  for (const command of commands().filter((name) => !['run', 'link', 'help'].includes(name))) {
    const { stdout, stderr, status } = box.loglin([command, '--help'], { LOGLIN: '0' });
    assert.deepEqual([stdout.split(' ', 3), stderr, status], [['Usage:', 'loglin', command], '', 0]);
  }
  assert.match(box.loglin(['help'], { LOGLIN: '0' }).stdout, /^loglin: read a parallel build in order\n/);
  const wrapped = box.loglin(['run', 'sh', '-c', 'echo "$0 $LOGLIN_BUILD"', 'show'], { LOGLIN: '0' });
  assert.deepEqual([wrapped.stdout, wrapped.stderr, wrapped.status], ['show \n', '', 0]);
});

test('--version prints the version', () => {
  for (const option of ['--version', '-V']) assert.equal(loglin(option).stdout, `loglin ${pkg.version}\n`);
});

test('wrong use is one line and status 125; a missing program is 127, one that cannot run is 126', () => {
  box.write('not-executable', '');
  for (const [args, status, message] of [
    [
      ['--frob', 'make'],
      125,
      /^loglin: --frob: no such option; one of make comes after its name: loglin make --frob; see loglin run --help\n$/,
    ],
    [['run'], 125, /^loglin: run: <command> is missing; see loglin run --help\n$/],
    [['--order=size', 'true'], 125, /^loglin: --order=size: want needs or launch\n$/],
    [['--color=maybe', 'true'], 125, /^loglin: --color=maybe: want auto, always or never\n$/],
    [['-C', 'nowhere', 'true'], 125, /^loglin: -C .*nowhere: no such folder\n$/],
    [
      ['ls', 'extra'],
      1,
      /^loglin: no remote is known; add one: loglin remote add ci s3:\/\/bucket\/prefix\n$/,
    ],
    [['ls', 'a', 'b'], 125, /^loglin: b: loglin ls takes one argument; see loglin ls --help\n$/],
    [['path', 'a', 'b'], 125, /^loglin: b: loglin path takes one argument; see loglin path --help\n$/],
    [
      ['--hide-silent=no', 'make'],
      125,
      /^loglin: --hide-silent=no: --hide-silent takes no value; its opposite is --no-hide-silent; see loglin run --help\n$/,
    ],
    [['log'], 127, /^loglin: log: command not found; did you mean loglin show\?\n$/],
    [['history'], 127, /^loglin: history: command not found; did you mean loglin ls\?\n$/],
    [['ls', '-5'], 125, /^loglin: -5: the last 5 are loglin ls -n 5; see loglin ls --help\n$/],
    [['ls', '--failed=yes'], 125, /^loglin: --failed=yes: --failed takes no value; see loglin ls --help\n$/],
    [['doctor', '--frob'], 125, /^loglin: --frob: no such option; see loglin doctor --help\n$/],
    [['tui', 'x'], 125, /^loglin: x: loglin tui takes no argument; see loglin tui --help\n$/],
    [['link', 'x'], 125, /^loglin: link x: works inside a build/],
    [['no-such-program'], 127, /^loglin: no-such-program: command not found\n$/],
    [
      ['-j4', 'make'],
      125,
      /^loglin: -j4: no such option; one of make comes after its name: loglin make -j4; see /,
    ],
    [
      ['--prefix', '-j4', 'make', 'all'],
      125,
      /^loglin: -j4: no such option; one of make comes after its name: loglin --prefix make -j4 all; see /,
    ],
    [
      ['--prefxi', 'true'],
      125,
      /^loglin: --prefxi: no such option; nearest: --prefix; see loglin run --help\n$/,
    ],
    [['make -j4'], 127, /^loglin: make -j4: command not found; without the quotes: loglin make -j4\n$/],
    [['shwo'], 127, /^loglin: shwo: command not found; did you mean loglin show\?\n$/],
    [['toString'], 127, /^loglin: toString: command not found\n$/],
    [['help', 'shwo'], 125, /^loglin: help shwo: no such command; nearest:\n {2}show\n$/],
    [['help', 'toString'], 125, /^loglin: help toString: no such command; see loglin help\n$/],
    [['--strict', 'show'], 127, /^loglin: show: command not found; did you mean loglin show\?\n$/],
    [['--raw', 'ls'], 125, /^loglin: --raw: no such option; nearest: --tag; see loglin ls --help\n$/],
    [['-C', 'nowhere', 'show'], 125, /^loglin: -C nowhere: no such file or directory\n$/],
    [['tui', '-b'], 125, /^loglin: -b, --build <build>: its value is missing; see loglin tui --help\n$/],
    [['tui', '-1'], 125, /^loglin: -1: an earlier build is -b -1; see loglin tui --help\n$/],
    [['jobs', '-b', A, '-1'], 1, /^loglin: -1: no such target in this build; an earlier build is -b -1\n$/],
    [
      ['jobs', '-b', A, '@failed'],
      1,
      /^loglin: @failed: no such target in this build; another build is -b @failed\n$/,
    ],
    [['completion', 'ksh'], 125, /^loglin: ksh: want bash, zsh, fish; see loglin completion --help\n$/],
    [['./not-executable'], 126, /^loglin: \.\/not-executable: /],
  ] as const) {
    const outcome = loglin(...args);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.status, status, outcome.stderr);
    assert.equal(outcome.stdout, '');
  }
});

test('options with an optional value do not take the command as their value', () => {
  const other = new Sandbox();
  try {
    for (const option of ['--color', '--no-hooks', '--color=always', '--no-hooks=make']) {
      const { stdout, stderr, status } = other.loglin([option, 'echo', '--color', 'x']);
      assert.equal(stdout, '--color x\n', stderr);
      assert.equal(status, 0);
    }
  } finally {
    other.remove();
  }
});

test('a deleted current folder is reported in one line', () => {
  const other = new Sandbox();
  try {
    const gone = other.path('gone');
    fs.mkdirSync(gone);
    const { stderr, status } = other.run(
      ['sh', '-c', 'rmdir ../gone; exec "$0" show', new URL('../../bin/loglin', import.meta.url).pathname],
      {},
      gone,
    );
    assert.match(stderr, /(^|\n)loglin: the current folder: no such file or directory\n$/);
    assert.equal(status, 125);
  } finally {
    other.remove();
  }
});

test('options before a command work like options after its name, and -C changes the folder first', () => {
  const other = new Sandbox();
  try {
    fs.mkdirSync(other.path('empty'));
    for (const args of [
      ['--store', store, 'ls', '-n1', '--json'],
      [`--store=${store}`, 'ls', '-n1', '--json'],
      ['-C', box.folder, 'ls', '-n1', '--json'],
      [`-C${box.folder}`, '--store', '.loglin', 'ls', '-n1', '--json'],
      ['--json', '--store', store, 'ls', '-n1'],
    ]) {
      const { stdout, stderr, status } = other.loglin(args, {}, other.path('empty'));
      assert.deepEqual([stderr, status], ['', 0], args.join(' '));
      assert.match(stdout, /^\{"id":"20260105-/);
    }
    const { stdout, status } = other.loglin(['--store', other.path('own'), 'run', 'echo', 'show']);
    assert.deepEqual([stdout, status], ['show\n', 0]);
    assert.equal(fs.readdirSync(other.path('own/builds')).length, 1);
    // After `--` comes a program, whatever its name is.
    assert.equal(other.loglin(['--store', other.path('own'), '--', 'ls', other.path('empty')]).stdout, '');
    assert.equal(fs.readdirSync(other.path('own/builds')).length, 2);
  } finally {
    other.remove();
  }
});

const VALUES: Readonly<Record<string, string>> = {
  '-C': box.folder,
  '--heartbeat': '5',
  '-o': box.path('options.log'),
  '--log': box.path('options.log'),
  '--report': box.path('options.md'),
};

test('every option of run with a value may stand before a command', () => {
  const { stdout } = loglin('run', '--help');
  const options = [...stdout.matchAll(/^ {2}(?:(-\w)(?:, )?)?(--[\w-]+)? <[^\n]*/gm)].flatMap(
    ([, short, long]) => [short, long].filter((name) => name !== undefined),
  );
  assert.ok(options.includes('--store') && options.includes('-C'), stdout);
  for (const option of options) {
    // `run` wraps a program of any name.
    if (/^(?:-t|--target|--heartbeat|-o|--log|--report)$/.test(option)) {
      assert.equal(loglin(option, VALUES[option] ?? 'name', 'true').status, 0, option);
      continue;
    }
    const { stdout: help } = loglin(option, VALUES[option] ?? 'needs', 'help');
    assert.match(help, /^loglin: read a parallel build in order$/m, option);
  }
});

test('help COMMAND is COMMAND --help', () => {
  for (const command of ['show', 'run', 'doctor'])
    assert.equal(loglin('help', command).stdout, loglin(command, '--help').stdout);
  assert.equal(loglin('help', 'help').stdout, loglin('--help').stdout);
});

test('a tool that is only queried builds nothing, so nothing is recorded', () => {
  const other = new Sandbox();
  try {
    other.write('Makefile', 'all: ; @echo made\n');
    for (const args of [
      ['make', '--version'],
      ['make', '-n'],
      ['make', '-kn', 'all'],
      ['make', '-q'],
      ['make', '--help'],
    ]) {
      const plain = other.run(args);
      const wrapped = other.loglin(args);
      assert.deepEqual(
        [wrapped.stdout, wrapped.stderr, wrapped.status],
        [plain.stdout, plain.stderr, plain.status],
        args.join(' '),
      );
    }
    assert.equal(fs.existsSync(other.path('.loglin')), false);
    assert.match(other.loglin(['make', '-C.']).stdout, /^made$/m);
    assert.equal(fs.readdirSync(other.path('.loglin/builds')).length, 1);
  } finally {
    other.remove();
  }
});

test('a build whose store cannot be created runs unrecorded, with advice on stderr', () => {
  const other = new Sandbox();
  try {
    const file = other.write('file', '');
    const { stdout, stderr, status } = other.loglin(['--store', file, 'echo', 'x']);
    assert.deepEqual([stdout, status], ['x\n', 0]);
    assert.match(
      stderr,
      /^loglin: .*file.*\(--store DIR keeps builds elsewhere\); the build runs unrecorded\n$/,
    );
  } finally {
    other.remove();
  }
});
