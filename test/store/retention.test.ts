// Which builds are beyond what is kept, and which logs of them are the last ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import { setGraph } from '../../src/model/reduce.ts';
import { LatestLogs } from '../../src/store/latestlogs.ts';
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

/** What is kept of each of the builds that are to go, the newest first. @param kept the newest first. */
function last(kept: readonly Story[], gone: readonly Story[], exists = true): string[] {
  const all = [...kept, ...gone];
  const ranIn = (story: Story, job: Job): boolean =>
    story.build.jobs.some(({ name, instance }) => name === job.name && instance?.tool === job.instance?.tool);
  let asked = 0;
  const logs = new LatestLogs({
    newest: (job) => String(all.findIndex((story) => ranIn(story, job))),
    exists: () => exists,
    kept: () => {
      asked++;
      return kept.map(({ build }) => build);
    },
  });
  for (const { build } of kept)
    logs.keep(
      build.instances.flatMap(({ tool, cwd, argv, goals, graph }) =>
        graph ? [{ tool, cwd, argv, goals, graph }] : [],
      ),
    );
  const names = gone.map((story, i) => {
    const ids = logs.lastOf(String(kept.length + i), story.build);
    return story.build.jobs
      .filter(({ id }) => ids.has(id))
      .map(({ name }) => name)
      .join(' ');
  });
  assert.ok(asked <= 1);
  return names;
}

const GRAPH = { all: 'a b c', a: '', b: '', c: '' };

test('the last logs are those that no newer build has, of targets that the newest graph has', () => {
  const kept = [ran('', GRAPH), ran('b', GRAPH)];
  const gone = [ran('a b', GRAPH), ran('a b c other', { ...GRAPH, other: '' })];
  // What one of them keeps is not the last in an older one.
  assert.deepEqual(last(kept, gone), ['a', 'c']);
});

test('a target that the newest graph has no more is gone', () => {
  assert.deepEqual(last([ran('', { all: 'a', a: '' }), ran('', GRAPH)], [ran('a b', GRAPH)]), ['a']);
});

test('all the goals that kept builds had count; where none of them has a graph, the newest one', () => {
  const check = ran('', { check: 'a', a: '' }, ['check']);
  assert.deepEqual(last([check, ran('', GRAPH)], [ran('a b', GRAPH)]), ['a b']);
  const nothingToDo = ran('');
  const gone = [ran('a b', { all: 'a', a: '' }), ran('b c', GRAPH)];
  assert.deepEqual(last([nothingToDo], gone), ['a', '']);
  assert.deepEqual(last([new Story('sh').end('sh')], gone), ['a', '']);
});

test('a tool whose folder is gone has no targets', () => {
  assert.deepEqual(last([ran('', GRAPH)], [ran('a b', GRAPH)], false), ['']);
});

test('targets that share their commands', () => {
  const story = ran('');
  setGraph(story.build, story.build.instances[0]!, graphOf({ all: 'p' }, { all: ['twin'] }));
  assert.deepEqual(last([story], [ran('twin', GRAPH)]), ['twin']);
});

test('without a graph: what newer builds ran or needed; all, where none of them knows the tool', () => {
  const app = new Story('cargo').make('cargo').start('app', { make: 'cargo', needs: 'lib util' }).end('app');
  app.makeEnds('cargo').end('cargo');
  assert.deepEqual(last([app], [ran('lib util other')]), ['lib util']);
  assert.deepEqual(last([new Story('sh').end('sh')], [ran('lib')]), ['lib']);
});

test('in scripts: what newer builds link to, and what that launched, unless it ran since', () => {
  const kept = [new Story('sh').need('sh', 'docs').start('inner').end('inner').end('sh')];
  const script = new Story('sh').start('docs').start('inner', { parent: 'docs' }).end('inner');
  script.start('deep', { parent: 'docs' }).end('deep').end('docs').start('other').end('other').end('sh');
  const older = new Story('sh').start('docs').end('docs').end('sh');
  assert.deepEqual(last(kept, [script, older]), ['docs deep', '']);
});

test('two jobs of one target in a build are both its last', () => {
  const story = new Story('make').make('make', ['all']);
  story.start('a', { make: 'make' }).end('a').start('a', { make: 'make', as: 'a2' }).end('a2');
  story.graph('make', GRAPH).makeEnds('make').end('make');
  assert.deepEqual(last([], [story]), ['a a']);
});
