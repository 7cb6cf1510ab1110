import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StatusState, heartbeatText, statusRows } from '../../src/render/statusline.ts';
import { displayWidth } from '../../src/render/width.ts';

const state: StatusState = {
  elapsedMs: 12_345,
  done: 21,
  failed: 1,
  total: 37,
  etaMs: 11_000,
  running: [
    { name: 'build/render/cache.o', ms: 4200 },
    { name: 'build/net/net_list.o', ms: 3300 },
    { name: 'a/x.o', ms: 900 },
    { name: 'b/x.o', ms: 100 },
  ],
};
const fine: StatusState = { ...state, failed: 0 };

for (const [width, line] of [
  [120, '[12s] 21/37 ▓▓▓▓░░░░ ~11s · 1 failed · cache.o 4s · net_list.o 3s · a/x.o · b/x.o'],
  [81, '[12s] 21/37 ▓▓▓▓░░░░ ~11s · 1 failed · cache.o 4s · net_list.o 3s · a/x.o · +1'],
  [80, '[12s] 21/37 ▓▓▓▓░░░░ ~11s · 1 failed · cache.o 4s · net_list.o 3s · a/x.o · +1'],
  [75, '[12s] 21/37 ▓▓▓▓░░░░ ~11s · 1 failed · cache.o 4s · net_list.o 3s · +2'],
  [60, '[12s] 21/37 ~11s · 1 failed · cache.o 4s · +3'],
  [40, '[12s] 21/37 · 1 failed · cache.o 4s'],
  [30, '[12s] 21/37 ~11s · 1 failed'],
  [24, '[12s] 21/37 · 1 failed'],
  [20, '21/37 · 1 failed'],
  [14, '1 failed'],
  [8, '21/37'],
  [6, '21/37'],
  [5, undefined],
  [1, undefined],
  [0, undefined],
  [NaN, undefined],
] as const)
  test(`status line with a failure, ${width} columns`, () => {
    assert.deepEqual(statusRows(state, width), line === undefined ? [] : [line]);
  });

for (const [what, changed, line] of [
  ['nothing runs', { running: [] }, '[12s] 21/37 ▓▓▓▓░░░░ ~11s'],
  ['the last build is not known', { total: undefined, etaMs: undefined, running: [] }, '[12s] 21 done'],
  ['more was done than last time', { done: 38, etaMs: undefined, running: [] }, '[12s] 38 done'],
  ['all is done', { done: 37, running: [], etaMs: 0 }, '[12s] 37/37 ▓▓▓▓▓▓▓▓ ~0s'],
  ['it begins', { elapsedMs: 0, done: 0, etaMs: undefined, running: [] }, '[0s] 0/37 ░░░░░░░░'],
  ['there was nothing to do', { done: 0, total: 0, etaMs: undefined, running: [] }, '[12s] 0/0 ░░░░░░░░'],
  ['the clock went back', { elapsedMs: -5, etaMs: NaN, running: [] }, '[0s] 21/37 ▓▓▓▓░░░░ ~0s'],
  [
    'it takes a minute',
    { elapsedMs: 60_000, total: undefined, etaMs: undefined, running: [] },
    '[1m00s] 21 done',
  ],
  [
    'it takes days',
    { elapsedMs: 200_000_000, total: undefined, etaMs: undefined, running: [] },
    '[55h33m] 21 done',
  ],
  [
    'a name is not printable',
    { running: [{ name: 'a\x1b[2J\nb\u202e', ms: 0 }] },
    '[12s] 21/37 ▓▓▓▓░░░░ ~11s · a\\x1b[2J\\nb\\u202e',
  ],
  [
    'a name ends with a slash',
    { running: [{ name: 'src/', ms: 61_000 }] },
    '[12s] 21/37 ▓▓▓▓░░░░ ~11s · src/ 1m01s',
  ],
] as const)
  test(`status line, 80 columns, when ${what}`, () => {
    assert.deepEqual(statusRows({ ...fine, ...changed }, 80), [line]);
  });

test('status line in ASCII, and in colour', () => {
  const two = { ...state, running: state.running.slice(0, 1) };
  assert.deepEqual(statusRows(two, 80, { ascii: true }), [
    '[12s] 21/37 ####.... ~11s | 1 failed | cache.o 4s',
  ]);
  assert.deepEqual(statusRows(two, 60, { colour: true }), [
    '\x1b[2m[12s] 21/37 ~11s\x1b[0m\x1b[2m · \x1b[0m\x1b[31m1 failed\x1b[0m\x1b[2m · cache.o 4s\x1b[0m',
  ]);
});

test('status line of several rows: one job per row, and a count of the others', () => {
  assert.deepEqual(statusRows(state, 40, { rows: 4 }), [
    '[12s] 21/37 ~11s · 1 failed',
    '  build/render/cache.o 4s',
    '  build/net/net_list.o 3s',
    '  +2',
  ]);
  assert.deepEqual(statusRows(state, 24, { rows: 5 }), [
    '[12s] 21/37 · 1 failed',
    '  build/r.../cache.o 4s',
    '  build/n...t_list.o 3s',
    '  a/x.o',
    '  b/x.o',
  ]);
});

test('status line: it fits at every width', () => {
  const names = ['src/server.o', '漢字/漢字漢字.o', '👩‍🔧.o', 'x'.repeat(300), 'a\x1b\u202e\n', '', '漢'];
  const running = names.map((name, i) => ({ name, ms: i * 700 }));
  for (const base of [state, fine, { ...fine, total: undefined, elapsedMs: 1e9 }])
    for (let first = 0; first <= running.length; first++)
      for (let width = 0; width < 150; width++)
        for (const options of [{}, { ascii: true }, { rows: 4 }])
          for (const row of statusRows({ ...base, running: running.slice(first) }, width, options)) {
            assert.ok(displayWidth(row) <= Math.max(0, width - 1), `${width}: ${row}`);
            assert.doesNotMatch(row, /\p{Cc}/u);
          }
});

test('status line of 1,000 running jobs', () => {
  const running = Array.from({ length: 1000 }, (_, i) => ({ name: `src/${i}/main.o`, ms: 60_000 - i }));
  assert.deepEqual(statusRows({ ...fine, running }, 80), [
    '[12s] 21/37 ▓▓▓▓░░░░ ~11s · src/0/main.o 1m00s · src/1/main.o 59s · +998',
  ]);
  assert.deepEqual(statusRows({ ...fine, running }, 40), ['[12s] 21/37 ~11s · src/0/main.o 1m00s']);
});

test('heartbeat', () => {
  assert.equal(heartbeatText(state), '12s, 21/37, 1 failed, running: cache.o 4s, net_list.o 3s, a/x.o, +1');
  assert.equal(
    heartbeatText({ ...fine, elapsedMs: 723_000, total: undefined, running: [{ name: 'lto', ms: 660_000 }] }),
    '12m03s, 21 done, running: lto 11m00s',
  );
  assert.equal(heartbeatText({ ...fine, running: [] }), '12s, 21/37');
});
