// Keys that are typed before the build is read: they act as soon as they can, in their order.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { untimed } from '../../src/problems/boundedpatterns.ts';
import { App } from '../../src/tui/app.ts';
import type { Context } from '../../src/tui/context.ts';
import { initialState } from '../../src/tui/state.ts';
import { TypeAhead } from '../../src/tui/typeahead.ts';
import { FakeTerminal } from '../rig/faketerminal.ts';
import { until } from '../rig/tree.ts';

const LUA = fileURLToPath(new URL('../../sample-logs/lua', import.meta.url));

/** A browser whose terminal has got these keys before anything was read. */
function typedAtOnce(t: TestContext, keys: string): FakeTerminal {
  const store = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin ahead '));
  fs.cpSync(LUA, store, { recursive: true });
  const terminal = new FakeTerminal(80, 24);
  const wiring = {
    place: { root: store, store },
    build: undefined,
    colours: 8,
    ascii: false,
    patterns: untimed([]),
  } as const;
  const app = new App(wiring, terminal.input, terminal.output);
  t.after(() => {
    app.leave('gone');
    fs.rmSync(store, { recursive: true, force: true });
  });
  app.start();
  terminal.input.write(keys);
  return terminal;
}

for (const [keys, what, shows] of [
  ['p', 'the list of problems', /^ Problems .*\n▌loslib\.c:195:3: error: too few/m],
  ['w', 'why the job ran', /^ why loslib\.o /m],
  ['c', 'the critical path', /critical path: \d.* of 1\.78s/],
  ['e3', 'the failure, with the log in focus', /✗ loslib\.o {2}exit 1.*\n[^]* problem /],
  ['p\r', 'the place of the first problem', /^▌loslib\.c:195:3: error: too few/m],
] as const)
  test(`${JSON.stringify(keys)} typed before the build is read leads to ${what}`, async (t) => {
    const terminal = typedAtOnce(t, keys);
    await until(what, () => shows.test(terminal.text()));
    assert.deepEqual(terminal.complaints, []);
  });

/** What waits for a build, and what was pressed. */
function typeAhead(): { ahead: TypeAhead; pressed: string[]; message: () => string; read: () => void } {
  const state = initialState(80, 24, false);
  const pressed: string[] = [];
  let ready = false;
  const ahead = new TypeAhead(
    { state, changed: () => undefined } as unknown as Context,
    () => ready,
    (name) => {
      pressed.push(name);
      // Opens another build.
      if (name === '[') ready = false;
    },
  );
  const read = (): void => {
    ready = true;
    while (ahead.step());
  };
  return { ahead, pressed, message: () => state.message, read };
}

test('keys wait once one of them needs the whole build, and keep their order', () => {
  const { ahead, pressed, message, read } = typeAhead();
  for (const key of ['j', 'p', 'j', 'enter']) ahead.press(key, '');
  assert.deepEqual(pressed, ['j']);
  assert.equal(message(), 'once the build is read: p j Enter');
  assert.equal(ahead.step(), false);
  read();
  assert.deepEqual(pressed, ['j', 'p', 'j', 'enter']);
  assert.equal(message(), '');
});

test('Esc takes waiting keys back, q leaves at once', () => {
  const { ahead, pressed, message, read } = typeAhead();
  ahead.press('p', 'p');
  ahead.press('escape', '');
  assert.equal(message(), 'given up');
  ahead.press('w', 'w');
  ahead.press('q', 'q');
  assert.deepEqual(pressed, ['q']);
  read();
  assert.deepEqual(pressed, ['q', 'w']);
});

test('keys after one that opens another build wait for that one', () => {
  const { ahead, pressed, read } = typeAhead();
  for (const key of ['[', 'p', 'j']) ahead.press(key, '');
  read();
  assert.deepEqual(pressed, ['[']);
});
