// Completion in real shells: loglin's options and commands, a build's targets, and the arguments of a wrapped
// program, as if it stood alone.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { LOGLIN_BIN } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { screen } from '../rig/tmux.ts';
import { type Tree, forWantOf, needs, skipOutsideCi, tree } from '../rig/tree.ts';

const ID = '20260101-000000000-aaaa';
const EVIL = 'evil $(touch hit) `touch hit` x';
const PATH = `${path.dirname(LOGLIN_BIN)}:${process.env.PATH ?? ''}`;

function project(t: TestContext): Tree {
  const it = tree(t, { Makefile: 'all: three\nthree two: ; @echo $@\n', 'folder/x': '' });
  const story = new Story('make').make('make', ['all']);
  for (const name of ['src/one.o', 'src/two.o', 'two:colon', EVIL, 'new\nline', "it's"])
    story.start(name, { make: 'make' }).end(name);
  story.graph('make', { all: 'src/one.o', 'src/one.o': '', 'src/never.o': '' }).makeEnds('make').end('make');
  storeBuild(it.path('.loglin'), story, { id: ID });
  const before = '20251231-000000000-bbbb';
  storeBuild(it.path('.loglin'), new Story('ninja').end('ninja'), {
    id: before,
    close: { status: { exit: 2 } },
  });
  return it;
}

const CASES = [
  ['loglin show src/', ['src/never.o', 'src/one.o', 'src/two.o']],
  ['loglin show --ord', ['--order']],
  ['loglin show --order ', ['launch', 'needs']],
  ['loglin show --order=l', ['launch']],
  ['loglin show -b 2026', [ID]],
  ['loglin rm @', ['@failed']],
  ['loglin gc --dry', ['--dry-run']],
  ['loglin completi', ['completion']],
  ['loglin completion ', ['bash', 'fish', 'zsh']],
  ['loglin ls --store fol', ['folder']],
  ['loglin --stric', ['--strict']],
  ['loglin make t', ['three', 'two']],
  ['loglin -t show make t', ['three', 'two']],
  ['loglin run --order=needs make t', ['three', 'two']],
  ['loglin -- make tw', ['two']],
] as const;

/** The candidates that the shell offers, one word each, without the descriptions that it adds. */
function offered(stdout: string): string[] {
  return stdout
    .split('\n')
    .map((line) =>
      (line.split('\t', 1)[0] ?? '')
        .trim()
        .replace(/^(--\w+=)/, '')
        .replace(/\/$/, ''),
    )
    .filter(Boolean)
    .sort();
}

const BASH_COMPLETION = '/usr/share/bash-completion/bash_completion';

/** Completes a line with bash's function, as readline calls it. */
const BASH = `source ${BASH_COMPLETION}
source <(loglin completion bash)
compopt() { :; }
COMP_LINE=$1 COMP_POINT=\${#1}
IFS=' ' read -ra COMP_WORDS <<<"\${1//=/ = }"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_loglin
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** Skips a test where bash-completion is missing. */
function hasBashCompletion(t: TestContext): boolean {
  const has = fs.existsSync(BASH_COMPLETION);
  if (!has) skipOutsideCi(t, forWantOf('bash-completion'));
  return has;
}

test('completion: bash offers commands, options and targets', async (t) => {
  if (!needs(t, 'make') || !hasBashCompletion(t)) return;
  const it = project(t);
  const complete = async (line: string): Promise<string[]> => {
    const { stdout, stderr } = await it.run(['bash', '--norc', '-c', BASH, 'bash', line], { env: { PATH } });
    assert.equal(stderr, '');
    return offered(stdout);
  };
  for (const [line, expected] of CASES)
    assert.deepEqual([line, (await complete(line)).filter((word) => !word.endsWith('='))], [line, expected]);
  // Text that bash would expand stays as it is; a colon ends a word.
  assert.deepEqual(await complete('loglin show evil'), [
    String.raw`evil\ \$\(touch\ hit\)\ \`touch\ hit\`\ x`,
  ]);
  assert.deepEqual(await complete('loglin show it'), [String.raw`it\'s`]);
  assert.ok(!it.has('hit'));
});

test('completion: fish offers commands, options and targets', async (t) => {
  if (!needs(t, 'fish', 'make')) return;
  const it = project(t);
  const complete = async (line: string): Promise<string[]> => {
    const script = 'loglin completion fish | source; complete -C $argv[1]';
    const { stdout, stderr } = await it.run(['fish', '-c', script, line], { env: { PATH, HOME: it.dir } });
    assert.equal(stderr, '');
    return offered(stdout);
  };
  for (const [line, expected] of CASES) {
    // fish also offers candidates that contain the word, or that have its letters in this order.
    const [typed = ''] = line.split(/[ =]/).slice(-1);
    assert.deepEqual(
      [line, (await complete(line)).filter((word) => word.startsWith(typed))],
      [line, expected],
    );
  }
  assert.deepEqual(await complete('loglin show evil'), [EVIL]);
  assert.ok(!it.has('hit'));
});

test('completion: bash and zsh complete at a terminal', async (t) => {
  if (!needs(t, 'tmux', 'zsh', 'make') || !hasBashCompletion(t)) return;
  const it = project(t);
  const terminal = await screen(t, it, 80, 24, { PATH, HOME: it.dir });
  terminal.type(`source ${BASH_COMPLETION}; source <(loglin completion bash)`);
  assert.equal(await terminal.status(), '0');
  for (const [begun, whole] of [
    ['loglin show ev', String.raw`loglin show evil\ \$\(touch\ hit\)\ \`touch\ hit\`\ x`],
    ['loglin show two:c', 'loglin show two:colon'],
    ['loglin make th', 'loglin make three'],
    ['loglin completi', 'loglin completion'],
  ] as const) {
    terminal.press(`${begun}\t`);
    await terminal.shows(whole);
    terminal.key('C-c');
    terminal.type('clear');
  }
  terminal.type('exec zsh -f');
  terminal.type('PS1="> "; autoload -Uz compinit && compinit -u -D; source <(loglin completion zsh); clear');
  await terminal.see(/^> $/m);
  for (const [begun, whole] of [
    ['loglin show ev', String.raw`loglin show evil\ \$\(touch\ hit\)\ \`touch\ hit\`\ x`],
    ['loglin show src/ne', 'loglin show src/never.o'],
    ['loglin show --ord', 'loglin show --order='],
    ['loglin rm @', 'loglin rm @failed'],
    ['loglin make th', 'loglin make three'],
    ['loglin -t x make th', 'loglin -t x make three'],
    ['loglin completi', 'loglin completion'],
    ['loglin completion z', 'loglin completion zsh'],
  ] as const) {
    terminal.press(`${begun}\t`);
    await terminal.shows(`> ${whole}`);
    terminal.key('C-u');
  }
  assert.ok(!it.has('hit'));
});

test('completion: every shell offers everything that a command takes', async (t) => {
  const it = project(t);
  const help = (await it.loglin('gc', '--help')).stdout;
  const flags = [...help.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);
  assert.ok(flags.length > 5);
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, stderr, end } = await it.loglin('completion', shell);
    assert.deepEqual([stderr, end], ['', 'exit 0']);
    for (const flag of flags) assert.ok(stdout.includes(flag.slice(2)), `${shell}: ${flag}`);
  }
  const { stderr, end } = await it.loglin('completion', 'tcsh');
  assert.match(stderr, /^loglin: tcsh: want bash, zsh, fish; see loglin completion --help\n$/);
  assert.equal(end, 'exit 125');
});

test('completion: nothing is printed where there is nothing to offer', async (t) => {
  const it = tree(t, { '.loglin/x': '' });
  for (const args of [
    ['--targets', 'x', '--'],
    ['--builds', '--'],
    ['--targets', '', '--', 'show', '-b', 'none'],
    ['--targets'],
  ]) {
    const { stdout, stderr, end } = await it.loglin('completion', ...args);
    assert.deepEqual([stdout, stderr, end], ['', '', 'exit 0']);
  }
});
