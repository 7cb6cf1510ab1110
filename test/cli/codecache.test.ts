// The code that V8 has compiled is kept for the next run, and is refused if anybody else could have written
// it, if it is damaged, and if it belongs to another bundle.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Changes, Sandbox } from '../rig/sandbox.ts';

interface Setup {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly runAgain: (changes?: Changes) => void;
  /** The one file that there is. */
  readonly file: () => string;
}

function setUp(t: { after(action: () => void): void }): Setup {
  const sandbox = new Sandbox();
  t.after(() => {
    sandbox.remove();
  });
  sandbox.write('cache/.keep', '');
  const folder = sandbox.path('cache/loglin');
  return {
    sandbox,
    folder,
    runAgain: (changes = {}) => {
      const { status, stderr } = sandbox.loglin(['--version'], {
        XDG_CACHE_HOME: sandbox.path('cache'),
        NODE_V8_COVERAGE: undefined,
        ...changes,
      });
      assert.equal(stderr, '');
      assert.equal(status, 0);
    },
    file: () => {
      const names = fs.readdirSync(folder);
      assert.equal(names.length, 1);
      return path.join(folder, names[0]!);
    },
  };
}

/** A file is never written to, only replaced. */
const inode = (file: string): number => fs.statSync(file).ino;

test('code is kept privately, and only once', (t) => {
  const { folder, runAgain, file } = setUp(t);
  runAgain();
  const first = inode(file());
  assert.match(path.basename(file()), /^help-[0-9a-f]{16}-/);
  assert.equal(fs.statSync(file()).mode & 0o777, 0o600);
  assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
  runAgain();
  assert.equal(inode(file()), first);
});

test('code that was damaged is compiled again', (t) => {
  const { runAgain, file } = setUp(t);
  runAgain();
  const good = fs.readFileSync(file());
  const damages: ((bytes: Buffer) => Buffer)[] = [
    (bytes) => bytes.fill(0, 4096, 4608),
    (bytes) => bytes.subarray(0, bytes.length - 512),
    (bytes) => bytes.fill(0, bytes.length - 512),
    // What belongs to another bundle has its stamp.
    (bytes) => bytes.fill('0', bytes.length - 16),
    () => Buffer.alloc(0),
    (bytes) => Buffer.concat([bytes, bytes.subarray(-24)]),
  ];
  for (const damage of damages) {
    fs.writeFileSync(file(), damage(Buffer.from(good)));
    const damaged = inode(file());
    runAgain();
    assert.notEqual(inode(file()), damaged);
    fs.writeFileSync(file(), good);
    const mended = inode(file());
    runAgain();
    assert.equal(inode(file()), mended);
  }
});

test('code that others could have written is not used, and nothing is written where they can', (t) => {
  const { folder, sandbox, runAgain, file } = setUp(t);
  runAgain();
  fs.chmodSync(file(), 0o666);
  const open = inode(file());
  runAgain();
  assert.notEqual(inode(file()), open);

  fs.renameSync(file(), sandbox.path('elsewhere'));
  const name = fs.readdirSync(folder);
  assert.deepEqual(name, []);
  fs.chmodSync(folder, 0o777);
  runAgain();
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('a link in its place is replaced, not followed', (t) => {
  const { sandbox, runAgain, file } = setUp(t);
  runAgain();
  const at = file();
  const elsewhere = sandbox.path('elsewhere');
  fs.renameSync(at, elsewhere);
  fs.symlinkSync(elsewhere, at);
  runAgain();
  assert.ok(fs.lstatSync(at).isFile());
});

test('code of another version of Node is refused by V8', (t) => {
  const { runAgain, file } = setUp(t);
  runAgain();
  const at = file();
  const bytes = fs.readFileSync(at);
  // V8's header: a magic number, then the hash of its version.
  bytes[4]! ^= 0xff;
  const fresh = `${at}.fresh`;
  fs.writeFileSync(fresh, bytes, { mode: 0o600 });
  fs.renameSync(fresh, at);
  const other = inode(file());
  runAgain();
  assert.notEqual(inode(file()), other);
});

test('without a folder to keep it in, or if Node is not to keep code, nothing is kept', (t) => {
  const { sandbox, folder, runAgain } = setUp(t);
  runAgain({ XDG_CACHE_HOME: undefined, HOME: undefined });
  runAgain({ XDG_CACHE_HOME: sandbox.path('none/at/all') });
  runAgain({ NODE_DISABLE_COMPILE_CACHE: '1' });
  assert.deepEqual([fs.existsSync(folder), fs.existsSync(sandbox.path('none'))], [false, false]);
});

test('the files of other bundles go when there are many', (t) => {
  const { folder, runAgain } = setUp(t);
  fs.mkdirSync(folder, { mode: 0o700 });
  for (let i = 0; i < 50; i++) {
    const old = path.join(folder, `old${i}`);
    fs.writeFileSync(old, '');
    fs.utimesSync(old, i, i);
  }
  runAgain();
  const names = fs.readdirSync(folder);
  assert.equal(names.length, 40);
  assert.ok(names.includes('old49') && !names.includes('old0'));
});
