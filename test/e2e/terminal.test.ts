// A real terminal (tmux): the screen while a build runs and after it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordPlan } from '../rig/schedule.ts';
import { storeBuild } from '../rig/stored.ts';
import { screen } from '../rig/tmux.ts';
import { LOGLIN, type Tree, needs, tree } from '../rig/tree.ts';

const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;
const MAKE = '"$LOGLIN_BIN" make';

/** The screen's lines without the typed command and the last prompt. */
function said(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const prompt = lines.findLastIndex((line) => line === '$');
  return lines.slice(1, prompt < 0 ? undefined : prompt);
}

const SUMMARY =
  /^loglin: (1 job in [\d.]+s; loglin show prints it|\d+ jobs in [\d.]+s; loglin show prints them) again$/;

test('terminal: the status line is painted while the build is silent, and wiped before text and at the end', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {
    Makefile: `all: one two\none:\n\t@echo says one; ${WAIT('go1')}; echo one ends\ntwo: one\n\t@${WAIT('go2')}\n`,
  });
  const terminal = await screen(t, it);
  terminal.type(MAKE);
  let text = await terminal.see(/^says one\n\[\d+s\] 0 done · one( \d+s)?$/m);
  assert.deepEqual(said(text).slice(0, 2), ['▸ one', 'says one']);
  assert.equal(said(text).length, 3);
  it.write({ go1: '' });
  text = await terminal.see(/^▸ two\n\[\d+s\] 1 done · two( \d+s)?$/m);
  assert.deepEqual(said(text).slice(0, 4), ['▸ one', 'says one', 'one ends', '▸ two']);
  assert.equal(said(text).length, 5);
  it.write({ go2: '' });
  assert.equal(await terminal.status(), '0');
  const lines = said(terminal.text());
  assert.deepEqual(lines.slice(0, -1), ['▸ one', 'says one', 'one ends', '▸ two']);
  assert.match(lines.at(-1) ?? '', SUMMARY);
});

test('terminal: an earlier build of the same command gives the number of jobs and the duration', async (t) => {
  if (!needs(t, 'tmux')) return;
  const names = ['one', 'two', 'three', 'four'];
  const recipes = names.map((name, i) => `${name}: ${names[i - 1] ?? ''}\n\t@${WAIT(`go${i}`)}\n`);
  const it = tree(t, { Makefile: `all: four\n${recipes.join('')}`, '.loglin/config.json': '{}' });
  const targets = names.map((name, i) => ({
    name,
    needs: names.slice(Math.max(0, i - 1), i),
    job: { name, work: [{ kind: 'own' as const, ms: 600_000 }] },
  }));
  const past = recordPlan({ name: 'make', work: [{ kind: 'make', make: { head: 1, tail: 1, targets } }] });
  storeBuild(it.path('.loglin'), past, { id: '20200101-000000000-abcd', close: { t: 2_400_002 } });
  const terminal = await screen(t, it);
  terminal.type(`${MAKE} -j3`);
  await terminal.see(/^\[\d+s\] 0 done · one( \d+s)?$/m);
  it.write({ go0: '' });
  await terminal.see(/^\[\d+s\] 1\/4 ▓▓░░░░░░ ~[\dms]+ · two( \d+s)?$/m);
  it.write({ go1: '', go2: '' });
  await terminal.see(/^\[\d+s\] 3\/4 ▓▓▓▓▓▓░░ ~[\dms]+ · four( \d+s)?$/m);
  it.write({ go3: '' });
  assert.equal(await terminal.status(), '0');
});

test('terminal: --no-status paints no status line', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, { Makefile: `all:\n\t@printf 'a\\n'; ${WAIT('go')}\n` });
  const terminal = await screen(t, it);
  terminal.type('"$LOGLIN_BIN" --no-status make');
  await terminal.see(/^a$/m);
  it.write({ go: '' });
  assert.equal(await terminal.status(), '0');
  assert.deepEqual(said(terminal.text()), ['▸ all', 'a']);
});

test('terminal: a prompt without newline is seen, and typed text reaches the recipe', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {
    Makefile: `all:\n\t@printf 'Go on? '; read answer; echo "answer $$answer"; ${WAIT('go')}\n`,
  });
  const terminal = await screen(t, it);
  terminal.type(MAKE);
  let text = await terminal.see(/^Go on\? ?$/m);
  assert.deepEqual(
    said(text).slice(0, 2),
    ['▸ all', 'Go on?'],
    'the status line is below the unfinished line',
  );
  terminal.type('yes please');
  text = await terminal.see(/^answer/m);
  assert.deepEqual(said(text).slice(0, 3), ['▸ all', 'Go on? yes please', 'answer yes please']);
  it.write({ go: '' });
  assert.equal(await terminal.status(), '0');
  assert.deepEqual(said(terminal.text()).slice(0, 3), ['▸ all', 'Go on? yes please', 'answer yes please']);
});

test('terminal: progress with \\r is seen as it goes, and ends as one line', async (t) => {
  if (!needs(t, 'tmux')) return;
  const steps = [10, 50, 90].map((n) => `printf '\\r%d%% done' ${n}; ${WAIT(`at${n}`)}`).join('; ');
  const it = tree(t, { Makefile: `all:\n\t@${steps.replaceAll('%', '%')}; printf '\\r100%% done\\n'\n` });
  const terminal = await screen(t, it);
  terminal.type(MAKE);
  for (const n of [10, 50, 90]) {
    const text = await terminal.see(new RegExp(`^${n}% done$`, 'm'));
    assert.deepEqual(said(text).slice(0, 2), ['▸ all', `${n}% done`]);
    assert.ok(
      said(text)
        .slice(2)
        .every((line) => /^\[\d+s\] 0 done/.test(line)),
    );
    it.write({ [`at${n}`]: '' });
  }
  assert.equal(await terminal.status(), '0');
  assert.deepEqual(said(terminal.text()).slice(0, -1), ['▸ all', '100% done']);
  terminal.type('clear; "$LOGLIN_BIN" show --no-pager');
  assert.equal(await terminal.status(), '0');
  assert.deepEqual(said(`x\n${terminal.text()}`).slice(1), ['▸ all', '100% done']);
});

test('terminal: colours come through, other escape sequences do not', async (t) => {
  if (!needs(t, 'tmux')) return;
  const evil =
    '\\033[2J\\033[H\\033]0;title\\007\\033[31mred\\033[0m \\033[5Aup\\033(0lqk\\033c \\033[?1049hplain\\n';
  const it = tree(t, { Makefile: `all:\n\t@printf 'before\\n${evil}after\\n'\n` });
  const terminal = await screen(t, it);
  for (const command of [MAKE, 'clear; "$LOGLIN_BIN" show --no-pager']) {
    terminal.type(command);
    assert.equal(await terminal.status(), '0');
    const lines = terminal
      .text()
      .split('\n')
      .map((line) => line.trimEnd());
    const at = lines.indexOf('before');
    assert.ok(at >= 0, lines.join('\n'));
    assert.match(lines[at + 1] ?? '', /^red up(lqk)? ?.*plain$/);
    assert.equal(lines[at + 2], 'after');
    assert.match(terminal.colours(), /\x1b\[31m(\x1b\[49m)?red/);
  }
});

test('terminal: programs are asked for colour, and a pipe gets the log without it', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {
    Makefile: `all:\n\t@if [ "$$CLICOLOR_FORCE" ]; then printf '\\033[32mgreen\\033[0m\\n'; else echo pale; fi\n`,
  });
  const terminal = await screen(t, it);
  terminal.type(MAKE);
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.colours(), /\x1b\[32m(\x1b\[49m)?green/);
  assert.equal(await it.show(), '▸ all\ngreen\n');
  terminal.type('"$LOGLIN_BIN" show | cat -v; "$LOGLIN_BIN" make | cat -v');
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.text(), /^green$[^]*^pale$/m);
  terminal.type('clear; "$LOGLIN_BIN" --no-force-color make');
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.text(), /^pale$/m);
  terminal.type('clear; NO_COLOR=1 "$LOGLIN_BIN" make');
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.text(), /^pale$/m);
});

test('terminal: 40 columns: the status line fits on one line, and nothing of it remains', async (t) => {
  if (!needs(t, 'tmux')) return;
  const names = ['a', 'b', 'c', 'd'].map((x) => `a-rather-long-name-of-a-target-${x}`);
  const it = tree(t, {
    Makefile: `all: ${names.join(' ')}\n${names.join(' ')}:\n\t@echo >$@.here; ${WAIT('go')}; echo 漢字 of $@; seq 1 3\n`,
  });
  const terminal = await screen(t, it, 40, 30);
  terminal.type(`${MAKE} -j4`);
  for (const name of names) await it.file(`${name}.here`);
  const text = await terminal.see(/^\[\d+s\] 0 done · a-rather.*\.\.\..*$/m);
  assert.equal(text.split('\n').filter((line) => line.includes('0 done')).length, 1);
  it.write({ go: '' });
  assert.equal(await terminal.status(), '0');
  const history = terminal.history();
  assert.doesNotMatch(history, /\d done/);
  assert.equal(history.split('\n').filter((line) => line.startsWith('漢字')).length, 4);
});

test('terminal: nothing of the status line remains when the window becomes narrower and wider during a build', async (t) => {
  if (!needs(t, 'tmux')) return;
  const names = Array.from({ length: 12 }, (_, i) => `target-number-${i}`);
  const it = tree(t, {
    Makefile: `all: ${names.join(' ')} last\n${names.join(' ')}:\n\t@touch $@.here; ${WAIT('go1')}\nlast: ${names[0]}\n\t@${WAIT('go2')}; echo says last\n`,
  });
  const terminal = await screen(t, it, 100, 20);
  // tmux moves the cursor's row to the top and beyond when it wraps the rows above, so there are some rows
  // above.
  terminal.type(`seq 60; ${MAKE} -j20`);
  for (const name of names) await it.file(`${name}.here`);
  await terminal.see(/ · \+\d+$/m);
  for (const columns of [80, 60, 40, 24, 90]) {
    terminal.resize(columns, 20);
    const fits = new RegExp(String.raw`^(?=.{${columns - 20},${columns - 1}}$)\[\d+s\] 0 done.*$`, 'm');
    const text = await terminal.see(columns > 24 ? fits : /^\[\d+s\] 0 done.{0,12}$/m);
    assert.equal(text.match(/done/g)?.length, 1, text);
  }
  it.write({ go1: '' });
  await terminal.see(/^\[\d+s\] 12 done · last/m);
  it.write({ go2: '' });
  assert.equal(await terminal.status(), '0');
  const shown = said(terminal.history());
  assert.deepEqual(shown.slice(-3, -1), ['▸ last', 'says last']);
  assert.deepEqual(
    shown.filter((line) => line.includes('done')),
    [],
  );
});

test('terminal: Ctrl-Z leaves nothing behind, fg paints the status line again, and Ctrl-C gives a message', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, { Makefile: `one two:\n\t@echo says $@; ${WAIT('go')}\n` });
  const terminal = await screen(t, it, 100, 20);
  terminal.type(`${MAKE} -j2 one two`);
  await terminal.see(/^\[\d+s\] 0 done · one( \d+s)? · two( \d+s)?$/m);
  terminal.key('C-z');
  const stopped = await terminal.see(/Stopped/m);
  assert.doesNotMatch(stopped, /0 done/);
  assert.match(stopped, /^says one\n\n?\[1\]\+ {2}Stopped/m);
  terminal.type('fg');
  await terminal.see(/^\[\d+s\] 0 done · one \d+s · two \d+s$/m);
  terminal.key('C-c');
  const end = await terminal.see(/^loglin: interrupted: 2 jobs in [\d.]+s; loglin show prints them again$/m);
  assert.doesNotMatch(end, /0 done/);
});

test('terminal: --status=4 has a row for each job, the oldest first', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {
    Makefile: `all: a b c d\na b c d:\n\t@printf 'text of %s' $@; ${WAIT('go')}; echo\n`,
  });
  const terminal = await screen(t, it, 60, 12);
  terminal.type('"$LOGLIN_BIN" --status=4 make -j4');
  // The line of text is not finished, so the rows stand below it.
  await terminal.see(/^text of a\n\[\d+s\] 0 done\n {2}a \d+s\n {2}b \d+s\n {2}\+2$/m);
  it.write({ go: '' });
  assert.equal(await terminal.status(), '0');
  assert.deepEqual(said(terminal.history()).slice(0, -1), [
    '▸ a',
    'text of a',
    '▸ b',
    'text of b',
    '▸ c',
    'text of c',
    '▸ d',
    'text of d',
  ]);
});

for (const [what, env] of [
  ['TERM=dumb', { TERM: 'dumb' }],
  ['CI', { CI: 'true', TERM: 'xterm' }],
] as const)
  test(`terminal: there is no control sequence at all with ${what}`, async (t) => {
    if (!needs(t, 'script')) return;
    const it = tree(t, { Makefile: "all:\n\t@printf 'a'; sleep 0.5; printf 'b\\n'; sleep 0.5\n" });
    const { end, stdout } = await it.run(
      ['script', '-qec', '"$LOGLIN_BIN" --color=never make', '/dev/null'],
      { env },
    );
    assert.equal(end, 'exit 0');
    const own = stdout.replaceAll('\r\n', '\n');
    assert.match(own, /^▸ all\nab\n(loglin: .*\n)*$/);
    assert.doesNotMatch(own, /[^\P{Cc}\n]/u);
  });

const FAILS = `all: slow bad
slow:
\t@${WAIT('bad.ran')}; seq 1 30; echo slow ends
bad:
\t@echo trying; echo 'bad.c:3:1: error: no such thing'; echo >bad.ran; exit 3
after: bad
\t@echo never
`;

test('terminal: a build leaves the modes of the terminal alone, at its end in the background too', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {});
  const terminal = await screen(t, it);
  const modes = `stty -a | grep -ow -e '[-]*echoctl' -e '[-]*noflsh'`;
  // What a command sets is set, as without loglin.
  terminal.type(`"$LOGLIN_BIN" stty -echoctl; ${modes}`);
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.text(), /^-noflsh\n-echoctl$/m);
  // What others set while a build runs stays.
  terminal.type(`clear; "$LOGLIN_BIN" sh -c 'echo >begun; ${WAIT('go')}' &`);
  assert.equal(await terminal.status(), '0');
  await it.file('begun');
  terminal.type(`stty noflsh; echo >go; wait; ${modes}`);
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.text(), /^noflsh\n-echoctl$/m);
});

test('terminal: the failure report is the last thing on the screen', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, { Makefile: FAILS });
  const terminal = await screen(t, it, 80, 24);
  terminal.type(`${MAKE} -j2`);
  assert.equal(await terminal.status(), '2');
  const lines = said(`x\n${terminal.text()}`);
  const report = lines.slice(lines.findIndex((line) => /jobs? failed$/.test(line)));
  assert.deepEqual(report.slice(0, 3), ['1 of 2 jobs failed', '', '✗ bad (exit 3)']);
  assert.match(report.join('\n'), /^bad\.c:3:1: error: no such thing$/m);
  assert.equal(
    report.findLast((line) => !SUMMARY.test(line)),
    '  loglin show bad',
  );
  const colours = terminal.colours();
  assert.match(colours, /\x1b\[31m[^\x1b]*✗ bad \(exit 3\)/);
  const painted = /bad\.c:3:1:\x1b\[0m[^\n]* \x1b\[1m\x1b\[31merror:\x1b\[0m/g;
  assert.equal(colours.match(painted)?.length, 2, colours);
  // Neither the record nor a pipe has them.
  assert.doesNotMatch((await it.loglin('show')).stdout, /\x1b/);
  terminal.type('clear; "$LOGLIN_BIN" show --no-pager bad');
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.colours(), /\x1b\[1mbad\.c:3:1:\x1b\[0m.* \x1b\[1m\x1b\[31merror:\x1b\[0m/);
});

test('terminal: show goes through the pager, and --no-pager does not', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {
    Makefile: `all:\n\t@seq 1 200\n`,
    pager: '#!/bin/sh\necho "paged, LESS=$LESS"\nsed 1d | head -2\n',
  });
  await it.loglin('make');
  const terminal = await screen(t, it);
  terminal.type('clear; LOGLIN_PAGER=./pager PAGER=false "$LOGLIN_BIN" show');
  assert.equal(await terminal.status(), '0');
  assert.deepEqual(said(`x\n${terminal.text()}`), ['paged, LESS=FRX', '▸ all', '1']);
  terminal.type('clear; PAGER=./pager "$LOGLIN_BIN" show');
  assert.equal(await terminal.status(), '0');
  assert.deepEqual(said(`x\n${terminal.text()}`), ['paged, LESS=FRX', '▸ all', '1']);
  terminal.type('clear; LOGLIN_PAGER=./pager "$LOGLIN_BIN" show --no-pager');
  assert.equal(await terminal.status(), '0');
  assert.match(terminal.text(), /^199\n200\n\$ $/m);
  assert.doesNotMatch(terminal.history(), /paged/);
  terminal.type('clear; LOGLIN_PAGER=./pager "$LOGLIN_BIN" show | tail -1');
  assert.equal(await terminal.status(), '0');
  assert.deepEqual(said(`x\n${terminal.text()}`), ['200']);
});

test('terminal: show begins with a dim line that names the build; a pipe, --json, --raw and --quiet have none', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, { Makefile: `all: a\n\t@echo all; exit 3\na:\n\t@echo a\n` });
  await it.loglin('make', 'VALUE=日本語 is a long word', 'OTHER=and more of it until the line is full');
  const terminal = await screen(t, it);
  const shown = async (args: string): Promise<string[]> => {
    terminal.type(`clear; "$LOGLIN_BIN" show --no-pager ${args}`);
    assert.equal(await terminal.status(), '0');
    return said(`x\n${terminal.text()}`);
  };
  const line =
    /^build [\da-f]{4} {2}\d+s ago {2}[\d.]+s {2}exit 2 {2}2 jobs, 1 failed {2}make '?VAL.*\.\.\..*$/;
  for (const args of ['', 'a', '--no-details', '--prefix', '-f']) {
    const [first = '', second = ''] = await shown(args);
    assert.match(first, line, args);
    assert.doesNotMatch(second, /^build /);
  }
  assert.match(terminal.colours(), /^\x1b\[2mbuild [\da-f]{4}/m);
  for (const args of ['--raw', '--json', '| cat'])
    assert.doesNotMatch((await shown(args)).join('\n'), /^build /m);
  terminal.resize(40, 24);
  assert.match(
    (await shown('--color=never'))[0] ?? '',
    /^build [\da-f]{4} {2}\d+s ago {2}[\d.]+s {2}exit 2$/,
  );
});

test('terminal: while the store is served, the last line is the address of the page, without its token', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, { Makefile: 'all: a\na:\n\t@echo a\nbad:\n\t@false\n', '.loglin/config.json': '{}' });
  const env = { XDG_STATE_HOME: it.path('state') };
  const served = it.start([LOGLIN, 'serve'], { env });
  const url = await new Promise<string>((resolve) =>
    served.child.stdout?.once('data', (line: Buffer) => resolve(String(line).split('?')[0]!)),
  );
  const terminal = await screen(t, it, 100, 24, env);
  const lastOf = async (command: string): Promise<string> => {
    terminal.type(`clear; ${command}`);
    await terminal.status();
    return said(`x\n${terminal.text()}`).at(-1) ?? '';
  };
  const newest = (): string =>
    fs
      .readdirSync(it.path('.loglin/builds'))
      .filter((id) => /^\d/.test(id))
      .sort()
      .at(-1)!;
  for (const target of ['all', 'bad'])
    assert.equal(await lastOf(`${MAKE} ${target}`), `loglin: page: ${url}#b/${newest()}`);
  // Where nobody reads the terminal, nothing is said of it.
  const piped = await it.run([LOGLIN, 'make'], { env });
  assert.doesNotMatch(piped.stdout + piped.stderr, /page:/);
  // A server that was killed has left its file behind.
  served.child.kill('SIGKILL');
  await served.ended;
  assert.match(await lastOf(MAKE), SUMMARY);
});

test('terminal: of a silent make, the silent jobs are counted, live and in show', async (t) => {
  if (!needs(t, 'tmux')) return;
  const jobs = Array.from({ length: 20 }, (_, i) => `t${i}`);
  const it = tree(t, {
    Makefile: `all: ${jobs.join(' ')}\nt%:\n\t@true\nt7:\n\techo 'x.c:1:1: warning: w' >&2\n`,
  });
  const plain = await it.run(['make', '-s', '-j4']);
  assert.equal(plain.stdout + plain.stderr, 'x.c:1:1: warning: w\n');
  const terminal = await screen(t, it);
  for (const command of ['make -s -j4', 'env MAKEFLAGS=ks make', 'make -sj4', 'make --quiet']) {
    terminal.type(`clear; "$LOGLIN_BIN" ${command}`);
    assert.equal(await terminal.status(), '0');
    const lines = said(`x\n${terminal.text()}`);
    assert.deepEqual(lines.slice(0, 2), ['▸ t7', 'x.c:1:1: warning: w'], command);
    assert.match(lines[2] ?? '', /^loglin: 20 jobs in [\d.]+s, 19 silent, 1 warning; see loglin problems$/);
    terminal.type('clear; "$LOGLIN_BIN" show --no-pager');
    assert.equal(await terminal.status(), '0');
    const shown = said(`x\n${terminal.text()}`);
    assert.match(shown[0] ?? '', / {2}ok {2}20 jobs, 19 silent {2}/);
    assert.deepEqual(shown.slice(1), lines.slice(0, 2));
  }
  for (const command of [
    ['make', '-s', '--no-silent'],
    ['--no-hide-silent', 'make', '-s'],
    ['sh', '-c', 'make -s'],
  ])
    assert.equal((await it.loglin(...command)).stdout.match(/^ *▸ t/gm)?.length, 20, command.join(' '));
});

test('terminal: ls and jobs have headings, and fit the width', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, { Makefile: `all: a\n\t@echo all; exit 3\na:\n\t@echo a\n` });
  await it.loglin('make');
  await it.loglin('make', '-k', 'VALUE=a long word');
  const terminal = await screen(t, it, 40, 15);
  terminal.type('clear; "$LOGLIN_BIN" ls');
  assert.equal(await terminal.status(), '0');
  let lines = said(`x\n${terminal.text()}`);
  assert.match(lines[0] ?? '', /^ {3}-b {2}age {3}time {2}result {2}command$/);
  assert.match(lines[1] ?? '', /^ {3}-1 {3}\ds {2}\d\.\d\ds {2}exit 2 {2}make$/);
  assert.match(lines[2] ?? '', /^@last {3}\ds {2}\d\.\d\ds {2}exit 2 {2}make/);
  assert.equal(lines.length, 3);
  terminal.resize(80, 15);
  terminal.type('clear; "$LOGLIN_BIN" ls; "$LOGLIN_BIN" jobs -b @last');
  assert.equal(await terminal.status(), '0');
  lines = said(`x\n${terminal.text()}`);
  assert.match(lines[0] ?? '', /^ {3}-b {2}build {2}age {3}time {2}result {2}jobs {2}failed {2}command$/);
  const [, short = ''] =
    /^ {3}-1 {2}([\da-f]{4}) {4}\ds .* exit 2 {5}2 {7}1 {2}make$/.exec(lines[1] ?? '') ?? [];
  assert.deepEqual(lines.slice(3), [
    'result    time   size  job  command',
    ...(await it.loglin('jobs')).stdout
      .trimEnd()
      .split('\n')
      .map((line) =>
        line.replace(
          /^(ok|exit \d)( +)(\S+ +\d+) {2}/,
          (_, end: string, gap: string, rest: string) => `${end}${gap}${rest}B  `,
        ),
      ),
  ]);
  assert.equal((await it.loglin('jobs', '-b', short)).stdout, (await it.loglin('jobs', '-b', '-1')).stdout);
  // A list that is longer than the screen repeats the headings where it is seen.
  for (let i = 0; i < 6; i++) await it.loglin('make', 'a');
  terminal.resize(80, 7);
  terminal.type('clear; "$LOGLIN_BIN" ls --no-pager');
  assert.equal(await terminal.status(), '0');
  lines = said(`x\n${terminal.text()}`);
  assert.match(lines.at(-2) ?? '', /^@last /);
  assert.match(lines.at(-1) ?? '', /^ {3}-b {2}build /);
});

test('terminal: less shows a page, and q leaves', async (t) => {
  if (!needs(t, 'tmux', 'less')) return;
  const it = tree(t, { Makefile: `all:\n\t@seq 1 200000\n` });
  await it.loglin('make');
  const terminal = await screen(t, it, 80, 10);
  terminal.type('clear; "$LOGLIN_BIN" show');
  const text = await terminal.see(/^7\n:$/m);
  assert.equal(text.split('\n')[1], '▸ all');
  terminal.key('q');
  assert.equal(await terminal.status(), '0');
});

test('terminal: text that the status line covered is no longer there when stderr alone is the terminal', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, { Makefile: `all:\n\t@echo out; ${WAIT('go')}\n` });
  const terminal = await screen(t, it);
  terminal.type(`${MAKE} >log`);
  await terminal.see(/^\[\d+s\] 0 done · all( \d+s)?$/m);
  it.write({ go: '' });
  assert.equal(await terminal.status(), '0');
  assert.match(said(terminal.text()).join('\n'), SUMMARY);
  assert.equal(it.read('log'), '▸ all\nout\n');
});

test('terminal: there is no status line where the reader of a pipe prints to the same terminal, but with --status=1', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, { Makefile: `all:\n\t@echo out; sleep 2; ${WAIT('go')}\n` });
  const terminal = await screen(t, it);
  terminal.type(`${MAKE} | cat`);
  await terminal.see(/^out$/m);
  it.write({ go: '' });
  while (!/^.*jobs? in /m.test(terminal.text())) {
    assert.doesNotMatch(terminal.text(), /\[\d+s\]/);
    await sleep(50);
  }
  assert.match(said(terminal.text()).at(-1)!, SUMMARY);
  fs.rmSync(it.path('go'));
  terminal.type('"$LOGLIN_BIN" --status=1 make 2>/dev/tty | cat >/dev/null');
  await terminal.see(/^\[\d+s\] .*all/m);
  it.write({ go: '' });
  assert.equal(await terminal.status(), '0');
});

test('terminal: Ctrl-C leaves no status line, and what was printed stays', async (t) => {
  if (!needs(t, 'tmux')) return;
  const it: Tree = tree(t, { Makefile: `out:\n\t@echo half >$@; echo says out; ${WAIT('never')}\n` });
  const terminal = await screen(t, it);
  terminal.type(MAKE);
  await terminal.see(/^\[\d+s\] 0 done · out( \d+s)?$/m);
  terminal.key('C-c');
  assert.match(await terminal.status(), /^(130|2)$/);
  const text = terminal.text();
  assert.doesNotMatch(text, /running/);
  assert.match(text, /^says out$/m);
  assert.match(text, /^make: \*\*\* Deleting file 'out'$/m);
});
