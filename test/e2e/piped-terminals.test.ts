// A make that writes to a terminal whose other side a program of the build reads: `script -c make log`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGLIN, needs, tree } from '../rig/tree.ts';

const PROJECT = {
  Makefile: `all: sub a b
a b: ; @echo $@ one; test -t 1 && echo $@ terminal; test -t 2 && echo $@ terminal >&2; stty size </dev/fd/1; [ $@ != b ]
sub: ; $(MAKE) --no-print-directory -C s
`,
  's/Makefile': 'all: ; @test -t 1 && echo below terminal $(origin MAKE_TERMOUT)\n',
};

/** Without script's own lines, which have times. */
const recorded = (log: string): string => log.replaceAll(/^Script .*\n/gm, '').trimEnd();

for (const [tool, script] of [
  ['script', "script -qec 'make -k -j1' log"],
  ['unbuffer', 'unbuffer make -k -j1 >log; status=$?; cat log; exit $status'],
] as const)
  test(`below ${tool} jobs have logs, and see a terminal`, async (t) => {
    if (!needs(t, tool)) return;
    const it = tree(t, PROJECT);
    const plain = await it.run(['sh', '-c', script]);
    const log = recorded(it.read('log'));
    const wrapped = await it.run([LOGLIN, 'sh', '-c', script]);
    assert.equal(wrapped.end, plain.end);
    assert.equal(recorded(it.read('log')), log);
    assert.equal(await it.show('a'), '▸ a\na one\na terminal\na terminal\n0 0\n');
    assert.match(await it.show('s/all'), /^▸ s\/all\nbelow terminal /);
    const { stdout } = await it.run([LOGLIN, 'show', '--raw']);
    const lines = (text: string): string[] => text.replaceAll('\r', '').split('\n').sort();
    assert.deepEqual(lines(stdout), lines(plain.stdout + plain.stderr));
    await it.nothingLeft();
  });

/** Sends anything to the build's relay: no descriptors, one to five, and some that cannot be copied. */
const HOSTILE = `
import os, socket
relay = os.environ['LOGLIN_BUILD'] + '/relay'
for i in range(300):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ends = [fd for _ in range(3) for fd in os.pipe()]
    odd = [os.open('/dev/zero', os.O_RDONLY), os.open('.', os.O_RDONLY)]
    try:
        s.sendto(b'garbage' * i, socket.MSG_DONTWAIT, relay)
        s.connect(relay)
        socket.send_fds(s, [b'x'], (ends + odd)[i % 4:][:i % 6], socket.MSG_DONTWAIT)
    except OSError:
        pass
    for fd in ends + odd:
        os.close(fd)
    s.close()
`;

test('a process that sends anything to the relay does the build no harm', async (t) => {
  if (!needs(t, 'script', 'python3')) return;
  const it = tree(t, {
    'hostile.py': HOSTILE,
    Makefile: 'all: a b c\na c: ; @echo $@ one; test -t 1 && echo $@ terminal\nb: ; @python3 hostile.py\n',
  });
  const { end, stdout } = await it.run([LOGLIN, 'script', '-qec', 'make -j1', 'log']);
  assert.equal(end, 'exit 0');
  assert.match(stdout, /c one\nc terminal\n/);
  assert.equal(await it.show('c'), '▸ c\nc one\nc terminal\n');
  await it.nothingLeft();
});

test("a make that writes to the user's own terminal is left alone", async (t) => {
  if (!needs(t, 'script')) return;
  const it = tree(t, { Makefile: 'a: ; @echo on the terminal\n' });
  const { stdout, end } = await it.run(['script', '-qec', `${LOGLIN} sh -c 'make >/dev/tty 2>&1'`, 'log']);
  assert.equal(end, 'exit 0');
  assert.match(stdout, /^on the terminal\r$/m);
  assert.doesNotMatch(await it.show(), /on the terminal/);
});
