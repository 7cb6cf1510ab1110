// The capture library beyond the machine it was compiled on: under musl, and for arm64.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { LOGLIN, needs, tree } from '../rig/tree.ts';

const DIST = path.join(import.meta.dirname, '../../dist/lib');

for (const [compiler, what] of [
  ['cc', "the system's C library"],
  ['musl-gcc', 'musl'],
] as const)
  test(`one library for all: a program that is linked with ${what}`, async (t) => {
    if (!needs(t, compiler, 'make')) return;
    const it = tree(t, {
      'build.ninja':
        'rule r\n  command = echo $out; echo from make >&2; make -s $out\nbuild a: r\nbuild b: r\n',
      Makefile: 'a b:\n\t@echo making $@\n',
      'bin/keep': '',
    });
    const program = it.path('bin/ninja');
    const { status, stderr } = spawnSync(compiler, [
      '-o',
      program,
      path.join(import.meta.dirname, '../rig/fake-ninja.c'),
    ]);
    assert.equal(status, 0, stderr.toString());
    const { end, stdout } = await it.run([
      LOGLIN,
      program,
      'echo a; echo from make >&2; make -s a',
      'echo b; echo from make >&2; make -s b',
    ]);
    assert.equal(end, 'exit 0', stdout);
    const block = (name: string): string =>
      `▸ ${name}\necho ${name}; echo from make >&2; make -s ${name}\n${name}\nfrom make\n  ▸ ${name}#2\nmaking ${name}\n`;
    assert.equal(await it.show(), block('a') + block('b'));
  });

test('for arm64: made where its compiler is, with no needs of its own', (t) => {
  if (process.arch !== 'x64' || !needs(t, 'aarch64-linux-gnu-gcc')) return;
  for (const name of ['libloglin.so', 'libloglin-ninja.so']) {
    const file = path.join(DIST, 'linux-arm64', name);
    const head = fs.readFileSync(file);
    assert.equal(head.toString('latin1', 0, 4), '\x7fELF');
    assert.equal(head.readUInt16LE(18), 183, 'EM_AARCH64');
    const dynamic = spawnSync('readelf', ['-d', file], { encoding: 'utf8' });
    assert.equal(dynamic.status, 0);
    assert.doesNotMatch(dynamic.stdout, /NEEDED|VERNEED/, 'loads under any C library');
  }
});
