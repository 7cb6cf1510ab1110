// Runs the tests that build.mjs --test has bundled. Arguments go to node --test (--test-name-pattern X);
// TEST_FILES, a glob or a part of a path, chooses among the files of test/ ("test/store/**", "journal").
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** @param {string} glob */
function matcher(glob) {
  if (!/[*?]/.test(glob)) return (/** @type {string} */ path) => path.includes(glob);
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (part) => ({ '**/': '(.*/)?', '**': '.*', '*': '[^/]*' })[part] ?? '[^/]');
  const regex = new RegExp(`^${source}$`);
  return (/** @type {string} */ path) => regex.test(path);
}

const wanted = matcher(process.env.TEST_FILES ?? '');
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((name) => join('test', name))
  .filter((path) => path.endsWith('.test.ts') && wanted(path))
  .sort()
  .map((path) => join('build', path.replace(/ts$/, 'mjs')));
if (tests.length === 0) {
  console.error(`loglin: no test file matches TEST_FILES=${process.env.TEST_FILES ?? ''}`);
  process.exit(1);
}

// Half the cores: a test file keeps more than one process busy.
const options = [
  '--enable-source-maps',
  '--test',
  '--test-reporter=./.ci/reporter.mjs',
  `--test-concurrency=${Math.max(2, availableParallelism() >> 1)}`,
];
const { status } = spawnSync(process.execPath, [...options, ...process.argv.slice(2), ...tests], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
