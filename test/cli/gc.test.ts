// The commands gc and rm, and how show and path report logs that were removed.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { listBuilds } from '../../src/store/builds.ts';
import { thisProcess } from '../../src/store/running.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { until } from '../rig/tree.ts';

const IDS = ['20260101-000000000-aaaa', '20260102-000000000-bbbb', '20260103-000000000-cccc'];
const GRAPH = { all: 'a b', a: '', b: '' };

function project(t: TestContext): Sandbox {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  for (const [i, targets] of ['ab', 'a', ''].entries()) {
    const story = new Story('make').make('make', ['all']).say('make', 'said\n');
    for (const target of targets)
      story.start(target, { make: 'make' }).say(target, `${target}\n`).end(target);
    storeBuild(box.path('.loglin'), story.graph('make', GRAPH).makeEnds('make').end('make'), {
      id: IDS[i] ?? '',
    });
  }
  return box;
}

test('gc reports what it does, and finally that there is nothing to do', (t) => {
  const box = project(t);
  const dry = box.loglin(['gc', '--keep', '1', '--dry-run']);
  assert.equal(
    dry.stdout,
    `${IDS[0]}   8.0 KiB  would be thinned: 1 log is the last of its target
${IDS[1]}   4.0 KiB  would be thinned: 1 log is the last of its target
would free 12.0 KiB; would keep 3 builds, 36.0 KiB
`,
  );
  const { stdout, stderr, status } = box.loglin(['gc', '--keep', '1']);
  assert.equal(
    stdout,
    dry.stdout.replaceAll('would be ', '').replace('would free', 'freed').replace('would keep', 'kept'),
  );
  assert.deepEqual([stderr, status], ['', 0]);
  assert.equal(box.loglin(['gc', '--keep', '1']).stdout, 'nothing to remove: 3 builds, 36.0 KiB\n');
  assert.equal(box.loglin(['gc', '--keep', '1', '--quiet']).stdout, '');
});

test('gc --json has the documented fields', (t) => {
  const box = project(t);
  const [first = ''] = box.loglin(['gc', '--max=0', '--json', '-n']).stdout.split('\n');
  assert.deepEqual(JSON.parse(first), { id: IDS[0], action: 'thinned', freed: 8192, logs: 1, dry: true });
});

test('show prints the rest of a thinned build and reports removed logs, which is no damage', (t) => {
  const box = project(t);
  box.loglin(['gc', '--keep', '1']);
  const shown = box.loglin(['show', '-b', '-2']);
  assert.equal(shown.stdout, '▸ a\n▸ b\nb\n');
  assert.equal(
    shown.stderr,
    `loglin: build ${IDS[0]}: 2 logs removed by gc; newer builds have those of the same targets\n`,
  );
  assert.equal(shown.status, 1);
  assert.deepEqual(
    [box.loglin(['show', '-b', '-2', 'b']).stderr, box.loglin(['show', '-b', '-2', 'b']).status],
    ['', 0],
  );
  const file = box.path('.loglin/builds', IDS[0] ?? '', 'logs/1.log');
  assert.equal(box.loglin(['show', '-b', '-2', 'a']).stderr, `loglin: ${file}: log removed by gc\n`);
  const { stderr, status } = box.loglin(['path', '-b', '-2', 'a']);
  assert.deepEqual([stderr, status], [`loglin: ${file}: log removed by gc\n`, 1]);
});

test('gc removes nothing after wrong use or with a faulty configuration', (t) => {
  const box = project(t);
  for (const [args, message] of [
    [['--keep', 'x'], 'loglin: --keep x: want a whole number\n'],
    [['--max', 'much'], 'loglin: --max much: want a size, as 500M or 2GiB\n'],
    [['--kep', '1'], 'loglin: --kep: no such option; nearest: --keep; see loglin gc --help\n'],
  ] as const) {
    const { stderr, status } = box.loglin(['gc', ...args]);
    assert.deepEqual([stderr, status], [message, 125]);
  }
  const file = box.write('.loglin/config.json', '{\n"keep": {"builds": "x"}}');
  const { stderr, status } = box.loglin(['gc', '--keep', '1']);
  assert.equal(
    stderr,
    `loglin: ${file}:2: keep.builds: want a whole number, found "x"\nloglin: ${file}: has errors, so nothing is removed; correct it first\n`,
  );
  assert.equal(status, 125);
  assert.equal(box.loglin(['gc', '--store', box.path('none')]).stdout, 'nothing to remove: 0 builds, 0 B\n');
});

test('rm resolves all words before it removes a build', (t) => {
  const box = project(t);
  const none = box.loglin(['rm', '-1', 'nothing']);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^loglin: build nothing: not in /);
  assert.equal(listBuilds(box.path('.loglin')).length, 3);
  const { stdout, stderr, status } = box.loglin(['rm', '-1', '-2', IDS[1] ?? '']);
  assert.equal(stdout, `${IDS[1]}  removed\n${IDS[0]}  removed\n`);
  assert.deepEqual([stderr, status], ['', 0]);
  assert.deepEqual(fs.readdirSync(box.path('.loglin/builds')), [IDS[2]]);
});

test('rm refuses to remove a running build', (t) => {
  const box = project(t);
  const id = '20260104-000000000-dddd';
  storeBuild(box.path('.loglin'), new Story('make'), { id, close: false, first: { ...thisProcess() } });
  const { stderr, status } = box.loglin(['rm', IDS[0] ?? '', id]);
  assert.deepEqual([stderr, status], [`loglin: build ${id}: is running; nothing was removed\n`, 1]);
  assert.equal(listBuilds(box.path('.loglin')).length, 4);
});

test('the end of a build removes builds beyond the limits unless disabled, with its status and output unchanged', async (t) => {
  const box = project(t);
  const store = box.path('.loglin');
  box.write('.loglin/config.json', '{"keep": {"builds": 1, "auto": false}}');
  box.loglin(['true']);
  assert.equal(listBuilds(store).length, 4);
  box.write('.loglin/config.json', '{"keep": {"builds": 1}}');
  fs.rmSync(path.join(store, 'builds', IDS[0] ?? ''), { recursive: true });
  const { stdout, stderr, status } = box.loglin(['sh', '-c', 'echo x; exit 3']);
  assert.equal(stderr, '');
  assert.match(stdout, /^x\n/);
  assert.equal(status, 3);
  // The third build ran nothing; the second has the last log of its target.
  await until('old builds are removed', () => listBuilds(store).length === 2);
  await until('its gc has ended', () => !fs.existsSync(path.join(store, 'gc.lock')));
  assert.deepEqual(listBuilds(store)[0], IDS[1]);
  assert.deepEqual(fs.readdirSync(path.join(store, 'builds', IDS[1] ?? '', 'logs')), ['1.log']);
});

test('a build with a faulty configuration runs, removes nothing, and reports it once', (t) => {
  const box = project(t);
  const file = box.write('.loglin/config.json', '{"keep": {"builds": 1, "auto": "no"}}');
  const { stdout, stderr, status } = box.loglin(['echo', 'x']);
  assert.deepEqual([stdout, status], ['x\n', 0]);
  assert.equal(stderr, `loglin: ${file}:1: keep.auto: want true or false, found "no"\n`);
  assert.equal(listBuilds(box.path('.loglin')).length, 4);
});

test('projects that share a store keep the last logs of their own targets', (t) => {
  const box = project(t);
  const other = box.path('other');
  fs.mkdirSync(other);
  // A newer build of another project, with targets of the same names and its own graph.
  const story = new Story('make').make('make', ['all']);
  for (const name of ['a', 'b']) story.start(name, { make: 'make' }).say(name, `their ${name}\n`).end(name);
  story.graph('make', { all: 'a b', a: '', b: '' }).makeEnds('make').end('make');
  storeBuild(box.path('.loglin'), story, { id: '20260104-000000000-dddd', first: { root: other } });
  assert.equal(box.loglin(['gc', '--keep', '1']).status, 0);
  assert.equal(box.loglin(['show', '-b', IDS[0]!, 'b']).stdout, '▸ b\nb\n');
  assert.equal(box.loglin(['show', '-b', IDS[1]!, 'a']).stdout, '▸ a\na\n');
});
