// The feed of changes, over real WebSockets: who may listen, what is told and when.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildFolder, changeFile } from '../../src/store/layout.ts';
import { writeChange } from '../../src/store/watchedchange.ts';
import { ID, type Served, ask, running, served } from '../rig/served.ts';
import { until } from '../rig/tree.ts';
import { type FeedClient, connectFeed } from '../rig/websocket.ts';

const NEW = '20260103-000000000-cccc';
const CLOSE = '{"e":"close","t":11,"status":{"exit":2},"jobs":1,"failed":1}\n';
const CHANGE = { inputs: ['a.h'], unrecognized: ['a.h~'], outputs: ['a.o'] };

const address = ({ port }: Served, query = ''): string => `ws://127.0.0.1:${port}/websocket${query}`;

async function listens(t: TestContext, it: Served): Promise<FeedClient> {
  const client = await connectFeed(t, address(it), it.headers);
  assert.ok(typeof client !== 'number');
  return client;
}

test('a WebSocket opens for who has the token, and from the page itself only', async (t) => {
  const it = await served(t);
  const [cookie = ''] = (await ask(it, `/?token=${it.token}`)).headers['set-cookie'] ?? [];
  const own = `http://127.0.0.1:${it.port}`;
  for (const [query, headers, answer] of [
    ['', it.headers, 'open'],
    [`?token=${it.token}`, {}, 'open'],
    ['', { cookie: cookie.split(';')[0]! }, 'open'],
    [
      '',
      { ...it.headers, origin: own, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'websocket' },
      'open',
    ],
    ['', {}, 403],
    ['?token=x', {}, 403],
    ['', { authorization: 'Bearer wrong' }, 403],
    ['', { ...it.headers, host: 'evil.example' }, 421],
    ['', { ...it.headers, host: `evil.example:${it.port}` }, 421],
    ['', { ...it.headers, origin: 'http://evil.example' }, 403],
    ['', { ...it.headers, origin: `http://127.0.0.1:${it.port + 1}` }, 403],
    ['', { ...it.headers, origin: 'null' }, 403],
    ['', { ...it.headers, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'websocket' }, 403],
  ] as const) {
    const client = await connectFeed(t, address(it, query), headers);
    assert.equal(typeof client === 'number' ? client : 'open', answer, `${query} ${JSON.stringify(headers)}`);
  }
});

test('only the feed is a WebSocket; who asks for another protocol is answered as others are', async (t) => {
  const it = await served(t);
  for (const target of ['/', '/builds/events', `/b/${ID}/events`, '/nosuch'])
    assert.equal(
      typeof (await connectFeed(t, `ws://127.0.0.1:${it.port}${target}`, it.headers)),
      'number',
      target,
    );
  const plain = await ask(it, '/websocket');
  assert.deepEqual([plain.status, plain.headers.upgrade], [426, 'websocket']);
  // As curl --http2 and Java's client ask.
  const other = await ask(it, `/b/${ID}/logs/1.log`, {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
  });
  assert.deepEqual([other.status, other.text], [200, 'line 1\nline 2\n']);
  const wrong = await ask(it, '/websocket', { connection: 'Upgrade', upgrade: 'websocket' });
  assert.equal(wrong.status, 400);
});

test('builds that begin and end are told, and after its end what a watch has noted', async (t) => {
  const it = await served(t);
  const before = running(it, '20260102-500000000-dddd');
  const client = await listens(t, it);
  const build = running(it, NEW);
  const row = { type: 'build', id: NEW, argv: ['make'] };
  await until('its beginning is told', () => client.messages.length === 1);
  assert.deepEqual(client.messages, [{ ...row, state: 'started' }]);
  const late = await listens(t, it);
  build.append(CLOSE);
  await until('its end is told', () => client.messages.length === 2);
  const status = { exit: 2 };
  assert.deepEqual(client.messages[1], { ...row, state: 'finished', status, jobs: 1, failed: 1, ms: 11 });
  writeChange(it.store, NEW, { change: CHANGE, sequence: 7 });
  await until('the change is told', () => client.messages.length === 3);
  assert.deepEqual(client.messages[2], { type: 'change', change: CHANGE, sequence: 7, id: NEW, status });
  assert.deepEqual(late.messages, client.messages.slice(1));
  before.append(CLOSE);
  await until('the end of an earlier one is told', () => client.messages.length === 4);
  assert.equal(client.messages[3]?.state, 'finished');
});

test('what is no note of a watch is not told, and no link is followed', async (t) => {
  const it = await served(t);
  const secret = path.join(it.store, '../secret');
  fs.writeFileSync(secret, JSON.stringify({ change: { ...CHANGE, inputs: ['SECRET'] }, sequence: 1 }));
  const client = await listens(t, it);
  const texts = ['[]', 'null', '{"change":{"inputs":[]},"sequence":1}', '{"change":{"inputs":"x"}}', '{'];
  const told = (): number => client.messages.length;
  for (const [i, text] of [...texts, undefined].entries()) {
    const id = `20260103-00000000${i}-cccc`;
    running(it, id).append(CLOSE);
    const file = changeFile(buildFolder(it.store, id));
    if (text === undefined) fs.symlinkSync(secret, file);
    else fs.writeFileSync(file, text);
  }
  await until('all builds are told', () => told() >= 2 * (texts.length + 1));
  running(it, NEW).append(CLOSE);
  writeChange(it.store, NEW, { change: CHANGE, sequence: 2 });
  await until('the last one is told', () => client.messages.at(-1)?.type === 'change');
  const changes = client.messages.filter(({ type }) => type === 'change');
  assert.deepEqual(changes.map(({ id }) => id), [NEW]); // prettier-ignore
});

test('a client that sends too much is cut off; the server closes with clients that listen', async (t) => {
  const it = await served(t);
  const loud = await listens(t, it);
  const client = await listens(t, it);
  loud.socket.send('x'.repeat(5000));
  await until('it is cut off', () => loud.closed !== undefined);
  assert.equal(loud.closed, 1009);
  // What is no frame at all.
  const raw = net.connect(it.port, '127.0.0.1');
  t.after(() => raw.destroy());
  let closed = false;
  raw.on('error', () => undefined).on('close', () => (closed = true)).resume(); // prettier-ignore
  raw.write(
    `GET /websocket?token=${it.token} HTTP/1.1\r\nHost: 127.0.0.1:${it.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n${'\xff'.repeat(99)}`,
    'latin1',
  );
  await until('it is cut off', () => closed);
  running(it, NEW).append(CLOSE);
  await until('others are told all the same', () => client.messages.length === 2);
  await it.close();
  await until('it is closed', () => client.closed !== undefined);
  assert.equal(client.closed, 1001);
});

test('clients that listen keep their connections when others come and go; there are so many at most', async (t) => {
  const it = await served(t, { limits: { connections: 80, headMs: 10_000, stalledMs: 120_000 } });
  const clients: FeedClient[] = [];
  for (let i = 0; i < 64; i++) clients.push(await listens(t, it));
  const last = await listens(t, it);
  await until('one too many is sent away', () => last.closed === 1013);
  for (let i = 0; i < 100; i++) assert.equal((await ask(it, '/api/builds?count=1')).status, 200);
  running(it, NEW).append(CLOSE);
  await until('all are told', () => clients.every(({ messages }) => messages.length === 2));
});
