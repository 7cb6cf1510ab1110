// go test: packages are jobs, with their output and result; what go prints is as without loglin.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LOGLIN, type Tree, needs, tree } from '../rig/tree.ts';

const PROJECT = {
  'go.mod': 'module example.org/m\n',
  'a/a_test.go': `package a

import (
	"fmt"
	"testing"
)

func TestGood(t *testing.T) { fmt.Println("a says") }
func TestBad(t *testing.T)  { t.Run("below", func(t *testing.T) { t.Error("not good") }) }
`,
  'b/b_test.go': 'package b\n\nimport "testing"\n\nfunc TestB(t *testing.T) { t.Log("b logs") }\n',
  'c/c.go': 'package c\n',
  'd/d_test.go': 'package d\n\nimport "testing"\n\nfunc TestD(t *testing.T) { undefined() }\n',
  Makefile: 'tests:\n\tgo test ./a ./b\n',
  check: '#!/bin/sh\necho before\ngo test ./a ./b\ngo test -v ./b\necho after\n',
};

const ENV = { GOFLAGS: '-count=1', GOTOOLCHAIN: 'local' };

function project(t: TestContext): Tree | undefined {
  return needs(t, 'go') ? tree(t, PROJECT) : undefined;
}

/** Without times. */
function still(text: string): string {
  return text
    .replaceAll(/\d+\.\d+s\b/g, 'Ts')
    .replaceAll(/"(Time|Elapsed)":[^,}]*/g, '"$1"')
    .replaceAll(/^ *[▸✗].*\n/gm, '');
}

const without = (report: string): string => report.replace(/\n\n?\d+ of \d+ jobs? failed[^]*/, '\n');

test('go test: each package is a job, with its result; go prints the same', async (t) => {
  const it = project(t);
  if (!it) return;
  const plain = await it.run(['go', 'test', './...'], { env: ENV, merge: true });
  const wrapped = await it.run([LOGLIN, 'go', 'test', './...'], { env: ENV, merge: true });
  assert.equal(wrapped.end, plain.end);
  // When a compiler has failed is not always the same.
  const sorted = (text: string): string[] => still(text).split('\n').sort();
  assert.deepEqual(sorted(without(wrapped.stdout)), sorted(plain.stdout));
  const shown = await it.show();
  assert.deepEqual(
    shown.split('\n').filter((line) => /^[▸✗] .*[abc]\b/.test(line) && !line.includes('m/d')),
    ['▸ example.org/m/a', '✗ example.org/m/a (exit 1)', '▸ example.org/m/b', '▸ example.org/m/c'],
    shown,
  );
  assert.match(
    await it.show('example.org/m/a'),
    /^▸ .*\na says\n--- FAIL: TestBad [^]*FAIL\texample.org\/m\/a\t/,
  );
  assert.match(
    await it.show('example.org/m/d'),
    /undefined: undefined\nFAIL\texample.org\/m\/d \[build failed\]\n/,
  );
  assert.match(wrapped.stdout, /✗ example.org\/m\/a \(exit 1\)\n[^]*a\/a_test.go:9: not good\n/);
  const { stdout: jobs } = await it.run([LOGLIN, 'jobs']);
  assert.match(jobs, /^skipped .* example.org\/m\/c$/m);
  await it.nothingLeft();
});

test('go test -json: packages have what the events say; the events stay as they are', async (t) => {
  const it = project(t);
  if (!it) return;
  const argv = ['go', 'test', '-json', './a', './b'];
  const plain = await it.run(argv, { env: ENV, merge: true });
  const wrapped = await it.run([LOGLIN, ...argv], { env: ENV, merge: true });
  assert.equal(wrapped.end, plain.end);
  // Packages are tested at the same time.
  assert.deepEqual(
    still(await it.show())
      .split('\n')
      .sort(),
    still(plain.stdout).split('\n').sort(),
  );
  assert.match(
    await it.show('example.org/m/b'),
    /^▸ .*\n=== RUN {3}TestB\n.*b logs\n--- PASS: TestB .*\nPASS\nok /s,
  );
  assert.match(await it.show('example.org/m/a'), /a says\n[^]*✗ example.org\/m\/a \(exit 1\)\n$/);
  await it.nothingLeft();
});

for (const [argv, names] of [
  [
    ['make', '-s', 'tests'],
    ['a', 'b'],
  ],
  [['./check'], ['a', 'b', 'b#2']],
] as const)
  test(`go test in ${argv.join(' ')}: packages stand where go was called`, async (t) => {
    const it = project(t);
    if (!it || !needs(t, 'make')) return;
    const plain = await it.run([...argv], { env: ENV, merge: true });
    const wrapped = await it.run([LOGLIN, ...argv], { env: ENV, merge: true });
    assert.equal(wrapped.end, plain.end);
    assert.equal(still(await it.show()), still(plain.stdout));
    const headers = (await it.show()).split('\n').filter((line) => /^ *▸/.test(line));
    const packages = headers.map((line) => line.trim()).filter((line) => line.includes('example'));
    assert.deepEqual(
      packages,
      names.map((name) => `▸ example.org/m/${name}`),
    );
    await it.nothingLeft();
  });

test('go test: one package is shown as it speaks', async (t) => {
  const it = project(t);
  if (!it) return;
  it.write({
    'e/e_test.go': `package e

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestE(t *testing.T) {
	fmt.Println("begins")
	for {
		if _, err := os.Stat("go"); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
`,
  });
  const started = it.start([LOGLIN, 'go', 'test', '-v', './e'], { env: ENV });
  let out = '';
  started.child.stdout?.on('data', (bytes: Buffer) => (out += bytes.toString()));
  const begun = new Promise<void>((resolve) => {
    started.child.stdout?.on('data', () => {
      if (out.includes('begins')) resolve();
    });
  });
  await Promise.race([begun, started.ended]);
  assert.equal(out, '▸ example.org/m/e\n=== RUN   TestE\nbegins\n');
  it.write({ 'e/go': '' });
  assert.equal((await started.ended).end, 'exit 0');
});
