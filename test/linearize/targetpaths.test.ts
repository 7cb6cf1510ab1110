// Which targets of a build's graph lead to something that ran.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetsThatRan } from '../../src/linearize/targetpaths.ts';
import { Story } from '../rig/story.ts';

test('targets lead to a job through any number of others, and a cycle ends', () => {
  const story = new Story('make').make('make', ['all']);
  story.start('x.o', { make: 'make' }).end('x.o').start('gen.c', { make: 'make' }).end('gen.c');
  story.graph(
    'make',
    {
      all: 'lib docs',
      lib: 'x.o y.o',
      'x.o': 'x.c',
      'y.o': 'y.c',
      'x.c': '',
      'y.c': '',
      docs: 'a',
      a: 'b',
      b: 'c a',
      c: 'b',
      ring: 'link',
      link: 'ring gen.h',
      'gen.c': '',
      'gen.h': '',
    },
    { 'gen.h': ['gen.c'] },
  );
  const [instance] = story.makeEnds('make').end('make').build.instances;
  assert.ok(instance);
  const all = [...(instance.graph?.keys() ?? []), 'none'];
  const ran = targetsThatRan(instance, all);
  assert.deepEqual(
    all.filter((name) => ran.has(name)),
    ['all', 'lib', 'x.o', 'ring', 'link', 'gen.c', 'gen.h'],
  );
  assert.deepEqual([...targetsThatRan(instance, ['docs', 'y.o'])], []);
  assert.ok(targetsThatRan(instance, ['lib']).has('lib'));
});
