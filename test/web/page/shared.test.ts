// The page beside shared builds: nginx in front of a folder, and a bucket of a real object store that
// everybody may read. It reads ranges of what pushes have written, and shows what the program shows.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { type Nginx, startNginx } from '../../rig/nginx.ts';
import { startSwift } from '../../rig/swift.ts';
import { LOGLIN, type Tree, tree, until } from '../../rig/tree.ts';
import { without } from '../../rig/twin.ts';
import { PATIENCE, launch, seen, textIn } from './chromium.ts';

/** A small job, one with a warning, and one with a log of several frames. */
const PROJECT = {
  Makefile:
    'all: small big\nsmall: warn; @echo small\nwarn: ; @echo "x.c:3:4: warning: odd"\n' +
    'big: ; @for i in 1 2 3 4; do seq $${i}00000 $${i}60000; head -c 1200000 /dev/urandom | base64; done\n',
  '.loglin.json': '{ "project": "a/b c", "remotes": { "ci": "shared" } }',
};

async function opened(t: TestContext, browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('dialog', (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url.split('#')[0]!.replace(/[^/]*$/, ''))) wrong.push(request.url());
  });
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => {
      document.title = `violated: ${violatedDirective}`;
    });
  });
  t.after(async () => {
    assert.doesNotMatch(await page.title(), /^violated/);
    await page.close();
    assert.deepEqual(wrong, [], 'nothing goes wrong in the page, and it asks nobody else');
  });
  await page.goto(url);
  return page;
}

/** Pushes what loglin has recorded; @returns the remote ids. */
async function push(it: Tree, ...args: string[]): Promise<string[]> {
  const { stdout, stderr, end } = await it.loglin('push', ...args);
  assert.equal(end, 'exit 0', stderr);
  return [...stdout.matchAll(/:(\S+) {2}pushed/g)].map(([, id = '']) => id);
}

/** The folder of the project in a folder of shared builds. */
const PREFIX = 'v1/a=2Fb=20c';

interface Shown {
  readonly it: Tree;
  readonly nginx: Nginx;
  readonly url: string;
  readonly folder: string;
}

async function shown(t: TestContext): Promise<Shown> {
  const it = tree(t, PROJECT);
  const nginx = await startNginx(t, it.path('nginx'), it.path('shared'));
  return { it, nginx, url: `${nginx.url}/${PREFIX}/index.html`, folder: it.path(`shared/${PREFIX}`) };
}

describe('the page beside shared builds', { skip: without('chromium', 'nginx', 'openssl') }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch({ acceptInsecureCerts: true });
  });
  after(async () => {
    await browser.close();
  });

  test('shows what show prints, and reads of the pack what is looked at', async (t) => {
    const { it, nginx, url, folder } = await shown(t);
    await it.loglin('-q', 'make', '-j2');
    const [first = ''] = await push(it, '--page');
    nginx.asked();
    const linked = await opened(t, browser, `${url}#b/${first}/job/warn`);
    await seen(linked, 'x.c:3:4: warning: odd', '#log');
    await seen(linked, 'Log', '.tabs');
    const asked = nginx.asked().filter(({ path: asking }) => asking.includes(`/b/${first}/`));
    const pack = fs.statSync(path.join(folder, 'b', first, 'logs.pack')).size;
    assert.ok(pack > 4_500_000, `${pack} bytes`);
    assert.deepEqual(asked.map(({ path: asking }) => path.basename(asking)).sort(), ['logs.pack', 'record']);
    assert.ok(asked.reduce((sum, { bytes }) => sum + bytes, 0) < 100_000, JSON.stringify({ asked, pack }));

    await it.loglin('-q', 'make', 'small');
    const [second = ''] = await push(it);
    const page = await opened(t, browser, url);
    await seen(page, 'Ok', 'h1:not(.hidden-text)');
    await page.evaluate(() => (location.hash = '#builds'));
    for (const id of [first, second]) await page.waitForSelector(`.build[title="${id}"]`);

    for (const [id, word] of [
      [first, '-1'],
      [second, '@last'],
    ] as const)
      assert.equal(
        await textIn(page, { kind: 'build' }, id, 'shared'),
        (await it.loglin('show', '-b', word)).stdout,
        word,
      );
    await page.evaluate((id: string) => (location.hash = `#b/${id}/diff/warn`), second);
    await seen(page, `it said the same in build ${first}`, '#log');
  });

  test('a pack that is cut or damaged, and a build that is removed, are told', async (t) => {
    const { it, url, folder } = await shown(t);
    await it.loglin('-q', 'make', '-j2');
    const [id = ''] = await push(it, '--page');
    const pack = path.join(folder, 'b', id, 'logs.pack');
    const bytes = fs.readFileSync(pack);
    const damaged = Buffer.from(bytes);
    damaged[Math.floor(bytes.length / 2)]! ^= 0xff;
    for (const [content, words] of [
      [bytes.subarray(0, bytes.length / 3), /the pack of logs is cut short/],
      [damaged, /the pack of logs is damaged/],
    ] as const) {
      fs.writeFileSync(pack, content);
      const page = await opened(t, browser, `${url}#b/${id}/job/big`);
      await seen(page, words, '.log-view');
    }
    fs.rmSync(pack);
    const page = await opened(t, browser, `${url}#b/${id}/job/big`);
    await seen(page, /the logs are gone/, '.log-view');
    fs.rmSync(path.join(folder, 'b', id), { recursive: true });
    for (const build of [id, '..%2F..%2Fx', 'nosuch']) {
      const gone = await opened(t, browser, `${url}#b/${build}/build`);
      await seen(gone, /is not here|no build has such an id/, '[role=alert]');
    }
  });

  test('serve -b shows a build of a remote as it shows it after pull', async (t) => {
    const it = tree(t, PROJECT);
    await it.loglin('-q', 'make', '-j2');
    const [id = ''] = await push(it);
    const { stdout } = await it.loglin('show');
    fs.rmSync(it.path('.loglin'), { recursive: true });
    const out = it.path('out');
    const { child, ended } = it.start([LOGLIN, 'serve', '-b', `ci:${id}`], {
      stdout: fs.openSync(out, 'w'),
      env: { XDG_STATE_HOME: it.path('state') },
    });
    t.after(() => child.kill('SIGKILL'));
    await until('the address is printed', () => fs.readFileSync(out, 'utf8').includes('\n'));
    const page = await opened(t, browser, fs.readFileSync(out, 'utf8').trim().replace(/\?.*/, ''));
    await page.goto(fs.readFileSync(out, 'utf8').trim());
    await seen(page, 'Ok', 'h1:not(.hidden-text)');
    assert.equal(await textIn(page, { kind: 'build' }), stdout);
    child.kill('SIGINT');
    assert.equal((await ended).end, 'exit 0');
    assert.equal(fs.existsSync(it.path('.loglin')), false);
  });

  test(
    'a bucket that everybody may read shows them, too',
    { skip: without('swift-proxy-server', 'memcached') },
    async (t) => {
      const it = tree(t, {
        ...PROJECT,
        '.loglin.json': '{ "project": "p", "remotes": { "ci": "s3://bucket/x" } }',
      });
      fs.mkdirSync(it.path('swift'));
      const swift = await startSwift(t, it.path('swift'));
      await swift.makeBucket('bucket');
      const address = await swift.publish('bucket');
      await it.loglin('-q', 'make', '-j2');
      const { stdout, end, stderr } = await it.run([LOGLIN, 'push', '--page'], { env: swift.env });
      assert.equal(end, 'exit 0', stderr);
      assert.match(stdout, /s3:\/\/bucket\/x\/v1\/p\/index\.html {2}is the page/);
      const [, id = ''] = /:(\S+) {2}pushed/.exec(stdout) ?? [];
      const page = await opened(t, browser, `${address}/x/v1/p/index.html`);
      await seen(page, 'Ok', 'h1:not(.hidden-text)');
      assert.equal(await textIn(page, { kind: 'build' }, id, 'shared'), (await it.loglin('show')).stdout);
    },
  );
});
