import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { takeSpooled } from '../../src/capture/spooled.ts';
import { Scanner, type WireRecord } from '../../src/capture/framing.ts';
import { Random, forSeeds } from '../rig/seeded.ts';
import { Sandbox } from '../rig/sandbox.ts';

const NONCE = '0123456789abcdef';
const box = new Sandbox();
after(() => {
  box.remove();
});

function escaped(field: string): string {
  return field.replaceAll(/[\t%\x1e\x1f]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function record(kind: string, ...fields: string[]): string {
  return `\x1e${NONCE}${kind}:${fields.map(escaped).join('\t')}\x1f`;
}

/** Collects the result: text between records in one piece. */
function scan(chunks: readonly (Buffer | string)[], spool = box.folder): (string | WireRecord)[] {
  const scanner = new Scanner(NONCE, (name) => takeSpooled(spool, name));
  const out: (string | WireRecord)[] = [];
  const sink = {
    text: (bytes: Buffer) => {
      const last = out.at(-1);
      if (typeof last === 'string') out[out.length - 1] = last + bytes.toString('latin1');
      else out.push(bytes.toString('latin1'));
    },
    record: (one: WireRecord) => {
      out.push(one);
      return undefined;
    },
  };
  for (const chunk of chunks) scanner.push(Buffer.from(chunk), sink);
  scanner.flush(sink);
  return out;
}

const STREAM = Buffer.from(
  `text ${record('L', 'a', 'b c', '', 'ü\t%\x1e\x1f')}more\n${record('S', '')}${record('W', '1', '-9')}` +
    `\x1e not one \x1f \x1e${NONCE.slice(0, 5)} nor this\x1f\x1eend`,
);
const PARTS = [
  'text ',
  { kind: 'L', fields: ['a', 'b c', '', 'ü\t%\x1e\x1f'] },
  'more\n',
  { kind: 'S', fields: [''] },
  { kind: 'W', fields: ['1', '-9'] },
  `\x1e not one \x1f \x1e${NONCE.slice(0, 5)} nor this\x1f\x1eend`,
];

test('records are cut out of the text, their fields unescaped', () => {
  assert.deepEqual(scan([STREAM]), PARTS);
});

test('however the stream is cut: at every byte, at every two bytes, a byte at a time', () => {
  for (let a = 0; a <= STREAM.length; a++) {
    assert.deepEqual(scan([STREAM.subarray(0, a), STREAM.subarray(a)]), PARTS, `cut at ${a}`);
    for (let b = a; b <= STREAM.length; b += 7)
      assert.deepEqual(scan([STREAM.subarray(0, a), STREAM.subarray(a, b), STREAM.subarray(b)]), PARTS);
  }
  assert.deepEqual(scan([...STREAM].map((byte) => Buffer.from([byte]))), PARTS);
});

test('any bytes pass unchanged, however they are cut', () => {
  forSeeds(300, (seed) => {
    const random = new Random(seed);
    const alphabet = [0x1e, 0x1f, 0x30, 0x31, 0x00, 0xff, 0x0a];
    const start = Buffer.from(`\x1e${NONCE}`);
    const parts = Array.from({ length: random.below(40) }, () =>
      random.chance(0.2)
        ? start.subarray(0, random.below(start.length))
        : Buffer.from([random.pick(alphabet)]),
    );
    assert.deepEqual(
      scan(parts),
      [Buffer.concat(parts).toString('latin1')].filter((text) => text !== ''),
    );
  });
});

test('what begins as a record and does not end within 4096 bytes is text', () => {
  const long = `\x1e${NONCE}L:${'x'.repeat(5000)}`;
  assert.deepEqual(scan([`${long}\x1f`]), [`${long}\x1f`]);
  assert.deepEqual(scan([long.slice(0, 3000), long.slice(3000), '\x1f']), [`${long}\x1f`]);
  const longest = `\x1e${NONCE}L:${'x'.repeat(4096 - NONCE.length - 3)}`;
  assert.equal(scan([`${longest}\x1f`]).length, 1);
  assert.equal(typeof scan([`${longest}\x1f`])[0], 'object');
});

test('a record of another build is text', () => {
  const other = record('L', 'a').replace(NONCE, 'fedcba9876543210');
  assert.deepEqual(scan([other]), [other]);
});

test('an unfinished record at the end of the stream is text', () => {
  assert.deepEqual(scan([`a${record('L', 'x').slice(0, -1)}`]), [`a${record('L', 'x').slice(0, -1)}`]);
});

test('fields in a spool file: each ended by NUL; the file is removed', () => {
  const file = box.write('r.1', 'one\0two\nlines\t%09\0\0last\0');
  assert.deepEqual(scan([`\x1e${NONCE}N@r.1\x1f`]), [
    { kind: 'N', fields: ['one', 'two\nlines\t%09', '', 'last'] },
  ]);
  assert.ok(!fs.existsSync(file));
});

test('a spool file is looked for only in its folder; a missing one is no record', () => {
  fs.mkdirSync(box.path('inner'));
  const outside = box.write('secret', 'x\0');
  assert.deepEqual(scan([`a\x1e${NONCE}N@../secret\x1fb\x1e${NONCE}N@${outside}\x1fc`], box.path('inner')), [
    'abc',
  ]);
  assert.ok(fs.existsSync(outside));
});

test('a sink that cannot deal with a record yet gets it again, with all that follows', () => {
  const scanner = new Scanner(NONCE, (name) => takeSpooled(box.folder, name));
  const out: string[] = [];
  let wait = true;
  const sink = {
    text: (bytes: Buffer) => void out.push(bytes.toString()),
    record: ({ kind }: WireRecord) => {
      out.push(kind);
      return kind === 'B' && wait ? ('wait' as const) : undefined;
    },
  };
  const rest = scanner.push(Buffer.from(`1${record('A')}2${record('B')}3${record('C')}`), sink);
  assert.deepEqual(out, ['1', 'A', '2', 'B']);
  wait = false;
  assert.equal(scanner.push(rest!, sink), undefined);
  assert.deepEqual(out.slice(4), ['B', '3', 'C']);
});

test('enough: the rest after the record is returned', () => {
  const scanner = new Scanner(NONCE, (name) => takeSpooled(box.folder, name));
  const out: string[] = [];
  const sink = {
    text: (bytes: Buffer) => void out.push(bytes.toString()),
    record: ({ kind }: WireRecord) => {
      out.push(kind);
      return undefined;
    },
  };
  const rest = scanner.push(Buffer.from(`1${record('A')}2${record('B')}`), sink, () => out.includes('A'));
  assert.deepEqual(out, ['1', 'A']);
  assert.equal(rest?.toString(), `2${record('B')}`);
  assert.equal(
    scanner.push(Buffer.from(record('A')), sink, () => true),
    undefined,
    'nothing left',
  );
});
