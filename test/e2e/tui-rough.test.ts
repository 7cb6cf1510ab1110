// The browser where things go wrong, in a real terminal: programs that it starts and that fail, terminals
// that go away, stores that change under it, builds that do not end as they should. tui/rough.test.ts has the
// damaged stores.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Screen, screen } from '../rig/tmux.ts';
import { type Tree, isRoot, needs, running, skipOutsideCi, tree, until } from '../rig/tree.ts';

const LZ4 = fileURLToPath(new URL('../../sample-logs/lz4', import.meta.url));
const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;
const JOBS = /^▾ ✓ make -j4 all/m;
const TUI = '"$LOGLIN_BIN" tui --store store';

function sampleTree(t: TestContext, files: Readonly<Record<string, string>> = {}): Tree {
  const it = tree(t, files);
  fs.cpSync(LZ4, it.path('store'), { recursive: true });
  return it;
}

async function openSample(
  t: TestContext,
  it = sampleTree(t),
  env: Record<string, string> = {},
): Promise<Screen> {
  const terminal = await screen(t, it, 80, 24, env);
  terminal.type(`echo before; ${TUI}`);
  await terminal.see(JOBS);
  return terminal;
}

function press(terminal: Screen, ...keys: readonly string[]): void {
  for (const key of keys) terminal.key(key);
}

/** Quits; the screen and the terminal's modes must be as they were. */
async function leave(terminal: Screen, status = '0'): Promise<void> {
  press(terminal, 'q');
  assert.equal(await terminal.status(), status);
  await sane(terminal);
}

async function sane(terminal: Screen): Promise<void> {
  assert.doesNotMatch(terminal.text(), /▾|internal error|\n +at /);
  assert.deepEqual(terminal.flags(), {
    alternate: '0',
    cursor: '1',
    mouse: '0',
    wrap: '1',
    keypad: '0',
    region: '0',
  });
  terminal.type('clear; stty -a | grep -ow -e "[-]*icanon" -e "[-]*echo" -e "[-]*isig"');
  assert.equal(await terminal.status(), '0');
  const modes = terminal.text().split('\n');
  for (const mode of ['icanon', 'echo', 'isig']) assert.ok(modes.includes(mode), terminal.text());
}

/** Keeps the terminal from showing ^C, since the prompt would then not begin a line. */
async function quietly(terminal: Screen): Promise<void> {
  terminal.type('stty -echoctl');
  assert.equal(await terminal.status(), '0');
}

/** The process that shows the browser. */
function browserOf(it: Tree): number {
  const line = running(it.mark).find((one) => /^\d+ node .*main\.cjs/.test(one));
  assert.ok(line !== undefined, running(it.mark).join('\n'));
  return parseInt(line, 10);
}

test('tui: Ctrl-Z works twice, with one fg each', async (t) => {
  if (!needs(t, 'tmux')) return;
  const terminal = await openSample(t);
  for (let i = 0; i < 2; i++) {
    press(terminal, 'C-z');
    assert.equal(await terminal.status(), '147');
    assert.deepEqual(terminal.flags().alternate, '0');
    terminal.type('fg');
    await terminal.see(JOBS);
  }
  await leave(terminal);
});

test('tui: Ctrl-Z works after a pager', async (t) => {
  if (!needs(t, 'tmux')) return;
  const terminal = await openSample(t, undefined, { PAGER: 'cat >/dev/null; exit 3' });
  for (let i = 0; i < 3; i++) {
    press(terminal, 'v');
    await terminal.see(/exit 3/);
    press(terminal, 'C-l');
    // The message of this pager is gone: the next one is not taken for it.
    await terminal.see(/q quit *$/m);
  }
  press(terminal, 'C-z');
  assert.equal(await terminal.status(), '147');
  terminal.type('fg');
  await terminal.see(JOBS);
  await leave(terminal);
});

test('tui: a browser stopped by another process takes the terminal again', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = sampleTree(t);
  const terminal = await openSample(t, it);
  process.kill(browserOf(it), 'SIGSTOP');
  await terminal.see(/Stopped/);
  press(terminal, 'C-l');
  assert.match(await terminal.status(), /^1\d\d$/);
  terminal.type('fg');
  await terminal.see(/q quit *$/m);
  press(terminal, '?');
  await terminal.see(/^ Keys/m);
  press(terminal, 'x');
  await terminal.see(JOBS);
  await leave(terminal);
});

for (const [pager, said] of [
  ['no-such-pager', /no-such-pager: not found/],
  ['exit 3', /exit 3: exit 3/],
  ['kill -9 $$', /kill -9 \$\$: SIGKILL/],
] as const)
  test(`tui: a pager that fails leaves the browser running: ${pager}`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const terminal = await openSample(t, undefined, { PAGER: pager });
    press(terminal, 'v');
    await terminal.see(said);
    await terminal.see(JOBS);
    await leave(terminal);
  });

test('tui: the changes to the terminal that a killed pager left are undone', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = sampleTree(t, {
    'bad.sh': [
      'stty -icanon -echo -isig </dev/tty',
      String.raw`printf '\033[?1049h\033[?1000h\033[?1006h\033[?2004h\033[?25l\033[5;10r\033[4h\033[?1h\033=' >/dev/tty`,
      'kill -9 $$',
    ].join('\n'),
  });
  const terminal = await openSample(t, it, { PAGER: 'sh bad.sh' });
  press(terminal, 'v');
  await terminal.see(/sh bad\.sh: SIGKILL/);
  assert.match(terminal.text(), JOBS);
  press(terminal, 'G', 'g');
  await terminal.see(/q quit *$/m);
  await leave(terminal);
});

test('tui: Ctrl-C in a pager goes to the pager', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = sampleTree(t, {
    'pager.sh': `trap 'touch interrupted; exit 0' INT\ncat >/dev/null\ntouch waits\n${WAIT('never')}\n`,
  });
  const terminal = await screen(t, it, 80, 24, { PAGER: 'sh pager.sh' });
  await quietly(terminal);
  terminal.type(TUI);
  await terminal.see(JOBS);
  press(terminal, 'v');
  await it.file('waits');
  press(terminal, 'C-c');
  await it.file('interrupted');
  await terminal.see(JOBS);
  await leave(terminal);
});

const SLOW = `all: one two\none:\n\t@echo says one; ${WAIT('go')}; echo one ends\ntwo:\n\t@echo says two; ${WAIT('go')}\n`;

test('loglin --tui: Ctrl-C in a pager does not reach the build', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, {
    Makefile: SLOW,
    'pager.sh': `trap 'touch interrupted; exit 0' INT\ncat >/dev/null\ntouch waits\n${WAIT('never')}\n`,
  });
  const terminal = await screen(t, it, 80, 24, { PAGER: 'sh pager.sh' });
  await quietly(terminal);
  terminal.type('"$LOGLIN_BIN" --tui make -j2');
  await terminal.see(/● two/);
  press(terminal, 'v');
  await it.file('waits');
  press(terminal, 'C-c');
  await it.file('interrupted');
  await terminal.see(/● two/);
  it.write({ go: '' });
  await terminal.see(/✓ make/);
  await leave(terminal);
});

// -- terminals that go away ------------------------------------------------------------------------------

for (const [where, keys, pager] of [
  ['the browser', [], 'cat'],
  ['its pager', ['v'], 'cat >/dev/null; touch waits; while :; do sleep 0.1; done'],
] as const)
  test(`tui: nothing is left when the terminal closes over ${where}`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const it = sampleTree(t);
    const terminal = await openSample(t, it, { PAGER: pager });
    press(terminal, ...keys);
    if (keys.length > 0) await it.file('waits');
    terminal.close();
    await it.nothingLeft();
  });

test('tui: it ends when the terminal closes, also where SIGHUP is ignored', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = sampleTree(t);
  const terminal = await screen(t, it);
  terminal.type(`sh -c 'trap "" HUP; ${TUI} 2>err; echo $? >status'`);
  await terminal.see(JOBS);
  terminal.close();
  assert.equal(await it.line('status'), '129');
  assert.doesNotMatch(it.read('err'), /Assertion|internal error/);
  await it.nothingLeft();
});

test("loglin --tui: the build gets the terminal's hangup as it would without loglin", async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, {
    Makefile: `all:\n\t@trap 'echo hup >heard; exit 1' HUP; echo starts; ${WAIT('go')}\n`,
  });
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" --tui make');
  await terminal.see(/● all/);
  await terminal.see(/^▌starts/m);
  terminal.close();
  assert.equal(await it.line('heard'), 'hup');
  await it.nothingLeft();
});

test('loglin --tui: the build ends well when the terminal closes and SIGHUP is ignored', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: SLOW });
  const terminal = await screen(t, it);
  terminal.type(`sh -c 'trap "" HUP; "$LOGLIN_BIN" --tui make -j2 2>err; echo $? >status'`);
  await terminal.see(/● two/);
  terminal.close();
  it.write({ go: '' });
  assert.equal(await it.line('status'), '0');
  assert.equal(it.read('err'), '');
  await it.nothingLeft();
  assert.match(await it.show(), /one ends/);
});

// -- stores that change ----------------------------------------------------------------------------------

test('tui: logs that are cut or deleted, a removed build and a removed store give messages', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = sampleTree(t);
  const ids = fs.readdirSync(it.path('store/builds')).sort();
  const logs = it.path(`store/builds/${ids[1]}/logs`);
  const biggest = fs.readdirSync(logs).sort((a, b) => size(logs, b) - size(logs, a))[0]!;
  const terminal = await openSample(t, it);
  fs.truncateSync(path.join(logs, biggest), 10);
  for (const name of fs.readdirSync(logs)) if (name !== biggest) fs.rmSync(path.join(logs, name));
  press(terminal, 'j', 'j');
  await terminal.see(/no such file/);
  press(terminal, 'b');
  await terminal.see(/bytes are missing/);
  press(terminal, 'b', 'g', 't', '2', 'G');
  await terminal.see(/slow first/);
  assert.equal((await it.loglin('rm', '--store', it.path('store'), ids[0]!)).end, 'exit 0');
  press(terminal, '1');
  await terminal.see(/^ Builds +\d\/1 *$/m);
  fs.rmSync(it.path('store'), { recursive: true });
  await terminal.see(/^ Builds +0 *$/m);
  press(terminal, 'd', 'w', 'p', 'u', 'O', 'c', 'T', 'b', '[', ']', 'e', 'n', '3', '/', 'x', 'Enter');
  press(terminal, 'Escape', '1', 'Enter', 'C-l');
  await terminal.see(/^ Builds +0 *$/m);
  await leave(terminal);
});

test('tui: messages come when gc removes the open build and thins another', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {});
  fs.cpSync(path.join(LZ4, '../lua'), it.path('store'), { recursive: true });
  const [first, second] = fs.readdirSync(it.path('store/builds')).sort();
  const terminal = await screen(t, it);
  terminal.type(`echo before; ${TUI} -b ${second}`);
  await terminal.see(/^ Jobs +(?:\d+\/)?14 {2}2 failed *$/m);
  const { end, stdout } = await it.loglin('gc', '--store', it.path('store'), '--keep', '1');
  assert.equal(end, 'exit 0');
  assert.match(stdout, new RegExp(`^${first} .* thinned: [^]*^${second} .* removed$`, 'm'));
  await terminal.see(/this build was removed; what was read of it is still shown/);
  press(terminal, '2', 'j');
  await terminal.see(/^ ✓ ltablib\.o .*\n.*no such file or directory/m);
  press(terminal, '1');
  await terminal.see(/^ Builds +\d\/2 *$/m);
  press(terminal, 'G', 'Enter');
  await terminal.see(/^ Jobs +(?:\d+\/)?37 *$/m);
  press(terminal, '/', 'l', 'u', 'a', '.', 'o', 'Enter');
  await terminal.see(/log removed by gc/);
  await leave(terminal);
});

const size = (folder: string, name: string): number => fs.statSync(path.join(folder, name)).size;

test('tui: a store that may not be read gives a message', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = sampleTree(t);
  // Root gives up its rights over files instead of becoming another user, who might have no access to this
  // clone.
  const anybody = isRoot() ? 'setpriv --bounding-set=-dac_override,-dac_read_search' : '';
  if (anybody !== '' && !needs(t, 'setpriv')) return;
  fs.chmodSync(it.path('store/builds'), 0);
  t.after(() => {
    if (it.has('store/builds')) fs.chmodSync(it.path('store/builds'), 0o700);
  });
  const terminal = await screen(t, it);
  terminal.type(`${anybody} ${TUI}`);
  await terminal.see(/store\/builds:? *permission denied/);
  await leave(terminal);
});

test('tui: a full disk and a name that is no file give messages, and the old file is kept', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: 'all:\n\t@seq 1 200000\n', there: 'mine\n' });
  const disk = it.mount('disk', 'size=64k');
  if (disk === undefined) {
    skipOutsideCi(t, 'mount is not allowed');
    return;
  }
  assert.equal((await it.loglin('make')).end, 'exit 0');
  assert.equal(spawnSync('mkfifo', [it.path('pipe')]).status, 0);
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" tui');
  await terminal.see(/✓ all/);
  press(terminal, 'j');
  await terminal.see(/^▌1 *▐?$/m);
  for (const [name, said] of [
    ['disk/log', /no space left on device/],
    ['nowhere/log', /no such file or directory/],
  ] as const) {
    press(terminal, 's', 'C-u');
    terminal.press(name);
    press(terminal, 'Enter');
    await terminal.see(said);
  }
  for (const [name, answer, said] of [
    ['there', 'n', /not written/],
    ['pipe', 'y', /pipe: (?!is there)/],
    ['disk', 'y', /disk: is a directory/],
  ] as const) {
    press(terminal, 's', 'C-u');
    terminal.press(name);
    press(terminal, 'Enter');
    await terminal.see(/overwrite it\?/);
    press(terminal, answer);
    await terminal.see(said);
  }
  assert.equal(it.read('there'), 'mine\n');
  await leave(terminal);
});

test('tui: the error of a wrong configuration comes before the browser, not onto its screen', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = sampleTree(t, { 'store/config.json': '{ "problems": 1 }' });
  const terminal = await openSample(t, it);
  press(terminal, 'j', 'd');
  await terminal.see(/^ diff lib/m);
  press(terminal, 'p');
  await terminal.see(/^ Problems/m);
  assert.doesNotMatch(terminal.text(), /config\.json/);
  await leave(terminal);
});

// -- terminals and sizes ---------------------------------------------------------------------------------

test('tui: the last of a hundred sizes counts during a search', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: 'all:\n\t@seq 1 300000\n' });
  assert.equal((await it.loglin('make')).end, 'exit 0');
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" tui');
  await terminal.see(/✓ all/);
  press(terminal, 'j');
  await terminal.see(/^▌1 *▐?$/m);
  press(terminal, '3', '/');
  terminal.press('^29999.$');
  press(terminal, 'Enter');
  for (let i = 0; i < 100; i++) terminal.resize(((i * 37) % 200) + 1, ((i * 13) % 60) + 1);
  terminal.resize(80, 24);
  await terminal.see(/^▌299990 *$/m);
  await until('all is drawn', () => /^▾|^ Jobs/m.test(terminal.text()) && terminal.text().includes('q quit'));
  press(terminal, 'n');
  await terminal.see(/^▌299991 *$/m);
  await leave(terminal);
});

for (const [env, options, ascii, coloured] of [
  ['TERM=xterm', '', false, true],
  ['TERM=tmux-256color', '', false, true],
  ['TERM=screen', '', false, true],
  ['TERM=linux', '', false, true],
  ['TERM=vt100', '', false, false],
  ['LC_ALL=C', '', true, true],
  ['LC_ALL= LC_CTYPE= LANG=C', '', true, true],
  ['NO_COLOR=1', '', false, false],
  ['', '--color=never --ascii', true, false],
  ['NO_COLOR=1', '--color=always', false, true],
] as const)
  test(`tui: the screen has the right colours and characters with ${env} ${options}`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const terminal = await screen(t, sampleTree(t));
    terminal.type(`COLORTERM= ${env} ${TUI} ${options}`);
    await terminal.see(ascii ? /^- \. make -j4 all/m : JOBS);
    if (ascii) assert.match(terminal.text(), /^[ -~\n]*$/);
    press(terminal, 'c');
    await terminal.see(/critical path/);
    const colours = /\x1b\[(?:\d+;)*(?:[349][0-7]|[34]8;)/;
    if (coloured) assert.match(terminal.colours(), colours);
    else assert.doesNotMatch(terminal.colours(), colours);
    press(terminal, 'q');
    assert.equal(await terminal.status(), '0');
  });

for (const unset of ['env -u TERM', 'TERM=', 'TERM=dumb'])
  test(`tui: it refuses to start with ${unset}`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const terminal = await screen(t, sampleTree(t));
    terminal.type(`${unset} ${TUI}`);
    assert.equal(await terminal.status(), '125');
    assert.match(terminal.text(), /such a terminal cannot show it/);
  });

// -- builds under it -------------------------------------------------------------------------------------

test("loglin --tui: it waits for a build that does not stop, shows that it waits, and has the build's status", async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {
    'stubborn.sh': `#!/bin/sh\ntrap 'echo >>heard' INT\necho starts\n${WAIT('go')}\nexit 7\n`,
  });
  const terminal = await screen(t, it);
  await quietly(terminal);
  terminal.type('"$LOGLIN_BIN" --tui ./stubborn.sh');
  await terminal.see(/starts/);
  press(terminal, 'C-c');
  await terminal.see(/The build runs: d detach/);
  press(terminal, 's');
  await terminal.see(/loglin: waits for the build to end/);
  await it.line('heard');
  press(terminal, 'C-c');
  await until('the second one is heard', () => it.read('heard') === '\n\n');
  it.write({ go: '' });
  assert.equal(await terminal.status(), '7');
});

test('loglin --tui: the build may end while the question is shown', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: SLOW });
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" --tui make -j2');
  await terminal.see(/● two/);
  press(terminal, 'q');
  await terminal.see(/The build runs: d detach/);
  it.write({ go: '' });
  await terminal.see(/q quit/);
  await terminal.see(/✓ make/);
  await leave(terminal);
});

test('loglin --tui: the last output of a build is shown where its log is followed', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: `all:\n\t@echo starts; ${WAIT('go')}; seq 1 100000; echo last\n` });
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" --tui make');
  await terminal.see(/● all/);
  // Ends that the view changes by itself; the end of the log is still followed.
  press(terminal, 'k');
  await terminal.see(/^▌starts/m);
  it.write({ go: '' });
  await terminal.see(/✓ make/);
  await terminal.see(/^▌last *▐?$/m);
  await leave(terminal);
});

for (const [command, status, said] of [
  ['true', '0', undefined],
  ['false', '1', undefined],
  [`sh -c 'kill -9 $$'`, '137', undefined],
  [`sh -c 'kill $$'`, '143', undefined],
  ['no-such-command', '127', /no-such-command: command not found/],
  ['./Makefile', '126', /permission denied/],
] as const)
  test(`loglin --tui ${command}: the status is the command's`, async (t) => {
    if (!needs(t, 'tmux')) return;
    const it = tree(t, { Makefile: '' });
    const terminal = await screen(t, it);
    terminal.type(`"$LOGLIN_BIN" --tui ${command}`);
    if (said) await terminal.see(said);
    else {
      await terminal.see(/[✓✗] (true|false|sh)/);
      press(terminal, 'q');
    }
    assert.equal(await terminal.status(), status);
  });

test('loglin --tui: text that others write to the terminal is drawn over; a nested loglin runs; stdin is empty', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, {
    Makefile: `all: a b\na:\n\t@printf 'scrib%s\\n' ble >/dev/tty; read x || echo no input; ${WAIT('go')}\nb:\n\t@"$$LOGLIN_BIN" -t inner --tui sh -c 'echo nested'; ${WAIT('go')}\n`,
  });
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" --tui make -j2');
  await terminal.see(/inner/);
  press(terminal, 'C-l');
  await until('it is drawn over', () => !terminal.text().includes('scribble'));
  it.write({ go: '' });
  await terminal.see(/✓ make/);
  await leave(terminal);
  const shown = await it.show();
  assert.match(shown, /no input/);
  assert.match(shown, /nested/);
});

test('loglin --tui: in a pipe it is refused before anything runs', async (t) => {
  const it = tree(t, {});
  const { end, stderr } = await it.sh('"$LOGLIN_BIN" --tui touch ran | cat; exit ${PIPESTATUS[0]}');
  assert.equal(end, 'exit 125');
  assert.match(stderr, /stdin and stdout must be a terminal/);
  assert.ok(!it.has('ran'));
});

test('tui: a build elsewhere that is killed is shown as interrupted', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, { Makefile: SLOW });
  const build = it.start(['sh', '-c', 'echo $$ >pid; exec "$LOGLIN_BIN" make -j2']);
  await until('it is recorded', () => it.has('.loglin/builds'));
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" tui');
  await terminal.see(/● two/);
  press(terminal, 'F');
  process.kill(Number(await it.line('pid')), 'SIGKILL');
  await terminal.see(/‖ two/);
  assert.match(terminal.text(), /‖ make -j2/);
  press(terminal, '1');
  await terminal.see(/^‖ .*make -j2/m);
  it.write({ go: '' });
  await build.ended;
  await leave(terminal);
});

test('loglin --tui: a build that deletes its own store goes on in plain output, with a message', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  const it = tree(t, {
    Makefile: 'all: one two\none:\n\t@echo says one\n\t@rm -rf .loglin\ntwo: one\n\t@echo says two; exit 3\n',
  });
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" --tui make; echo "status $?"');
  await terminal.see(/▾ [●✗] make|says two/);
  // If the browser noticed it in time, it has quit by itself.
  press(terminal, 'q');
  await terminal.see(/status 2 *$/m);
  assert.doesNotMatch(terminal.text(), /internal error|\n +at /);
  assert.match(terminal.text(), /^loglin: .*\.loglin/m);
});
