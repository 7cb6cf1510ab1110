// The page, in Debian's chromium, as who sits before it has it: from the navigation to what is painted, from
// frame to frame while a wheel turns, from a key to the lines that it asks for, from a job's write to the
// document; and what the tab takes of the memory. What runs in the page is text here: its types are others.

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import puppeteer, { type Browser, type CDPSession, type Page } from 'puppeteer-core';
import { LOGLIN, environment, percentile, run, spread } from './measure.ts';
import { LAST_LINE, recordedBuild } from './projects.ts';
import type { Bench } from './rows.ts';
import { type Result, megabytes, milliseconds } from './table.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Bytes of each log but the last. */
const EACH = 1000;
const PATIENCE = 300_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What is measured with a browser, over builds in a folder. What is started is to be stopped with it. */
type Measurement = (bench: Bench, browser: Browser, children: ChildProcess[]) => Promise<Result[]>;

/** 100,000 jobs and 1 GB of logs under `loglin serve`. */
export const page = (bench: Bench): Promise<Result[]> => inBrowser(bench, served);

/** A build that runs. */
export const pageLive = (bench: Bench): Promise<Result[]> => inBrowser(bench, live);

/** A build in one file. */
export const pageFile = (bench: Bench): Promise<Result[]> => inBrowser(bench, exported);

async function inBrowser(bench: Bench, measurement: Measurement): Promise<Result[]> {
  if (!fs.existsSync(CHROMIUM)) throw new Error(`${CHROMIUM}: is not installed`);
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    protocolTimeout: PATIENCE,
  });
  const children: ChildProcess[] = [];
  try {
    return await measurement(bench, browser, children);
  } finally {
    await browser.close();
    for (const child of children) child.kill('SIGKILL');
  }
}

/** Starts `loglin serve`. @returns its address. */
async function serve(cwd: string, children: ChildProcess[]): Promise<string> {
  const env = environment({ XDG_STATE_HOME: path.join(cwd, 'state') });
  const server = spawn(LOGLIN, ['serve'], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(server);
  let line = '';
  for await (const text of server.stdout) {
    line += String(text);
    if (line.includes('\n')) break;
  }
  return line.trim();
}

async function opened(browser: Browser, url: string): Promise<Page> {
  const tab = await browser.newPage();
  tab.setDefaultTimeout(PATIENCE);
  await tab.setViewport({ width: 1280, height: 800 });
  await tab.goto(url);
  return tab;
}

/** From the navigation to the first paint, and until a condition holds, in milliseconds. */
async function paints(tab: Page, shown: string): Promise<{ readonly first: number; readonly all: number }> {
  await tab.waitForFunction(shown, { polling: 'raf' });
  const [first = 0, all = 0] = (await tab.evaluate(
    "[performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.now()]",
  )) as number[];
  return { first, all };
}

const SUMMARY = "document.querySelector('.verdict') !== null";

async function served(
  { folder, quick }: Bench,
  browser: Browser,
  children: ChildProcess[],
): Promise<Result[]> {
  const project = path.join(folder, 'served');
  fs.mkdirSync(path.join(project, '.loglin'), { recursive: true });
  const jobs = quick ? 10_000 : 100_000;
  const last = quick ? 90e6 : 900e6;
  recordedBuild(path.join(project, '.loglin'), jobs, { each: EACH, last });
  const what = `page, ${jobs.toLocaleString('en')} jobs, ${megabytes(jobs * EACH + last)}`;
  const url = await serve(project, children);
  const count = quick ? 2 : 5;
  const first: number[] = [];
  const all: number[] = [];
  let tab: Page | undefined;
  for (let i = 0; i < count; i++) {
    await tab?.close();
    tab = await opened(browser, url);
    const times = await paints(tab, SUMMARY);
    first.push(times.first);
    all.push(times.all);
  }
  const painted = spread(first).median;
  const results: Result[] = [
    {
      what: `${what}: first paint`,
      ours: milliseconds(painted),
      peer: '',
      runs: count,
      goal: '≤ 500 ms',
      met: painted <= 500,
    },
    { what: `${what}: the build is read`, ours: milliseconds(spread(all).median), peer: '', runs: count },
  ];
  await tab!.waitForSelector('#jobs [role=treeitem]');
  results.push(await scrolled(tab!, `${what}: the wheel over the jobs, from frame to frame`, '#jobs', quick));
  await tab!.evaluate(`location.hash = '#job/out/${jobs}.o'`);
  await tab!.waitForSelector('#log .line');
  results.push(await jump(tab!, `page: the end of a log of ${megabytes(last)}`, quick ? 3 : 15));
  await tab!.keyboard.press('g');
  results.push(
    await scrolled(
      tab!,
      `page: the wheel over a log of ${megabytes(last)}, from frame to frame`,
      '#log',
      quick,
    ),
  );
  const heap = await memory(tab!);
  results.push({
    what: `${what}: heap of the tab and its worker`,
    ours: megabytes(heap),
    peer: '',
    runs: 1,
    goal: '≤ 250 MB',
    met: heap <= 250e6,
  });
  await tab!.close();
  return results;
}

/** Turns the wheel over an element, and takes the time from each frame to the next. */
async function scrolled(tab: Page, what: string, selector: string, quick: boolean): Promise<Result> {
  const box = await (await tab.waitForSelector(selector))!.boundingBox();
  await tab.mouse.move(box!.x + box!.width / 2, box!.y + box!.height / 2);
  await tab.evaluate(`
    {
      const times = (window.frameTimes = []);
      let before = performance.now();
      const next = () => {
        const now = performance.now();
        times.push(now - before);
        before = now;
        requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    }
  `);
  const turns = quick ? 50 : 400;
  for (let i = 0; i < turns; i++) {
    await tab.mouse.wheel({ deltaY: i % 100 < 50 ? 300 : 3000 });
    await pause(8);
  }
  const frames = (await tab.evaluate('frameTimes')) as number[];
  const [median, most] = [percentile(frames, 0.5), percentile(frames, 0.95)];
  return {
    what,
    ours: `p50 ${milliseconds(median)}, p95 ${milliseconds(most)}`,
    peer: '',
    runs: frames.length,
    goal: 'p95 ≤ 32 ms',
    met: most <= 32,
  };
}

/** The last line is in the document. */
const AT_END = `[...document.querySelectorAll('#log .line')].some((line) => line.textContent.includes('${LAST_LINE}'))`;

/** From the key to the frame after the last line is in the document. */
async function jump(tab: Page, what: string, count: number): Promise<Result> {
  const times: number[] = [];
  await tab.focus('#log');
  for (let i = 0; i < count; i++) {
    await tab.evaluate(`
      done = new Promise((resolve) => {
        const begun = () => {
          const start = performance.now();
          const look = () => {
            if (${AT_END}) resolve(performance.now() - start);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        };
        addEventListener('keydown', begun, { once: true, capture: true });
      });
      0;
    `);
    await tab.keyboard.press('End');
    times.push((await tab.evaluate('done')) as number);
    await tab.keyboard.press('Home');
    await tab.waitForFunction(`!(${AT_END})`);
  }
  const { median, max } = spread(times);
  return {
    what,
    ours: `p50 ${milliseconds(median)}, worst ${milliseconds(max)}`,
    peer: '',
    runs: count,
    goal: '≤ 200 ms',
    met: max <= 200,
  };
}

/** What the scripts of the page and of its worker hold, with their buffers, in bytes. */
async function memory(tab: Page): Promise<number> {
  const used = async (client: CDPSession): Promise<number> => {
    await client.send('HeapProfiler.collectGarbage');
    const usage = await client.send('Runtime.getHeapUsage');
    const { usedSize, backingStorageSize = 0 } = usage as { usedSize: number; backingStorageSize?: number };
    return usedSize + backingStorageSize;
  };
  let sum = await used(await tab.createCDPSession());
  for (const worker of tab.workers()) sum += await used(worker.client);
  return sum;
}

/** Writes the time, line by line, until it is stopped. */
const CLOCK = `const fs = require('node:fs');
let said = 0;
const write = () => {
  fs.writeSync(1, 'written at ' + Date.now() + ' .\\n');
  if (++said < Number(process.argv[2])) setTimeout(write, 23);
};
setTimeout(write, 3000);
`;

async function live({ folder, quick }: Bench, browser: Browser, children: ChildProcess[]): Promise<Result[]> {
  const project = path.join(folder, 'live');
  fs.mkdirSync(path.join(project, '.loglin'), { recursive: true });
  fs.writeFileSync(path.join(project, 'clock.cjs'), CLOCK);
  const count = quick ? 50 : 500;
  const url = await serve(project, children);
  const build = spawn(LOGLIN, ['-q', 'node', 'clock.cjs', String(count)], {
    cwd: project,
    env: environment(),
    stdio: 'ignore',
  });
  children.push(build);
  const builds = path.join(project, '.loglin/builds');
  while (!fs.existsSync(builds)) await pause(20);
  await pause(500);
  const tab = await opened(browser, `${url}#build`);
  await tab.waitForSelector('#log');
  await tab.evaluate(`
    seen = new Map();
    new MutationObserver(() => {
      const now = Date.now();
      for (const [, at] of document.querySelector('#log').textContent.matchAll(/written at (\\d+) /g))
        if (!seen.has(at)) seen.set(at, now - Number(at));
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  `);
  await new Promise((resolve) => build.once('exit', resolve));
  await pause(1000);
  const times = (await tab.evaluate('[...seen.values()]')) as number[];
  await tab.close();
  if (times.length < 0.9 * count) throw new Error(`${times.length} of ${count} lines were seen`);
  const [median, most] = [percentile(times, 0.5), percentile(times, 0.99)];
  return [
    {
      what: "page: from a job's write to the document",
      ours: `p50 ${milliseconds(median)}, p99 ${milliseconds(most)}`,
      peer: '',
      runs: times.length,
      goal: 'p99 ≤ 200 ms',
      met: most <= 200,
    },
  ];
}

const EXPORTED_JOBS = 5000;

async function exported({ folder, quick }: Bench, browser: Browser): Promise<Result[]> {
  const project = path.join(folder, 'exported');
  const store = path.join(project, '.loglin');
  fs.mkdirSync(store, { recursive: true });
  recordedBuild(store, EXPORTED_JOBS, { each: 4000, last: 4000 });
  const logs = fs
    .readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .map((name) => fs.readFileSync(path.join(store, name)));
  const packed = gzipSync(Buffer.concat(logs)).length;
  const file = path.join(project, 'build.html');
  const count = quick ? 3 : 11;
  const writes: number[] = [];
  for (let i = 0; i < count; i++)
    writes.push((await run(`${LOGLIN} export --html build.html 2>/dev/null`, { cwd: project })).wall * 1000);
  const { size } = fs.statSync(file);
  const most = (packed * 4) / 3 + 250_000;
  const first: number[] = [];
  const all: number[] = [];
  for (let i = 0; i < (quick ? 2 : 5); i++) {
    const tab = await opened(browser, pathToFileURL(file).href);
    const times = await paints(tab, SUMMARY);
    first.push(times.first);
    all.push(times.all);
    await tab.close();
  }
  const bytes = logs.reduce((sum, { length }) => sum + length, 0);
  const what = `export --html, ${EXPORTED_JOBS.toLocaleString('en')} jobs, ${megabytes(bytes)}`;
  const [write, paint] = [spread(writes).median, spread(first).median];
  return [
    { what, ours: milliseconds(write), peer: '', runs: count, goal: '≤ 1500 ms', met: write <= 1500 },
    {
      what: `${what}: size`,
      ours: `${(size / 1e6).toFixed(2)} MB`,
      peer: `gzip of the logs ${(packed / 1e6).toFixed(2)} MB`,
      runs: 1,
      goal: '≤ 4/3 of it + 250 KB',
      met: size <= most,
    },
    {
      what: `${what}: first paint of the file`,
      ours: milliseconds(paint),
      peer: `the build is read ${milliseconds(spread(all).median)}`,
      runs: first.length,
      goal: '≤ 1000 ms',
      met: paint <= 1000,
    },
  ];
}
