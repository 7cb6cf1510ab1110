// Output files of export, time --trace and the browser: a file is complete or unchanged, and what is no file
// keeps its kind.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import zlib from 'node:zlib';
import { OutputFile } from '../../src/store/outputfile.ts';
import { LOGLIN_BIN, type Outcome, Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { until } from '../rig/tree.ts';

/** Root may do what other users may not, and other users cannot create devices. */
const ROOT = process.getuid?.() === 0;
const asRoot = ROOT ? {} : { skip: 'only root may make devices' };
const asUser = ROOT ? { skip: 'root may write anywhere' } : {};

function project(t: TestContext): Sandbox {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  const story = new Story('make').make('make', ['a']).start('a', { make: 'make' }).say('a', 'said\n');
  storeBuild(box.path('.loglin'), story.end('a').makeEnds('make').end('make'));
  return box;
}

/** Each way to write to a file name, and a check of the result. */
const WAYS: readonly (readonly [
  how: string,
  args: (file: string) => string[],
  right: (bytes: Buffer) => void,
])[] = [
  [
    'export -o',
    (file) => ['export', '-o', file],
    (bytes) => {
      assert.match(zlib.gunzipSync(bytes).toString('latin1'), /journal\.ndjson/);
    },
  ],
  [
    'time --trace',
    (file) => ['time', '--trace', file],
    (bytes) => {
      JSON.parse(bytes.toString());
    },
  ],
];

/** New names in the folder; nothing may be left there. */
const others = (box: Sandbox, ...known: string[]): string[] =>
  fs.readdirSync(box.folder).filter((name) => name !== '.loglin' && !known.includes(name));

function refused(ran: Outcome, why: string): void {
  assert.equal(ran.status, 125);
  assert.equal(ran.stdout, '');
  assert.ok(ran.stderr.endsWith(`: ${why}\n`) && ran.stderr.startsWith('loglin: '), ran.stderr);
}

for (const [how, args, right] of WAYS) {
  test(`${how}: a new file is written, and an existing one keeps its mode`, (t) => {
    const box = project(t);
    assert.equal(box.loglin(args('new')).status, 0);
    right(fs.readFileSync(box.path('new')));
    const umask = parseInt(box.run(['sh', '-c', 'umask']).stdout, 8);
    const mode = fs.statSync(box.path('new')).mode & 0o777;
    assert.equal(mode, how === 'export -o' ? 0o600 : 0o666 & ~umask);
    box.write('old', 'x'.repeat(100_000));
    fs.chmodSync(box.path('old'), 0o640);
    assert.equal(box.loglin(args('old')).status, 0);
    right(fs.readFileSync(box.path('old')));
    assert.equal(fs.statSync(box.path('old')).mode & 0o777, 0o640);
    assert.deepEqual(others(box, 'new', 'old'), []);
  });

  test(`${how}: a link stays and its target is written, over several links and even if it does not exist`, (t) => {
    const box = project(t);
    box.write('deep/target', 'x');
    fs.symlinkSync('deep/target', box.path('one'));
    fs.symlinkSync('one', box.path('two'));
    fs.symlinkSync('deep/none', box.path('dangling'));
    fs.symlinkSync('deep', box.path('folder'));
    for (const [name, target] of [
      ['two', 'deep/target'],
      ['dangling', 'deep/none'],
      ['folder/through', 'deep/through'],
    ] as const) {
      assert.equal(box.loglin(args(name)).status, 0);
      right(fs.readFileSync(box.path(target)));
      assert.ok(fs.lstatSync(box.path(target)).isFile());
    }
    for (const link of ['one', 'two', 'dangling', 'folder'])
      assert.ok(fs.lstatSync(box.path(link)).isSymbolicLink());
    assert.deepEqual(fs.readdirSync(box.path('deep')).sort(), ['none', 'target', 'through']);
    assert.deepEqual(others(box, 'one', 'two', 'dangling', 'folder', 'deep'), []);
  });

  test(`${how}: a cycle of links and a dangling one are refused`, (t) => {
    const box = project(t);
    fs.symlinkSync('circle', box.path('circle'));
    fs.symlinkSync('none/at/all', box.path('nowhere'));
    refused(box.loglin(args('circle')), 'too many levels of symbolic links');
    refused(box.loglin(args('nowhere')), 'no such file or directory');
  });

  test(`${how}: a folder, a link to one, a socket and a missing folder are refused`, (t) => {
    const box = project(t);
    fs.mkdirSync(box.path('folder'));
    fs.symlinkSync('folder', box.path('link'));
    const listen = 'require("net").createServer().listen(process.argv[1], () => process.exit())';
    assert.equal(box.run([process.execPath, '-e', listen, 'socket']).status, 0);
    refused(box.loglin(args('folder')), 'is a directory');
    refused(box.loglin(args('new/')), 'is a directory');
    refused(box.loglin(args('link')), 'is a directory');
    refused(box.loglin(args('socket')), 'is a socket');
    refused(box.loglin(args('none/file')), 'no such file or directory');
    assert.ok(fs.lstatSync(box.path('socket')).isSocket());
    assert.deepEqual(others(box, 'folder', 'link', 'socket'), []);
  });

  test(`${how}: a device and a link to one are written to`, asRoot, (t) => {
    const box = project(t);
    assert.equal(spawnSync('mknod', ['-m', '666', box.path('null'), 'c', '1', '3']).status, 0);
    fs.symlinkSync('null', box.path('link'));
    for (const name of ['null', 'link']) {
      const ran = box.loglin(args(name));
      assert.deepEqual([ran.status, ran.stderr], [0, '']);
    }
    const stat = fs.lstatSync(box.path('null'));
    assert.ok(stat.isCharacterDevice());
    assert.equal(stat.rdev, fs.statSync('/dev/null').rdev);
    assert.ok(fs.lstatSync(box.path('link')).isSymbolicLink());
    assert.deepEqual(others(box, 'null', 'link'), []);
  });

  test(`${how}: a FIFO and a link to one pass the bytes to their readers`, async (t) => {
    const box = project(t);
    assert.equal(spawnSync('mkfifo', [box.path('fifo')]).status, 0);
    fs.symlinkSync('fifo', box.path('link'));
    for (const name of ['fifo', 'link']) {
      const writer = spawn(LOGLIN_BIN, args(name), { cwd: box.folder, stdio: 'ignore' });
      const status = new Promise((resolve) => writer.on('exit', resolve));
      const read = box.run(['timeout', '60', 'cat', 'fifo']);
      right(read.bytes);
      assert.equal(await status, 0);
    }
    assert.ok(fs.lstatSync(box.path('fifo')).isFIFO());
    assert.deepEqual(others(box, 'fifo', 'link'), []);
  });

  test(`${how}: /dev/stdout is written to as a pipe or a file`, (t) => {
    const box = project(t);
    const shell = (command: string): Outcome =>
      box.run(['sh', '-c', command, LOGLIN_BIN, ...args('/dev/stdout')]);
    right(
      shell('"$@" | cat').status === 0 ? shell('exec "$0" "$@" | cat').bytes : shell('exec "$0" "$@"').bytes,
    );
    assert.equal(shell('exec "$0" "$@" > out').status, 0);
    right(fs.readFileSync(box.path('out')));
    box.write('log', 'before\n');
    assert.equal(shell('exec "$0" "$@" >> log').status, 0);
    const bytes = fs.readFileSync(box.path('log'));
    assert.equal(bytes.toString('latin1', 0, 7), 'before\n');
    right(bytes.subarray(7));
    assert.deepEqual(others(box, 'out', 'log'), []);
  });

  test(`${how}: a full disk leaves the file unchanged and nothing beside it`, asRoot, (t) => {
    const box = project(t);
    fs.mkdirSync(box.path('disk'));
    // A private disk that ends with the command.
    const script = `mount -t tmpfs -o size=16k none disk && echo mine > disk/old && head -c 12k /dev/zero > disk/rest
      "$0" "$@"; echo "exit $?"; cat disk/old; ls -A disk`;
    const ran = box.run(['unshare', '-m', 'sh', '-c', script, LOGLIN_BIN, ...args('disk/old')]);
    assert.match(ran.stderr, /^loglin: .*disk\/old: no space left on device\n$/);
    assert.equal(ran.stdout, 'exit 125\nmine\nold\nrest\n');
    const full = box.loglin(args('/dev/full'));
    refused(full, 'no space left on device');
    assert.ok(fs.statSync('/dev/full').isCharacterDevice());
  });

  test(`${how}: a folder without write permission is handled`, asUser, (t) => {
    const box = project(t);
    box.write('closed/old', 'x');
    fs.chmodSync(box.path('closed'), 0o500);
    try {
      refused(box.loglin(args('closed/new')), 'permission denied');
      // A writable file is written in place, since there is no other way.
      assert.equal(box.loglin(args('closed/old')).status, 0);
      right(fs.readFileSync(box.path('closed/old')));
      fs.chmodSync(box.path('closed/old'), 0o400);
      refused(box.loglin(args('closed/old')), 'permission denied');
    } finally {
      fs.chmodSync(box.path('closed'), 0o700);
    }
  });

  test(`${how}: a protected file in a writable folder and one on a read-only disk are refused`, (t) => {
    const box = project(t);
    box.write('protected', 'mine\n');
    fs.chmodSync(box.path('protected'), 0o400);
    if (!ROOT) {
      refused(box.loglin(args('protected')), 'permission denied');
      assert.equal(fs.readFileSync(box.path('protected'), 'utf8'), 'mine\n');
      return;
    }
    fs.mkdirSync(box.path('disk'));
    const script = `mount -t tmpfs none disk && echo mine > disk/old && mount -o remount,ro disk
      "$0" "$@"; echo "exit $?"; cat disk/old`;
    const ran = box.run(['unshare', '-m', 'sh', '-c', script, LOGLIN_BIN, ...args('disk/old')]);
    assert.match(ran.stderr, /^loglin: .*disk\/old: read-only file system\n$/);
    assert.equal(ran.stdout, 'exit 125\nmine\n');
  });

  test(`${how}: a bind-mounted file is written in place, since it cannot be replaced`, asRoot, (t) => {
    const box = project(t);
    box.write('outside', 'x');
    box.write('mounted', '');
    const script = 'mount --bind outside mounted && "$0" "$@"';
    const ran = box.run(['unshare', '-m', 'sh', '-c', script, LOGLIN_BIN, ...args('mounted')]);
    assert.deepEqual([ran.status, ran.stderr], [0, '']);
    right(fs.readFileSync(box.path('outside')));
    assert.deepEqual(others(box, 'outside', 'mounted'), []);
  });

  test(`${how}: a file that root overwrites keeps its owner`, asRoot, (t) => {
    const box = project(t);
    box.write('theirs', 'x');
    fs.chownSync(box.path('theirs'), 65534, 65534);
    assert.equal(box.loglin(args('theirs')).status, 0);
    const { uid, gid } = fs.statSync(box.path('theirs'));
    assert.deepEqual([uid, gid], [65534, 65534]);
  });
}

test('a writer stopped by a signal leaves nothing and keeps the old file', async (t) => {
  const box = project(t);
  // Incompressible, and long enough to be stopped in the middle.
  const log = path.join(
    box.path('.loglin/builds'),
    fs.readdirSync(box.path('.loglin/builds'))[0]!,
    'logs/1.log',
  );
  spawnSync('sh', ['-c', 'head -c 200000000 /dev/urandom > "$0"', log]);
  box.write('old', 'mine\n');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const writer = spawn(LOGLIN_BIN, ['export', '-o', 'old'], { cwd: box.folder, stdio: 'ignore' });
    const ended = new Promise((resolve) =>
      writer.on('exit', (_, by) => {
        resolve(by);
      }),
    );
    await until('it writes', () => others(box, 'old').some((name) => fs.statSync(box.path(name)).size > 0));
    writer.kill(signal);
    assert.equal(await ended, signal);
    assert.equal(fs.readFileSync(box.path('old'), 'utf8'), 'mine\n');
    assert.deepEqual(others(box, 'old'), []);
  }
});

test('an existing temporary name is not followed, not even a link', (t) => {
  const box = project(t);
  box.write('outside', 'mine');
  fs.symlinkSync(box.path('outside'), box.path(`.loglin-${process.pid}-0`));
  const output = new OutputFile(box.path('new'), { mode: 0o600 });
  output.write(Buffer.from('whole'));
  assert.equal(fs.existsSync(box.path('new')), false);
  output.commit();
  assert.equal(fs.readFileSync(box.path('new'), 'utf8'), 'whole');
  assert.equal(fs.readFileSync(box.path('outside'), 'utf8'), 'mine');
});

test('fresh: an existing file is left alone, and so is a dangling link', (t) => {
  const box = project(t);
  box.write('file', 'mine');
  fs.symlinkSync('none', box.path('link'));
  fs.mkdirSync(box.path('folder'));
  for (const name of ['file', 'link', 'folder'])
    assert.throws(() => new OutputFile(box.path(name), { mode: 0o600, fresh: true }), { code: 'EEXIST' });
  assert.equal(fs.existsSync(box.path('none')), false);
});

test('hasty: a FIFO without a reader is not waited for, and a full one takes no more', (t) => {
  const box = project(t);
  assert.equal(spawnSync('mkfifo', [box.path('fifo')]).status, 0);
  assert.throws(() => new OutputFile(box.path('fifo'), { mode: 0o600, hasty: true }), { code: 'ENXIO' });
  const reader = fs.openSync(box.path('fifo'), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const output = new OutputFile(box.path('fifo'), { mode: 0o600, hasty: true });
  const bytes = Buffer.alloc(1 << 20, 'x');
  const taken = output.write(bytes);
  assert.ok(taken > 0 && taken < bytes.length);
  assert.equal(output.write(bytes), 0);
  const room = Buffer.alloc(taken);
  assert.equal(fs.readSync(reader, room), taken);
  assert.ok(output.write(bytes.subarray(0, 100)) === 100);
  output.commit();
  fs.closeSync(reader);
  assert.ok(fs.lstatSync(box.path('fifo')).isFIFO());
});

test('an abandoned output keeps the old file', (t) => {
  const box = project(t);
  box.write('file', 'mine');
  const output = new OutputFile(box.path('file'), { mode: 0o600 });
  output.write(Buffer.from('half'));
  output.abandon();
  output.abandon();
  assert.equal(fs.readFileSync(box.path('file'), 'utf8'), 'mine');
  assert.deepEqual(others(box, 'file'), []);
});
