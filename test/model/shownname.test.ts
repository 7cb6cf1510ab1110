// Names relative to a project agree with what Node's path module makes of them.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { leadsOut } from '../../src/model/leadsout.ts';
import { fromRoot, shownName } from '../../src/model/shownname.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

const WORDS = ['a', 'b', 'p', '..', '.', '', '..x', 'a.o', '...'];

test('names are what resolving and relating them gives', () => {
  forSeeds(2000, (seed) => {
    const random = new Random(seed);
    const some = (most: number): string =>
      Array.from({ length: random.below(most + 1) }, () => random.pick(WORDS)).join('/');
    const root = path.resolve('/p', some(2));
    const cwd = random.below(4) === 0 ? path.resolve('/', some(4)) : some(3);
    const target = `${random.below(4) === 0 ? '/' : ''}${some(4)}`;
    const file = path.resolve(
      root,
      cwd.startsWith('/') ? cwd : `./${cwd}`,
      target.startsWith('/') ? target : `./${target}`,
    );
    const relative = path.relative(root, file);
    assert.equal(fromRoot(root, file), leadsOut(relative) ? file : relative);
    const name = leadsOut(relative) ? file : relative;
    const shown = target.endsWith('/') && name !== '' ? `${name}/` : name === '' ? target : name;
    if (target !== '') assert.equal(shownName(root, cwd, target), shown, `${root} ${cwd} ${target}`);
  });
});
