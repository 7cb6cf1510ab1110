// `loglin why`: the roots of the jobs that ran, with real tools.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { LOGLIN, Tree, needs, tree } from '../rig/tree.ts';

const MAKEFILE = `.PHONY: all
all: prog
	@echo all is made
prog: main.o util.o
	cat $^ >$@
%.o: %.c
	cat $< >$@
main.o util.o: common.h
util.o: util.h
`;

const FILES = { Makefile: MAKEFILE, 'main.c': '', 'util.c': '', 'common.h': '', 'util.h': '' };

function touch(it: Tree, name: string): void {
  // Files get the time of the last tick of the kernel's clock: what is made next must not be older than this.
  const time = new Date(Date.now() - 10);
  fs.utimesSync(it.path(name), time, time);
}

async function build(it: Tree, ...command: string[]): Promise<void> {
  const { end, stderr, stdout } = await it.run([LOGLIN, ...command]);
  assert.equal(stderr, '');
  assert.equal(end, 'exit 0', stdout);
}

async function why(it: Tree, ...args: string[]): Promise<string> {
  const { end, stdout, stderr } = await it.loglin('why', ...args);
  assert.equal(stderr, '');
  assert.equal(end, 'exit 0');
  return stdout;
}

/** The forest without its times. */
async function forest(it: Tree): Promise<string> {
  return (await why(it, '--tree')).replaceAll(/, \d+\.\d\ds|  \d+\.\d\ds/g, '');
}

test('make: reasons are followed to the files that changed', async (t: TestContext) => {
  const it = tree(t, FILES);
  await build(it, 'make', '-j2');
  assert.equal(await why(it, 'prog'), 'prog\n← main.o, util.o\n  ← it was not there\n');
  assert.equal(await why(it, 'all'), 'all\n← prog\n  ← main.o, util.o\n    ← it was not there\n');

  touch(it, 'util.h');
  await build(it, 'make', '-j2');
  assert.equal(await why(it, 'all'), 'all\n← prog\n  ← util.o\n    ← util.h changed\n');
  assert.equal(await forest(it), 'util.h changed  3 jobs\n  util.o\n    prog\n      all\n');
  assert.match(
    await why(it, 'main.o'),
    /^main\.o: is up to date; it last ran at \S+ \S+ in build \S+, and took \S+s\n$/,
  );

  touch(it, 'common.h');
  touch(it, 'main.c');
  await build(it, 'make', '-j2');
  assert.equal(
    await why(it, 'prog'),
    'prog\n← main.o\n  ← main.c changed\n  ← common.h changed\n← util.o\n  ← common.h changed\n',
  );
  assert.equal(
    await forest(it),
    'common.h changed  4 jobs, 1 of them for no other reason\n  main.o\n    prog\n      all\n  util.o\n    prog (above)\n' +
      'main.c changed  3 jobs, 0 of them for no other reason\n  main.o (above)\n',
  );

  fs.rmSync(it.path('prog'));
  await build(it, 'make');
  assert.equal(await why(it, 'prog'), 'prog\n← it was not there\n');
  await build(it, 'make');
  assert.equal(await why(it, 'all'), 'all\n← all is made each time\n');
  const { end, stderr } = await it.loglin('why');
  assert.deepEqual([end, stderr], ['exit 125', 'loglin: why what? name a target, or --tree\n']);
});

test('make: a phony target that is also a folder is not made because of what has not changed', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: '.PHONY: all lib\nall: lib ; @echo all\nlib: gen.h ; @$(MAKE) -s -C lib\ngen.h: ; @touch $@\n',
    'lib/Makefile': 'x.o: x.c ; @touch $@\n',
    'lib/x.c': '',
  });
  await build(it, 'make', '-s');
  touch(it, 'lib/x.c');
  await build(it, 'make', '-s');
  assert.equal(await why(it, 'all'), 'all\n← lib\n  ← lib is made each time\n');
  assert.equal(await why(it, 'lib/x.o'), 'lib/x.o\n← lib/x.c changed\n');
});

test('make below make: the file that the lower make has made is a reason', async (t: TestContext) => {
  const it = tree(t, {
    Makefile:
      '.PHONY: all lib\nall: prog ; @:\nprog: lib/x.a lib ; @touch $@\nlib: ; @$(MAKE) -s -C lib\nlib/x.a: lib ;\n',
    'lib/Makefile': 'x.a: x.c ; @touch $@\n',
    'lib/x.c': '',
  });
  await build(it, 'make', '-s');
  touch(it, 'lib/x.c');
  await build(it, 'make', '-s');
  const roots = (await it.loglin('why', '--json', 'prog')).stdout;
  assert.ok(
    (JSON.parse(roots) as { roots: object[] }).roots.some(
      (root) => 'name' in root && root.name === 'lib/x.c',
    ),
    roots,
  );
});

test('ninja: reasons are headers from its own records and a command that changed', async (t: TestContext) => {
  if (!needs(t, 'ninja')) return;
  const manifest = (flags: string): string => `rule cc
  command = : ${flags} ; cat $in >$out && echo "$out: $header" >$out.d
  depfile = $out.d
  deps = gcc
rule ld
  command = cat $in >$out
build main.o: cc main.c
  header = common.h
build util.o: cc util.c
  header = util.h
build objects: phony main.o util.o
build prog: ld main.o util.o | objects
default prog
`;
  const it = tree(t, { ...FILES, 'build.ninja': manifest('') });
  await build(it, 'ninja');
  assert.equal(await why(it, 'prog'), 'prog\n← main.o, util.o\n  ← it was not there\n');
  touch(it, 'util.h');
  await build(it, 'ninja');
  assert.equal(await why(it, 'prog'), 'prog\n← util.o\n  ← util.h changed\n');
  assert.match(await why(it, 'main.o'), /^main\.o: is up to date; it last ran at /);
  it.write({ 'build.ninja': manifest('-O2') });
  await build(it, 'ninja');
  assert.equal(await why(it, 'util.o'), 'util.o\n← its command changed\n  + -O2\n');
  const roots = (await it.loglin('why', '--tree', '--json')).stdout.trim().split('\n');
  assert.deepEqual(
    roots.map((line) => JSON.stringify((JSON.parse(line) as { root: object }).root)).sort(),
    ['main.o', 'util.o'].map((target) => JSON.stringify({ kind: 'command', target })),
  );
  fs.rmSync(it.path('main.o'));
  await build(it, 'ninja');
  assert.equal(await why(it, 'prog'), 'prog\n← main.o\n  ← it was not there\n');
});

test('cmake and ninja: the reason is the header that every object includes', async (t: TestContext) => {
  if (!needs(t, 'cmake', 'ninja', 'cc')) return;
  const units = Array.from({ length: 6 }, (_, i) => `u${i}.c`);
  const it = tree(t, {
    'CMakeLists.txt': `cmake_minimum_required(VERSION 3.13)\nproject(p C)\nadd_library(u STATIC ${units.join(' ')})\nadd_executable(p p.c)\ntarget_link_libraries(p u)\n`,
    'p.c': 'int main(void) { return 0; }\n',
    'h.h': '',
    ...Object.fromEntries(units.map((unit, i) => [unit, `${i < 4 ? '#include "h.h"\n' : ''}int f${i};\n`])),
  });
  await it.sh('cmake -G Ninja -B out');
  await build(it, 'cmake', '--build', 'out');
  touch(it, 'h.h');
  await build(it, 'cmake', '--build', 'out');
  assert.equal(
    await why(it, 'out/p'),
    'out/p\n← out/libu.a\n  ← out/CMakeFiles/u.dir/u0.c.o, out/CMakeFiles/u.dir/u1.c.o, out/CMakeFiles/u.dir/u2.c.o and 1 more\n    ← h.h changed\n',
  );
  const [root, ...others] = (await it.loglin('why', '--tree', '--json')).stdout.trim().split('\n');
  assert.deepEqual(others, []);
  assert.equal((JSON.parse(root!) as { jobs: number }).jobs, 6);
});

test('scripts: the reason is the script that ran the job', async (t: TestContext) => {
  const it = tree(t, { 'build.sh': '#!/bin/sh\n"$LOGLIN_BIN" -t docs echo docs\n' });
  await build(it, './build.sh');
  assert.equal(await why(it, 'docs'), 'docs\n← run by ./build.sh\n');
});

test('make: names that are no files are followed, though nobody declared them phony', async (t: TestContext) => {
  const it = tree(t, {
    Makefile:
      'all: p v\np: libs ; @touch $@\nlibs: x y\nx: x.in ; @touch $@\ny: ; @touch $@\nv: FORCE h.h ; @touch $@\nFORCE:\nh.h:\n',
    'x.in': '',
    'h.h': '',
  });
  await build(it, 'make', '-s');
  touch(it, 'x.in');
  touch(it, 'h.h');
  await build(it, 'make', '-s');
  assert.equal(await why(it, 'p'), 'p\n← x\n  ← x.in changed\n');
  assert.equal(await why(it, 'v'), 'v\n← FORCE is made each time\n← h.h changed\n');
});

test('--tree: a job has one time, without the jobs that it launched', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: '.PHONY: all lib\nall: lib\nlib: ; @$(MAKE) -s -C lib\n',
    'lib/Makefile': 'x: x.c ; @sleep 0.3; touch $@; exit 3\n',
    'lib/x.c': '',
  });
  await it.run([LOGLIN, 'make', '-s']);
  const text = await why(it, '--tree');
  const [, root, own] = /^lib is made each time  1 job, (\S+)\n  lib \(exit 2\)  (\S+)\n/m.exec(text) ?? [];
  assert.ok(root !== undefined && root === own, text);
  assert.match(text, /^ {2}lib\/x \(exit 3\)  0\.\d\ds$/m);
  assert.match(await why(it, 'lib/x'), /^lib\/x \(exit 3\)\n← it was not there\n$/);
});
