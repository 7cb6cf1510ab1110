// Kinds of damage to a store: in each, one kind of its files has arbitrary contents.

import fs from 'node:fs';
import path from 'node:path';
import { buildFolder, buildsFolder, graphFile, historyFile, journalFile } from '../../src/store/layout.ts';
import { IDS, LAST } from './manybuilds.ts';
import { BYTES, mutated, otherRecord } from './mutate.ts';
import { odd } from './odd.ts';
import type { Random } from './seeded.ts';

/** Command lines, each as the rest of the words after `--store DIR`. */
export const LINES: readonly (readonly string[])[] = [
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
/** These change the store, so they come last. */
export const CHANGING: readonly (readonly string[])[] = [
  ['gc', '--keep', '2'],
  ['gc', '--max', '1'],
  ['rm', '-1'],
  ['rm', LAST],
];

const rewrite = (file: string, change: (bytes: Buffer) => Buffer): void => {
  fs.writeFileSync(file, change(fs.readFileSync(file)));
};

const plainConfig: unknown = {
  keep: { builds: 20, bytes: '1GiB', auto: true },
  problems: {
    patterns: [
      { tool: 'mine', regexp: '^MINE (\\S+):(\\d+): (.*)$', file: 1, line: 2, message: 3, severity: 'error' },
    ],
  },
};
/** Text that is hard for readers of lines, problems and escape sequences. */
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

const SMALL = ['size', 'thinned', 'imported', 'index'] as const;
/** @param outside targets that links may have. */
export type Damage = (store: string, random: Random, outside: readonly string[]) => void;

export const DAMAGES: Readonly<Record<string, Damage>> = {
  'a journal': (store, random) => {
    rewrite(journalFile(buildFolder(store, LAST)), (bytes) => mutated(bytes, random));
  },
  'a graph': (store, random) => {
    rewrite(graphFile(buildFolder(store, LAST)), (bytes) => mutated(bytes, random));
  },
  'the history': (store, random) => {
    rewrite(historyFile(store), (bytes) => mutated(bytes, random));
  },
  'the configuration': (store, random) => {
    // In its current place or in its former one.
    const file = random.chance(0.5)
      ? path.join(store, 'config.json')
      : path.join(path.dirname(store), '.loglin.json');
    const text = random.chance(0.5)
      ? Buffer.from(otherRecord(plainConfig, random, [7, 'x', '(a+)+$', '^(.*)*$', '(', '[[:alpha:]]', '\\']))
      : random.pick(BYTES)(fs.readFileSync(path.join(store, 'config.json')), random);
    fs.writeFileSync(file, text);
  },
  logs: (store, random) => {
    const folder = path.join(buildFolder(store, random.pick([LAST, IDS[2], IDS[0]])), 'logs');
    for (const name of random.some(fs.readdirSync(folder), 0.4)) {
      const file = path.join(folder, name);
      if (random.chance(0.1)) fs.rmSync(file);
      else rewrite(file, (bytes) => oddText(random.pick(BYTES)(bytes, random), random));
    }
  },
  'size, thinned, imported, index': (store, random) => {
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
  },
  'files that are none': (store, random, outside) => {
    const builds = buildsFolder(store);
    const files = fs
      .readdirSync(store, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(store, name))
      .sort();
    /** Does not write through what was put there before. */
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
        odd(random.pick(known), random, outside);
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
        if (inStore(name)) odd(name, random, outside);
      }
    }
  },
};
