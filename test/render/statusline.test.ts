import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusLine, type StatusState } from '../../src/render/status.ts';
import { displayWidth } from '../../src/render/width.ts';

const state: StatusState = {
  elapsedMs: 12_345,
  running: 4,
  done: 5,
  failed: 1,
  total: 37,
  etaMs: 40_000,
  runningNames: ['src/server.o', 'src/networking.o', 'src/a.o'],
};
const fine: StatusState = { ...state, failed: 0 };

for (const [width, line] of [
  [120, '[12s] 5/37 done, 1 failed, 4 running, ~40s left · src/server.o · src/networking.o · src/a.o'],
  [92, '[12s] 5/37 done, 1 failed, 4 running, ~40s left · src/server.o · src/networking.o · src/a.o'],
  [91, '[12s] 5/37 done, 1 failed, 4 running, ~40s left · src/server.o · src/networking.o'],
  [80, '[12s] 5/37 done, 1 failed, 4 running, ~40s left · src/server.o'],
  [62, '[12s] 5/37 done, 1 failed, 4 running, ~40s left · src/...er.o'],
  [60, '[12s] 5/37 done, 1 failed, ~40s left · src/server.o'],
  [40, '[12s] 5/37 done, 1 failed · src/...er.o'],
  [35, '[12s] 5/37, 1 failed · src/...er.o'],
  [30, '[12s] 5/37 done, 1 failed'],
  [21, '[12s] 5/37, 1 failed'],
  [20, '5/37, 1 failed'],
  [14, '1 failed'],
  [8, '5/37'],
  [5, '5/37'],
  [4, ''],
  [1, ''],
  [0, ''],
  [NaN, ''],
] as const) {
  test(`with a failure, ${width} columns`, () => {
    assert.equal(statusLine(state, width), line);
  });
}

for (const [width, line] of [
  [80, '[12s] 5/37 done, 4 running, ~40s left · src/server.o · src/networking.o'],
  [40, '[12s] 5/37 done, ~40s left · src...er.o'],
  [30, '[12s] 5/37 done · src/...er.o'],
  [25, '[12s] 5/37 · src/...er.o'],
  [20, '[12s] 5/37 done'],
  [12, '[12s] 5/37'],
  [10, '5/37'],
] as const) {
  test(`without one, ${width} columns`, () => {
    assert.equal(statusLine(fine, width), line);
  });
}

for (const [what, changed, line] of [
  ['nothing runs', { running: 0, runningNames: [] }, '[12s] 5/37 done, ~40s left'],
  [
    'the last build is not known',
    { total: undefined, etaMs: undefined, runningNames: [] },
    '[12s] 5 done, 4 running',
  ],
  [
    'more was done than last time',
    { done: 38, etaMs: undefined, runningNames: [] },
    '[12s] 38 done, 4 running',
  ],
  ['all is done', { done: 37, running: 0, etaMs: 0, runningNames: [] }, '[12s] 37/37 done, ~0s left'],
  ['it begins', { elapsedMs: 0, done: 0, etaMs: undefined, runningNames: [] }, '[0s] 0/37 done, 4 running'],
  [
    'the clock went back',
    { elapsedMs: -5, etaMs: NaN, runningNames: [] },
    '[0s] 5/37 done, 4 running, ~0s left',
  ],
  ['59 s', { elapsedMs: 59_999, etaMs: undefined, runningNames: [] }, '[59s] 5/37 done, 4 running'],
  ['1 min', { elapsedMs: 60_000, etaMs: undefined, runningNames: [] }, '[1m00s] 5/37 done, 4 running'],
  ['an hour', { elapsedMs: 3_725_000, etaMs: undefined, runningNames: [] }, '[1h02m] 5/37 done, 4 running'],
  ['days', { elapsedMs: 200_000_000, etaMs: undefined, runningNames: [] }, '[55h33m] 5/37 done, 4 running'],
  [
    'a name is not fit to be shown',
    { etaMs: undefined, runningNames: ['a\x1b[2J\nb\u202e'] },
    '[12s] 5/37 done, 4 running · a\\x1b[2J\\nb\\u202e',
  ],
  ['a name is short', { etaMs: undefined, runningNames: ['a'] }, '[12s] 5/37 done, 4 running · a'],
] as const) {
  test(`80 columns when ${what}`, () => {
    assert.equal(statusLine({ ...fine, ...changed }, 80), line);
  });
}

test('in ASCII', () => {
  const line = statusLine(fine, 80, { ascii: true });
  assert.equal(line, '[12s] 5/37 done, 4 running, ~40s left | src/server.o | src/networking.o');
});

test('a further name that does not fit is elided if there is room to tell it by', () => {
  const runningNames = ['a.o', `src/${'very/'.repeat(10)}deep.o`];
  const head = '[12s] 5/37 done, 4 running, ~40s left · a.o';
  assert.equal(statusLine({ ...fine, runningNames }, 63), `${head} · src/ve.../deep.o`);
  assert.equal(statusLine({ ...fine, runningNames }, 62), head);
});

test('it fits at every width', () => {
  const names = ['src/server.o', '漢字/漢字漢字.o', '👩‍🔧.o', 'x'.repeat(300), 'a\x1b\u202e\n', '', '漢'];
  for (const base of [state, fine, { ...fine, total: undefined, elapsedMs: 1e9 }]) {
    for (let first = 0; first <= names.length; first++) {
      for (let width = 0; width < 150; width++) {
        for (const ascii of [false, true]) {
          const line = statusLine({ ...base, runningNames: names.slice(first) }, width, { ascii });
          assert.ok(displayWidth(line) <= Math.max(0, width - 1), `${width}: ${line}`);
          assert.doesNotMatch(line, /\p{Cc}/u);
        }
      }
    }
  }
});

test('only the names that fit are looked at', () => {
  const begin = process.cpuUsage();
  statusLine({ ...state, runningNames: Array.from({ length: 1_000_000 }, () => 'src/server.o') }, 200);
  const { user, system } = process.cpuUsage(begin);
  assert.ok(user + system < 1_000_000);
});
