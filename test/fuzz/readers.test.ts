// Every command over stores whose files hold anything: no bug comes out, nothing hangs, what is intact is shown, nothing outside of the store
// is touched.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  buildFolder,
  buildsFolder,
  configFile,
  graphFile,
  historyFile,
  journalFile,
} from '../../src/store/layout.ts';
import { fuzz } from '../rig/fuzz.ts';
import { type Ran, run } from '../rig/inprocess.ts';
import { judge } from '../rig/judge.ts';
import { IDS, LAST, TARGETS, bytesIn, countBytes, manyBuilds } from '../rig/manybuilds.ts';
import { BYTES, mutated, otherRecord } from '../rig/mutate.ts';
import { odd } from '../rig/odd.ts';
import { Random } from '../rig/seeded.ts';
import { Sandbox } from '../rig/sandbox.ts';

const box = new Sandbox();
const PRISTINE = box.path('pristine');
manyBuilds(PRISTINE);
/** What nobody may read or change. */
const SECRET = 'not to be read by anybody';
box.write('outside/secret', SECRET);
box.write('outside/folder/journal.ndjson', `${SECRET}\n`);
after(() => {
  box.remove();
});

/** What links lead to. */
const OUTSIDE = ['outside/secret', 'outside/folder', 'outside/new', 'outside'].map((name) => box.path(name));

/** Command lines, each as the rest of the words after `--store DIR`. */
const LINES: readonly (readonly string[])[] = [
  ['show'],
  ['show', '-u'],
  ['show', '--json'],
  ['show', '--json', '-u', '--commands', '--links'],
  ['show', '--raw'],
  ['show', '--prefix'],
  ['show', '--order=launch'],
  ['show', '--times'],
  ['show', '--failed'],
  ['show', '--commands', '--color'],
  ['show', '--no-details', '--links', '--ascii'],
  ['show', '--exit-code', '-b', '-1'],
  ['show', '-b', '@failed'],
  ['show', 'TARGET'],
  ['show', '-u', 'TARGET'],
  ['ls'],
  ['ls', '--json'],
  ['ls', '--failed', '-n', '3'],
  ['jobs'],
  ['jobs', '--json'],
  ['jobs', '--sort=time'],
  ['jobs', '--sort=name'],
  ['jobs', '--sort=bytes', '--failed'],
  ['jobs', '--running', 'TARGET'],
  ['why', 'TARGET'],
  ['why', '--json', 'TARGET'],
  ['why', '--tree'],
  ['why', '--tree', '--json'],
  ['diff'],
  ['diff', '--stat'],
  ['diff', '--json', '--exact'],
  ['diff', '-b', '-1..'],
  ['diff', '--name-only', '-b', '-3..-1'],
  ['diff', 'TARGET'],
  ['grep', '.'],
  ['grep', '-c', ''],
  ['grep', '--json', '-C1', 'e', 'TARGET'],
  ['grep', '--all-builds', '-il', 'warning|error'],
  ['problems'],
  ['problems', '--format=json', '--snippets'],
  ['problems', '--format=github'],
  ['problems', '--format=sarif'],
  ['problems', '--new', '--snippets'],
  ['time'],
  ['time', '--json'],
  ['time', '-n', '3', 'TARGET'],
  ['time', '--trace', 'FILE'],
  ['path'],
  ['path', 'TARGET'],
  ['export', '-o', 'FILE'],
  ['gc', '-n'],
  ['gc', '-n', '--keep', '1', '--json'],
  ['gc', '-n', '--max', '1'],
  ['completion', '--builds', 'x', '--'],
  ['completion', '--targets', 'x', '--'],
];
/** These change the store: last. */
const CHANGING: readonly (readonly string[])[] = [
  ['gc', '--keep', '2'],
  ['gc', '--max', '1'],
  ['rm', '-1'],
  ['rm', LAST],
];

let cases = 0;

interface Case {
  readonly store: string;
  readonly random: Random;
}

/** A fresh copy. */
function copyOf(): string {
  const store = box.path(`case ${++cases}`, '.loglin');
  fs.cpSync(PRISTINE, store, { recursive: true });
  return store;
}

/** Runs some of the commands, and `show --raw` among them. */
async function runSome(
  { store, random }: Case,
  begin: (what: string) => void,
  count: number,
): Promise<readonly (readonly [line: string, ran: Ran])[]> {
  const folder = path.dirname(store);
  const lines = [...random.shuffled(LINES).slice(0, count), ['show', '--raw']];
  if (random.chance(0.2)) lines.push(random.pick(CHANGING));
  const all: (readonly [string, Ran])[] = [];
  for (const words of lines) {
    const args = words.map((word) =>
      word === 'TARGET' ? random.pick(TARGETS) : word === 'FILE' ? path.join(folder, 'file') : word,
    );
    const [name = '', ...rest] = args;
    const line = name === 'completion' ? [...args, '--store', store] : [name, '--store', store, ...rest];
    begin(line.join(' '));
    const ran = await run(line, [folder]);
    if (process.env.FUZZ_KEEP !== undefined)
      console.log(
        args.join(' ').slice(0, 100),
        Math.round(ran.ms),
        Math.round(process.resourceUsage().maxRSS / 1024),
        ran.stdout.length,
      );
    judge(words, ran);
    const { stdout, stderr } = ran;
    assert.ok(
      !stdout.includes(SECRET) && !stderr.includes(SECRET),
      `${words.join(' ')}: says what is outside`,
    );
    all.push([args.join(' '), ran]);
  }
  return all;
}

/** What is outside is as it was. */
function checkOutside(): void {
  assert.equal(fs.readFileSync(box.path('outside/secret'), 'utf8'), SECRET);
  assert.deepEqual(fs.readdirSync(box.path('outside')).sort(), ['folder', 'secret']);
  assert.deepEqual(fs.readdirSync(box.path('outside/folder')), ['journal.ndjson']);
}

/** The other builds are what they were. */
async function checkOthers(store: string, but: string): Promise<void> {
  for (const id of IDS) {
    if (id === but) continue;
    const ran = await run(['show', '--store', store, '--raw', '-b', id], [path.dirname(store)]);
    judge(['show', id], ran);
    assert.equal(
      ran.stdout,
      (await run(['show', '--store', PRISTINE, '--raw', '-b', id], [box.folder])).stdout,
    );
  }
}

function target(
  name: string,
  count: number,
  damage: (one: Case) => void,
  check: (one: Case, ran: readonly (readonly [line: string, ran: Ran])[]) => Promise<void> | void = () =>
    undefined,
): void {
  test(`${name}: anything in it`, async () => {
    await fuzz(count, async (seed, begin) => {
      const random = new Random(seed);
      const store = copyOf();
      const one = { store, random };
      damage(one);
      if (process.env.FUZZ_KEEP !== undefined) fs.cpSync(store, '/tmp/kept', { recursive: true });
      try {
        const ran = await runSome(one, begin, process.env.FUZZ === undefined ? 6 : 12);
        await check(one, ran);
        checkOutside();
      } finally {
        fs.rmSync(path.dirname(store), { recursive: true, force: true });
      }
    });
  });
}

/** Each byte of the last build's logs is shown once, and nothing else. */
function assertShown(store: string, raw: Ran): void {
  const all = bytesIn(store, LAST);
  if (all) assert.deepEqual(countBytes([raw.bytes]), all, `not all is shown: ${raw.stderr}`);
}

const rewrite = (file: string, change: (bytes: Buffer) => Buffer): void => {
  fs.writeFileSync(file, change(fs.readFileSync(file)));
};

target(
  'a journal',
  40,
  ({ store, random }) => {
    rewrite(journalFile(buildFolder(store, LAST)), (bytes) => mutated(bytes, random));
  },
  async ({ store, random }, ran) => {
    const [, raw] = ran.find(([line]) => line === 'show --raw')!;
    if (raw.status === 125) assert.match(raw.stderr, /^loglin: \S.*journal\.ndjson: /);
    else assertShown(store, raw);
    const changed = ran.some(([line]) => /^(rm|gc --)/.test(line));
    if (!changed && random.chance(0.1)) await checkOthers(store, LAST);
  },
);
target(
  'a graph',
  30,
  ({ store, random }) => {
    rewrite(graphFile(buildFolder(store, LAST)), (bytes) => mutated(bytes, random));
  },
  ({ store }, ran) => {
    const [, raw] = ran.find(([line]) => line === 'show --raw')!;
    if (raw.status !== 0) assert.match(raw.stderr, /^loglin: .*graph\.ndjson:/);
    assertShown(store, raw);
  },
);
target('the history', 30, ({ store, random }) => {
  rewrite(historyFile(store), (bytes) => mutated(bytes, random));
});
target('the configuration', 30, ({ store, random }) => {
  rewrite(configFile(store), (bytes) =>
    random.chance(0.5)
      ? Buffer.from(otherRecord(plainConfig, random, [7, 'x', '(a+)+$', '^(.*)*$', '(', '[[:alpha:]]', '\\']))
      : random.pick(BYTES)(bytes, random),
  );
});
const plainConfig: unknown = {
  keep: { builds: 20, bytes: '1GiB', auto: true },
  problems: {
    patterns: [
      { tool: 'mine', regexp: '^MINE (\\S+):(\\d+): (.*)$', file: 1, line: 2, message: 3, severity: 'error' },
    ],
  },
};
target('logs', 30, ({ store, random }) => {
  const folder = path.join(buildFolder(store, random.pick([LAST, IDS[2], IDS[0]])), 'logs');
  for (const name of random.some(fs.readdirSync(folder), 0.4)) {
    const file = path.join(folder, name);
    if (random.chance(0.1)) fs.rmSync(file);
    else rewrite(file, (bytes) => oddText(random.pick(BYTES)(bytes, random), random));
  }
});

/** What is hard on who looks for lines, problems and escape sequences. */
function oddText(bytes: Buffer, random: Random): Buffer {
  if (random.chance(0.5)) return bytes;
  const piece = random.pick([
    '\r',
    '\x1b[',
    '\x1b]8;;',
    '\x1b[31m',
    'a.c:',
    ':1:1: error: ',
    'error: ',
    '  ',
    '^~~~',
    '\t',
    '(',
    ' at ',
    'File "',
    '\xc3',
    '0x',
    'warning: ',
    'a.c(1,2): ',
    '--> ',
    '|',
    'Caused by: ',
    '/',
    '.',
    '-',
    '\x1b[1;2;3;4;',
    'make: *** [',
    '@@',
    '10:10:10 ',
    '\b',
    '/tmp/cc',
  ]);
  const many = piece.repeat(random.pick([10, 1000, 50_000]));
  return Buffer.concat([bytes, Buffer.from(random.chance(0.5) ? many : `${many}\n${many}`, 'latin1')]);
}

const SMALL = ['size', 'thinned', 'imported'] as const;
target('size, thinned, imported', 30, ({ store, random }) => {
  for (const id of IDS)
    for (const name of SMALL) {
      if (random.chance(0.5)) continue;
      const file = path.join(buildFolder(store, id), name);
      const text = random.pick([
        '',
        '\n',
        '7',
        '7\n',
        '-1\n',
        '1e9\n',
        `${'9'.repeat(15)}\n`,
        `${'9'.repeat(400)}\n`,
        '\0',
        'x'.repeat(100_000),
      ]);
      fs.writeFileSync(file, text);
    }
});

target('files that are none', 40, ({ store, random }) => {
  const builds = buildsFolder(store);
  const files = fs
    .readdirSync(store, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(store, name))
    .sort();
  /** Not through what was put there before. */
  const inStore = (name: string): boolean =>
    fs.existsSync(path.dirname(name)) &&
    fs.realpathSync(path.dirname(name)).startsWith(store) &&
    fs.statSync(path.dirname(name)).isDirectory();
  for (let i = random.below(3); i >= 0; i--) {
    if (random.chance(0.6)) {
      const names = files.filter(inStore);
      const known = random.chance(0.7)
        ? names.filter((name) =>
            /history$|config\.json$|\.ndjson$|size$|thinned$|imported$|0\.log$|logs$/.test(name),
          )
        : names;
      odd(random.pick(known), random, OUTSIDE);
    } else {
      const id = random.pick(IDS);
      const name = random.pick([
        path.join(builds, 'x'),
        path.join(builds, '20270101-000000000-ffff'),
        path.join(builds, '.import-1-1-new'),
        path.join(builds, 'a\nb\x1b[2J'),
        path.join(builds, 'ü'.repeat(100)),
        path.join(builds, id, 'logs', '77.log'),
        path.join(builds, id, 'logs', '999999999.log'),
        path.join(builds, id, 'logs', '9999999999999.log'),
        path.join(builds, id, 'logs', 'x'),
        path.join(builds, id, 'size'),
        path.join(store, 'gc.lock'),
        path.join(store, `history.${process.pid}`),
        path.join(store, '.gitignore'),
      ]);
      if (inStore(name)) odd(name, random, OUTSIDE);
    }
  }
});
