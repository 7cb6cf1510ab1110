// What is asked of many shared builds: flaky, trend, gc REMOTE.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { A, B, env, machines, record } from '../rig/machines.ts';
import type { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { needs } from '../rig/tree.ts';

function ran(machine: Sandbox, ...args: string[]): string {
  const { stdout, stderr, status } = machine.loglin(args, env(machine));
  assert.equal(status, 0, stderr);
  return stdout + stderr;
}

/** Makes a repository of a machine's folder. @returns its revision. */
function commit(machine: Sandbox): string {
  const git = (...args: string[]): string => {
    const who = ['-c', 'user.name=x', '-c', 'user.email=x@y', '-c', 'commit.gpgsign=false'];
    const { stdout, stderr, status } = machine.run(['git', ...who, ...args]);
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };
  git('init', '-q');
  git('add', '.loglin.json');
  git('commit', '-qm', 'one');
  return git('rev-parse', 'HEAD');
}

test('flaky: failed and passed at one revision, of trees without changes, where it really ran', (t) => {
  if (!needs(t, 'git')) return;
  const { ci, desk } = machines(t);
  ci.write('.loglin.json', `${fs.readFileSync(ci.path('.loglin.json'), 'utf8')}\n`);
  const revision = commit(ci);
  const build = (id: string, failing: readonly string[], running: readonly string[]): void => {
    const story = new Story('make').make('make');
    for (const name of running)
      story.start(name, { make: 'make' }).end(name, { exit: failing.includes(name) ? 1 : 0 });
    const exit = failing.length > 0 ? 2 : 0;
    storeBuild(ci.path('.loglin'), story.makeEnds('make').end('make', { exit }), {
      id,
      first: { revision },
      close: { status: { exit }, failed: failing.length },
    });
  };
  build(A, ['net', 'idle'], ['net', 'idle', 'all']);
  build(B, [], ['net', 'all']);
  ran(ci, 'push', '-b', A, '-b', B);
  const [row] = ran(desk, 'ls', 'ci', '--json').split('\n');
  assert.deepEqual(
    [JSON.parse(row!) as unknown].map((one) => (one as { clean: boolean; revision: string }).clean),
    [true],
  );
  assert.equal(ran(desk, 'flaky'), 'failed 1, passed 1  net\n');
  const [one] = ran(desk, 'flaky', 'ci', '--json').trimEnd().split('\n');
  const { failed, ...rest } = JSON.parse(one!) as { failed: string[] };
  assert.deepEqual(rest, { target: 'net', passed: 1, revisions: [revision] });
  assert.ok(failed[0]?.startsWith(A));
  // The same of a tree with a change says nothing of its revision.
  fs.appendFileSync(ci.path('.loglin.json'), '\n');
  const C = '20260103-000000000-cccc';
  build(C, ['all'], ['net', 'all']);
  ran(ci, 'push', '-b', C);
  assert.equal(
    ran(desk, 'flaky'),
    'failed 1, passed 1  net\nloglin: not looked at: 1 build of trees that may have had changes\n',
  );
});

test('trend: a target over builds, here and in a remote, with the same figures', (t) => {
  const { ci, desk } = machines(t);
  for (let day = 1; day <= 5; day++) {
    const story = new Story('make').make('make').start('a.o', { make: 'make' });
    const text = day % 2 === 0 ? '' : 'a.c:1:1: warning: unused variable ‘x’\n'.repeat(day);
    story.say('a.o', text).end('a.o', { exit: day === 3 ? 1 : 0 });
    if (day === 5) story.start('b.o', { make: 'make' }).end('b.o');
    storeBuild(ci.path('.loglin'), story.makeEnds('make').end('make'), {
      id: `2026010${day}-000000000-aaaa`,
      first: { at: Date.UTC(2026, 0, day) },
    });
    ran(ci, 'push');
  }
  const here = ran(ci, 'trend', 'a.o');
  assert.match(
    here,
    /^a\.o: ran in 5 of 5 builds, failed in 1\ntime {6}\S{5} {2}.*\noutput {4}▂▁▅▁█ {2}0 B to 210 B, last 210 B\nwarnings {2}█▁█▁█ {2}0 to 1, last 1\nerrors {4}▁▁▁▁▁ {2}0\n$/,
  );
  assert.equal(ran(desk, 'trend', 'a.o', 'ci'), here);
  assert.match(ran(desk, 'trend', 'a.o', 'ci', '-n', '2', '--ascii'), /^output {4}_# /m);
  assert.match(ran(desk, 'trend', 'b.o', 'ci'), /^b\.o: ran in 1 of 5 builds\n/);
  const records = ran(desk, 'trend', 'a.o', 'ci', '--json')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const { build, ms, ...third } = records[2]!;
  assert.match(String(build), /^20260103-000000000-aaaa-[0-9a-f]{12}$/);
  assert.equal(typeof ms, 'number');
  assert.deepEqual(third, { at: Date.UTC(2026, 0, 3), bytes: 126, errors: 0, warnings: 1, failed: true });
  const none = desk.loglin(['trend', 'none', 'ci'], env(desk));
  assert.deepEqual([none.stderr, none.status], ['loglin: none: ran in none of 5 builds\n', 1]);
});

test('gc REMOTE removes what is older, and what killed pushes have left', (t) => {
  const { ci, desk, remote } = machines(t);
  record(ci, A, 'x\n');
  const recent = `${new Date(Date.now() - 60_000)
    .toISOString()
    .replace(/[-:.Z]/g, '')
    .replace('T', '-')}-bbbb`;
  record(ci, recent, 'y\n');
  ran(ci, 'push', '-b', A, '-b', recent);
  const left = path.join(remote, 'tmp', 'ab'.repeat(12));
  fs.writeFileSync(left, 'half');
  const [old, now] = [new Date(Date.now() - 2 * 86_400_000), new Date()];
  fs.utimesSync(left, old, now);
  fs.utimesSync(left, old, old);
  assert.match(
    ran(desk, 'gc', 'ci', '--keep', '90d', '--dry-run'),
    new RegExp(
      `^${A}-\\w{12} +[0-9.]+ (Ki)?B {2}would be removed\nwould free .*; would keep 1 build of p\n$`,
    ),
  );
  assert.equal(ran(desk, 'ls', 'ci').trimEnd().split('\n').length, 2);
  const record_ = JSON.parse(ran(desk, 'gc', 'ci', '--keep', '90d', '--json')) as Record<string, unknown>;
  assert.deepEqual([record_.action, record_.logs, record_.dry], ['removed', 0, false]);
  assert.ok((record_.freed as number) > 100);
  assert.equal(ran(desk, 'gc', 'ci', '--keep', '90d'), 'nothing to remove: 1 build of p\n');
  assert.equal(ran(desk, 'show', 'a', '-b', 'ci:'), '▸ a\ny\n');
  assert.deepEqual(fs.readdirSync(path.join(remote, 'tmp')), []);
  assert.equal(fs.readdirSync(path.join(remote, 'v1/p/b')).length, 1);
  for (const keep of [[], ['--keep', '30'], ['--keep', '3h']])
    assert.match(
      desk.loglin(['gc', 'ci', ...keep], env(desk)).stderr,
      /^loglin: gc ci: how long is a build kept\? --keep 90d, for example; a day or more\n$/,
    );
});
