// README's first command: its output is the transcript in README, and the commands that it suggests work when
// they are pasted.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Installed, installed } from '../rig/installed.ts';
import { needs } from '../rig/tree.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** An environment without the variables of the running build and of npm. */
const ENV = { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'dumb', LC_ALL: 'C.UTF-8' };

let copy: Installed;
/** The demo's output when it is started in `here`. */
let said = '';
let here = '';

/** The lines that are offered for pasting, except those that open a full-screen program. */
function offered(): string[] {
  const text = said.slice(said.indexOf('\nNext, ready to paste'));
  return [...text.matchAll(/^ {2}(\S.*)$/gm)]
    .map(([, line = '']) => line)
    .filter((line) => line !== 'loglin tui');
}

/** The folder of the demo's builds. */
function store(): string {
  return path.join(copy.folder, 'sample-logs/demo/.loglin');
}

before(() => {
  copy = installed((folder) => {
    fs.mkdirSync(path.join(folder, '.ci'));
    fs.cpSync(path.join(ROOT, '.ci/demo.mjs'), path.join(folder, '.ci/demo.mjs'));
    const own = path.join(ROOT, 'sample-logs/demo/.loglin');
    fs.cpSync(path.join(ROOT, 'sample-logs/demo'), path.join(folder, 'sample-logs/demo'), {
      recursive: true,
      filter: (file) => file !== own,
    });
  }, "it's a clone");
  here = path.join(copy.folder, 'bin');
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(copy.folder, '.ci/demo.mjs')], {
    cwd: copy.folder,
    env: { ...ENV, INIT_CWD: here },
    encoding: 'utf8',
  });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  said = stdout;
  fs.cpSync(store(), `${store()}.kept`, { recursive: true });
});

after(() => {
  copy.remove();
});

for (const shell of ['sh', 'bash', 'zsh', 'fish'])
  test(`demo: the suggested commands work from the reader's folder, in ${shell}`, (t) => {
    if (!needs(t, shell)) return;
    fs.rmSync(store(), { recursive: true });
    fs.cpSync(`${store()}.kept`, store(), { recursive: true });
    const lines = offered();
    assert.equal(lines.length, 4);
    for (const line of lines) assert.doesNotMatch(line, /#/, 'no comments: zsh has none');
    const script = lines.map((line) => `${line}\necho "[$?]"\n`).join('');
    const { stdout, stderr } = spawnSync(
      shell,
      ['-c', script.replaceAll('$?', shell === 'fish' ? '$status' : '$?')],
      {
        cwd: here,
        env: ENV,
        encoding: 'utf8',
      },
    );
    const parts = stdout.split(/^(\[\d+\])\n/m);
    assert.equal(stderr, '');
    assert.deepEqual(
      parts.filter((_, i) => i % 2 === 1),
      ['[0]', '[0]', '[0]', '[2]'],
    );
    const [went, shown, problems, failing] = parts.filter((_, i) => i % 2 === 0);
    assert.equal(went, '');
    assert.match(shown ?? '', /^▸ liba\/hash\.o\n {2}▸ liba\/tables\.h\n[^]*hash\.c:6:23: warning/);
    assert.match(problems ?? '', /^liba\/buffer\.c:6:12: warning: .*\n(app|liba)\/.*\n/);
    assert.match(failing ?? '', /\n {2}loglin show app\/broken\n$/);
  });

test("demo: README's transcript is its output", () => {
  const [, transcript = ''] =
    /^```\n(\$ [^]*?)^```$/m.exec(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8')) ?? [];
  const [, ...commands] = transcript.split(/^\$ (.*)\n/m);
  assert.deepEqual(
    commands.filter((_, i) => i % 2 === 0),
    ['npm run demo', 'loglin make -j4 FAIL=1'],
  );
  const failing = spawnSync(copy.loglin, ['make', '-j4', 'FAIL=1'], {
    cwd: path.join(copy.folder, 'sample-logs/demo'),
    env: ENV,
    encoding: 'utf8',
  }).stdout;
  for (const [excerpt, whole] of [
    [commands[1], said],
    [commands[3], failing],
  ]) {
    // Each piece between the `…` lines stands in the output line for line, and the pieces stand in this
    // order.
    const pieces = (excerpt ?? '').split(/^…\n/m).filter((piece) => piece !== '');
    assert.ok(pieces.length > 1);
    let from = 0;
    for (const piece of pieces) {
      const at = `\n${whole}`.indexOf(`\n${piece}`, from);
      assert.ok(at >= 0, `not in the output at its place:\n${piece}\nin:\n${whole}`);
      from = at + piece.length;
    }
  }
  assert.ok(excerptEnds(commands[3], failing), "the report is the failing build's end");
});

function excerptEnds(excerpt = '', whole = ''): boolean {
  return whole.endsWith(excerpt.split(/^…\n/m).at(-1) ?? '?');
}
