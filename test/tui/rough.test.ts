// Runs the browser in this process, with random keys and sizes, on stores that are damaged before and during
// the run. It never fails, writes nothing beside its rows, and gives the terminal back.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { untimed } from '../../src/problems/boundedpatterns.ts';
import { displayWidth } from '../../src/render/width.ts';
import type { Place } from '../../src/store/place.ts';
import { App } from '../../src/tui/app.ts';
import type { Wiring } from '../../src/tui/context.ts';
import { FakeTerminal } from '../rig/faketerminal.ts';
import { Random } from '../rig/seeded.ts';
import { until } from '../rig/tree.ts';

const SAMPLES = fileURLToPath(new URL('../../sample-logs', import.meta.url));
const KEYS = [
  ...Array.from('jkhlgGz123/nNeEfrtO-+ucbW#TFdwp[]yM? .*x漢é\t\r\r\r  '),
  '\x7f',
  '\x0c',
  '\x06',
  '\x02',
  '\x04',
  '\x15',
  '\x17',
  '\x1b',
  '\x1b[A',
  '\x1b[B',
  '\x1b[5~',
  '\x1b[6~',
  '\x1b[Z',
];
const SIZES = [
  [80, 24],
  [200, 50],
  [40, 10],
  [20, 5],
  [1, 1],
  [400, 100],
  [61, 14],
  [120, 13],
] as const;

/** Returns a copy of a recorded store, which is removed when the test ends. */
function storeOf(t: TestContext, sample: string): string {
  const store = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin rough '));
  t.after(() => {
    fs.rmSync(store, { recursive: true, force: true });
  });
  fs.cpSync(path.join(SAMPLES, sample), store, { recursive: true });
  return store;
}

function filesOf(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Damages a store. */
function damage(store: string, random: Random): void {
  const files = filesOf(store);
  const file = files.length > 0 ? random.pick(files) : undefined;
  const builds = path.join(store, 'builds');
  const ids = fs.existsSync(builds) ? fs.readdirSync(builds) : [];
  switch (random.below(10)) {
    case 0:
      if (file) fs.truncateSync(file, random.below(fs.statSync(file).size + 1));
      return;
    case 1:
      if (file) fs.rmSync(file);
      return;
    case 2:
    case 3: {
      if (!file) return;
      const bytes = fs.readFileSync(file);
      for (let i = random.below(20); i >= 0 && bytes.length > 0; i--)
        bytes[random.below(bytes.length)] = random.below(256);
      fs.writeFileSync(file, bytes);
      return;
    }
    case 4:
      if (file) fs.appendFileSync(file, Buffer.from(Array.from({ length: 300 }, () => random.below(256))));
      return;
    case 5:
      if (file) {
        fs.rmSync(file);
        fs.mkdirSync(file);
      }
      return;
    case 6:
    case 7: {
      const lined = files.filter((name) => name.endsWith('.ndjson'));
      if (lined.length > 0) miswrite(random.pick(lined), random);
      return;
    }
    case 8:
      if (ids.length > 0 && random.chance(0.3))
        fs.rmSync(path.join(builds, random.pick(ids)), { recursive: true });
      return;
    default:
      if (random.chance(0.1)) fs.rmSync(store, { recursive: true, force: true });
  }
}

const WRONG: readonly unknown[] = [null, -1, 1, 1e15, 0.5, '', '\x1b[2J漢\n字\u202e👩‍👩‍👧', [], [[]], {}, true];

/** Changes a value in some records. */
function miswrite(file: string, random: Random): void {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  for (let i = random.below(5); i >= 0; i--) {
    const at = random.below(lines.length);
    try {
      let value: unknown = JSON.parse(lines[at]!);
      const whole = value;
      for (;;) {
        if (typeof value !== 'object' || value === null) break;
        const keys = Object.keys(value);
        if (keys.length === 0) break;
        const key = random.pick(keys);
        const holder = value as Record<string, unknown>;
        if (typeof holder[key] !== 'object' || random.chance(0.3)) {
          holder[key] = random.pick(WRONG);
          break;
        }
        value = holder[key];
      }
      lines[at] = JSON.stringify(whole);
    } catch {
      // The file is damaged already.
    }
  }
  fs.writeFileSync(file, lines.join('\n'));
}

/** Lets the browser work. */
async function rest(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

function opened(
  t: TestContext,
  place: Place,
  build: string | undefined,
  terminal = new FakeTerminal(80, 24),
  look: Pick<Wiring, 'colours' | 'ascii'> = { colours: 8, ascii: false },
): { readonly app: App; readonly terminal: FakeTerminal } {
  const app = new App({ place, build, ...look, patterns: untimed([]) }, terminal.input, terminal.output);
  t.after(() => {
    app.leave('gone');
  });
  app.start();
  return { app, terminal };
}

test('for a journal cut anywhere, the browser shows its jobs or says why there are none', async (t) => {
  const store = storeOf(t, 'lz4');
  const place = { root: store, store };
  const [id = ''] = fs.readdirSync(path.join(store, 'builds')).sort();
  const journal = path.join(store, 'builds', id, 'journal.ndjson');
  const whole = fs.readFileSync(journal);
  const first = whole.indexOf(0x0a);
  const cuts = [0, 1, first >> 1, first - 1, first, first + 1, first + 2];
  for (let i = 1; i <= 30; i++) cuts.push(first + Math.floor(((whole.length - first) * i) / 31) - 1);
  for (const cut of cuts) {
    fs.writeFileSync(journal, whole.subarray(0, cut));
    const { app, terminal } = opened(t, place, id);
    await until(`the cut at ${cut} is reported`, () =>
      /last record is cut short|records are missing|first record (is missing|cannot be read)|no record is intact|▾ ‖/.test(
        terminal.text().replaceAll(/\s+/g, ' '),
      ),
    );
    assert.deepEqual(terminal.complaints, []);
    app.leave('leave');
  }
});

for (const [how, widthOf] of [
  ['wide', (character: string) => displayWidth(character) + (/^[ -~]$/.test(character) ? 0 : 1)],
  ['narrow', () => 1],
] as const)
  test(`in a terminal that takes signs for ${how}, right-aligned text stays in its column`, async (t) => {
    const store = storeOf(t, 'lz4');
    const [id = ''] = fs.readdirSync(path.join(store, 'builds')).sort();
    const journal = path.join(store, 'builds', id, 'journal.ndjson');
    fs.writeFileSync(journal, fs.readFileSync(journal, 'utf8').replaceAll('liblz4', '漢é👩‍👩‍👧lz4'));
    const { terminal } = opened(t, { root: store, store }, id, new FakeTerminal(130, 30, widthOf));
    await until('the jobs are there', () => terminal.text().includes('lz4.a'));
    const cells = terminal.cells();
    // The jobs' times end in one column, the one before the line between the panes. The log begins after its
    // cursor column.
    for (const row of cells.slice(8, 29)) {
      assert.equal(row[52], '│');
      if (row.slice(0, 52).some((sign) => '✓✗‖'.includes(sign || ' '))) assert.match(row[51] ?? '', /[s?]/);
      assert.match(row[54] ?? '', /[▸ ]/);
    }
  });

test('--ascii: only ASCII is printed, in all views', async (t) => {
  const store = storeOf(t, 'lz4');
  const place = { root: store, store };
  const { terminal } = opened(t, place, undefined, new FakeTerminal(130, 30), { colours: 0, ascii: true });
  await until('the jobs are there', () => terminal.text().includes('lz4'));
  for (const key of [
    '?',
    ' ',
    ' ',
    'x',
    'c',
    'w',
    '\x1b',
    'd',
    '\x1b',
    'p',
    '\x1b',
    'u',
    '#',
    'T',
    'b',
    '1',
    '2',
    'y',
  ]) {
    terminal.type(key);
    await rest();
    assert.match(terminal.text(), /^[ -~\n]*$/, `after ${JSON.stringify(key)}`);
  }
});

test('after an unexpected error the terminal is given back, and the caller is notified', async (t) => {
  const store = storeOf(t, 'lz4');
  const { app, terminal } = opened(t, { root: store, store }, undefined);
  assert.ok(terminal.raw);
  assert.ok(terminal.modes.has('?1049'));
  const written = path.join(store, 'written');
  terminal.fd = fs.openSync(written, 'w');
  t.after(() => {
    fs.closeSync(terminal.fd);
  });
  app.fail(new TypeError('a bug'));
  await assert.rejects(app.exited, /a bug/);
  assert.equal(terminal.raw, false);
  assert.match(fs.readFileSync(written, 'utf8'), /\x1b\[\?7h\x1b\[\?1049l\x1b\[\?25h$/);
  assert.equal(process.listenerCount('SIGTSTP') + process.listenerCount('SIGCONT'), 0);
});

const only = process.env.SEED;
const seeds = only === undefined ? Array.from({ length: 30 }, (_, i) => i + 1) : [Number(only)];
for (const seed of seeds)
  test(`keys and damage at random, SEED=${seed}`, async (t) => {
    const random = new Random(seed);
    const store = storeOf(t, random.pick(['lz4', 'zlib']));
    const place = { root: store, store };
    for (let i = random.below(4); i > 0; i--) damage(store, random);
    const [columns, rows] = random.pick(SIZES);
    const { app, terminal } = opened(t, place, undefined, new FakeTerminal(columns, rows), {
      colours: random.pick([0, 8, 256]),
      ascii: random.chance(0.3),
    });
    const typed: string[] = [];
    for (let i = 0; i < 150; i++) {
      if (random.chance(0.03)) {
        const [width, height] = random.pick(SIZES);
        terminal.resize(width, height);
      }
      if (random.chance(0.05)) damage(store, random);
      // It checks the shown build again.
      if (random.chance(0.05)) app.ended();
      const key = random.pick(KEYS);
      typed.push(key);
      terminal.type(key);
      await rest();
      assert.deepEqual(terminal.complaints, [], JSON.stringify(typed.slice(-10)));
    }
    terminal.type('\x1b');
    await rest();
    terminal.type('\x1b');
    await rest();
    terminal.resize(80, 24);
    terminal.type('q');
    assert.equal(await app.exited, 'leave');
    assert.equal(terminal.raw, false);
  });
