// From printed files to files of the project.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Setting, resolver } from '../../src/problems/paths.ts';

const resolve = (file: string, setting: Partial<Setting> = {}): string =>
  resolver({ folder: 'sub', root: '/home/me/project', ...setting })(file, undefined);

test('relative to the folder that the job ran in', () => {
  assert.equal(resolve('a.c'), 'sub/a.c');
  assert.equal(resolve('./a//b/../c.c'), 'sub/a/c.c');
  assert.equal(resolve('../a.c'), 'a.c');
  assert.equal(resolve('a.c', { folder: '' }), 'a.c');
});

test('absolute: relative to the root where it is inside', () => {
  assert.equal(resolve('/home/me/project/x/a.c'), 'x/a.c');
  assert.equal(resolve('file:///home/me/project/x/a.js'), 'x/a.js');
  assert.equal(resolve('/home/me/project2/a.c'), '/home/me/project2/a.c');
  assert.equal(resolve('a.c', { folder: '/home/me/project/x' }), 'x/a.c');
});

test('as printed where it is outside or where the folder is not known', () => {
  assert.equal(resolve('../../a.c'), '../../a.c');
  assert.equal(resolve('/usr/include/../lib/a.h'), '/usr/include/../lib/a.h');
  assert.equal(resolve('a.c', { folder: undefined }), 'a.c');
  assert.equal(resolve('../a.c', { folder: '/elsewhere' }), '../a.c');
  assert.equal(resolve('<stdin>'), '<stdin>');
  assert.equal(resolve('C:\\a.c'), 'C:\\a.c');
});

test("relative to a folder above, if it is there only: cargo's workspace", () => {
  const exists = (file: string): boolean => file === 'ws/other/src/lib.rs' || file === 'ws/app/src/main.rs';
  const setting = { folder: 'ws/app', exists };
  assert.equal(resolve('other/src/lib.rs', setting), 'ws/other/src/lib.rs');
  assert.equal(resolve('src/main.rs', setting), 'ws/app/src/main.rs');
  assert.equal(resolve('gone.rs', setting), 'ws/app/gone.rs');
});
