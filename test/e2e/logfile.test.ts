// `-o FILE`: the log also in a file, as into a pipe.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { LOGLIN, isRoot, needs, skipOutsideCi, tree, until } from '../rig/tree.ts';
import { screen } from '../rig/tmux.ts';

const MAKEFILE = `all: a b
a:
	@printf 'a 1\\n'; sleep 0.2; echo 'x.c:1:2: error: oops'; exit 3
b:
	@seq -f 'b %g' 300
`;

test('-o: the file has the bytes of stdout, the report of the failure too, and make its status', async (t) => {
  const it = tree(t, { Makefile: MAKEFILE });
  const { stdout, end, stderr } = await it.run([LOGLIN, '-o', 'log', 'make', '-k', '-j2']);
  assert.equal(end, 'exit 2');
  assert.equal(stderr, '');
  assert.match(stdout, /^b 300$/m);
  assert.match(stdout, /^✗ a \(exit 3\)$/m);
  assert.equal(it.read('log'), stdout);
  for (const form of [['--prefix'], ['--json'], ['--no-details', '--times'], ['--color=always']]) {
    const shown = await it.run([LOGLIN, ...form, '--log=log', '-olog2', 'make', 'b']);
    assert.equal(it.read('log'), shown.stdout, form[0]);
    assert.equal(it.read('log2'), shown.stdout, form[0]);
    assert.ok(shown.stdout.length > 10);
  }
});

test('-o: with -q, for an agent and on a terminal it has what stdout would get in a pipe', async (t) => {
  const it = tree(t, { Makefile: MAKEFILE });
  const plain = await it.run([LOGLIN, 'make', '-k']);
  for (const form of ['-q', '--agent']) {
    const { stdout, end } = await it.run([LOGLIN, form, '-o', 'log', 'make', '-k']);
    assert.equal(end, 'exit 2');
    assert.doesNotMatch(stdout, /^b 300$/m);
    assert.equal(it.read('log'), plain.stdout, form);
  }
  if (!needs(t, 'tmux')) return;
  const terminal = await screen(t, it, 100, 30);
  terminal.type(`${LOGLIN} -o log make -k`);
  assert.equal(await terminal.status(), '2');
  assert.equal(it.read('log'), plain.stdout);
});

test('-o: in CI it has the log without what is for the CI system alone', async (t) => {
  const it = tree(t, { Makefile: MAKEFILE });
  const plain = await it.run([LOGLIN, 'make', '-k']);
  const { stdout } = await it.run([LOGLIN, '--ci=github', '-o', 'log', 'make', '-k']);
  assert.match(stdout, /^::group::/m);
  assert.equal(it.read('log'), plain.stdout);
});

test('-o: it is written while the build runs, and after the reader of stdout has gone', async (t) => {
  const it = tree(t, {
    Makefile: 'all:\n\t@echo first; while [ ! -e go ]; do sleep 0.02; done; seq 100000; echo last\n',
  });
  const started = it.start(['bash', '-c', `"$LOGLIN_BIN" -o log make | head -1; echo "\${PIPESTATUS[*]}"`]);
  await until('the log has its first line', () => it.has('log') && it.read('log').includes('first\n'));
  it.write({ go: '' });
  const { stdout } = await started.ended;
  assert.match(stdout, /^▸ all\n0 0\n$/);
  const lines = it.read('log').split('\n');
  assert.deepEqual([lines.length, lines.at(-2)], [100_004, 'last']);
});

test('-o: a slow reader of stdout gets what the file gets', async (t) => {
  const it = tree(t, { Makefile: 'all: a b c\na b c:\n\t@seq -f "$@ %g" 60000\n' });
  const { stdout } = await it.sh(
    '"$LOGLIN_BIN" -o log make -j3 | (sleep 1; cat >shown); cmp log shown && wc -c <log',
  );
  assert.ok(Number(stdout) > 1_000_000, stdout);
});

test('-o: a file that cannot be written ends it before anything runs', async (t) => {
  const it = tree(t, { Makefile: 'all:\n\t@touch ran\n', 'dir/x': '' });
  for (const [file, why] of [
    ['dir', 'is a directory'],
    ['none/log', 'no such file or directory'],
    ['dir/x/log', 'not a directory'],
  ] as const) {
    const { end, stdout, stderr } = await it.run([LOGLIN, '-o', file, 'make']);
    assert.deepEqual([end, stdout, stderr], ['exit 125', '', `loglin: ${file}: ${why}\n`]);
  }
  assert.ok(!it.has('ran'));
});

test('-o: a disk that becomes full is told once, and the build goes on', async (t) => {
  const it = tree(t, { Makefile: 'all: a b\na b:\n\t@seq -f "$@ %g" 30000; touch $@\n' });
  const disk = isRoot() ? it.mount('small', 'size=64k') : undefined;
  if (disk === undefined) {
    skipOutsideCi(t, 'no disk can be mounted');
    return;
  }
  const { end, stdout, stderr } = await it.run([LOGLIN, '-o', 'small/log', 'make']);
  assert.equal(end, 'exit 0');
  assert.equal(stderr, 'loglin: small/log: no space left on device; the rest of the log is not in it\n');
  assert.equal(stdout.split('\n').length, 60_003);
  assert.ok(stdout.startsWith(it.read('small/log')));
});

test('-o: a FIFO, /dev/stderr, a link, and a file that is there already, which keeps its mode', async (t) => {
  const it = tree(t, { Makefile: 'all:\n\t@echo hi\n', old: `${'x'.repeat(9999)}\n` });
  const log = '▸ all\nhi\n';
  const fifo = await it.sh('mkfifo pipe; cat pipe >copy & "$LOGLIN_BIN" -o pipe make; wait; cat copy');
  assert.equal(fifo.stdout, log + log);
  const both = await it.run([LOGLIN, '-o', '/dev/stderr', 'make']);
  assert.equal(both.stderr, log);
  const kept = await it.sh('echo before >err; "$LOGLIN_BIN" -o /dev/stderr make 2>>err; cat err');
  assert.equal(kept.stdout, `${log}before\n${log}`);
  fs.chmodSync(it.path('old'), 0o640);
  fs.symlinkSync('old', it.path('link'));
  await it.run([LOGLIN, '-o', 'link', 'make']);
  assert.equal(it.read('old'), log);
  assert.equal(fs.statSync(it.path('old')).mode & 0o777, 0o640);
  await it.sh('umask 027; "$LOGLIN_BIN" -o fresh make');
  assert.equal(fs.statSync(it.path('fresh')).mode & 0o777, 0o640);
});

test('-o: also of what is not recorded: a question, a store that cannot be made', async (t) => {
  const it = tree(t, { Makefile: 'all:\n\t@echo out; echo err >&2; exit 4\n', 'file/x': '' });
  const asked = await it.run([LOGLIN, '-o', 'log', 'make', '--version']);
  assert.match(asked.stdout, /^GNU Make /);
  assert.equal(it.read('log'), asked.stdout);
  const lost = await it.run([LOGLIN, '--store', 'file/x', '-o', 'log', 'make']);
  assert.equal(lost.end, 'exit 2');
  assert.match(lost.stderr, /the build runs unrecorded\n/);
  assert.deepEqual(
    it.read('log').split('\n').sort().slice(-2),
    ['make: *** [Makefile:2: all] Error 4', 'out'].sort(),
  );
});

test('-o: inside a build it makes a build of its own', async (t) => {
  const it = tree(t, {
    Makefile: 'all:\n\t@"$(LOGLIN_BIN)" -o inner $(MAKE) -f inner.mk\n',
    'inner.mk': 'x:\n\t@echo deep\n',
  });
  const { stdout, end } = await it.run([LOGLIN, '-o', 'outer', 'make']);
  assert.equal(end, 'exit 0');
  assert.equal(it.read('inner').replace(/^make.*\n/gm, ''), '▸ x\ndeep\n');
  assert.equal(it.read('outer'), stdout);
  assert.match(stdout, /^deep$/m);
});
