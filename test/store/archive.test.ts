// Builds as archives: a build comes back unchanged, and an invalid archive leaves the store as it was.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import zlib from 'node:zlib';
import { packTar } from 'modern-tar';
import { exportBuild, importBuild } from '../../src/store/archive.ts';
import { listBuilds } from '../../src/store/builds.ts';
import { openBuild } from '../../src/store/reader.ts';
import { buildFolder, buildsFolder, importedFile, journalFile } from '../../src/store/layout.ts';
import { thisProcess } from '../../src/store/running.ts';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';
import { Random } from '../rig/seeded.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { type TarEntry, binaryNumber, paxRecord, tarball } from '../rig/tarball.ts';
import { until } from '../rig/tree.ts';

const ID = '20260102-030405006-abcd';
const GIB = 2 ** 30;

function sandbox(t: TestContext): { box: Sandbox; from: string; to: string } {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  const story = new Story('make').make('make', ['all']).start('a', { make: 'make' });
  story.say('a', 'bytes \xff\n'.repeat(100_000)).end('a').graph('make', { all: 'a', a: '' });
  storeBuild(box.path('from'), story.makeEnds('make').end('make'), { id: ID });
  return { box, from: box.path('from'), to: box.path('to') };
}

async function exported(store: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk);
      done();
    },
  });
  await exportBuild(store, ID, output);
  return Buffer.concat(chunks);
}

function take(store: string, bytes: Buffer, most = GIB): Promise<string> {
  return importBuild(store, Readable.from([bytes], { objectMode: false }), { name: 'FILE', most });
}

/** All files of a build, by name. */
function contents(store: string): Record<string, string> {
  const folder = buildFolder(store, ID);
  const found: Record<string, string> = {};
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const stat = fs.statSync(path.join(folder, name));
    if (stat.isFile()) found[name] = fs.readFileSync(path.join(folder, name), 'latin1');
    assert.equal(stat.mode & 0o777, stat.isFile() ? 0o600 : 0o700, name);
  }
  return found;
}

test('a build comes back byte for byte, is private, and is marked as imported', async (t) => {
  const { from, to } = sandbox(t);
  for (const name of fs.readdirSync(buildFolder(from, ID), { recursive: true, encoding: 'utf8' })) {
    const file = path.join(buildFolder(from, ID), name);
    fs.chmodSync(file, fs.statSync(file).isFile() ? 0o600 : 0o700);
  }
  fs.chmodSync(buildFolder(from, ID), 0o700);
  const archive = await exported(from);
  assert.deepEqual(await exported(from), archive);
  assert.equal(await take(to, archive), ID);
  assert.deepEqual(contents(to), { ...contents(from), imported: '' });
  assert.deepEqual(openBuild(to, ID).problems, []);
  assert.ok(fs.existsSync(path.join(to, '.gitignore')));
});

test('a build without an end is running only where it was recorded', async (t) => {
  const { box, to } = sandbox(t);
  const store = box.path('running');
  storeBuild(store, new Story('make'), { id: ID, close: false, first: { ...thisProcess() } });
  assert.equal(openBuild(store, ID).state, 'running');
  await take(to, await exported(store));
  assert.equal(openBuild(to, ID).state, 'interrupted');
  assert.ok(fs.existsSync(importedFile(buildFolder(to, ID))));
});

test('an archive of another tar, uncompressed or with folders, is accepted', async (t) => {
  const { box, from, to } = sandbox(t);
  for (const [i, flags] of ['-cz', '-c', '-c --format=pax', '-c --format=ustar'].entries()) {
    const file = box.path(`${i}.tar`);
    const made = box.run(['sh', '-c', `tar ${flags} -f "$0" -C "$1" "./${ID}"`, file, buildsFolder(from)]);
    assert.equal(made.status, 0, made.stderr);
    fs.rmSync(to, { recursive: true, force: true });
    await take(to, fs.readFileSync(file));
    assert.deepEqual(
      fs.readFileSync(journalFile(buildFolder(to, ID))),
      fs.readFileSync(journalFile(buildFolder(from, ID))),
    );
  }
});

test('a build that exists already is not touched', async (t) => {
  const { from, to } = sandbox(t);
  const archive = await exported(from);
  await take(to, archive);
  fs.writeFileSync(path.join(buildFolder(to, ID), 'logs/1.log'), 'mine');
  await assert.rejects(take(to, archive), {
    message: `build ${ID}: is in the store already; nothing was imported`,
    exitStatus: 1,
  });
  assert.equal(contents(to)['logs/1.log'], 'mine');
});

const FIRST = JSON.stringify({ e: 'build', v: 1, id: ID, at: 0, argv: ['x'], cwd: '', pid: 1 });

type Entries = Parameters<typeof packTar>[0];

const file = (name: string, body: string): Entries[number] => ({
  header: { name, size: Buffer.byteLength(body) },
  body,
});
const journal = file(`${ID}/journal.ndjson`, `${FIRST}\n`);

for (const [what, entries, message] of [
  ['a path that leads out', [journal, file('../../evil', 'x')], 'has "../../evil", which no build has'],
  ['one that leads out further down', [journal, file(`${ID}/logs/../../../evil`, 'x')], 'which no build has'],
  ['an absolute path', [journal, file('/tmp/evil', 'x')], 'has "/tmp/evil", which no build has'],
  ['a folder that is no id', [file('.removed/journal.ndjson', FIRST)], 'which no build has'],
  [
    'a symbolic link',
    [
      { header: { name: `${ID}/logs/1.log`, size: 0, type: 'symlink' as const, linkname: '/etc/passwd' } },
      journal,
    ],
    `"${ID}/logs/1.log" is a symlink`,
  ],
  [
    'a hard link',
    [
      { header: { name: `${ID}/graph.ndjson`, size: 0, type: 'link' as const, linkname: '/etc/passwd' } },
      journal,
    ],
    'is a link',
  ],
  [
    'a device',
    [{ header: { name: `${ID}/logs/1.log`, size: 0, type: 'character-device' as const } }, journal],
    'is a character-device',
  ],
  [
    'two builds',
    [journal, file('20260102-030405007-abcd/journal.ndjson', FIRST)],
    'more than one build is in it',
  ],
  ['a file twice', [journal, journal], 'has a file twice'],
  ['no journal', [file(`${ID}/logs/1.log`, 'x')], 'its journal is missing or cannot be read'],
  [
    'a journal of something else',
    [file(`${ID}/journal.ndjson`, 'x\n')],
    'its journal is missing or cannot be read',
  ],
  [
    'another version',
    [file(`${ID}/journal.ndjson`, `${FIRST.replace('"v":1', '"v":2')}\n`)],
    'a build of version 2, this loglin reads version 1; use the loglin that wrote it',
  ],
  [
    "another build's journal",
    [file(`${ID}/journal.ndjson`, `${FIRST.replace(ID, '../../evil')}\n`)],
    'has the journal of "../../evil"',
  ],
  ['nothing', [], 'is empty'],
  [
    'too much',
    [journal, file(`${ID}/logs/1.log`, 'x'.repeat(2 ** 20))],
    'more than 1.0 MiB when unpacked; if that is right: --max 2.0MiB',
  ],
] as const satisfies readonly (readonly [string, Entries, string])[])
  test(`an archive is refused and leaves nothing: ${what}`, async (t) => {
    const { box, to } = sandbox(t);
    const archive = zlib.gzipSync(await packTar(entries));
    await assert.rejects(take(to, archive, 2 ** 20), (error: Error) => {
      assert.equal(error.name, 'Failure');
      assert.ok(error.message.startsWith('FILE: ') && error.message.includes(message), error.message);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
    assert.deepEqual(fs.readdirSync(buildsFolder(to)), []);
    assert.ok(!fs.existsSync(box.path('evil')));
  });

for (const [what, entries, message, end] of [
  ['a sparse file of GNU tar', [{ name: `${ID}/logs/1.log`, type: 'S', body: Buffer.from('x') }], 'kind "S"'],
  ['one of another kind', [{ name: `${ID}/logs/1.log`, type: 'V' }], 'kind "V"'],
  [
    'a sparse file of pax',
    [{ name: 'PaxHeader', type: 'x', body: Buffer.from(paxRecord('GNU.sparse.major', '1')) }],
    'has a sparse file',
  ],
  [
    'attributes that are longer than any file has',
    [{ name: 'PaxHeader', type: 'x', body: Buffer.from(paxRecord('comment', 'x'.repeat(2 ** 20))) }],
    'longer than any build has',
  ],
  ['a number that is none', [{ name: `${ID}/logs/1.log`, size: Buffer.from('7x7') }], 'Invalid tar number'],
  [
    'more zeros at its end than there are',
    [],
    'is padded with more than any archive is',
    Buffer.alloc(70 * 2 ** 20),
  ],
] as const satisfies readonly (readonly [string, readonly TarEntry[], string, Buffer?])[])
  test(`an archive is refused and leaves nothing: ${what}`, async (t) => {
    const { to } = sandbox(t);
    const first = { name: `${ID}/journal.ndjson`, body: Buffer.from(`${FIRST}\n`) };
    const archive = zlib.gzipSync(tarball([first, ...entries], end));
    await assert.rejects(take(to, archive), (error: Error) => {
      assert.equal(error.name, 'Failure');
      assert.ok(error.message.startsWith('FILE: not a whole archive of a build: '), error.message);
      assert.ok(error.message.includes(message), error.message);
      return true;
    });
    assert.deepEqual(fs.readdirSync(buildsFolder(to)), []);
  });

test('an archive with holes, as from tar -S, is refused, and one without is accepted', async (t) => {
  const { box, from, to } = sandbox(t);
  const log = path.join(buildFolder(from, ID), 'logs/1.log');
  fs.truncateSync(log, 0);
  fs.truncateSync(log, 2 ** 20);
  fs.appendFileSync(log, 'end\n');
  for (const [flags, taken] of [
    ['-cS', false],
    ['-cS --format=posix', false],
    ['-c', true],
  ] as const) {
    const made = box.run(['sh', '-c', `tar ${flags} -f tar -C "$0" "${ID}"`, buildsFolder(from)]);
    assert.equal(made.status, 0, made.stderr);
    const archive = fs.readFileSync(box.path('tar'));
    if (taken) assert.equal(await take(to, archive), ID);
    else await assert.rejects(take(to, archive), /, which no build has$/);
  }
});

test('sizes are read in every notation that tars use', async (t) => {
  const { to } = sandbox(t);
  const body = Buffer.from('said\n');
  const size = paxRecord('size', String(body.length));
  const entries: TarEntry[] = [
    { name: `${ID}/journal.ndjson`, body: Buffer.from(`${FIRST}\n`) },
    { name: `${ID}/logs/1.log`, body, size: binaryNumber(BigInt(body.length)) },
    { name: 'PaxHeader', type: 'x', body: Buffer.from(size) },
    { name: `${ID}/logs/2.log`, body, size: 0 },
    { name: `${ID}/logs/3.log`, body, size: Buffer.from('          5 ') },
    { name: `${ID}/logs`, type: '5', size: 7 },
    { name: `${ID}/logs/4.log`, body, type: '\0' },
    { name: '././@LongLink', type: 'L', body: Buffer.from(`${ID}/logs/5.log\0`) },
    { name: 'cut', body },
  ];
  await take(to, tarball(entries));
  for (const job of [1, 2, 3, 4, 5])
    assert.equal(fs.readFileSync(path.join(buildFolder(to, ID), `logs/${job}.log`), 'utf8'), 'said\n');
});

test('entries unknown to this version are passed over', async (t) => {
  const { to } = sandbox(t);
  await take(
    to,
    Buffer.from(await packTar([journal, file(`${ID}/later/x`, 'y'), file(`${ID}/logs/01.log`, 'z')])),
  );
  assert.deepEqual(fs.readdirSync(buildFolder(to, ID), { recursive: true }).sort(), [
    'imported',
    'journal.ndjson',
    'logs',
  ]);
});

test('an archive that is cut or damaged anywhere is refused', async (t) => {
  const { from, to } = sandbox(t);
  const archive = await exported(from);
  const plain = zlib.gunzipSync(archive);
  const random = new Random(11);
  const damaged: Buffer[] = [
    Buffer.alloc(0),
    Buffer.from('x'),
    Buffer.from([0x1f, 0x8b]),
    Buffer.alloc(3000, 0x41),
  ];
  for (let i = 0; i < 40; i++) damaged.push(archive.subarray(0, random.below(archive.length - 1)));
  // A tar without its last blocks of zeros is complete, but a reader cannot know that.
  for (let i = 0; i < 40; i++) damaged.push(plain.subarray(0, random.below(plain.length - 1024)));
  for (let i = 0; i < 40; i++) {
    const bytes = Buffer.from(archive);
    bytes[10 + random.below(bytes.length - 18)]! ^= 1 + random.below(255);
    damaged.push(bytes);
  }
  for (const bytes of damaged) await assert.rejects(take(to, bytes), { name: 'Failure' });
  assert.deepEqual(listBuilds(to), []);
  assert.deepEqual(fs.readdirSync(buildsFolder(to)), []);
});

test('an import stopped by a signal leaves nothing, and the next import removes what a killed one left', async (t) => {
  const { box, from, to } = sandbox(t);
  const archive = await exported(from);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
    const child = spawn(
      process.execPath,
      [path.join(path.dirname(LOGLIN_BIN), '../dist/main.cjs'), 'import', '-', '--store', to],
      {
        cwd: box.folder,
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    child.stdin.write(archive.subarray(0, archive.length - 100));
    await until(
      'it has begun',
      () =>
        fs.existsSync(buildsFolder(to)) &&
        fs.readdirSync(buildsFolder(to)).some((name) => name.startsWith('.import-')),
    );
    const ended = new Promise((resolve) =>
      child.on('exit', (_, died) => {
        resolve(died);
      }),
    );
    child.kill(signal);
    assert.equal(await ended, signal);
    assert.equal(fs.readdirSync(buildsFolder(to)).length, signal === 'SIGKILL' ? 1 : 0, signal);
    assert.deepEqual(listBuilds(to), []);
  }
  await take(to, archive);
  assert.deepEqual(fs.readdirSync(buildsFolder(to)), [ID]);
});
