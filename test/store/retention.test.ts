// Which builds are beyond what is kept, and which logs of them are the last ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastLogs } from '../../src/store/lastlogs.ts';
import { type Occupant, beyond } from '../../src/store/retention.ts';
import { graphOf, Story } from '../rig/story.ts';

function builds(count: number, changes: Readonly<Record<number, Partial<Occupant>>> = {}): Occupant[] {
  return Array.from({ length: count }, (_, i) => ({
    id: String(i),
    bytes: 10,
    held: false,
    inside: false,
    ...changes[i],
  }));
}

function gone(found: readonly Occupant[], count: number, bytes: number): string {
  return beyond(found, { builds: count, bytes })
    .map(({ id }) => id)
    .join(' ');
}

test('whichever limit is hit first', () => {
  assert.equal(gone(builds(5), 3, 1000), '0 1');
  assert.equal(gone(builds(5), 30, 30), '0 1');
  assert.equal(gone(builds(5), 2, 30), '0 1 2');
  assert.equal(gone(builds(5), 5, 50), '');
  assert.equal(gone([], 0, 0), '');
});

test('what is older than one that does not fit does not fit either', () => {
  assert.equal(gone(builds(5, { 2: { bytes: 1000 } }), 30, 100), '0 1 2');
});

test('the last build stays, and what is held', () => {
  assert.equal(gone(builds(3), 0, 0), '0 1');
  assert.equal(gone(builds(3, { 0: { held: true } }), 1, 1000), '1');
  // The last build is not one that was recorded inside another.
  assert.equal(gone(builds(3, { 2: { inside: true } }), 0, 0), '0 2');
  assert.equal(gone(builds(2, { 0: { inside: true }, 1: { inside: true } }), 0, 0), '0');
});

test('builds inside others are not counted, and go with their age', () => {
  assert.equal(gone(builds(6, { 1: { inside: true }, 4: { inside: true } }), 2, 1000), '0 1 2');
});

/** A make that ran these targets; its graph has `graph`, if that is told. */
function ran(targets: string, graph?: Readonly<Record<string, string>>, goals = ['all']): Story {
  const story = new Story('make').make('make', goals);
  for (const target of targets.split(' ').filter(Boolean))
    story.start(target, { make: 'make' }).say(target, 'x\n').end(target);
  if (graph) story.graph('make', graph);
  return story.makeEnds('make').end('make');
}

function last(logs: LastLogs, story: Story): string {
  const ids = logs.lastOf(story.build);
  return story.build.jobs
    .filter(({ id }) => ids.has(id))
    .map(({ name }) => name)
    .join(' ');
}

const everywhere = (): boolean => true;
const GRAPH = { all: 'a b c', a: '', b: '', c: '' };

test('the last logs are those that no newer build has, of targets that the newest graph has', () => {
  const logs = new LastLogs(everywhere);
  logs.keep(ran('', GRAPH).build);
  logs.keep(ran('b', GRAPH).build);
  assert.equal(last(logs, ran('a b', GRAPH)), 'a');
  // What was taken from one is not the last in an older one.
  assert.equal(last(logs, ran('a b c gone', { ...GRAPH, gone: '' })), 'c');
});

test('a target that the newest graph has no more is gone', () => {
  const logs = new LastLogs(everywhere);
  logs.keep(ran('', { all: 'a', a: '' }).build);
  logs.keep(ran('', GRAPH).build);
  assert.equal(last(logs, ran('a b', GRAPH)), 'a');
});

test('all the goals that kept builds had count; of a tool that none of them has, the newest graph', () => {
  const logs = new LastLogs(everywhere);
  logs.keep(ran('', { check: 'a', a: '' }, ['check']).build);
  logs.keep(ran('', GRAPH).build);
  assert.equal(last(logs, ran('a b', GRAPH)), 'a b');
  const none = new LastLogs(everywhere);
  none.keep(new Story('sh').end('sh').build);
  assert.equal(last(none, ran('a b', { all: 'a', a: '' })), 'a');
  assert.equal(last(none, ran('b c', GRAPH)), '');
});

test('a tool whose folder is gone has no targets', () => {
  const logs = new LastLogs(() => false);
  assert.equal(last(logs, ran('a b', GRAPH)), '');
});

test('targets that share their commands', () => {
  const logs = new LastLogs(everywhere);
  const story = ran('');
  story.build.instances[0]!.graph = graphOf({ all: 'p' }, { all: ['twin'] });
  logs.keep(story.build);
  assert.equal(last(logs, ran('twin', GRAPH)), 'twin');
});

test('without a graph: what newer builds ran or needed', () => {
  const logs = new LastLogs(everywhere);
  const story = new Story('cargo')
    .make('cargo')
    .start('app', { make: 'cargo', needs: 'lib util' })
    .end('app');
  logs.keep(story.makeEnds('cargo').end('cargo').build);
  assert.equal(last(logs, ran('lib util other')), 'lib util');
});

test('in scripts: what newer builds link to, and what that launched', () => {
  const logs = new LastLogs(everywhere);
  logs.keep(new Story('sh').need('sh', 'docs').end('sh').build);
  const script = new Story('sh').start('docs').start('inner', { parent: 'docs' }).end('inner').end('docs');
  assert.equal(last(logs, script.start('other').end('other').end('sh')), 'docs inner');
  assert.equal(last(logs, new Story('sh').start('docs').end('docs').end('sh')), '');
});

test('two jobs of one target in a build are both its last', () => {
  const logs = new LastLogs(everywhere);
  const story = new Story('make').make('make', ['all']);
  story.start('a', { make: 'make' }).end('a').start('a', { make: 'make', as: 'a2' }).end('a2');
  assert.equal(last(logs, story.graph('make', GRAPH).makeEnds('make').end('make')), 'a a');
});
