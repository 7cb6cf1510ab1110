// The trace conforms to the Trace Event Format, as far as that specifies the events used here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Build } from '../../src/model/build.ts';
import { setGraph } from '../../src/model/reduce.ts';
import { traceText } from '../../src/render/trace.ts';
import { criticalPath } from '../../src/timing/critical.ts';
import { type TimedJob, randomTimes, runPlan } from '../rig/schedule.ts';
import { Random, forSeeds } from '../rig/seeded.ts';
import { Story, graphOf } from '../rig/story.ts';

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly id: number;
  readonly args: Record<string, unknown>;
}

function eventsOf(build: Build): Event[] {
  const text = [...traceText(build, criticalPath(build).jobs, (job) => job.name)].join('');
  const trace = JSON.parse(text) as { displayTimeUnit: string; traceEvents: Event[] };
  assert.ok(['ms', 'ns'].includes(trace.displayTimeUnit));
  return trace.traceEvents;
}

/** Checks what every reader expects. */
function check(events: readonly Event[]): void {
  const slices = events.filter(({ ph }) => ph === 'X');
  const lanes = new Set(events.filter(({ name }) => name === 'thread_name').map(({ tid }) => tid));
  for (const { ts, dur, pid, tid, name } of slices) {
    assert.ok(Number.isSafeInteger(ts) && ts >= 0 && Number.isSafeInteger(dur) && dur >= 0);
    assert.ok(typeof name === 'string' && pid === 1 && lanes.has(tid));
  }
  for (const lane of lanes) {
    const inLane = slices.filter(({ tid }) => tid === lane);
    assert.ok(inLane.length > 0);
    for (const [i, a] of inLane.entries())
      for (const b of inLane.slice(i + 1)) {
        const apart = a.ts + a.dur <= b.ts || b.ts + b.dur <= a.ts;
        const within = a.ts <= b.ts && b.ts + b.dur <= a.ts + a.dur;
        assert.ok(apart || within, `${a.name} and ${b.name} overlap in lane ${lane}`);
      }
  }
  const starts = new Map(events.filter(({ ph }) => ph === 's').map((event) => [event.id, event]));
  const ends = events.filter(({ ph }) => ph === 'f');
  assert.equal(ends.length, starts.size);
  for (const end of ends) {
    const start = starts.get(end.id)!;
    assert.ok(start.ts <= end.ts);
    assert.ok(slices.some(({ tid, ts, dur }) => tid === start.tid && ts <= start.ts && start.ts <= ts + dur));
    assert.ok(slices.some(({ tid, ts }) => tid === end.tid && ts === end.ts));
  }
  assert.equal(events.filter(({ ph }) => !['M', 'X', 's', 'f'].includes(ph)).length, 0);
}

test('concurrent jobs have lanes of their own, launched ones within their parent', () => {
  const call = (name: string, ms: number): TimedJob => ({ name, work: [{ kind: 'own', ms }] });
  const inner = {
    head: 1,
    tail: 1,
    targets: ['x', 'y'].map((name) => ({ name, needs: [], job: call(name, 10) })),
  };
  const targets = [
    { name: 'sub', needs: [], job: { name: 'sub', work: [{ kind: 'make' as const, make: inner }] } },
    { name: 'other', needs: [], job: call('other', 3) },
    { name: 'both', needs: ['sub', 'other'], job: undefined },
    { name: 'last', needs: ['both'], job: call('last', 2) },
  ];
  const build = runPlan({ name: 'make', work: [{ kind: 'make', make: { head: 1, tail: 1, targets } }] });
  const events = eventsOf(build);
  check(events);
  const lanes = events.filter(({ ph }) => ph === 'X').map(({ name, tid }) => `${name} ${tid}`);
  assert.deepEqual(lanes, ['make 1', 'sub 1', 'other 2', 'x 1', 'y 3', 'last 1']);
  // The need goes through the phony target, starting at the job that ended last.
  const [start, end] = events.filter(({ name }) => name === 'need');
  assert.deepEqual([start?.ts, start?.tid, end?.ts, end?.tid], [12_999, 1, 13_000, 1]);
});

test("a job's event has all its properties, whatever its name", () => {
  const story = new Story('make')
    .make('make', ['all'])
    .start('a"\\\n\u{1f600}\ud800', { make: 'make', as: 'a' });
  story.step('a', 'cc', true).step('a', 'strip').say('a', 'text').end('a', { signal: 11 });
  const event = eventsOf(story.end('make').build).find(({ name }) => name.startsWith('a"'))!;
  assert.deepEqual(event.args, { command: 'cc\nstrip', status: 'SIGSEGV', bytes: 7 });
  assert.equal((event as unknown as { cname: string }).cname, 'terrible');
});

test('targets without jobs may need each other in a circle', () => {
  const story = new Story('make').make('make', ['all']).start('a', { make: 'make' }).end('a');
  story.start('b', { make: 'make' }).end('b').end('make');
  setGraph(story.build, story.build.instances[0]!, graphOf({ b: 'n', n: 'm', m: 'n o', o: 'm a' }));
  const events = eventsOf(story.build);
  check(events);
  assert.equal(events.filter(({ ph }) => ph === 's').length, 1);
});

test('property: random builds', () => {
  forSeeds(150, (seed) => {
    const random = new Random(seed);
    check(eventsOf(runPlan(randomTimes(random, 30), () => random.below(30))));
  });
});
