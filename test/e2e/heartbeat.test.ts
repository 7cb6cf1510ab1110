// Signs of life on stderr where there is no status line.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGLIN, tree } from '../rig/tree.ts';

// The first job is silent until the other one has printed a lot, which nobody sees in the meantime.
const HELD_BACK = `all: lto a
lto:
\t@sleep 4; echo lto
a:
\t@for i in 1 2 3 4 5 6 7 8; do echo a $$i; sleep 0.3; done
`;

test('heartbeat: in CI, it names a silent job that holds back the output of others', async (t) => {
  const it = tree(t, { Makefile: HELD_BACK });
  const { stdout, stderr, end } = await it.run([LOGLIN, 'make', '-j2'], { env: { CI: 'true' } });
  assert.equal(end, 'exit 0');
  assert.equal(stdout, `▸ lto\nlto\n▸ a\n${[1, 2, 3, 4, 5, 6, 7, 8].map((i) => `a ${i}\n`).join('')}`);
  const [first = '', ...more] = stderr.split('\n').slice(0, -1);
  assert.match(first, /^loglin: [23]s, 0 done, running: lto [23]s, a [23]s$/);
  for (const line of more) assert.match(line, /^loglin: \d+s, \d done, running: lto \d+s(, a \d+s)?$/);
});

test('heartbeat: there is none outside of CI, none while output flows, and none with --heartbeat=0', async (t) => {
  const it = tree(t, {
    Makefile: HELD_BACK,
    flows: 'all:\n\t@for i in 1 2 3 4 5 6; do echo $$i; sleep 0.5; done\n',
  });
  for (const [argv, env] of [
    [['make', '-j2'], {}],
    [['make', '-j2'], { CI: 'false' }],
    [['--heartbeat=0', 'make', '-j2'], { CI: 'true' }],
    [['--heartbeat=1', 'make', '-f', 'flows'], {}],
  ] as const) {
    const { stderr, end } = await it.run([LOGLIN, ...argv], { env });
    assert.deepEqual([stderr, end], ['', 'exit 0'], argv.join(' '));
  }
});

test('heartbeat: --heartbeat=1 works for a command that is no build tool; a value that is no number is refused', async (t) => {
  const it = tree(t, {});
  const { stdout, stderr } = await it.run([LOGLIN, '--heartbeat=1', 'sh', '-c', 'sleep 2.8; echo end']);
  assert.equal(stdout, 'end\n');
  assert.match(stderr, /^loglin: 1s, 0 done\n(loglin: \ds, 0 done\n)+$/);
  const wrong = await it.run([LOGLIN, '--heartbeat=soon', 'true']);
  assert.deepEqual(
    [wrong.end, wrong.stderr],
    ['exit 125', 'loglin: --heartbeat=soon: want a whole number\n'],
  );
});
