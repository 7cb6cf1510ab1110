// A page that is one file, as `loglin export --html` writes it, opened from the disk: it asks for nothing,
// shows what the build said, and nothing that the build said runs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'puppeteer-core';
import { without } from '../../rig/twin.ts';
import { launch, openPage, seen, temporaryFolder } from './chromium.ts';

const LOGLIN = fileURLToPath(new URL('../../../bin/loglin', import.meta.url));

const NAMES = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)</script>',
  "javascript:alert(3)//'",
  '</script><svg onload=alert(4)>',
  'a/../b?c#d/L12',
];

const LINES = [
  '<script>alert(5)</script>',
  '</script><script>alert(6)</script>',
  '<img src="http://127.0.0.1:9/x" onerror="alert(7)">',
  '<style>@import url(http://127.0.0.1:9/y)</style>',
  '{{constructor.constructor("alert(8)")()}} ${alert(9)}',
  '\x1b]8;;javascript:alert(10)\x07link\x1b]8;;\x07 \x1b]0;title\x07',
  'bidi \u202e\u2066 override \u2069 nul \0 bell \x07',
  'x.c:1:1: error: <b onclick=alert(11)>bold</b> [-W<i>]',
];

describe('a page that is one file', { skip: without('chromium') }, () => {
  let browser: Browser;
  let folder: string;
  let url: string;
  before(async () => {
    folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'lines'), `${LINES.join('\n')}\n${'y'.repeat(3_000_000)}\n`);
    const quoted = NAMES.map((name) => `'${name.replaceAll("'", String.raw`'\''`)}'`);
    const script = quoted.map((name) => `"$0" -t ${name} cat lines`).join('; ');
    const env = { ...process.env, LOGLIN_AGENT: '0', LOGLIN_STORE: path.join(folder, 'store') };
    const run = (...args: string[]): void => {
      const { status, stderr } = spawnSync(LOGLIN, args, { cwd: folder, env, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    };
    run('-q', 'sh', '-c', script, LOGLIN);
    run('export', '--html', 'build.html');
    url = pathToFileURL(path.join(folder, 'build.html')).href;
    browser = await launch();
  });
  after(async () => {
    await browser.close();
    fs.rmSync(folder, { recursive: true });
  });

  test('names and lines are shown as text, and nothing of them runs or is loaded', async (t) => {
    const page = await openPage(t, browser, url);
    for (const name of NAMES) await seen(page, name, '#jobs');
    for (const hash of ['#build', '#problems', '#timeline', '#find/alert', '#']) {
      await page.evaluate((to: string) => (location.hash = to), hash);
      await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null);
    }
    await page.evaluate((to: string) => (location.hash = to), `#job/${encodeURIComponent(NAMES[0]!)}`);
    await seen(page, LINES[0]!, '#log');
    await seen(page, LINES[7]!, '#log');
    const odd = await page.$$eval(
      'main img, main script, main style, main iframe, main b',
      (all) => all.length,
    );
    assert.equal(odd, 0);
    const links = await page.$$eval('a[href]', (all) => all.map((one) => one.getAttribute('href') ?? ''));
    for (const link of links) assert.match(link, /^#/);
  });

  test('a search and a link to a line work', async (t) => {
    const page = await openPage(t, browser, url, { hash: `#job/${encodeURIComponent(NAMES[1]!)}/L3` });
    await page.waitForSelector('.line.linked [data-number="3"]');
    await page.type('#find', 'onclick');
    await seen(page, '1 of 1', '.found');
    await page.waitForSelector('.line.current [data-number="8"]');
  });

  test('a line of megabytes puts little into the document, says how much is left out, and shows it on demand', async (t) => {
    const page = await openPage(t, browser, url, { hash: `#job/${encodeURIComponent(NAMES[2]!)}` });
    await page.waitForSelector('.rest');
    const drawn = (): Promise<number[]> =>
      page.$$eval('#log .line .text', (all) => all.map(({ textContent }) => textContent.length));
    assert.ok(Math.max(...(await drawn())) < 8300, String(await drawn()));
    await seen(page, /… [\d,]+ characters more …/, '.rest');
    const before = (await page.$$('.rest')).length;
    await page.click('.rest');
    await page.waitForFunction(
      (count: number) => document.querySelectorAll('.rest').length < count,
      {},
      before,
    );
    assert.equal((await drawn()).filter((length) => length > 60_000).length, 1);
  });
});
