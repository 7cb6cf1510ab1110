// A build as the browser opens it: its walk is that of `show`.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { findPlace } from '../../src/store/place.ts';
import { listBuilds } from '../../src/store/builds.ts';
import { GrowingBuild } from '../../src/view/growingbuild.ts';
import { LOGLIN, type Tree, tree } from '../rig/tree.ts';

/** The headers of the last build as the browser shows them, with targets that did not run. */
function headers(it: Tree): string[] {
  const place = findPlace(it.dir, undefined);
  const opened = new GrowingBuild(place, listBuilds(place.store).at(-1)!);
  while (opened.step());
  const walk = opened.blockWalk(opened.build.jobs[0]!, { order: 'needs', unchanged: true });
  const lines: string[] = [];
  for (let segment = walk.next(); typeof segment !== 'string'; segment = walk.next()) {
    const mark = 'notRemade' in segment ? ` ${segment.notRemade.state}` : '';
    if (segment.kind === 'enter') lines.push(`${'  '.repeat(segment.depth)}${segment.job.name}${mark}`);
    if (segment.kind === 'absent') lines.push(`${'  '.repeat(segment.depth)}${segment.name} never${mark}`);
  }
  opened.close();
  return lines;
}

async function build(it: Tree, ...args: string[]): Promise<void> {
  assert.equal((await it.run([LOGLIN, 'make', '-s', ...args])).stderr, '');
}

test('the jobs of the other rules for one target are found', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: 'all:: one ; @touch $@ && echo by one\nall:: two ; @touch $@ && echo by two\n',
    one: '',
    two: '',
  });
  await build(it);
  await new Promise((resolve) => setTimeout(resolve, 20));
  it.write({ two: 'new' });
  await build(it);
  assert.equal(await it.show('-u'), '▸ all\nby one\n▸ all#2\nby two\n');
  assert.deepEqual(headers(it), ['all', 'all']);
});

test('targets that were not built and targets that never ran are marked', async (t: TestContext) => {
  const it = tree(t, {
    Makefile: 'all: sub/x ; @echo all\nsub/x: in ; @$(MAKE) -s -C sub; ! grep bad in\n',
    in: '',
    'sub/Makefile': 'x: y in ; @touch x\ny: ; @touch y\n',
    'sub/y': '',
    'sub/in': '',
  });
  await build(it);
  assert.deepEqual(headers(it), ['all', '  sub/x', '    sub/x', '      sub/y never']);
  it.write({ in: 'bad', 'sub/in': 'new' });
  await build(it, '-k');
  assert.deepEqual(headers(it), ['all blocked', '  sub/x', '    sub/x', '      sub/y never']);
});
