// Targets with malicious names, while they run: on a terminal, in the report of a failure, in the commands
// that it offers to be pasted into a shell, in the browser, and in the shells' completion.
// (docs/security-names.md)

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { untimed } from '../../src/problems/boundedpatterns.ts';
import { escapeName } from '../../src/model/printable.ts';
import { shellWord } from '../../src/render/formats.ts';
import { App } from '../../src/tui/app.ts';
import { FakeTerminal } from '../rig/faketerminal.ts';
import { CONTROLS, HOSTILE, SEQUENCES } from '../rig/hostile.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { screen } from '../rig/tmux.ts';
import { LOGLIN, type Tree, needs, skipOutsideCi, tree, until } from '../rig/tree.ts';

const PATH = `${path.dirname(LOGLIN)}:${process.env.PATH ?? ''}`;

/** The bytes that may reach a terminal: colours, its own newlines, and the status line's own sequences. */
function withoutColours(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .replaceAll(/\x1b\[[\d;:]*m|\x1b\[[JKB]|\x1b\[\?7[lh]|\x1b\[1A|\x1b[78D]/g, '');
}

function assertPrintable(text: string): void {
  const bad = /[^\n\t\P{Cc}]|[\p{Zl}\p{Zp}\p{Bidi_C}\u200b\u2060\ufeff]/u.exec(text);
  if (bad) assert.fail(JSON.stringify(text.slice(Math.max(0, bad.index - 60), bad.index + 20)));
}

/** Runs a command on a terminal. @returns its output. */
async function onTerminal(it: Tree, argv: readonly string[]): Promise<string> {
  const line = `stty cols 300; ${argv.map(shellWord).join(' ')}`;
  const { stdout } = await it.run(['script', '-qec', line, '/dev/null'], {
    env: { TERM: 'xterm', PAGER: 'cat' },
  });
  return stdout;
}

/** The names that a variable, an argument or a line of sh can hold. */
const WORDS = HOSTILE.filter((name) => !/\0|\p{Cs}/u.test(name) && name !== '');

test('hostile: names from scripts: the commands that a failed build offers show that job and no other', async (t) => {
  const shells = ['dash', 'bash', 'zsh'];
  if (!needs(t, ...shells)) return;
  const it = tree(t, {});
  // A report names at most twenty jobs.
  for (let from = 0; from < WORDS.length; from += 20) {
    const names = WORDS.slice(from, from + 20);
    const calls = names.map(
      (name, i) => `"$LOGLIN_BIN" --target=${shellWord(name)} sh -c 'echo text ${from + i}.; exit 3'\n`,
    );
    it.write({ 'build.sh': `#!/bin/sh\n${calls.join('')}exit 1\n` });
    const { stdout, end } = await it.loglin('./build.sh');
    assert.equal(end, 'exit 1');
    assertPrintable(stdout);
    const report = stdout.slice(stdout.indexOf(`${names.length} of ${names.length} jobs failed`));
    const offered = [...report.matchAll(/^text (\d+)\.\n {2}(loglin show .*)$/gm)];
    assert.equal(offered.length, names.length, report);
    for (const [i, [, number, line = '']] of offered.entries()) {
      const name = WORDS[Number(number)]!;
      for (const shell of i % 7 === 0 ? shells : ['sh']) {
        const ran = await it.run([shell, '-c', line], { env: { PATH } });
        assert.deepEqual(
          [ran.stderr, ran.stdout],
          ['', `▸ ${escapeName(name)}\ntext ${number}.\n✗ ${escapeName(name)} (exit 3)\n`],
          `${shell}: ${line}`,
        );
      }
    }
    assert.ok(!it.has('pwned'));
  }
});

test("hostile: a name that equals another job's number or another shown name is distinguished from it", async (t) => {
  const it = tree(t, {
    'build.sh': `#!/bin/sh
"$LOGLIN_BIN" -t a sh -c 'echo text 1.; exit 3'
"$LOGLIN_BIN" -t 'a#2' sh -c 'echo text 2.; exit 3'
"$LOGLIN_BIN" -t a sh -c 'echo text 3.; exit 3'
"$LOGLIN_BIN" -t 'e\\x1b' sh -c 'echo text 4.; exit 3'
"$LOGLIN_BIN" -t "$(printf 'e\\033')" sh -c 'echo text 5.; exit 3'
exit 1
`,
  });
  const { stdout } = await it.loglin('./build.sh');
  const offered = [...stdout.matchAll(/^text (\d)\.\n {2}(loglin show .*)$/gm)];
  assert.equal(offered.length, 5, stdout);
  for (const [, number, line = ''] of offered) {
    const ran = await it.run(['sh', '-c', line], { env: { PATH } });
    assert.equal(ran.stdout.split('\n')[1], `text ${number}.`, line);
    assert.equal(ran.stdout.split('\n').length, 4, line);
  }
  // One of the last two is named exactly as both are shown.
  assert.equal((await it.show('e\\x1b')).split('\n')[1], 'text 4.');
});

/** The names that a target of make or ninja can have. */
const TARGETS = [...SEQUENCES, ...CONTROLS].filter(
  (name) => !/[\n\r\0 \t:;|=#%\\\ud800-\udfff\f\v]/.test(name),
);

test('hostile: targets of make are sanitised live on a terminal', async (t) => {
  if (!needs(t, 'make')) return;
  const rules = TARGETS.map(
    (name, i) =>
      `${name}: ; @printf 'text ${i} \\033]0;title\\007\\033[8mend\\n'; sleep 0.3; exit ${i % 3}\n`,
  );
  const it = tree(t, { Makefile: `all: ${TARGETS.join(' ')}\n${rules.join('')}` });
  for (const options of [
    ['-k', '-j8'],
    ['-k', '-j8', '--output-sync'],
  ]) {
    const stdout = await onTerminal(it, [LOGLIN, 'make', ...options]);
    // make's own messages about a target are job output.
    assertPrintable(withoutColours(stdout).replaceAll(/^make: [^\n]*\n/gm, ''));
    for (const name of TARGETS) assert.ok(stdout.includes(`▸ ${escapeName(name)}\x1b[0m`), escapeName(name));
    assert.match(stdout, /\r\x1b\[\?7l\x1b\[2m\[\d+s\] \d+(\/\d+| done).* · /);
    // A hidden sequence of a job hides nothing else: neither a header nor the status line.
    const hidden = [...stdout.matchAll(/\x1b\[8m(?:(?!\x1b\[0m)[^])*/g)].map(([text]) => text);
    assert.ok(hidden.length > 0);
    for (const text of hidden) assert.doesNotMatch(text, /▸|✗|\[\d+s\]/);
  }
});

test('hostile: edges of ninja are sanitised live on a terminal', async (t) => {
  if (!needs(t, 'ninja')) return;
  const edges = TARGETS.filter((name) => !name.includes('$')).map(
    (name) => `build ${name}: say\n  description = describes ${name}\n`,
  );
  const it = tree(t, {
    'build.ninja': `rule say\n  command = echo text; sleep 0.2; exit 1\n${edges.join('')}`,
  });
  const stdout = await onTerminal(it, [LOGLIN, 'ninja', '-k', '0']);
  // ninja's own messages about an edge are job output.
  assertPrintable(withoutColours(stdout).replaceAll(/^(?:FAILED: |describes |.*\bdescribes )[^\n]*\n/gm, ''));
  assert.ok(edges.length > 10);
  assert.match(stdout, new RegExp(`${edges.length} of ${edges.length} jobs failed`));
});

test('hostile: with --prefix and --json, no name or command can be taken for another line', async (t) => {
  const it = tree(t, {
    'build.sh': `#!/bin/sh
"$LOGLIN_BIN" -t "$(printf 'a\\nother: text')" sh -c 'printf "one\\rother: redrawn\\nother: two\\n"
echo three'
`,
  });
  const name = 'a\nother: text';
  const prefixed = await it.loglin('--prefix', './build.sh');
  for (const line of prefixed.stdout.trimEnd().split('\n')) assert.match(line, /^a\\nother: text: /);
  const terminal = withoutColours(await onTerminal(it, [LOGLIN, '--no-status', '--prefix', './build.sh']));
  for (const line of terminal.split('\n').filter((one) => one !== '' && !one.startsWith('loglin: ')))
    assert.match(line, /^a\\nother: text: /);
  for (const line of (await it.show('--prefix', '--commands')).trimEnd().split('\n'))
    assert.match(line, /^a\\nother: text: /);
  const events = (await it.show('--json', '--commands'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; name?: string });
  assert.deepEqual([events.shift()?.type, events.pop()?.type], ['build', 'end']);
  assert.deepEqual([...new Set(events.map((event) => event.name))], [name]);
});

test('hostile: the message about what could not be recorded is sanitised too', async (t) => {
  const evil = String.raw`\033]0;title\007\033[31mred\033[0m\a\033[8mhidden`;
  const it = tree(t, {
    'build.sh': `#!/bin/sh\n"$LOGLIN_BIN" -t first seq 1 200000\nprintf '${evil}\\nlast\\n'\n`,
  });
  const store = it.mount('disk', 'size=300k');
  if (store === undefined) {
    skipOutsideCi(t, 'cannot mount a small disk');
    return;
  }
  const { stdout, stderr } = await it.loglin('--json', '--store', store, './build.sh');
  assert.match(stderr, /the build goes on, its output is no longer split or recorded/);
  const texts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { text?: string }).text ?? '');
  assert.ok(texts.join('').includes('\x1b]0;title\x07\x1b[31mred\x1b[0m\x07\x1b[8mhidden\nlast\n'));
  fs.rmSync(path.join(store, 'builds'), { recursive: true });
  const terminal = await onTerminal(it, [LOGLIN, '--store', store, './build.sh']);
  assert.ok(terminal.includes('\x1b[31mred\x1b[0m\x1b[8mhidden\r\nlast\r\n'));
  assert.equal([...terminal.matchAll(/\x1b\[[\d;]*m/g)].at(-1)?.[0], '\x1b[0m');
  assertPrintable(withoutColours(terminal));
});

test('hostile: a build that puts a file in the place of the store ends as it does without loglin', async (t) => {
  const it = tree(t, { 'build.sh': '#!/bin/sh\nrm -rf .loglin\ntouch .loglin\necho done\nexit 3\n' });
  const { end, stdout, stderr } = await it.loglin('./build.sh');
  assert.deepEqual([end, stdout], ['exit 3', 'done\n\n✗ ./build.sh (exit 3)\n']);
  assert.match(stderr, /^loglin: [^\n]*was deleted[^\n]*\n$/);
});

test('hostile: variables of the environment are sanitised', async (t) => {
  const it = tree(t, {});
  const evil = [...SEQUENCES, ...CONTROLS].join(' ').replaceAll(/\0|\p{Cs}|\//gu, '');
  for (const [name, args] of [
    ['LOGLIN_STORE', ['show']],
    ['LOGLIN_STORE', ['doctor']],
    ['LOGLIN_STORE', ['ls', '--json']],
    ['TERM', ['tui']],
    ['LC_ALL', ['show']],
    ['LOGLIN_WAS', ['show']],
    ['NO_COLOR', ['show']],
  ] as const) {
    const { stdout, stderr } = await it.run([LOGLIN, ...args], { env: { [name]: evil } });
    assertPrintable(stdout + stderr);
    assert.doesNotMatch(stderr, /internal error/);
  }
});

/** A store of one build with all names, and with logs that have everything in them. */
function recorded(t: TestContext, names: readonly string[]): Tree {
  const it = tree(t, {});
  const text = [...SEQUENCES, ...CONTROLS].filter((one) => !one.includes('\n')).join('\n');
  for (const id of ['20260101-000000000-aaaa', '20260102-000000000-bbbb']) {
    const story = new Story(`sh ${names.join(' ')}`);
    for (const [i, name] of names.entries())
      story
        .start(name, { as: `${i}` })
        .step(`${i}`, `command ${name} ${id}`)
        .say(`${i}`, `${text}\n${name}.c:1:1: error: ${name} ${id}\n`)
        .end(`${i}`, { exit: i % 2 });
    storeBuild(it.path('.loglin'), story.end(`sh ${names.join(' ')}`, { exit: 1 }), {
      id,
      first: { argv: ['sh', ...names], revision: names.join(' ') },
    });
  }
  return it;
}

test('hostile: the browser shows nothing that a terminal obeys', async (t) => {
  const it = recorded(t, HOSTILE);
  const place = { root: it.dir, store: it.path('.loglin') };
  for (const ascii of [false, true]) {
    const terminal = new FakeTerminal(160, 60);
    const app = new App(
      { place, build: undefined, colours: 256, ascii, patterns: untimed([]) },
      terminal.input,
      terminal.output,
    );
    t.after(() => {
      app.leave('gone');
    });
    app.start();
    await until('all jobs are read', () => terminal.text().includes(`/${HOSTILE.length} `));
    // Each pane and each text that it can show, scrolled further and further down; names to search for and to
    // filter by; the clipboard.
    for (const keys of [
      ...Array.from('1jj2yjjjjjjjjjy3wy'),
      ...Array.from('2bW#Tcwpdyfr/'),
      '\x1b',
      ...Array.from('1/\x1b[31m\u202e'),
      '\r',
    ]) {
      terminal.type(keys);
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    }
    terminal.type('\x1b');
    for (let page = 0; page < 6; page++) {
      terminal.type('2\x06');
      terminal.type('y');
      for (const key of ['w', '\x7f', 'p', '\x7f', 'b', '3', 'G']) {
        terminal.type(key);
        for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    assert.deepEqual(terminal.complaints, []);
    assert.ok(terminal.modes.has('?1049'), 'it is still there');
    assert.ok(terminal.copied.length > 0);
    // A line of a log may have the characters that its language needs.
    for (const text of terminal.copied) assert.doesNotMatch(text, /(?!\t)\p{Cc}/u);
    app.leave('gone');
  }
});

/** Candidates that a shell must not run or take for something else, each with a different first letter. */
const CANDIDATES = WORDS.filter(
  (name) => escapeName(name) === name && /[$`;|&~=#!*%\\'"{]| {2}/.test(name) && name.length < 60,
).map((name, i) => `q${String(i).padStart(2, '0')}${name}`);

test('hostile: completion: names that are not printable, or look like options, are not offered', async (t) => {
  const it = recorded(t, HOSTILE);
  const { stdout } = await it.loglin('completion', '--targets', '', '--', 'show');
  assertPrintable(stdout);
  assert.deepEqual(
    stdout.split('\n').sort(),
    [...HOSTILE.filter((name) => escapeName(name) === name && !name.startsWith('-')), ''].sort(),
  );
});

for (const shell of ['bash', 'zsh', 'fish'] as const)
  test(`hostile: completion: ${shell} turns a name into exactly that name, and runs nothing`, async (t) => {
    if (!needs(t, 'tmux', shell)) return;
    const it = recorded(t, CANDIDATES);
    // The wrapper completes as loglin does, and writes down its other arguments.
    it.write({
      'bin/loglin': `#!/bin/sh\n[ "$1" = completion ] && exec "$LOGLIN_BIN" "$@"\nprintf '%s\\n' "$#" "$@" >called.new && mv called.new called\n`,
    });
    const terminal = await screen(t, it, 150, 24, { PATH: `${it.path('bin')}:${PATH}`, HOME: it.dir });
    const begin = {
      bash: 'unset PROMPT_COMMAND; source <(loglin completion bash); PS1="> "; clear',
      zsh: 'PS1="> "; autoload -Uz compinit && compinit -u -D; source <(loglin completion zsh); clear',
      fish: 'function fish_prompt; echo "> "; end; loglin completion fish | source; clear',
    }[shell];
    terminal.type(
      `exec ${shell} ${{ bash: '--norc --noprofile -i', zsh: '-f', fish: '--no-config' }[shell]}`,
    );
    terminal.type(begin);
    await terminal.see(/^> ?$/m);
    for (const name of CANDIDATES) {
      fs.rmSync(it.path('called'), { force: true });
      terminal.press(`loglin show ${name.slice(0, 3)}\t`);
      // The line is complete on the screen once the text after it is there.
      terminal.press(' END');
      await terminal.shows(' END');
      terminal.key('Enter');
      await it.file('called');
      assert.equal(it.read('called'), `3\nshow\n${name}\nEND\n`, name);
      terminal.type('clear');
      await until('the screen is clear', () => !terminal.text().includes('END'));
    }
    for (const folder of ['', 'bin/']) assert.ok(!it.has(`${folder}pwned`));
  });
