// Folders of the store.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../src/store/privatefiles.ts';

test('a folder is made with its missing ancestors, private to its user', (t) => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-test-'));
  t.after(() => {
    fs.rmSync(root, { recursive: true });
  });
  const folder = path.join(root, 'a/b/c');
  makeFolder(folder);
  makeFolder(folder);
  assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
});

test('where nothing can be created, the reason is that of mkdir', () => {
  assert.throws(() => {
    makeFolder('/proc/loglin/builds');
  }, /ENOENT.*'\/proc\/loglin'/);
});
