// SCons: its targets are jobs; the user's site folders, and everything else that a SConstruct sees, are as
// without loglin.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGLIN, type Tree, needs, tree } from '../rig/tree.ts';

const headers = (text: string): string[] => text.split('\n').filter((line) => /^ *[▸✗]/.test(line));
const without = (text: string): string => text.replace(/^ *[▸✗].*\n/gm, '');

const PROJECT = {
  SConstruct: `import os
env = Environment()
env.Command('a.out', 'a.in', ['@echo "making a"', 'cp $SOURCE $TARGET'])
env.Command('b.out', 'b.in', 'cp $SOURCE $TARGET; echo "b says" >&2; echo "b ends"')
def both(target, source, env):
    with open(str(target[0]), 'w') as out:
        out.write(''.join(open(str(s)).read() for s in source))
env.Command('sub/both.out', ['a.out', 'b.out'], both)
env.Command('c.out', 'sub/both.out', Action('echo c >$TARGET', 'MAKING $TARGET'))
Default('c.out')
`,
  'a.in': 'a\n',
  'b.in': 'b\n',
};

const SHOWN = `▸ a.out
making a
cp a.in a.out
▸ b.out
cp b.in b.out; echo "b says" >&2; echo "b ends"
b says
b ends
▸ sub/both.out
both(["sub/both.out"], ["a.out", "b.out"])
▸ c.out
MAKING c.out
`;

/** The jobs in the order of needs. */
const TREE = `▸ c.out
  ▸ sub/both.out
    ▸ a.out
making a
cp a.in a.out
    ▸ b.out
cp b.in b.out; echo "b says" >&2; echo "b ends"
b says
b ends
  ▸ sub/both.out (resumed)
both(["sub/both.out"], ["a.out", "b.out"])
▸ c.out (resumed)
MAKING c.out
`;

async function scons(it: Tree, ...args: string[]): Promise<string> {
  const { end, stdout } = await it.run([LOGLIN, 'scons', ...args], { merge: true });
  assert.equal(end, 'exit 0', stdout);
  return stdout;
}

for (const j of ['-j1', '-j4'])
  test(`scons ${j}: targets are jobs with all of their commands; afterwards it has nothing to do, and neither has scons alone`, async (t) => {
    if (!needs(t, 'scons')) return;
    const it = tree(t, PROJECT);
    assert.equal(await scons(it, '-Q', j), SHOWN);
    assert.equal(await it.show(), TREE);
    assert.equal(await it.show('--order=launch'), SHOWN);
    assert.equal((await it.run(['scons', '-Q'])).stdout, "scons: `c.out' is up to date.\n");
    assert.equal(await scons(it, '-Q', j), "scons: `c.out' is up to date.\n");
    const wrapped = it.contents();
    await it.run(['scons', '-Q', '-c']);
    const plain = await it.run(['scons', '-Q', j]);
    assert.deepEqual(without(SHOWN).split('\n').sort(), `${plain.stdout}${plain.stderr}`.split('\n').sort());
    assert.deepEqual({ ...it.contents(), '.sconsign.dblite': '' }, { ...wrapped, '.sconsign.dblite': '' });
    assert.equal(await scons(it, '-Q', j), "scons: `c.out' is up to date.\n");
    await it.nothingLeft();
  });

test('scons: names are relative to the project root; commands are shown that the log does not have', async (t) => {
  if (!needs(t, 'scons')) return;
  const it = tree(t, { '.git/x': '' });
  for (const [name, text] of Object.entries(PROJECT)) it.write({ [`deep/${name}`]: text });
  await scons(it, '-Q', '-C', 'deep');
  assert.deepEqual(headers(await it.show()), [
    '▸ deep/c.out',
    '  ▸ deep/sub/both.out',
    '    ▸ deep/a.out',
    '    ▸ deep/b.out',
    '  ▸ deep/sub/both.out (resumed)',
    '▸ deep/c.out (resumed)',
  ]);
  const commands = await it.show('--commands');
  assert.match(commands, /^MAKING c.out\n\$ .*echo c >/m);
  assert.equal(commands.match(/cp a.in a.out/g)?.length, 1);
});

for (const [options, end, failed] of [
  ['-Q', 'exit 2', ['✗ bad (exit 3)']],
  ['-Q -k -j2', 'exit 2', ['✗ bad (exit 3)', '✗ worse (SIGTERM)']],
  ['-Q -i', 'exit 0', ['✗ bad (exit 3)', '✗ worse (SIGTERM)']],
] as const)
  test(`scons: failures are as without loglin: ${options}`, async (t) => {
    if (!needs(t, 'scons')) return;
    const it = tree(t, {
      SConstruct: `env = Environment()
env.Command('bad', [], 'echo bad; exit 3')
env.Command('worse', [], 'kill -TERM $$$$')
env.Command('good', [], 'echo good >$TARGET')
Default('bad', 'worse', 'good')
`,
    });
    const plain = await it.run(['scons', ...options.split(' ')], { merge: true });
    await it.sh('rm -f good');
    const wrapped = await it.run([LOGLIN, 'scons', ...options.split(' ')], { merge: true });
    assert.equal(plain.end, end);
    assert.equal(wrapped.end, end);
    const crosses = headers(wrapped.stdout).filter((line) => line.startsWith('✗'));
    assert.deepEqual([...new Set(crosses)].filter((line) => !line.includes('scons')).sort(), failed);
    const said = plain.stdout.split('\n').filter((line) => line.startsWith('scons: ***'));
    for (const line of said) assert.ok(wrapped.stdout.includes(line), `${line}\n${wrapped.stdout}`);
  });

// Each is evaluated in a SConstruct, plain and under loglin.
const SEES = `import os, sys, SCons.Script
seen = {
    'names': sorted(dir(SCons.Script)),
    'globals': sorted(k for k in globals() if not k.startswith('__')),
    'path': sys.path,
    'tools': SCons.Tool.DefaultToolpath,
    'env': sorted(k for k in os.environ if not k.startswith('LOGLIN') and k not in ('_', 'SCONSFLAGS')),
    'modules': sorted(k for k in sys.modules if 'loglin' in k and k != 'loglin_scons'),
    'bytecode': sys.dont_write_bytecode,
    'site': GetOption('site_dir'),
    'keep': GetOption('keep_going'),
    'flags': os.environ.get('SCONSFLAGS'),
    'from site': globals().get('FROM_SITE'),
}
env = Environment()
with open('seen', 'w') as out:
    for key, value in seen.items():
        print(key, value, file=out)
env.Command('x', [], 'env | grep -v "^LOGLIN\\\\|^_=" | sort >$TARGET')
`;
const SITE = 'def FROM_SITE(): return 1\nFROM_SITE = "given"\nDefault = Default\n';

for (const [what, files, args, flags, split] of [
  ['nothing', {}, '', undefined, true],
  [
    'a site_scons folder',
    { 'site_scons/site_init.py': SITE, 'site_scons/site_tools/t.py': '' },
    '',
    undefined,
    true,
  ],
  ["the home folder's", { 'home/.scons/site_scons/site_init.py': SITE }, '', undefined, true],
  ['SCONSFLAGS', {}, '', '-k', true],
  ['SCONSFLAGS with --site-dir', { 'mine/site_init.py': SITE }, '', '--site-dir=mine', false],
  ['--site-dir', { 'mine/site_init.py': SITE }, '--site-dir=mine', undefined, false],
  ['--no-site-dir', { 'site_scons/site_init.py': SITE }, '--no-site-dir', undefined, false],
] as const)
  test(`scons: a SConstruct and its commands see what they would without loglin: ${what}`, async (t) => {
    if (!needs(t, 'scons')) return;
    const it = tree(t, { SConstruct: SEES, ...files });
    const env = { HOME: it.path('home'), ...(flags === undefined ? {} : { SCONSFLAGS: flags }) };
    const argv = ['scons', '-Q', ...args.split(' ').filter(Boolean)];
    await it.run(argv, { env });
    const plain = [it.read('seen'), it.read('x')];
    await it.sh('rm x');
    const { stdout, end } = await it.run([LOGLIN, ...argv], { env });
    assert.equal(end, 'exit 0');
    // Where our file is passed over, it cannot remove itself.
    const seen = (text: string): string => (split ? text : text.replace(/^flags .*\n/m, ''));
    assert.deepEqual([it.read('seen'), it.read('x')].map(seen), plain.map(seen));
    assert.equal(headers(stdout).includes('▸ x'), split, stdout);
  });

test('scons: the tools that its commands start are split too', async (t) => {
  if (!needs(t, 'scons', 'make')) return;
  const it = tree(t, {
    SConstruct: `Environment().Command('x', [], 'make -s && touch $TARGET')\n`,
    Makefile: 'all: one two\none two:\n\t@echo making $@\n.PHONY: all one two\n',
  });
  assert.equal(await scons(it, '-Q'), '▸ x\nmake -s && touch x\n  ▸ one\nmaking one\n  ▸ two\nmaking two\n');
  await it.nothingLeft();
});

test('scons: -n runs nothing, -s is silent, and Configure() is its own', async (t) => {
  if (!needs(t, 'scons', 'gcc')) return;
  const it = tree(t, PROJECT);
  assert.deepEqual(headers(await scons(it, '-Q', '-n')), []);
  assert.equal(
    await scons(it, '-Q', '-s'),
    '▸ a.out\nmaking a\n▸ b.out\nb says\nb ends\n▸ sub/both.out\n▸ c.out\n',
  );
  it.write({
    SConstruct: `env = Environment()
conf = Configure(env)
print('header', conf.CheckCHeader('stdio.h'), conf.CheckCHeader('no-such.h'))
env = conf.Finish()
env.Command('x', [], 'echo x')
`,
  });
  const { stdout } = await it.run([LOGLIN, 'scons', '-Q']);
  assert.match(stdout, /^header (True|1) (False|0)\n▸ x\necho x\nx\n$/m);
});

test('scons: output that does not go to the log is left alone; --no-hooks=scons records one job', async (t) => {
  if (!needs(t, 'scons')) return;
  const it = tree(t, { ...PROJECT, 'main.sh': '#!/bin/sh\nscons -Q c.out >file 2>&1\n' });
  assert.equal((await it.loglin('./main.sh')).stdout, '');
  assert.equal(it.read('file'), without(SHOWN));
  await it.run(['scons', '-Q', '-c']);
  assert.equal(
    (await it.run([LOGLIN, '--no-hooks=scons', 'scons', '-Q'], { merge: true })).stdout,
    without(SHOWN),
  );
});

test('scons: targets that do not need each other come in the order of their names, however many are made at once', async (t) => {
  if (!needs(t, 'scons')) return;
  const names = ['d', 'b', 'a', 'c'].map((name) => `${name}.out`);
  const lines = names.map(
    (name) => `env.Command('${name}', [], 'echo making $TARGET >$TARGET; cat $TARGET')\n`,
  );
  const it = tree(t, {
    SConstruct: `env = Environment()\n${lines.join('')}Default(${JSON.stringify(names)})\n`,
  });
  for (const j of ['-j1', '-j4', '-j4']) {
    await scons(it, '-Q', j);
    assert.deepEqual(headers(await it.show()), ['▸ a.out', '▸ b.out', '▸ c.out', '▸ d.out']);
    await it.run(['scons', '-Q', '-c']);
  }
});
