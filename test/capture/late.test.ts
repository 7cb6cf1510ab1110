// A recorder that gets to run late: make is far ahead, and each stream holds the records of many steps. The
// records of one stream make sense only with those of the other. In a real build, the echoes of a recipe's
// later lines were lost that way.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { runRecorder } from '../rig/recorder-run.ts';

const LINES = Array.from({ length: 12 }, (_, i) => i + 1);

const recipe = (name: string): string => LINES.map((i) => `\techo ${name} ${i}\n`).join('');
const log = (name: string): string => LINES.map((i) => `echo ${name} ${i}\n${name} ${i}\n`).join('');

const unmade = (make: string): string => `${make}: Target 'all' not remade because of errors.\n`;

const MAKEFILE = `all: a b sub
a:
${recipe('a')}
b:
${recipe('b')}
sub:
\techo before
\t$(MAKE) --no-print-directory -f sub.mk
\techo after
`;
const SUB = `all: c d
c:
${recipe('c')}
d: c
${recipe('d')}\tfalse
\techo never
`;

void describe('a recorder that reads only after all has ended', () => {
  for (const jobs of [1, 4])
    void it(`has every step of every recipe, at its place, at -j${jobs}`, async () => {
      const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-late-'));
      try {
        fs.writeFileSync(path.join(cwd, 'Makefile'), MAKEFILE);
        fs.writeFileSync(path.join(cwd, 'sub.mk'), SUB);
        // With -k: otherwise make may print that it waits for unfinished jobs.
        const argv = ['make', `-j${jobs}`, '-k', '--no-print-directory'];
        const run = await runRecorder(argv, { cwd, preload: 1, late: true });
        assert.equal(run.code, 2);
        const logs = Object.fromEntries(run.build.jobs.slice(1).map((job) => [job.name, run.log(job)]));
        assert.deepEqual(logs, {
          a: log('a'),
          b: log('b'),
          c: log('c'),
          d: `${log('d')}false\nmake[1]: *** [sub.mk:29: d] Error 1\n`,
          sub: `echo before\nbefore\nmake --no-print-directory -f sub.mk\n${unmade('make[1]')}make: *** [Makefile:32: sub] Error 2\n`,
        });
        const steps = Object.fromEntries(run.build.jobs.slice(1).map((job) => [job.name, job.steps.length]));
        assert.deepEqual(steps, { a: 12, b: 12, c: 12, d: 13, sub: 2 });
        assert.equal(run.log(run.build.jobs[0]!), unmade('make'));
      } finally {
        fs.rmSync(cwd, { recursive: true, force: true });
      }
    });
});
