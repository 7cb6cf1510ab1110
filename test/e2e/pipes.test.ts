// Tools whose output goes into a pipe of the build itself: `make | tee log`.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { LOGLIN, forWantOf, needs, tree, until } from '../rig/tree.ts';

const MAKEFILE =
  'all: one two\none two: ; @echo $@ begins; while [ ! -e go.$@ ]; do sleep 0.02; done; echo $@ ends\n';

for (const [name, command] of [
  ['tee', 'make -j1 2>&1 | tee log'],
  ['cat', 'make -j1 | cat'],
  ['a reader of lines', 'make -j1 2>&1 | while read -r line; do echo "$line"; done'],
] as const)
  test(`output that comes through ${name} is seen while the jobs run, in each build`, async (t) => {
    const it = tree(t, { Makefile: MAKEFILE });
    // The second build knows the graph.
    for (const build of ['first', 'second']) {
      const out = it.path(`out.${build}`);
      const stdout = fs.openSync(out, 'w');
      const { ended } = it.start([LOGLIN, 'sh', '-c', command], { stdout });
      fs.closeSync(stdout);
      for (const target of ['one', 'two']) {
        await until(`${target} is seen`, () => it.read(`out.${build}`).includes(`${target} begins\n`));
        it.write({ [`go.${target}`]: '' });
      }
      assert.equal((await ended).end, 'exit 0');
      const shown = '▸ make -j1\n  ▸ one\none begins\none ends\n  ▸ two\ntwo begins\ntwo ends\n';
      assert.equal(it.read(`out.${build}`), shown);
      assert.equal(await it.show(), shown);
      for (const target of ['one', 'two']) fs.rmSync(it.path(`go.${target}`));
    }
  });

// -- many readers ----------------------------------------------------------------------------------------

const PROJECT = {
  Makefile: `all: sub d e f
d e f: gen ; echo compile $@; echo "$@.c:1: warning: w" >&2; echo; echo same; [ $@ != e ]
gen: ; @echo generating; printf 'no '; echo newline
sub: ; $(MAKE) --no-print-directory -C s x y
`,
  's/Makefile': 'x y: ; @echo "in $@"; echo "err $@" >&2\n',
  'outer.mk': 'all: ; $(MAKE) -f Makefile -k 2>&1 | tee in.log; echo t >&2\n',
};

interface Reader {
  readonly script: string;
  /** What the reader does to lines. */
  readonly undo?: (line: string) => string;
  /** The reader ends make before it has come so far. */
  readonly short?: true;
}

const READERS: Readonly<Record<string, Reader>> = {
  'tee, at -j1': { script: 'make -k 2>&1 | tee log' },
  'tee, at -j4': { script: 'make -k -j4 2>&1 | tee sorted' },
  'tee of stdout': { script: 'make -k | tee log' },
  'tee of stderr': { script: 'make -k 2> >(tee log >&2); sleep 0.2' },
  'tee without stderr': { script: 'make -k 2>/dev/null | tee log' },
  'a filter': { script: 'make -k 2>&1 | grep -v same | tee log' },
  'a search': { script: 'make -k 2>&1 | grep warning | tee log' },
  'a variable': { script: 'x=$(make -k 2>&1); echo got; echo end' },
  'a variable of stdout, printed later': { script: 'x=$(make -k); echo got; echo "$x" | tee log' },
  'a count': { script: 'make -k 2>&1 | wc -l' },
  'a prefix': {
    script: 'make -k 2>&1 | tee log | sed "s/^/[m] /"',
    undo: (line) => line.replace(/^\[m\] /, ''),
  },
  colours: {
    script: `make -k 2>&1 | sed 's/.*/\\x1b[32m&\\x1b[0m/'`,

    undo: (line) => line.replaceAll(/\x1b\[\d+m/g, ''),
  },
  'a reader that leaves': { script: 'make -k 2>&1 | head -2; echo after', short: true },
  'a sorter': { script: 'make -k 2>&1 | sort | tee log' },
  'a group of commands': { script: '{ echo first; make -k; echo last; } 2>&1 | tee log' },
  'two after each other': { script: 'make -k gen 2>&1 | tee log; make -k d 2>&1 | tee -a log; echo done' },
  'one inside another': { script: 'make -k -f outer.mk 2>&1 | tee log' },
  '--output-sync=target': { script: 'make -k -Otarget 2>&1 | tee log' },
  '--output-sync=line': { script: 'make -k -Oline -j4 2>&1 | tee sorted' },
  '--output-sync=recurse': { script: 'make -k -Orecurse -j4 2>&1 | tee sorted' },
  '--output-sync of stdout': { script: 'make -w -k -O -j4 | tee sorted' },
  'a script that goes on': { script: '(sleep 0.3; echo late) & make -k gen 2>&1 | tee log; wait' },
};

/** Sorted, and without what differs between two folders. */
function linesOf(text: string, folder: string, undo: (line: string) => string = (line) => line): string[] {
  return text.replaceAll(folder, 'HERE').split('\n').map(undo).sort();
}

for (const [name, { script, undo, short }] of Object.entries(READERS))
  test(`behind ${name}: the same for the reader, each line once, and the job's log`, async (t) => {
    if (!needs(t, 'bash')) return;
    const command = ['bash', '-c', `set -o pipefail\n${script}`];
    const [plain, it] = [tree(t, PROJECT), tree(t, PROJECT)];
    const without = await plain.run(command);
    const wrapped = await it.run([LOGLIN, ...command]);
    assert.equal(wrapped.end, without.end);
    for (const file of ['log', 'in.log'])
      if (fs.existsSync(plain.path(file)))
        assert.equal(
          it.read(file).replaceAll(it.dir, 'HERE'),
          plain.read(file).replaceAll(plain.dir, 'HERE'),
        );
    if (fs.existsSync(plain.path('sorted')))
      assert.deepEqual(linesOf(it.read('sorted'), it.dir), linesOf(plain.read('sorted'), plain.dir));
    const all = await it.run([LOGLIN, 'show', '--raw']);
    assert.deepEqual(
      linesOf(all.stdout, it.dir, undo),
      linesOf(without.stdout + without.stderr, plain.dir, undo),
    );
    if (!short) assert.equal(await it.show('gen'), '▸ gen\ngenerating\nno newline\n');
  });

test('an edge of ninja whose ninja is behind a pipe has its log', async (t) => {
  if (!needs(t, 'ninja')) return;
  const rules = ['cc', 'bad'].map(
    (rule) =>
      `rule ${rule}\n  command = echo out $out; ${rule === 'bad' ? 'exit 3' : 'touch $out'}\n  description = SAY $out\n`,
  );
  const it = tree(t, { 'build.ninja': `${rules.join('')}build a: cc\nbuild b: bad a\n` });
  const plain = await it.run(['sh', '-c', 'ninja -j1 | tee log']);
  fs.rmSync(it.path('a'));
  for (const script of ['ninja -j1 2>&1 | tee log', 'ninja -j1 | tee log']) {
    await it.run([LOGLIN, 'sh', '-c', script]);
    assert.equal(it.read('log'), plain.stdout);
    assert.equal(
      await it.show(),
      '▸ ninja -j1\n  ▸ b\n    ▸ a\nSAY a\nout a\n  ▸ b (resumed)\nSAY b\nout b\nFAILED: b \necho out b; exit 3\n  ✗ b (exit 3)\n▸ ninja -j1 (resumed)\nninja: build stopped: subcommand failed.\n✗ ninja -j1 (exit 1)\n',
    );
    fs.rmSync(it.path('a'), { force: true });
  }
});

for (const signal of ['KILL', 'TERM'])
  test(`a make that dies of SIG${signal} does not keep its reader waiting`, async (t) => {
    const it = tree(t, { Makefile: 'all: one\none: ; @echo begins; kill -$(SIGNAL) $$PPID; echo ends\n' });
    const script = `make SIGNAL=${signal} | tee log; echo after`;
    const plain = await it.run(['sh', '-c', script]);
    const wrapped = await it.run([LOGLIN, 'sh', '-c', script]);
    assert.equal(wrapped.end, plain.end);
    assert.match(it.read('log'), /^begins\n/);
    assert.match(wrapped.stdout, /after\n/);
    await it.nothingLeft();
  });

// -- runners of scripts ----------------------------------------------------------------------------------

/** Runs scripts of npm at once, with their output in pipes of node's own: sockets. */
const RUNNER = `
import { spawn } from 'node:child_process';
const [mode, ...scripts] = process.argv.slice(2);
let bad = 0;
await Promise.all(scripts.map((script) => new Promise((done) => {
  const child = spawn('npm', ['run', '-s', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let all = '';
  let rest = '';
  const take = (stream) => (text) => {
    if (mode === 'group') all += text;
    else if (mode === 'raw') stream.write(text);
    else {
      const lines = (rest + text).split('\\n');
      rest = lines.pop();
      for (const line of lines) stream.write('\\x1b[34m[' + script + ']\\x1b[0m ' + line + '\\n');
    }
  };
  child.stdout.setEncoding('utf8').on('data', take(process.stdout));
  child.stderr.setEncoding('utf8').on('data', take(process.stderr));
  child.on('close', (code) => {
    bad ||= code;
    process.stdout.write(all + script + ' exited with ' + code + '\\n');
    done();
  });
})));
process.exitCode = bad;
`;

const SCRIPTS = {
  'runner.mjs': RUNNER,
  'package.json': JSON.stringify({
    name: 'web',
    version: '1.0.0',
    scripts: {
      lint: 'echo lint one; echo; echo lint two',
      types: "echo types one; echo 'a.ts(3,5): error TS2322: no' >&2; exit 2",
      unit: 'make -j2',
    },
  }),
  Makefile: 'all: t1 t2\nt1 t2: ; @echo $@ passed\n',
};

for (const mode of ['raw', 'prefix', 'group'])
  test(`scripts whose runner reads their output have their logs: ${mode}`, async (t) => {
    if (!needs(t, 'npm')) return;
    const it = tree(t, SCRIPTS);
    const command = ['node', 'runner.mjs', mode, 'lint', 'types', 'unit'];
    const plain = await it.run(command);
    const wrapped = await it.run([LOGLIN, ...command]);
    assert.equal(wrapped.end, plain.end);
    assert.equal(await it.show('web lint'), '▸ web lint\nlint one\n\nlint two\n');
    assert.match(
      await it.show('web types'),
      /^▸ web types\n(types one\na\.ts.*\n|a\.ts.*\ntypes one\n)✗ web types \(exit 2\)\n$/,
    );
    assert.equal(await it.show('t1'), '▸ t1\nt1 passed\n');
    const all = await it.run([LOGLIN, 'show', '--raw']);

    const own = (line: string): string => line.replace(/^\x1b\[34m\[\w+\]\x1b\[0m /, '');
    assert.deepEqual(linesOf(all.stdout, it.dir, own), linesOf(plain.stdout + plain.stderr, it.dir, own));
    await it.nothingLeft();
  });

/** A static program that gives its scripts an environment of its own choice, as turbo does. */
const TURBO = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  static char env[3][4096];
  char *kept[] = {"PATH", "HOME", "LD_PRELOAD"}, *envp[4] = {0}, line[4096];
  int n = 0, out[2], status;
  for (int i = 0; i < 3; i++)
    if (getenv(kept[i])) snprintf(envp[n] = env[n], sizeof env[n], "%s=%s", kept[i], getenv(kept[i])), n++;
  if (argc < 3 || pipe(out) != 0) return 1;
  if (fork() == 0) {
    dup2(out[1], 1);
    dup2(out[1], 2);
    close(out[0]);
    close(out[1]);
    execve(argv[1], (char *[]){argv[1], "run", "-s", argv[2], NULL}, envp);
    _exit(127);
  }
  close(out[1]);
  FILE *in = fdopen(out[0], "r");
  while (fgets(line, sizeof line, in)) printf("web:%s: %s", argv[2], line);
  wait(&status);
  return WEXITSTATUS(status);
}
`;

test('scripts of a static program that drops our variables are jobs, and see no LD_PRELOAD', async (t) => {
  if (!needs(t, 'npm', 'cc')) return;
  const script = 'echo preloaded: $(env | grep -c ^LD_PRELOAD); make -s; exit 3';
  const it = tree(t, {
    'turbo.c': TURBO,
    'package.json': JSON.stringify({ name: 'web', version: '1.0.0', scripts: { build: script } }),
    Makefile: 'all: ; @echo made\n',
  });
  const { status } = spawnSync('cc', ['-static', '-o', it.path('turbo'), it.path('turbo.c')]);
  if (status !== 0) {
    t.skip(forWantOf('a static C library'));
    return;
  }
  const npm = (await it.run(['sh', '-c', 'command -v npm'])).stdout.trim();
  // The program gets the library from what starts it.
  const command = ['sh', '-c', './turbo "$@"; exit $?', 'sh', npm, 'build'];
  const plain = await it.run(command);
  const wrapped = await it.run([LOGLIN, ...command]);
  assert.equal(plain.stdout, 'web:build: preloaded: 0\nweb:build: made\n');
  assert.equal(wrapped.end, plain.end);
  assert.equal(await it.show(), '▸ web build\npreloaded: 0\n  ▸ all\nmade\n✗ web build (exit 3)\n');
  assert.equal(await it.show('all'), '▸ all\nmade\n');
  await it.nothingLeft();
});
