// When logs grew, from a complete journal and from a growing one.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { JobId } from '../../src/model/ids.ts';
import { Growth } from '../../src/store/growth.ts';
import { journalFile } from '../../src/store/layout.ts';
import { tree } from '../rig/tree.ts';

const [FIRST, SECOND] = [1 as JobId, 2 as JobId];

function read(growth: Growth): void {
  while (growth.step());
}

test('growth: a byte has the time at which the log first exceeded it', (t) => {
  const folder = tree(t, {}).dir;
  fs.writeFileSync(
    journalFile(folder),
    [
      {
        e: 'out',
        t: 100,
        sizes: [
          [FIRST, 10],
          [SECOND, 5],
        ],
      },
      { e: 'note', t: 150, text: '{"e":"out","t":1,"sizes":[[1,99]]}' },
      { e: 'out', t: 200, sizes: [[FIRST, 10]] },
      { e: 'out', t: 300, sizes: [[FIRST, 30]] },
      { e: 'end', t: 400, j: FIRST, size: 40 },
    ]
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
  );
  const growth = new Growth(folder);
  t.after(() => {
    growth.close();
  });
  assert.equal(growth.writtenAt(FIRST, 0), undefined);
  read(growth);
  assert.deepEqual(
    [0, 9, 10, 29, 30, 39, 40].map((at) => growth.writtenAt(FIRST, at)),
    [100, 100, 300, 300, 400, 400, undefined],
  );
  assert.equal(growth.writtenAt(SECOND, 4), 100);
  assert.equal(growth.writtenAt(3 as JobId, 0), undefined);
});

test('growth: added records are read once they are complete', (t) => {
  const folder = tree(t, {}).dir;
  const growth = new Growth(folder);
  t.after(() => {
    growth.close();
  });
  read(growth);
  fs.writeFileSync(journalFile(folder), '{"e":"out","t":100,"sizes":[[1,10]]}\n{"e":"out","t":200,"siz');
  read(growth);
  assert.equal(growth.writtenAt(FIRST, 9), 100);
  assert.equal(growth.writtenAt(FIRST, 10), undefined);
  fs.appendFileSync(journalFile(folder), 'es":[[1,20]]}\nno record\n');
  read(growth);
  assert.equal(growth.writtenAt(FIRST, 10), 200);
});

test('growth: a journal that cannot be read has no times', (t) => {
  const folder = tree(t, {}).dir;
  fs.mkdirSync(path.join(journalFile(folder)));
  const growth = new Growth(folder);
  assert.equal(growth.step(), false);
  assert.equal(growth.writtenAt(FIRST, 0), undefined);
});
