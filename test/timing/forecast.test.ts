// Simulated builds: a graph, a number of slots, durations that differ from one build to the next.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Build } from '../../src/model/build.ts';
import { emptyBuild, reduce } from '../../src/model/reduce.ts';
import type { BuildEvent } from '../../src/model/events.ts';
import { type InstanceId, type JobId, ROOT, START } from '../../src/model/ids.ts';
import { type Expected, Forecast, pastOf } from '../../src/timing/forecast.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

interface Target {
  readonly name: string;
  readonly needs: readonly string[];
  readonly ms: number;
}

interface Simulated {
  /** Ordered by time. */
  readonly events: readonly (BuildEvent & { readonly t: number })[];
  readonly ms: number;
}

/** A make with a number of slots, which takes ready targets in their order. */
function simulate(targets: readonly Target[], places: number, head = 100): Simulated {
  const events: (BuildEvent & { readonly t: number })[] = [];
  const ends = new Map<string, number>();
  const running: { name: string; to: number; j: JobId }[] = [];
  const waiting = [...targets];
  let t = head;
  let j = 0;
  events.push({ e: 'tool', t, i: 0 as InstanceId, tool: 'make', j: ROOT, cwd: '', argv: ['make'] });
  while (waiting.length > 0 || running.length > 0) {
    for (let i = 0; i < waiting.length && running.length < places;) {
      const { name, needs, ms } = waiting[i]!;
      if (needs.some((need) => !(ends.get(need)! <= t))) i++;
      else {
        waiting.splice(i, 1);
        j++;
        const text = needs.length > 0 ? { needs: needs.join(' ') } : {};
        events.push({
          e: 'start',
          t,
          j: j as JobId,
          name,
          parent: ROOT,
          at: START,
          i: 0 as InstanceId,
          ...text,
        });
        running.push({ name, to: t + ms, j: j as JobId });
      }
    }
    running.sort((a, b) => a.to - b.to);
    const next = running.shift()!;
    t = next.to;
    ends.set(next.name, t);
    events.push({ e: 'end', t, j: next.j, status: { exit: 0 }, size: START });
  }
  events.push({ e: 'end', t, j: ROOT, status: { exit: 0 }, size: START });
  return { events, ms: t };
}

function begun(): Build {
  const build = emptyBuild();
  reduce(build, { e: 'build', v: 1, id: 'x', at: 0, argv: ['make'], cwd: '', pid: 1 });
  return build;
}

function whole(run: Simulated): Build {
  const build = begun();
  for (const event of run.events) reduce(build, event);
  return build;
}

/** A forecast every 100 ms, with its time. */
function follow(past: Simulated, now: Simulated, total?: number): (Expected & { readonly t: number })[] {
  const build = begun();
  const forecast = new Forecast(pastOf(whole(past)), build);
  const forecasts: (Expected & { readonly t: number })[] = [];
  let next = 0;
  for (let t = 0; t < now.ms; t += 100) {
    while (next < now.events.length && now.events[next]!.t <= t) reduce(build, now.events[next++]!);
    forecasts.push({ t, ...forecast.at(t, total) });
  }
  return forecasts;
}

/** Objects, libraries made of them, and a program made of these. */
function project(random: Random, libraries = 6): Target[] {
  const targets: Target[] = [];
  const names: string[] = [];
  for (let lib = 0; lib < libraries; lib++) {
    const objects = Array.from({ length: 5 + random.below(30) }, (_, i) => `lib${lib}/${i}.o`);
    for (const name of objects)
      targets.push({ name, needs: [], ms: 100 + random.below(random.chance(0.1) ? 6000 : 900) });
    targets.push({ name: `lib${lib}.a`, needs: objects, ms: 50 + random.below(200) });
    names.push(`lib${lib}.a`);
  }
  targets.push({ name: 'prog', needs: names, ms: 500 + random.below(3000) });
  return targets;
}

const varied = (random: Random, targets: readonly Target[], factor = 1): Target[] =>
  targets.map((target) => ({
    ...target,
    ms: Math.round(target.ms * factor * (0.8 + random.below(400) / 1000)),
  }));

/**
 * How far off a forecast may be, as a fraction of the build's time, and from when on; and how far it may move
 * in 100 ms after a tenth of the time.
 */
const limits = [
  {
    what: 'other durations',
    load: 0,
    places: false,
    off: [
      [0.1, 0.25],
      [0.4, 0.15],
      [0.95, 0.1],
    ],
    step: 0.04,
  },
  {
    what: 'another load',
    load: 1,
    places: false,
    off: [
      [0.4, 0.35],
      [0.95, 0.1],
    ],
    step: 0.15,
  },
  {
    what: 'other places and another load',
    load: 1,
    places: true,
    off: [
      [0.4, 0.5],
      [0.95, 0.1],
    ],
    step: 0.3,
  },
] as const;

for (const { what, load, places: others, off, step } of limits) {
  test(`property: a repeated build is forecast with ${what}`, () => {
    forSeeds(60, (seed) => {
      const random = new Random(seed);
      const targets = project(random);
      const places = 1 + random.below(8);
      const past = simulate(varied(random, targets), places);
      const factor = load === 0 ? 1 : 0.5 + random.below(150) / 100;
      const now = simulate(varied(random, targets, factor), others ? 1 + random.below(8) : places);
      const forecasts = follow(past, now);
      const shown = forecasts.filter(({ leftMs }) => leftMs !== undefined);
      assert.ok(shown.length > 0.8 * forecasts.length, 'it soon knows');
      for (const [i, { t, total, leftMs }] of shown.entries()) {
        assert.equal(total, targets.length);
        const part = t / now.ms;
        const error = Math.abs(leftMs! - (now.ms - t)) / now.ms;
        const most = off.findLast(([from]) => part >= from)?.[1] ?? Infinity;
        assert.ok(error <= most, `after ${t} of ${now.ms}: ${leftMs}`);
        const moved = Math.abs(leftMs! - (shown[i - 1]?.leftMs ?? leftMs!)) / now.ms;
        assert.ok(
          part < 0.1 || moved <= step,
          `after ${t} of ${now.ms}: from ${shown[i - 1]?.leftMs} to ${leftMs}`,
        );
      }
    });
  });
}

const quiet = (forecasts: readonly Expected[]): boolean =>
  forecasts.every(({ total, leftMs }) => total === undefined && leftMs === undefined);

test('a build of a few targets of many has no forecast, nor does a full build after one', () => {
  forSeeds(40, (seed) => {
    const random = new Random(seed);
    const targets = project(random);
    const places = 1 + random.below(8);
    const all = simulate(targets, places);
    const touched = random.pick(targets.slice(0, -1)).name;
    const again = targets.filter(
      ({ name }) => name === touched || name === `${touched.split('/')[0]}.a` || name === 'prog',
    );
    const some = simulate(
      again.map((target) => ({
        ...target,
        needs: target.needs.filter((need) => again.some(({ name }) => name === need)),
      })),
      places,
    );
    assert.ok(quiet(follow(all, some)));
    assert.ok(quiet(follow(some, all)));
    // The same few targets again.
    assert.equal(follow(some, some).at(-1)?.total, again.length);
  });
});

test('the total comes from the tool, and an earlier build with a very different total is not used', () => {
  const targets = project(new Random(1));
  const run = simulate(targets, 3);
  assert.equal(follow(run, run, targets.length + 1).at(-1)?.total, targets.length + 1);
  assert.ok(quiet(follow(run, run, 2 * targets.length)));
});

test('a few new targets are counted in, and a failure ends the forecast', () => {
  const targets = project(new Random(2));
  const fresh = { name: 'new.o', needs: [], ms: 300 };
  const last = follow(
    simulate(targets, 3),
    simulate([...targets.slice(0, 20), fresh, ...targets.slice(20)], 3),
  ).at(-1);
  assert.equal(last?.total, targets.length + 1);

  const run = simulate(targets, 3);
  const failing = run.events.map((event) =>
    event.e === 'end' && event.j === 30 ? { ...event, status: { exit: 1 } } : event,
  );
  const forecasts = follow(run, { ...run, events: failing });
  assert.equal(forecasts[10]?.total, targets.length);
  assert.deepEqual(Object.keys(forecasts.at(-1)!), ['t']);
});

test('a build without jobs has no forecast', () => {
  const run = simulate([], 1);
  assert.deepEqual(new Forecast(pastOf(whole(run)), begun()).at(50), {});
});

test('the remaining time is no less than the longest remaining path', () => {
  // The long job ran beside the others before; now it comes last.
  const short = Array.from({ length: 20 }, (_, i) => ({ name: `short ${i}`, needs: [], ms: 500 }));
  const long = { name: 'long', needs: [], ms: 10_000 };
  const past = simulate([long, ...short], 2, 0);
  assert.equal(past.ms, 10_000);
  const now = simulate([...short, long], 2, 0);
  assert.equal(now.ms, 15_000);
  const at = (t: number): number | undefined =>
    follow(past, now).find((forecast) => forecast.t === t)?.leftMs;
  const left = [10_000, 12_000].map((t) => Math.round((at(t) ?? 0) / 1000));
  assert.deepEqual(left, [5, 3]);
});
