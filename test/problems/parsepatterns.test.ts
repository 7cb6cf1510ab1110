// User-defined patterns, valid and invalid.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePatterns } from '../../src/problems/parsepatterns.ts';

test('valid patterns are parsed', () => {
  const parsed = parsePatterns([
    { name: 'one', pattern: '^(?<file>.+): (?<message>.+)$' },
    { name: 'two', pattern: 'x', severity: 'warning' },
  ]);
  assert.deepEqual(parsed, {
    patterns: [
      { tool: 'one', first: /^(?<file>.+): (?<message>.+)$/ },
      { tool: 'two', first: /x/, severity: 'warning' },
    ],
  });
  assert.deepEqual(parsePatterns([]), { patterns: [] });
});

test('errors say what is wrong, and where', () => {
  const good = { name: 'a', pattern: 'x' };
  for (const [value, path, message] of [
    [{}, [], /^want a list of/],
    ['x', [], /^want a list of/],
    [[good, 3], [1], /^want \{"name"/],
    [[{ pattern: 'x' }], [0, 'name'], /^want a name$/],
    [[{ ...good, name: '' }], [0, 'name'], /^want a name$/],
    [[{ name: 'a' }], [0, 'pattern'], /^want a regular expression/],
    [[{ ...good, pattern: '(' }], [0, 'pattern'], /[Ii]nvalid regular expression/],
    [[{ ...good, pattern: '(?<fiel>x)' }], [0, 'pattern'], /^no such group: fiel; want file, line/],
    [[{ ...good, severity: 'fatal' }], [0, 'severity'], /^want "error" or "warning"$/],
    [[{ ...good, sevrity: 'error' }], [0, 'sevrity'], /^no such key/],
  ] as const) {
    const parsed = parsePatterns(value);
    assert.ok('error' in parsed, JSON.stringify(value));
    assert.deepEqual(parsed.error.path, path);
    assert.match(parsed.error.message, message);
  }
});
