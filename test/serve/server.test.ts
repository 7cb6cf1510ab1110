// The server, over real sockets: what it answers, what it refuses, and what clients cannot do to it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { startServer } from '../../src/serve/server.ts';
import { buildFolder, journalFile } from '../../src/store/layout.ts';
import { ID, OLDER, type Served, ask, running, served, story } from '../rig/served.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { until } from '../rig/tree.ts';

/** The messages of a stream of events as they come. */
class Listener {
  readonly messages: Record<string, unknown>[] = [];
  readonly ids: string[] = [];
  status: number | undefined;
  ended = false;
  readonly #request: http.ClientRequest;

  constructor({ port, headers }: Served, target: string, lastId?: string) {
    this.#request = http.get(
      {
        port,
        host: '127.0.0.1',
        path: target,
        headers: { ...headers, ...(lastId !== undefined && { 'last-event-id': lastId }) },
        agent: false,
      },
      (response) => {
        this.status = response.statusCode;
        let held = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          const events = (held + text).split('\n\n');
          held = events.pop() ?? '';
          for (const event of events) this.#take(event);
        });
        response.on('close', () => (this.ended = true));
        response.on('error', () => (this.ended = true));
      },
    );
    this.#request.on('error', () => (this.ended = true));
  }

  #take(event: string): void {
    for (const line of event.split('\n')) {
      if (line.startsWith('data: ')) this.messages.push(JSON.parse(line.slice(6)) as Record<string, unknown>);
      if (line.startsWith('id: ')) this.ids.push(line.slice(4));
    }
  }

  close(): void {
    this.#request.destroy();
  }
}

function listen(t: TestContext, it: Served, target: string, lastId?: string): Listener {
  const listener = new Listener(it, target, lastId);
  t.after(() => {
    listener.close();
  });
  return listener;
}

test('the token is exchanged for a cookie, with which the page opens', async (t) => {
  const it = await served(t);
  const anonymous = { ...it, headers: {} };
  const exchanged = await ask(anonymous, `/?token=${it.token}`);
  assert.equal(exchanged.status, 303);
  assert.equal(exchanged.headers.location, './');
  const [cookie = ''] = exchanged.headers['set-cookie'] ?? [];
  assert.match(cookie, /^loglin-\w+=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/);
  const page = await ask(anonymous, '/', { cookie: cookie.split(';')[0] });
  assert.equal(page.status, 200);
  assert.match(page.text, /^<!doctype html>/);
  assert.match(
    String(page.headers['content-security-policy']),
    /default-src 'none'.*'sha256-.*frame-ancestors 'none'/,
  );
  const crossing = await ask(anonymous, `/?token=${it.token}`, {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  });
  assert.equal(crossing.status, 200);
  assert.match(crossing.text, /http-equiv="refresh" content="0;url=\.\/"/);
});

test('without the right token, from another site or at another address, nothing is told', async (t) => {
  const it = await served(t);
  const paths = [
    '/',
    '/api/builds',
    `/b/${ID}/meta`,
    `/b/${ID}/journal.ndjson`,
    `/b/${ID}/logs/1.log`,
    '/builds/events',
  ];
  for (const [more, status] of [
    [{ authorization: undefined }, 403],
    [{ authorization: 'Bearer wrong' }, 403],
    [{ host: 'evil.example' }, 421],
    [{ host: `evil.example:${it.port}` }, 421],
    [{ origin: 'http://evil.example' }, 403],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 403],
  ] as const)
    for (const target of paths) {
      const { status: got, text, headers } = await ask(it, target, more);
      assert.equal(got, status, `${target} ${JSON.stringify(more)}`);
      assert.doesNotMatch(text, /make|2026/);
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
  assert.match(
    (await ask(it, '/', { authorization: undefined })).text,
    /open the address that loglin serve printed/,
  );
  assert.match((await ask(it, '/?token=x')).text, /of another server/);
});

test('every answer has the headers that keep it where it belongs', async (t) => {
  const it = await served(t);
  for (const target of [
    '/',
    '/nosuch',
    '/api/builds',
    `/b/${ID}/logs/1.log`,
    `/b/${ID}/logs/9.log`,
    `/?token=${it.token}`,
  ]) {
    const { headers } = await ask(it, target);
    assert.equal(headers['x-content-type-options'], 'nosniff', target);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/);
    assert.match(headers['cache-control'] ?? '', /no-store|no-cache/);
  }
});

test('only GET and HEAD', async (t) => {
  const it = await served(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    const { status, headers } = await ask(it, `/b/${ID}/meta`, {}, method);
    assert.equal(status, 405, method);
    assert.equal(headers.allow, 'GET, HEAD');
  }
  const { status, text, headers } = await ask(it, `/b/${ID}/logs/1.log`, {}, 'HEAD');
  assert.deepEqual([status, text, headers['content-length']], [200, '', '14']);
});

test('the builds, the newest first, in pages', async (t) => {
  const it = await served(t);
  const ids = async (query: string): Promise<unknown> =>
    (JSON.parse((await ask(it, `/api/builds${query}`)).text) as { id: string }[]).map(({ id }) => id);
  assert.deepEqual(await ids(''), [ID, OLDER]);
  assert.deepEqual(await ids('?count=1'), [ID]);
  assert.deepEqual(await ids(`?before=${ID}`), [OLDER]);
  assert.deepEqual(await ids(`?before=${OLDER}`), []);
  assert.deepEqual(await ids('?failed=1'), []);
  const [row] = JSON.parse((await ask(it, '/api/builds')).text) as Record<string, unknown>[];
  assert.deepEqual([row?.state, row?.jobs, row?.argv], ['finished', 1, ['make']]);
});

test('an empty store is an empty list', async (t) => {
  const it = await served(t, { empty: true });
  assert.deepEqual(JSON.parse((await ask(it, '/api/builds')).text), []);
});

test('the files of a build are those of the store, whole and in ranges', async (t) => {
  const it = await served(t);
  const folder = buildFolder(it.store, ID);
  for (const name of ['journal.ndjson', 'graph.ndjson', 'logs/1.log', 'logs/0.log']) {
    const bytes = fs.readFileSync(path.join(folder, name), 'utf8');
    const { status, text, headers } = await ask(it, `/b/${ID}/${name}`);
    assert.deepEqual([status, text, headers['content-length']], [200, bytes, String(bytes.length)]);
  }
  const part = async (range: string, more = {}): Promise<unknown[]> => {
    const { status, text, headers } = await ask(it, `/b/${ID}/logs/1.log`, { range, ...more });
    return [status, text, headers['content-range']];
  };
  assert.deepEqual(await part('bytes=0-5'), [206, 'line 1', 'bytes 0-5/14']);
  assert.deepEqual(await part('bytes=-7'), [206, 'line 2\n', 'bytes 7-13/14']);
  assert.deepEqual(await part('bytes=13-99'), [206, '\n', 'bytes 13-13/14']);
  assert.deepEqual(await part('bytes=14-'), [416, 'it has 14 bytes\n', 'bytes */14']);
  assert.deepEqual(await part('bytes=0-1,3-4'), [200, 'line 1\nline 2\n', undefined]);
  assert.deepEqual(await part('bytes=0-5', { 'if-range': '"x"' }), [200, 'line 1\nline 2\n', undefined]);
  assert.deepEqual(JSON.parse((await ask(it, `/b/${ID}/sizes`)).text), [[1, 14]]);
  const meta = JSON.parse((await ask(it, `/b/${ID}/meta`)).text) as Record<string, unknown>;
  const { size } = fs.statSync(journalFile(folder));
  assert.deepEqual([meta.id, meta.state, meta.journal, meta.thinned], [ID, 'finished', size, false]);
});

test('small logs of jobs that follow each other come in one answer; none of them is a link', async (t) => {
  const it = await served(t);
  const logs = path.join(buildFolder(it.store, ID), 'logs');
  const secret = path.join(it.store, '../secret');
  fs.writeFileSync(secret, 'SECRET');
  fs.writeFileSync(path.join(logs, '0.log'), 'zero\n');
  fs.writeFileSync(path.join(logs, '3.log'), 'x'.repeat(64 * 1024 + 1));
  fs.symlinkSync(secret, path.join(logs, '4.log'));
  fs.writeFileSync(path.join(logs, '5.log'), '');
  fs.writeFileSync(path.join(logs, '300.log'), 'further\n');
  const from = async (job: number): Promise<unknown[]> => {
    const { status, text } = await ask(it, `/b/${ID}/logs/${job}+`);
    return [status, text];
  };
  assert.deepEqual(await from(0), [200, '[[0,5],[1,14]]\nzero\nline 1\nline 2\n']);
  assert.deepEqual(await from(2), [200, '[]\n']);
  assert.deepEqual(await from(60), [200, '[[300,8]]\nfurther\n']);
  assert.equal((await ask(it, '/b/nosuch/logs/0+')).status, 404);
  fs.rmSync(logs, { recursive: true });
  fs.mkdirSync(path.join(it.store, '../logs'));
  fs.writeFileSync(path.join(it.store, '../logs/5.log'), 'SECRET');
  fs.symlinkSync(path.join(it.store, '../logs'), logs);
  const [status, text] = await from(5);
  assert.equal(status, 403);
  assert.doesNotMatch(String(text), /SECRET/);
});

test('what is not there is said in a line', async (t) => {
  const it = await served(t);
  for (const [target, line] of [
    ['/b/nosuch/meta', /^build nosuch is not in this store; if it was, it has been removed/],
    ['/b/nosuch/events', /^build nosuch is not in this store/],
    [`/b/${ID}/logs/77.log`, /^the log is missing\n$/],
    ['/nosuch.js', /^nosuch.js: the page has no such file\n$/],
    ['/secret', /^there is nothing of that name here\n$/],
  ] as const) {
    const { status, text } = await ask(it, target);
    assert.equal(status, 404, target);
    assert.match(text, line);
  }
  fs.writeFileSync(path.join(buildFolder(it.store, ID), 'thinned'), '');
  assert.equal((await ask(it, `/b/${ID}/logs/77.log`)).text, 'the log was removed by gc\n');
});

test('no path leads out of the store', async (t) => {
  const it = await served(t);
  for (const target of [
    '/b/../b/x/meta',
    `/b/${ID}/../${ID}/meta`,
    `/b/${ID}/logs/../journal.ndjson`,
    '/b/..%2f..%2fetc/meta',
    `/b/${ID}/logs/..%2fjournal.ndjson`,
    `/b/${ID}%00/meta`,
    '/%2e%2e/%2e%2e/etc/passwd',
    '/../../etc/passwd',
    `/b/${ID}/logs/%31.log`,
    `//b/${ID}/meta`,
    '/page/../index.html',
    '/..%5c..%5cetc',
    `/b/${ID}/index`,
  ])
    // prettier-ignore
    assert.equal((await ask(it, target)).status, 404, target);
});

test('links in a store are not followed', async (t) => {
  const it = await served(t);
  const secret = path.join(it.store, '../secret');
  fs.writeFileSync(secret, 'SECRET');
  const folder = buildFolder(it.store, ID);
  const swap = (name: string, to: string): void => {
    fs.rmSync(path.join(folder, name), { recursive: true });
    fs.symlinkSync(to, path.join(folder, name));
  };
  swap('logs/1.log', secret);
  swap('graph.ndjson', secret);
  for (const name of ['logs/1.log', 'graph.ndjson']) {
    const { status, text } = await ask(it, `/b/${ID}/${name}`);
    assert.equal(status, 403);
    assert.match(text, /symbolic link/);
    assert.doesNotMatch(text, /SECRET/);
  }
  assert.doesNotMatch((await ask(it, `/b/${ID}/sizes`)).text, /1,/);
  fs.mkdirSync(path.join(it.store, '../logs'));
  fs.writeFileSync(path.join(it.store, '../logs/5.log'), 'SECRET');
  swap('logs', path.join(it.store, '../logs'));
  assert.equal((await ask(it, `/b/${ID}/logs/5.log`)).status, 403);
  assert.equal((await ask(it, `/b/${ID}/journal.ndjson`)).status, 403);
  fs.rmSync(folder, { recursive: true });
  fs.symlinkSync(buildFolder(it.store, OLDER), folder);
  assert.equal((await ask(it, `/b/${ID}/meta`)).status, 404);
  // A FIFO must not hold the server up.
  fs.rmSync(folder);
  storeBuild(it.store, story(), { id: ID });
  fs.rmSync(path.join(folder, 'logs/1.log'));
  const { spawnSync } = await import('node:child_process');
  spawnSync('mkfifo', [path.join(folder, 'logs/1.log')]);
  assert.equal((await ask(it, `/b/${ID}/logs/1.log`)).status, 403);
});

test('requests that are none are answered, and end', async (t) => {
  const it = await served(t);
  for (const [text, status] of [
    [`GET /b/x\0y/meta HTTP/1.1\r\nHost: 127.0.0.1:${it.port}\r\n\r\n`, 400],
    ['nonsense\r\n\r\n', 400],
    [
      `GET http://127.0.0.1:${it.port}/ HTTP/1.1\r\nHost: 127.0.0.1:${it.port}\r\n${auth(it)}Connection: close\r\n\r\n`,
      404,
    ],
    [`GET / HTTP/1.1\r\nHost: 127.0.0.1:${it.port}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    [`GET * HTTP/1.1\r\nHost: 127.0.0.1:${it.port}\r\n${auth(it)}Connection: close\r\n\r\n`, 404],
    [`CONNECT a:1 HTTP/1.1\r\nHost: 127.0.0.1:${it.port}\r\n\r\n`, undefined],
  ] as const) {
    const answer = await raw(it.port, text);
    assert.equal(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1], status?.toString(), text.slice(0, 60));
  }
  assert.equal((await ask(it, '/api/builds')).status, 200);
});

const auth = ({ token }: Served): string => `Authorization: Bearer ${token}\r\n`;

/** Sends bytes, and returns all that comes until the server ends the connection. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.setEncoding('utf8').on('data', (part: string) => (got += part));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(got);
    });
  });
}

test('a client that is slow with its request is cut off, others are served meanwhile', async (t) => {
  const it = await served(t, { limits: { connections: 50, headMs: 300, stalledMs: 60_000 } });
  const silent = raw(it.port, '');
  const slow = raw(it.port, 'GET / HTTP/1.1\r\nHost: ');
  assert.equal((await ask(it, '/api/builds')).status, 200);
  assert.match(await slow, /^HTTP\/1\.1 (400|408)|^$/);
  await silent;
});

test('of too many connections, the one that was idle longest is closed', async (t) => {
  const it = await served(t, { limits: { connections: 20, headMs: 60_000, stalledMs: 60_000 } });
  const feed = listen(t, it, '/builds/events');
  await until('the feed is there', () => feed.status === 200);
  const sockets: net.Socket[] = [];
  const closed = new Set<number>();
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let i = 0; i < 300; i++) {
    const socket = net.connect(it.port, '127.0.0.1');
    socket.on('error', () => undefined).on('close', () => closed.add(i));
    sockets.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
  }
  await until('the first ones are closed', () => closed.size >= 281);
  assert.ok(closed.has(0) && closed.has(100) && !closed.has(299));
  assert.equal((await ask(it, '/api/builds')).status, 200);
  assert.equal(feed.ended, false);
});

test('a client that does not read costs no memory, and goes', async (t) => {
  const it = await served(t, { limits: { connections: 50, headMs: 60_000, stalledMs: 2000 } });
  const log = path.join(buildFolder(it.store, ID), 'logs/1.log');
  fs.truncateSync(log, 600 * 1024 * 1024);
  const before = process.memoryUsage().rss;
  const sockets = Array.from({ length: 10 }, () => {
    const socket = net.connect(it.port, '127.0.0.1', () =>
      socket.write(`GET /b/${ID}/logs/1.log HTTP/1.1\r\nHost: 127.0.0.1:${it.port}\r\n${auth(it)}\r\n`),
    );
    socket.on('error', () => undefined).pause();
    return socket;
  });
  const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  assert.equal((await ask(it, '/api/builds')).status, 200);
  const ended = Promise.all(gone);
  await until('all are connected', () => openConnections(it.port) >= 10);
  // The server has hung up once what is in the sockets' buffers is all that comes.
  await until('the server has no connection left', () => {
    assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
    return openConnections(it.port) === 0;
  });
  for (const socket of sockets) socket.resume();
  await ended;
  assert.equal((await ask(it, `/b/${ID}/logs/1.log`, { range: 'bytes=0-9' })).status, 206);
});

/** How many connections the server's side has, as the kernel knows. */
function openConnections(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const established = '01';
  return fs
    .readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .filter((line) => {
      const [, from = '', , state] = line.trim().split(/\s+/);
      return from.endsWith(local) && state === established;
    }).length;
}

test('a log that is cut while it is sent ends the connection', async (t) => {
  const it = await served(t);
  const log = path.join(buildFolder(it.store, ID), 'logs/1.log');
  fs.truncateSync(log, 200 * 1024 * 1024);
  await assert.rejects(
    new Promise((resolve, reject) => {
      http.get(
        { port: it.port, host: '127.0.0.1', path: `/b/${ID}/logs/1.log`, headers: it.headers },
        (response) => {
          response.once('data', () => {
            fs.truncateSync(log, 10);
            response.resume();
          });
          response.on('error', reject);
          response.on('end', resolve);
        },
      );
    }),
  );
});

test('a running build is told as it grows, until its end', async (t) => {
  const it = await served(t);
  const build = running(it, '20260103-000000000-cccc');
  const { size } = fs.statSync(build.file);
  const feed = listen(t, it, '/b/20260103-000000000-cccc/events');
  await until('it is told how things are', () => feed.messages.length === 1);
  assert.deepEqual(feed.messages, [{ journal: size, state: 'running', ended: false }]);
  const out = '{"e":"out","t":9,"sizes":[[1,40],[0,7]]}\n';
  build.append(out);
  await until('growth is told', () => feed.messages.length === 2);
  assert.deepEqual(feed.messages[1], {
    journal: size + out.length,
    logs: [
      [1, 40],
      [0, 7],
    ],
    state: 'running',
    ended: false,
  });
  // Half a record is none.
  build.append('{"e":"end","t":10,"j":1,"status":{"exit":0},');
  build.append('"size":41}\n');
  await until('the end of the job is told', () => feed.messages.length >= 3);
  const grown: Readonly<Record<string, unknown>> = feed.messages.at(-1) ?? {};
  assert.deepEqual(grown.logs, [[1, 41]]);
  assert.deepEqual(
    feed.ids.map(Number),
    feed.messages.map(({ journal }) => journal),
  );
  build.append('{"e":"close","t":11,"status":{"exit":0},"jobs":1,"failed":0}\n');
  await until('the end is told, and the stream ends', () => feed.ended);
  assert.equal(feed.messages.at(-1)?.ended, true);
  assert.equal(feed.messages.at(-1)?.state, 'finished');
  assert.equal(feed.messages.at(-1)?.journal, fs.statSync(build.file).size);
});

test('who comes back after the end need not come again; who missed it is told', async (t) => {
  const it = await served(t);
  const size = fs.statSync(journalFile(buildFolder(it.store, ID))).size;
  const told = listen(t, it, `/b/${ID}/events`, String(size));
  await until('it is answered', () => told.status !== undefined);
  assert.equal(told.status, 204);
  const late = listen(t, it, `/b/${ID}/events`, '100');
  await until('it ends', () => late.ended);
  assert.deepEqual(late.messages, [{ journal: size, state: 'finished', ended: true }]);
});

test('a build that is removed while it runs, or whose recorder was killed, has an end', async (t) => {
  const it = await served(t);
  const id = '20260103-000000000-cccc';
  running(it, id);
  const feed = listen(t, it, `/b/${id}/events`);
  await until('it is told how things are', () => feed.messages.length === 1);
  fs.rmSync(buildFolder(it.store, id), { recursive: true });
  await until('it ends', () => feed.ended);
  assert.deepEqual([feed.messages.at(-1)?.state, feed.messages.at(-1)?.ended], ['removed', true]);
  assert.equal((await ask(it, `/b/${id}/meta`)).status, 404);

  storeBuild(it.store, new Story('make'), { id, close: false });
  const killed = listen(t, it, `/b/${id}/events`);
  await until('it ends', () => killed.ended);
  assert.deepEqual(
    killed.messages.map(({ state }) => state),
    ['interrupted'],
  );
});

test('the list tells what comes, changes and goes', async (t) => {
  const it = await served(t);
  const feed = listen(t, it, '/builds/events');
  await until('it listens', () => feed.status === 200);
  const id = '20260103-000000000-cccc';
  const changes = (): string[] =>
    feed.messages.flatMap(({ changed, removed }) => [
      ...(changed as { id: string; state: string }[]).map((row) => `${row.id} ${row.state}`),
      ...(removed as string[]).map((gone) => `${gone} removed`),
    ]);
  const build = running(it, id);
  await until('the new one is told', () => changes().includes(`${id} running`));
  build.append('{"e":"close","t":11,"status":{"exit":0},"jobs":1,"failed":0}\n');
  await until('its end is told', () => changes().includes(`${id} finished`));
  fs.rmSync(buildFolder(it.store, OLDER), { recursive: true });
  await until('removal is told', () => changes().includes(`${OLDER} removed`));
  assert.deepEqual(changes(), [`${id} running`, `${id} finished`, `${OLDER} removed`]);
});

test('a server that is started again at the same port goes on where it was', async (t) => {
  const it = await served(t);
  const id = '20260103-000000000-cccc';
  const build = running(it, id);
  const first = listen(t, it, `/b/${id}/events`);
  await until('it is told how things are', () => first.messages.length === 1);
  await it.close();
  await until('the connection is cut', () => first.ended);
  build.append('{"e":"out","t":9,"sizes":[[1,40]]}\n');
  const { port, store, token } = it;
  const again = await startServer({ store, page: 'nowhere', host: '127.0.0.1', port, token });
  t.after(() => again.close());
  const second = listen(t, { ...it, ...again }, `/b/${id}/events`, first.ids.at(-1));
  await until('it is told', () => second.messages.length === 1);
  assert.equal(second.messages[0]?.journal, fs.statSync(build.file).size);
  assert.match((await ask({ ...it, ...again }, '/')).text, /the page was not built/);
});

test('a port that is taken is said in a line', async (t) => {
  const it = await served(t);
  await assert.rejects(
    startServer({ store: it.store, page: '', host: '127.0.0.1', port: it.port, token: it.token }),
    { message: `127.0.0.1:${it.port}: another program listens there; --port 0 takes a free one` },
  );
});
