// A folder of a project may be named `..x`; it is inside the project.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { leadsOut } from '../../src/model/leadsout.ts';
import { fromRoot, shownName } from '../../src/model/shownname.ts';
import { placeToRecord } from '../../src/store/place.ts';
import { resolver } from '../../src/problems/paths.ts';
import { Sandbox } from '../rig/sandbox.ts';

const box = new Sandbox();
after(() => {
  box.remove();
});

test('paths that lead out of a folder are recognised', () => {
  for (const out of ['..', '../x', '../..', '../..x']) assert.equal(leadsOut(out), true, out);
  for (const inside of ['', 'x', '..x', '..x/y', '...', '.x', 'x/..y'])
    assert.equal(leadsOut(inside), false, inside);
});

test('names and folders below the root are inside', () => {
  assert.equal(fromRoot('/p', '/p'), '');
  assert.equal(fromRoot('/p', '/p/..x/a'), '..x/a');
  assert.equal(fromRoot('/p', '/'), '/');
  assert.equal(fromRoot('/p', '/px'), '/px');
  assert.equal(shownName('/p', '..x', 'a.o'), '..x/a.o');
  assert.equal(shownName('/p', '..x', '../../a.o'), '/a.o');
  const resolve = resolver({ folder: '..x', root: '/p' });
  assert.equal(resolve('a.c', undefined, 0), '..x/a.c');
  assert.equal(resolve('../../a.c', undefined, 0), '../a.c');
});

test('a project in `..x` of a work tree has its store and its builds', () => {
  fs.mkdirSync(box.path('.git'));
  box.write('.git/HEAD', 'ref: refs/heads/main\n');
  box.write('..x/.loglin.json', '{}');
  const inner = placeToRecord(box.path('..x'));
  assert.equal(inner.root, box.path('..x'));
  assert.equal(inner.store, box.path('.git/loglin/projects/..x'));

  box.write('..y/Makefile', 'all: ; @echo made\n');
  assert.equal(box.loglin(['make'], {}, box.path('..y')).status, 0);
  const builds = box.path('.git/loglin/builds');
  const [id = ''] = fs.readdirSync(builds);
  const journal = fs.readFileSync(`${builds}/${id}/journal.ndjson`, 'utf8');
  assert.match(journal, /^\{"e":"build",.*"cwd":"\.\.y"/);
  assert.match(box.loglin(['show', '..y/all']).stdout, /^▸ \.\.y\/all\nmade\n$/);

  box.write('..y/stream', '{"Action":"pass","Package":"p","Elapsed":0}\n');
  assert.equal(box.loglin(['import', 'stream'], {}, box.path('..y')).status, 0);
  const [imported = '{}'] = box.loglin(['ls', '--json']).stdout.split('\n');
  assert.equal((JSON.parse(imported) as { cwd: unknown }).cwd, '..y');
});
