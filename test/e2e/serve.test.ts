// `loglin serve` as it is called: its line, its end, its options, and the page of a build that runs.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { LOGLIN, type Started, type Tree, tree, until } from '../rig/tree.ts';

interface Server extends Started {
  /** The line on stdout. */
  readonly line: string;
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  get(path: string): Promise<Response>;
}

async function serve(t: TestContext, it: Tree, ...options: readonly string[]): Promise<Server> {
  const out = it.path(`out${Math.random()}`);
  const stdout = fs.openSync(out, 'w');
  const started = it.start([LOGLIN, 'serve', ...options], { stdout, env: stateOf(it) });
  fs.closeSync(stdout);
  t.after(() => {
    started.child.kill('SIGKILL');
  });
  await until('the address is printed', () => fs.readFileSync(out, 'utf8').includes('\n'));
  const line = fs.readFileSync(out, 'utf8');
  const [, base = '', token = ''] =
    /^(http:\/\/[^/]+\/)\?token=([\w-]{32})(?:#b\/[\w-]+)?\n$/.exec(line) ?? [];
  assert.notEqual(base, '', line);
  const headers = { authorization: `Bearer ${token}` };
  return { ...started, line, base, headers, get: (path) => fetch(base + path, { headers }) };
}

const stateOf = (it: Tree): Record<string, string> => ({
  XDG_STATE_HOME: it.path('state'),
  XDG_CACHE_HOME: it.path('cache'),
});

test('serve prints its address, and Ctrl-C ends it well', async (t) => {
  const it = tree(t, { Makefile: 'all: ; @echo said\n' });
  await it.loglin('-q', 'make');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const server = await serve(t, it);
    const rows = (await (await server.get('api/builds')).json()) as { argv: string[] }[];
    assert.deepEqual(
      rows.map(({ argv }) => argv),
      [['make']],
    );
    server.child.kill(signal);
    const { end, stderr } = await server.ended;
    assert.deepEqual([end, stderr], ['exit 0', '']);
  }
});

test('the token stays, for this user alone; without its file there is a new one', async (t) => {
  const it = tree(t, { Makefile: 'all: ; @echo said\n' });
  await it.loglin('-q', 'make');
  const tokens: string[] = [];
  for (let i = 0; i < 3; i++) {
    const server = await serve(t, it);
    const [name = ''] = fs.readdirSync(it.path('state/loglin/serve'));
    const file = it.path(`state/loglin/serve/${name}`);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.match(fs.readFileSync(file, 'utf8'), /"url":"http:/);
    server.child.kill('SIGINT');
    await server.ended;
    assert.doesNotMatch(fs.readFileSync(file, 'utf8'), /"url"/);
    tokens.push(server.line.split('=')[1] ?? '');
    // What others can read is no secret.
    if (i === 1) fs.chmodSync(file, 0o644);
  }
  assert.equal(tokens[0], tokens[1]);
  assert.notEqual(tokens[1], tokens[2]);
});

/** What the server says of a build: its files, with logs 0 to 1. */
async function filesOf(server: Server, id: string): Promise<string[]> {
  const names = ['meta', 'journal.ndjson', 'graph.ndjson', 'sizes', 'logs/0.log', 'logs/1.log'];
  const texts = [];
  for (const name of names) {
    const answer = await server.get(`b/${id}/${name}`);
    texts.push(`${name} ${answer.status} ${await answer.text()}`);
  }
  return texts;
}

test('serve -b shows a build of a remote as after pull, and leaves nothing behind', async (t) => {
  const it = tree(t, { Makefile: 'all: ; @echo said\n' });
  it.write({ '.loglin.json': JSON.stringify({ remotes: { ci: it.path('remote') }, project: 'p' }) });
  await it.loglin('-q', 'make');
  const pushed = await it.loglin('push');
  assert.equal(pushed.end, 'exit 0', pushed.stderr);
  fs.rmSync(it.path('.loglin'), { recursive: true });
  const shared = await serve(t, it, '-b', 'ci:@last');
  const [, id = ''] = /#b\/([\w-]+)\n$/.exec(shared.line) ?? [];
  const files = await filesOf(shared, id);
  assert.match(files.join('\n'), /^logs\/1\.log 200 said$/m);
  const cache = it.path('cache/loglin/shared');
  assert.equal(fs.readdirSync(cache).length, 1);
  shared.child.kill('SIGINT');
  assert.deepEqual([(await shared.ended).end, fs.readdirSync(cache)], ['exit 0', []]);
  assert.ok(!fs.existsSync(it.path('state')) || fs.readdirSync(it.path('state/loglin/serve')).length === 0);
  const { stderr, end } = await it.loglin('pull', `ci:${id}`);
  assert.equal(end, 'exit 0', stderr);
  const pulled = await serve(t, it, '-b', id);
  assert.deepEqual(await filesOf(pulled, id), files);
});

test('--open gives the browser a token for one use, not that of the server', async (t) => {
  const it = tree(t, {
    Makefile: 'all: ; @echo said\n',
    browser: '#!/bin/sh\necho "$1" >opened.new && mv opened.new opened\n',
  });
  await it.loglin('-q', 'make');
  const started = it.start([LOGLIN, 'serve', '--open'], {
    env: { ...stateOf(it), BROWSER: it.path('browser') },
  });
  t.after(() => started.child.kill('SIGKILL'));
  const url = await it.line('opened');
  const opened = await fetch(url, { redirect: 'manual' });
  assert.equal(opened.status, 303);
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  assert.equal((await fetch(new URL('api/builds', url), { headers: { cookie } })).status, 200);
  assert.equal((await fetch(url, { redirect: 'manual' })).status, 403);
  started.child.kill('SIGINT');
  const { stdout } = await started.ended;
  assert.notEqual(stdout.trim(), url);
});

test('what cannot be served is said in one line', async (t) => {
  const it = tree(t, {});
  for (const [options, status, line] of [
    [[], 1, /^loglin: no builds in .*; record one: loglin make\n$/],
    [['--port', 'x'], 125, /^loglin: --port x: want a number up to 65535\n$/],
    [['--port', '65536'], 125, /^loglin: --port 65536: want a number up to 65535\n$/],
    [['x'], 125, /^loglin: x: loglin serve takes no argument; see loglin serve --help\n$/],
  ] as const) {
    const { stdout, stderr, end } = await it.loglin('serve', ...options);
    assert.deepEqual([stdout, end], ['', `exit ${status}`]);
    assert.match(stderr, line);
  }
  fs.mkdirSync(it.path('.loglin'));
  const { stderr, end } = await it.loglin('serve', '--host', '192.0.2.1');
  assert.deepEqual([stderr, end], ['loglin: 192.0.2.1:0: not an address of this machine\n', 'exit 125']);
});

test('with another host, stderr says what that means', async (t) => {
  const it = tree(t, { Makefile: 'all: ; @echo said\n' });
  await it.loglin('-q', 'make');
  const started = it.start([LOGLIN, 'serve', '--host', '0.0.0.0'], { env: stateOf(it) });
  let said = '';
  started.child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  await until('it is said', () => said.includes('\n'));
  assert.equal(said, 'loglin: 0.0.0.0: what is sent is not encrypted; whoever reads it knows the token\n');
  started.child.kill('SIGINT');
  assert.equal((await started.ended).end, 'exit 0');
});

test('a build that runs is told while it runs, byte for byte', async (t) => {
  const it = tree(t, { Makefile: 'all: ; @echo one; cat fifo >/dev/null; echo two\n' });
  fs.mkdirSync(it.path('.loglin'));
  const server = await serve(t, it);
  await it.run(['mkfifo', 'fifo']);
  const build = it.start([LOGLIN, '-q', 'make']);
  await until('the build is there', () => fs.existsSync(it.path('.loglin/builds')));
  let id = '';
  await until('the build has an id', () => {
    id = fs.readdirSync(it.path('.loglin/builds')).find((name) => /^\d/.test(name)) ?? '';
    return id !== '';
  });
  const log = async (): Promise<string> => {
    const answer = await server.get(`b/${id}/logs/1.log`);
    return answer.ok ? answer.text() : '';
  };
  const events = await server.get(`b/${id}/events`);
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  let told = '';
  const read = async (what: RegExp): Promise<void> => {
    while (!what.test(told)) {
      const { value, done } = await reader.read();
      assert.ok(!done, told);
      told += value;
    }
  };
  await read(/"state":"running"/);
  await until('the first line is there', () => fs.existsSync(it.path(`.loglin/builds/${id}/logs/1.log`)));
  for (let text = ''; text !== 'one\n'; text = await log());
  fs.writeFileSync(it.path('fifo'), '');
  await read(/"state":"finished","ended":true/);
  assert.equal(await log(), 'one\ntwo\n');
  assert.equal((await build.ended).end, 'exit 0');
  server.child.kill('SIGINT');
  assert.equal((await server.ended).end, 'exit 0');
});
