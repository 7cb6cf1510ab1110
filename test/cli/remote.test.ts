// The commands remote, push, pull and ls REMOTE, and -b REMOTE:ID in all that look at builds.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { A, B, env, machines, record } from '../rig/machines.ts';
import { startNginx } from '../rig/nginx.ts';
import { type Changes, Sandbox } from '../rig/sandbox.ts';
import { Random } from '../rig/seeded.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { needs } from '../rig/tree.ts';

const SAMPLES = path.join(import.meta.dirname, '../../sample-logs');

test('what is pushed on one machine is listed, shown and pulled on another one', (t) => {
  const { ci, desk } = machines(t);
  record(ci, A, 'said by a\n');
  record(ci, B, 'said by b\n');
  const pushed = ci.loglin(['push', '-b', A, '-b', B, '--tag', 'os=linux'], env(ci));
  assert.match(
    pushed.stdout,
    /^ci:20260101-000000000-aaaa-[0-9a-f]{12} {2}pushed, .*\nci:20260102-000000000-bbbb-/,
  );
  assert.deepEqual([pushed.stderr, pushed.status], ['', 0]);
  const listed = desk.loglin(['ls', 'ci'], env(desk));
  assert.match(listed.stdout, /^20260101-\S+ .* ok .*1 job.*\n20260102-\S+ .*\n$/);
  assert.equal(desk.loglin(['ls', 'ci', '--tag', 'os=mac'], env(desk)).stdout, '');
  const shown = desk.loglin(['show', 'a', '-b', 'ci:-1'], env(desk));
  assert.deepEqual([shown.stdout, shown.stderr, shown.status], ['▸ a\nsaid by a\n', '', 0]);
  const differ = desk.loglin(['diff', '-b', 'ci:-1..ci:@last', '--name-only'], env(desk));
  assert.equal(differ.stdout, 'a\n', differ.stderr);
  const pulled = desk.loglin(['pull', 'ci:@last'], env(desk));
  assert.deepEqual([pulled.stdout, pulled.stderr, pulled.status], [`${B}  pulled\n`, '', 0]);
  assert.equal(desk.loglin(['show', 'a'], env(desk)).stdout, '▸ a\nsaid by b\n');
  assert.equal(
    desk.loglin(['pull', 'ci:@last'], env(desk)).stderr,
    `loglin: build ${B}: is in the store already\n`,
  );
});

test('remotes are added, listed and removed; what others named stays', (t) => {
  const { ci, remote } = machines(t);
  const run = (...args: string[]): string => {
    const { stdout, stderr } = ci.loglin(['remote', ...args], env(ci));
    return stdout + stderr;
  };
  assert.equal(run(), `ci  ${remote}\n`);
  assert.equal(run('add', 'nfs', 'builds'), `nfs  ${ci.path('builds')}\n`);
  assert.equal(run('add', 's3', 's3://bucket/a/b'), 's3  s3://bucket/a/b\n');
  assert.equal(run('ls'), `ci   ${remote}\nnfs  ${ci.path('builds')}\ns3   s3://bucket/a/b\n`);
  assert.equal(run('add', 's3', 'x'), 'loglin: s3: is s3://bucket/a/b already; loglin remote rm s3\n');
  assert.equal(run('rm', 's3'), '');
  assert.equal(run('rm', 's3'), 'loglin: s3: no such remote; known: ci, nfs\n');
  assert.equal(run('rm', 'ci'), `loglin: ci: is in ${ci.path('.loglin.json')}; remove it there\n`);
  assert.equal(run('add', 'a:b', 'x'), 'loglin: a:b: want a name of letters, digits, -, _ and .\n');
  assert.equal(run('add', 'x'), 'loglin: remote add: want a name and a URL\n');
  assert.equal(
    run('add', 'x', 'ftp://x'),
    'loglin: the URL of a remote: want a folder, s3://bucket/prefix or https://host/path\n',
  );
  for (const url of [
    's3://KEY:geheim@bucket/x',
    'https://u:geheim@h/x',
    'https://h/x?X-Amz-Signature=geheim',
  ]) {
    const said = run('add', 'x', url);
    assert.match(said, /no credentials in a URL/);
    assert.doesNotMatch(said, /geheim/);
  }
});

test('what cannot be pushed, pulled or found is one line', (t) => {
  const { ci, desk, remote } = machines(t);
  record(ci, A, 'x\n');
  const said = (machine: Sandbox, ...args: string[]): string => {
    const { stdout, stderr, status } = machine.loglin(args, env(machine));
    assert.notEqual(status, 0, args.join(' '));
    assert.equal(stdout, '');
    return stderr;
  };
  assert.equal(
    said(desk, 'show', '-b', 'ci:@last'),
    `loglin: no builds of p in ${remote}; push one: loglin push ci\n`,
  );
  assert.equal(
    said(desk, 'show', '-b', 'ci:2026'),
    'loglin: build ci:2026: there is no such build; `loglin ls ci` lists them\n',
  );
  assert.equal(said(desk, 'show', '-b', 'none:@last'), 'loglin: none: no such remote; known: ci\n');
  assert.equal(said(desk, 'pull', 'x'), 'loglin: pull x: want a remote and a build, as ci:@last\n');
  assert.equal(
    said(desk, 'push'),
    `loglin: no builds in ${desk.path('.git')}; record one: loglin make\n`.replace(
      desk.path('.git'),
      desk.path('.loglin'),
    ),
  );
  assert.equal(said(ci, 'push', '--tag', 'x'), 'loglin: --tag x: want name=value, as --tag os=linux\n');
  fs.writeFileSync(remote, 'a file, not a folder');
  assert.match(said(ci, 'push'), /^loglin: .*: (file already exists|not a directory|ENOTDIR|EEXIST).*\n$/i);
  assert.deepEqual(fs.readdirSync(ci.path('.loglin/builds')), [A]);
});

test('secrets of the environment stay here, unless somebody says so', (t) => {
  const { ci, remote } = machines(t);
  record(ci, A, 'the token is hunter2hunter2.\n');
  const secret = { ...env(ci), MY_TOKEN: 'hunter2hunter2' };
  const { stdout } = ci.loglin(['push'], secret);
  assert.match(stdout, /, 1 secret redacted\n$/);
  const shown = ci.loglin(['show', 'a', '-b', 'ci:@last'], env(ci));
  assert.equal(shown.stdout, '▸ a\nthe token is [redacted****].\n');
  for (const name of fs.readdirSync(remote, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(remote, name);
    if (fs.statSync(file).isFile()) assert.ok(!fs.readFileSync(file).includes('hunter2'), name);
  }
  fs.rmSync(remote, { recursive: true });
  const open = ci.loglin(['push', '--no-redact'], secret);
  assert.match(
    open.stderr,
    /^loglin: --no-redact: what the logs and commands hold of passwords and tokens leaves/,
  );
  assert.equal(
    ci.loglin(['show', 'a', '-b', 'ci:@last'], { XDG_CACHE_HOME: ci.path('c2') }).stdout,
    '▸ a\nthe token is hunter2hunter2.\n',
  );
});

/** What looks at a build; `-b` at the end: two builds. */
const LOOKS = [
  ['show'],
  ['show', '--json'],
  ['show', 'lapi.o', '--times'],
  ['show', '--prefix', '--order', 'launch'],
  ['jobs', '--json'],
  ['why', 'lapi.o'],
  ['why', '--tree'],
  ['grep', '-n', 'gcc'],
  ['problems'],
  ['time'],
  ['diff', '--stat', '-b'],
  ['export', '--html', 'page.html'],
  ['export', '-o', 'build.tar.gz'],
];

/** What all of them print, and the files that they write. */
function looks(machine: Sandbox, build: string, changes: Changes): unknown[] {
  return LOOKS.map((command) => {
    const args = command.at(-1) === '-b' ? [...command, `${build}..${build}`] : [...command, '-b', build];
    const { stdout, stderr, status } = machine.loglin(args, changes);
    const file = command[0] === 'export' ? machine.path(command.at(-1)!) : undefined;
    const written = file !== undefined && fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
    const hash = createHash('sha256').update(written).digest('hex');
    if (file !== undefined) fs.rmSync(file);
    return { command: command.join(' '), stdout, stderr, status, hash: file?.endsWith('html') && hash };
  });
}

test('every command prints of a shared build what it prints of the same build after pull', (t) => {
  const { ci, desk } = machines(t);
  fs.cpSync(path.join(SAMPLES, 'lua'), ci.path('.loglin'), { recursive: true });
  const pushed = ci.loglin(['push'], env(ci));
  assert.equal(pushed.status, 0, pushed.stderr);
  const shared = looks(desk, 'ci:@last', env(desk));
  assert.deepEqual(
    fs.readdirSync(desk.path('.cache/loglin/shared')).filter((name) => name.startsWith('whole')),
    [],
  );
  const pulled = desk.loglin(['pull', 'ci:@last'], env(desk));
  assert.equal(pulled.status, 0, pulled.stderr);
  assert.deepEqual(shared, looks(desk, '@last', env(desk)));
  assert.match(desk.loglin(['path', '-b', 'ci:@last'], env(desk)).stderr, /pull it first/);
});

test('behind a web server, builds are read by ranges over TLS, with few requests', async (t) => {
  if (!needs(t, 'nginx', 'openssl')) return;
  const { ci, desk, remote } = machines(t);
  fs.cpSync(path.join(SAMPLES, 'lua'), ci.path('.loglin'), { recursive: true });
  // A pack that nobody wants to have whole.
  const random = new Random(1);
  let noise = '';
  for (let i = 0; i < 60_000; i++) noise += `${random.below(1e9)} ${random.below(1e9)}\n`;
  const story = new Story('make').make('make').start('big', { make: 'make' }).say('big', noise).end('big');
  story.start('small', { make: 'make' }).say('small', 'said by small\n').end('small');
  storeBuild(ci.path('.loglin'), story.makeEnds('make').end('make'), { id: A });
  const [lua = ''] = fs.readdirSync(ci.path('.loglin/builds')).filter((name) => name !== A);
  assert.equal(ci.loglin(['push', '-b', A, '-b', lua], env(ci)).status, 0);
  const nginx = await startNginx(t, desk.path('nginx'), path.dirname(remote));
  const url = `${nginx.url}/${path.basename(remote)}`;
  desk.write('.loglin.json', JSON.stringify({ remotes: { ci: url }, project: 'p' }));
  const trusting = { ...env(desk), NODE_EXTRA_CA_CERTS: nginx.certificate };
  assert.match(
    desk.loglin(['ls', 'ci'], env(desk)).stderr,
    /^loglin: https:\/\/127\.0\.0\.1:\d+\/builds: .*self-signed certificate/,
  );
  nginx.asked();
  const small = desk.loglin(['show', 'small', '-b', `ci:${A}`], trusting);
  assert.deepEqual([small.stdout, small.stderr], ['▸ small\nsaid by small\n', '']);
  const asked = nginx.asked();
  const bytes = asked.reduce((sum, one) => sum + one.bytes, 0);
  const pack = fs.statSync(
    path.join(remote, 'v1/p/b', fs.readdirSync(path.join(remote, 'v1/p/b'))[0]!, 'logs.pack'),
  );
  t.diagnostic(`show of one target: ${asked.length} requests, ${bytes} bytes; the pack has ${pack.size}`);
  // The list, the record, a range of the pack.
  assert.ok(asked.length <= 3 && bytes < 200_000, JSON.stringify(asked));
  const shared = looks(desk, `ci:${lua}`, trusting);
  t.diagnostic(`${LOOKS.length} commands: ${nginx.asked().length} requests`);
  assert.equal(desk.loglin(['pull', `ci:${lua}`], trusting).status, 0);
  assert.deepEqual(shared, looks(desk, '@last', trusting));
  record(desk, B, 'x\n');
  assert.match(desk.loglin(['push', '-b', B], trusting).stderr, /a web server is for reading/);
});

test('a build is pushed at its end, and a remote that is gone changes nothing but a line of the next build', (t) => {
  const { ci, remote } = machines(t);
  const config = (push: string): void => {
    ci.write('.loglin.json', JSON.stringify({ remotes: { ci: remote }, project: 'p', push }));
  };
  config('failed');
  fs.writeFileSync(remote, 'a file, not a folder');
  const noted = ci.path('.loglin/push-failed');
  const until = (there: () => boolean): void => {
    for (const end = Date.now() + 60_000; !there();) {
      assert.ok(Date.now() < end, 'the push in the background has not come to its end');
      ci.run(['sleep', '0.05']);
    }
  };
  const build = (script: string): string => {
    const { stderr, stdout, status } = ci.loglin(['sh', '-c', script], env(ci));
    assert.deepEqual([stdout.slice(0, 6), status], ['built\n', script.endsWith('3') ? 3 : 0]);
    return stderr;
  };
  assert.doesNotMatch(build('echo built'), /pushed/);
  assert.doesNotMatch(build('echo built; exit 3'), /pushed/);
  until(() => fs.existsSync(noted) && fs.readFileSync(noted, 'utf8').endsWith('\n'));
  fs.rmSync(remote);
  assert.match(build('echo built; exit 3'), /^loglin: a build was not pushed: .*\n$/m);
  until(() => ci.loglin(['ls', 'ci'], env(ci)).stdout.includes('exit 3'));
  config('always');
  build('echo built');
  until(() => ci.loglin(['ls', 'ci'], env(ci)).stdout.includes(' ok '));
});
