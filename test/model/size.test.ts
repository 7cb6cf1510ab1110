// Sizes parsed and formatted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSize, sizeText } from '../../src/model/size.ts';

test('sizes are parsed in the usual notations', () => {
  for (const [text, bytes] of [
    ['0', 0],
    ['4096', 4096],
    ['17B', 17],
    ['1k', 1024],
    ['2GiB', 2 * 1024 ** 3],
    ['2 gib', 2 * 1024 ** 3],
    ['2G', 2 * 1024 ** 3],
    ['500MB', 500e6],
    ['1.5 MiB', 1.5 * 1024 ** 2],
    [' 1TB ', 1e12],
  ] as const)
    assert.equal(parseSize(text), bytes, text);
});

test('text that is no size is refused', () => {
  for (const text of [
    '',
    'x',
    '-1',
    '1e9',
    '2 Gi',
    '2GiBs',
    '1.2.3',
    'MiB',
    '1 k B',
    '99999999PiB',
    '0x10',
    'constructor',
  ])
    assert.equal(parseSize(text), undefined, text);
});

test('sizes are formatted with three digits', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KiB'],
    [1024, '1.0 KiB'],
    [99.9 * 1024, '99.9 KiB'],
    [100 * 1024, '100 KiB'],
    [1023 * 1024, '1.0 MiB'],
    [2 * 1024 ** 3, '2.0 GiB'],
    [1e20, '88818 PiB'],
  ] as const)
    assert.equal(sizeText(bytes), text);
});
