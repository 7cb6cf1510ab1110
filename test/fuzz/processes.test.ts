// Properties that only a process has: its status, that it ends by itself, that stderr has no stack trace.
// Uses some of the stores of readers.test.ts.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { DAMAGES, LINES } from '../rig/damages.ts';
import { fuzz } from '../rig/fuzz.ts';
import { TARGETS, manyBuilds } from '../rig/manybuilds.ts';
import { Random } from '../rig/seeded.ts';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';

const box = new Sandbox();
const PRISTINE = box.path('pristine');
manyBuilds(PRISTINE);
const SECRET = 'not to be read by anybody';
box.write('outside/secret', SECRET);
box.write('outside/folder/journal.ndjson', `${SECRET}\n`);
const OUTSIDE = ['outside/secret', 'outside/folder', 'outside/new'].map((name) => box.path(name));
after(() => {
  box.remove();
});

let cases = 0;

test('processes have a valid status and stderr whatever is in the store', async () => {
  await fuzz(6, (seed, begin) => {
    const random = new Random(seed);
    const folder = box.path(`case ${++cases}`);
    const store = path.join(folder, '.loglin');
    fs.cpSync(PRISTINE, store, { recursive: true });
    random.pick(Object.values(DAMAGES))(store, random, OUTSIDE);
    try {
      for (const words of random.shuffled(LINES).slice(0, 3)) {
        const args = words.map((word) =>
          word === 'TARGET' ? random.pick(TARGETS) : word === 'FILE' ? 'file' : word,
        );
        begin(args.join(' '));
        // timeout(1) exits with 124.
        const { status, signal, stdout, stderr } = box.run(
          ['timeout', '20', LOGLIN_BIN, ...args],
          {},
          folder,
        );
        const known = args.includes('--exit-code') ? status !== 124 : [0, 1, 125].includes(status ?? -1);
        assert.ok(known && signal === null, `${args.join(' ')}: ${status ?? signal}: ${stderr}`);
        assert.doesNotMatch(stderr, /^ {4}at |internal error|Warning/m, args.join(' '));
        for (const line of stderr.split('\n')) assert.match(line, /^(loglin: .*| {2}.*)?$/, args.join(' '));
        assert.ok(!stdout.includes(SECRET) && !stderr.includes(SECRET));
      }
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
    assert.equal(fs.readFileSync(box.path('outside/secret'), 'utf8'), SECRET);
    assert.deepEqual(fs.readdirSync(box.path('outside')).sort(), ['folder', 'secret']);
    return Promise.resolve();
  });
});
