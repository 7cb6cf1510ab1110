// Names of targets: short ways to them give the same as resolving paths.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { leadsOut } from '../../src/model/leadsout.ts';
import { shownName } from '../../src/model/shownname.ts';
import { Random } from '../rig/seeded.ts';

/** The name, by the rule: the target's path relative to the project root, or absolute outside of it. */
function byRule(root: string, cwd: string, target: string): string {
  if ((cwd === '' || cwd === root) && !/(?:^|\/)\.{0,2}(?:\/|$)/.test(target)) return target;
  const file = path.resolve(root, cwd, target);
  const relative = path.relative(root, file);
  const name = leadsOut(relative) ? file : relative;
  return target.endsWith('/') && name !== '' ? `${name}/` : name === '' ? target : name;
}

void test('a target has the same name however its path is written', () => {
  const random = new Random(3);
  const parts = ['a', 'b.c', '..', '.', '', '...', '..x', 'a b', '\n', 'ü'];
  const some = (): string => Array.from({ length: random.below(5) }, () => random.pick(parts)).join('/');
  for (let i = 0; i < 100_000; i++) {
    const root = random.pick(['/', '/p', '/p/q']);
    const cwd = random.pick([some(), '', root, `${root}/s`]);
    const target = some();
    assert.equal(
      shownName(root, cwd, target),
      byRule(root, cwd, target),
      JSON.stringify([root, cwd, target]),
    );
  }
});
