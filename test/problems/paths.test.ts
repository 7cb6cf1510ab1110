// Printed files become files of the project.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogLocation, nameFrom, folderOfCommand, resolver } from '../../src/problems/paths.ts';

const resolve = (file: string, setting: Partial<LogLocation> = {}): string =>
  resolver({ folder: 'sub', root: '/home/me/project', ...setting })(file, undefined, 0);

test('a relative file is relative to the folder that the job ran in', () => {
  assert.equal(resolve('a.c'), 'sub/a.c');
  assert.equal(resolve('./a//b/../c.c'), 'sub/a/c.c');
  assert.equal(resolve('../a.c'), 'a.c');
  assert.equal(resolve('a.c', { folder: '' }), 'a.c');
});

test('an absolute file becomes relative to the root if it is inside', () => {
  assert.equal(resolve('/home/me/project/x/a.c'), 'x/a.c');
  assert.equal(resolve('file:///home/me/project/x/a.js'), 'x/a.js');
  assert.equal(resolve('/home/me/project2/a.c'), '/home/me/project2/a.c');
  assert.equal(resolve('a.c', { folder: '/home/me/project/x' }), 'x/a.c');
});

test('a file outside is relative to the root, or absolute; it stays as printed if the folder is not known', () => {
  assert.equal(resolve('../../a.c'), '../a.c');
  assert.equal(resolve('../../a.c', { exists: () => false }), '../a.c');
  assert.equal(resolve('/usr/include/../lib/a.h'), '/usr/include/../lib/a.h');
  assert.equal(resolve('a.c', { folder: undefined }), 'a.c');
  assert.equal(resolve('../a.c', { folder: '/elsewhere/x' }), '/elsewhere/a.c');
  assert.equal(resolve('../me/project/a.c', { folder: '/home/you' }), 'a.c');
  assert.equal(resolve('<stdin>'), '<stdin>');
  assert.equal(resolve('C:\\a.c'), 'C:\\a.c');
});

test("a file is looked for relative to a folder above as well: cargo's workspace", () => {
  const exists = (file: string): boolean => file === 'ws/other/src/lib.rs' || file === 'ws/app/src/main.rs';
  const setting = { folder: 'ws/app', exists };
  assert.equal(resolve('other/src/lib.rs', setting), 'ws/other/src/lib.rs');
  assert.equal(resolve('src/main.rs', setting), 'ws/app/src/main.rs');
  assert.equal(resolve('gone.rs', setting), 'ws/app/gone.rs');
});

test('after a command that changes to another folder, files are looked for there first', () => {
  const exists = (file: string): boolean => ['lib/x.c', 'x.c', 'main.c', 'out/gen.c'].includes(file);
  const commands = [
    { at: -5, folder: 'lib' },
    { at: 100, folder: undefined },
    { at: 200, folder: '/home/me/project/out' },
  ];
  const from = resolver({ folder: '', root: '/home/me/project', exists, commands });
  assert.equal(from('x.c', undefined, 0), 'lib/x.c');
  assert.equal(from('x.c', undefined, 99), 'lib/x.c');
  assert.equal(from('x.c', undefined, 100), 'x.c');
  assert.equal(from('main.c', undefined, 50), 'main.c');
  assert.equal(from('gen.c', undefined, 250), 'out/gen.c');
  // The folder that make entered takes precedence.
  assert.equal(from('x.c', 'other', 0), 'x.c');
  assert.equal(from('gone.c', undefined, 0), 'gone.c', 'what is nowhere is of where the job ran');
  assert.equal(resolver({ folder: 'a', root: '/p', commands })('x.c', undefined, 0), 'a/lib/x.c');
});

test('the folder that a command changes to', () => {
  const of = (script: string): string | undefined => folderOfCommand(['/bin/sh', '-c', script]);
  assert.equal(of('cd lib && cc -c x.c'), 'lib');
  assert.equal(of('cd lib; cc -c x.c'), 'lib');
  assert.equal(of('(cd ../lib/a-b && cc -c x.c)'), '../lib/a-b');
  assert.equal(of('set -e; cd lib; cc -c x.c'), 'lib');
  assert.equal(of('cd "my lib" && cc'), 'my lib');
  assert.equal(of("cd 'my $lib' && cc"), 'my $lib');
  assert.equal(folderOfCommand(['bash', '-ec', 'cd /p/build && cc']), '/p/build');
  for (const script of [
    'cc x.c',
    'cd $dir && cc',
    'cd lib || exit 1',
    'echo cd lib && cc',
    'cd',
    'cd "$x" && cc',
    'cd ~ && cc',
  ])
    assert.equal(of(script), undefined, script);
  assert.equal(folderOfCommand(['cc', '-c', 'cd lib && x']), undefined);
  assert.equal(folderOfCommand([]), undefined);
});

test("a file's name as seen from a folder", () => {
  const called = (file: string, from: string): string => nameFrom(file, '/p', from);
  assert.equal(called('lib/x.c', '/p'), 'lib/x.c');
  assert.equal(called('lib/x.c', '/p/lib'), 'x.c');
  assert.equal(called('lib/x.c', '/p/out/sub'), '../../lib/x.c');
  assert.equal(called('lib/x.c', '/p/lib/sub'), '../x.c');
  assert.equal(called('../x.c', '/p'), '../x.c');
  assert.equal(called('../x.c', '/p/lib'), '../../x.c');
  // loglin -C
  assert.equal(called('lib/x.c', '/'), 'p/lib/x.c');
  assert.equal(called('lib/x.c', '/elsewhere'), '/p/lib/x.c');
  assert.equal(called('/usr/include/stdio.h', '/p'), '/usr/include/stdio.h');
  assert.equal(called('/usr/include/stdio.h', '/usr'), 'include/stdio.h');
  assert.equal(called('<stdin>', '/p/lib'), '<stdin>');
  assert.equal(nameFrom('x.c', '/', '/'), 'x.c');
  assert.equal(nameFrom('x.c', '/', '/a'), '../x.c');
});
