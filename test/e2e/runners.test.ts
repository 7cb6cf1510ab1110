// Runners of a monorepo's scripts that know what each needs: turbo and nx. wireit.test.ts has wireit.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { LOGLIN, type Tree, needs, skipOutsideCi, tree } from '../rig/tree.ts';

const pack = (name: string, dependencies: readonly string[], more: object = {}): string =>
  JSON.stringify({
    name,
    version: '1.0.0',
    scripts: { build: `cat in; echo ${name} says` },
    dependencies: Object.fromEntries(dependencies.map((one) => [one, '1.0.0'])),
    ...more,
  });

const PROJECT = {
  'package.json': JSON.stringify({
    name: 'mono',
    version: '1.0.0',
    private: true,
    packageManager: 'npm@10.9.2',
    workspaces: ['packages/*'],
  }),
  'packages/app/package.json': pack('@w/app', ['@w/lib', '@w/util']),
  'packages/lib/package.json': pack('@w/lib', ['@w/base']),
  'packages/util/package.json': pack('@w/util', ['@w/base']),
  'packages/base/package.json': pack('@w/base', []),
  'packages/app/in': 'app 1\n',
  'packages/lib/in': 'lib 1\n',
  'packages/util/in': 'util 1\n',
  'packages/base/in': 'base 1\n',
  'turbo.json': JSON.stringify({ tasks: { build: { dependsOn: ['^build'] } } }),
  'nx.json': JSON.stringify({ targetDefaults: { build: { dependsOn: ['^build'], cache: true } } }),
  '.gitignore': 'node_modules\n.turbo\n.nx\nhome\n',
};

const RUNNERS = {
  turbo: { install: 'turbo@2.11.11', argv: ['turbo', 'run', 'build'] },
  nx: { install: 'nx@22.7.12', argv: ['nx', 'run-many', '-t', 'build', '--outputStyle=stream'] },
} as const;

/** The runner comes from the registry. */
function project(t: TestContext, runner: keyof typeof RUNNERS): Tree | undefined {
  if (!needs(t, 'npm', 'git')) return undefined;
  const it = tree(t, PROJECT);
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--package-lock=true'];
  const { status } = spawnSync('npm', ['install', ...options, RUNNERS[runner].install], {
    cwd: it.dir,
    stdio: 'ignore',
  });
  if (status === 0) return it;
  skipOutsideCi(t, `${runner} could not be had from the registry`);
  return undefined;
}

const log = (name: string): string => `${name} 1\n@w/${name} says\n`;

/** The blocks of the jobs, without what the runner and npm print around them. */
const blocks = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /^ *[▸✗] @w|^[a-z]+ \d$|^@w\/[a-z]+ says$/.test(line))
    .map((line) => `${line.replace(/^ +(?=[▸✗])/, '')}\n`)
    .join('');

const ALL = `▸ @w/app build
▸ @w/lib build
▸ @w/base build
${log('base')}▸ @w/lib build (resumed)
${log('lib')}▸ @w/util build
${log('util')}▸ @w/app build (resumed)
${log('app')}`;

for (const runner of ['turbo', 'nx'] as const)
  test(`${runner}: scripts stand in the order of their needs, which why and show -u know, too`, async (t) => {
    const it = project(t, runner);
    if (!it) return;
    const env = { HOME: it.path('home'), NX_DAEMON: 'false', NX_TUI: 'false', TURBO_TELEMETRY_DISABLED: '1' };
    await it.sh('mkdir -p home; git init -q .; git add .; git -c user.name=a -c user.email=a@b commit -qm x');
    const argv = ['npx', '--no-install', ...RUNNERS[runner].argv];
    const build = (): ReturnType<Tree['run']> => it.run([LOGLIN, ...argv], { env, merge: true });
    const loglin = async (...words: readonly string[]): Promise<string> =>
      (await it.run([LOGLIN, ...words])).stdout;

    const { end, stdout } = await build();
    assert.equal(end, 'exit 0', stdout);
    for (let i = 0; i < 2; i++) assert.equal(blocks(await loglin('show')), ALL);
    const why = `@w/lib build
← @w/base build
  ← ${runner} does not say why
`;
    assert.equal(await loglin('why', '@w/lib build'), why);
    assert.equal(
      blocks(await loglin('show', '@w/util build')),
      blocks(`▸ @w/util build
▸ @w/base build
${log('base')}▸ @w/util build (resumed)
${log('util')}`),
    );

    // lib and what needs it run again; the others are in the runner's cache.
    it.write({ 'packages/lib/in': 'lib 2\n' });
    assert.equal((await build()).end, 'exit 0');
    const again = ALL.replace('lib 1', 'lib 2');
    assert.equal(
      await loglin('why', '@w/app build'),
      `@w/app build
← @w/lib build
  ← ${runner} does not say why
`,
    );
    assert.doesNotMatch(await loglin('jobs'), /@w\/base build/);
    assert.equal(blocks(await loglin('show', '-u', '@w/app build')), again);

    // What a failure kept from running is known to be not made.
    it.write({
      'packages/base/package.json': PROJECT['packages/base/package.json'].replace('says', 'says; exit 3'),
    });
    assert.notEqual((await build()).end, 'exit 0');
    assert.match(await loglin('why', '@w/util build'), /was not (?:made|reached)/);
    await it.nothingLeft();
  });
