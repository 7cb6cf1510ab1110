// Runs the tests that build.mjs --test has bundled. Arguments go to node --test (--test-name-pattern X).
// TEST_FILES, a glob or part of a path, selects files of test/ ("test/store/**", "journal").
// --unit leaves out slow tests: whole builds with the real tools, fuzzing, and the few files named below.
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

/**
 * These are not unit tests: they run hundreds of processes, write gigabytes, damage each byte in turn, or run
 * under valgrind.
 */
const SLOW = [
  'test/e2e/**',
  'test/fuzz/**',
  'test/capture/library.test.ts',
  'test/capture/wire-fuzz.test.ts',
  'test/cli/import.test.ts',
  'test/store/damage.test.ts',
  'test/store/hostile.test.ts',
  'test/store/large.test.ts',
].map(matcher);

const args = process.argv.slice(2);
const unit = args.includes('--unit');
const wanted = matcher(process.env.TEST_FILES ?? '');
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((name) => join('test', name))
  .filter((path) => path.endsWith('.test.ts') && wanted(path) && !(unit && SLOW.some((slow) => slow(path))))
  .sort()
  .map((path) => join('build', path.replace(/ts$/, 'mjs')));
if (tests.length === 0) {
  console.error(
    `loglin: no ${unit ? 'unit test' : 'test'} file matches TEST_FILES=${process.env.TEST_FILES ?? ''}`,
  );
  process.exit(1);
}

// Half the cores, since a test file keeps more than one process busy.
const options = [
  '--enable-source-maps',
  '--test',
  '--test-reporter=./.ci/reporter.mjs',
  `--test-concurrency=${Math.max(2, availableParallelism() >> 1)}`,
];
// Where CI runs the tests, the builds that they start are not to write for its log. Whoever runs them may be
// a coding agent.
const systems = ['GITHUB_ACTIONS', 'GITLAB_CI', 'BUILDKITE', 'TEAMCITY_VERSION', 'TF_BUILD'];
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !systems.includes(name)));
const { status } = spawnSync(
  process.execPath,
  [...options, ...args.filter((arg) => arg !== '--unit'), ...tests],
  { stdio: 'inherit', env: { ...env, LOGLIN_AGENT: '0' } },
);
process.exitCode = status ?? 1;
