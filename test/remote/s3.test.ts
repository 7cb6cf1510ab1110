// Shared builds in an object store: OpenStack Swift for what works, a server of our own for what goes wrong.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openRemote } from '../../src/remote/open.ts';
import { Sandbox, type Outcome } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { startSwift } from '../rig/swift.ts';
import { needs } from '../rig/tree.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';

function sandbox(t: TestContext): Sandbox {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  return box;
}

function record(machine: Sandbox, id: string, text: string): void {
  const story = new Story('make').make('make').start('a', { make: 'make' }).say('a', text).end('a');
  storeBuild(machine.path('.loglin'), story.makeEnds('make').end('make'), { id });
}

const SWIFT = ['swift-proxy-server', 'swift-object-server', 'memcached', 'swift-ring-builder'];

test('Swift: objects, ranges, listings and parts are what was written', { timeout: 240_000 }, async (t) => {
  if (!needs(t, ...SWIFT)) return;
  const box = sandbox(t);
  const swift = await startSwift(t, box.folder);
  await swift.makeBucket('builds');
  const remote = openRemote('s3://builds/a/b', { ...swift.env, HOME: box.folder });
  t.after(() => {
    remote.close();
  });
  assert.equal(await remote.get('none'), undefined);
  assert.deepEqual(await remote.list('v1/', undefined, 10), []);
  const names = ['x~1=2F,a!b', 'y z', 'ü', 'w'].map((name) => `v1/p/i/${name}`);
  for (const name of names) await remote.put(name, Buffer.from(name));
  for (const name of names) assert.equal((await remote.get(name))?.toString(), name);
  const sorted = [...names].sort();
  assert.deepEqual(await remote.list('v1/p/i/', undefined, 10), sorted);
  assert.deepEqual(await remote.list('v1/p/i/', sorted[1], 1), [sorted[2]]);
  assert.equal((await remote.get(names[0]!, { from: 2, to: 5 }))?.toString(), names[0]!.slice(2, 5));
  assert.equal((await remote.get(names[0]!, { from: 900, to: 950 }))?.length, 0);
  // In parts: more than 64 MiB.
  const size = 70 * 1024 * 1024;
  const file = box.path('large');
  fs.writeFileSync(file, '');
  fs.truncateSync(file, size);
  fs.appendFileSync(file, 'the end');
  let sent = 0;
  await remote.put('large', { file, size: size + 7, sent: (bytes) => (sent += bytes) });
  assert.equal(sent, size + 7);
  assert.equal((await remote.get('large', { from: size - 1, to: size + 100 }))?.toString(), '\0the end');
  await remote.remove('large');
  assert.equal(await remote.get('large'), undefined);

  // Two machines, at once.
  const machines = [A, B].map((id) => {
    const machine = sandbox(t);
    machine.write('.loglin.json', JSON.stringify({ remotes: { ci: 's3://builds/loglin' }, project: 'p' }));
    record(machine, id, `said in ${id}\n`);
    return machine;
  }) as [Sandbox, Sandbox];
  const env = (machine: Sandbox): Record<string, string> => ({
    ...swift.env,
    XDG_CACHE_HOME: machine.path('c'),
  });
  const ran = (machine: Sandbox, ...args: string[]): Outcome => machine.loglin(args, env(machine));
  for (const machine of machines) {
    const { stdout, stderr } = ran(machine, 'push');
    assert.match(stdout, /^ci:2026\S+ {2}pushed/, stderr);
  }
  const [first, second] = machines;
  assert.equal(ran(first, 'ls', 'ci').stdout.split('\n').length, 3);
  const shown = ran(second, 'show', 'a', '-b', 'ci:-1');
  assert.deepEqual([shown.stdout, shown.stderr], [`▸ a\nsaid in ${A}\n`, '']);
  assert.equal(ran(first, 'pull', 'ci:@last').stdout, `${B}  pulled\n`);
  const wrong = first.loglin(['ls', 'ci'], { ...env(first), AWS_SECRET_ACCESS_KEY: 'geheim-geheim' });
  assert.match(
    wrong.stderr,
    /^loglin: s3:\/\/builds\/loglin: cannot list: 403 SignatureDoesNotMatch; these credentials do not allow it\n$/,
  );
});

/** A server that answers as it is told; undefined: never. */
async function server(
  t: TestContext,
  answer: (request: http.IncomingMessage) => [number, string] | undefined,
): Promise<{ env: Record<string, string>; asked: string[] }> {
  const asked: string[] = [];
  const listening = http.createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    request.resume();
    const told = answer(request);
    if (told) response.writeHead(told[0]).end(told[1]);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    listening.closeAllConnections();
    listening.close();
  });
  const { port } = listening.address() as AddressInfo;
  const env = {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'geheim',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    HOME: '/nonexistent',
  };
  return { env, asked };
}

test('a server that is busy is asked again, and one that forbids is not', async (t) => {
  let busy = 2;
  const { env, asked } = await server(t, ({ method }) => {
    if (method === 'PUT') return [403, '<Error><Code>AccessDenied</Code></Error>'];
    return busy-- > 0 ? [503, '<Error><Code>SlowDown</Code></Error>'] : [200, 'text'];
  });
  const remote = openRemote('s3://b', env);
  assert.equal((await remote.get('key'))?.toString(), 'text');
  assert.equal(asked.length, 3);
  await assert.rejects(remote.put('key', Buffer.from('x')), {
    message: 's3://b: cannot write: 403 AccessDenied; these credentials do not allow it',
  });
  assert.equal(asked.length, 4);
  remote.close();
});

test('a server that is silent or gone is one line', async (t) => {
  const { env } = await server(t, () => undefined);
  const silent = openRemote('s3://b', { ...env, LOGLIN_REMOTE_TIMEOUT: '0.1', LOGLIN_REMOTE_TRIES: '2' });
  await assert.rejects(silent.get('key'), { message: /^s3:\/\/b: 127\.0\.0\.1:\d+: no answer for 0\.1 s$/ });
  silent.close();
  const gone = openRemote('s3://b', {
    ...env,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    LOGLIN_REMOTE_TRIES: '1',
  });
  await assert.rejects(gone.list('', undefined, 1), { message: 's3://b: 127.0.0.1:1: nobody listens there' });
  gone.close();
});
