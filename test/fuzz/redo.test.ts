// `loglin import redo` on arbitrary redo trees: the result is builds that are read without a complaint, or
// one line.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { listBuilds } from '../../src/store/builds.ts';
import { openBuild } from '../../src/store/reader.ts';
import { fuzz } from '../rig/fuzz.ts';
import { run } from '../rig/inprocess.ts';
import { judge } from '../rig/judge.ts';
import { BYTES, LINES } from '../rig/mutate.ts';
import { odd } from '../rig/odd.ts';
import { Random } from '../rig/seeded.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { needs } from '../rig/tree.ts';

const FIXTURE = path.join(import.meta.dirname, '../capture/fixtures/redo');
const box = new Sandbox();
const OUTSIDE = [box.write('outside/secret', 'not to be read'), box.path('outside')];
// The folder to which the database is copied.
process.env.TMPDIR = box.folder;
after(() => {
  box.remove();
});

const NUMBERS = [
  '0',
  '-1',
  '1',
  '2',
  '99',
  '1e300',
  '-15',
  '256',
  '4294967296',
  '9223372036854775807',
  '0.5',
  'null',
  "''",
  "'x'",
  "x'00ff'",
];
const NAMES = [
  "''",
  "'a|b'",
  "'a' || char(10) || 'b'",
  "'//ALWAYS'",
  "'../../x'",
  "'/abs/x'",
  "'all'",
  "'src/a.o'",
  "x'fffe00'",
  'null',
  '7',
  "'__proto__'",
  "printf('%.*c', 100000, 'x')",
  "'.'",
];
const COLUMNS = ['is_generated', 'checked_runid', 'changed_runid', 'failed_runid', 'csum', 'stamp'];

/** Changes that somebody may have made to a database. */
function statements(random: Random): string {
  const row = (): number => random.below(25);
  const done: string[] = [];
  for (let i = random.below(5); i >= 0; i--)
    done.push(
      random.pick([
        () => `update Files set ${random.pick(COLUMNS)} = ${random.pick(NUMBERS)} where rowid = ${row()}`,
        () => `update Files set ${random.pick(COLUMNS)} = ${random.pick(NUMBERS)}`,
        () => `update or ignore Files set name = ${random.pick(NAMES)} where rowid = ${row()}`,
        () => `insert or ignore into Files (name) values (${random.pick(NAMES)})`,
        () => `update or ignore Deps set source = ${row()}`,
        () => `update or ignore Deps set target = ${random.pick(NUMBERS)} where source = ${row()}`,
        () => `insert or ignore into Deps select ${row()}, rowid, 'm', 0 from Files`,
        () => `insert or ignore into Deps select rowid, ${row()}, 'm', 0 from Files`,
        () => 'insert or ignore into Deps select source, target, mode, 0 from Deps',
        () => `update or ignore Runid set id = ${random.pick(NUMBERS)}`,
        () => 'delete from Runid',
        () => `delete from Files where rowid > ${row()}`,
        () => `update Schema set version = ${random.pick(['2', "'2'", '2.0', 'null', '3', "'x|y'"])}`,
        () => `drop table ${random.pick(['Files', 'Deps', 'Runid', 'Schema'])}`,
        () => 'delete from Schema',
        () => 'alter table Files rename to Old; create view Files as select *, 1 as rowid from Old',
        () =>
          'create view Other as with recursive n(i) as (select 1 union all select i + 1 from n) select i from n',
      ])(),
    );
  return done.join(';');
}

const KINDS = [
  'do',
  'done',
  'unchanged',
  'locked',
  'waiting',
  'unlocked',
  'check',
  'resumed',
  'error',
  'warning',
  'debug',
  'x',
  '',
];
const TIMES = [
  '1795231853.05',
  '0',
  '1',
  '-1',
  '99999999999999999999',
  '1e9',
  '8640000000001',
  '9'.repeat(400),
  'x',
  '1.',
];
const TEXTS = [
  'all',
  '0 all',
  '-15 all',
  '256 all',
  '99999999999 all',
  '-99999999999999999999 all',
  '1 ',
  ' ',
  '',
  '../../x',
  '/x',
  '3 src/a.o',
  '0 ../../../x',
  'a\tb',
  '\x1b[2J',
  'x'.repeat(100_000),
  '-0 ko',
  '1 1 1',
];

function otherLog(bytes: Buffer, random: Random): Buffer {
  if (random.chance(0.4)) return random.pick(random.chance(0.5) ? BYTES : LINES)(bytes, random);
  const lines = bytes.toString('latin1').split('\n');
  for (let i = random.below(6); i >= 0; i--) {
    const record = `@@REDO:${random.pick(KINDS)}:${random.pick(['12', '0', '', '-1'])}:${random.pick(TIMES)}@@ ${random.pick(TEXTS)}`;
    lines.splice(
      random.below(lines.length + 1),
      random.below(2),
      random.pick(['', '', 'text before ']) + record,
    );
  }
  return Buffer.from(lines.join('\n'), 'latin1');
}

let cases = 0;

test('import redo survives arbitrary redo trees', async (t) => {
  if (!needs(t, 'sqlite3')) return;
  await fuzz(25, async (seed, begin) => {
    const random = new Random(seed);
    const folder = box.path(`case ${++cases}`);
    const redo = path.join(folder, '.redo');
    fs.cpSync(FIXTURE, redo, { recursive: true });
    const database = path.join(redo, 'db.sqlite3');
    const logs = fs
      .readdirSync(redo)
      .filter((name) => name.startsWith('log.'))
      .sort()
      .map((name) => path.join(redo, name));
    if (random.chance(0.5)) spawnSync('sqlite3', [database, statements(random)], { stdio: 'ignore' });
    if (random.chance(0.2)) fs.writeFileSync(database, random.pick(BYTES)(fs.readFileSync(database), random));
    if (random.chance(0.1))
      fs.writeFileSync(`${database}-wal`, Buffer.from(Array.from({ length: 5000 }, () => random.below(256))));
    for (const log of random.some(logs, random.pick([0, 0.3, 0.8])))
      fs.writeFileSync(log, otherLog(fs.readFileSync(log), random));
    if (random.chance(0.3))
      odd(
        random.pick([
          ...logs,
          ...logs,
          database,
          `${database}-wal`,
          path.join(redo, 'log.0'),
          path.join(redo, 'log.999999999999999'),
          path.join(redo, 'locks'),
        ]),
        random,
        OUTSIDE,
      );
    const store = path.join(folder, '.loglin');
    try {
      begin('import redo');
      const ran = await run(
        ['import', 'redo', folder, '--store', store],
        [
          folder,
          ...fs
            .readdirSync(box.folder)
            .filter((name) => name.startsWith('loglin-sqlite.'))
            .map((name) => box.path(name)),
        ],
      );
      const copies = ran.forbiddenFiles.filter((file) => !file.startsWith(box.path('loglin-sqlite.')));
      judge(['import', 'redo'], { ...ran, forbiddenFiles: copies });
      assert.deepEqual(
        fs.readdirSync(box.folder).filter((name) => name.startsWith('loglin-sqlite.')),
        [],
      );
      for (const id of listBuilds(store)) {
        const { problems, state, logs: reader } = openBuild(store, id);
        reader.close();
        assert.deepEqual(problems, [], 'what was imported is read without a complaint');
        assert.equal(state, 'finished');
      }
      if (!fs.existsSync(store)) return;
      for (const line of [
        ['show'],
        ['show', '-u', '--times'],
        ['ls'],
        ['ls', '--json'],
        ['jobs'],
        ['why', '--tree'],
        ['time'],
        ['problems'],
        ['diff'],
      ]) {
        const [name = '', ...rest] = line;
        begin(line.join(' '));
        const looked = await run([name, '--store', store, ...rest], [folder]);
        judge(line, looked);
        assert.doesNotMatch(looked.stderr, /ndjson/);
      }
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
    assert.equal(fs.readFileSync(OUTSIDE[0]!, 'utf8'), 'not to be read');
  });
});
