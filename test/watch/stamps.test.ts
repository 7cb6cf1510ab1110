// The states of watched files, kept as numbers.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Stamps } from '../../src/watch/stamps.ts';
import { tree } from '../rig/tree.ts';

test('a stamp tells a file that was written, replaced, removed or made a folder; places are used again', (t) => {
  const it = tree(t, { file: 'one', other: '' });
  const stat = (name: string): fs.Stats | undefined => fs.statSync(it.path(name), { throwIfNoEntry: false });
  const stamps = new Stamps();
  const [file, other] = [stamps.add(stat('file')), stamps.add(stat('other'))];
  assert.ok(stamps.isFile(file) && stamps.isFile(other), 'an empty file is one');
  assert.equal(stamps.put(file, stat('file')), false);
  it.write({ file: 'longer' });
  assert.equal(stamps.put(file, stat('file')), true, 'written');
  const { atime, mtime } = stat('file')!;
  it.write({ fresh: 'longer' });
  fs.utimesSync(it.path('fresh'), atime, mtime);
  fs.utimesSync(it.path('file'), atime, mtime);
  stamps.put(file, stat('file'));
  fs.renameSync(it.path('fresh'), it.path('file'));
  assert.equal(stamps.put(file, stat('file')), true, 'replaced by one of the same size and time');
  fs.rmSync(it.path('file'));
  assert.equal(stamps.put(file, stat('file')), true, 'removed');
  assert.equal(stamps.isFile(file), false);
  assert.equal(stamps.put(file, stat('file')), false);
  fs.mkdirSync(it.path('file'));
  assert.equal(stamps.put(file, stat('file')), true, 'a folder');
  assert.equal(stamps.isFile(file), false);
  it.write({ 'file/in': '' });
  assert.equal(stamps.put(file, stat('file')), false, 'what is in a folder is not its own');
  stamps.remove(file);
  assert.equal(stamps.add(stat('other')), file);
  assert.ok(stamps.isFile(file));
  const many = Array.from({ length: 1000 }, () => stamps.add(stat('other')));
  assert.equal(new Set([...many, file, other]).size, 1002);
  assert.ok(
    many.every((place) => !stamps.put(place, stat('other'))),
    'the table has grown',
  );
});
