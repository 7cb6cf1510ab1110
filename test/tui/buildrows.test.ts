// The list of builds: rows for days, the cursor on builds only, columns as wide as their contents.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayName } from '../../src/render/formats.ts';
import { buildRows, moveToBuild, selectBuild, selectedBuild, setBuilds } from '../../src/tui/buildrows.ts';
import { screenLayout } from '../../src/tui/panesize.ts';
import { type BuildItem, type State, initialState } from '../../src/tui/state.ts';
import { rowText, rowWidth } from '../../src/documents/spans.ts';
import { buildsPane, buildsWidth } from '../../src/tui/views/buildspane.ts';

const NOW = new Date(2026, 10, 27, 12, 0).getTime();
const item = (id: string, at: Date | undefined, more: Partial<BuildItem> = {}): BuildItem => ({
  id,
  at: at?.getTime(),
  ms: 1780,
  state: 'ok',
  jobs: 14,
  failed: 0,
  command: 'make -k -j4',
  revision: '',
  ...more,
});
const BUILDS = [
  item('e', new Date(2026, 10, 27, 8, 31), { state: 'failed', failed: 1, revision: '0123456789abcdef' }),
  item('d', new Date(2026, 10, 27, 0, 0), { jobs: 1, command: 'make' }),
  item('c', new Date(2026, 10, 26, 23, 59)),
  item('b', undefined, { state: 'damaged', ms: undefined, jobs: undefined }),
  item('a', new Date(2025, 10, 21, 9, 5)),
];

function listed(builds = BUILDS): State {
  const state = initialState(80, 24, false);
  state.now = NOW;
  setBuilds(state, builds, 8);
  return state;
}

const pane = (state: State, width = 80): string[] =>
  buildsPane(state, { x: 0, y: 0, width, height: 10 }).map((row) => rowText(row).trimEnd());

test('days have names', () => {
  const at = (...parts: [number, number, number, number]): string =>
    dayName(new Date(...parts).getTime(), NOW);
  assert.equal(at(2026, 10, 27, 0), 'Today');
  assert.equal(at(2026, 10, 26, 23), 'Yesterday');
  assert.equal(at(2026, 10, 25, 23), '25 Nov');
  assert.equal(at(2025, 0, 5, 1), '5 Jan 2025');
});

test('each day has a row above its builds; the position counts builds', () => {
  const state = listed();
  state.problemCounts.set('e', { errors: 1, warnings: 2, more: false });
  assert.deepEqual(pane(state), [
    ` Builds${' '.repeat(69)}1/5`,
    ' Today',
    '✗ 08:31  make -k -j4  14 jobs  1 failed 2 warn  1.78s  01234567',
    '✓ 00:00  make           1 job                   1.78s',
    ' Yesterday',
    '✓ 23:59  make -k -j4  14 jobs                   1.78s',
    '?     ?  make -k -j4                                ?',
    ' 21 Nov 2025',
    '✓ 09:05  make -k -j4  14 jobs                   1.78s',
    '',
  ]);
});

test('columns are dropped where there is no room, the command last', () => {
  const state = listed();
  assert.match(pane(state, 50)[2]!, /^✗ 08:31 {2}make -k -j4 {2}14 jobs {2}1 failed {2}1\.78s$/);
  assert.match(pane(state, 40)[2]!, /^✗ 08:31 {2}make -k -j4 {2}1 failed {2}1\.78s$/);
  assert.match(pane(state, 28)[2]!, /^✗ 08:31 {2}make -k -j4 {2}1\.78s$/);
  for (const width of [10, 20, 28, 40, 50])
    for (const row of buildsPane(state, { x: 0, y: 0, width, height: 10 }))
      assert.equal(rowWidth(row), width);
});

test('the cursor passes the days', () => {
  const state = listed();
  const walk = (to: (cursor: number) => number): string => {
    moveToBuild(state, to(state.buildList.cursor), 8);
    return selectedBuild(state)?.id ?? '';
  };
  assert.equal(selectedBuild(state)?.id, 'e');
  assert.equal(
    walk((at) => at - 1),
    'e',
  );
  assert.equal(
    walk((at) => at + 1),
    'd',
  );
  assert.equal(
    walk((at) => at + 1),
    'c',
  );
  assert.equal(
    walk((at) => at - 1),
    'd',
  );
  assert.equal(
    walk(() => Infinity),
    'a',
  );
  assert.equal(
    walk(() => 0),
    'e',
  );
  assert.equal(state.buildList.top, 0, 'its day is shown');
});

test('the cursor stays on its build when others come, and goes to the first that fits a filter', () => {
  const state = listed();
  selectBuild(state, 'c', 8);
  setBuilds(state, [item('f', new Date(2026, 10, 27, 11, 0)), ...BUILDS], 8);
  assert.equal(selectedBuild(state)?.id, 'c');
  state.buildFilter = 'failed';
  moveToBuild(state, 0, 8);
  assert.equal(selectedBuild(state)?.id, 'e');
  assert.equal(buildRows(state).builds, 1);
  state.buildFilter = 'nothing';
  moveToBuild(state, 0, 8);
  assert.equal(selectedBuild(state), undefined);
});

test('from 90 columns on, the jobs are beside builds that are no wider than their contents', () => {
  const state = listed();
  state.focus = 'builds';
  const { panes: narrow } = screenLayout(state);
  assert.deepEqual(Object.keys(narrow).sort(), ['builds', 'log']);
  state.width = 110;
  const { panes } = screenLayout(state);
  assert.equal(panes.builds?.width, buildsWidth(state));
  assert.equal(panes.jobs?.x, buildsWidth(state) + 1);
  assert.ok(rowText(buildsPane(state, panes.builds)[2]!).includes('01234567 '));
  state.width = 90;
  assert.deepEqual(Object.keys(screenLayout(state).panes).sort(), ['builds', 'log'], 'too little is left');
});
