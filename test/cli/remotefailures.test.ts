// What goes wrong while builds are shared: pushes that are killed, disks that are full, servers that are
// slow, lists that are long.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { rowKey } from '../../src/remote/row.ts';
import { A, B, env, machines, record } from '../rig/machines.ts';
import { LOGLIN_BIN, type Sandbox } from '../rig/sandbox.ts';
import { isRoot, needs } from '../rig/tree.ts';

/** On the second machine, nothing is there; after another push, all of it; and nothing is left behind. */
function mendsItself(ci: Sandbox, desk: Sandbox, what: string, changes = env(desk)): void {
  const listed = desk.loglin(['ls', 'ci', '--json'], changes);
  assert.deepEqual([listed.stdout, listed.status], ['', 0], `${what}: ${listed.stderr}`);
  assert.match(desk.loglin(['show', '-b', 'ci:'], changes).stderr, /no builds of p in /, what);
  const again = ci.loglin(['push'], { ...changes, ...env(ci) });
  assert.match(again.stdout, /^ci:\S+ {2}pushed/, `${what}: ${again.stderr}`);
  assert.equal(desk.loglin(['show', 'a', '-b', 'ci:'], changes).stdout, '▸ a\nsaid\n', what);
  assert.deepEqual(fs.readdirSync(ci.path('.loglin/builds')), [A], what);
}

test('a push into a folder, killed at each of its steps, is in no listing; the next one mends it', (t) => {
  if (!needs(t, 'strace')) return;
  const { ci, desk, remote } = machines(t);
  record(ci, A, 'said\n');
  for (const call of ['fsync', 'rename'])
    for (let n = 1; n <= 4; n++) {
      fs.rmSync(remote, { recursive: true, force: true });
      fs.rmSync(desk.path('.cache'), { recursive: true, force: true });
      const killed = ci.run(
        ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`].concat([
          '-e',
          `inject=${call}:signal=KILL:when=${n}`,
          LOGLIN_BIN,
          'push',
        ]),
        env(ci),
      );
      assert.equal(killed.stdout, '', `${call} ${n}: ${killed.stderr}`);
      // The last rename is that of the row; the signal comes when the call is made, or is over.
      if (call === 'rename' && n === 4 && desk.loglin(['ls', 'ci'], env(desk)).stdout !== '') continue;
      mendsItself(ci, desk, `${call} ${n}`);
    }
});

test('a remote whose disk is full is one line, and what was there stays', (t) => {
  if (!isRoot() || !needs(t, 'unshare')) return;
  const { ci, remote } = machines(t);
  record(ci, A, 'said\n');
  record(ci, B, Array.from({ length: 60_000 }, (_, i) => `${(i * 7919) % 60_013} ${i}\n`).join(''));
  fs.mkdirSync(remote);
  const script = `mount -t tmpfs -o size=96k none "$1" || exit 99
    "$0" push -b ${A}; "$0" push -b ${B}; echo "status $?"; find "$1" -type f | grep -c logs.pack
    ls "$1/tmp" && "$0" show a -b ci: && "$0" ls ci | wc -l
    mount -o remount,size=8m "$1"; "$0" push -b ${B} && "$0" ls ci | wc -l`;
  const ran = ci.run(['unshare', '-m', 'sh', '-c', script, LOGLIN_BIN, remote], env(ci));
  assert.match(ran.stderr, /^loglin: \S+logs\.pack: no space left on device\n$/);
  assert.match(ran.stdout, /^ci:\S+ {2}pushed, .*\nstatus 125\n1\n▸ a\nsaid\n1\nci:\S+ {2}pushed, .*\n2\n$/);
});

/** A server that speaks as much of S3 as is asked of it. */
async function serverOf(
  t: TestContext,
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<Record<string, string>> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'geheimgeheim',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
}

/** The key of a build, the n-th before the last. */
function keyOf(n: number): string {
  const at = Date.UTC(2026, 0, 1) - n * 1000;
  return rowKey({
    v: 1,
    id: `20260101-000000000-aaaa-${String(n).padStart(12, '0')}`,
    project: 'p',
    at,
    result: 'ok',
    ms: 1,
    jobs: 300,
    failed: 0,
    revision: 'a'.repeat(40),
    branch: 'main',
    command: 'make -j16',
    tags: {},
    failures: [],
    sizes: { record: 1, pack: 1, logs: 1 },
  });
}

test('100,000 builds in a list: a request for 1,000, and no more memory than for few', async (t) => {
  const { desk } = machines(t);
  desk.write('.loglin.json', JSON.stringify({ remotes: { ci: 's3://b' }, project: 'p' }));
  const count = 100_000;
  let requests = 0;
  const server = await serverOf(t, (request, response) => {
    requests++;
    const { searchParams } = new URL(request.url ?? '', 'http://h');
    const after = /-(\d{12})~/.exec(searchParams.get('start-after') ?? '')?.[1];
    const from = after === undefined ? 0 : Number(after) + 1;
    const most = Math.min(count, from + Number(searchParams.get('max-keys')));
    let text = '';
    for (let n = from; n < most; n++) text += `<Contents><Key>${keyOf(n)}</Key></Contents>`;
    response.end(`<ListBucketResult><IsTruncated>${most < count}</IsTruncated>${text}</ListBucketResult>`);
  });
  const asked = async (...args: string[]): Promise<[string, string, number]> => {
    requests = 0;
    // What kept them all would not fit.
    const changes = { ...env(desk), ...server, NODE_OPTIONS: '--max-old-space-size=24' };
    const { stdout, stderr } = await desk.loglinBeside(args, changes);
    return [stdout, stderr, requests];
  };
  const [rows, said, few] = await asked('ls', 'ci', '-n', '2000', '--json');
  assert.deepEqual([rows.trimEnd().split('\n').length, said, few], [2000, '', 2]);
  const [, none, all] = await asked('show', '-b', 'ci:@failed');
  assert.match(none, /^loglin: build ci:@failed: there is none of p in s3:\/\/b\n$/);
  assert.equal(all, count / 1000 + 1);
});

test('a server that stalls, is busy, forbids or has another time is one line, and nothing is half done', async (t) => {
  const { ci } = machines(t);
  ci.write('.loglin.json', JSON.stringify({ remotes: { ci: 's3://b' }, project: 'p' }));
  record(ci, A, 'said\n');
  const written: string[] = [];
  let put: [number, string] | undefined = undefined as [number, string] | undefined;
  const server = await serverOf(t, (request, response) => {
    request.resume();
    if (request.method === 'GET') {
      const list = request.url?.includes('list-type') ?? false;
      response.writeHead(list ? 200 : 404).end(list ? '<ListBucketResult/>' : '');
      return;
    }
    written.push(path.basename(new URL(request.url ?? '', 'http://h').pathname));
    // The marker can be written, the pack cannot.
    if (written.length === 1) response.end();
    else if (put) response.writeHead(put[0]).end(`<Error><Code>${put[1]}</Code></Error>`);
  });
  const changes = { ...env(ci), ...server, LOGLIN_REMOTE_TIMEOUT: '0.2', LOGLIN_REMOTE_TRIES: '2' };
  for (const [told, said, times] of [
    [undefined, /127\.0\.0\.1:\d+: no answer for 0\.2 s/, 2],
    [[503, 'SlowDown'], /cannot write: 503 SlowDown/, 2],
    [[403, 'AccessDenied'], /cannot write: 403 AccessDenied; these credentials do not allow it/, 1],
    [
      [403, 'RequestTimeTooSkewed'],
      /cannot write: 403 RequestTimeTooSkewed; this machine's clock is wrong/,
      1,
    ],
  ] as const) {
    written.length = 0;
    put = told && [told[0], told[1]];
    const { stdout, stderr, status } = await ci.loglinBeside(['push'], changes);
    assert.match(stderr, new RegExp(`^loglin: s3://b: ${said.source}\n$`));
    assert.deepEqual([stdout, status], ['', 125]);
    assert.deepEqual(written, ['loglin.json', ...Array<string>(times).fill('logs.pack')]);
    assert.doesNotMatch(stderr, /geheim/);
    assert.deepEqual(fs.readdirSync(ci.path('.loglin/builds')), [A]);
  }
});
