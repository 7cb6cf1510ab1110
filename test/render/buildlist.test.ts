// The table of builds, fitted to the terminal's width.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildRow, buildTable } from '../../src/render/buildlist.ts';
import { displayWidth, elideMiddle } from '../../src/render/width.ts';

const ROW: BuildRow = {
  id: '20261120-231500123-3f2a',
  when: '2026-11-20 23:15',
  ms: 3450,
  end: 'ok',
  bad: false,
  jobs: 21,
  failed: 0,
  revision: '0123456789abcdef',
  command: 'make -j4 all',
  inside: false,
};
const PLAIN = { colour: false, ascii: false };

function table(rows: readonly BuildRow[], columns?: number, look = PLAIN): string[] {
  const room = columns === undefined ? undefined : { columns, width: displayWidth, elide: elideMiddle };
  return [...buildTable(rows, look, room)];
}

test('columns are as wide as their contents; an empty column is omitted', () => {
  const failed = { ...ROW, ms: 61_000, end: 'exit 2', bad: true, jobs: 1, failed: 1, revision: '' };
  assert.deepEqual(table([ROW, failed]), [
    '20261120-231500123-3f2a  2026-11-20 23:15  3.45s  ok      21 jobs          01234567  make -j4 all',
    '20261120-231500123-3f2a  2026-11-20 23:15  1m01s  exit 2  1 job, 1 failed            make -j4 all',
  ]);
  assert.deepEqual(table([{ ...ROW, revision: '' }]), [
    '20261120-231500123-3f2a  2026-11-20 23:15  3.45s  ok  21 jobs  make -j4 all',
  ]);
  assert.deepEqual(table([]), []);
});

test('columns that do not fit are dropped, the revision first; the command is elided', () => {
  assert.deepEqual(table([ROW], 80), [
    '20261120-231500123-3f2a  2026-11-20 23:15  3.45s  ok  21 jobs  make -j4 all',
  ]);
  assert.deepEqual(table([ROW], 60), ['20261120-231500123-3f2a  3.45s  ok  21 jobs  make -j4 all']);
  assert.deepEqual(table([ROW], 40), ['20261120-231500123-3f2a  ok  mak... all']);
  assert.deepEqual(table([ROW], 30), ['20261120-231500123-3f2a  ok']);
  const long = { ...ROW, command: `sh -c '${'x'.repeat(5000)}'`, inside: true };
  for (const columns of [30, 40, 61, 80, 132])
    for (const line of table([long, ROW], columns)) assert.ok(displayWidth(line) < columns, line);
  assert.ok((table([long])[0] ?? '').length > 5000);
});

test('a build inside another is marked; a damaged one has no columns', () => {
  assert.match(table([{ ...ROW, inside: true }])[0] ?? '', / {2}↳ make -j4 all$/);
  assert.match(
    table([{ ...ROW, inside: true }], undefined, { colour: false, ascii: true })[0] ?? '',
    / {2}> make -j4 all$/,
  );
  const damaged = { ...ROW, when: undefined, end: 'damaged', command: 'the first record cannot be read' };
  assert.deepEqual(
    table([ROW, damaged])[1],
    '20261120-231500123-3f2a  damaged: the first record cannot be read',
  );
  assert.ok(displayWidth(table([damaged], 40)[0] ?? '') < 40);
});

test('failures are red if colour is on; a name cannot add its own colour', () => {
  const [line = ''] = table([{ ...ROW, end: 'exit 2', bad: true, command: 'x\x1b[31m\n' }], undefined, {
    colour: true,
    ascii: false,
  });
  assert.match(line, /\x1b\[31mexit 2\x1b\[0m {2}21 jobs {2}01234567 {2}x\\x1b\[31m\\n$/);
});
