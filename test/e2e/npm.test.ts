// npm, pnpm and yarn 1: scripts are jobs, run by the same shell and in the same environment as without
// loglin.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, after, test } from 'node:test';
import { LOGLIN, type Tree, needs, skipOutsideCi, tree } from '../rig/tree.ts';

// -- the programs ----------------------------------------------------------------------------------------

const PACKAGES = ['pnpm@10.34.9', 'yarn@1.22.22'];
let fetched: { folder: string; problem: string } | undefined;

/** npm comes from the PATH; the others come from the registry, once. */
function manager(t: TestContext, name: 'npm' | 'pnpm' | 'yarn'): string[] | undefined {
  if (name === 'npm') return needs(t, 'npm') ? ['npm'] : undefined;
  if (!needs(t, 'npm')) return undefined;
  if (!fetched) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-npm.'));
    const options = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
    const { status } = spawnSync('npm', ['install', ...options, ...PACKAGES], {
      cwd: folder,
      stdio: 'ignore',
    });
    fetched = { folder, problem: status === 0 ? '' : 'pnpm and yarn could not be had from the registry' };
  }
  if (fetched.problem !== '') {
    skipOutsideCi(t, fetched.problem);
    return undefined;
  }
  return [path.join(fetched.folder, 'node_modules/.bin', name)];
}

after(() => {
  if (fetched) fs.rmSync(fetched.folder, { recursive: true, force: true });
});

/** The machine's own npm configuration must not affect the tests. */
const QUIET = { npm_config_update_notifier: 'false', npm_config_loglevel: 'error' };

interface Run {
  readonly end: string;
  readonly stdout: string;
}

async function both(
  it: Tree,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ plain: Run; wrapped: Run }> {
  const home = it.path('home');
  fs.mkdirSync(home, { recursive: true });
  const options = { env: { ...QUIET, HOME: home, ...env }, merge: true };
  const plain = await it.run(argv, options);
  const wrapped = await it.run([LOGLIN, ...argv], options);
  return { plain, wrapped };
}

const pack = (name: string | undefined, scripts: Record<string, string>, more: object = {}): string =>
  JSON.stringify({
    ...(name === undefined ? {} : { name }),
    version: '1.0.0',
    license: 'MIT',
    scripts,
    ...more,
  });

const headers = (text: string): string[] => text.split('\n').filter((line) => /^ *[▸✗]/.test(line));
const lines = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('='));

const MANAGERS = ['npm', 'pnpm', 'yarn'] as const;

// -- jobs ------------------------------------------------------------------------------------------------

for (const name of MANAGERS)
  test(`${name}: pre, post and nested scripts are jobs, and their commands are split too`, async (t) => {
    const pm = manager(t, name);
    if (!pm) return;
    const run = pm.map((word) => `'${word}'`).join(' ');
    const it = tree(t, {
      'package.json': pack('web', {
        prebuild: 'echo =pre',
        build: `echo =begin; ${run} run inner; make -s; echo =end`,
        postbuild: 'echo =post >&2',
        inner: 'echo =inner',
      }),
      Makefile: 'all: x\nx:\n\t@echo =making\n.PHONY: all x\n',
    });
    const { plain, wrapped } = await both(it, [...pm, 'run', 'build']);
    assert.equal(plain.end, 'exit 0');
    assert.equal(wrapped.end, 'exit 0');
    assert.deepEqual(
      headers(wrapped.stdout).filter((line) => !line.includes('(resumed)')),
      ['▸ web prebuild', '▸ web build', '  ▸ web inner', '  ▸ x', '▸ web postbuild'],
    );
    assert.deepEqual(lines(wrapped.stdout), lines(plain.stdout));
    assert.match(await it.show('web inner'), /^▸ web inner\n=inner\n$/);
    assert.equal(await it.show(), wrapped.stdout);
    await it.nothingLeft();
  });

for (const name of MANAGERS)
  test(`${name}: each workspace's script has a log of its own`, async (t) => {
    const pm = manager(t, name);
    if (!pm) return;
    const it = tree(t, {
      'package.json': pack('root', {}, { private: true, workspaces: ['packages/*'] }),
      'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
      'packages/a/package.json': pack('@x/a', { build: 'echo =a 1; echo =a 2 >&2; echo =a 3' }),
      'packages/b/package.json': pack('@x/b', { build: 'echo =b 1; echo =b 2 >&2; echo =b 3' }),
    });
    const words = {
      npm: ['run', 'build', '--workspaces'],
      pnpm: ['-r', 'run', 'build'],
      yarn: ['workspaces', 'run', 'build'],
    };
    // pnpm prints none of it at the level of errors.
    const level = { npm_config_loglevel: 'info' };
    const { plain, wrapped } = await both(it, [...pm, ...words[name]], name === 'pnpm' ? level : {});
    assert.equal(wrapped.end, 'exit 0');
    for (const x of ['a', 'b']) {
      const all = await it.show(`@x/${x} build`);
      const expected = `▸ @x/${x} build\n=${x} 1\n=${x} 2\n=${x} 3\n`;
      // pnpm reads the two streams through two pipes, so their order to each other is lost.
      if (name === 'pnpm') assert.deepEqual(all.split('\n').sort(), expected.split('\n').sort());
      else assert.equal(all, expected);
    }
    assert.equal(lines(wrapped.stdout).length, 6, wrapped.stdout);
    // Each line once, with or without what pnpm puts before it.
    const texts = (text: string): string[] => [...text.matchAll(/=[ab] \d$/gm)].map(([line]) => line).sort();
    assert.deepEqual(texts((await it.run([LOGLIN, 'show', '--raw'])).stdout), texts(plain.stdout));
  });

test('npm: a package without a name is named after its folder, and npm install runs lifecycle scripts', async (t) => {
  if (!needs(t, 'npm')) return;
  const it = tree(t, { 'some folder/package.json': pack(undefined, { postinstall: 'echo =installed' }) });
  const cwd = it.path('some folder');
  const { end, stdout } = await it.run([LOGLIN, 'npm', 'install', '--offline'], {
    cwd,
    env: QUIET,
    merge: true,
  });
  assert.equal(end, 'exit 0');
  assert.match(stdout, /^▸ some folder postinstall\n=installed\n/m);
});

test('npm: --no-hooks=npm records one job', async (t) => {
  if (!needs(t, 'npm')) return;
  const it = tree(t, {
    'package.json': pack('web', { x: 'env | grep -c ^npm_config_script_shell; echo =x' }),
  });
  const { stdout } = await it.run([LOGLIN, '--no-hooks=npm', 'npm', 'run', '-s', 'x'], { env: QUIET });
  assert.equal(stdout, '0\n=x\n');
});

test('npm: npx and `npm exec` are not scripts', async (t) => {
  if (!needs(t, 'npm')) return;
  const it = tree(t, { 'package.json': pack('web', {}) });
  const { stdout } = await it.run([LOGLIN, 'npm', 'exec', '-c', 'echo =x'], { env: QUIET });
  assert.equal(stdout, '=x\n');
});

// -- ends ------------------------------------------------------------------------------------------------

for (const name of MANAGERS)
  for (const [script, status] of [
    ['exit 3', '(exit 3)'],
    ['ulimit -c 0; kill -SEGV $$', '(SIGSEGV)'],
    ['nothing-there', '(exit 127)'],
  ] as const)
    test(`${name}: a script ends as without loglin: ${script}`, async (t) => {
      const pm = manager(t, name);
      if (!pm) return;
      const it = tree(t, { 'package.json': pack('web', { x: script }) });
      const { plain, wrapped } = await both(it, [...pm, 'run', 'x']);
      assert.notEqual(plain.end, 'exit 0');
      assert.equal(wrapped.end, plain.end);
      assert.ok(headers(wrapped.stdout).includes(`✗ web x ${status}`), wrapped.stdout);
      await it.nothingLeft();
    });

test('npm: TERM to npm alone reaches the script: no process stands between the two', async (t) => {
  if (!needs(t, 'npm')) return;
  const it = tree(t, {
    'package.json': pack('web', {
      x: 'echo $PPID >npm.pid; exec sh -c "trap \'echo =got it; exit 5\' TERM; echo >ready; while :; do sleep 0.02; done"',
    }),
  });
  const started = it.start([LOGLIN, 'npm', 'run', 'x'], { env: QUIET });
  const npm = Number(await it.line('npm.pid'));
  await it.line('ready');
  assert.match(fs.readFileSync(`/proc/${npm}/cmdline`, 'utf8'), /^npm run x/);
  process.kill(npm, 'SIGTERM');
  const { stdout } = await started.ended;
  assert.match(stdout, /^▸ web x\n=got it\n✗ web x \(exit 5\)\n/m);
  await it.nothingLeft();
});

// -- what a script sees ----------------------------------------------------------------------------------

for (const name of MANAGERS)
  test(`${name}: a script's environment, stdin, folder and arguments are as without loglin`, async (t) => {
    const pm = manager(t, name);
    if (!pm) return;
    const it = tree(t, { 'package.json': pack('web', { x: 'node seen.js' }) });
    it.write({
      'seen.js': `const fs = require('fs');
const env = Object.entries(process.env).filter(([name]) => !/^(LOGLIN|_$|p?npm_config_script_shell)/.test(name)).sort();
// yarn has a new folder in its PATH each time.
for (const entry of env) entry[1] = entry[1].replaceAll(/[/]yarn--[0-9.-]+/g, '');
const seen = { env, argv: process.argv.slice(2), cwd: process.cwd(), umask: process.umask(), fds: fs.readdirSync('/proc/self/fd').length };
fs.writeFileSync(process.env.SEEN, JSON.stringify(seen, null, 1));`,
    });
    fs.mkdirSync(it.path('home'));
    const env = {
      ...QUIET,
      HOME: it.path('home'),
      SEEN: it.path('seen'),
      'ODD.NAME': 'x',
      VALUE: 'two\nlines',
    };
    const argv = [...pm, 'run', 'x', ...(name === 'npm' ? ['--'] : []), 'a b', "it's"];
    await it.run(argv, { env });
    const plain = it.read('seen');
    const { end } = await it.run([LOGLIN, ...argv], { env });
    assert.equal(end, 'exit 0');
    assert.equal(it.read('seen'), plain);
  });

// The places where a user may set the shell for scripts; `at`: a file and its contents.
const SHELLS: readonly {
  how: string;
  at?: [string, string];
  env?: Record<string, string>;
  only?: string;
  unsplit?: true;
}[] = [
  { how: 'nowhere' },
  { how: 'the environment', env: { npm_config_script_shell: '/bin/bash' } },
  { how: 'the environment, in capitals', env: { NPM_CONFIG_SCRIPT_SHELL: 'bash' }, only: 'npm' },
  { how: "the project's .npmrc", at: ['.npmrc', '; a comment\nscript-shell = "/bin/bash"\n'] },
  {
    how: "the project's .npmrc, with a variable",
    at: ['.npmrc', 'script-shell=${BASHES}/bash'],
    env: { BASHES: '/bin' },
    only: 'npm',
  },
  { how: "the user's .npmrc", at: ['home/.npmrc', 'other=1\nscript-shell=/bin/bash\n'] },
  // These two take precedence over the environment: the shell is right, but the scripts are not jobs.
  { how: '.yarnrc', at: ['.yarnrc', 'script-shell "/bin/bash"\n'], only: 'yarn', unsplit: true },
  {
    how: 'pnpm-workspace.yaml',
    at: ['pnpm-workspace.yaml', 'scriptShell: /bin/bash\n'],
    only: 'pnpm',
    unsplit: true,
  },
];

for (const name of MANAGERS)
  for (const { how, at, env = {}, unsplit } of SHELLS.filter(({ only = name }) => only === name))
    test(`${name}: a script runs in the shell that is set in ${how}`, async (t) => {
      const pm = manager(t, name);
      if (!pm || !needs(t, 'bash')) return;
      const run = pm.map((word) => `'${word}'`).join(' ');
      const it = tree(t, {
        'package.json': pack('web', {
          x: `echo "=$0 \${BASH_VERSION:+bash}"; ${run} run y`,
          y: 'echo "=$0"',
        }),
        ...(at ? { [at[0]]: at[1] } : {}),
      });
      const { plain, wrapped } = await both(it, [...pm, 'run', 'x'], env);
      assert.equal(lines(plain.stdout)[0]?.endsWith(' bash'), how !== 'nowhere', plain.stdout);
      assert.deepEqual(lines(wrapped.stdout), lines(plain.stdout));
      assert.equal(headers(wrapped.stdout).includes('▸ web x'), !unsplit, wrapped.stdout);
    });

test("npm: bash's exported functions reach a script that bash runs", async (t) => {
  if (!needs(t, 'npm', 'bash')) return;
  const it = tree(t, { 'package.json': pack('web', { x: 'say "a  b"' }) });
  const script = `say() { printf "=%s\\n'\\$HOME'\\n" "$1"; }; export -f say; export npm_config_script_shell=/bin/bash; "$@" npm run -s x`;
  const plain = await it.run(['bash', '-c', script, 'bash'], { env: QUIET });
  const wrapped = await it.run(['bash', '-c', script, 'bash', LOGLIN], { env: QUIET });
  assert.equal(plain.stdout, "=a  b\n'$HOME'\n");
  assert.equal(wrapped.stdout, `▸ web x\n${plain.stdout}`);
});

test('npm: output that does not go to the log is left alone', async (t) => {
  if (!needs(t, 'npm')) return;
  const it = tree(t, {
    'package.json': pack('web', { x: 'echo one; echo two' }),
    'main.sh':
      '#!/bin/sh\nnpm run -s x >file\nvalue=$(npm run -s x)\nprintf "%s\\n" "$value"\nnpm run -s x | sort -r\n',
  });
  const { stdout } = await it.run([LOGLIN, './main.sh'], { env: QUIET });
  assert.equal(it.read('file'), 'one\ntwo\n');
  // What the script or sort prints again stands in the jobs' blocks.
  assert.equal(stdout, '▸ web x\none\ntwo\n▸ web x#2\none\ntwo\n');
});

test("npm: a loglin inside a loglin, each with its own store, keeps the user's shell", async (t) => {
  if (!needs(t, 'npm', 'bash')) return;
  const it = tree(t, {
    'package.json': pack('web', { x: `"$LOGLIN_BIN" --store inner.store npm run y`, y: 'echo "=$0"' }),
  });
  const { wrapped } = await both(it, ['npm', 'run', 'x'], { npm_config_script_shell: '/bin/bash' });
  assert.deepEqual(lines(wrapped.stdout), ['=/bin/bash']);
});
