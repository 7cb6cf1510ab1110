import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mouse } from '../../src/tui/keys.ts';
import { MouseInput } from '../../src/tui/mouseinput.ts';

/** Clicks, turns of the wheel, releases and movements among keys, as a terminal sends them. */
const TYPED =
  'j\x1b[<0;10;5M\x1b[<0;10;5mk\x1b[<64;1;1M\x1b[<65;300;70M\x1b[<35;4;4Mé\x1b[A\x1b[<20;2;3M\x1b';
const MEANT: readonly (string | Mouse)[] = [
  'j',
  { kind: 'click', x: 9, y: 4 },
  'k',
  { kind: 'up', x: 0, y: 0 },
  { kind: 'down', x: 299, y: 69 },
  'é\x1b[A',
  { kind: 'click', x: 1, y: 2 },
  '\x1b',
];

/** Joins texts that follow each other. */
function joined(parts: readonly (string | Mouse)[]): (string | Mouse)[] {
  const all: (string | Mouse)[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else all.push(part);
  }
  return all;
}

test('keys and mouse of one chunk all come, in order', () => {
  assert.deepEqual(new MouseInput().push(TYPED), MEANT);
});

test('they do wherever the chunk is cut within a report', () => {
  for (let cut = 1; cut < TYPED.length; cut++) {
    const input = new MouseInput();
    const [first, second] = [TYPED.slice(0, cut), TYPED.slice(cut)];
    // A sequence that has hardly begun may be a key.
    if (/\x1b\[?$/.test(first)) continue;
    assert.deepEqual(joined([...input.push(first), ...input.push(second)]), MEANT, `cut at ${cut}`);
  }
});

test('what only looks like a report passes as it is', () => {
  for (const text of ['\x1b[<', '\x1b[<1;2', '\x1b[<;;M', '\x1b[<1;2;3x', '\x1b[M !!'])
    assert.deepEqual(joined(new MouseInput().push(`${text}q`)), [`${text}q`]);
});
