// The keys: docs/tui.md repeats the browser's table.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hintsFor } from '../../src/tui/hints.ts';
import { KEYS, actionOf, keyName } from '../../src/tui/keys.ts';
import { searchPattern } from '../../src/documents/find.ts';
import { type State, initialState } from '../../src/tui/state.ts';
import { editorCommand } from '../../src/tui/programs.ts';

const DOC = fileURLToPath(new URL('../../docs/tui.md', import.meta.url));

/** The table as it should be in docs/tui.md. */
function table(): string {
  return KEYS.map(
    ({ title, keys }) =>
      `| ${title} | |\n|---|---|\n${keys
        .map(
          ({ keys: names, help }) => `| ${names.map((name) => `\`${keyName(name)}\``).join(' ')} | ${help} |`,
        )
        .join('\n')}\n`,
  ).join('\n');
}

test('docs/tui.md lists the keys', () => {
  const text = fs.readFileSync(DOC, 'utf8');
  const start = text.indexOf('## Keys\n\n') + '## Keys\n\n'.length;
  const end = text.indexOf('\nIn a prompt:');
  if (process.env.UPDATE_SNAPSHOTS)
    fs.writeFileSync(DOC, `${text.slice(0, start)}${table()}${text.slice(end)}`);
  // prettier aligns tables.
  const plain = (of: string): string => of.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-');
  assert.equal(plain(text.slice(start, end)), plain(table()), 'UPDATE_SNAPSHOTS=1 writes it anew');
});

test('no key has two meanings, and each key is found', () => {
  const all = KEYS.flatMap(({ keys }) => keys);
  const names = all.flatMap(({ keys }) => keys);
  assert.equal(new Set(names).size, names.length);
  for (const { keys, action } of all) for (const key of keys) assert.equal(actionOf(key), action);
  assert.equal(actionOf('X'), undefined);
});

test('the bottom line has help and quit in every pane', () => {
  const state = initialState(80, 24, false);
  for (const focus of ['builds', 'jobs', 'log'] as const)
    assert.deepEqual(
      hintsFor({ ...state, focus })
        .slice(-2)
        .map(([key]) => key),
      ['?', 'q'],
    );
});

/** The hints as the bottom line has them. */
const hints = (state: State): string =>
  hintsFor(state)
    .map((words) => words.join(' '))
    .join('  ');

test('the bottom line names what is useful in the state', () => {
  const state = initialState(80, 24, false);
  assert.equal(hints(state), 'Tab pane  ? help  q quit');
  state.focus = 'jobs';
  state.jobs.failed = true;
  assert.match(hints(state), /Esc all/);
  state.focus = 'log';
  assert.match(hints(state), /\/ search.*b block {2}W wrap/);
  assert.doesNotMatch(hints(state), /n next/);
  state.log.pattern = searchPattern('x');
  state.log.block = state.log.wrap = state.zoomed = true;
  assert.match(hints(state), /^z all panes .*n next {2}N previous.*b own log {2}W cut/);
  state.log.shown = { ...state.log.shown, kind: 'problems' };
  assert.match(hints(state), /Esc back/);
  state.help = 0;
  assert.equal(hints(state), 'j k Space move  / filter  any other key leaves');
});

for (const [env, expected] of [
  [{}, ['vi', '+3', 'a.c']],
  [{ EDITOR: 'nano' }, ['nano', '+3', 'a.c']],
  [{ EDITOR: 'nano', VISUAL: '/usr/bin/code --wait' }, ['/usr/bin/code --wait', '-g', 'a.c:3:5']],
  [{ EDITOR: 'hx' }, ['hx', 'a.c:3:5']],
] as const)
  test(`the editor of ${JSON.stringify(env)}`, () => {
    assert.deepEqual(editorCommand(env, 'a.c', 3, 5), expected);
  });

test('the editor is opened without a line number', () => {
  assert.deepEqual(editorCommand({ EDITOR: 'nano' }, 'a.c', undefined, undefined), ['nano', 'a.c']);
});
