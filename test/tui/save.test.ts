// `s` in the browser keeps the kind and mode of the file that it writes to.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { untimed } from '../../src/problems/boundedpatterns.ts';
import { App } from '../../src/tui/app.ts';
import { FakeTerminal } from '../rig/faketerminal.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { until } from '../rig/tree.ts';

const TEXT = 'said by a\n'.repeat(40_000);

/** Opens a browser that shows a log. `save` saves the log, and returns what the bottom line says. */
function opened(t: TestContext): {
  box: Sandbox;
  save: (name: string, overwrite?: boolean) => Promise<string>;
} {
  const box = new Sandbox();
  const story = new Story('make').make('make', ['a']).start('a', { make: 'make' }).say('a', TEXT);
  const store = box.path('.loglin');
  storeBuild(store, story.end('a', { exit: 1 }).makeEnds('make').end('make'));
  const place = { root: box.folder, store };
  const terminal = new FakeTerminal(160, 24);
  const app = new App(
    { place, build: undefined, colours: 0, ascii: false, patterns: untimed([]) },
    terminal.input,
    terminal.output,
  );
  t.after(() => {
    app.leave('leave');
    box.remove();
  });
  app.start();
  const bottom = (): string =>
    terminal
      .text()
      .trimEnd()
      .split('\n')
      .at(-1)
      ?.replace(/^.*q quit +/, '')
      .trim() ?? '';
  const save = async (name: string, overwrite?: boolean): Promise<string> => {
    await until('the log is shown', () => terminal.text().includes('said by a'));
    terminal.type('s');
    await until('it asks for a name', () => bottom().startsWith('write to:'));
    terminal.type(`\x15${box.path(name)}`);
    terminal.type('\r');
    if (overwrite !== undefined) {
      await until('it asks', () => bottom().includes('overwrite it?'));
      terminal.type(overwrite ? 'y' : 'n');
    }
    const answered = (): boolean =>
      !/^write to:|overwrite it\?|\.\.\./.test(bottom()) && /written$|: (?:is|no|nobody) /.test(bottom());
    await until(`the bottom line reports ${name}`, answered);
    return bottom().replace(`${box.folder}/`, '');
  };
  return { box, save };
}

const whole = `${TEXT.length} bytes written`;

test('saving to a new file, and to an existing one after a question, which keeps its mode', async (t) => {
  const { box, save } = opened(t);
  assert.equal(await save('new'), `new: ${whole}`);
  assert.equal(fs.readFileSync(box.path('new'), 'utf8'), TEXT);
  box.write('old', 'mine\n');
  fs.chmodSync(box.path('old'), 0o640);
  assert.match(await save('old', false), /not written/);
  assert.equal(fs.readFileSync(box.path('old'), 'utf8'), 'mine\n');
  assert.equal(await save('old', true), `old: ${whole}`);
  assert.equal(fs.readFileSync(box.path('old'), 'utf8'), TEXT);
  assert.equal(fs.statSync(box.path('old')).mode & 0o777, 0o640);
  assert.deepEqual(fs.readdirSync(box.folder).sort(), ['.loglin', 'new', 'old']);
});

test('saving through a link keeps the link, even if it is dangling', async (t) => {
  const { box, save } = opened(t);
  box.write('target', 'x');
  fs.symlinkSync('target', box.path('link'));
  fs.symlinkSync('none', box.path('dangling'));
  for (const [link, target] of [
    ['link', 'target'],
    ['dangling', 'none'],
  ] as const) {
    assert.equal(await save(link, true), `${link}: ${whole}`);
    assert.ok(fs.lstatSync(box.path(link)).isSymbolicLink());
    assert.equal(fs.readFileSync(box.path(target), 'utf8'), TEXT);
  }
});

test('saving to a folder, to a FIFO without a reader, or into a missing folder is an error', async (t) => {
  const { box, save } = opened(t);
  fs.mkdirSync(box.path('folder'));
  assert.equal(spawnSync('mkfifo', [box.path('fifo')]).status, 0);
  assert.equal(await save('folder', true), 'folder: is a directory');
  assert.equal(await save('fifo', true), 'fifo: nobody reads it');
  assert.equal(await save('none/x'), 'none/x: no such file or directory');
  assert.ok(fs.lstatSync(box.path('fifo')).isFIFO());
});

test('saving to a FIFO with a slow reader writes everything', async (t) => {
  const { box, save } = opened(t);
  assert.equal(spawnSync('mkfifo', [box.path('fifo')]).status, 0);
  const reader = fs.openSync(box.path('fifo'), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const room = Buffer.alloc(7000);
  const pieces: Buffer[] = [];
  const reading = setInterval(() => {
    try {
      const n = fs.readSync(reader, room);
      pieces.push(Buffer.from(room.subarray(0, n)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }, 1);
  t.after(() => {
    clearInterval(reading);
    fs.closeSync(reader);
  });
  assert.equal(await save('fifo', true), `fifo: ${whole}`);
  await until('all is read', () => Buffer.concat(pieces).length === TEXT.length);
  assert.equal(Buffer.concat(pieces).toString(), TEXT);
});

test(
  'a device stays one; one that takes nothing is said',
  { skip: process.getuid?.() === 0 ? false : 'only root may make devices' },
  async (t) => {
    const { box, save } = opened(t);
    assert.equal(spawnSync('mknod', ['-m', '666', box.path('null'), 'c', '1', '3']).status, 0);
    assert.equal(spawnSync('mknod', ['-m', '666', box.path('full'), 'c', '1', '7']).status, 0);
    assert.equal(await save('null', true), `null: ${whole}`);
    assert.equal(await save('full', true), 'full: no space left on device; 0 bytes written');
    for (const name of ['null', 'full']) assert.ok(fs.lstatSync(box.path(name)).isCharacterDevice());
  },
);
