// Debian's chromium, through puppeteer-core, with the page over the made-up build in it. What a test does not
// expect fails it: errors, dialogs, what the page's policy forbids, requests to other places.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { createHash } from 'node:crypto';
import type { FakeOptions } from './fakeworker.ts';

/** How long a state is waited for, in milliseconds: others may use the machine, too. */
export const PATIENCE = 60_000;

const CHROMIUM = 'chromium';

/** @param acceptInsecureCerts servers may have signed their certificates themselves. */
export async function launch({ acceptInsecureCerts = false } = {}): Promise<Browser> {
  return puppeteer.launch({
    acceptInsecureCerts,
    executablePath: which(CHROMIUM),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
    timeout: PATIENCE,
    protocolTimeout: 2 * PATIENCE,
  });
}

function which(name: string): string {
  const found = (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => fs.existsSync(file));
  assert.ok(found, `${name} is not installed`);
  return found;
}

/** Bundles the page over the made-up build into one file, under the policy that the real one has. */
export async function fakePage(folder: string): Promise<string> {
  const [script = '', style = ''] = await Promise.all(
    ['test/web/page/fakemain.ts', 'src/web/page/page.css'].map(async (entry) => {
      const { outputFiles } = await build({
        entryPoints: [entry],
        bundle: true,
        write: false,
        format: 'iife',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        charset: 'utf8',
      });
      return outputFiles[0]!.text.replaceAll('</script', '<\\/script');
    }),
  );
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}`;
  const file = path.join(folder, 'page.html');
  fs.writeFileSync(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>loglin</title>` +
      `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
      `<meta name="viewport" content="width=device-width, initial-scale=1">` +
      `<style>${style}</style><body><script>${script}</script></body></html>`,
  );
  return pathToFileURL(file).href;
}

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-page.'));
}

export interface PageOptions {
  readonly fake?: FakeOptions;
  readonly hash?: string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly touch?: boolean;
}

/** Opens the page, and has the test fail for whatever goes wrong in it. */
export async function openPage(
  t: TestContext,
  browser: Browser,
  url: string,
  { fake = {}, hash = '', width = 1280, height = 800, dark = false, touch = false }: PageOptions = {},
): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') wrong.push(message.text());
  });
  page.on('dialog', (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const asked = request.url();
    if (asked.split('?')[0] !== url && !asked.startsWith('blob:')) wrong.push(`a request: ${asked}`);
  });
  t.after(async () => {
    await page.close();
    assert.deepEqual(wrong, [], 'nothing goes wrong in the page');
  });
  await page.setViewport({ width, height, hasTouch: touch, isMobile: touch });
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
  await page.goto(`${url}?${encodeURIComponent(JSON.stringify(fake))}${hash}`);
  return page;
}

/** Waits until the page shows a text, somewhere below a selector. */
export async function seen(page: Page, text: string | RegExp, selector = 'body'): Promise<void> {
  const [source, flags] = typeof text === 'string' ? [escaped(text), ''] : [text.source, text.flags];
  try {
    await page.waitForFunction(
      (below: string, pattern: string, how: string) =>
        [...document.querySelectorAll(below)].some((element) =>
          new RegExp(pattern, how).test((element as HTMLElement).innerText),
        ),
      { timeout: PATIENCE },
      selector,
      source,
      flags,
    );
  } catch (error) {
    const there = await page.$$eval(selector, (all) => all.map((one) => (one as HTMLElement).innerText));
    throw new Error(`${String(text)} is not in ${selector}: ${there.join('\n').slice(0, 2000)}`, {
      cause: error,
    });
  }
}

/** Waits until something holds in the page. */
export async function holds(page: Page, what: string, test: () => boolean | null | undefined): Promise<void> {
  try {
    await page.waitForFunction(test, { timeout: PATIENCE });
  } catch (error) {
    throw new Error(`never so: ${what}`, { cause: error });
  }
}

/** Waits for the address. */
export async function at(page: Page, hash: string): Promise<void> {
  try {
    await page.waitForFunction((wanted: string) => location.hash === wanted, { timeout: PATIENCE }, hash);
  } catch (error) {
    throw new Error(`at ${await page.evaluate(() => location.hash)}, not at ${hash}`, { cause: error });
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A text as the page's worker has it; it reads the build from the server. */
export async function textIn(
  page: Page,
  asked: object,
  build?: string,
  source: 'http' | 'shared' = 'http',
): Promise<string> {
  const text = await page.evaluate(
    async (of: object, id: string | null, from: string) => {
      const worker = new Worker('worker.js');
      let last = 0;
      const ask = (question: string, what: object): Promise<Record<string, unknown>> =>
        new Promise((resolve, reject) => {
          const number = ++last;
          worker.addEventListener('message', ({ data }: MessageEvent<Record<string, unknown>>) => {
            if (data.id !== number) return;
            if ('error' in data) reject(new Error(String(data.error)));
            else resolve(data.answer as Record<string, unknown>);
          });
          worker.postMessage({ id: number, ask: question, of: what });
        });
      worker.postMessage({ start: { source: from, base: new URL('.', document.baseURI).href } });
      await ask('open', id === null ? {} : { build: id });
      const { document: number } = await ask('document', of);
      let all = '';
      for (let at: unknown = 0; at !== undefined;) {
        const { bytes, next } = await ask('text', { document: number, from: at });
        for (const byte of bytes as Uint8Array) all += String.fromCharCode(byte);
        at = next;
      }
      worker.terminate();
      return all;
    },
    asked,
    build ?? null,
    source,
  );
  return Buffer.from(text, 'latin1').toString();
}
