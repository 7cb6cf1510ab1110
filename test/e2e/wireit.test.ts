// wireit: its scripts are jobs, named as npm's are, and see what they see without loglin.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { LOGLIN, type Tree, needs, skipOutsideCi, tree } from '../rig/tree.ts';

const pack = (name: string, wireit: object): string =>
  JSON.stringify({
    name,
    version: '1.0.0',
    scripts: Object.fromEntries(Object.keys(wireit).map((script) => [script, 'wireit'])),
    wireit,
  });

const PROJECT = {
  'package.json': pack('root', {
    build: { command: 'env >seen; echo root says', dependencies: ['./a:build', 'lint'] },
    lint: { command: 'echo lint says' },
    serve: { command: 'echo serving; exec sleep 1000', service: { readyWhen: { lineMatches: 'serving' } } },
    check: { command: 'echo checked', dependencies: ['serve'] },
  }),
  'a/package.json': pack('@scope/a', { build: { command: 'echo a says; exit ${A-0}' } }),
};

/** wireit comes from the registry. */
function project(t: TestContext): Tree | undefined {
  if (!needs(t, 'npm')) return undefined;
  const it = tree(t, PROJECT);
  const options = ['--prefix', it.path('.'), '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', ['install', ...options, 'wireit@0.14.12'], {
    cwd: it.dir,
    stdio: 'ignore',
  });
  if (status === 0) return it;
  skipOutsideCi(t, 'wireit could not be had from the registry');
  return undefined;
}

const ENV = { WIREIT_CACHE: 'none', WIREIT_LOGGER: 'simple', NODE_OPTIONS: '--no-warnings' };

test('wireit: scripts are jobs, with their own output, and an environment as without loglin', async (t) => {
  const it = project(t);
  if (!it) return;
  const run = async (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    await it.sh('rm -rf .wireit a/.wireit');
    return it.run(argv, { env: { ...ENV, ...env }, merge: true });
  };
  const seen = (): string[] =>
    it
      .read('seen')
      .split('\n')
      .filter((line) => !/^(?:LOGLIN_|p?npm_config_script_shell=|_=|SHLVL=|npm_config_)/i.test(line))
      .sort();
  const plain = await run(['npm', 'run', 'build']);
  const before = seen();
  const wrapped = await run([LOGLIN, 'npm', 'run', 'build']);
  assert.equal(wrapped.end, plain.end, wrapped.stdout);
  assert.deepEqual(seen(), before);
  assert.equal(await it.show('@scope/a build'), '▸ @scope/a build\na says\n');
  assert.equal(await it.show('root lint'), '▸ root lint\nlint says\n');
  assert.match(await it.show('root build'), /▸ root build#2 \(resumed\)\nroot says\n/);
  // wireit stops its services when nothing needs them any more: none has failed.
  const tested = await run([LOGLIN, 'npm', 'run', 'check']);
  assert.equal(tested.end, 'exit 0', tested.stdout);
  assert.doesNotMatch(tested.stdout, /✗/);
  assert.equal(await it.show('root serve'), '▸ root serve\nserving\n');
  const failed = await run([LOGLIN, 'npm', 'run', 'build'], { A: '7' });
  assert.equal(failed.end, (await run(['npm', 'run', 'build'], { A: '7' })).end);
  assert.match(failed.stdout, /✗ @scope\/a build \(exit 7\)\n/);
});
