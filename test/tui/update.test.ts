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
  assert.match(bottomLine(state), /q quit +looking for problems… 1 of 9 {2}Esc gives up$/);
  assert.deepEqual(press(state, 'F', 'F'), []);
  assert.match(bottomLine(state), /q quit +follows the end$/);
  state.message = '';
  assert.match(bottomLine(state), /looking for problems/);
  assert.deepEqual(press(state, 'escape', ''), [{ do: 'cancel' }]);
  assert.match(bottomLine(state), /q quit +given up$/);
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

test('a short message stands beside the keys while one moves; a long one covers them until the next key', () => {
  const state = initialState(80, 24, false);
  state.message = 'copied: a.o';
  press(state, 'j', 'j');
  assert.match(bottomLine(state), /^Tab pane .*q quit +copied: a\.o$/);
  press(state, 's', 's');
  press(state, 'escape', '');
  assert.match(bottomLine(state), /q quit$/);
  state.message = 'x'.repeat(100);
  assert.doesNotMatch(bottomLine(state), /quit/);
  press(state, 'j', 'j');
  assert.match(bottomLine(state), /q quit$/);
});

test('each message counts, also one that is the same as before', () => {
  const state = initialState(80, 24, false);
  const before = state.messages;
  state.message = 'a';
  state.message = 'a';
  assert.equal(state.messages, before + 2);
});

const helpText = (state: ReturnType<typeof initialState>): string =>
  frame(state, false)
    .rows.map((row) =>
      row
        .flatMap((placed) => placed.row.map(({ text }) => text))
        .join('')
        .trimEnd(),
    )
    .join('\n');

test('the help is in two columns on a wide terminal, has a legend, and is filtered by words', () => {
  const wide = initialState(140, 60, false);
  press(wide, '?', '?');
  assert.match(helpText(wide), /^ Moving {10,}Across builds$|^ Moving {10,}\S/m);
  assert.match(helpText(wide), /^.*‖ +cut off with its build/m);
  const state = initialState(80, 24, true);
  press(state, '?', '?');
  for (const key of ['/', 'f', 'o', 'l', 'd']) press(state, key, key);
  assert.match(helpText(state), /^ Keys {2}\/fold {2}1-\d+ of \d+/);
  assert.match(helpText(state), /^ - +fold all$/m);
  assert.doesNotMatch(helpText(state), /a page down/);
  press(state, 'enter', '');
  press(state, 'escape', '');
  assert.match(helpText(state), /a page down/);
  for (const key of ['/', 'z', 'z', 'z']) press(state, key, key);
  assert.match(helpText(state), /nothing fits/);
  press(state, 'escape', '');
  assert.match(helpText(state), /a page down/);
  press(state, 'x', 'x');
  assert.doesNotMatch(helpText(state), /a page down/);
});
