// loglin in CI: goldens of the demo that fails and of a recorded real build, for each CI system, which are
// read by the system's rules (rig/ci); when it is on; that a replay obeys nothing; what the pages show.
// UPDATE_SNAPSHOTS=1 writes golden/ci/*.txt anew.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { CI_NAMES } from '../../src/render/ci/names.ts';
import { pageFaults } from '../rig/ci/buildkite.ts';
import { EVIL_LINES, READERS } from '../rig/ci/readers.ts';
import type { Reading } from '../rig/ci/reading.ts';
import { copyDemo } from '../rig/demo.ts';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const GOLDEN = path.join(ROOT, 'test/e2e/golden/ci');
const NOTHING = { annotations: [], commands: [], faults: [] };

/** A log without what differs from run to run, and with its control characters made visible. */
function settled(log: string, folder: string): string {
  return log
    .replaceAll(folder, '/demo')
    .replaceAll(/(?<![0-9a-f])[0-9a-f]{16}(?=[_:\n])/g, 'NONCE')
    .replaceAll(/(section_(?:start|end)):\d+/g, '$1:TIME')
    .replaceAll('\x1b', '\\e')
    .replaceAll('\r', '\\r');
}

function assertGolden(name: string, text: string): void {
  const file = path.join(GOLDEN, `${name}.txt`);
  if (process.env.UPDATE_SNAPSHOTS) {
    fs.mkdirSync(GOLDEN, { recursive: true });
    fs.writeFileSync(file, text);
  }
  assert.equal(text, fs.readFileSync(file, 'utf8'), 'UPDATE_SNAPSHOTS=1 writes it anew');
}

const obeyed = ({ annotations, commands, faults }: Reading): object => ({ annotations, commands, faults });

for (const name of CI_NAMES)
  void describe(name, () => {
    const box = new Sandbox();
    const read = READERS[name];
    const demo = box.path('demo');

    before(() => {
      copyDemo(demo);
    });
    after(() => {
      box.remove();
    });

    test('the demo, live: the failure stands after the last group, and its problems are annotated', () => {
      const { stdout, stderr, status } = box.loglin(
        [`--ci=${name}`, '--plan', '--strict', 'make', '-k', '-j4', 'FAIL=1'],
        {},
        demo,
      );
      assert.equal(status, 2, stderr);
      assertGolden(`demo.${name}`, settled(stdout, demo));
      const reading = read(stdout);
      assert.deepEqual(reading.faults, []);
      assert.deepEqual(reading.commands, []);
      assert.ok(reading.groups.length > 15);
      assert.match(
        reading.visible,
        /app\/broken\.c:6:50: error: 'const struct list' has no member named 'size'/,
      );
      const report = reading.lines.findIndex(({ text }) => text.includes('jobs failed'));
      assert.ok(reading.lines.slice(report).every(({ folded }) => folded.length === 0));
      const errors = reading.annotations.filter(({ severity }) => severity.toLowerCase() === 'error');
      assert.equal(errors.length, name === 'gitlab' || name === 'buildkite' ? 0 : 2);
    });

    test('the demo again, and a part of it: nothing is obeyed, and the failure is seen', () => {
      for (const args of [[], ['app'], ['--failed'], ['app/broken']]) {
        const reading = read(box.loglin(['show', `--ci=${name}`, ...args], {}, demo).stdout);
        assert.deepEqual(obeyed(reading), NOTHING, args.join(' '));
        assert.match(reading.visible, /broken\.c:6:50: error: /, args.join(' '));
        assert.match(reading.visible, /✗ app\/broken \(exit 1\)/, args.join(' '));
      }
    });

    test('a recorded build of Lua that failed', () => {
      const store = path.join(ROOT, 'sample-logs/lua');
      const { stdout } = box.loglin(['show', `--ci=${name}`, '--store', store, '-b', '-1']);
      assertGolden(`lua.${name}`, settled(stdout, '/nowhere'));
      const reading = read(stdout);
      assert.deepEqual(obeyed(reading), NOTHING);
      assert.ok(reading.groups.length > 3);
      for (const line of stdout.split('\n').filter((one) => /^\w+\.c:\d+:\d+: error: /.test(one)))
        assert.ok(reading.visible.includes(line), line);
    });

    test('jobs that print commands of every system: obeyed when they ran, not in a replay, the record is as it was', () => {
      const tree = new Sandbox();
      try {
        for (const [i, line] of EVIL_LINES.entries()) tree.write(`evil${i}`, `${line}\n`);
        const all = EVIL_LINES.map((_, i) => `t${i}`).join(' ');
        tree.write('Makefile', `all: ${all}\nt%:\n\t@cat evil$*\nbad: all\n\t@cat evil*; exit 1\n`);
        const live = tree.loglin([`--ci=${name}`, 'make', 'bad']);
        assert.equal(live.status, 2);
        // Of a line that is redrawn, a pipe gets the last state; but in GitLab's log it may be a section.
        for (const line of EVIL_LINES) {
          const last = name === 'gitlab' ? line : line.replace(/^.*\r(?=.)/s, '').replace(/^\x1b\[0K/, '');
          assert.ok(live.stdout.includes(`${last}\n`), line);
        }
        const logs = path.dirname(tree.loglin(['path', 't0']).stdout.trim());
        const recorded = fs.readdirSync(logs).map((file) => fs.readFileSync(path.join(logs, file), 'utf8'));
        for (const line of EVIL_LINES) assert.ok(recorded.includes(`${line}\n`), line);
        for (const args of [
          [],
          ['--prefix'],
          ['--no-details'],
          ['--failed'],
          ['-f'],
          ['--times', '--commands'],
        ]) {
          const reading = read(tree.loglin(['show', `--ci=${name}`, ...args]).stdout);
          assert.deepEqual(obeyed(reading), NOTHING, args.join(' '));
          assert.deepEqual(
            reading.groups.filter((title) => title.includes('evil')),
            [],
            args.join(' '),
          );
        }
        tree.write('evil0', 'another\n');
        tree.loglin(['make', 'all']);
        const inCi = { LOGLIN_CI: name };
        for (const args of [['grep', ''], ['jobs'], ['problems', '-b', '-1'], ['time'], ['diff'], ['ls']]) {
          const { status, stdout } = tree.loglin(args, inCi);
          assert.ok(status !== null && status < 2, args.join(' '));
          assert.deepEqual(obeyed(read(stdout)), NOTHING, args.join(' '));
        }
        assert.match(tree.loglin(['grep', 'evil$'], inCi).stdout, /evil\n/);
        const asJson = ['grep', '--json', 'evil'];
        assert.equal(tree.loglin(asJson, inCi).stdout, tree.loglin(asJson).stdout);
        // Outside of CI, and for programs, nothing changes.
        const plain = tree.loglin(['show']).stdout;
        for (const off of [
          { args: ['--no-ci'], env: {} },
          { args: [], env: { LOGLIN_CI: 'no' } },
        ])
          assert.equal(
            tree.loglin(['show', ...off.args], { GITHUB_ACTIONS: 'true', ...off.env }).stdout,
            plain,
          );
        for (const format of ['--raw', '--json'])
          assert.equal(
            tree.loglin(['show', format, `--ci=${name}`]).stdout,
            tree.loglin(['show', format]).stdout,
          );
      } finally {
        tree.remove();
      }
    });
  });

void describe('when it is on', () => {
  const box = new Sandbox();
  before(() => {
    box.write('Makefile', 'all: a b\na b:\n\techo $@ is made\n');
  });
  after(() => {
    box.remove();
  });
  const PLAIN = '▸ a\necho a is made\na is made\n▸ b\necho b is made\nb is made\n';
  const GITHUB =
    '::group::a\necho a is made\na is made\n::endgroup::\n::group::b\necho b is made\nb is made\n::endgroup::\n';

  test('by the variables of the systems, options, and LOGLIN_CI', () => {
    const make = (env: Record<string, string>, ...args: string[]): string =>
      box.loglin([...args, 'make'], env).stdout;
    assert.equal(make({}), PLAIN);
    assert.equal(make({ CI: 'true' }), PLAIN);
    assert.equal(make({ GITHUB_ACTIONS: 'true' }), GITHUB);
    assert.equal(make({ GITHUB_ACTIONS: 'true' }, '--ci'), GITHUB);
    assert.equal(make({ GITHUB_ACTIONS: 'true' }, '--ci=auto'), GITHUB);
    assert.equal(make({ GITLAB_CI: 'true' }, '--ci=github'), GITHUB);
    assert.equal(make({ GITLAB_CI: 'true', LOGLIN_CI: 'github' }), GITHUB);
    assert.equal(make({ LOGLIN_CI: 'auto' }), PLAIN);
    assert.equal(make({ GITHUB_ACTIONS: 'true', LOGLIN_CI: 'no' }), PLAIN);
    assert.equal(make({ GITHUB_ACTIONS: 'true' }, '--no-ci'), PLAIN);
    assert.equal(make({ GITHUB_ACTIONS: 'true', LOGLIN_CI: 'github' }, '--no-ci'), PLAIN);
    assert.match(make({ BUILDKITE: 'true' }), /^--- a$/m);
    assert.match(make({ TF_BUILD: 'True' }), /^##\[group\]a$/m);
    assert.match(make({ TEAMCITY_VERSION: '2025' }), /^##teamcity\[blockOpened name='a'\]$/m);
    assert.match(make({ GITLAB_CI: 'true' }), /section_start/);
  });

  test('not into a file, and not in a job', () => {
    const file = box.run(['sh', '-c', '"$0" make >log; cat log', LOGLIN_BIN], { GITHUB_ACTIONS: 'true' });
    assert.equal(file.stdout, PLAIN);
    const inside = box.loglin(['--ci=github', LOGLIN_BIN, 'show', '-b', '-1'], { GITHUB_ACTIONS: 'true' });
    assert.equal(inside.stdout, PLAIN);
  });

  test('the pages name files from the checkout, of which the project may be a part', () => {
    fs.mkdirSync(box.path('part/.loglin'), { recursive: true });
    box.write('part/Makefile', "all:\n\t@echo 'x.c:1:2: error: wrong'; exit 1\n");
    const said = (env: Record<string, string>, ...args: string[]): string =>
      box.run([LOGLIN_BIN, ...args], env, box.path('part')).stdout;
    const checkout = box.path('.');
    assert.match(
      said({ GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: checkout }, 'make'),
      /^::error file=part\/x\.c,line=1,/m,
    );
    assert.match(
      said({ TF_BUILD: 'True', BUILD_SOURCESDIRECTORY: checkout }, 'make'),
      /^##vso\[task\.logissue type=error;sourcepath=part\/x\.c;/m,
    );
    assert.match(
      said({ GITHUB_WORKSPACE: checkout }, 'problems', '--format=github'),
      /^::error file=part\/x\.c,/m,
    );
    // Also where loglin is started above the project.
    const above = box.run([LOGLIN_BIN, '-C', 'part', '--ci=github', 'make'], { GITHUB_WORKSPACE: '' });
    assert.match(above.stdout, /^::error file=x\.c,line=1,/m);
    for (const elsewhere of ['', '/nonexistent', box.path('part/.loglin')])
      assert.match(
        said({ GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: elsewhere }, 'make'),
        /^::error file=x\.c,/m,
      );
  });

  test('wrong names are said', () => {
    const wrong = box.loglin(['--ci=jenkins', 'make']);
    assert.equal(wrong.status, 125);
    assert.equal(
      wrong.stderr,
      'loglin: --ci=jenkins: want auto, github, gitlab, buildkite, teamcity, azure\n',
    );
    assert.match(box.loglin(['show'], { LOGLIN_CI: 'x' }).stderr, /^loglin: LOGLIN_CI=x: want auto, github/);
  });
});

void describe('problems', () => {
  const box = new Sandbox();
  after(() => {
    box.remove();
  });
  const build = (messages: readonly string[], ...args: string[]): string => {
    box.write('out', messages.map((text, i) => `a.c:${i + 1}:1: warning: ${text}\n`).join(''));
    return box.loglin([...args, 'cat', 'out']).stdout;
  };

  test('new ones are annotated first, the others are counted', () => {
    const old = Array.from({ length: 15 }, (_, i) => `old ${i}`);
    const first = READERS.github(build(old, '--ci=github'));
    assert.deepEqual(first.faults, []);
    assert.equal(first.annotations.length, 10);
    assert.match(first.visible, /^15 warnings, 10 of them annotated; see loglin problems$/m);
    const second = READERS.github(build([...old, 'fresh'], '--ci=github'));
    assert.equal(second.annotations.length, 10);
    assert.equal(second.annotations[0]?.message, 'fresh');
    assert.match(second.visible, /^16 warnings \(1 new\), 10 of them annotated; see loglin problems$/m);
    const { stdout, stderr } = box.loglin(['problems', '--format=github']);
    assert.deepEqual(READERS.github(stdout).faults, []);
    assert.equal(READERS.github(stdout).annotations[0]?.message, 'fresh');
    assert.equal(stderr, 'loglin: 16 warnings (1 new), 10 of them annotated; loglin problems lists all\n');
  });

  test("Buildkite's agent gets a page, if it is there", () => {
    box.write('bin/buildkite-agent', '#!/bin/sh\nprintf "%s\\n" "$@" >args\ncat >page\n');
    fs.chmodSync(box.path('bin/buildkite-agent'), 0o755);
    box.write('out', 'a.c:1:1: error: x ```` y\n');
    const run = (PATH: string): string =>
      box.loglin(['--ci=buildkite', 'sh', '-c', 'cat out; exit 3'], { PATH, BUILDKITE_JOB_ID: 'j1' }).stdout;
    const { PATH = '' } = process.env;
    run(`${box.path('bin')}:${PATH}`);
    const args = fs.readFileSync(box.path('args'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(args, ['annotate', '--style', 'error', '--context', 'loglin-j1']);
    const page = fs.readFileSync(box.path('page'), 'utf8');
    assert.deepEqual(pageFaults(args, page), []);
    assert.match(page, /^a\.c:1:1: error: x ```` y$/m);
    assert.match(run(PATH), /^1 error; see loglin problems$/m);
  });

  test('a failed job is a build problem of TeamCity', () => {
    box.write('Makefile', "all: it's\nit's:\n\t@exit 3\n");
    const reading = READERS.teamcity(box.loglin(['--ci=teamcity', 'make']).stdout);
    assert.deepEqual(reading.faults, []);
    const problems = reading.annotations.filter(({ severity }) => severity === 'problem');
    assert.deepEqual(
      problems.map(({ message }) => message),
      ["it's (exit 3)"],
    );
  });
});

void describe('docs/ci', () => {
  const text = (name: string): string => fs.readFileSync(path.join(ROOT, 'docs/ci', name), 'utf8');

  test('github.yml is a workflow that restores, builds, and saves in any case', () => {
    const { jobs, ...rest } = parseYaml(text('github.yml')) as {
      jobs: { build: { 'runs-on': string; steps: Record<string, unknown>[] } };
    };
    assert.deepEqual(rest, { name: 'build', on: ['push', 'pull_request'] });
    const { steps } = jobs.build;
    for (const step of steps) assert.ok('uses' in step !== 'run' in step);
    assert.equal(steps.filter(({ run }) => String(run).startsWith('loglin make ')).length, 1);
    const [restore, save] = steps.filter(({ uses }) => String(uses).startsWith('actions/cache/'));
    assert.equal(save?.if, 'always()');
    const of = (step: unknown): unknown => (step as { with: { path: string; key: string } }).with.key;
    assert.equal(of(restore), of(save));
  });

  test('gitlab-ci.yml is a job that caches the store', () => {
    const { build } = parseYaml(text('gitlab-ci.yml')) as {
      build: { script: string[]; cache: { paths: string[] }; variables: { LOGLIN_STORE: string } };
    };
    assert.deepEqual(build.script, ['loglin make -j"$(nproc)"']);
    assert.equal(build.variables.LOGLIN_STORE, `$CI_PROJECT_DIR/${build.cache.paths[0] ?? ''}`);
  });

  test('Jenkinsfile is a declarative pipeline: blocks that close, each with what it must have', () => {
    // Words of shell commands are not blocks.
    const blocks: string[] = [];
    const seen: string[] = [];
    for (const line of text('Jenkinsfile')
      .split('\n')
      .map((one) => one.trim())) {
      if (line === '' || line.startsWith('//')) continue;
      const [, opened] = /^(\w+(?:\('[^']*'\))?) \{$/.exec(line) ?? [];
      if (opened !== undefined) seen.push([...blocks, opened].join(' '));
      if (opened !== undefined) blocks.push(opened);
      else if (line === '}') assert.ok(blocks.pop());
      else assert.match(line, /^(agent any|sh '[^']*')$/);
    }
    assert.deepEqual(blocks, []);
    assert.deepEqual(seen, [
      'pipeline',
      'pipeline stages',
      "pipeline stages stage('Build')",
      "pipeline stages stage('Build') steps",
      'pipeline post',
      'pipeline post failure',
    ]);
  });

  test('what the pages tell to run is an option', () => {
    const help = new Sandbox();
    const { stdout } = help.loglin(['show', '--help']);
    help.remove();
    for (const option of ['--ci [system]', '--no-ci']) assert.ok(stdout.includes(option), option);
    const page = fs.readFileSync(path.join(ROOT, 'docs/ci.md'), 'utf8');
    for (const name of CI_NAMES) assert.ok(page.includes(`| \`${name}\` |`), name);
  });
});
