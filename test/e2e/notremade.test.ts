// Targets that a build did not make: `why` names the reason, and `show -u` marks the earlier logs that stand
// for them.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { BuildEvent } from '../../src/model/events.ts';
import { LOGLIN, type Tree, needs, tree, until } from '../rig/tree.ts';

/** Builds, and ignores whether that succeeds. */
async function build(it: Tree, ...command: string[]): Promise<void> {
  const { stderr } = await it.run([LOGLIN, ...command]);
  assert.equal(stderr, '');
}

/** The answer of `why` for each target, without the time of its last run and without the lines below. */
async function why(it: Tree, ...names: string[]): Promise<Record<string, string>> {
  const said: Record<string, string> = {};
  for (const name of names) {
    const { stdout, stderr } = await it.loglin('why', name);
    assert.equal(stderr, '');
    const [line = ''] = stdout.split('\n');
    assert.ok(line.startsWith(name), line);
    said[name] = line
      .slice(name.length)
      .replace(/^: /, '')
      .replace(/; it last ran at .*/, '')
      .trim();
  }
  return said;
}

/** The headers of `show -u`, without those of resumed jobs. */
async function headers(it: Tree, ...args: string[]): Promise<string[]> {
  const text = await it.show('-u', '--no-details', ...args);
  return text.split('\n').filter((line) => line.includes('▸') && !line.endsWith(' (resumed)'));
}

const CC = '@echo cc $<; ! grep -q bad $< && cp $< $@';

const MAKEFILE = `all: prog lib/done docs
prog: a.o b.o ; @echo link; cat $^ >$@
%.o: %.c | gen ; ${CC}
gen: ; @echo gen; touch gen
lib/done: other | prog ; @$(MAKE) -C lib && touch $@
docs: d.txt ; @echo docs; touch $@
d.txt: ; @echo d; touch $@
other: ; @echo other; touch $@
`;
const MAKE_FILES = {
  Makefile: MAKEFILE,
  'a.c': '',
  'b.c': '',
  'lib/Makefile': 'x: y ; @echo x; touch x\ny: ; @echo y; touch y\n',
};
const TARGETS = ['all', 'prog', 'a.o', 'b.o', 'gen', 'lib/done', 'lib/x', 'other', 'docs', 'd.txt'];

test('make -k: targets that need a failed one were not made, and all others are up to date', async (t: TestContext) => {
  const it = tree(t, MAKE_FILES);
  await build(it, 'make', '-s');
  it.write({ 'a.c': 'bad' });
  await build(it, 'make', '-s', '-k', '-j2');
  const blocked = 'was not made: a.o failed';
  const below = 'was not reached: a.o failed';
  const fine = 'is up to date';
  assert.deepEqual(await why(it, ...TARGETS), {
    all: blocked,
    prog: blocked,
    'a.o': '(exit 1)',
    'b.o': fine,
    gen: fine,
    'lib/done': blocked,
    'lib/x': below,
    other: fine,
    docs: fine,
    'd.txt': fine,
  });
  assert.deepEqual(await headers(it), [
    '▸ prog (old, not made: a.o failed)',
    '  ▸ a.o',
    '    ▸ gen',
    '  ▸ b.o',
    '▸ lib/done (old, not made: a.o failed)',
    '  ▸ other',
    '  ▸ lib/x (perhaps old)',
    '    ▸ lib/y (perhaps old)',
    '▸ docs',
    '  ▸ d.txt',
  ]);
  assert.deepEqual(await headers(it, 'docs'), ['▸ docs', '  ▸ d.txt']);
  assert.match(await it.show('-u', '--prefix', 'prog'), /^prog: \(old, not made: a\.o failed\)$/m);

  const unmade = { state: 'blocked', failed: ['a.o'], stopped: null, ended: null };
  const record = JSON.parse((await it.loglin('why', '--json', 'prog')).stdout) as Record<string, unknown>;
  assert.deepEqual([record.ran, record.unmade], [false, unmade]);
  const enter = (await it.show('-u', '--json', 'prog')).split('\n').find((line) => line.includes('"enter"'));
  assert.deepEqual((JSON.parse(enter!) as Record<string, unknown>).unmade, unmade);
});

test('make: targets that it had not reached when it stopped are unknown', async (t: TestContext) => {
  const it = tree(t, MAKE_FILES);
  await build(it, 'make', '-s');
  it.write({ 'a.c': 'bad' });
  await build(it, 'make', '-s');
  const stopped = 'was not reached: make stopped at a.o';
  assert.deepEqual(await why(it, ...TARGETS), {
    all: 'was not made: a.o failed',
    prog: 'was not made: a.o failed',
    'a.o': '(exit 1)',
    'b.o': stopped,
    gen: 'is up to date',
    'lib/done': 'was not made: a.o failed',
    'lib/x': 'was not reached: a.o failed',
    other: stopped,
    docs: stopped,
    'd.txt': stopped,
  });
  assert.deepEqual(await headers(it, 'docs'), [
    '▸ docs (perhaps old, not reached: make stopped at a.o)',
    '  ▸ d.txt (perhaps old)',
  ]);
});

test('make: targets that stand before a job that it started were looked at', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: 'all: early bad late\nearly late: in ; @touch $@\nbad: no ; @touch $@; ! grep no $<\n',
    in: '',
    no: '',
  });
  await build(it, 'make', '-s');
  fs.rmSync(it.path('bad'));
  it.write({ no: 'no' });
  await build(it, 'make', '-s');
  assert.deepEqual(await why(it, 'early', 'late'), {
    early: 'is up to date',
    late: 'was not reached: make stopped at bad',
  });
});

test('recursive makes: -k is handed down, and the job that failed by itself is named', async (t: TestContext) => {
  const files = {
    Makefile:
      'all: lib app ; @echo all\nlib: ; @$(MAKE) -s -C lib\napp: lib ; @$(MAKE) -s -C app\n.PHONY: all lib app\n',
    'lib/Makefile': `all: x z\nx: x.in ; ! grep bad $< && touch $@\ny: ; touch $@\nz: y z.in; touch $@\n`,
    'lib/x.in': '',
    'lib/z.in': '',
    'app/Makefile': 'net: n.o; touch net\nn.o: ; touch n.o\n',
  };
  const it = tree(t, files);
  await build(it, 'make', '-s');
  it.write({ 'lib/x.in': 'bad' });
  const names = ['all', 'app', 'app/net', 'app/n.o', 'lib/all', 'lib/z', 'lib/y'];
  const both = {
    all: 'was not made: lib/x failed',
    app: 'was not made: lib/x failed',
    'app/net': 'was not reached: lib/x failed',
    'app/n.o': 'was not reached: lib/x failed',
    'lib/all': 'was not made: lib/x failed',
  };
  await build(it, 'make', '-s', '-k');
  assert.deepEqual(await why(it, ...names), { ...both, 'lib/z': 'is up to date', 'lib/y': 'is up to date' });
  await build(it, 'make', '-s');
  const stopped = 'was not reached: make stopped at lib/x';
  assert.deepEqual(await why(it, ...names), { ...both, 'lib/z': stopped, 'lib/y': stopped });
});

test('makes of a script: those after a failure did not begin', async (t: TestContext) => {
  const it = tree(t, {
    'build.sh': '#!/bin/sh\nset -e\nmake -s -C one\nmake -s -C two\n',
    'one/Makefile': 'x: in ; @! grep bad $< && touch $@\n',
    'one/in': '',
    'two/Makefile': 'y: ; @touch $@\n',
  });
  await build(it, './build.sh');
  it.write({ 'one/in': 'bad' });
  await build(it, './build.sh');
  assert.deepEqual(await why(it, 'two/y'), { 'two/y': 'was not reached: one/x failed' });
  it.write({ 'one/in': '' });
  await build(it, './build.sh');
  assert.deepEqual(await why(it, 'two/y'), { 'two/y': 'is up to date' });
});

test('make: a missing rule for a file is not a failed job', async (t: TestContext) => {
  const it = tree(t, { Makefile: 'all: x y\nx: ; @touch $@\ny: $(Y) ; @touch $@\n' });
  await build(it, 'make', '-s');
  await build(it, 'make', '-s', 'Y=nothing');
  assert.deepEqual(await why(it, 'x', 'y'), {
    x: 'was not reached: make failed',
    y: 'was not reached: make failed',
  });
});

test('ninja: targets are blocked with -k 0, and not reached when it stopped', async (t: TestContext) => {
  if (!needs(t, 'ninja')) return;
  const it = tree(t, {
    'build.ninja': `rule cp
  command = ! grep -q bad $in && cat $in >$out
build a.o: cp a.c
build b.o: cp b.c
build prog: cp a.o b.o
build c.o: cp c.c || a.o
build objects: phony a.o b.o
build d: cp d.c
build all: phony prog c.o d objects
default all
`,
    ...Object.fromEntries(['a.c', 'b.c', 'c.c', 'd.c'].map((name) => [name, ''])),
  });
  await build(it, 'ninja');
  it.write({ 'a.c': 'bad' });
  const names = ['all', 'objects', 'prog', 'c.o', 'b.o', 'd'];
  const blocked = 'was not made: a.o failed';
  const both = { all: blocked, objects: blocked, prog: blocked, 'c.o': blocked };
  for (const keep of [['-k', '0'], ['-k3'], ['-k', '2']]) {
    await build(it, 'ninja', ...keep);
    assert.deepEqual(await why(it, ...names), { ...both, 'b.o': 'is up to date', d: 'is up to date' });
  }
  await build(it, 'ninja');
  const stopped = 'was not reached: ninja stopped at a.o';
  assert.deepEqual(await why(it, ...names), { ...both, 'b.o': stopped, d: stopped });
});

test('cargo: a crate that needs a failed one was not made', async (t: TestContext) => {
  if (!needs(t, 'cargo')) return;
  const crate = (name: string, more = ''): string =>
    `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
  const it = tree(t, {
    'Cargo.toml': '[workspace]\nmembers = ["low", "app", "other"]\nresolver = "2"\n',
    'low/Cargo.toml': crate('low'),
    'low/src/lib.rs': 'pub fn f() {}\n',
    'other/Cargo.toml': crate('other'),
    'other/src/lib.rs': '',
    'app/Cargo.toml': crate('app', '[dependencies]\nlow = { path = "../low" }\n'),
    'app/src/lib.rs': 'pub fn g() { low::f() }\n',
  });
  await it.run([LOGLIN, 'cargo', 'build', '--offline']);
  it.write({ 'low/src/lib.rs': 'pub fn f() { bad }\n' });
  await it.run([LOGLIN, 'cargo', 'build', '--offline', '--keep-going']);
  assert.deepEqual(await why(it, 'app', 'other'), {
    app: 'was not made: low failed',
    other: 'is up to date',
  });
});

test('a target was not reached in an interrupted build, and not made yet in a running one', async (t: TestContext) => {
  const it = tree(t, {
    Makefile:
      'all: first slow last\nfirst slow: in ; @[ -z "$(WAIT)" ] || { touch began; sleep 60; }; touch $@\nlast: slow ; @touch $@\n',
    in: '',
  });
  await build(it, 'make', '-s');
  fs.rmSync(it.path('slow'));
  const started = it.start([LOGLIN, 'make', '-s', 'WAIT=1']);
  await it.file('began');
  const journal = (): string => {
    const [id = ''] = fs.readdirSync(it.path('.loglin/builds')).sort().reverse();
    return it.read(`.loglin/builds/${id}/journal.ndjson`);
  };
  await until('the job is in the record', () => journal().includes('"name":"slow"'));
  assert.deepEqual(await why(it, 'last'), { last: 'was not made yet: the build runs' });
  process.kill(-started.pid, 'SIGINT');
  await started.ended;
  assert.deepEqual(await why(it, 'last'), { last: 'was not reached: the build was interrupted' });
  assert.deepEqual((await headers(it)).slice(-1), [
    '▸ last (perhaps old, not reached: the build was interrupted)',
  ]);
});

test("make's record has whether it goes on after a failure", async (t: TestContext) => {
  const it = tree(t, { Makefile: 'MAKEFLAGS += -k\nall: ; @false\n' });
  await build(it, 'make', '-s');
  const [id = ''] = fs.readdirSync(it.path('.loglin/builds'));
  const events = it
    .read(`.loglin/builds/${id}/journal.ndjson`)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BuildEvent);
  assert.deepEqual(
    events.flatMap((event) => (event.e === 'toolend' ? [[event.exit, event.keepGoing]] : [])),
    [[2, true]],
  );
});

test('targets of one name in several folders, without a log, are each named by their paths', async (t: TestContext) => {
  const part = 'out: gram.h in ; @echo $@; touch $@\ngram.h: ; @touch $@\n';
  const it = tree(t, {
    Makefile: 'all: ; @$(MAKE) -s -C parser; $(MAKE) -s -C bootstrap\n',
    ...Object.fromEntries(
      ['parser', 'bootstrap'].flatMap((folder) => [
        [`${folder}/Makefile`, part],
        [`${folder}/in`, ''],
        [`${folder}/gram.h`, ''],
      ]),
    ),
  });
  await build(it, 'make', '-s');
  const never = '(no log: it never ran under loglin)';
  assert.deepEqual(await headers(it, '--no-hide-silent'), [
    '▸ all',
    '  ▸ parser/out',
    `    ▸ parser/gram.h ${never}`,
    '  ▸ bootstrap/out',
    `    ▸ bootstrap/gram.h ${never}`,
  ]);
  const names = (await it.show('-u', '--json')).split('\n').flatMap((line) => {
    const event = line === '' ? {} : (JSON.parse(line) as { type?: string; name?: string });
    return event.type === 'absent' ? [event.name] : [];
  });
  assert.deepEqual(names, ['parser/gram.h', 'bootstrap/gram.h']);
});

test('a target that was not made and never had a log is named', async (t: TestContext) => {
  const it = tree(t, { Makefile: 'prog: a.o ; @echo link\na.o: ; @false\n' });
  await build(it, 'make', '-s', '-k');
  assert.deepEqual(await why(it, 'prog'), { prog: 'was not made: a.o failed' });
  const text = await it.show('-u', '--no-details', 'prog');
  assert.match(text, /▸ prog \(not made: a\.o failed; no log: it never ran under loglin\)\n/);
});

test('a make with nothing to do names its folder, before the earlier logs that stand for its jobs', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: 'all: ; @echo before; $(MAKE) -C sub\n',
    'sub/Makefile': 'x: ; @echo making x; touch x\n',
  });
  await build(it, 'make');
  await build(it, 'make');
  const sub = fs.realpathSync(it.path('sub'));
  const text = await it.show('-u', 'all');
  assert.equal(
    text,
    `▸ all\nbefore\nmake[1]: Entering directory '${sub}'\n  ▸ sub/x\nmaking x\n▸ all (resumed)\n` +
      `make[1]: 'x' is up to date.\nmake[1]: Leaving directory '${sub}'\n`,
  );
  await build(it, 'make', '-C', 'sub');
  assert.equal(
    await it.show('-u'),
    `make: Entering directory '${sub}'\n▸ sub/x\nmaking x\nmake: 'x' is up to date.\nmake: Leaving directory '${sub}'\n`,
  );
});

test('show of a target that did not run prints a message', async (t: TestContext) => {
  const it = tree(t, { Makefile: 'all: x y\nx: in ; @touch $@\ny: ; @touch $@\n', in: '' });
  await build(it, 'make', '-s');
  it.write({ in: 'new' });
  await build(it, 'make', '-s');
  const { stdout, stderr, end } = await it.loglin('show', 'y');
  assert.deepEqual(
    [stdout, stderr, end],
    ['', 'loglin: y: nothing of it ran in this build; its last log: loglin show -u y\n', 'exit 0'],
  );
  // Where a pattern means several targets, those that lead to nothing that ran are left out.
  const several = await it.loglin('show', '*');
  assert.deepEqual([several.stdout, several.stderr], ['▸ x\n', stderr]);
  // This build does not even know the name.
  it.write({ 'other.mk': 'z: ; @echo z\n' });
  await build(it, 'make', '-s', '-f', 'other.mk');
  const other = await it.loglin('show', 'y');
  assert.deepEqual(
    [other.stdout, other.stderr, other.end],
    ['', 'loglin: y: did not run in this build; its last log: loglin show -u y\n', 'exit 1'],
  );
});
