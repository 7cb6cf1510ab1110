// redo's logs are parsed, and their lines recognised.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineSet } from '../../src/capture/hooks/redo/lines.ts';
import { type LogPiece, TargetLog } from '../../src/capture/hooks/redo/logs.ts';
import { statusOf } from '../../src/capture/wire.ts';

const LOG = Buffer.from(
  [
    'one',
    '@@REDO:do:12:1795231853.05@@ a.o',
    '@@REDO:locked:12:1795231853.06@@ ../gen.h',
    'half a line, @@REDO:unchanged:13:1795231853.07@@ with space',
    'and the rest',
    '@@REDO:done:12:1795231854.5@@ 3 a.o',
    '@@REDO:done:12:1795231854.6@@ -9 b c',
    '@@REDO:error:12:1795231854.7@@ no rule to redo x',
    '@@REDO:resumed:12:1795231854.8@@ a',
    '@@REDO:unheard:12:1@@ of',
    '@@REDO:done:12:1@@ nothing',
    '@@REDO: not a record',
    'bytes \xff\xfe, @@REDO',
    'no newline',
  ].join('\n'),
  'latin1',
);

/** Joins texts that follow one another. */
function joined(pieces: readonly LogPiece[]): unknown[] {
  const all: unknown[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') all.push(text);
    text = '';
  };
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      text += piece.bytes.toString('latin1');
    } else {
      flush();
      all.push(piece);
    }
  }
  flush();
  return all;
}

function take(chunks: readonly Buffer[]): unknown[] {
  const log = new TargetLog('src/lib.a');
  const pieces = chunks.flatMap((chunk) => log.push(chunk));
  const { bytes, cut } = log.end();
  return [...joined([...pieces, { kind: 'text', bytes }]), cut];
}

const SECOND = 1795231853;

test('redo logs: records are removed, all else stays', () => {
  assert.deepEqual(take([LOG]), [
    'one\n',
    { kind: 'mention', name: 'src/a.o', mid: false, t: SECOND * 1000 + 50, built: true },
    { kind: 'mention', name: 'gen.h', mid: false, t: SECOND * 1000 + 60, built: false },
    'half a line, ',
    { kind: 'mention', name: 'src/with space', mid: true, t: SECOND * 1000 + 70, built: false },
    'and the rest\n',
    { kind: 'done', name: 'src/a.o', exit: 3, t: SECOND * 1000 + 1500 },
    { kind: 'done', name: 'src/b c', exit: -9, t: SECOND * 1000 + 1600 },
    'redo: no rule to redo x\n@@REDO:unheard:12:1@@ of\n@@REDO:done:12:1@@ nothing\n@@REDO: not a record\n' +
      'bytes \xff\xfe, @@REDO\nno newline',
    false,
  ]);
});

test('redo logs: however they are cut into chunks', () => {
  const whole = take([LOG]);
  for (let at = 0; at <= LOG.length; at++)
    assert.deepEqual(take([LOG.subarray(0, at), LOG.subarray(at)]), whole, `cut at ${at}`);
});

test('redo logs: a record that is cut short is recognised', () => {
  const at = LOG.indexOf('@@REDO:locked');
  assert.deepEqual(take([LOG.subarray(0, at + 20)]).at(-1), true);
});

test('redo logs: the lines of several logs at once are recognised, only whole ones', () => {
  const lines = new LineSet();
  lines.add(1, Buffer.from('first line\nsec'));
  lines.add(2, Buffer.from('other'));
  lines.add(1, Buffer.from('ond\n'));
  const known = (line: string): boolean => lines.has(Buffer.from(line));
  assert.deepEqual(['first line', 'second', 'other', 'sec', ''].map(known), [
    true,
    true,
    false,
    false,
    false,
  ]);
  lines.end(2);
  assert.ok(known('other'));
});

test('redo logs: records that redo does not write are text', () => {
  const lines = [
    '@@REDO:done:1:1@@ 256 a',
    '@@REDO:done:1:1@@ -128 a',
    '@@REDO:done:1:1@@ 99999999999 a',
    '@@REDO:do:1:100000000000@@ a',
    '@@REDO:do:-1:1@@ a',
    `@@REDO:do:1:${'9'.repeat(400)}@@ a`,
  ];
  for (const line of lines) assert.deepEqual(take([Buffer.from(`${line}\n`)]), [`${line}\n`, false]);
});

test('redo logs: an end is a status or a signal', () => {
  assert.deepEqual(
    [0, 3, 255, -1, -15, -127].map((exit) => statusOf(exit)),
    [{ exit: 0 }, { exit: 3 }, { exit: 255 }, { signal: 1 }, { signal: 15 }, { signal: 127 }],
  );
});
