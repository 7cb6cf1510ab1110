// What the server decides without a socket: routes, ranges, who may ask, what the page may do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Access, hostNames, isLoopback, newToken } from '../../src/serve/access.ts';
import { policyOf } from '../../src/serve/page.ts';
import { rangeOf } from '../../src/serve/ranges.ts';
import { routeOf } from '../../src/serve/route.ts';
import { onceToken } from '../../src/store/oncetoken.ts';

const NO_QUERY = new URLSearchParams();

for (const [path, route] of [
  ['/', { kind: 'page', name: 'index.html' }],
  ['/page.js', { kind: 'page', name: 'page.js' }],
  ['/page-AB12.min.css', { kind: 'page', name: 'page-AB12.min.css' }],
  ['/builds/events', { kind: 'buildsFeed' }],
  ['/api/builds', { kind: 'builds', before: undefined, count: 200, bad: false }],
  ['/b/20260101-000000000-aaaa/meta', { kind: 'meta', id: '20260101-000000000-aaaa' }],
  ['/b/x/journal.ndjson', { kind: 'journal', id: 'x' }],
  ['/b/x/graph.ndjson', { kind: 'graph', id: 'x' }],
  ['/b/x/sizes', { kind: 'sizes', id: 'x' }],
  ['/b/x/events', { kind: 'feed', id: 'x' }],
  ['/b/x/logs/0.log', { kind: 'log', id: 'x', job: 0 }],
  ['/b/x/logs/123456789.log', { kind: 'log', id: 'x', job: 123456789 }],
  ['/b/x/logs/12+', { kind: 'smallLogs', id: 'x', job: 12 }],
  ['/websocket', { kind: 'websocket' }],
] as const)
  test(`${path} is ${route.kind}`, () => {
    assert.deepEqual(routeOf(path, NO_QUERY), route);
  });

test('nothing else is a route', () => {
  const odd = [
    '', '//', '/b', '/b/', '/b//meta', '/b/../meta', '/b/./meta', '/b/.tmp-1-2-3/meta', '/b/-x/meta',
    '/b/x', '/b/x/', '/b/x/meta/', '/b/x/toString', '/b/x/__proto__', '/b/x/constructor', '/b/x/index', '/b/x/logs',
    '/b/x/logs/', '/b/x/logs/1', '/b/x/logs/01.log', '/b/x/logs/-1.log', '/b/x/logs/+', '/b/x/logs/01+', '/b/x/logs/1+.log', '/b/x/logs/1++', '/b/x/logs/1e3.log',
    '/b/x/logs/1234567890.log', '/b/x/logs/1.log/', '/b/x/logs/../journal.ndjson', '/b/x/logs/1.log\0',
    '/b/x%2fy/meta', '/b/%2e%2e/meta', '/b/x/logs%2f1.log', '/b/x/%6deta', '/b/x\\..\\y/meta', '/b/x y/meta',
    `/b/${'x'.repeat(201)}/meta`, '/b/ü/meta', '/../etc/passwd', '/..', '/.', '/.gitignore', '/a/b.js', '/page.js/',
    '/index', '/api', '/api/builds/', '/builds', 'b/x/meta', 'http://127.0.0.1/b/x/meta', '/%00', '/page.js%00.html',
  ]; // prettier-ignore
  for (const path of odd) assert.equal(routeOf(path, NO_QUERY), undefined, path);
});

test('a list has a bounded length, and a start that is an id', () => {
  const ask = (query: string): unknown => routeOf('/api/builds', new URLSearchParams(query));
  assert.deepEqual(ask('count=5&before=x-1&failed=1'), {
    kind: 'builds',
    before: 'x-1',
    count: 5,
    bad: true,
  });
  assert.deepEqual(ask('count=999999'), { kind: 'builds', before: undefined, count: 1000, bad: false });
  for (const query of ['count=-1', 'count=x', 'count=', 'count=1e9', 'before=../x', 'before='])
    assert.equal(ask(query), undefined, query);
});

for (const [header, range] of [
  ['bytes=0-9', { from: 0, to: 10 }],
  ['bytes=0-0', { from: 0, to: 1 }],
  ['bytes=90-', { from: 90, to: 100 }],
  ['bytes=90-200', { from: 90, to: 100 }],
  ['bytes=-10', { from: 90, to: 100 }],
  ['bytes=-200', { from: 0, to: 100 }],
  ['Bytes= 5-6 ', { from: 5, to: 7 }],
  ['bytes=99-99', { from: 99, to: 100 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=100-200', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=9-8', undefined],
  ['bytes=-', undefined],
  ['bytes=', undefined],
  ['bytes=0-1,5-6', undefined],
  ['lines=0-1', undefined],
  ['bytes=a-b', undefined],
  ['bytes=1.5-2', undefined],
  ['bytes=0-99999999999999999999', undefined],
  [undefined, undefined],
] as const)
  test(`Range: ${header} of 100 bytes`, () => {
    assert.deepEqual(rangeOf(header, 100), range);
  });

test('of an empty file, no range can be had', () => {
  for (const header of ['bytes=0-', 'bytes=-5', 'bytes=0-0'])
    assert.equal(rangeOf(header, 0), 'unsatisfiable');
});

const TOKEN = newToken();
const SETTING = { token: TOKEN, host: '127.0.0.1', port: 4000, cookie: 'loglin-x' };
const access = (): Access => new Access(SETTING);
const HOST = { host: '127.0.0.1:4000' };
const COOKIE = { ...HOST, cookie: `a=b; loglin-x=${TOKEN}` };

test('Host has to name an address that is listened at, with its port', () => {
  const check = (host: string | undefined): string =>
    access().check({ headers: host === undefined ? {} : { ...COOKIE, host }, query: NO_QUERY });
  for (const host of ['127.0.0.1:4000', 'localhost:4000', 'LOCALHOST:4000', '[::1]:4000'])
    assert.equal(check(host), 'cookie', host);
  for (const host of [undefined, '', '127.0.0.1', 'localhost', '127.0.0.1:4001', 'evil.example:4000', 'localhost.:4000',
    '127.0.0.1.nip.io:4000', '127.0.0.1:4000@evil.example', '0.0.0.0:4000', '::1:4000', '2130706433:4000'])
    assert.equal(check(host), 'wrong host', host); // prettier-ignore
});

test('at port 80, Host has no port', () => {
  const at80 = new Access({ ...SETTING, port: 80 });
  assert.equal(at80.check({ headers: { ...COOKIE, host: 'localhost' }, query: NO_QUERY }), 'cookie');
});

test('a server for all addresses has the names of this machine, and no others', () => {
  const names = hostNames('0.0.0.0');
  assert.ok(names.has('127.0.0.1') && names.has('localhost'));
  assert.ok(!names.has('evil.example'));
  assert.deepEqual(hostNames('192.0.2.1'), new Set(['192.0.2.1']));
});

test('only the token, whole, opens', () => {
  const it = access();
  const ask = (query: string, headers = {}): string =>
    it.check({ headers: { ...HOST, ...headers }, query: new URLSearchParams(query) });
  assert.equal(ask(`token=${TOKEN}`), 'token');
  for (const query of ['token=', 'token=x', `token=${TOKEN.slice(1)}`, `token=${TOKEN}x`])
    assert.equal(ask(query), 'wrong token', query);
  assert.equal(ask(''), 'no token');
  assert.equal(ask('', { authorization: `Bearer ${TOKEN}` }), 'cookie');
  assert.equal(ask('', { authorization: 'Bearer x' }), 'wrong token');
  assert.equal(ask('', { authorization: `Basic ${TOKEN}` }), 'no token');
  assert.equal(ask('', { cookie: `loglin-x=${TOKEN}` }), 'cookie');
  assert.equal(ask('', { cookie: `loglin-y=${TOKEN}` }), 'no token');
  assert.equal(ask('', { cookie: 'loglin-x=' }), 'wrong token');
  // A wrong token is told even if the browser has the cookie: the address is not the right one.
  assert.equal(ask('token=x', { cookie: `loglin-x=${TOKEN}` }), 'wrong token');
});

test('a token for one use opens once, and not after a minute', () => {
  const it = access();
  const check = (token: string): string => it.check({ headers: HOST, query: new URLSearchParams({ token }) });
  const once = onceToken(TOKEN);
  assert.equal(check(once), 'token');
  assert.equal(check(once), 'wrong token');
  assert.equal(check(onceToken(TOKEN)), 'token');
  assert.equal(check(onceToken(newToken())), 'wrong token');
  assert.equal(check(onceToken(TOKEN, Date.now() - 61_000)), 'wrong token');
  const [until = '', ...rest] = onceToken(TOKEN).split('.');
  assert.equal(check([Number(until) + 1, ...rest].join('.')), 'wrong token');
});

test('requests of other pages are refused, those of this machine, too; a link may be followed', () => {
  const check = (more: Readonly<Record<string, string>>): string =>
    access().check({ headers: { ...COOKIE, ...more }, query: NO_QUERY });
  for (const site of ['same-origin', 'none']) assert.equal(check({ 'sec-fetch-site': site }), 'cookie');
  for (const site of ['cross-site', 'same-site']) {
    const followed = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    assert.equal(check(followed), 'cookie');
    assert.equal(check({ ...followed, 'sec-fetch-dest': 'iframe' }), 'other site');
    assert.equal(
      check({ ...followed, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }),
      'other site',
    );
    assert.equal(check({ 'sec-fetch-site': site }), 'other site');
  }
  assert.equal(check({ origin: 'http://127.0.0.1:4000' }), 'cookie');
  for (const origin of ['http://127.0.0.1:4001', 'https://evil.example', 'null'])
    assert.equal(check({ origin }), 'other site', origin);
});

test('loopback is what only this machine reaches', () => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost', '::ffff:127.0.0.1'])
    assert.ok(isLoopback(host));
  for (const host of ['0.0.0.0', '::', '192.0.2.1', '127.0.0.1.example', 'localhost.example'])
    assert.ok(!isLoopback(host), host);
});

test('the page may run what stands in it, and nothing else', () => {
  const policy = policyOf('<style>a{}</style><script>1</script><script src="page.js"></script>');
  assert.match(
    policy,
    /default-src 'none'; script-src 'self' 'sha256-a4ayc[^']*'; style-src 'self' 'sha256-/,
  );
  assert.doesNotMatch(policy, /unsafe/);
});
