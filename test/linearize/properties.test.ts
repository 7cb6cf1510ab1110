// The properties of the order, each checked over random builds and their interleavings.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment } from '../../src/linearize/segments.ts';
import { ROOT } from '../../src/model/ids.ts';
import { mergeGraphs } from '../../src/model/graph.ts';
import { FakeBuild, type FakeOptions, describe, display, replay } from '../rig/fakebuild.ts';
import { expected, randomPlan } from '../rig/plans.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

const COUNT = 1000;
const SLOTS = [1, 2, 4, 16];

/** Checks that every byte of every log is there once, each log in order. */
function assertEveryByteOnce(fake: FakeBuild, segments: readonly Segment[]): void {
  const shown = new Map(fake.build.jobs.map((job) => [job, 0]));
  for (const segment of segments) {
    if (segment.kind !== 'range') continue;
    assert.equal(segment.from, shown.get(segment.job), `${segment.job.name}: not where it stopped`);
    assert.ok(segment.to > segment.from);
    shown.set(segment.job, segment.to);
  }
  for (const [job, to] of shown) assert.equal(to, fake.logs.of(job.id).length, `${job.name}: not all of it`);
}

/**
 * Checks that blocks are nested: text belongs to the block that was opened last, and each block is opened and
 * closed once.
 */
function assertNested(segments: readonly Segment[]): void {
  const open: string[] = ['0'];
  const opened = new Set<string>();
  for (const segment of segments) {
    if (segment.kind === 'absent') continue;
    const id = String(segment.job.id);
    if (segment.kind === 'enter') {
      assert.ok(!opened.has(id), `${segment.job.name}: opened twice`);
      opened.add(id);
      assert.equal(segment.depth, open.length - 1, `${segment.job.name}: depth`);
      open.push(id);
    } else {
      assert.equal(open.at(-1), id, `${describe(segment)}: inside the block of ${open.at(-1) ?? ''}`);
      if (segment.kind === 'leave') open.pop();
    }
  }
  assert.deepEqual(open, ['0']);
}

function run(
  seed: number,
  n: number,
  options: Partial<FakeOptions> = {},
): (p: ReturnType<typeof randomPlan>) => FakeBuild {
  return (plan) =>
    new FakeBuild(plan, { random: new Random(seed * 1000 + n), slots: SLOTS[n % 4] ?? 1, ...options }).run();
}

test('show prints any interleaving of the same jobs in the order of the graph and the logs', () => {
  forSeeds(COUNT, (seed) => {
    const plan = randomPlan(new Random(seed));
    const text = expected(plan);
    let first: string[] | undefined;
    for (let n = 0; n < 4; n++) {
      const fake = run(seed, n)(plan);
      const shown = replay(fake, { order: 'needs' });
      assert.equal(shown.text, text);
      // Not only the text: --json shows the ranges too.
      const segments = shown.segments.map(describe);
      assert.deepEqual(segments, (first ??= segments));
      assertEveryByteOnce(fake, shown.segments);
      assertNested(shown.segments);
    }
  });
});

test('show does not depend on the interleaving even without goals and a graph', () => {
  forSeeds(COUNT, (seed) => {
    const plan = randomPlan(new Random(seed), { complete: true, scripts: false });
    const texts = [0, 1, 2, 3].map(
      (n) => replay(run(seed, n, { graphs: false, goals: false })(plan), { order: 'needs' }).text,
    );
    for (const text of texts) assert.equal(text, texts[0]);
  });
});

test('a live build in launch order prints what show --order=launch prints', () => {
  forSeeds(COUNT, (seed) => {
    const plan = randomPlan(new Random(seed));
    const random = new Random(-seed);
    let screen: ReturnType<typeof display> | undefined;
    const fake = run(seed, seed, {
      watch: (build) => {
        screen ??= display(build, { order: 'launch' });
        if (random.chance(0.5)) screen.play();
      },
    })(plan);
    screen?.play();
    assert.equal(screen?.state, 'done');
    assert.equal(screen.text, replay(fake, { order: 'launch' }).text);
    assertNested(screen.segments);
    assertEveryByteOnce(fake, screen.segments);
  });
});

for (const graphs of [true, false])
  test(`a strict live build prints what show prints${graphs ? '' : ', also without a graph'}`, () => {
    forSeeds(COUNT, (seed) => {
      const plan = randomPlan(new Random(seed));
      const random = new Random(-seed);
      let screen: ReturnType<typeof display> | undefined;
      const fake = run(seed, seed, {
        graphs,
        watch: (build) => {
          screen ??= display(build, {
            order: 'needs',
            strict: true,
            knownGraph: (instance) => build.graphOf(instance),
          });
          if (random.chance(0.5)) screen.play();
        },
      })(plan);
      screen?.play();
      assert.equal(screen?.state, 'done');
      assert.equal(screen.text, replay(fake, { order: 'needs' }).text);
      if (graphs) assert.equal(screen.text, expected(plan));
    });
  });

for (const [what, known] of [
  ['that knows the graph', 1],
  ['that knows some of the graph', 0.5],
  ['that knows no graph', 0],
] as const)
  test(`a live build ${what} prints every byte once, in blocks that nothing foreign interrupts`, () => {
    forSeeds(COUNT, (seed) => {
      const plan = randomPlan(new Random(seed));
      const random = new Random(-seed);
      const knows = new Map<unknown, boolean>();
      let screen: ReturnType<typeof display> | undefined;
      const fake = run(seed, seed, {
        watch: (build) => {
          screen ??= display(build, {
            order: 'needs',
            knownGraph: (instance) => {
              const knowsIt = knows.get(instance) ?? random.chance(known);
              knows.set(instance, knowsIt);
              if (!knowsIt) return undefined;
              // The graph as it was some builds ago.
              const graph = build.graphOf(instance);
              return known === 1
                ? graph
                : mergeGraphs(undefined, random.some([...(graph?.values() ?? [])], 0.7));
            },
          });
          if (random.chance(0.5)) screen.play();
        },
      })(plan);
      screen?.play();
      assert.equal(screen?.state, 'done');
      assertNested(screen.segments);
      assertEveryByteOnce(fake, screen.segments);
    });
  });

test('output and launches of a process that outlived its job are printed once: in place by show, at the end live', () => {
  forSeeds(COUNT, (seed) => {
    const plan = randomPlan(new Random(seed));
    const random = new Random(-seed);
    for (const order of ['needs', 'launch'] as const) {
      let screen: ReturnType<typeof display> | undefined;
      const fake = run(seed, seed, {
        late: true,
        watch: (build) => {
          screen ??= display(build, { order, knownGraph: (instance) => build.graphOf(instance) });
          if (random.chance(0.5)) screen.play();
        },
      })(plan);
      screen?.play();
      assert.equal(screen?.state, 'done');
      assertEveryByteOnce(fake, screen.segments);
      const shown = replay(fake, { order });
      assertEveryByteOnce(fake, shown.segments);
      assertNested(shown.segments);
    }
  });
});

test('the segments hold every byte of every log once and nothing else (--raw)', () => {
  forSeeds(COUNT, (seed) => {
    const fake = run(seed, seed)(randomPlan(new Random(seed)));
    for (const order of ['needs', 'launch'] as const) {
      const { segments } = replay(fake, { order, commands: true, links: true });
      assertEveryByteOnce(fake, segments);
    }
  });
});

test('show of any job prints each byte at most once, and all of that job', () => {
  forSeeds(COUNT, (seed) => {
    const random = new Random(seed);
    const fake = run(seed, seed)(randomPlan(random));
    const job = random.pick(fake.build.jobs);
    const { segments } = replay(fake, { order: 'needs' }, [{ job }]);
    const shown = new Map(fake.build.jobs.map((one) => [one, 0]));
    for (const segment of segments) {
      if (segment.kind !== 'range') continue;
      assert.equal(segment.from, shown.get(segment.job));
      shown.set(segment.job, segment.to);
    }
    assert.equal(shown.get(job), fake.logs.of(job.id).length);
    if (job.id !== ROOT && !job.redirected)
      assert.equal(segments[0] && describe(segments[0]), `enter ${job.name} 0`);
  });
});
