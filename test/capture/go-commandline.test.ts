// Which package a command line of `go test` names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onlyPackage } from '../../src/capture/hooks/go/commandline.ts';
import { tree } from '../rig/tree.ts';

test('the only package is known by its folder, or is the current one', (t) => {
  const it = tree(t, { 'go.mod': 'module example.org/m\n', 'a/b/x.go': '' });
  const root = it.path('.');
  const cases = [
    ['', 'example.org/m'],
    ['./a/b', 'example.org/m/a/b'],
    ['-v -run X ./a/b -args ./c', 'example.org/m/a/b'],
    ['-run=X ./a/b', 'example.org/m/a/b'],
    ['-test.run X ./a/b', 'example.org/m/a/b'],
    ['./a ./b', undefined],
    ['./...', undefined],
    ['example.org/m/a', undefined],
    ['-C a ./b', undefined],
  ] as const;
  for (const [words, name] of cases)
    assert.equal(onlyPackage(['go', 'test', ...words.split(' ').filter(Boolean)], root), name, words);
});

test('a folder that cannot be one is not looked for', () => {
  assert.equal(onlyPackage(['go', 'test'], '/a'.repeat(500_000)), undefined);
});
