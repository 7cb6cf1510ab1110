import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { takeSpooled } from '../../src/capture/spooled.ts';
import { Scanner, type Sink } from '../../src/capture/framing.ts';
import { Stream } from '../../src/capture/stream.ts';
import { Sandbox } from '../rig/sandbox.ts';

const NONCE = '0123456789abcdef';
const box = new Sandbox();
after(() => {
  box.remove();
});
let count = 0;

/** A stream on a new FIFO; what it reads goes to `out`, records as `<kind>`. */
function open(sink: Partial<Sink> = {}): { stream: Stream; fifo: string; out: string[] } {
  const fifo = box.path(`fifo${++count}`);
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  const out: string[] = [];
  const stream = new Stream('1', fifo, new Scanner(NONCE, (name) => takeSpooled(box.folder, name)), {
    text: (bytes) => void out.push(bytes.toString()),
    record: ({ kind }) => {
      out.push(`<${kind}>`);
      return undefined;
    },
    ...sink,
  });
  return { stream, fifo, out };
}

const record = (kind: string): string => `\x1e${NONCE}${kind}:\x1f`;

test('a FIFO without a writer is at its end; with one, and nothing in it, it is not', () => {
  const { stream, fifo, out } = open();
  assert.equal(stream.read(false), 0);
  assert.equal(stream.atEnd, true);
  const fd = fs.openSync(fifo, 'w');
  assert.equal(stream.read(false), 0);
  assert.equal(stream.atEnd, false);
  fs.writeSync(fd, 'text');
  assert.equal(stream.read(false), 4);
  fs.closeSync(fd);
  assert.equal(stream.read(false), 0);
  assert.equal(stream.atEnd, true);
  assert.deepEqual(out, ['text']);
  stream.close();
});

test('all reads until it is empty, and sees the end', () => {
  const { stream, fifo, out } = open();
  // As much as fits: two pages only, if this user has many pipes (/proc/sys/fs/pipe-user-pages-soft).
  const fd = fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  const size = fs.writeSync(fd, Buffer.alloc(60_000, 'x'));
  fs.closeSync(fd);
  assert.ok(size >= 4096);
  assert.equal(stream.read(true), size);
  assert.equal(stream.atEnd, true);
  assert.equal(out.join('').length, size);
  stream.close();
});

test('an unfinished record is text when the writers are gone', () => {
  const { stream, fifo, out } = open();
  const fd = fs.openSync(fifo, 'w');
  fs.writeSync(fd, `a\x1e${NONCE}`);
  fs.closeSync(fd);
  stream.read(true);
  assert.deepEqual(out, ['a']);
  stream.flush();
  assert.deepEqual(out, ['a', `\x1e${NONCE}`]);
  stream.close();
});

test('enough: the rest waits for the next call, even if more comes', () => {
  const { stream, fifo, out } = open();
  const fd = fs.openSync(fifo, 'w');
  fs.writeSync(fd, `1${record('A')}2${record('B')}3`);
  stream.read(true, () => out.includes('<A>'));
  assert.deepEqual(out, ['1', '<A>']);
  fs.writeSync(fd, '4');
  stream.read(true, () => out.includes('<B>'));
  assert.deepEqual(out, ['1', '<A>', '2', '<B>']);
  stream.read(true);
  assert.deepEqual(out, ['1', '<A>', '2', '<B>', '3', '4']);
  fs.closeSync(fd);
  stream.close();
});

test('a record that has to wait comes again with the next call', () => {
  let wait = true;
  const seen: string[] = [];
  const { stream, fifo, out } = open({
    record: ({ kind }) => {
      seen.push(kind);
      return wait ? 'wait' : undefined;
    },
  });
  const fd = fs.openSync(fifo, 'w');
  fs.writeSync(fd, `1${record('A')}2`);
  stream.read(true);
  assert.deepEqual([out, seen], [['1'], ['A']]);
  wait = false;
  stream.read(true);
  assert.deepEqual(
    [out, seen],
    [
      ['1', '2'],
      ['A', 'A'],
    ],
  );
  fs.closeSync(fd);
  stream.close();
});

test('reading it while it is being read does nothing; another one can be read meanwhile, in a buffer of its own', () => {
  const inner = open();
  const outer = open({
    record: () => {
      assert.equal(outer.stream.busy, true);
      assert.equal(outer.stream.read(true), 0);
      inner.stream.read(true);
      return undefined;
    },
  });
  const innerFd = fs.openSync(inner.fifo, 'w');
  const outerFd = fs.openSync(outer.fifo, 'w');
  fs.writeSync(innerFd, 'x'.repeat(1000));
  fs.writeSync(outerFd, `before${record('A')}after`);
  outer.stream.read(true);
  assert.deepEqual(outer.out, ['before', 'after']);
  assert.equal(inner.out.join(''), 'x'.repeat(1000));
  assert.equal(outer.stream.busy, false);
  for (const fd of [innerFd, outerFd]) fs.closeSync(fd);
  for (const { stream } of [inner, outer]) stream.close();
});
