// loglin diff with a real make and a real compiler: what one change to one source changes in the build's
// output.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Sandbox } from '../rig/sandbox.ts';
import { without } from '../rig/twin.ts';

const skip = without('make') || without('gcc');

const UNITS = ['main', 'lexer', 'parser', 'server', 'util', 'log'];

function project(box: Sandbox, folder: string): void {
  const objects = UNITS.map((unit) => `src/${unit}.o`).join(' ');
  box.write(
    `${folder}/Makefile`,
    `prog: ${objects}\n\tgcc -o $@ $^\n%.o: %.c\n\t@echo "compiling $(CURDIR)/$< at $$(date +%T.%N), pid $$$$, in $$(mktemp -u)"\n\tgcc -Wall -c -o $@ $<\nclean: ; @rm -f prog src/*.o\n`,
  );
  for (const unit of UNITS) {
    const body =
      unit === 'main' ? 'int main(void) { return 0; }' : `int ${unit}(void) { int seen = 1; return 2; }`;
    box.write(`${folder}/src/${unit}.c`, `${body}\n`);
  }
  fs.mkdirSync(box.path(folder, '.loglin'));
}

for (const [before, now] of [
  ['-j1', '-j4'],
  ['-j4', '-j1'],
  ['-j4', '-j4'],
] as const)
  test(`diff: a new warning in one source is the only difference, ${before} against ${now}`, { skip }, () => {
    const box = new Sandbox();
    try {
      project(box, 'p');
      const at = box.path('p');
      const build = (jobs: string): void => {
        assert.equal(box.run(['make', 'clean'], {}, at).status, 0);
        assert.equal(box.loglin(['make', jobs], {}, at).status, 0);
      };
      build(before);
      build(now);
      assert.equal(box.loglin(['diff'], {}, at).stdout, '', 'nothing was changed');
      box.write('p/src/server.c', 'int server(void) { int seen = 1; int fresh; return 2; }\n');
      build(now);
      const told = box.loglin(['diff', '--json'], {}, at);
      const [record, ...others] = told.stdout.trimEnd().split('\n');
      assert.deepEqual(others, []);
      const {
        name,
        new: fresh,
        gone,
      } = JSON.parse(record ?? '') as {
        name: string;
        new: { file: string; message: string; code: string }[];
        gone: unknown[];
      };
      assert.equal(name, 'src/server.o');
      assert.deepEqual(gone, []);
      assert.deepEqual(
        fresh.map(({ file, code }) => [file, code]),
        [['src/server.c', '-Wunused-variable']],
      );
      assert.match(fresh[0]?.message ?? '', /^unused variable .fresh.$/);
      for (const range of ['-1..', '-2..']) {
        const { stdout, status } = box.loglin(['diff', '-b', range, '--name-only', '--exit-code'], {}, at);
        assert.deepEqual([stdout, status], ['src/server.o\n', 1]);
      }
      assert.equal(box.loglin(['diff', '-b', '-2..-1', '--exit-code'], {}, at).status, 0);
    } finally {
      box.remove();
    }
  });

test('diff: the path of a tree that was moved between the builds is noise', { skip }, () => {
  const box = new Sandbox();
  try {
    project(box, 'some/where');
    assert.equal(box.loglin(['make', '-j2'], {}, box.path('some/where')).status, 0);
    fs.renameSync(box.path('some/where'), box.path('elsewhere'));
    assert.equal(box.run(['make', 'clean'], {}, box.path('elsewhere')).status, 0);
    assert.equal(box.loglin(['make', '-j2'], {}, box.path('elsewhere')).status, 0);
    assert.equal(box.loglin(['diff'], {}, box.path('elsewhere')).stdout, '');
    const exact = box.loglin(['diff', '--exact', '--name-only'], {}, box.path('elsewhere')).stdout;
    assert.equal(exact.split('\n').length - 1, UNITS.length);
  } finally {
    box.remove();
  }
});
