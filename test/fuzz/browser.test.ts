// The browser on stores with arbitrary files, with random keys: it never fails, writes nothing outside its
// rows, and a key ends it. (tui/rough.test.ts damages what it shows while it does.)

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { buildFolder, graphFile, journalFile } from '../../src/store/layout.ts';
import { untimed } from '../../src/problems/boundedpatterns.ts';
import { App } from '../../src/tui/app.ts';
import { FakeTerminal } from '../rig/faketerminal.ts';
import { fuzz } from '../rig/fuzz.ts';
import { IDS, LAST, manyBuilds } from '../rig/manybuilds.ts';
import { BYTES, mutated } from '../rig/mutate.ts';
import { odd } from '../rig/odd.ts';
import { Random } from '../rig/seeded.ts';
import { Sandbox } from '../rig/sandbox.ts';

const box = new Sandbox();
const PRISTINE = box.path('pristine');
manyBuilds(PRISTINE);
const OUTSIDE = [box.write('outside/secret', 'not to be read'), box.path('outside')];
after(() => {
  box.remove();
});

/** All keys that act inside the browser; one that starts a thread (`d`) is expensive. */
const KEYS = [
  ...Array.from('jkhlgGz123/nNeEfrtO-+ucbW#TFwp[]yM? .*x漢\t\r\r\r'),
  ...['\x7f', '\x06', '\x02', '\x04', '\x15', '\x1b', '\x1b[A', '\x1b[B', '\x1b[5~', '\x1b[6~', '\x1b[Z'],
];

function damage(store: string, random: Random): void {
  const folder = buildFolder(store, random.pick([LAST, LAST, IDS[2], IDS[0]]));
  const rewrite = (file: string, change: (bytes: Buffer, random: Random) => Buffer): void => {
    fs.writeFileSync(file, change(fs.readFileSync(file), random));
  };
  for (let i = random.below(3); i >= 0; i--) {
    const kind = random.below(8);
    if (kind < 4) rewrite(journalFile(folder), mutated);
    else if (kind < 6) rewrite(graphFile(folder), mutated);
    else if (kind === 6) rewrite(path.join(folder, 'logs', `${random.below(3)}.log`), random.pick(BYTES));
    else break;
  }
  if (random.chance(0.2))
    odd(
      random.pick([
        path.join(folder, 'journal.ndjson'),
        path.join(folder, 'logs', '1.log'),
        path.join(folder, 'graph.ndjson'),
        path.join(folder, 'logs'),
        path.join(store, 'history'),
      ]),
      random,
      OUTSIDE,
    );
}

const rest = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
};

let cases = 0;

test('the browser survives arbitrary contents', async () => {
  // An error thrown between keys reaches no other handler.
  let thrown: unknown;
  const take = (error: unknown): void => {
    thrown ??= error;
  };
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', take);
  try {
    await fuzz(12, async (seed, begin) => {
      const random = new Random(seed);
      const store = box.path(`case ${++cases}`);
      fs.cpSync(PRISTINE, store, { recursive: true });
      damage(store, random);
      thrown = undefined;
      const place = { root: store, store };
      const [columns, rows] = random.pick([
        [80, 24],
        [130, 40],
        [30, 8],
      ] as const);
      const terminal = new FakeTerminal(columns, rows);
      const [build] = random.pick([[], [LAST], [IDS[0]]] as const);
      const app = new App(
        { place, build, colours: random.pick([0, 256]), ascii: random.chance(0.2), patterns: untimed([]) },
        terminal.input,
        terminal.output,
      );
      const typed: string[] = [];
      try {
        begin('start');
        app.start();
        await rest();
        for (let i = 0; i < 60; i++) {
          const key = random.chance(0.01) ? 'd' : random.pick(KEYS);
          typed.push(key);
          begin(`keys ${JSON.stringify(typed.join(''))}`);
          terminal.type(key);
          await rest();
          if (thrown instanceof Error)
            throw new Error(`after ${JSON.stringify(typed)}: ${thrown.message}`, { cause: thrown });
          assert.deepEqual(terminal.complaints, [], JSON.stringify(typed.slice(-10)));
        }
        terminal.type('\x1b');
        await rest();
        terminal.type('\x1b');
        await rest();
        terminal.type('q');
        assert.equal(await app.exited, 'leave');
        assert.equal(terminal.raw, false);
      } finally {
        app.leave('gone');
        fs.rmSync(store, { recursive: true, force: true });
      }
      assert.equal(fs.readFileSync(OUTSIDE[0]!, 'utf8'), 'not to be read');
    });
  } finally {
    process.removeListener('uncaughtException', take);
    for (const other of others) process.on('uncaughtException', other);
  }
});
