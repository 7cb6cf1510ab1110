// Builds that are pushed and read again: whole, by ranges, damaged, in part, among others.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ByteOffset, JobId } from '../../src/model/ids.ts';
import { flakyTargets } from '../../src/remote/flaky.ts';
import { openShared, pullBuild } from '../../src/remote/fetchbuild.ts';
import { packKey, recordKey } from '../../src/remote/layout.ts';
import { FRAME } from '../../src/record/logindex.ts';
import { removeOldBuilds } from '../../src/remote/oldbuilds.ts';
import { type RowFacts, pushBuild } from '../../src/remote/push.ts';
import { type Row, parseRow, rowKey } from '../../src/remote/row.ts';
import { chooseRow, filteredRows, rowsOf } from '../../src/remote/rows.ts';
import { buildFolder, journalFile } from '../../src/store/layout.ts';
import { NO_SECRETS, secretsFrom } from '../../src/store/redact.ts';
import { openBuild } from '../../src/store/reader.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { FakeRemote } from './fakeremote.ts';

const ID = '20260101-000000000-aaaa';
const PROJECT = 'p';
const SILENT = { packed: () => undefined, sending: () => undefined, sent: () => undefined };

const FACTS: RowFacts = {
  project: PROJECT,
  at: Date.UTC(2026, 0, 1),
  result: 'ok',
  ms: 1,
  jobs: 2,
  failed: 0,
  command: 'make',
  tags: {},
  failures: [],
};

/** A log that is longer than two frames, and no two places of it are the same. */
function longText(): string {
  let text = '';
  for (let i = 0; text.length < 2.5 * FRAME; i++) text += `line ${i} of a long log\n`;
  return text;
}

interface Setting {
  readonly sandbox: Sandbox;
  readonly store: string;
  readonly remote: FakeRemote;
  readonly text: string;
  readonly push: (id?: string) => Promise<string>;
  readonly shared: (id: string) => { remote: FakeRemote; url: string; project: string; id: string };
}

function setting(t: TestContext): Setting {
  const sandbox = new Sandbox();
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = sandbox.path('cache');
  t.after(() => {
    process.env.XDG_CACHE_HOME = before;
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    sandbox.remove();
  });
  const store = sandbox.path('.loglin');
  const text = longText();
  const story = new Story('make').make('make').start('a', { make: 'make' }).say('a', text).end('a');
  story
    .start('b', { make: 'make' })
    .say('b', 'b says my-secret-value\n')
    .end('b')
    .makeEnds('make')
    .end('make');
  storeBuild(store, story, { id: ID });
  const remote = new FakeRemote();
  return {
    sandbox,
    store,
    remote,
    text,
    push: async (id = ID) => (await pushBuild(remote, { store, id }, FACTS, NO_SECRETS, SILENT)).id,
    shared: (id) => ({ remote, url: sandbox.path('nowhere'), project: PROJECT, id }),
  };
}

function read(
  logs: { read(job: JobId, from: ByteOffset, into: Uint8Array): number },
  job: number,
  size: number,
): Buffer {
  const into = Buffer.alloc(size);
  let at = 0;
  while (at < size) {
    const n = logs.read(job as JobId, at as ByteOffset, into.subarray(at, at + 100_000));
    if (n === 0) break;
    at += n;
  }
  return into.subarray(0, at);
}

test('a build that is pulled is the build that was pushed, byte for byte', async (t) => {
  const { sandbox, store, push, shared } = setting(t);
  const id = await push();
  assert.match(id, /^20260101-000000000-aaaa-[0-9a-f]{12}$/);
  const other = sandbox.path('other');
  assert.equal(await pullBuild(shared(id), other, () => undefined), ID);
  const files = (folder: string): Record<string, Buffer> =>
    Object.fromEntries(
      fs
        .readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter(
          (name) => fs.statSync(path.join(folder, name)).isFile() && !/^(imported|size|index)$/.test(name),
        )
        .sort()
        .map((name) => [name, fs.readFileSync(path.join(folder, name))]),
    );
  assert.deepEqual(files(buildFolder(other, ID)), files(buildFolder(store, ID)));
  await assert.rejects(
    pullBuild(shared(id), other, () => undefined),
    { message: `build ${ID}: is in the store already` },
  );
});

test('logs of a shared build are read by ranges, and what was read is kept', async (t) => {
  const { remote, text, push, shared } = setting(t);
  const id = await push();
  remote.asked.length = 0;
  const opened = await openShared(shared(id));
  assert.deepEqual(remote.asked, [`get ${recordKey(PROJECT, id)}`]);
  const { logs, build } = openBuild(opened.store, opened.id);
  assert.deepEqual(
    build.jobs.map(({ name, size }) => [name, size]),
    [
      ['make', 0],
      ['a', text.length],
      ['b', 23],
    ],
  );
  assert.equal(read(logs, 2, 100).toString(), 'b says my-secret-value\n');
  assert.equal(remote.asked.length, 2, remote.asked.join('\n'));
  assert.equal(read(logs, 1, 2 * text.length).toString(), text);
  const { length: asked } = [...remote.asked];
  assert.ok(asked <= 8, remote.asked.join('\n'));
  logs.close();
  // The next command asks for nothing.
  const again = await openShared(shared(id));
  const second = openBuild(again.store, again.id);
  assert.equal(read(second.logs, 1, text.length).toString(), text);
  assert.equal(remote.asked.length, asked);
  assert.equal(second.logs.trouble(1 as JobId), undefined);
});

test('a push that breaks at any step is in no listing, and the next one mends it', async (t) => {
  const { remote, push, shared, sandbox } = setting(t);
  await push();
  const writes = remote.asked.filter((line) => line.startsWith('put'));
  assert.equal(writes.length, 4);
  assert.match(writes.at(-1)!, /^put v1\/p\/i\//, 'the row comes last');
  for (let n = 0; n < writes.length; n++) {
    remote.objects.clear();
    remote.writesLeft = n;
    await assert.rejects(push());
    for await (const row of rowsOf(remote, PROJECT)) assert.fail(`${row.id} after ${n} writes`);
    await assert.rejects(chooseRow(remote, PROJECT, '', 'ci'), /no builds of p in memory; push one/);
    remote.writesLeft = Infinity;
    const id = await push();
    assert.equal((await chooseRow(remote, PROJECT, '', 'ci')).id, id);
    await pullBuild(shared(id), sandbox.path(`pulled${n}`), () => undefined);
  }
  assert.deepEqual(fs.readdirSync(sandbox.path('.loglin/builds')), [ID], 'nothing is left in the store');
});

test('a build is pushed once: the second time, nothing is written', async (t) => {
  const { remote, store, push } = setting(t);
  const id = await push();
  remote.asked.length = 0;
  const again = await pushBuild(remote, { store, id: ID }, FACTS, NO_SECRETS, SILENT);
  assert.deepEqual([again.id, again.known, remote.asked.length], [id, true, 1]);
});

test('what is damaged or cut short is said, and nothing of it enters a store', async (t) => {
  const { remote, sandbox, push, shared } = setting(t);
  const id = await push();
  const [record, pack] = [recordKey(PROJECT, id), packKey(PROJECT, id)];
  const whole = new Map(remote.objects);
  const reset = (): void => {
    for (const [key, bytes] of whole) remote.objects.set(key, bytes);
    fs.rmSync(sandbox.path('cache'), { recursive: true, force: true });
  };
  for (const cut of [0, 10, 64, 100, whole.get(record)!.length - 1]) {
    remote.objects.set(record, whole.get(record)!.subarray(0, cut));
    await assert.rejects(openShared(shared(id)), { message: `memory: the record of build ${id} is damaged` });
  }
  remote.objects.set(
    record,
    Buffer.concat([whole.get(record)!.subarray(0, 64), Buffer.alloc(whole.get(record)!.length - 64)]),
  );
  await assert.rejects(openShared(shared(id)), { message: `memory: the record of build ${id} is damaged` });
  remote.objects.delete(record);
  await assert.rejects(openShared(shared(id)), /build \S+ is not there/);
  reset();
  remote.objects.set(pack, whole.get(pack)!.subarray(0, whole.get(pack)!.length / 2));
  const store = sandbox.path('other');
  await assert.rejects(
    pullBuild(shared(id), store, () => undefined),
    /cut short; nothing was pulled/,
  );
  assert.deepEqual(fs.readdirSync(path.join(store, 'builds')), []);
  const opened = await openShared(shared(id));
  const { logs } = openBuild(opened.store, opened.id);
  assert.equal(read(logs, 2, 100).length, 0);
  assert.equal(logs.trouble(2 as JobId), 'the pack of logs is cut short');
  reset();
  remote.objects.set(pack, Buffer.alloc(whole.get(pack)!.length, 7));
  await assert.rejects(
    pullBuild(shared(id), store, () => undefined),
    /damaged; nothing was pulled/,
  );
  const damaged = await openShared(shared(id));
  const other = openBuild(damaged.store, damaged.id);
  assert.equal(read(other.logs, 1, 100).length, 0);
  assert.equal(other.logs.trouble(1 as JobId), 'the pack of logs is damaged');
});

test('a damaged cache is read again from the remote', async (t) => {
  const { text, push, shared } = setting(t);
  const id = await push();
  const opened = await openShared(shared(id));
  const first = openBuild(opened.store, opened.id);
  read(first.logs, 1, text.length);
  const pack = path.join(buildFolder(opened.store, opened.id), 'logs.pack');
  fs.writeFileSync(pack, Buffer.alloc(fs.statSync(pack).size, 3));
  const again = await openShared(shared(id));
  const { logs } = openBuild(again.store, again.id);
  assert.equal(read(logs, 1, text.length).toString(), text);
});

test('another build under the same id is refused', async (t) => {
  const { remote, store, push, shared } = setting(t);
  const id = await push();
  const story = new Story('make').make('make').makeEnds('make').end('make');
  storeBuild(store, story, { id: '20260102-000000000-bbbb' });
  const other = await push('20260102-000000000-bbbb');
  remote.objects.set(recordKey(PROJECT, id), remote.objects.get(recordKey(PROJECT, other))!);
  await assert.rejects(openShared(shared(id)), {
    message: `memory: the record of build ${id} is not its own`,
  });
  assert.ok(fs.existsSync(journalFile(buildFolder(store, ID))));
});

test('secrets are taken out of the journal, the logs and the row in the same length', async (t) => {
  const { remote, store, shared } = setting(t);
  const secrets = secretsFrom(['my-secret-value'], []);
  const { id, redacted } = await pushBuild(remote, { store, id: ID }, FACTS, secrets, SILENT);
  assert.equal(redacted, 1);
  const opened = await openShared(shared(id));
  const { logs } = openBuild(opened.store, opened.id);
  assert.equal(read(logs, 2, 100).toString(), 'b says [redacted*****]\n');
});

/** Rows of many builds, a minute apart, the oldest first. */
function manyRows(remote: FakeRemote, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < count; i++) {
    const at = Date.UTC(2026, 0, 1) + i * 60_000;
    const [day, time] = new Date(at).toISOString().replace('Z', '').split('T');
    const id = `${day!.replaceAll('-', '')}-${time!.replace(/[:.]/g, '')}-${(i % 65536).toString(16).padStart(4, '0')}-${i.toString(16).padStart(12, '0')}`;
    rows.push({
      v: 1,
      id,
      ...FACTS,
      at,
      result: i % 7 === 0 ? { exit: 2 } : 'ok',
      branch: i % 3 === 0 ? 'main' : 'topic',
      tags: { os: i % 2 === 0 ? 'linux' : 'mac' },
      sizes: { record: 1, pack: 1, logs: 1 },
    });
  }
  for (const row of rows) remote.objects.set(rowKey(row), Buffer.from(JSON.stringify(row)));
  return rows;
}

test('a hundred thousand rows: a request for a thousand, and none for the rows themselves', async () => {
  const remote = new FakeRemote();
  const rows = manyRows(remote, 5000);
  const all: string[] = [];
  // The fake sorts all at each page, so that a tenth of them is enough here; the bench has all.
  for await (const row of rowsOf(remote, PROJECT)) all.push(row.id);
  assert.deepEqual(all, rows.map(({ id }) => id).reverse());
  assert.equal(remote.requests, 6);
  remote.requests = 0;
  for (const [word, want] of [
    ['', rows.at(-1)!],
    ['-2', rows.at(-3)!],
    ['@failed', rows.findLast(({ result }) => result !== 'ok')!],
    ['@green', rows.findLast(({ result }) => result === 'ok')!],
    ['branch=main', rows.findLast(({ result, branch }) => result === 'ok' && branch === 'main')!],
    ['branch=main,@failed', rows.findLast(({ result, branch }) => result !== 'ok' && branch === 'main')!],
    ['os=mac,-1', rows.filter(({ tags }) => tags.os === 'mac').at(-2)!],
    [rows[10]!.id, rows[10]!],
    [rows[10]!.id.slice(0, 23), rows[10]!],
  ] as const) {
    remote.requests = 0;
    assert.equal((await chooseRow(remote, PROJECT, word, 'ci')).id, want.id, word);
    assert.equal(remote.requests, 1, word);
  }
});

test('a tag or a branch that the key has no room for is read from the row', async () => {
  const remote = new FakeRemote();
  const [row] = manyRows(remote, 1);
  remote.objects.clear();
  const long: Row = { ...row!, branch: 'b'.repeat(300) };
  remote.objects.set(rowKey(long), Buffer.from(JSON.stringify(long)));
  const found: string[] = [];
  for await (const { id, branch } of filteredRows(remote, PROJECT, { branch: 'b'.repeat(300) }))
    found.push(id, branch!);
  assert.deepEqual(found, [long.id, long.branch]);
  assert.deepEqual(parseRow(JSON.stringify(long)), long);
});

test('foreign objects in a bucket are no builds', async (t) => {
  const { remote, push } = setting(t);
  const id = await push();
  for (const key of [
    'photos/cat.jpg',
    'v1/p/i/README',
    'v1/p/i/0000-x',
    'v1/p/i/0000000000000-a~b~c',
    'v2/p/i/x',
  ])
    remote.objects.set(key, Buffer.from('x'));
  const ids: string[] = [];
  for await (const row of rowsOf(remote, PROJECT)) ids.push(row.id);
  assert.deepEqual(ids, [id]);
  remote.objects.set('loglin.json', Buffer.from('{"version":2}'));
  remote.objects.delete(remote.asked.findLast((line) => line.startsWith('put v1/p/i/'))!.slice(4));
  await assert.rejects(push(), { message: 'memory: has builds of version 2, this loglin writes 1' });
});

test('clocks that are wrong put a build in another place, and it is still found', async () => {
  const remote = new FakeRemote();
  const rows = manyRows(remote, 3);
  for (const at of [0, Date.UTC(2200, 0, 1), 99_999_999_999_999]) {
    const skewed: Row = {
      ...rows[0]!,
      id: `20260101-000000000-ffff-${String(at % 1e12).padStart(12, '0')}`,
      at,
    };
    remote.objects.set(rowKey(skewed), Buffer.from(JSON.stringify(skewed)));
  }
  const ids: string[] = [];
  for await (const row of rowsOf(remote, PROJECT)) ids.push(row.id);
  assert.equal(ids.length, 6);
});

test('a target that failed and passed at one clean revision is flaky; one that did not run is not', async () => {
  const remote = new FakeRemote();
  const rows = manyRows(remote, 9);
  remote.objects.clear();
  const red = { exit: 2 };
  const changes: Partial<Row>[] = [
    { revision: 'r1', result: red, failures: ['net', 'disk', 'idle'] },
    { revision: 'r1', result: 'ok' },
    { revision: 'r2', result: red, failures: ['net'] },
    { revision: 'r2', result: 'ok' },
    { revision: 'r3', result: red, failures: ['broken'] },
    { revision: 'r3', result: 'interrupted', failures: ['other'] },
    { revision: 'r1', result: 'ok', command: 'make docs' },
    { revision: 'r3', result: 'ok', clean: false },
    { revision: 'r3', result: 'ok', clean: undefined },
  ];
  for (const [i, change] of changes.entries()) {
    const row: Row = { ...rows[i]!, clean: true, ...change };
    remote.objects.set(rowKey(row), Buffer.from(JSON.stringify(row)));
  }
  const [a, b, c, d] = rows.map(({ id }) => id);
  const looked: string[] = [];
  const passedIn = (id: string): Promise<Set<string>> => {
    looked.push(id);
    return Promise.resolve(new Set(['net', 'disk', 'broken', 'docs']));
  };
  assert.deepEqual(await flakyTargets(remote, PROJECT, {}, passedIn), {
    targets: [
      { target: 'net', failed: [c, a], passed: 2, revisions: ['r2', 'r1'] },
      { target: 'disk', failed: [a], passed: 1, revisions: ['r1'] },
    ],
    unclean: 2,
  });
  assert.deepEqual(looked, [d, b]);
});

test('gc of a remote: rows first, then objects; what is half-pushed stays for a day', async (t) => {
  const { remote, push } = setting(t);
  const id = await push();
  const day = 86_400_000;
  const late = Date.UTC(2026, 0, 10);
  // Two pushes that were interrupted: yesterday's, and one that may go on.
  const [dead, live] = ['20250101-000000000-dddd-000000000000', '20250102-000000000-eeee-000000000000'];
  for (const one of [dead, live]) remote.objects.set(packKey(PROJECT, one), Buffer.from('x'));
  remote.ages.set(packKey(PROJECT, dead), 2 * day);
  remote.objects.set('v1/p/b/README', Buffer.from('not ours'));
  remote.ages.set('v1/p/b/README', 9 * day);
  const before = [...remote.objects.keys()].sort();
  const collect = async (at: number, dry: boolean): Promise<[string[], number]> => {
    remote.asked.length = 0;
    const removed: string[] = [];
    const kept = await removeOldBuilds(remote, PROJECT, at, dry, (build) => {
      assert.equal(build.bytes === undefined, build.unfinished);
      removed.push(build.id);
    });
    return [removed, kept];
  };
  assert.deepEqual(await collect(late, true), [[id, dead], 0]);
  assert.deepEqual([...remote.objects.keys()].sort(), before, 'a dry run removes nothing');
  assert.deepEqual(await collect(Date.UTC(2025, 0, 1), false), [[dead], 1]);
  assert.deepEqual(await collect(late, false), [[id], 0]);
  const removes = remote.asked.filter((line) => line.startsWith('remove'));
  assert.match(removes[0]!, /^remove v1\/p\/i\//, 'nobody lists what cannot be read');
  assert.equal(removes.length, 3);
  assert.deepEqual(
    [...remote.objects.keys()].sort(),
    ['loglin.json', 'v1/p/b/README', packKey(PROJECT, live)].sort(),
  );
  assert.deepEqual(await collect(late, false), [[], 0]);
});
