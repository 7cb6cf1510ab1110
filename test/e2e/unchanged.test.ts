// `show -u` prints after an incremental build what the first build printed, byte for byte: for make, for
// ninja and for scripts, also after several such builds, and after the tree was moved.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { dependents, randomGraph, shownGraph } from '../rig/graphs.ts';
import { LOGLIN, Tree, needs, tree, wants } from '../rig/tree.ts';

const GRAPH = randomGraph(7, 200);
/** The changes, with one build each. */
const CHANGED = ['t60', 't199', 't120'];

/** Makes a source newer than all that was made of it. */
function touch(it: Tree, name: string): void {
  // Files get the time of the last tick of the kernel's clock: what is made next must not be older than this.
  const time = new Date(Date.now() - 10);
  fs.utimesSync(it.path(name), time, time);
}

const sources = (): Record<string, string> =>
  Object.fromEntries([...GRAPH.keys()].map((name) => [`${name}.src`, '']));

async function build(it: Tree, command: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const { end, stderr } = await it.run([LOGLIN, ...command], { env });
  assert.equal(stderr, '');
  assert.equal(end, 'exit 0');
}

/** The targets that ran in the last build. */
async function ran(it: Tree): Promise<string[]> {
  const headers = (await it.show('--no-details')).split('\n').filter((line) => line.includes('▸'));
  return headers.map((line) => line.trim().slice(2)).sort();
}

/**
 * Builds, changes and builds again, and compares each time.
 * @param again how the build is called when one target has changed.
 */
async function remembers(it: Tree, again: (changed: string) => Promise<void>): Promise<void> {
  const first = await it.show('t0');
  assert.equal(
    first
      .split('\n')
      .filter((line) => !line.startsWith('echo'))
      .join('\n'),
    shownGraph(GRAPH, 't0'),
  );
  const parts = await Promise.all(['t3', 't60', 't150'].map((name) => it.show(name)));
  for (const changed of CHANGED) {
    await again(changed);
    assert.deepEqual(await ran(it), [...dependents(GRAPH, changed)].sort(), `after ${changed} was changed`);
    assert.equal(await it.show('-u', 't0'), first, `after ${changed} was changed`);
    for (const [i, name] of ['t3', 't60', 't150'].entries())
      assert.equal(await it.show('-u', name), parts[i], `${name} after ${changed} was changed`);
  }
  const moved = `${it.dir} moved`;
  fs.renameSync(it.dir, moved);
  try {
    const { stdout, stderr } = await it.run([LOGLIN, 'show', '-u', 't0'], { cwd: moved });
    assert.equal(stderr, '');
    assert.equal(stdout, first, 'after the tree was moved');
  } finally {
    fs.renameSync(moved, it.dir);
  }
}

test('make: after a change -u prints what the first build printed', async (t: TestContext) => {
  const rules = [...GRAPH].map(
    ([name, list]) => `${name}: ${list.join(' ')} ${name}.src\n\t@echo building ${name}; touch $@\n`,
  );
  const it = tree(t, { Makefile: rules.join(''), ...sources() });
  await build(it, ['make', '-j4']);
  await remembers(it, async (changed) => {
    touch(it, `${changed}.src`);
    await build(it, ['make', '-j4']);
  });
  // This build has nothing to do at all.
  const first = await it.show('-u', 't0');
  await build(it, ['make', '-j4']);
  assert.equal(await it.show(), "make: 't0' is up to date.\n");
  assert.equal(await it.show('-u'), `${first}make: 't0' is up to date.\n`);
  // A live build is compared too: make's own line may be out before it is known that there was nothing to do.
  const live = await it.run([LOGLIN, '-u', 'make', '-j4']);
  assert.equal(live.stdout.replace("make: 't0' is up to date.\n", ''), first);
});

test('ninja: after a change -u prints what the first build printed', async (t: TestContext) => {
  if (!needs(t, 'ninja')) return;
  const edges = [...GRAPH].map(([name, list]) => `build ${name}: say ${list.join(' ')} ${name}.src\n`);
  const manifest = `rule say\n  command = echo building $out && touch $out\n${edges.join('')}default t0\n`;
  const it = tree(t, { 'build.ninja': manifest, ...sources() });
  await build(it, ['ninja', '-j4']);
  await remembers(it, async (changed) => {
    touch(it, `${changed}.src`);
    await build(it, ['ninja', '-j4']);
  });
  const first = await it.show('-u', 't0');
  await build(it, ['ninja', '-j4']);
  assert.equal(await it.show('-u'), `${first}ninja: no work to do.\n`);
});

test('scripts: after a change -u prints what the first build printed', async (t: TestContext) => {
  const scripts = [...GRAPH].map(([name, list]): [string, string] => {
    const lines = list.map(
      (need) =>
        `case " $DIRTY " in *" ${need} "*) "$LOGLIN_BIN" --once -t ${need} ./${need}.sh;; *) "$LOGLIN_BIN" link ${need};; esac\n`,
    );
    return [`${name}.sh`, `#!/bin/sh\n${lines.join('')}echo building ${name}\n`];
  });
  const it = tree(t, Object.fromEntries(scripts));
  const command = ['-t', 't0', './t0.sh'];
  await build(it, command, { DIRTY: [...GRAPH.keys()].join(' ') });
  await remembers(it, (changed) => build(it, command, { DIRTY: [...dependents(GRAPH, changed)].join(' ') }));
});

test('redo: after a change -u prints what the first build printed', async (t: TestContext) => {
  if (!wants(t, 'redo') || !needs(t, 'sqlite3')) return;
  const rules = [...GRAPH].map(([name, list]): [string, string] => [
    `${name}.do`,
    `redo-ifchange ${list.join(' ')} ${name}.src\necho building ${name} >&2\necho ${name}\ncat ${name}.src\n`,
  ]);
  const it = tree(t, { ...Object.fromEntries(rules), ...sources() });
  await build(it, ['redo', '-j4', 't0']);
  await remembers(it, async (changed) => {
    it.write({ [`${changed}.src`]: `changed ${Date.now()}` });
    await build(it, ['redo', '-j4', 't0']);
  });
});

test('worked example 1: Q is up to date, as the log of Z reports', async (t: TestContext) => {
  const it = tree(t, {
    'Z.sh': '#!/bin/sh\n[ -e q ] && "$LOGLIN_BIN" link Q || "$LOGLIN_BIN" --once -t Q ./Q.sh\necho Z done\n',
    'Q.sh': '#!/bin/sh\necho building Q; touch q\n',
  });
  await build(it, ['-t', 'Z', './Z.sh']);
  const first = '▸ Z\n  ▸ Q\nbuilding Q\n▸ Z (resumed)\nZ done\n';
  assert.equal(await it.show('Z'), first);
  await build(it, ['-t', 'Z', './Z.sh']);
  assert.equal(await it.show('Z'), '▸ Z\nZ done\n');
  assert.equal(await it.show('-u', 'Z'), first);
  assert.equal(await it.show('-u', 'Q'), '▸ Q\nbuilding Q\n');
  assert.equal(await it.show('-u', '--prefix', 'Z'), 'Q: building Q\nZ: Z done\n');
});

test('targets that never ran under loglin are named as such', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: 'all: old new\nold: ; @echo making old; touch $@\nnew: ; @echo making new; touch $@\n',
  });
  await it.sh('make -s old');
  await build(it, ['make', '-s']);
  assert.equal(await it.show(), '▸ new\nmaking new\n');
  assert.equal(await it.show('-u'), '▸ old (no log: it never ran under loglin)\n▸ new\nmaking new\n');
});

test('a make below a make that had nothing to do has its earlier log', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: 'all: ; @echo before; $(MAKE) -s -C sub; echo after\n',
    'sub/Makefile': 'x: y ; @echo making x; touch $@\ny: ; @echo making y; touch $@\n',
  });
  await build(it, ['make', '-s']);
  const first = await it.show();
  assert.equal(
    first,
    '▸ all\nbefore\n  ▸ sub/x\n    ▸ sub/y\nmaking y\n  ▸ sub/x (resumed)\nmaking x\n▸ all (resumed)\nafter\n',
  );
  await build(it, ['make', '-s']);
  assert.equal(await it.show(), '▸ all\nbefore\nafter\n');
  assert.equal(await it.show('-u'), first);
});

test('jobs of a make below have their logs from an earlier build, or from a later one of their own', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: 'all: lib/done ; @echo all\nlib/done: in ; @$(MAKE) -s -C lib; touch $@\n',
    in: '',
    'lib/Makefile':
      'lib: x y ; @echo making lib; touch $@\nx: x.in ; @echo making x; touch $@\ny: ; @echo making y; touch $@\n',
    'lib/x.in': '',
  });
  await build(it, 'make -s'.split(' '));
  const first = await it.show();
  touch(it, 'lib/x.in');
  await build(it, 'make -s -C lib x'.split(' '));
  await build(it, 'make -s'.split(' '));
  assert.equal(await it.show(), '▸ all\nall\n');
  assert.equal(await it.show('-u'), first);
  const bytes = (await it.loglin('show', '-u', '--json')).stdout
    .split('\n')
    .find((line) => line.includes('making x'));
  const ids = fs.readdirSync(it.path('.loglin/builds')).sort();
  assert.equal(
    (JSON.parse(bytes!) as { build: string }).build,
    ids[1],
    'from the build in which it ran last',
  );
});

/** Compares with a build of everything, in another folder. */
async function asIfClean(t: TestContext, it: Tree, files: Record<string, string>, ...command: string[]) {
  const twin = tree(t, files);
  await build(twin, command);
  assert.equal(await it.show('-u'), await twin.show());
}

test('two makes in one folder each have their place, also where one had nothing to do', async (t: TestContext) => {
  const files = {
    Makefile: 'x: c xs; @echo x; touch $@\ny: c ys; @echo y; touch $@\nc: ; @echo c; touch $@\n',
    'build.sh': '#!/bin/sh\nmake -s x && make -s y\n',
    xs: '',
    ys: '',
  };
  const it = tree(t, files);
  await build(it, ['./build.sh']);
  for (const changed of ['ys', 'xs']) {
    touch(it, changed);
    await build(it, ['./build.sh']);
    await asIfClean(t, it, files, './build.sh');
  }
});

test('a need that moved to another target is shown there', async (t: TestContext) => {
  const rules = (p: string, q: string): string =>
    `all: p q\np: ${p}; @echo p; touch $@\nq: ${q} qs; @echo q; touch $@\nc: ; @echo c; touch $@\n`;
  const it = tree(t, { Makefile: rules('c', ''), qs: '' });
  await build(it, ['make', '-s']);
  it.write({ Makefile: rules('', 'c') });
  touch(it, 'qs');
  await build(it, ['make', '-s']);
  await asIfClean(t, it, { Makefile: rules('', 'c'), qs: '' }, 'make', '-s');
});

test('a target with several rules shows those that did not run too', async (t: TestContext) => {
  const files = {
    Makefile:
      'all: out\nout:: a; @echo A; touch $@\nout:: b c; @echo B; touch $@\nc: cs; @echo c; touch $@\n',
    a: '',
    b: '',
    cs: '',
  };
  const it = tree(t, files);
  await build(it, ['make', '-s']);
  const target = await it.show('out');
  for (const changed of ['a', 'b', 'cs', undefined]) {
    if (changed) touch(it, changed);
    await build(it, ['make', '-s']);
    await asIfClean(t, it, files, 'make', '-s');
  }
  assert.equal(await it.show('-u', 'out'), target);
});

test('a make that executes itself anew has the graph of the build before', async (t: TestContext) => {
  const files = {
    Makefile: 'all: p\np: s; @echo p; touch $@\nconf.mk: conf.in; @echo conf; touch $@\n-include conf.mk\n',
    'conf.in': '',
    s: '',
  };
  const it = tree(t, files);
  await build(it, ['make', '-s']);
  touch(it, 's');
  await build(it, ['make', '-s']);
  touch(it, 'conf.in');
  await build(it, ['make', '-s']);
  await asIfClean(t, it, files, 'make', '-s');
});

test('absolute names work, also after the tree was moved, as do names of a make that had nothing to do', async (t: TestContext) => {
  const it = tree(t, {
    'out/Makefile':
      'all: $(CURDIR)/p\n$(CURDIR)/p: $(CURDIR)/q; @echo p; touch "$@"\n$(CURDIR)/q: ; @echo q; touch "$@"\n',
  });
  const plain = tree(t, {});
  // make cannot have blanks in names that it expands to targets.
  const there = it.dir.replaceAll(' ', '_');
  fs.renameSync(it.dir, there);
  try {
    const run = (...argv: string[]) => plain.run([LOGLIN, ...argv], { cwd: there });
    await run('make', '-s', '-C', 'out');
    const first = await run('show');
    await run('make', '-s', '-C', 'out');
    assert.equal((await run('show', '-u', 'p')).stdout, first.stdout);
    assert.equal((await run('show', '-u', 'out/all')).stdout, first.stdout);
    fs.renameSync(there, it.dir);
    const moved = await it.run([LOGLIN, 'show', '-u', 'out/p']);
    assert.equal(moved.stdout, first.stdout);
    fs.renameSync(it.dir, there);
    fs.rmSync(`${there}/out/q`);
    await run('make', '-s', '-C', 'out');
    fs.rmSync(`${there}/out/p`);
    await run('make', '-s', '-C', 'out');
    fs.renameSync(there, it.dir);
    assert.equal((await it.run([LOGLIN, 'show', '-u'])).stdout, first.stdout);
    assert.match((await it.run([LOGLIN, 'why', 'q'])).stdout, /^out\/q: is up to date/);
  } finally {
    if (fs.existsSync(there)) fs.renameSync(there, it.dir);
  }
});

test('a need that a script finds up to date keeps its place before a make that has nothing to do', async (t: TestContext) => {
  const it = tree(t, {
    'build.sh':
      '#!/bin/sh\n[ -e q ] && "$LOGLIN_BIN" link Q || "$LOGLIN_BIN" --once -t Q sh -c "echo Q; touch q"\nmake -s\n',
    Makefile: 'all: a\na: ; @echo a; touch $@\n',
  });
  await build(it, ['./build.sh']);
  const first = await it.show();
  await build(it, ['./build.sh']);
  assert.equal(await it.show('-u'), first);
});

test('a make that had nothing to do may have been called in other ways before', async (t: TestContext) => {
  const files = {
    Makefile: 'all: src\n.PHONY: all src\nsrc: ; @$(MAKE) -s --no-print-directory -C src\n',
    'src/Makefile': 'all: a b\na: ; @echo a; touch $@\nb: a b.in; @echo b; touch $@\n',
    'src/b.in': '',
  };
  const it = tree(t, files);
  fs.mkdirSync(it.path('.loglin'));
  await build(it, ['-C', 'src', 'make', '-s']);
  touch(it, 'src/b.in');
  await build(it, ['-C', 'src', 'make', '-s', 'b']);
  await build(it, ['make', '-s']);
  await asIfClean(t, it, files, 'make', '-s');
});

test('projects that share a store have their own logs', async (t: TestContext) => {
  const store = tree(t, {});
  const rules = (name: string): string =>
    `all: a b\na: ; @echo ${name} a; touch $@\nb: in; @echo ${name} b; touch $@\n`;
  const [one, two] = ['one', 'two'].map((name) => tree(t, { Makefile: rules(name), in: '' })) as [Tree, Tree];
  const kept = ['--store', store.dir];
  for (const it of [one, two]) await build(it, [...kept, 'make', '-s']);
  touch(one, 'in');
  await build(one, [...kept, 'make', '-s']);
  assert.equal(await one.show('-u', ...kept), '▸ a\none a\n▸ b\none b\n');
  // This build has nothing to do.
  await build(one, [...kept, 'make', '-s']);
  assert.equal(await one.show('-u', ...kept), '▸ a\none a\n▸ b\none b\n');
  // The moved project has not lost its logs.
  const moved = `${one.dir} moved`;
  fs.renameSync(one.dir, moved);
  try {
    await one.run([LOGLIN, ...kept, 'make', '-s'], { cwd: moved });
    const { stdout } = await one.run([LOGLIN, 'show', '-u', ...kept], { cwd: moved });
    assert.equal(stdout, '▸ a\none a\n▸ b\none b\n');
  } finally {
    fs.renameSync(moved, one.dir);
  }
});
