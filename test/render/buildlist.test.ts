// The table of builds, fitted to the terminal's width.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildRow, buildLine, buildTable, buildTableFor } from '../../src/render/buildlist.ts';
import { displayWidth, elideMiddle } from '../../src/render/width.ts';

const ROW: BuildRow = {
  id: '20261120-231500123-3f2a',
  back: '-1',
  short: '3f2a',
  when: '2026-11-20 23:15',
  age: '5m',
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
  return [...(room ? buildTableFor(room, rows, look) : buildTable(rows, look))];
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

test('on a terminal there are headings, what -b takes, the age; nothing is repeated on each line', () => {
  const last = { ...ROW, back: '@last', short: '1a2b', age: '12s', end: 'exit 2', bad: true, failed: 2 };
  const inside = { ...ROW, back: '', short: '7788', revision: '', inside: true, jobs: undefined };
  assert.deepEqual(table([ROW, inside, last], 80), [
    '   -b  build  age   time  result  jobs  failed  revision  command',
    '   -1  3f2a    5m  3.45s  ok        21          01234567  make -j4 all',
    '       7788    5m  3.45s  ok                              ↳ make -j4 all',
    '@last  1a2b   12s  3.45s  exit 2    21       2  01234567  make -j4 all',
  ]);
  assert.deepEqual(table([{ ...ROW, revision: '' }], 80), [
    '-b  build  age  started            time  result  jobs  command',
    '-1  3f2a    5m  2026-11-20 23:15  3.45s  ok        21  make -j4 all',
  ]);
  assert.deepEqual(table([], 80), []);
});

test('columns that do not fit are dropped, but never the time and the result; the command is elided', () => {
  const long = { ...ROW, command: `sh -c '${'x'.repeat(5000)}'` };
  assert.deepEqual(table([long], 60), [
    '-b  build  age   time  result  jobs  command',
    "-1  3f2a    5m  3.45s  ok        21  sh -c 'xx...xxxxxxxxx'",
  ]);
  assert.deepEqual(table([long], 40), [
    '-b  age   time  result  command',
    "-1   5m  3.45s  ok      sh -c ...xxxxx'",
  ]);
  assert.deepEqual(table([long], 24), ['-b   time  result', '-1  3.45s  ok']);
  for (let columns = 10; columns < 140; columns++)
    for (const line of table(
      [
        { ...long, inside: true },
        { ...ROW, command: '日本語'.repeat(50) },
      ],
      columns,
    ))
      assert.ok(displayWidth(line) < Math.max(columns, 18), `${columns}: ${line}`);
  assert.ok((table([long])[0] ?? '').length > 5000);
});

test('one build as a heading: its short id, age, duration, result, jobs, command', () => {
  const look = { colour: false, ascii: true };
  const failed = { ...ROW, end: 'exit 2', bad: true, failed: 2 };
  assert.equal(
    buildLine(failed, 80, elideMiddle, look),
    'build 3f2a  5m ago  3.45s  exit 2  21 jobs, 2 failed  make -j4 all',
  );
  assert.equal(
    buildLine({ ...ROW, command: 'make '.repeat(99).trim() }, 60, elideMiddle, look),
    'build 3f2a  5m ago  3.45s  ok  21 jobs  make mak...ake make',
  );
  assert.equal(
    buildLine(failed, 53, elideMiddle, look),
    'build 3f2a  5m ago  3.45s  exit 2  21 jobs, 2 failed',
  );
  assert.equal(
    buildLine({ ...failed, silent: 18 }, 80, elideMiddle, look),
    'build 3f2a  5m ago  3.45s  exit 2  21 jobs, 2 failed, 18 silent  make -j4 all',
  );
  assert.equal(buildLine(failed, 40, elideMiddle, look), 'build 3f2a  5m ago  3.45s  exit 2');
  assert.equal(
    buildLine({ ...ROW, end: 'running', jobs: 1 }, 80, elideMiddle, look),
    'build 3f2a  5m ago  running  1 job  make -j4 all',
  );
  assert.match(
    buildLine(failed, 80, elideMiddle, { colour: true, ascii: true }),
    /^\x1b\[2mbuild 3f2a\x1b\[0m {2}.* {2}\x1b\[31mexit 2\x1b\[0m {2}.*\x1b\[2mmake -j4 all\x1b\[0m$/,
  );
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
  assert.deepEqual(table([ROW, damaged], 50)[2], '-1  3f2a   damaged: the...t record cannot be read');
  assert.ok(displayWidth(table([damaged], 40)[1] ?? '') < 40);
});

test('failures are red if colour is on; a name cannot add its own colour', () => {
  const [line = ''] = table([{ ...ROW, end: 'exit 2', bad: true, command: 'x\x1b[31m\n' }], undefined, {
    colour: true,
    ascii: false,
  });
  assert.match(line, /\x1b\[31mexit 2\x1b\[0m {2}21 jobs {2}01234567 {2}x\\x1b\[31m\\n$/);
});
