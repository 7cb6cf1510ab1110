// Builds and tests whenever a file has been saved: the unit tests, or those that TEST_FILES selects. If only
// tests have changed, runs those alone.
import { spawnSync } from 'node:child_process';
import { watch } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Saving a file causes several events, and an editor may save several files. */
const SETTLE_MS = 100;

/** @type {Set<string>} */
const changed = new Set();
let wake = () => undefined;
for (const folder of ['src', 'test'])
  watch(folder, { recursive: true }, (_, name) => {
    // Goldens that tests update, and editors' own files, cause no run.
    if (name === null || !/\.(ts|c|h|sh|mk|py|pm)$/.test(name)) return;
    changed.add(`${folder}/${name}`);
    wake();
  });

/** @param {string[]} args @param {NodeJS.ProcessEnv} environment */
function node(args, environment = {}) {
  return (
    spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...environment } })
      .status === 0
  );
}

/** @param {readonly string[]} files those that have changed; none: everything is tested */
function test(files) {
  if (!node(['.ci/build.mjs', '--test'])) return;
  if (files.length > 0 && files.every((file) => file.endsWith('.test.ts')))
    for (const file of files) node(['.ci/test.mjs'], { TEST_FILES: file });
  else node(['.ci/test.mjs', ...(process.env.TEST_FILES ? [] : ['--unit']), ...process.argv.slice(2)]);
}

for (;;) {
  const files = [...changed];
  changed.clear();
  test(files);
  console.log('\nwaiting for a change of src/ or test/; Ctrl-C ends');
  // Changes made while the tests ran are reported now.
  await wait(SETTLE_MS);
  if (changed.size === 0)
    await new Promise((resolve) => {
      wake = () => {
        resolve(undefined);
      };
    });
  await wait(SETTLE_MS);
}
