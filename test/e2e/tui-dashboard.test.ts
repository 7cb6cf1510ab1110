// The browser on builds that run, in a terminal, without a key: what failed and what runs, the followed log,
// the end, and what is left on the normal screen.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeLongBuild } from '../rig/longbuild.ts';
import { screen } from '../rig/tmux.ts';
import { LOGLIN, needs, tree, until } from '../rig/tree.ts';

test('dashboard: a build of 36 jobs is seen without a key, from its first job to its failure', async (t) => {
  if (!needs(t, 'make', 'tmux', 'bc')) return;
  const it = tree(t, {});
  writeLongBuild(it);
  // The times and the forecast are those of this one.
  const before = await it.run([LOGLIN, 'make', '-s', '-j6', 'SCALE=0.12']);
  assert.equal(before.end, 'exit 0', before.stderr);
  fs.rmSync(it.path('build'), { recursive: true });
  writeLongBuild(it, { tests: true });
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" --tui make -s -j6 SCALE=0.5');
  // The oldest first, each with the time of its last run.
  const running = await terminal.see(/^ ● build\/\w+\/\S+ +before 0\.\d\ds .* [1-9]\.\ds *$/m);
  assert.match(running, /^ ● make -s -j6 SCALE=0\.5  \d\.\ds  /m);
  assert.match(running, /^ {3}… \d+ ended/m);
  // The title of the log has the command, as far as there is room.
  assert.match(running, /^ ● build\/\S+ .* {2}mkdir -p build.*… +follow ─ auto/m);
  // The column of the names never becomes narrower.
  const columns: number[] = [];
  for (let i = 0; i < 20; i++) {
    columns.push(terminal.text().search(/ before \d/) - terminal.text().search(/^ ● build.* before \d/m));
    await sleep(100);
  }
  const wide = columns.filter((column) => column > 0);
  assert.deepEqual(
    wide,
    wide.toSorted((a, b) => a - b),
  );
  const times = [...running.matchAll(/^ ● build.* (\d+\.\d)s *$/gm)].map(([, time]) => Number(time));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => b - a),
    running,
  );
  // The lines of the followed job come as they are printed.
  await terminal.see(/^▌build\/\S+: pass [234] of 4/m);
  const end = await terminal.see(/✗ failed after \d+\S*: tests \(exit 1\) — e error, o edit, q quit/);
  assert.match(end, /^ ✗ tests +exit 1 /m);
  await terminal.see(/^ ✗ make -s -j6 .* 1 failed {2}1 error 4 warnings *$/m);
  assert.match(end, /^▌tests\/run\.c:40:3: error: expected 3, got 4/m);
  // Both lists can be had after the end.
  terminal.key('D');
  terminal.key('g');
  await terminal.see(/^▾ ✗ make -s/m);
  terminal.key('D');
  await terminal.see(/^ ✗ tests +exit 1 .*\n ✗ make .*\n {3}… 35 ended/m);
  terminal.key('q');
  assert.equal(await terminal.status(), '2');
  assert.match(terminal.text(), /tests \(exit 1\)\n[^]*tests\/run\.c:40:3: error: expected 3, got 4/);
});

test('dashboard: the first failure is gone to, a follows the build again, and a key ends that', async (t) => {
  if (!needs(t, 'make', 'tmux', 'bc')) return;
  const it = tree(t, {});
  writeLongBuild(it, { object: true });
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" --tui make -k -j6 SCALE=0.6');
  const failed = await terminal.see(/render_hash\.o failed; a: follows the build again/);
  assert.match(failed, /^ ✗ build\/render\/render_hash\.o +exit 1 /m);
  // It was followed until now, to its last line.
  await terminal.see(/^▌render\/render_hash\.c:5:1: error: unknown type name/m);
  assert.doesNotMatch(failed, /auto/);
  terminal.key('a');
  await terminal.see(/follow ─ auto/);
  terminal.key('j');
  await terminal.see(/follow  /);
  assert.doesNotMatch(terminal.text(), /auto/);
  // The cursor stays on its job.
  terminal.key('D');
  terminal.key('g');
  await terminal.see(/^▾ ● make -k -j6/m);
  terminal.key('D');
  await terminal.see(/^ {3}… \d/m);
  await terminal.see(/✗ failed after /);
  terminal.key('q');
  assert.equal(await terminal.status(), '2');
});

test('dashboard: a build of another terminal is followed to its end, which is printed on leaving', async (t) => {
  if (!needs(t, 'make', 'tmux', 'bc')) return;
  const it = tree(t, {});
  writeLongBuild(it);
  const terminal = await screen(t, it, 40, 15);
  const build = it.run([LOGLIN, 'make', '-s', '-j6', 'SCALE=0.4']);
  await until('the build runs', () => it.has('build'));
  terminal.type('"$LOGLIN_BIN" tui --ascii');
  const running = await terminal.see(/^ \* build\/\S+ +\d\.\ds *$/m);
  assert.match(running, /^ \* make -s/m);
  assert.match(running, /^ {3}\.\.\. \d+ ended/m);
  assert.ok(running.split('\n').every((line) => line.trimEnd().length <= 40));
  await terminal.see(/\. done in \d/);
  terminal.key('q');
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.text(), /^loglin: 36 jobs in \d/m);
  assert.equal((await build).end, 'exit 0');
});

test('dashboard: with 400 jobs and names that are wide, the top stays what runs', async (t) => {
  if (!needs(t, 'make', 'tmux')) return;
  const names = Array.from({ length: 400 }, (_, i) => `日本語/ab${i}`);
  const it = tree(t, {
    Makefile: `all: ${names.join(' ')} last\n日本語/%:\n\t@true\n日本語/ab3:\n\t@sleep 6\nlast: ${names.at(-1)!}\n\t@sleep 3\n`,
  });
  const terminal = await screen(t, it, 120, 40);
  terminal.type('"$LOGLIN_BIN" --tui make -j4');
  await terminal.see(/^ ● 日本語\/ab3 +\d\.\ds ?│[^]*^ ● last +.*│[^]*^ {3}… 399 ended +│/m);
  await terminal.see(/✓ done in /);
  terminal.key('q');
  assert.equal(await terminal.status(), '0');
});
