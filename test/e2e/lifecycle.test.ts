// loglin from its start to its end, and what can go wrong in between: statuses, a stdout that goes away or is
// slow, the disk, the store.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { LOGLIN, NOTED, type Tree, isRoot, skipOutsideCi, tree, until } from '../rig/tree.ts';

const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;

const TWO = `${NOTED}all: one two
one:
\t@echo says one
two: one
\t@echo says two
`;
const TWO_SHOWN = '▸ one\nsays one\n▸ two\nsays two\n';

// -- statuses --------------------------------------------------------------------------------------------

for (const status of [0, 1, 2, 77, 125, 126, 127, 128, 130, 143, 255])
  test(`lifecycle: the status is the command's: ${status}`, async (t) => {
    const it = tree(t, {});
    const { end, stdout, stderr } = await it.loglin('sh', '-c', `exit ${status}`);
    assert.equal(end, `exit ${status}`);
    assert.equal(stderr, '');
    assert.equal(stdout, status === 0 ? '' : `\n✗ sh -c exit ${status} (exit ${status})\n`);
    await it.nothingLeft();
  });

for (const signal of ['HUP', 'INT', 'QUIT', 'ABRT', 'KILL', 'USR1', 'SEGV', 'USR2', 'PIPE', 'ALRM', 'TERM'])
  test(`lifecycle: a command that dies of ${signal} makes loglin die of it`, async (t) => {
    const it = tree(t, {});
    const { end, stderr } = await it.sh(`ulimit -c 0; exec "$LOGLIN_BIN" sh -c 'kill -${signal} $$'`);
    assert.equal(end, `SIG${signal}`);
    assert.equal(stderr, '');
    await it.nothingLeft();
  });

for (const [args, status, message] of [
  [['--no-such-option', 'make'], 125, /^loglin: .*--no-such-option.*\n$/],
  [['--order=sideways', 'make'], 125, /^loglin: --order=sideways: want needs or launch\n$/],
  [['-C', 'nowhere', 'make'], 125, /^loglin: -C .*nowhere: no such folder\n$/],
  [['--'], 125, /^loglin: .*\n$/],
  [['./plain'], 126, /^loglin: \.\/plain: permission denied.*\n$/],
  [['./folder'], 126, /^loglin: \.\/folder: is not a program\n$/],
  [['./nothing'], 127, /^loglin: \.\/nothing: command not found\n$/],
  [['no-such-program-anywhere'], 127, /^loglin: no-such-program-anywhere: command not found\n$/],
] as const)
  test(`lifecycle: loglin ${args.join(' ')} ends with status ${status} and one line`, async (t) => {
    const it = tree(t, { plain: 'echo never\n', 'folder/file': '' });
    const { end, stdout, stderr } = await it.loglin(...args);
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
    assert.equal(stdout, '');
    assert.equal(end, `exit ${status}`);
    await it.nothingLeft();
  });

test('lifecycle: a program whose interpreter is missing ends with 126 or 127 as in a shell, and with a message', async (t) => {
  const it = tree(t, { script: '#!/no/such/interpreter\n' });
  const { end, stdout, stderr } = await it.loglin('./script');
  const plain = await it.sh('exec sh -c ./script');
  assert.equal(end, plain.end);
  assert.match(stdout + stderr, /script/);
  await it.nothingLeft();
});

test("lifecycle: LOGLIN=0 runs the command itself, without loglin's options", async (t) => {
  const it = tree(t, { Makefile: TWO });
  const env = { LOGLIN: '0' };
  for (const args of [[], ['--strict', '-t', 'x'], ['--store', 'elsewhere'], ['run'], ['--']]) {
    const { end, stdout } = await it.run(
      [LOGLIN, ...args, 'sh', '-c', 'echo $PPID $#; exit 3', 'sh', 'a b'],
      { env },
    );
    assert.equal(stdout, `${process.pid} 1\n`);
    assert.equal(end, 'exit 3');
  }
  assert.ok(!it.has('.loglin'));
});

test("lifecycle: alias make='loglin make' works", async (t) => {
  const it = tree(t, { Makefile: TWO });
  const { stdout } = await it.sh('shopt -s expand_aliases\nalias make=\'"$LOGLIN_BIN" make\'\nmake one\n');
  assert.equal(stdout, '▸ one\nsays one\n');
});

test('lifecycle: a script that calls make is split', async (t) => {
  const it = tree(t, { Makefile: TWO, 'build.sh': '#!/bin/sh\necho begin\nmake\necho end\n' });
  const { stdout, end } = await it.loglin('./build.sh');
  assert.equal(stdout, `begin\n  ▸ one\nsays one\n  ▸ two\nsays two\nend\n`.replaceAll('  ▸', '▸'));
  assert.equal(end, 'exit 0');
  assert.equal(await it.show(), stdout);
  assert.equal(await it.show('one'), '▸ one\nsays one\n');
});

// -- stdout ----------------------------------------------------------------------------------------------

test('lifecycle: the build completes, is recorded, and keeps its status when stdout goes away', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}all: one two\none:\n\t@echo says one; ${WAIT('gone')}; seq 1 100000\ntwo: one\n\t@echo says two; echo >two.ran; exit 7\n`,
  });
  const { stdout } = await it.sh(
    '"$LOGLIN_BIN" sh -c "make -k; exit 5" | { head -1; exec <&-; echo >gone; }; echo ${PIPESTATUS[0]}',
  );
  assert.equal(stdout, '▸ one\n5\n');
  assert.ok(it.has('two.ran'));
  const shown = (await it.show()).split('\n');
  assert.deepEqual(shown.slice(0, 3), ['▸ one', 'says one', '1']);
  assert.deepEqual(shown.slice(100_000, 100_004), ['99999', '100000', '▸ two', 'says two']);
  await it.nothingLeft();
});

test('lifecycle: a closed stdout does not stop the build', async (t) => {
  const it = tree(t, { Makefile: TWO });
  const { end } = await it.sh('exec "$LOGLIN_BIN" make >&-');
  assert.equal(end, 'exit 0');
  assert.equal(await it.show(), TWO_SHOWN);
});

test('lifecycle: a reader that does not read yet does not delay the build, and gets all of the output', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}all: one two\none:\n\t@seq 1 1000000\ntwo: one\n\t@echo >done; echo says two\n`,
  });
  const { stdout, end } = await it.sh(`set -o pipefail; "$LOGLIN_BIN" make | { ${WAIT('done')}; md5sum; }`);
  assert.equal(end, 'exit 0');
  assert.equal(
    stdout,
    (await it.sh('{ echo "▸ one"; seq 1 1000000; echo "▸ two"; echo says two; } | md5sum')).stdout,
  );
  await it.nothingLeft();
});

// -- the disk and the store ------------------------------------------------------------------------------

test('lifecycle: on a full disk the build goes on, its output comes unsplit, and there is one warning', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}all: one two\none:\n\t@seq 1 200000\ntwo: one\n\t@echo says two; seq 200001 400000; echo >made; exit 4\n`,
  });
  const store = it.mount('disk', 'size=300k');
  if (store === undefined) {
    skipOutsideCi(t, 'cannot mount a small disk');
    return;
  }
  const { end, stdout, stderr } = await it.loglin('--store', store, 'make');
  assert.equal(end, 'exit 2');
  assert.ok(it.has('made'));
  const numbers = stdout.split('\n').filter((line) => /^\d+$/.test(line));
  assert.deepEqual(numbers.length, 400000);
  assert.ok(numbers.every((number, i) => number === String(i + 1)));
  assert.match(stdout, /^says two$/m);
  assert.match(stderr, /^loglin: \S.*: no space left.*; the build goes on.*\n$/i);
  await it.nothingLeft();
});

test('lifecycle: a disk that fills up under several jobs loses no byte and shows none twice', async (t) => {
  const names = ['a', 'b', 'c', 'd'];
  const it = tree(t, {
    Makefile: `${NOTED}all: ${names.join(' ')}\n${names.join(' ')}:\n\t@seq -f '$@%.0f' 1 40000\n`,
  });
  const store = it.mount('disk', 'size=300k');
  if (store === undefined) {
    skipOutsideCi(t, 'cannot mount a small disk');
    return;
  }
  const { end, stdout } = await it.loglin('--store', store, 'make', '-j4');
  assert.equal(end, 'exit 0');
  // Unsplit lines of several jobs may run into each other, but no byte is lost or shown twice.
  const counted = (text: string): [string, number][] =>
    Array.from('abcd0123456789').map((char) => [char, text.split(char).length]);
  const { stdout: expected } = await it.sh(`for x in ${names.join(' ')}; do seq -f "$x%.0f" 1 40000; done`);
  assert.deepEqual(counted(stdout.replace(/▸ [a-d]\n/g, '')), counted(expected));
  await it.nothingLeft();
});

test('lifecycle: the build runs on a disk that is full from the start', async (t) => {
  const it = tree(t, { Makefile: TWO });
  const store = it.mount('disk', 'size=64k');
  if (store === undefined) {
    skipOutsideCi(t, 'cannot mount a small disk');
    return;
  }
  spawnSync('sh', ['-c', `cat /dev/zero >'${store}/filler' 2>/dev/null`]);
  const { end, stdout, stderr } = await it.loglin('--store', store, 'make');
  assert.equal(end, 'exit 0');
  assert.match(stdout, /^says one\nsays two$/m);
  assert.match(stderr, /^loglin: .*no space left.*\n$/i);
  assert.equal(stderr.trimEnd().split('\n').length, 1);
  await it.nothingLeft();
});

// -- the temp folders ------------------------------------------------------------------------------------

/** Runs a command with a /dev/shm of its own, below loglin or as it is. */
const OWN_SHM = 'mount -t tmpfs -o "$0" tmpfs /dev/shm || exit 99; eval "$PREPARE"; exec "$@"';

for (const [what, options, prepare] of [
  ['almost no space', 'size=16k', ''],
  ['no space', 'size=16k', 'cat /dev/zero >/dev/shm/filler 2>/dev/null'],
  ['room for few files', 'nr_inodes=40', ''],
  ['room for no file', 'nr_inodes=1', ''],
] as const)
  test(`lifecycle: the next temp folder is used when /dev/shm has ${what}`, async (t) => {
    const it = tree(t, { Makefile: TWO });
    const words = ['unshare', '-m', 'sh', '-c', OWN_SHM, options, LOGLIN, 'make'];
    const { end, stdout, stderr } = await it.start(words, { env: { PREPARE: prepare } }).ended;
    if (end !== 'exit 0' && stderr.includes('unshare: ')) {
      skipOutsideCi(t, 'cannot mount a /dev/shm');
      return;
    }
    assert.deepEqual([end, stdout, stderr], ['exit 0', TWO_SHOWN, '']);
    await it.nothingLeft();
  });

test('lifecycle: the build runs unrecorded when no temp folder has room, and nothing of the attempt remains', async (t) => {
  const it = tree(t, { Makefile: TWO });
  for (const blocks of [0, 1]) {
    // The unit is blocks of 512 bytes, which bash does not have.
    const limited = `ulimit -f ${blocks}; exec "$0" make`;
    const { end, stdout, stderr } = await it.run(['sh', '-c', limited, LOGLIN]);
    assert.deepEqual([end, stdout], ['exit 0', 'says one\nsays two\n']);
    assert.match(stderr, /^loglin: .*; the build runs unrecorded\n$/);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  }
  assert.equal((await it.loglin('ls')).stdout, '');
  await it.nothingLeft();
});

test('lifecycle: a file with the name that bin/loglin uses, put there by another user, is not taken for the environment', async (t) => {
  const it = tree(t, { Makefile: 'SHELL = /bin/bash\nall: ; @echo said; echo "[$(MINE)]"; :\n' });
  // The shell becomes bin/loglin, so that both have one process number.
  const { end, stdout } = await it.sh(
    `note=/dev/shm/loglin.$$.env; echo "$note" >note
[ -d /dev/shm ] || note=/tmp/loglin.$$.env
printf 'PATH=%s\\0BASH_FUNC_echo%%%%%%%%=() {  builtin echo never; }\\0' "$PATH" >"$note"
MINE=mine exec "$LOGLIN_BIN" make`,
  );
  fs.rmSync(it.read('note').trim());
  assert.deepEqual([end, stdout], ['exit 0', '▸ all\nsaid\n[mine]\n']);
  await it.nothingLeft();
});

for (const target of ['all', 'long'])
  test(`lifecycle: a make that may write no large file ends as it does alone, without a graph and long records: ${target}`, async (t) => {
    const names = Array.from({ length: 60 }, (_, i) => `t${i}`);
    const it = tree(t, {
      Makefile: `${NOTED}all: ${names.join(' ')}
${names.join(' ')}: ; @echo $@
long: t0 ; @: ${'x'.repeat(6000)}; echo $@; exit 3
`,
    });
    const ran = await it.loglin('sh', '-c', `ulimit -f 1; exec make ${target}`);
    assert.equal(ran.stderr, '');
    assert.equal(ran.end, target === 'all' ? 'exit 0' : 'exit 2');
    const said = target === 'all' ? names : ['t0', 'long'];
    const listed = (await it.loglin('show', '--raw')).stdout.split('\n');
    for (const name of said) assert.equal(listed.filter((line) => line === name).length, 1, name);
    const jobs = (await it.loglin('jobs')).stdout;
    for (const name of said) assert.match(jobs, new RegExp(` ${name}\\b`), 'it is a job');
    await it.nothingLeft();
  });

test('lifecycle: the build runs with a read-only store', async (t) => {
  const it = tree(t, { Makefile: TWO });
  const store = it.mount('disk', 'ro');
  if (store === undefined) {
    skipOutsideCi(t, 'cannot mount a read-only disk');
    return;
  }
  const { end, stdout, stderr } = await it.loglin('--store', store, 'sh', '-c', 'make; exit 9');
  assert.equal(end, 'exit 9');
  assert.equal(stdout, 'says one\nsays two\n');
  assert.match(stderr, /^loglin: .*read-only.*\n$/i);
  await it.nothingLeft();
});

test('lifecycle: the build runs when the store is a file', async (t) => {
  const it = tree(t, { Makefile: TWO, store: 'mine\n' });
  const { end, stdout, stderr } = await it.loglin('--store', 'store', 'sh', '-c', 'make; kill -TERM $$');
  assert.equal(end, 'SIGTERM');
  assert.equal(stdout, 'says one\nsays two\n');
  assert.match(stderr, /^loglin: .*store.*not a (directory|folder).*; the build runs unrecorded\n$/i);
  assert.equal(it.read('store'), 'mine\n');
  await it.nothingLeft();
});

// rm fails where a file was made in a folder that it has just emptied.
test('lifecycle: a build that deletes its store goes on and is shown whole, and a message reports that the record is gone', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}all: one two three\none:\n\t@echo says one\ntwo: one\n\t@while test -e .loglin; do rm -rf .loglin; done; echo says two\nthree: two\n\t@echo says three; exit 3\n`,
  });
  const { end, stdout, stderr } = await it.loglin('make');
  assert.equal(end, 'exit 2');
  for (const line of ['says one', 'says two', 'says three'])
    assert.equal(stdout.split('\n').filter((other) => other === line).length >= 1, true, stdout);
  assert.match(stderr, /^loglin: .*deleted.*\n$/);
  assert.equal(stderr.trimEnd().split('\n').length, 1);
  assert.ok(!it.has('.loglin/builds'));
  const again = await it.loglin('make', 'one');
  assert.equal(again.end, 'exit 0');
  assert.equal(await it.show(), '▸ one\nsays one\n');
  await it.nothingLeft();
});

test('lifecycle: kill -9 of loglin leaves an interrupted build, hangs nothing, and the next run cleans up', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}all: one two three\none:\n\t@echo says one\ntwo:\n\t@echo says two; echo >there; ${WAIT('go')}; echo more of two; echo >two.ended\nthree:\n\t@echo says three; echo >three.ran\n`,
  });
  const started = it.start([LOGLIN, 'make', '-k']);
  await it.file('there');
  await until('it is recorded', () => journals(it).some((text) => text.includes('"name":"two"')));
  await until('its log is written', () => logs(it).includes('says two\n'));
  process.kill(started.pid, 'SIGKILL');
  assert.equal((await started.ended).end, 'SIGKILL');
  it.write({ go: '' });
  // The processes that remain must not hang: they go on, or die of SIGPIPE as with any reader that is gone.
  const [folder = ''] = it.builds();
  assert.ok(fs.existsSync(folder));
  const { end, stdout, stderr } = await it.loglin('show');
  assert.equal(stdout, '▸ one\nsays one\n▸ two\nsays two\n');
  assert.ok(end === 'exit 0' || /interrupted|cut short/.test(stderr), stderr);
  assert.match((await it.loglin('ls')).stdout, /interrupted/);
  await it.loglin('true');
  await it.nothingLeft();
});

function journals(it: Tree): string[] {
  return files(it, /\/journal\.ndjson$/);
}

function logs(it: Tree): string[] {
  return files(it, /\.log$/);
}

function files(it: Tree, name: RegExp): string[] {
  if (!it.has('.loglin/builds')) return [];
  return fs
    .readdirSync(it.path('.loglin/builds'), { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file))
    .map((file) => it.read(`.loglin/builds/${file}`));
}

test('lifecycle: two builds at once in one tree do not disturb each other', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}a:\n\t@echo a begins; echo >a.here; ${WAIT('b.here')}; echo a ends; echo >a.done\nb:\n\t@echo b begins; echo >b.here; ${WAIT('a.done')}; echo b ends\n`,
  });
  const [a, b] = await Promise.all([it.loglin('make', 'a'), it.loglin('make', 'b')]);
  assert.equal(a.stdout, '▸ a\na begins\na ends\n');
  assert.equal(b.stdout, '▸ b\nb begins\nb ends\n');
  const shown = [await it.show(), await it.show('-b', '-1')];
  assert.deepEqual(shown.sort(), [a.stdout, b.stdout]);
  await it.nothingLeft();
});

test('lifecycle: a tree can be moved and copied with its builds', async (t) => {
  const it = tree(t, {
    'old/Makefile': TWO.replace('$(shell echo "$$LOGLIN_BUILD" >>.builds)\n', ''),
    'old/sub/Makefile': 'x:\n\t@echo says x; exit 1\n',
  });
  const old = it.path('old');
  await it.run([LOGLIN, 'make'], { cwd: old });
  await it.run([LOGLIN, 'make', '-C', 'sub'], { cwd: old });
  const all = [['show'], ['show', '-b', '-1'], ['show', 'x'], ['jobs']].slice(0, 3);
  const before = await Promise.all(all.map((args) => it.run([LOGLIN, ...args], { cwd: old })));
  assert.equal(before[1]?.stdout, TWO_SHOWN);
  assert.match(before[2]?.stdout ?? '', /^▸ sub\/x\nsays x\n/);
  fs.cpSync(old, it.path('copy of it'), { recursive: true });
  fs.renameSync(old, it.path('new'));
  for (const folder of ['copy of it', 'new']) {
    const after = await Promise.all(all.map((args) => it.run([LOGLIN, ...args], { cwd: it.path(folder) })));
    assert.deepEqual(after, before);
    const { stdout } = await it.run([LOGLIN, 'path', 'x'], { cwd: it.path(folder) });
    assert.ok(stdout.startsWith(it.path(folder)));
    assert.match(fs.readFileSync(stdout.trim(), 'utf8'), /^says x\n/);
  }
  const elsewhere = await it.run([LOGLIN, 'show', '--store', it.path('new/.loglin'), 'x']);
  assert.deepEqual(elsewhere, before[2]);
});

function modes(folder: string): Record<string, string> {
  const found: Record<string, string> = { '': '' };
  for (const name of ['', ...fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    const stat = fs.statSync(path.join(folder, name));
    found[name] = `${(stat.mode & 0o777).toString(8)} ${stat.uid}:${stat.gid}`;
  }
  return found;
}

for (const umask of ['022', '000', '077'])
  test(`lifecycle: the store is private (0700 and 0600) with umask ${umask}, and the command has that umask`, async (t) => {
    const it = tree(t, { Makefile: TWO });
    const { stdout } = await it.sh(`umask ${umask}; "$LOGLIN_BIN" sh -c 'umask; make'`);
    assert.match(stdout, new RegExp(`^0${umask}\n`));
    for (const [name, mode] of Object.entries(modes(it.path('.loglin')))) {
      const folder = fs.statSync(it.path(`.loglin/${name}`)).isDirectory();
      assert.match(mode, folder ? /^700 / : /^600 /, name);
    }
  });

test('lifecycle: under sudo the store belongs to the user who called sudo', async (t) => {
  if (!isRoot()) {
    skipOutsideCi(t, 'only root can give files away');
    return;
  }
  const it = tree(t, { Makefile: TWO });
  const env = { SUDO_UID: '1234', SUDO_GID: '2345' };
  await it.run([LOGLIN, 'make'], { env });
  await it.run([LOGLIN, 'make'], { env });
  for (const [name, mode] of Object.entries(modes(it.path('.loglin'))))
    assert.match(mode, /00 1234:2345$/, name);
});

test('lifecycle: the command runs where the current folder is gone', async (t) => {
  const it = tree(t, { 'gone/x': '' });
  const { end, stderr, stdout } = await it.sh(
    'cd gone && rm -rf ../gone && exec "$LOGLIN_BIN" sh -c "echo runs; exit 3"',
  );
  assert.match(stderr, /^loglin: the current folder: no such file or directory; the build runs unrecorded$/m);
  assert.equal(stdout, 'runs\n');
  assert.equal(end, 'exit 3');
  const { end: looked, stderr: said } = await it.sh(
    'mkdir gone && cd gone && rmdir ../gone && exec "$LOGLIN_BIN" ls',
  );
  assert.match(said, /^loglin: the current folder: no such file or directory$/m);
  assert.equal(looked, 'exit 125');
});

test('lifecycle: a background process that outlives the build keeps its stdout, and its output is in the log', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}all:\n\t@(${WAIT('go')}; echo late words; echo >late) & echo says all\n`,
  });
  const { end, stdout } = await it.loglin('make');
  assert.equal(end, 'exit 0');
  assert.equal(stdout, '▸ all\nsays all\n');
  it.write({ go: '' });
  await it.file('late');
  await it.nothingLeft();
  assert.equal(await it.show(), '▸ all\nsays all\nlate words\n');
});
