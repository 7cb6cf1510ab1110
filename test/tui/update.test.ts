// Keys during a long task.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState } from '../../src/tui/state.ts';
import { press } from '../../src/tui/update.ts';
import { frame } from '../../src/tui/views/frame.ts';

function bottomLine(state: ReturnType<typeof initialState>): string {
  return frame(state, false)
    .rows.at(-1)!
    .flatMap(({ row }) => row.map(({ text }) => text))
    .join('')
    .trim();
}

test('Esc cancels a task; until then the bottom line shows it', () => {
  const state = initialState(80, 24, false);
  state.working = 'looking for problems… 1 of 9';
  assert.equal(bottomLine(state), 'looking for problems… 1 of 9  Esc gives up');
  assert.deepEqual(press(state, 'F', 'F'), []);
  assert.equal(bottomLine(state), 'follows the end');
  press(state, 'x', 'x');
  assert.match(bottomLine(state), /^looking for problems/);
  assert.deepEqual(press(state, 'escape', ''), [{ do: 'cancel' }]);
  assert.equal(bottomLine(state), 'given up');
});

test('Esc cancels the reading of times, and shows none', () => {
  const state = initialState(80, 24, false);
  assert.deepEqual(press(state, 'T', 'T'), [{ do: 'times' }]);
  state.log.timing = true;
  press(state, 'escape', '');
  assert.deepEqual([state.log.times, state.log.timing], [false, false]);
});

test('Esc restores the previous filter; Enter keeps the new one', () => {
  const state = initialState(80, 24, false);
  const keys = (...names: string[]): void => {
    for (const name of names) press(state, name, name.length === 1 ? name : '');
  };
  for (const [pane, filter] of [
    ['jobs', (): string => state.jobs.filter],
    ['builds', (): string => state.buildFilter],
  ] as const) {
    state.focus = pane;
    keys('/', 'a', 'b', 'enter');
    assert.equal(filter(), 'ab', pane);
    keys('/', 'backspace', 'x', 'y');
    assert.equal(filter(), 'axy', pane);
    keys('escape');
    assert.deepEqual([filter(), state.prompt], ['ab', undefined], pane);
    keys('/', 'C-u', 'z', 'C-c');
    assert.deepEqual([filter(), state.prompt], ['ab', undefined], pane);
  }
});

test('C-w deletes the last word, and the blanks after it', () => {
  const state = initialState(80, 24, false);
  state.focus = 'jobs';
  press(state, '/', '/');
  for (const letter of 'one two  ') press(state, letter === ' ' ? 'space' : letter, letter);
  assert.equal(state.prompt?.text, 'one two  ');
  press(state, 'C-w', '');
  assert.equal(state.prompt.text, 'one ');
  press(state, 'C-w', '');
  assert.equal(state.prompt.text, '');
});
