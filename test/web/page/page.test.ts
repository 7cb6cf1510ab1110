// The page in a real browser, over a made-up build: each view, each key, each button, each state. What the
// worker computes is tested elsewhere.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, after, before, describe, test } from 'node:test';
import type { Browser, KeyInput, Page } from 'puppeteer-core';
import axeCore from 'axe-core';
import { without } from '../../rig/twin.ts';
import {
  PATIENCE,
  type PageOptions,
  at,
  fakePage,
  holds,
  launch,
  openPage,
  seen,
  temporaryFolder,
} from './chromium.ts';

const skip = without('chromium');
let browser: Browser;
let url: string;
let folder: string;

const open = (t: TestContext, options: PageOptions = {}): Promise<Page> => openPage(t, browser, url, options);

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key as KeyInput);
};

/** Waits for the lines of a document, and returns those on the screen. */
async function lines(page: Page): Promise<string[]> {
  await page.waitForSelector('.line');
  return page.$$eval('.line .text', (all) => all.map(({ textContent }) => textContent));
}

/** The number of the line under the cursor. */
const current = (number: number, page: Page): Promise<unknown> =>
  page.waitForSelector(`.line.current [data-number="${number}"]`);

const chosen = (page: Page, name: string): Promise<void> => seen(page, name, '.row.job.chosen');

describe('the page', { skip }, () => {
  before(async () => {
    folder = temporaryFolder();
    [browser, url] = await Promise.all([launch(), fakePage(folder)]);
  });
  after(async () => {
    await browser.close();
    fs.rmSync(folder, { recursive: true });
  });

  test('the summary says how the build went, and leads to the failure', async (t) => {
    const page = await open(t);
    await seen(page, 'Failed (exit 2) after 1.8 s', 'h1:not(.hidden-text)');
    await seen(page, 'too few arguments to function', '.card');
    await seen(page, 'New since the build before', '.summary');
    await seen(page, '3.4 jobs at once on average, 4 at most', '.summary');
    await seen(page, /liblua\.a/, '.slowest');
    assert.equal(await page.title(), 'make -k -j4 – loglin');
    await page.click('.card');
    await at(page, '#job/loslib.o');
    await current(3, page);
    await chosen(page, 'loslib.o');
    await seen(page, 'exit 1', '.job-head');
  });

  test('a link to a line opens there', async (t) => {
    const page = await open(t, { hash: '#job/lstrlib.o/L3-L5' });
    await page.waitForSelector('.line.linked');
    assert.equal((await page.$$('.line.linked')).length, 3);
    await current(3, page);
  });

  test('a click on a number makes the address, one with Shift a range', async (t) => {
    const page = await open(t, { hash: '#job/loslib.o' });
    await lines(page);
    await page.click('.line:nth-child(2) .number');
    await at(page, '#job/loslib.o/L2');
    await page.keyboard.down('Shift');
    await page.click('.line:nth-child(5) .number');
    await page.keyboard.up('Shift');
    await at(page, '#job/loslib.o/L2-L5');
    assert.equal((await page.$$('.line.linked')).length, 4);
  });

  test('keys of the log: the cursor, the start, the end, pages', async (t) => {
    const page = await open(t, { hash: '#build', fake: { lines: 20_000_000 } });
    await lines(page);
    await page.focus('#log');
    await press(page, 'j');
    await current(1, page);
    await press(page, 'j', 'ArrowDown');
    await current(3, page);
    await press(page, 'k');
    await current(2, page);
    await press(page, 'G');
    await current(20_000_000, page);
    await press(page, 'ArrowUp');
    await current(19_999_999, page);
    await press(page, 'g');
    await current(1, page);
    await press(page, ' ');
    await holds(page, 'a page down', () => !document.querySelector('.line.current [data-number="1"]'));
    await press(page, 'PageUp');
    await current(1, page);
    await press(page, 'End');
    await current(20_000_000, page);
    await press(page, 'Home');
    await current(1, page);
  });

  test('twenty million lines: the document holds those on the screen; wheel and scrollbar move them', async (t) => {
    const page = await open(t, { hash: '#build', fake: { lines: 20_000_000 } });
    await lines(page);
    const box = (await (await page.$('#log'))!.boundingBox())!;
    await page.mouse.move(box.x + 300, box.y + 300);
    for (let i = 0; i < 20; i++) await page.mouse.wheel({ deltaY: 400 });
    await holds(page, 'the wheel scrolls', () => document.querySelector('[data-number="400"]') !== null);
    const bar = (await (await page.$('.scrollbar'))!.boundingBox())!;
    await page.mouse.click(bar.x + 7, bar.y + bar.height / 2);
    await holds(page, 'a click on the scrollbar goes there', () =>
      [...document.querySelectorAll<HTMLElement>('[data-number]')].some(
        ({ dataset }) => Math.abs(Number(dataset.number) - 10_000_000) < 500_000,
      ),
    );
    await page.mouse.down();
    await page.mouse.move(bar.x + 7, bar.y + bar.height, { steps: 5 });
    await page.mouse.up();
    await page.waitForSelector('[data-number="20000000"]');
    assert.ok((await page.$$('.line')).length < 150);
    const last = await page.$eval('[data-number="20000000"]', (one) => one.getBoundingClientRect().bottom);
    assert.ok(last <= box.y + box.height + 1, 'the last line is on the screen');
  });

  test('search in a log: while typing, next, before, the count, Escape', async (t) => {
    const page = await open(t, { hash: '#job/lstrlib.o' });
    await lines(page);
    await page.focus('#log');
    await press(page, '/');
    await page.keyboard.type('blanks');
    await seen(page, '1 of 3', '.found');
    await current(2, page);
    await press(page, 'Enter');
    await current(6, page);
    await seen(page, '2 of 3', '.found');
    await page.click('[aria-label="Next match"]');
    await current(7, page);
    await page.click('[aria-label="Match before"]');
    await current(6, page);
    await page.focus('#log');
    await press(page, 'n');
    await current(7, page);
    await press(page, 'n');
    await current(2, page);
    await press(page, 'N');
    await current(7, page);
    assert.equal(await page.$$eval('mark', (all) => all.length), 3);
    await page.focus('#find');
    await press(page, 'Escape');
    await holds(page, 'no marks', () => document.querySelector('mark') === null);
    await holds(page, 'the log has the focus', () => document.activeElement?.id === 'log');
  });

  test('a pattern that is none is said so', async (t) => {
    const page = await open(t, { hash: '#job/lstrlib.o' });
    await lines(page);
    await page.type('#find', '[');
    await seen(page, 'not a pattern', '.found');
  });

  test('e and E go to errors and warnings', async (t) => {
    const page = await open(t, { hash: '#job/lstrlib.o' });
    await lines(page);
    await page.focus('#log');
    await press(page, 'e');
    await current(3, page);
    await press(page, 'e');
    await current(6, page);
    await press(page, 'E');
    await current(3, page);
  });

  test('lines wrap, numbers go, and both are remembered as pressed', async (t) => {
    const page = await open(t, { hash: '#job/lua' });
    await lines(page);
    const wide = (): Promise<boolean> => page.$eval('#log', (log) => log.scrollWidth > log.clientWidth + 1);
    assert.ok(await wide());
    await page.focus('#log');
    await press(page, 'l');
    await holds(page, 'scrolled right', () => document.querySelector('#log')!.scrollLeft > 0);
    await press(page, 'h');
    await holds(page, 'scrolled left', () => document.querySelector('#log')!.scrollLeft === 0);
    await press(page, 'W');
    await page.waitForSelector('[aria-label="Wrap lines"][aria-pressed=true]');
    await holds(page, 'a line is higher', () =>
      [...document.querySelectorAll<HTMLElement>('.line')].some((line) => line.offsetHeight > 30),
    );
    assert.ok(!(await wide()));
    await page.click('[aria-label="Wrap lines"]');
    await page.waitForSelector('[aria-label="Wrap lines"][aria-pressed=false]');
    await press(page, '#');
    await holds(page, 'no numbers', () => document.querySelector('.number') === null);
    await page.click('[aria-label="Line numbers"]');
    await page.waitForSelector('.number');
  });

  test('a line, all of it and a name are copied; the log is downloaded', async (t) => {
    const page = await open(t, { hash: '#job/loslib.o/L2-L3' });
    await lines(page);
    await page.evaluate(() => {
      const copied: string[] = [];
      Object.assign(window, { copied });
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
      });
      HTMLAnchorElement.prototype.click = function () {
        void copied.push(`${this.download} ${this.href.slice(0, 5)}`);
      };
    });
    const copied = (count: number): Promise<string[]> =>
      page
        .waitForFunction(
          (n: number) => (window as never as { copied: string[] }).copied.length === n,
          {},
          count,
        )
        .then(() => page.evaluate(() => (window as never as { copied: string[] }).copied));
    await page.focus('#log');
    await press(page, 'y');
    await seen(page, '2 lines copied', '.toast');
    assert.match((await copied(1))[0]!, /^loslib.c: In function .*\nloslib.c:195:3: error: .*$/);
    await page.click('[aria-label="Copy all"]');
    await seen(page, 'All of it copied', '.toast');
    assert.match((await copied(2))[1]!, /^gcc .*[^]*Error 1\n$/);
    await page.focus('#jobs');
    await press(page, 'y');
    assert.equal((await copied(3))[2], 'loslib.o');
    await page.focus('#log');
    await press(page, 'D');
    assert.equal((await copied(4))[3], 'loslib.o.log blob:');
    await page.click('[aria-label="Download"]');
    await copied(5);
  });

  test('the views of a job: keys and tabs', async (t) => {
    const page = await open(t, { hash: '#job/lstrlib.o' });
    await lines(page);
    for (const [key, kind, text] of [
      ['b', 'block', '▸ lstrlib.o'],
      ['w', 'why', 'lstrlib.c changed'],
      ['d', 'diff', 'status: exit 1 → ok'],
    ] as const) {
      await press(page, key);
      await at(page, `#${kind}/lstrlib.o`);
      await seen(page, text, '#log');
      await seen(page, new RegExp(kind, 'i'), '[role=tab][aria-selected=true]');
    }
    await page.waitForSelector('.line.added');
    await seen(page, /^-lstrlib/, '.line.gone .text');
    await page.waitForSelector('#against option:nth-child(2)');
    const [, other = ''] = await page.$$eval('#against option', (all) => all.map((one) => one.value));
    await page.select('#against', other);
    await at(page, `#diff@${other}/lstrlib.o`);
    await seen(page, 'status: exit 1 → ok', '#log');
    await page.click('[role=tab]');
    await at(page, '#job/lstrlib.o');
    await page.focus('[role=tab][aria-selected=true]');
    await press(page, 'ArrowRight');
    await at(page, '#block/lstrlib.o');
    await press(page, 'ArrowLeft');
    await at(page, '#job/lstrlib.o');
    await press(page, 'Backspace');
    await at(page, '#block/lstrlib.o');
  });

  test('a line that stands for a job leads there', async (t) => {
    const page = await open(t, { hash: '#build' });
    await lines(page);
    await page.focus('#log');
    await press(page, 'j', 'Enter');
    await at(page, '#job/make%20-k%20-j4');
    await seen(page, 'liblua.a', '.needs');
    await page.click('.need:nth-of-type(2)');
    await at(page, '#job/lua');
    await press(page, 'B');
    await at(page, '#build');
    await page.waitForSelector('.line.note');
    await page.click('.line.note .text');
    await at(page, '#job/make%20-k%20-j4');
  });

  test('keys of the jobs: moving, folding, failures', async (t) => {
    const page = await open(t);
    await page.waitForSelector('.row.job');
    await press(page, '2');
    await holds(page, 'the jobs have the focus', () => document.activeElement?.id === 'jobs');
    await press(page, 'j');
    await chosen(page, 'make -k -j4');
    await press(page, 'j', 'j');
    await chosen(page, 'lapi.o');
    await at(page, '#job/lapi.o');
    await press(page, 'h');
    await chosen(page, 'liblua.a');
    await press(page, 'h');
    await page.waitForSelector('.row.job.chosen[aria-expanded=false]');
    await press(page, 'l');
    await page.waitForSelector('.row.job.chosen[aria-expanded=true]');
    await press(page, 'l');
    await chosen(page, 'lapi.o');
    await press(page, 'e');
    await chosen(page, 'loslib.o');
    await press(page, 'G');
    await chosen(page, 'manual.html');
    await press(page, 'g');
    await chosen(page, 'make -k -j4');
    await press(page, 'PageDown');
    await chosen(page, 'manual.html');
    await press(page, 'PageUp', 'k');
    await chosen(page, 'make -k -j4');
    await press(page, '-');
    await holds(page, 'all folded', () => document.querySelectorAll('.row.job').length < 8);
    await press(page, '+');
    await holds(page, 'all unfolded', () => document.querySelectorAll('.row.job').length > 15);
    await press(page, 'E');
    await chosen(page, 'loslib.o');
    await press(page, 'Enter');
    await holds(page, 'the log has the focus', () => document.activeElement?.id === 'log');
    await press(page, '3');
    await holds(page, 'still', () => document.activeElement?.id === 'log');
  });

  test('buttons of the jobs: folding, the filter, failed, slow', async (t) => {
    const page = await open(t);
    await page.waitForSelector('.row.job');
    const rows = (count: number): Promise<unknown> =>
      page.waitForFunction((n: number) => document.querySelectorAll('.row.job').length === n, {}, count);
    await page.click('[aria-label="Fold all"]');
    await rows(6);
    await page.click('[aria-label="Unfold all"]');
    await rows(18);
    await page.click('.row.job .twist:not(.none)');
    await rows(1);
    await page.click('.row.job .twist:not(.none)');
    await rows(18);
    // The second click comes before the row that is left has been fetched anew.
    await page.evaluate(() => {
      const twist = (): void => document.querySelector<HTMLElement>('.row.job .twist:not(.none)')!.click();
      const observer = new MutationObserver(() => {
        if (document.querySelectorAll('.row.job').length !== 1) return;
        observer.disconnect();
        twist();
      });
      observer.observe(document.querySelector('#jobs')!, { childList: true, subtree: true });
      twist();
    });
    await rows(18);
    await page.focus('#jobs');
    await press(page, '/');
    await page.keyboard.type('lib');
    await seen(page, '7 of 18', '.jobs-head');
    await press(page, 'Enter');
    await holds(page, 'to the jobs', () => document.activeElement?.id === 'jobs');
    await press(page, 'Escape');
    await rows(18);
    await page.click('.chip[title^="Only what failed"]');
    await rows(2);
    await press(page, 'f');
    await rows(18);
    await press(page, 'f');
    await rows(2);
    await press(page, 'f', 't');
    await page.waitForSelector('.chip[title^="What took"][aria-pressed=true]');
    await press(page, 't');
    await press(page, 'r');
    await rows(1);
    await press(page, 'Escape');
    await rows(18);
    await page.type('#filter', 'nosuch');
    await seen(page, 'No job fits', '.side');
    await press(page, 'Escape');
    await rows(18);
  });

  test('the views of the build: links, keys, the side', async (t) => {
    const page = await open(t);
    await seen(page, 'What failed by itself');
    for (const [key, hash, selector] of [
      ['B', '#build', '.line'],
      ['p', '#problems', '.problem'],
      ['T', '#timeline', '.bars'],
      ['s', '', '.summary'],
    ] as const) {
      await press(page, key);
      await at(page, hash);
      await page.waitForSelector(selector);
    }
    for (const [i, hash] of ['#build', '#problems', '#timeline'].entries()) {
      await page.click(`nav li:nth-child(${i + 2}) a`);
      await at(page, hash);
    }
    await page.click('.build-title');
    await at(page, '');
    await press(page, 'z');
    await holds(page, 'no side', () => document.querySelector<HTMLElement>('.side')?.offsetParent === null);
    await press(page, 'z');
    await holds(page, 'the side', () => document.querySelector<HTMLElement>('.side')?.offsetParent !== null);
    await page.goBack();
    await at(page, '#timeline');
  });

  test('problems: filters, keys, the way to the line', async (t) => {
    const page = await open(t, { hash: '#problems' });
    await page.waitForSelector('#problem-0');
    await page.click('.chip[title="Only errors"]');
    await holds(page, 'one error', () => document.querySelectorAll('.problem').length === 1);
    await page.click('.chip[title="Only errors"]');
    await page.click('.chip[title="Only warnings"]');
    await holds(page, 'two warnings', () => document.querySelectorAll('.problem').length === 2);
    await page.waitForSelector('.badge');
    await page.focus('#log');
    await press(page, '/');
    await page.keyboard.type('unused');
    await holds(page, 'one of them', () => document.querySelectorAll('.problem').length === 1);
    await press(page, 'Enter', 'j', 'Enter');
    await at(page, '#job/lstrlib.o');
    await current(6, page);
    await press(page, 'p');
    await page.waitForSelector('#problem-0');
    await page.click('#problem-0');
    await at(page, '#job/loslib.o');
  });

  test('a search in all logs: its lines, the way to one', async (t) => {
    const page = await open(t);
    await page.waitForSelector('.row.job');
    await press(page, '*');
    await page.keyboard.type('warning');
    await press(page, 'Enter');
    await at(page, '#find/warning');
    await page.waitForSelector('#hit-1');
    await page.waitForSelector('.hit mark');
    await page.focus('#log');
    await press(page, 'j', 'j', 'Enter');
    await at(page, '#job/lstrlib.o');
    await page.goBack();
    await page.waitForSelector('#hit-0');
    await page.click('#hit-0');
    await at(page, '#job/lstrlib.o');
    await page.goto(`${page.url().split('#')[0]}#find/nosuchword`);
    await seen(page, 'Nothing found', 'main');
    await page.goto(`${page.url().split('#')[0]}#find/%5B`);
    await seen(page, 'That is no pattern', 'main');
  });

  test('the timeline: bars, keys, buttons, wheel, pointer', async (t) => {
    const page = await open(t, { hash: '#timeline' });
    await seen(page, '18 jobs in', '.bar-told');
    await page.focus('#log');
    await press(page, 'j', 'j');
    await seen(page, /liblua\.a.*on the critical path/s, '.bar-told');
    await press(page, 'e');
    await seen(page, /loslib\.o.*failed/s, '.bar-told');
    await press(page, 'E');
    await seen(page, 'make -k -j4', '.bar-told');
    await press(page, 'n', 'n');
    await seen(page, 'lcode.o', '.bar-told');
    await press(page, 'N');
    await seen(page, 'liblua.a', '.bar-told');
    await press(page, '+', '=', '-', 'l', 'h', 'PageDown', 'PageUp', 'g', 'k');
    for (const name of ['Zoom in', 'Zoom out', 'All of it']) await page.click(`[aria-label="${name}"]`);
    await press(page, 'G');
    await seen(page, 'luac', '.bar-told');
    const box = (await (await page.$('#log'))!.boundingBox())!;
    await page.mouse.move(box.x + 60, box.y + 28 + 22 + 8);
    await seen(page, 'liblua.a', '.bar-told');
    await page.keyboard.down('Control');
    await page.mouse.wheel({ deltaY: -200 });
    await page.keyboard.up('Control');
    await page.mouse.wheel({ deltaY: 20 });
    await page.mouse.down();
    await page.mouse.move(box.x + 160, box.y + 60, { steps: 3 });
    await page.mouse.up();
    await page.click('[aria-label="All of it"]');
    await page.mouse.click(box.x + 60, box.y + 28 + 22 + 8);
    await at(page, '#job/liblua.a');
  });

  test('Perfetto gets the trace in a window of its own', async (t) => {
    const page = await open(t, { hash: '#timeline' });
    await page.evaluate(() => {
      const posted: unknown[] = [];
      const other = new MessageChannel().port1;
      Object.assign(other, {
        closed: false,
        postMessage: (message: unknown) => {
          posted.push(message);
          if (message === 'PING')
            dispatchEvent(
              new MessageEvent('message', { data: 'PONG', origin: 'https://ui.perfetto.dev', source: other }),
            );
        },
      });
      Object.assign(window, { posted, open: () => other });
    });
    await page.click('.perfetto');
    await holds(page, 'the trace is posted', () =>
      (window as never as { posted: { perfetto?: { buffer: ArrayBuffer } }[] }).posted.some(
        (message) => message.perfetto,
      ),
    );
  });

  test('builds: the list, its filters, another build', async (t) => {
    const page = await open(t);
    await page.waitForSelector('.row.job');
    await press(page, '1');
    await at(page, '#builds');
    await seen(page, '40', '.jobs-head');
    await page.click('.chip[title^="Only builds"]');
    await seen(page, '14', '.jobs-head');
    await page.focus('#builds');
    await press(page, 'f');
    await seen(page, '40', '.jobs-head');
    await press(page, '/');
    await page.keyboard.type('test');
    await seen(page, '9', '.jobs-head');
    await press(page, 'Enter', 'j', 'j', 'Enter');
    await at(page, '#b/20261120-080000000-0008');
    await page.waitForSelector('.row.job');
    await press(page, ']');
    await at(page, '#b/20261120-070000000-0007');
    await press(page, '[');
    await at(page, '#b/20261120-080000000-0008');
    await page.click('.side > a');
    await page.waitForSelector('#build-0');
    await page.click('#build-0');
    await at(page, '#b/20261121-083116659-aea0');
  });

  test('the help: by key and by button, and away again', async (t) => {
    const page = await open(t);
    await seen(page, 'What failed by itself');
    await press(page, '?');
    await seen(page, 'one line down', 'dialog[open]');
    await press(page, 'Escape');
    await holds(page, 'it is closed', () => document.querySelector('dialog[open]') === null);
    await page.click('.header [aria-label="Help"]');
    await page.waitForSelector('dialog[open]');
    await page.click('dialog [aria-label="Close"]');
    await holds(page, 'it is closed', () => document.querySelector('dialog[open]') === null);
  });

  test('the theme: as the system, light, dark', async (t) => {
    const page = await open(t, { dark: true });
    const theme = (wanted: string): Promise<unknown> => page.waitForSelector(`:root[data-theme="${wanted}"]`);
    await theme('dark');
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
    await theme('light');
    await press(page, 'm', 'm');
    await theme('dark');
    await page.click('.header [aria-label^="Theme"]');
    await theme('light');
  });

  test('a log that grows is followed, until it is scrolled', async (t) => {
    const page = await open(t, { hash: '#job/doc%2Fmanual.html', fake: { running: true } });
    await lines(page);
    const say = (from: number, to: number): Promise<void> =>
      page.evaluate(
        (first: number, last: number) =>
          window.worker!.say(17, ...Array.from({ length: last - first }, (_, i) => `said ${first + i}`)),
        from,
        to,
      );
    await say(0, 100);
    await seen(page, 'said 99', '#log');
    await page.focus('#log');
    await press(page, 'g');
    await page.waitForSelector('.to-end');
    await say(100, 200);
    await holds(page, 'still at the start', () => document.querySelector('[data-number="1"]') !== null);
    await page.click('.to-end');
    await seen(page, 'said 199', '#log');
    await say(200, 210);
    await seen(page, 'said 209', '#log');
    await press(page, 'F');
    await page.waitForSelector('[aria-label="Follow"][aria-pressed=false]');
    await page.click('[aria-label="Follow"]');
    await page.waitForSelector('[aria-label="Follow"][aria-pressed=true]');
    await page.click('.chip[title^="Only what runs"]');
    await holds(page, 'one runs', () => document.querySelectorAll('.row.job').length === 1);
  });

  test('growth of the build while it is opened does not keep its log from being shown', async (t) => {
    const page = await open(t, { hash: '#build', fake: { running: true, grows: true } });
    assert.notDeepEqual(await lines(page), []);
    await seen(page, 'lstrlib.o', '#jobs');
  });

  test('the connection is lost and found, the build is removed', async (t) => {
    const page = await open(t, { fake: { running: true } });
    await page.waitForSelector('.row.job');
    await page.evaluate(() => window.worker!.notice('connection', { online: false }));
    await seen(page, 'The connection to loglin serve is lost', '.notice');
    await page.evaluate(() => window.worker!.notice('connection', { online: true }));
    await holds(page, 'it is back', () => document.querySelector('.notice') === null);
    await page.evaluate(() => window.worker!.notice('gone', { message: 'This build was removed' }));
    await seen(page, 'This build was removed', '.notice');
  });

  test('the newest build is followed where the address names none, but not away from a log', async (t) => {
    const page = await open(t);
    const begin = (command: string): Promise<void> =>
      page.evaluate((said: string) => window.worker!.begin(said), command);
    await seen(page, 'make -k -j4', 'header');
    await begin('make one');
    await seen(page, 'make one', 'header');
    await press(page, 'T');
    await at(page, '#timeline');
    await begin('make two');
    await seen(page, 'make two', 'header');
    await page.waitForSelector('.timeline');
    await press(page, 'B');
    await lines(page);
    await begin('make three');
    await seen(page, 'A newer build has begun: make three', '.toast');
    await seen(page, 'make two', 'header');
    const named = await open(t, { hash: '#b/20261121-083116659-aea0' });
    await seen(named, 'make -k -j4', 'header');
    await named.evaluate(() => window.worker!.begin('make four'));
    await press(named, '1');
    await seen(named, 'make four', '.build');
    await seen(named, 'make -k -j4', 'header');
    const none = await open(t, { fake: { error: 'no builds are recorded in /src/lua', noBuilds: true } });
    await seen(none, 'No builds yet', 'main');
    await none.evaluate(() => window.worker!.begin('make first'));
    await seen(none, 'make first', 'header');
  });

  test('states: no builds, a damaged record, an error, a name that is not there, loading', async (t) => {
    const none = await open(t, { fake: { error: 'no builds are recorded in /src/lua', noBuilds: true } });
    await seen(none, 'No builds yet', 'main');
    const damaged = await open(t, { fake: { problems: ['journal.ndjson: line 3 is not JSON'] } });
    await seen(damaged, 'line 3 is not JSON', '[role=alert]');
    await seen(damaged, 'Failed (exit 2)', 'h1');
    const broken = await open(t, { fake: { error: 'journal.ndjson: has no header' } });
    await seen(broken, 'This build cannot be shown', '[role=alert]');
    const opened = (): Promise<number> =>
      broken.evaluate(() => window.worker!.asked.filter(({ ask }) => ask === 'open').length);
    await broken.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    assert.ok((await opened()) <= 2, 'it is not opened again and again');
    const fault = await open(t, { fake: { error: 'x is undefined', expected: false } });
    await seen(fault, 'loglin has a fault', '[role=alert]');
    const unknown = await open(t, { hash: '#job/nosuch.o' });
    await seen(unknown, 'This build has no job nosuch.o', 'main');
    const loading = await open(t, { fake: { hangs: true } });
    await seen(loading, 'Reading the build', 'main');
    const alone = await open(t, { fake: { alone: true }, hash: '#diff/lstrlib.o' });
    await seen(alone, 'No other build is in this file', 'main');
    await press(alone, '1');
    await seen(alone, 'Only this build is here', '.toast');
    const well = await open(t, { fake: { ok: true } });
    await seen(well, 'Ok after 1.8 s', 'h1');
  });

  test('the panes have their places, whichever key leads to them', async (t) => {
    const page = await open(t);
    await seen(page, 'What failed by itself');
    for (const key of ['1', '2', '3', '2']) {
      await press(page, key);
      const [side, main] = await page.$$eval('.side, main', (panes) =>
        panes.map((pane) => pane.getBoundingClientRect().toJSON() as DOMRect),
      );
      assert.ok(main!.left >= side!.right && main!.width > 500, `${key}: ${JSON.stringify([side, main])}`);
      assert.equal(side!.top, main!.top, key);
    }
  });

  test('a phone: an address of the list of builds shows it', async (t) => {
    const page = await open(t, { width: 360, height: 640, touch: true, hash: '#builds' });
    await page.waitForSelector('#builds', { visible: true });
  });

  test('a phone: the jobs come and go over the log; nothing is wider than the screen', async (t) => {
    const page = await open(t, { width: 360, height: 640, touch: true });
    await seen(page, 'What failed by itself');
    await page.tap('.menu');
    await page.waitForSelector('.with-drawer .row.job');
    await page.tap('.row.job:nth-child(3)');
    await at(page, '#job/lapi.o');
    await holds(page, 'the jobs are away', () => document.querySelector('.with-drawer') === null);
    await page.tap('.menu');
    await page.waitForSelector('.shade');
    await page.touchscreen.tap(350, 400);
    await holds(page, 'the jobs are away', () => document.querySelector('.with-drawer') === null);
    for (const hash of ['#', '#job/loslib.o', '#problems', '#timeline', '#builds', '#find/warning']) {
      await page.goto(`${page.url().split('#')[0]}${hash}`);
      await holds(page, `${hash} is not wider`, () => document.documentElement.scrollWidth <= 360);
    }
  });

  test('a finger scrolls the log', async (t) => {
    const page = await open(t, {
      width: 360,
      height: 640,
      touch: true,
      hash: '#build',
      fake: { lines: 5000 },
    });
    await lines(page);
    const finger = await page.touchscreen.touchStart(100, 500);
    for (let y = 480; y >= 200; y -= 20) await finger.move(100, y);
    await finger.end();
    await holds(page, 'it has moved', () => document.querySelector('[data-number="34"]') !== null);
  });

  test('100,000 jobs: the tree holds those on the screen', async (t) => {
    const page = await open(t, { fake: { jobs: 100_000 } });
    await page.waitForSelector('.row.job');
    await page.focus('#jobs');
    await press(page, 'End');
    await chosen(page, 'unit99999.o');
    assert.ok((await page.$$('.row.job')).length < 100);
    await press(page, 'Home');
    await chosen(page, 'make -k -j4');
    // The wheel moves the place and what is there in the same step.
    const [before, after] = await page.$eval('#jobs', async (jobs) => {
      const first = (): string | undefined => jobs.querySelector('.row.job')?.id;
      const shown = first();
      jobs.dispatchEvent(new WheelEvent('wheel', { deltaY: 2800, cancelable: true, bubbles: true }));
      await Promise.resolve();
      return [shown, first()];
    });
    assert.deepEqual([before, after], ['row-0', 'row-92']);
    await page.evaluate(() => (location.hash = '#timeline'));
    await seen(page, '100,000 jobs in', '.bar-told');
  });

  test('names and lines are text, whatever is in them', async (t) => {
    const page = await open(t, { hash: `#job/${encodeURIComponent('<img src=x onerror=alert(1)>')}` });
    await seen(page, 'This build has no job <img src=x onerror=alert(1)>', 'main');
    await page.goto(
      `${page.url().split('#')[0]}#find/${encodeURIComponent('</script><script>alert(1)</script>')}`,
    );
    await seen(page, '</script><script>alert(1)</script>', 'main');
    assert.equal((await page.$$('img, main script')).length, 0);
  });

  for (const [name, options] of [
    ['summary', {}],
    ['a failing job', { hash: '#job/loslib.o' }],
    ['a log with colours', { hash: '#job/lua' }],
    ['a diff', { hash: '#diff/lstrlib.o' }],
    ['the whole log', { hash: '#build/L30' }],
    ['problems', { hash: '#problems' }],
    ['timeline', { hash: '#timeline' }],
    ['a search', { hash: '#find/warning' }],
    ['builds', { hash: '#builds' }],
    ['no builds', { fake: { error: 'no builds are recorded', noBuilds: true } }],
    ['a damaged record', { fake: { problems: ['journal.ndjson: line 3 is not JSON'] } }],
    ['a running build', { fake: { running: true }, hash: '#job/doc%2Fmanual.html' }],
  ] as const)
    test(`axe finds nothing: ${name}`, async (t) => {
      for (const dark of [false, true]) await axe(await open(t, { ...options, dark }), name);
      if (name === 'summary') {
        const page = await open(t, { width: 360, height: 640 });
        await seen(page, 'What failed by itself');
        await press(page, '?');
        await page.waitForSelector('dialog[open]');
        await axe(page, 'help on a phone');
      }
    });
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function axe(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'), { timeout: PATIENCE });
  await page.evaluate(axeCore.source);
  const found = await page.evaluate(async () => {
    const { axe } = window as never as { axe: { run(): Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations;
  });
  const told = found.map(({ id, nodes }) => [id, nodes.map((node) => [node.html, node.failureSummary])]);
  assert.deepEqual(told, [], name);
}
