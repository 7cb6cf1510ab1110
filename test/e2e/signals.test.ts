// Signals: each scenario runs with plain make and with loglin make, and must end the same way: status, files,
// output, and no processes or files left.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { screen } from '../rig/tmux.ts';
import { LOGLIN, NOTED, type Started, type Tree, needs, tree, until } from '../rig/tree.ts';

/** Waits in a recipe for a file, and still dies with the build. */
const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;

interface Scenario {
  readonly what: string;
  readonly makefile: string;
  /** The command; `make` by default. */
  readonly command?: readonly string[];
  /** Words before the command, such as nohup. */
  readonly prefix?: readonly string[];
  /** Acts once the command runs. */
  readonly act?: (tree: Tree, started: Started) => Promise<void>;
  /** How the command must end, besides ending as plain make does. */
  readonly end: string;
  /** Files that must be there at the end, besides being the same as with plain make. */
  readonly files?: readonly string[];
}

/** Waits in a recipe until make has deleted the target. */
const GONE = (target: string): string => `while test -e ${target}; do sleep 0.02; done`;

/**
 * A recipe that outlives a signal to all processes until make has dealt with it: it waits until make has
 * deleted the target. (A make that finds its child dead while it deals with a signal prints `wait: No child
 * processes` and exits 2: a race of make's own.)
 */
const DIES = (target: string): string =>
  'for s in INT QUIT TERM HUP; do trap "got=$$s" $$s; done; echo $$PPID >make.pid; ' +
  `${GONE(target)}; trap - $$got; kill -$$got $$$$`;

const HALF_MADE = `${NOTED}out: other
\t@echo half >$@
\t@echo begun; ${DIES('out')}
\t@echo all >$@
other:
\t@echo other >other
`;

const GOES_ON = `${NOTED}all: one two
one:
\t@echo $$PPID >make.pid; ${WAIT('go')}
\t@echo one | tee one
two: one
\t@echo two | tee two
`;

async function makePid(tree: Tree): Promise<number> {
  return Number(await tree.line('make.pid'));
}

const SCENARIOS: readonly Scenario[] = [
  {
    what: 'TERM to make alone',
    makefile: HALF_MADE,
    act: async (tree) => void process.kill(await makePid(tree), 'SIGTERM'),
    end: 'SIGTERM',
    files: ['make.pid', 'other'],
  },
  {
    what: 'INT to make alone',
    makefile: HALF_MADE,
    act: async (tree) => void process.kill(await makePid(tree), 'SIGINT'),
    end: 'SIGINT',
    files: ['make.pid', 'other'],
  },
  ...(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const).map((signal): Scenario => ({
    what: `${signal} to the whole process group, as from a terminal`,
    makefile: HALF_MADE,
    act: async (tree, { pid }) => {
      await tree.line('make.pid');
      process.kill(-pid, signal);
    },
    // make itself exits on QUIT.
    end: signal === 'SIGQUIT' ? 'exit 1' : signal,
    files: ['make.pid', 'other'],
  })),
  {
    what: 'INT to the whole process group, where the command has made one of its own',
    makefile: HALF_MADE,
    command: ['timeout', '100', 'make'],
    act: async (tree, { pid }) => {
      await tree.line('make.pid');
      process.kill(-pid, 'SIGINT');
    },
    end: 'SIGINT',
    files: ['make.pid', 'other'],
  },
  ...(['SIGTERM', 'SIGHUP'] as const).map((signal): Scenario => ({
    what: `${signal} to the command alone: loglin passes it on`,
    makefile: HALF_MADE,
    act: async (tree, { pid }) => {
      await tree.line('make.pid');
      process.kill(pid, signal);
    },
    end: signal,
    files: ['make.pid', 'other'],
  })),
  {
    what: 'HUP under nohup is ignored, to the command and to the group',
    makefile: GOES_ON,
    prefix: ['nohup'],
    act: async (tree, { pid }) => {
      await tree.line('make.pid');
      process.kill(pid, 'SIGHUP');
      process.kill(-pid, 'SIGHUP');
      tree.write({ go: '' });
    },
    end: 'exit 0',
    files: ['go', 'make.pid', 'one', 'two'],
  },
  {
    what: 'INT ignored by the caller stays ignored',
    makefile: GOES_ON,
    prefix: ['sh', '-c', `trap '' INT; exec "$@"`, 'sh'],
    act: async (tree, { pid }) => {
      await tree.line('make.pid');
      process.kill(-pid, 'SIGINT');
      tree.write({ go: '' });
    },
    end: 'exit 0',
    files: ['go', 'make.pid', 'one', 'two'],
  },
  ...['SEGV', 'KILL', 'ABRT', 'TERM', 'INT'].map((signal): Scenario => ({
    what: `a recipe that dies of ${signal}: make deletes its half-made target`,
    makefile: `${NOTED}all: before out
before:
\t@echo before >before
out:
\t@echo half >out; echo wrote half; kill -${signal} $$$$
`,
    end: 'exit 2',
    files: ['before'],
  })),
  {
    what: 'a recipe that traps TERM and cleans up, with TERM to make',
    makefile: `${NOTED}all: one
one:
\t@trap 'echo cleaning; rm -f lock; echo cleaned >cleaned; exit 7' TERM; \\
\techo >lock; echo $$PPID >make.pid; ${WAIT('go')}
`,
    act: async (tree) => void process.kill(await makePid(tree), 'SIGTERM'),
    end: 'SIGTERM',
    files: ['cleaned', 'make.pid'],
  },
  {
    what: 'a recipe that traps TERM and cleans up, with TERM to the group',
    makefile: `${NOTED}one:
\t@echo half >one; trap '${GONE('one')}; echo cleaned >>cleaned; exit 7' TERM; \
\techo $$PPID >make.pid; ${WAIT('go')}
`,
    act: async (tree, { pid }) => {
      await tree.line('make.pid');
      process.kill(-pid, 'SIGTERM');
    },
    end: 'SIGTERM',
  },
  {
    what: '`kill -TERM 0` in a recipe',
    makefile: `${NOTED}out:\n\t@echo half >out; trap : TERM; kill -TERM 0; ${GONE('out')}; exit 7\n`,
    end: 'SIGTERM',
    files: [],
  },
  {
    what: '`yes | head -1` in a recipe: yes dies of SIGPIPE and says nothing',
    makefile: `${NOTED}all:\n\tyes | head -1\n\t@yes | head -1 >one\n`,
    end: 'exit 0',
    files: ['one'],
  },
  {
    what: 'a parallel build: one recipe dies of KILL, the others run to their end',
    command: ['make', '-j3'],
    makefile: `${NOTED}all: a b c
a:
\t@echo half >a; ${WAIT('b.runs')}; ${WAIT('c.runs')}; kill -KILL $$$$
b c:
\t@${WAIT('a')}; echo half >$@; echo >$@.runs; ${GONE('a')}; echo all >$@
`,
    end: 'exit 2',
    files: ['b', 'b.runs', 'c', 'c.runs'],
  },
  {
    what: 'recursive make, TERM to the outer one',
    makefile: `${NOTED}all:\n\t@echo $$PPID >outer.pid; exec $(MAKE) inner\ninner:\n\t@echo half >$@; ${DIES('inner')}\n`,
    act: async (tree) => {
      await tree.line('make.pid');
      process.kill(Number(tree.read('outer.pid')), 'SIGTERM');
    },
    end: 'SIGTERM',
    files: ['make.pid', 'outer.pid'],
  },
  {
    what: 'recursive make, INT to the group',
    command: ['make', '-j2'],
    makefile: `${NOTED}all: x y\nx y:\n\t@echo half >$@; exec $(MAKE) inner-$@\ninner-%:\n\t@echo half >$@; echo >$@.runs; ${DIES('$@ || test -e $*')}\n`,
    act: async (tree, { pid }) => {
      await tree.line('inner-x.runs');
      await tree.line('inner-y.runs');
      process.kill(-pid, 'SIGINT');
    },
    end: 'SIGINT',
    files: ['inner-x.runs', 'inner-y.runs', 'make.pid'],
  },
];

/** Process numbers and the paths of temp folders differ from run to run. */
function comparable(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, name.endsWith('.pid') ? '' : text]),
  );
}

/** The lines, sorted, without the shells' messages about the `sleep` that they happened to run. */
function lines(tree: Tree, text: string): string[] {
  const all = text.replaceAll(tree.dir, 'TREE').split('\n').sort();
  return all.filter((line) => !/^(Hangup|Quit|Terminated)( \(core dumped\))?$/.test(line));
}

async function play(t: TestContext, scenario: Scenario, wrapper: readonly string[]) {
  const it = tree(t, { Makefile: scenario.makefile });
  const argv = [...(scenario.prefix ?? []), ...wrapper, ...(scenario.command ?? ['make'])];
  const started = it.start(argv, { merge: wrapper.length === 0 });
  await scenario.act?.(it, started);
  const { end, stdout, stderr } = await started.ended;
  const files = comparable(it.contents());
  await it.nothingLeft();
  if (wrapper.length === 0) return { end, files, output: lines(it, stdout) };
  assert.equal(stderr, '');
  return { end, files, output: lines(it, await it.show('--raw')) };
}

for (const scenario of SCENARIOS)
  test(`signals: it ends as plain make does: ${scenario.what}`, async (t) => {
    const plain = await play(t, scenario, []);
    const wrapped = await play(t, scenario, [LOGLIN]);
    assert.equal(plain.end, scenario.end);
    if (scenario.files)
      assert.deepEqual(Object.keys(plain.files).sort(), ['Makefile', ...scenario.files].sort());
    assert.deepEqual(wrapped, plain);
  });

test('signals: a build that a signal ended is recorded as interrupted', async (t) => {
  const it = tree(t, { Makefile: HALF_MADE });
  const started = it.start([LOGLIN, 'make']);
  await it.line('make.pid');
  process.kill(started.pid, 'SIGTERM');
  const { end } = await started.ended;
  assert.equal(end, 'SIGTERM');
  const [, build] = await lastRecord(it);
  assert.equal(build.interrupted, true);
  assert.deepEqual(build.status, { signal: 15 });
});

async function lastRecord(it: Tree): Promise<[string, { interrupted?: boolean; status?: unknown }]> {
  const { stdout } = await it.loglin('path', '-b', '-0');
  const folder = stdout.trim().replace(/\/logs\/\d+\.log$/, '');
  const journal = it.read(`${folder.slice(it.dir.length + 1)}/journal.ndjson`);
  return [folder, JSON.parse(journal.trimEnd().split('\n').at(-1)!) as { interrupted?: boolean }];
}

// A program that counts its signals: make would not survive the first.
const COUNTER = `#!/bin/bash
echo "$LOGLIN_BUILD" >>.builds
for signal in INT TERM HUP QUIT; do trap "echo $signal >>got" $signal; done
echo $$ >counter.pid
while ! test -e go; do sleep 0.02; done
exit 3
`;

for (const [signal, to] of [
  ['INT', 'group'],
  ['QUIT', 'group'],
  ['TERM', 'group'],
  ['HUP', 'group'],
  ['TERM', 'loglin'],
  ['HUP', 'loglin'],
  ['INT', 'loglin'],
  ['TERM', 'timeout'],
] as const)
  test(`signals: the command gets ${signal} to ${to} exactly once, and its status counts`, async (t) => {
    const it = tree(t, { 'counter.sh': COUNTER });
    // timeout sends it to loglin, and then to the group.
    const prefix = to === 'timeout' ? ['timeout', '-s', signal, '1'] : [];
    const started = it.start([...prefix, LOGLIN, './counter.sh']);
    await it.line('counter.pid');
    if (to === 'group') process.kill(-started.pid, `SIG${signal}`);
    if (to === 'loglin') process.kill(started.pid, `SIG${signal}`);
    assert.equal(await it.line('got'), signal);
    await stays(it, `${signal}\n`);
    it.write({ go: '' });
    assert.equal((await started.ended).end, to === 'timeout' ? 'exit 124' : 'exit 3');
    assert.equal(it.read('got'), `${signal}\n`);
    await it.nothingLeft();
  });

test('signals: `kill -TERM 0` below the command reaches it once', async (t) => {
  const child = `sh -c "trap '' TERM; kill -TERM 0; echo >sent"`;
  const it = tree(t, { 'counter.sh': COUNTER.replace('while', `${child} &\nwhile`) });
  const started = it.start([LOGLIN, './counter.sh']);
  await it.line('sent');
  assert.equal(await it.line('got'), 'TERM');
  await stays(it, 'TERM\n');
  it.write({ go: '' });
  assert.equal((await started.ended).end, 'exit 3');
  await it.nothingLeft();
});

/** Checks that nothing changes: a second signal would come within this time. */
async function stays(it: Tree, got: string): Promise<void> {
  for (const end = Date.now() + 300; Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(it.read('got'), got);
  }
}

// -- in a terminal ---------------------------------------------------------------------------------------

for (const wrapper of ['', '"$LOGLIN_BIN" ']) {
  const name = wrapper === '' ? 'make' : 'loglin make';

  test(`signals: Ctrl-C in a terminal ends ${name}`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const it = tree(t, { Makefile: HALF_MADE });
    const terminal = await screen(t, it);
    terminal.type(`${wrapper}make`);
    await terminal.see(/^begun$/m);
    terminal.key('C-c');
    assert.equal(await terminal.status(), '130');
    assert.deepEqual(Object.keys(it.contents()).sort(), ['Makefile', 'make.pid', 'other']);
    const text = terminal.text();
    assert.match(text, /Interrupt/);
    assert.doesNotMatch(text, /running/);
    terminal.close();
    await it.nothingLeft();
  });

  test(`signals: Ctrl-C stops a shell loop of ${name}`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const it = tree(t, {
      Makefile: `${NOTED}out:\n\t@echo half >$@; echo >>rounds; echo round; ${DIES('out')}\n`,
    });
    const terminal = await screen(t, it);
    terminal.type(`for i in 1 2 3; do ${wrapper}make; echo after >>after; done; echo still >>after`);
    await terminal.see(/^round$/m);
    terminal.key('C-c');
    assert.equal(await terminal.status(), '130');
    assert.equal(it.read('rounds'), '\n');
    assert.ok(!it.has('after'));
    terminal.close();
    await it.nothingLeft();
  });

  test(`signals: Ctrl-Z suspends ${name} and all it runs, and fg resumes it`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const it = tree(t, {
      Makefile: `${NOTED}all:\n\t@echo $$PPID >make.pid; echo $$$$ >sh.pid; echo begun; ${WAIT('go')}\n\t@echo done\n`,
    });
    const terminal = await screen(t, it);
    terminal.type(`${wrapper}make`);
    await terminal.see(/^begun$/m);
    terminal.key('C-z');
    assert.equal(await terminal.status(), '148');
    for (const file of ['make.pid', 'sh.pid']) {
      const stat = `/proc/${it.read(file).trim()}/stat`;
      // D: the shell was just starting a sleep with vfork, and waits for that one, which is stopped.
      await until(`${file} is stopped`, () => /\) [TD] /.test(fs.readFileSync(stat, 'latin1')));
    }
    it.write({ go: '' });
    terminal.type('fg');
    assert.equal(await terminal.status(), '0');
    assert.match(terminal.text(), /^done$/m);
    terminal.close();
    await it.nothingLeft();
  });
}
