// Earlier builds that stand for jobs which did not run, read ahead.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { runToEnd } from '../../src/model/sliced.ts';
import { EarlierBuilds } from '../../src/view/earlierbuilds.ts';
import { listBuilds } from '../../src/store/builds.ts';
import { buildFolder, journalFile } from '../../src/store/layout.ts';
import { openBuild } from '../../src/store/reader.ts';
import { tree } from '../rig/tree.ts';

test('a build that was read ahead is not read again', async (t) => {
  const it = tree(t, { Makefile: 'all: a\na: ; @echo a\n' });
  for (let i = 0; i < 2; i++) assert.equal((await it.loglin('make')).end, 'exit 0');
  const place = { root: it.dir, store: it.path('.loglin') };
  const [first = '', second = ''] = listBuilds(place.store);
  const recorded = openBuild(place.store, second);
  recorded.logs.close();
  const job = recorded.build.jobs.find(({ name }) => name === 'a')!;
  const earlier = new EarlierBuilds(place, second, recorded.build);
  runToEnd(earlier.readAhead(job));
  t.after(() => {
    earlier.close();
  });
  fs.rmSync(journalFile(buildFolder(place.store, first)));
  assert.equal(earlier.before(job)?.name, 'a');
  assert.deepEqual(
    earlier.opened().map(({ started }) => started?.id),
    [first],
  );
});

test('a build that cannot be read ahead counts as no earlier build', async (t) => {
  const it = tree(t, { Makefile: 'all: a\na: ; @echo a\n' });
  for (let i = 0; i < 2; i++) assert.equal((await it.loglin('make')).end, 'exit 0');
  const place = { root: it.dir, store: it.path('.loglin') };
  const [first = '', second = ''] = listBuilds(place.store);
  const recorded = openBuild(place.store, second);
  recorded.logs.close();
  const job = recorded.build.jobs.find(({ name }) => name === 'a')!;
  fs.writeFileSync(journalFile(buildFolder(place.store, first)), 'nothing\n');
  const earlier = new EarlierBuilds(place, second, recorded.build);
  runToEnd(earlier.readAhead(job));
  assert.equal(earlier.before(job), undefined);
});
