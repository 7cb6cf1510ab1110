// Pictures of the page, over the made-up build of its tests: `node .ci/pages.mjs` writes the one in the
// documents; with --png FOLDER all views on a phone, a laptop and a large screen, light and dark, to be
// looked at. A further argument is a regular expression of those that are wanted.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

/** @type {Record<string, { hash?: string, fake?: object, key?: string }>} */
const VIEWS = {
  summary: {},
  job: { hash: '#job/loslib.o' },
  colours: { hash: '#job/lua' },
  diff: { hash: '#diff/lstrlib.o' },
  log: { hash: '#build/L30-L33' },
  problems: { hash: '#problems' },
  timeline: { hash: '#timeline' },
  find: { hash: '#find/warning' },
  builds: { hash: '#builds' },
  empty: { fake: { error: 'no builds are recorded in /src/lua', noBuilds: true } },
  broken: { fake: { problems: ['journal.ndjson: line 214 is not JSON; what comes after it is missing'] } },
  fatal: { fake: { error: 'journal.ndjson: has no header' } },
  unknown: { hash: '#job/nosuch.o' },
  running: { hash: '#job/doc/manual.html', fake: { running: true } },
  help: { key: '?' },
  jobs: { key: '2' },
};

/** @type {Record<string, readonly [number, number]>} */
const SIZES = { phone: [360, 640], laptop: [1280, 800], large: [2560, 1440] };

/** The page over the made-up build, as one file. @param {string} folder */
async function bundled(folder) {
  const [script, style] = await Promise.all(
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
      return outputFiles[0]?.text.replaceAll('</script', '<\\/script');
    }),
  );
  const file = path.join(folder, 'page.html');
  fs.writeFileSync(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>loglin</title>` +
      `<meta name="viewport" content="width=device-width, initial-scale=1">` +
      `<style>${style}</style><body><script>${script}</script>`,
  );
  return pathToFileURL(file).href;
}

const png = process.argv[2] === '--png' ? process.argv[3] : undefined;
const wanted = new RegExp(process.argv[4] ?? '.');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-pages.'));
const browser = await puppeteer.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--hide-scrollbars'],
});

/**
 * @param {string} url @param {string} view @param {readonly [number, number]} size @param {string} theme
 * @param {string} file
 */
async function picture(url, view, [width, height], theme, file) {
  const { hash = '', fake = {}, key } = VIEWS[view] ?? {};
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
  await page.goto(`${url}?${encodeURIComponent(JSON.stringify(fake))}${hash}`);
  await page.waitForFunction("document.querySelector('main') && !document.querySelector('[aria-busy=true]')");
  if (/^#(job|build|diff)\b/.test(hash) && view !== 'unknown') await page.waitForSelector('.line');
  if (key) await page.keyboard.press(/** @type {import('puppeteer-core').KeyInput} */ (key));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await page.screenshot({ path: /** @type {`${string}.png`} */ (file) });
  await page.close();
}

try {
  const url = await bundled(folder);
  if (png === undefined)
    await picture(url, 'job', [1100, 640], 'light', path.join(root, 'docs/pictures/page.png'));
  else {
    fs.mkdirSync(png, { recursive: true });
    for (const view of Object.keys(VIEWS))
      for (const [name, size] of Object.entries(SIZES))
        for (const theme of ['light', 'dark']) {
          const id = `${view}-${name}-${theme}`;
          if (wanted.test(id)) await picture(url, view, size, theme, path.join(png, `${id}.png`));
        }
  }
} finally {
  await browser.close();
  fs.rmSync(folder, { recursive: true });
}
