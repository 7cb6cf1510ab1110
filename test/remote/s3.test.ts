// Shared builds in an object store: OpenStack Swift for what works, a server of our own for what goes wrong.

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openRemote } from '../../src/remote/open.ts';
import { Sandbox, type Outcome } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { SWIFT_SECRET, type Swift, startSwift } from '../rig/swift.ts';
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

  await t.test('two pushes at once: of one build, and of two', async () => {
    const pushes = machines.map((machine, i) => {
      const id = `2026010${3 + i}-000000000-cccc`;
      record(machine, id, `said at once ${i}\n`);
      return [machine, machine].map((one) => one.loglinBeside(['push', '-b', id], env(one)));
    });
    for (const { stdout, stderr } of await Promise.all(pushes.flat()))
      assert.match(stdout, /^ci:2026010[34]-\S+ {2}(pushed|is there already)/, stderr);
    assert.equal(ran(first, 'ls', 'ci', '--since', '2026-01-03').stdout.trimEnd().split('\n').length, 2);
    assert.equal(ran(first, 'show', 'a', '-b', 'ci:').stdout, '▸ a\nsaid at once 1\n');
    assert.equal(ran(second, 'show', 'a', '-b', 'ci:-1').stdout, '▸ a\nsaid at once 0\n');
  });

  await t.test('killed at each request; and no request is made with credentials in ps', async (t) => {
    await killedAtEachRequest(t, swift);
  });
});

/** Names and arguments of all processes. */
function commandLines(): string {
  const lines = fs.readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [fs.readFileSync(`/proc/${name}/cmdline`, 'utf8')] : [];
    } catch {
      // It has ended.
      return [];
    }
  });
  return lines.join('\n');
}

/** Pushes through a proxy that kills the push when a request comes, or when it was answered. */
async function killedAtEachRequest(t: TestContext, swift: Swift): Promise<void> {
  const machine = sandbox(t);
  machine.write('.loglin.json', JSON.stringify({ remotes: { ci: 's3://builds/k' }, project: 'k' }));
  record(machine, A, 'said\n');
  let requests = 0;
  let kill: { readonly at: number; readonly after: boolean } | undefined;
  let push: ChildProcess | undefined;
  const proxy = http.createServer((request, response) => {
    const mine = ++requests;
    assert.ok(!commandLines().includes(SWIFT_SECRET), 'ps shows credentials');
    const { method, url, headers } = request;
    if (kill?.at === mine && !kill.after) {
      push?.kill('SIGKILL');
      return;
    }
    const there = http.request(new URL(url ?? '', swift.endpoint), { method, headers }, (answer) => {
      if (kill?.at === mine) push?.kill('SIGKILL');
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    // What was cut off on one side is on the other one, too.
    there.on('error', () => response.destroy());
    request.pipe(there);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const changes = {
    ...swift.env,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    XDG_CACHE_HOME: machine.path('cache'),
  };
  const direct = { ...changes, ...swift.env };
  const remove = openRemote('s3://builds/k', { ...swift.env, HOME: '/nonexistent' });
  for (let at = 1, last = false; !last; at++)
    for (const after of [false, true]) {
      requests = 0;
      kill = { at, after };
      const { stdout, signal } = await machine.loglinBeside(['push'], changes, (child) => (push = child));
      last ||= signal === null;
      if (last) break;
      const listed = machine.loglin(['ls', 'ci'], direct).stdout;
      // What it said is true: it was killed when it looked for the page.
      if (stdout !== '') assert.match(listed, / ok /, stdout);
      // Its last request was answered: it has done all.
      if (listed !== '') {
        assert.ok(after || stdout !== '', `request ${at}`);
        assert.equal(machine.loglin(['show', 'a', '-b', 'ci:'], direct).stdout, '▸ a\nsaid\n');
        for (const key of await remove.list('v1/k/i/', undefined, 9)) await remove.remove(key);
      }
    }
  remove.close();
  assert.ok(requests >= 5, `${requests} requests`);
  assert.equal(machine.loglin(['show', 'a', '-b', 'ci:'], direct).stdout, '▸ a\nsaid\n');
  // No file of ours has the secret.
  for (const name of fs.readdirSync(machine.folder, { recursive: true, encoding: 'utf8' })) {
    const file = machine.path(name);
    if (fs.statSync(file).isFile()) assert.ok(!fs.readFileSync(file).includes(SWIFT_SECRET), name);
  }
}

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
