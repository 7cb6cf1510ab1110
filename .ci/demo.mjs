// The demo: builds the project in sample-logs/demo from clean, then prints what to type next. That works when
// it is pasted into the shell in which the demo was started, wherever that stands and whichever shell it is:
// so it has no comments, which zsh would take for arguments.
import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const demo = join(root, 'sample-logs/demo');

/**
 * Runs a command in the demo's folder; where it fails, ends as it ended.
 * @param {string} program
 * @param {string[]} args
 */
function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { cwd: demo, stdio: 'inherit' });
  if (error) console.error(`demo: ${program} cannot be run (${error.message}); the demo needs GNU make`);
  if (status !== 0) process.exit(status ?? 1);
}

/** As any shell takes it for one word. @param {string} text */
const word = (text) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

run('make', '-s', 'clean');
// Also a coding agent is shown what people see.
run(join(root, 'bin/loglin'), '--no-agent', 'make', '-j4');

// npm runs this in the package's folder, wherever the reader has called npm.
const here = process.env.INIT_CWD ?? process.cwd();
console.log(`
Next, ready to paste. To where this was built, with loglin on the PATH of this shell:

  cd ${word(relative(here, demo) || '.')} && export PATH=${word(join(root, 'bin'))}:"$PATH"

One target's part again, with what it needs; the warnings, each once; a build that fails, with what to read at its end:

  loglin show hash.o
  loglin problems
  loglin make -j4 FAIL=1

And all of it to browse, while it is built or afterwards:

  loglin tui`);
