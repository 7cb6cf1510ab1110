// What a run of the tests ends with (.ci/reporter.mjs): why tests were skipped, then node:test's own summary.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { skipSummary } from '../.ci/reporter.mjs';

test('the reasons of skipped tests are summed up', () => {
  assert.deepEqual(skipSummary([]), []);
  assert.deepEqual(
    skipSummary([
      'for want of ninja',
      'needs root',
      'for want of cmake, ninja',
      'for want of -x y',
      'needs root',
      'b',
    ]),
    ['skipped for want of: ninja (2), -x y (1), cmake (1)', 'skipped: needs root (2); b (1)'],
  );
});

test("the summary of skipped tests stands before node:test's own, which comes last", (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-reporter.'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const file = path.join(folder, 'some.test.mjs');
  fs.writeFileSync(
    file,
    `import { test } from 'node:test';
test('works', () => {});
test('is skipped', (t) => t.skip('for want of ninja'));
test('is skipped at once', { skip: true }, () => {});
test('has parts', async (t) => {
  t.diagnostic('tests 3');
  await t.test('is skipped inside', { skip: 'for want of ninja, cmake' }, () => {});
});
`,
  );
  const reporter = path.join(import.meta.dirname, '../.ci/reporter.mjs');
  // A test runner that is the child of one prints for that one.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NO_COLOR: '1' };
  const { status, stdout } = spawnSync(process.execPath, ['--test', `--test-reporter=${reporter}`, file], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
  assert.match(
    stdout,
    /\nℹ skipped for want of: ninja \(2\), cmake \(1\)\nℹ skipped: no reason given \(1\)\nℹ tests 5\nℹ suites \d+\nℹ pass 2\nℹ fail 0\nℹ cancelled 0\nℹ skipped 3\nℹ todo 0\nℹ duration_ms .*\n$/,
  );
});
