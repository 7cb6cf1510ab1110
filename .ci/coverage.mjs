// Runs the tests and reports which lines of src/ they ran: build/coverage/index.html, and a table on
// stdout. Arguments and TEST_FILES as of test.mjs (--unit is quick). The programs that tests start are seen
// too, commands and recorders, since each Node among them leaves its counts in NODE_V8_COVERAGE (but one that
// a signal kills); for that, dist/ has source maps as long as this runs.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CoverageReport } from 'monocart-coverage-reports';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const folder = join(root, 'build/coverage');
const counts = join(folder, 'counts');

/** The folders of the bundles that ran. */
const bundles = ['dist/', 'build/test/'].map((folder) => pathToFileURL(join(root, folder)).href);

/**
 * Runs a Node program to its end.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} environment
 * @returns its exit status
 */
function node(args, environment = {}) {
  const { status } = spawnSync(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  return status ?? 1;
}

/** @returns the exit status of the tests, or of what failed before or after them */
async function cover() {
  const built = node(['.ci/build.mjs', '--test', '--source-maps']);
  if (built !== 0) return built;
  const tested = node(['.ci/test.mjs', ...process.argv.slice(2)], { NODE_V8_COVERAGE: counts });
  await summarise();
  return tested;
}

/** Reads the counts, which refer to bundles, and writes the results for the sources. */
async function summarise() {
  const report = new CoverageReport({
    name: 'loglin',
    outputDir: folder,
    reports: ['console-summary', 'v8', ['console-details', { skipPercent: 100 }]],
    entryFilter: (/** @type {{ url: string }} */ { url }) => bundles.some((folder) => url.startsWith(folder)),
    sourceFilter: (/** @type {string} */ path) => /(^|\/)src\/.*\.ts$/.test(path),
    all: { dir: 'src', filter: { '**/*.d.ts': false, '**/*.ts': true } },
  });
  await report.addFromDir(counts);
  await report.generate();
}

rmSync(folder, { recursive: true, force: true });
try {
  process.exitCode = await cover();
} finally {
  rmSync(counts, { recursive: true, force: true });
  node(['.ci/build.mjs']);
}
