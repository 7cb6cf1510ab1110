// Edits and hunks are correct whatever the window, and jsdiff can apply the printed diff.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPatch } from 'diff';
import { type Edit, type EditOptions, edits } from '../../src/compare/edits.ts';
import { hunksOf } from '../../src/compare/hunks.ts';
import { unified } from '../../src/compare/print.ts';
import { compareTarget, comparison } from '../../src/compare/target.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

const EXACT: EditOptions = { normal: (line) => line };

function randomLines(random: Random): string[] {
  const words = ['a', 'b', 'c', 'd', 'e', 'f g', ''];
  return Array.from({ length: random.below(40) }, () => random.pick(words));
}

/** Removes some lines and inserts others. */
function changed(random: Random, lines: readonly string[]): string[] {
  const share = random.below(10) / 20;
  return lines.flatMap((line) => (random.chance(share) ? random.pick([[], ['x', line], ['y']]) : [line]));
}

const texts = (all: readonly Edit[], without: Edit['kind']): string[] =>
  all.filter(({ kind }) => kind !== without).map(({ text }) => text);

test('applying the edits to the old side gives the new one, whatever the window', () => {
  forSeeds(2000, (seed) => {
    const random = new Random(seed);
    const old = randomLines(random);
    const fresh = random.chance(0.2) ? randomLines(random) : changed(random, old);
    const window = 1 + random.below(50);
    const most = random.below(12);
    const all = [...edits(old, fresh, { ...EXACT, window, most })];
    if (all.some(({ rough }) => rough)) {
      assert.deepEqual(texts(all, 'new').sort(), [...old].sort());
      assert.deepEqual(texts(all, 'old').sort(), [...fresh].sort());
    } else {
      assert.deepEqual(texts(all, 'new'), old);
      assert.deepEqual(texts(all, 'old'), fresh);
    }
  });
});

test('lines that the normaliser makes equal are unchanged, and the new text is shown', () => {
  const all = [...edits(['a 1', 'b'], ['a 2', 'c'], { normal: (line) => line.replace(/\d/, '#') })];
  assert.deepEqual(
    all.map(({ kind, text }) => `${kind} ${text}`),
    ['same a 2', 'old b', 'new c'],
  );
});

test('one inserted line is one change, even far behind a window', () => {
  const old = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
  const fresh = [...old.slice(0, 3000), 'inserted', ...old.slice(3000)];
  const found = [...edits(old, fresh, { ...EXACT, window: 20 })].filter(({ kind }) => kind !== 'same');
  assert.deepEqual(found, [{ kind: 'new', text: 'inserted', rough: false }]);
});

test('lines are read only as far as the first difference requires', () => {
  let read = 0;
  function* endless(first: string): Generator<string, void> {
    yield first;
    for (;;) {
      read++;
      yield 'same';
    }
  }
  const script = edits(endless('a'), endless('b'), { ...EXACT, window: 10 });
  for (let i = 0; i < 1000; i++) script.next();
  assert.ok(read < 2500, `${read} lines read for 1000 edits`);
});

test('two sides with nothing in common are compared regardless of order and marked as rough', () => {
  const many = (word: string): string[] => Array.from({ length: 3000 }, (_, i) => `${word} ${i}`);
  const all = [...edits([...many('a'), 'both'], ['both', ...many('b')], { ...EXACT, most: 100 })];
  assert.equal(all.filter(({ rough }) => rough).length, 6001);
  assert.deepEqual(
    all.filter(({ kind }) => kind === 'same').map(({ text }) => text),
    ['both'],
  );
  const { hunks, added, removed } = hunksOf(all, 3);
  assert.deepEqual([added, removed], [3000, 3000]);
  assert.ok(hunks.every(({ rough, lines }) => rough && lines.every(({ kind }) => kind !== 'same')));
});

test('the printed text is a unified diff: applied to the old text it gives the new one', () => {
  forSeeds(1000, (seed) => {
    const random = new Random(seed);
    const old = [...randomLines(random), ...randomLines(random)];
    const fresh = changed(random, old);
    const context = random.below(4);
    const side = (lines: string[]) => ({
      outcome: 'ok',
      commands: undefined,
      lines,
      problems: () => undefined,
      passedOn: false,
    });
    const difference = compareTarget(side(old), side(fresh), comparison({ exact: true, roots: [], context }));
    if (!difference) {
      assert.deepEqual(old, fresh);
      return;
    }
    const origin = { build: 'b', job: 1, status: undefined };
    const text = [
      ...unified({ name: 't', from: origin, to: origin, difference }, { colour: false, ascii: true }),
    ].slice(1);
    const applied = applyPatch(old.map((line) => `${line}\n`).join(''), `${text.join('\n')}\n`);
    assert.equal(applied, fresh.map((line) => `${line}\n`).join(''), text.join('\n'));
  });
});

test('too many changes are counted, not kept', () => {
  const old = Array.from({ length: 30_000 }, (_, i) => `old ${i}`);
  const result = hunksOf(
    old.map((text): Edit => ({ kind: 'old', text, rough: false })),
    3,
  );
  assert.equal(result.removed, 30_000);
  assert.equal(result.unshown + result.hunks.reduce((sum, { lines }) => sum + lines.length, 0), 30_000);
  assert.ok(result.unshown > 0);
});

test('a few changes among many lines are reported in order, however few are allowed', () => {
  const same = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  const script = [...edits(['a', ...same, 'b'], ['c', ...same], { ...EXACT, most: 3 })];
  assert.deepEqual(
    script.map(({ kind, rough }) => `${kind}${rough ? ' rough' : ''}`),
    ['old', 'new', ...same.map(() => 'same'), 'old'],
  );
});
