// `loglin import` on archives with arbitrary contents: the result is a build that can be shown, or one line
// and an unchanged store.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import zlib from 'node:zlib';
import { exportBuild } from '../../src/store/archive.ts';
import { listBuilds } from '../../src/store/builds.ts';
import { buildFolder, buildsFolder } from '../../src/store/layout.ts';
import { fuzz } from '../rig/fuzz.ts';
import { run } from '../rig/inprocess.ts';
import { judge } from '../rig/judge.ts';
import { IDS, LAST, manyBuilds } from '../rig/manybuilds.ts';
import { BYTES, mutated } from '../rig/mutate.ts';
import { Random } from '../rig/seeded.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { type TarEntry, binaryNumber, paxRecord, tarball } from '../rig/tarball.ts';

const box = new Sandbox();
const STORE = box.path('from');
manyBuilds(STORE);
after(() => {
  box.remove();
});

/** The entries of the last build's archive. */
const WHOLE: readonly TarEntry[] = [
  'journal.ndjson',
  'graph.ndjson',
  ...fs.readdirSync(path.join(buildFolder(STORE, LAST), 'logs')).map((name) => `logs/${name}`),
].map((name) => ({
  name: `${LAST}/${name}`,
  body: fs.readFileSync(path.join(buildFolder(STORE, LAST), name)),
}));

const NAMES = [
  `${LAST}/journal.ndjson`,
  `${LAST}/logs/1.log`,
  `${LAST}/logs/99.log`,
  `${LAST}/logs/999999999.log`,
  `${LAST}/logs/1.log/x`,
  `${LAST}/logs`,
  `${LAST}/`,
  LAST,
  `${LAST}/size`,
  `${LAST}/imported`,
  `${LAST}/thinned`,
  `./${LAST}/logs/2.log`,
  `${LAST}//logs//2.log`,
  `${LAST}/./logs/2.log`,
  `${LAST}/logs/../../../../evil`,
  `${LAST}/logs/../logs/1.log`,
  '../evil',
  '/evil',
  '..',
  '.',
  '',
  '/',
  `/${LAST}/journal.ndjson`,
  `${IDS[0]}/journal.ndjson`,
  '.import-1-1-new/journal.ndjson',
  `${LAST}/logs/1.log\0x`,
  `${LAST}/\x1b[2J`,
  `${LAST}/${'x'.repeat(300)}`,
  `${LAST}\\logs\\1.log`,
];
const SIZES: readonly (number | Buffer)[] = [
  0,
  1,
  511,
  513,
  8 ** 11 - 1,
  Buffer.from('77777777777\0'),
  Buffer.from('777777777777'),
  Buffer.from('-0000000001\0'),
  Buffer.from('          7 '),
  Buffer.from('xxxxxxxxxxx\0'),
  Buffer.alloc(12),
  binaryNumber(2n ** 40n),
  binaryNumber(2n ** 62n),
  binaryNumber(2n ** 90n),
  binaryNumber(-1n),
  binaryNumber(-(2n ** 70n)),
];
const PAX: readonly (readonly [string, string])[] = [
  ['path', '../evil'],
  ['path', `${LAST}/logs/7.log`],
  ['path', ''],
  ['path', `${LAST}/${'x/'.repeat(5000)}`],
  ['size', '0'],
  ['size', '999999999999'],
  ['size', '-1'],
  ['size', '1e9'],
  ['size', '18446744073709551615'],
  ['linkpath', '/etc/passwd'],
  ['mtime', '1e300'],
  ['mtime', 'x'],
  ['GNU.sparse.major', '1'],
  ['GNU.sparse.name', '../evil'],
  ['GNU.sparse.realsize', '1000000'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['hdrcharset', 'BINARY'],
  ['comment', 'x'.repeat(100_000)],
  ['uid', '-1'],
];
const KINDS = [...'0123456789xgLKSVMDNAX\0\xff '.split('')];

function otherEntries(random: Random): TarEntry[] {
  const entries = [...WHOLE];
  for (let i = random.below(3); i >= 0; i--) {
    const at = random.below(entries.length);
    const entry = entries[at]!;
    switch (random.below(9)) {
      case 0:
        entries[at] = { ...entry, name: random.pick(NAMES) };
        break;
      case 1:
        entries[at] = { ...entry, size: random.pick(SIZES) };
        break;
      case 2:
        entries[at] = {
          ...entry,
          type: random.pick(KINDS),
          link: random.pick(['', '/etc/passwd', '1.log', '../../x']),
        };
        break;
      case 3:
        entries.splice(at, 0, {
          name: random.pick(NAMES),
          type: random.pick(KINDS),
          link: '/etc/passwd',
          ...(random.chance(0.5) ? { body: Buffer.from('x\n') } : {}),
        });
        break;
      case 4:
      case 5: {
        const records = Array.from({ length: 1 + random.below(3) }, () =>
          paxRecord(...random.pick(PAX)),
        ).join('');
        const body = random.chance(0.2)
          ? random.pick(BYTES)(Buffer.from(records), random)
          : Buffer.from(records);
        entries.splice(at, 0, { name: 'PaxHeader', type: random.pick(['x', 'x', 'g']), body });
        break;
      }
      case 6:
        entries.splice(at, 0, {
          name: '././@LongLink',
          type: random.pick(['L', 'K']),
          body: Buffer.from(random.pick(NAMES)),
        });
        break;
      case 7:
        entries[at] = {
          ...entry,
          prefix: random.pick(NAMES),
          magic: random.pick(['ustar\x0000', 'ustar  \0', '', 'x']),
          ...(random.chance(0.2) ? { checksum: '0000000\0' } : {}),
        };
        break;
      default:
        entries.splice(at, random.below(2), ...entries.slice(0, random.below(2)));
    }
  }
  return entries;
}

function archiveOf(random: Random): Buffer {
  switch (random.below(4)) {
    case 0: {
      // A good archive of a damaged build.
      const bad = random.pick([0, 0, 1]);
      return zlib.gzipSync(
        tarball(
          WHOLE.map((entry, i) => (i === bad ? { ...entry, body: mutated(entry.body!, random) } : entry)),
        ),
      );
    }
    case 1: {
      // Damaged before or after it was compressed, or not compressed at all.
      const damage = (bytes: Buffer): Buffer => random.pick(BYTES)(bytes, random);
      const whole = tarball(WHOLE);
      return random.pick([
        () => damage(whole),
        () => zlib.gzipSync(damage(whole)),
        () => damage(zlib.gzipSync(whole)),
        () => Buffer.concat([zlib.gzipSync(whole), zlib.gzipSync(damage(whole))]),
        () => zlib.gzipSync(zlib.gzipSync(whole)),
        () => Buffer.concat([zlib.gzipSync(whole.subarray(0, 5000)), zlib.gzipSync(whole.subarray(5000))]),
      ])();
    }
    default: {
      const end = random.pick([
        Buffer.alloc(1024),
        Buffer.alloc(1024),
        Buffer.alloc(512),
        Buffer.alloc(0),
        Buffer.alloc(300_000),
        Buffer.alloc(2000, 'x'),
        Buffer.concat([Buffer.alloc(512), tarball(WHOLE)]),
        Buffer.concat([Buffer.alloc(1024), Buffer.from('x')]),
      ]);
      const tar = tarball(otherEntries(random), end);
      return random.chance(0.5) ? zlib.gzipSync(tar) : tar;
    }
  }
}

/** Everything in a folder, with its kind, mode and bytes. */
function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(folder, name);
    const stat = fs.lstatSync(file);
    found[name] = `${stat.mode.toString(8)} ${stat.isFile() ? fs.readFileSync(file, 'latin1') : ''}`;
  }
  return found;
}

let cases = 0;

test('import survives archives with arbitrary contents', async () => {
  await fuzz(60, async (seed, begin) => {
    const random = new Random(seed);
    const folder = box.path(`case ${++cases}`);
    const store = path.join(folder, '.loglin');
    fs.mkdirSync(buildsFolder(store), { recursive: true });
    // Another build exists already; sometimes it is the same one.
    const there = random.chance(0.1) ? LAST : IDS[1];
    fs.cpSync(buildFolder(STORE, IDS[1]), buildFolder(store, there), { recursive: true });
    const archive = path.join(folder, 'archive');
    fs.writeFileSync(archive, archiveOf(random));
    const before = contents(buildsFolder(store));
    try {
      const max = random.chance(0.1) ? ['--max', '10kB'] : ['--max', '1GiB'];
      begin('import');
      const ran = await run(['import', archive, ...max, '--store', store], [folder]);
      judge(['import'], ran);
      const now = contents(buildsFolder(store));
      const fresh = Object.keys(now).filter((name) => !(name in before));
      for (const name of Object.keys(before)) assert.equal(now[name], before[name], name);
      if (ran.status !== 0) {
        assert.deepEqual(fresh, [], ran.stderr);
        assert.match(ran.stderr, /^loglin: (build \S+|\/.*archive): /);
        return;
      }
      assert.equal(ran.stdout, `${LAST}  imported\n`);
      let size = 0;
      for (const name of fresh) {
        assert.match(
          name,
          new RegExp(`^${LAST}(/(journal\\.ndjson|graph\\.ndjson|thinned|imported|logs(/\\d+\\.log)?))?$`),
        );
        assert.match(now[name]!, /^(100600|40700) /, name);
        size += now[name]!.length;
      }
      assert.ok(max[1] === '1GiB' || size < 30_000);
      for (const line of [
        ['show', '--raw'],
        ['show'],
        ['ls'],
        ['jobs'],
        ['problems'],
        ['time'],
        ['export', '-o', path.join(folder, 'again')],
      ]) {
        const [name = '', ...rest] = line;
        begin(line.join(' '));
        judge([name], await run([name, '--store', store, ...rest], [folder]));
      }
      assert.deepEqual(listBuilds(store), [there, LAST].sort());
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('the undamaged test archive has the same files as an exported one', async () => {
  const chunks: Buffer[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk);
      done();
    },
  });
  await exportBuild(STORE, LAST, output);
  const names = (tar: Buffer): string[] => tar.toString('latin1').match(/\d{8}-\d{9}-eeee\/[\w./]+/g) ?? [];
  assert.deepEqual(names(zlib.gunzipSync(Buffer.concat(chunks))).sort(), names(tarball(WHOLE)).sort());
});
