// The browser in a real terminal (tmux), on recorded builds and on running ones. Each step waits for text on
// the screen.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Screen, screen } from '../rig/tmux.ts';
import { type Tree, needs, tree, until } from '../rig/tree.ts';

const LZ4 = fileURLToPath(new URL('../../sample-logs/lz4', import.meta.url));
const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;

interface Shown {
  readonly it: Tree;
  readonly terminal: Screen;
}

/** Opens a copy of a recorded store, and waits for its jobs and the log. */
async function openSample(
  t: TestContext,
  columns = 80,
  rows = 24,
  env: Record<string, string> = {},
): Promise<Shown> {
  const it = tree(t, {});
  fs.cpSync(LZ4, it.path('store'), { recursive: true });
  const terminal = await screen(t, it, columns, rows, env);
  terminal.type('echo before; "$LOGLIN_BIN" tui --store store');
  await terminal.see(/^▾ ✓ (◆ )?make -j4 all/m);
  // The jobs are listed while they are read; the log comes with the tree.
  await terminal.see(/▌/);
  return { it, terminal };
}

function press(terminal: Screen, ...keys: readonly string[]): void {
  for (const key of keys) terminal.key(key);
}

/** Quits, and checks that the screen is as it was. */
async function leave(terminal: Screen, status = '0', key = 'q'): Promise<void> {
  terminal.key(key);
  assert.equal(await terminal.status(), status);
  const lines = terminal
    .text()
    .split('\n')
    .map((line) => line.trimEnd());
  const before = lines.indexOf('before');
  assert.ok(before >= 0, terminal.text());
  assert.equal(lines[before + 1], '$', terminal.text());
}

for (const key of ['q', 'C-c'])
  test(`tui: ${key} leaves the screen as it was`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const { terminal } = await openSample(t);
    await leave(terminal, '0', key);
    terminal.type('stty -a | grep -ow "[-]*icanon\\|[-]*echo"');
    assert.equal(await terminal.status(), '0');
    assert.match(terminal.text(), /^icanon$[^]*^echo *$/m);
  });

test('tui: builds, jobs and log stand above one another on 80 columns', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { terminal } = await openSample(t);
  const text = terminal.text();
  assert.match(text, /^ Jobs +(?:\d+\/)?13 *$/m);
  assert.match(text, /^ {6}✓ liblz4\.a/m);
  await terminal.see(/^▌No errors, no warnings +▐$/m);
  press(terminal, '1');
  await terminal.see(/^ Builds +\d\/2 *$/m);
  press(terminal, 'j', 'Enter');
  await terminal.see(/make -j4 all +3m59s/);
  await leave(terminal);
});

test('tui: panes stand side by side on 200 columns, and there is one on 40', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { terminal } = await openSample(t, 200, 50);
  assert.match(terminal.text(), /^ Builds .*│ ✓ make -j4 all/m);
  terminal.resize(40, 10);
  await terminal.see(/^ Enter open .*q quit *$/m);
  await until('one pane', () => !/│|▌/.test(terminal.text()));
  press(terminal, 'Tab');
  await terminal.see(/^▌No errors/m);
  terminal.resize(200, 50);
  await terminal.see(/^ Builds .*│ ✓ make -j4 all/m);
  await leave(terminal);
});

test('tui: Enter leads from a log to a child, Backspace leads back, and b shows the block', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { terminal } = await openSample(t);
  press(terminal, '3', 'G', 'Enter');
  await terminal.see(/^▌▸ liblz4\.a ✓ 0\.07s *$/m);
  press(terminal, 'j', 'j', 'j');
  await terminal.see(/^▌▸ lib ✓/m);
  press(terminal, 'Enter');
  await terminal.see(/^ ✓ lib +0\.37s +1-2\/2 *$/m);
  assert.match(terminal.text(), /^▌make\[1\]: Entering directory/m);
  press(terminal, 'BSpace');
  await terminal.see(/^▌▸ lib ✓/m);
  press(terminal, 'b');
  await terminal.see(/^ ✓ make -j4 all and below/m);
  assert.match(terminal.text(), /^[▌ ] {0,4}▸ liblz4\.a *$/m);
  await leave(terminal);
});

test('tui: the lists of filter, search, folds, failed and slow jobs are right', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { terminal } = await openSample(t);
  press(terminal, '/');
  await terminal.see(/^ filter:  *$/m);
  press(terminal, 'e', 'x', 'a');
  await terminal.see(/^ Jobs {2}\/exa +1\/\d+ of 13 *$/m);
  press(terminal, 'Escape');
  await terminal.see(/^ Jobs +(?:\d+\/)?13 *$/m);
  press(terminal, 'g', '-');
  await terminal.see(/^ {2}▸ ✓ lib/m);
  press(terminal, '+');
  await terminal.see(/^ {2}▾ ✓ lib/m);
  press(terminal, 't');
  await terminal.see(/^ Jobs {2}slow first/m);
  press(terminal, 't', 'f');
  await terminal.see(/nothing failed; Esc shows all/);
  press(terminal, 'Escape', 'c');
  await terminal.see(/critical path: /);
  await terminal.see(/◆/);
  press(terminal, '3', 'G', 'Enter');
  await terminal.see(/^▌▸ liblz4\.a/m);
  press(terminal, '/');
  await terminal.see(/^ \/ *$/m);
  press(terminal, 'e', 'x', 'a', 'Enter');
  await terminal.see(/^▌▸ examples/m);
  press(terminal, 'n');
  await terminal.see(/from the start again/);
  await leave(terminal);
});

test('tui: why, diff, problems and the same target in the other build are shown', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { terminal } = await openSample(t);
  press(terminal, 'j', 'w');
  await terminal.see(/^ why lib/m);
  press(terminal, 'Escape', 'd');
  await terminal.see(/^ diff lib/m);
  press(terminal, 'Escape', 'p');
  await terminal.see(/^ Problems/m);
  await terminal.see(/0 errors, 0 warnings/);
  press(terminal, 'Escape', '2', '[');
  await terminal.see(/ build 20261121-005612623-cb4d *$/m);
  await terminal.see(/^ Jobs +\d+\/36/m);
  press(terminal, ']');
  await terminal.see(/ build 20261121-010112297-6b76 *$/m);
  await leave(terminal);
});

test('tui: keys that come at once act on the result of the keys before', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { terminal } = await openSample(t);
  terminal.press('Gw');
  await terminal.see(/^ why tests\/checkFrame/m);
  terminal.press('2gj3jy');
  await terminal.see(/ copied: make\[1\]: Leaving directory '\/tmp\/lz4\/lib' *$/m);
  terminal.press('2f');
  await terminal.see(/nothing failed; Esc shows all/);
  terminal.press('\x1bG');
  await terminal.see(/^ {6}✓ tests\/checkFrame/m);
  await leave(terminal);
});

test('tui: help, line numbers, wrapping and times are shown', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { terminal } = await openSample(t);
  press(terminal, '?');
  await terminal.see(/^ Keys {2}1-\d+ of \d+/m);
  press(terminal, 'Space');
  await terminal.see(/Finding/);
  press(terminal, 'x', 'j', '3', '#');
  await terminal.see(/^▌ +1 make\[1\]/m);
  press(terminal, '#', 'W');
  await terminal.see(/long lines are wrapped/);
  press(terminal, '2', 'T');
  await terminal.see(/^▌ +\d+\.\d\ds make\[1\]/m);
  await leave(terminal);
});

test('tui: pager, save and copy work', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { it, terminal } = await openSample(t, 80, 24, { PAGER: 'cat >paged; touch done' });
  press(terminal, 'j', 'v');
  await it.file('done');
  assert.match(it.read('paged'), /^make\[1\]: Entering directory/);
  await terminal.see(/^▾ ✓ make -j4 all/m);
  press(terminal, 's');
  await terminal.see(/^ write to: lib\.log *$/m);
  press(terminal, 'Enter');
  await terminal.see(/ lib\.log: 85 bytes written *$/m);
  assert.equal(it.read('lib.log'), it.read('paged'));
  press(terminal, 's', 'Enter');
  await terminal.see(/overwrite it\?/);
  press(terminal, 'n');
  await terminal.see(/not written/);
  press(terminal, 'y');
  await terminal.see(/ copied: lib *$/m);
  await leave(terminal);
});

test('tui: Ctrl-Z suspends it, and fg brings it back', async (t) => {
  if (!needs(t, 'tmux')) return;
  const { terminal } = await openSample(t);
  press(terminal, 'C-z');
  await terminal.see(/Stopped/);
  assert.equal(await terminal.status(), '147');
  terminal.type('fg');
  await terminal.see(/^▾ ✓ make -j4 all/m);
  press(terminal, 'q');
  assert.equal(await terminal.status(), '0');
});

for (const [signal, status] of [
  ['TERM', '143'],
  ['HUP', '129'],
  ['INT', '130'],
] as const)
  test(`tui: SIG${signal} gives the screen back`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const it = tree(t, {});
    fs.cpSync(LZ4, it.path('store'), { recursive: true });
    const terminal = await screen(t, it);
    terminal.type('echo before; sh -c \'echo $$ >pid; exec "$LOGLIN_BIN" tui --store store\'');
    await terminal.see(/^▾ ✓ make -j4 all/m);
    process.kill(Number(it.read('pid')), `SIG${signal}`);
    assert.equal(await terminal.status(), status);
    assert.match(terminal.text(), /^before *$/m);
    assert.doesNotMatch(terminal.text(), /▾/);
  });

test('tui: it is refused where there is no terminal that can show it', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {});
  const { stderr, end } = await it.loglin('tui');
  assert.equal(end, 'exit 125');
  assert.match(stderr, /^loglin: tui: stdin and stdout must be a terminal/);
  const terminal = await screen(t, it);
  terminal.type('TERM=dumb "$LOGLIN_BIN" tui');
  assert.equal(await terminal.status(), '125');
  assert.match(terminal.text(), /TERM=dumb: such a terminal cannot show it/);
});

test('tui: an empty store, a removed build and a deleted log give messages', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {});
  const empty = await screen(t, it);
  empty.type('echo before; "$LOGLIN_BIN" tui');
  await empty.see(/no builds yet; record one: loglin make/);
  press(empty, 'Enter', '2', 'Enter', '3', 'j', 'n', 'e', 'd', 'w', 'p', 'c', 'b', 'o');
  await leave(empty);
});

test('tui: a build may be removed while it is shown, and a journal may be cut', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {});
  fs.cpSync(LZ4, it.path('store'), { recursive: true });
  const [first = '', last = ''] = fs.readdirSync(it.path('store/builds')).sort();
  const journal = it.path(path.join('store/builds', first, 'journal.ndjson'));
  fs.truncateSync(journal, fs.statSync(journal).size - 300);
  const terminal = await screen(t, it);
  terminal.type('echo before; "$LOGLIN_BIN" tui --store store');
  await terminal.see(/^▾ ✓ make -j4 all/m);
  fs.rmSync(it.path(path.join('store/builds', last)), { recursive: true });
  await terminal.see(/was removed/);
  press(terminal, '1');
  await terminal.see(/^ Builds +\d\/1 *$/m);
  press(terminal, 'Enter');
  await terminal.see(/the last record is cut short|records are missing/);
  await leave(terminal);
});

test('tui: a build that runs elsewhere grows on the screen', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, {
    Makefile: `all: one two\none:\n\t@echo says one; ${WAIT('go1')}; echo one ends\ntwo: one\n\t@echo says two; ${WAIT('go2')}\n`,
  });
  const terminal = await screen(t, it);
  const build = it.loglin('make');
  await until('the build is recorded', () => it.has('.loglin/builds'));
  terminal.type('echo before; "$LOGLIN_BIN" tui');
  await terminal.see(/● one/);
  // Without a key, the job is followed that plain loglin would print.
  await terminal.see(/^▌says one *$/m);
  it.write({ go1: '' });
  await terminal.see(/^▌says two *$/m);
  await terminal.see(/✓ one/);
  await terminal.see(/● two/);
  it.write({ go2: '' });
  await terminal.see(/✓ two/);
  press(terminal, 'q');
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.text(), /^before\nloglin: 2 jobs in \d\S+; loglin show prints them again *\n\$ *$/m);
  assert.equal((await build).end, 'exit 0');
});

const LIVE = `all: one two\none:\n\t@echo says one; ${WAIT('go1')}; echo one ends\ntwo: one\n\t@echo says two; read x; ${WAIT('go2')}; exit 3\n`;

test("loglin --tui: the browser shows the end of its build, and has the build's status", async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: LIVE });
  const terminal = await screen(t, it);
  terminal.type('echo before; "$LOGLIN_BIN" --tui make');
  await terminal.see(/● one/);
  it.write({ go1: '' });
  await terminal.see(/● two/);
  it.write({ go2: '' });
  await terminal.see(/✗ two/);
  await terminal.see(/1 failed/);
  press(terminal, 'q');
  assert.equal(await terminal.status(), '2');
  // What plain loglin prints last.
  assert.match(terminal.text(), /^before\n[^]*two[^]*\(exit 3\)[^]*loglin show two/m);
});

test('loglin --tui: a detached build goes on in plain output', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: LIVE });
  const terminal = await screen(t, it);
  terminal.type('echo before; "$LOGLIN_BIN" --tui make');
  await terminal.see(/● one/);
  press(terminal, 'q');
  await terminal.see(/The build runs: d detach/);
  press(terminal, 'x', 'q');
  await terminal.see(/The build runs: d detach/);
  press(terminal, 'd');
  await terminal.see(/^before\n▸ one *\nsays one *$/m);
  it.write({ go1: '', go2: '' });
  assert.equal(await terminal.status(), '2');
  assert.match(terminal.text(), /^one ends *$/m);
});

test('loglin --tui: a build can be stopped', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: LIVE });
  const terminal = await screen(t, it);
  terminal.type('echo before; "$LOGLIN_BIN" --tui make');
  await terminal.see(/● one/);
  press(terminal, 'q');
  await terminal.see(/The build runs: d detach/);
  press(terminal, 's');
  assert.notEqual(await terminal.status(), '0');
  const [id = ''] = fs.readdirSync(it.path('.loglin/builds'));
  assert.match(it.read(`.loglin/builds/${id}/journal.ndjson`), /"interrupted":true/);
});

test('tui: wide characters, colours and control characters of logs are shown, also with NO_COLOR', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, {
    Makefile:
      "all: 漢字.o\n漢字.o:\n\t@printf '\\033[31mred\\033[0m 漢字漢字 |\\n\\033[2Jx\\033]0;t\\007y👩‍👩‍👧 |\\n10%%\\r20%%\\rdone\\n'\n",
  });
  assert.equal((await it.loglin('make')).end, 'exit 0');
  const terminal = await screen(t, it, 120, 30);
  terminal.type('echo before; "$LOGLIN_BIN" tui');
  await terminal.see(/✓ 漢字\.o/);
  press(terminal, 'j');
  await terminal.see(/│ {0,1}▌red 漢字漢字 \|/);
  assert.match(terminal.colours(), /\x1b\[31m(\x1b\[\d+m)*red/);
  assert.match(terminal.text(), /xy/);
  assert.match(terminal.text(), /│ done/);
  await leave(terminal);
  terminal.type('clear; echo before; NO_COLOR=1 "$LOGLIN_BIN" tui');
  await terminal.see(/✓ 漢字\.o/);
  press(terminal, 'j');
  await terminal.see(/red 漢字漢字/);
  assert.doesNotMatch(terminal.colours(), /\x1b\[(?:\d+;)*3[1-7]/);
  await leave(terminal);
});
