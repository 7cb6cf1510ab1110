// What a reader of records leaves out because the graph has it, and that nothing is lost by that.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Group, ruleWith } from '../../src/linearize/group.ts';
import type { Graph } from '../../src/model/graph.ts';
import { mergeGraphs } from '../../src/model/graph.ts';
import { openBuild } from '../../src/store/reader.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const box = new Sandbox();
after(() => {
  box.remove();
});

const ID = '20260101-000000000-aaaa';

function jobsOfABuild(): ReturnType<typeof openBuild>['build']['jobs'] {
  const story = new Story('make').make('make', ['all']);
  story.start('same', { make: 'make', needs: 'a b' }).end('same');
  story.start('other', { make: 'make', needs: 'a c' }).end('other');
  story.start('none', { make: 'make' }).end('none');
  story.graph('make', { all: 'same other none', same: 'a b', other: 'a b', none: '' });
  storeBuild(box.path('store'), story.makeEnds('make').end('make'), { id: ID });
  const { build, logs } = openBuild(box.path('store'), ID);
  logs.close();
  return build.jobs;
}

test('needs that the graph has too are kept once, others as they were recorded', () => {
  const [, same, other, none] = jobsOfABuild();
  assert.equal(same?.needs, undefined);
  assert.equal(other?.needs, 'a c');
  assert.equal(none?.needs, '');
  const { instance } = same!;
  const group = new Group(instance!, instance!.graph);
  assert.deepEqual(group.needsOfJob(same!), ['a', 'b']);
  assert.deepEqual(group.needsOfJob(other), ['a', 'c']);
  assert.deepEqual([...group.preorder().keys()], ['all', 'same', 'a', 'b', 'other', 'c', 'none']);
});

test('with the graph of another build, a job keeps the needs of its own build', () => {
  const [, same] = jobsOfABuild();
  const { instance } = same!;
  const now = (nodes: readonly (readonly string[])[]): Graph =>
    mergeGraphs(
      undefined,
      nodes.map((needs) => ({ name: 'same', needs, recipe: true })),
    );
  const rules = new Group(instance!, now([['x'], ['b', 'a']]));
  assert.ok(rules.ruleOf(same!) === ruleWith(['b', 'a', 'b']));
  assert.ok(rules.ruleOf(same!) !== ruleWith(['x']));
  assert.deepEqual(rules.needsNow(same!), ['a', 'b']);
  assert.deepEqual(new Group(instance!, now([])).needsOfJob(same!), ['a', 'b']);
});
