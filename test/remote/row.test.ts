// The keys of rows: what they hold, their order, and what is no row.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoded, encoded, localId, rowsUntil, startOfId } from '../../src/remote/layout.ts';
import { type Row, parseRow, parseRowKey, rowKey } from '../../src/remote/row.ts';
import { repositoryName } from '../../src/remote/remotes.ts';

const ROW: Row = {
  v: 1,
  id: '20261127-074250123-ab12-0123456789ab',
  project: 'github.com/o/n',
  at: Date.UTC(2026, 10, 27, 7, 42, 50, 123),
  result: { exit: 2 },
  ms: 312.4,
  jobs: 5000,
  failed: 2,
  errors: 7,
  warnings: 0,
  revision: '4f2a9c1d4f2a9c1d4f2a9c1d4f2a9c1d4f2a9c1d',
  branch: 'feature/ü ~x',
  command: 'make -j16',
  tags: { os: 'linux', 'a.b': 'c,d!e' },
  failures: ['a.o'],
  sizes: { record: 1, pack: 2, logs: 3 },
};

test('a key holds what a listing shows', () => {
  const key = rowKey(ROW);
  assert.match(key, /^v1\/github\.com=2Fo=2Fn\/i\/82042346[0-9]{5}-20261127-074250123-ab12-/);
  assert.match(key, /^[\w.~=!,+/-]+$/);
  const { v: _, project: __, failures: ___, sizes: ____, ...summary } = ROW;
  assert.deepEqual(parseRowKey(key), { ...summary, clean: false, ms: 312, key, cut: false });
  for (const clean of [true, false]) assert.equal(parseRowKey(rowKey({ ...ROW, clean }))?.clean, clean);
  const none = parseRowKey(rowKey({ ...ROW, revision: undefined, clean: true }));
  assert.deepEqual([none?.revision, none?.clean], [undefined, false]);
});

test('a key is the name of a file: what does not fit is cut, and the key says so', () => {
  const long: Row = { ...ROW, command: `make ${'ü'.repeat(300)}`, branch: 'b'.repeat(20) };
  const name = rowKey(long).split('/').at(-1)!;
  assert.ok(Buffer.byteLength(name) <= 255, `${name.length}`);
  const parsed = parseRowKey(rowKey(long))!;
  assert.equal(parsed.cut, true);
  assert.equal(parsed.branch, long.branch);
  assert.deepEqual(parsed.tags, ROW.tags);
  assert.ok(long.command.startsWith(parsed.command) && parsed.command.length > 10, parsed.command);
  // Wherever it is cut, no character is cut.
  for (let n = 0; n < 6; n++) {
    const one = parseRowKey(rowKey({ ...long, branch: 'b'.repeat(20 + n), command: 'ü€𝄞'.repeat(100) }))!;
    assert.ok('ü€𝄞'.repeat(100).startsWith(one.command), one.command);
  }
  const branch: Row = { ...ROW, branch: 'b'.repeat(300) };
  const other = parseRowKey(rowKey(branch))!;
  // A part of a branch's name would be another branch.
  assert.deepEqual([other.cut, other.branch, other.command], [true, undefined, 'make -j16']);
});

test('newer builds come first in the order of keys, and a time divides them', () => {
  const keys = [0, 1, 999, 86_400_000].map((ms) => rowKey({ ...ROW, at: ROW.at + ms }));
  assert.deepEqual([...keys].sort(), keys.toReversed());
  const until = rowsUntil(ROW.project, ROW.at + 1);
  assert.deepEqual(
    keys.map((key) => key < until),
    [false, true, true, true],
  );
});

test('what is no row is none', () => {
  for (const key of [
    '',
    'v1/p/i/x',
    'v1/p/i/8204234629876-id',
    `${rowKey(ROW)}~more`,
    'photos/cat.jpg',
    rowKey(ROW).replace('~exit2', '~fine'),
  ])
    assert.equal(parseRowKey(key), undefined, key);
  assert.deepEqual(parseRow(JSON.stringify(ROW)), ROW);
  for (const text of ['', 'null', '[]', '{"id":"x"}', '{']) assert.equal(parseRow(text), undefined, text);
});

test('names are encoded so that they are one part of a path', () => {
  for (const name of ['a/b', '..', 'ü%20=', '~!,', 'a b'])
    assert.deepEqual([decoded(encoded(name)), /^[\w.=-]+$/.test(encoded(name))], [name, true]);
});

test('an id says when its build started, and which id it has in its own store', () => {
  assert.equal(startOfId(ROW.id), ROW.at);
  assert.equal(startOfId('20261127-0742'), undefined);
  assert.equal(localId(ROW.id), '20261127-074250123-ab12');
});

test('a repository has one name whatever its URL is, without a password', () => {
  for (const url of [
    'https://github.com/o/n.git',
    'https://u:secret@github.com/o/n',
    'git@github.com:o/n.git',
    'ssh://git@github.com:22/o/n/',
  ])
    assert.equal(repositoryName(url), 'github.com/o/n', url);
  assert.equal(repositoryName('/srv/git/n.git'), 'n');
});
