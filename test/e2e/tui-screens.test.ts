// UPDATE_SNAPSHOTS=1 TEST_FILES=tui-screens npm test writes golden/tui/*.txt and the pictures in docs/tui.md
// anew: look at the diff.
//
// Whole screens of the browser on recorded builds. Below a screen of 80 columns stand its styles, a letter
// for each character.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Span, slice, span, textWidth } from '../../src/documents/spans.ts';
import { Browser, type ScreenRow, copySample, typed } from '../rig/browser.ts';
import { screen } from '../rig/tmux.ts';
import { needs, tree, until } from '../rig/tree.ts';

const GOLDEN = fileURLToPath(new URL('golden/tui', import.meta.url));
const DOC = fileURLToPath(new URL('../../docs/tui.md', import.meta.url));
const UPDATE = Boolean(process.env.UPDATE_SNAPSHOTS);

/**
 * A step: the keys, the text that the screen shows then, and the name of its golden file, if it has one.
 */
type Step = readonly [keys: readonly string[], says: RegExp, golden?: string];

const goldenFile = (name: string): string => path.join(GOLDEN, `${name}.txt`);

const cut = (line: string, columns: number): string =>
  slice([span(line)], 0, columns)
    .map((one) => one.text)
    .join('');

const joined = (lines: readonly string[]): string =>
  lines
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
    .replace(/\n+$/, '\n');

/** The day and time at which a build began, in its row at the top; in the golden files always the same. */
const STARTED = /\d{1,2} [A-Z][a-z]{2} \d\d:\d\d/;

/** The time of day of a build in the list, and the name of a day above builds. */
const CLOCK = /^(\S? )\d\d:\d\d {2}(?=\S|$)/;
const DAY = /^ (?:Today|Yesterday|\d{1,2} [A-Z][a-z]{2}(?: \d{4})?)( *)$/;

/** The spans of a row without what depends on the day on which the test runs. */
function withoutDay(spans: readonly Span[]): readonly Span[] {
  const [first, second, ...others] = spans;
  if (first && second && DAY.test(first.text) && /^ *$/.test(second.text)) {
    const width = first.text.length + second.text.length;
    return [{ ...first, text: ' Day' }, { ...second, text: ' '.repeat(width - 4) }, ...others];
  }
  return spans.map((one) => ({
    ...one,
    text: one.text.replace(CLOCK, (_, mark: string) => `${mark}08:31  `),
  }));
}

/** The screen in the form of its golden file. */
function picture(screen: readonly ScreenRow[], styles: boolean): string {
  const rows = screen.map(({ spans }, y) => {
    const dated =
      y === 0
        ? spans.map((one) => ({ ...one, text: one.text.replace(STARTED, '21 Nov 08:31') }))
        : withoutDay(spans);
    return { text: dated.map(({ text }) => text).join(''), spans: dated };
  });
  const text = joined(rows.map((row) => row.text));
  if (!styles) return text;
  const letters = new Map([['', ' ']]);
  const grid = rows.map(({ spans }) =>
    spans
      .map((one) => {
        if (!letters.has(one.style)) letters.set(one.style, String.fromCodePoint(0x60 + letters.size));
        return letters.get(one.style)!.repeat(textWidth(one.text));
      })
      .join(''),
  );
  const legend = [...letters].slice(1).map(([style, letter]) => `${letter} ${style}`);
  return `${text}--- styles: ${legend.join(', ')}\n${joined(grid)}`;
}

/** A screen stays as it is for so long. A message beside the keys goes away. */
const SETTLED_MS = 800;
const MESSAGE = /q quit {2,}\S/;

/** The screen once it no longer changes; used only for writing it anew. */
async function settled(shot: () => string): Promise<string> {
  let last = shot();
  let since = Date.now();
  await until('the screen stays as it is', () => {
    const now = shot();
    if (now !== last) since = Date.now();
    last = now;
    return Date.now() - since > SETTLED_MS && !MESSAGE.test(now);
  });
  return last;
}

async function compare(browser: Browser, name: string, styles: boolean): Promise<void> {
  const shot = (): string => picture(browser.rows(), styles);
  const file = goldenFile(name);
  if (UPDATE) {
    fs.mkdirSync(GOLDEN, { recursive: true });
    fs.writeFileSync(file, await settled(shot));
    return;
  }
  const expected = fs.readFileSync(file, 'utf8');
  await until('', () => shot() === expected, 30_000).catch(() => undefined);
  assert.equal(shot(), expected, `${name}.txt`);
}

async function play(
  t: TestContext,
  sample: string,
  [columns, rows]: readonly [number, number],
  first: RegExp,
  steps: readonly Step[],
): Promise<void> {
  if (!needs(t, 'tmux')) return;
  const it = tree(t, {});
  copySample(it, sample);
  const browser = new Browser(await screen(t, it, columns, rows));
  browser.terminal.type('clear; "$LOGLIN_BIN" tui --store store');
  for (const [keys, says, golden] of [[[], first] as Step, ...steps]) {
    browser.press(...keys);
    await browser.sees(says);
    if (golden !== undefined) await compare(browser, golden, columns === 80);
  }
  browser.press('q');
  assert.equal(await browser.terminal.status(), '0');
}

test('screens of 80x24: builds with errors and warnings are drawn as in the golden files', (t) =>
  play(t, 'lua', [80, 24], /^ ✗ loslib\.o .*1-7\/7 *$/m, [
    [[], /^ Enter open {2}Tab pane /m, 'jobs'],
    [['1'], /^ Builds +\d\/3 *$/m, 'builds'],
    [['?'], /^ Keys /m, 'help'],
    [['x'], /^ Builds +\d\/3 *$/m],
    [['2', 'p'], /^ Problems /m, 'problems'],
    [['escape'], /^ ✗ loslib\.o /m],
    [['j', 'j', 'd'], /^ diff lstrlib\.o /m, 'diff'],
    [['escape'], /^ ✓ lstrlib\.o /m],
    [['w'], /^ why lstrlib\.o /m, 'why'],
    [['escape'], /^ ✓ lstrlib\.o /m],
    [['/', 'l', 'i', 'b'], /^ Jobs {2}\/lib /m, 'filter'],
    [['escape'], /^ Jobs +(?:\d+\/)?14 {2}/m],
    [['t'], /^ Jobs {2}slow first/m, 'slow-first'],
    [['t'], /^ Jobs +(?:\d+\/)?14 {2}/m],
    [['c'], /critical path: /, 'critical-path'],
    [['c', '/', ...typed('lstr'), 'enter'], /^ ✓ lstrlib\.o /m],
    [['escape'], /^ Jobs +(?:\d+\/)?14 {2}/m],
    [['3', '/', ...typed('l[a-z]*\\.[ch]'), 'enter'], /^ ✓ lstrlib\.o .* of \d+ /m, 'search'],
    [['escape', 'g'], /^ ✓ lstrlib\.o +0\.87s +2 warnings +1-8\/8 *$/m],
    [['#'], /^▌ +1 gcc/m, 'numbers'],
    [['T'], /^▌ +1 +\d+\.\d+s gcc/m, 'numbers-and-times'],
    [['#'], /^▌ +\d+\.\d+s gcc/m],
    [['T'], /^▌gcc/m],
    [['W'], /long lines are wrapped/, 'wrap'],
  ]));

test('screens of 80x24: needs below one another are drawn as in the golden files', (t) =>
  play(t, 'lz4', [80, 24], /^ Parallelism /m, [
    [['3'], /^ Tab pane .* block/m, 'summary'],
    [['G', 'enter'], /^ ▸ manuals /m, 'log'],
    [['b'], /^ ✓ make -j4 all and below /m, 'block'],
    [['b'], /^ ▸ manuals /m],
    [['2', 'O'], /^ Jobs {2}launch order /m, 'launch-order'],
    [['O'], /^ Jobs +(?:\d+\/)?13 *$/m],
    [['-'], /^ {2}▸ ✓ build_tests/m, 'folded'],
    [['+', 'u'], /^ Jobs {2}unchanged too /m, 'unchanged'],
  ]));

test('screens of 200x50: builds with errors and warnings are drawn as in the golden files', (t) =>
  play(t, 'lua', [200, 50], /│ ✗ loslib\.o .*1-7\/7 *$/m, [
    [[], /^ Enter open {2}Tab pane /m, 'wide-jobs'],
    [['j', 'j', 'd'], /│ diff lstrlib\.o /m, 'wide-diff'],
    [['escape'], /│ ✓ lstrlib\.o /m],
    [['u', 'g', 'b'], /│ ✗ make -k -j4 and below, unchanged too /m, 'wide-unchanged-block'],
    [['?'], /^ Keys /m, 'wide-help'],
    [['x', 'z'], /^ Jobs /m, 'wide-zoomed'],
  ]));

test('screens of 200x50: needs below one another are drawn as in the golden files', (t) =>
  play(t, 'lz4', [200, 50], /│ ✓ make -j4 all .*1-15\/15 *$/m, [
    [['c'], /critical path: /, 'wide-critical-path'],
    [['G', 'w'], /│ why /m, 'wide-why'],
  ]));

/** A picture in the document: its golden file, the part of it, and the screen. */
const PICTURE =
  /(<!-- golden\/tui\/([\w-]+)\.txt(?:, (\d+) rows of (\d+) columns)? -->\n\n)((?: {4}.*\n|\n)+)/g;

test('the pictures in docs/tui.md are these screens', () => {
  const doc = fs.readFileSync(DOC, 'utf8');
  let pictures = 0;
  const made = doc.replaceAll(
    PICTURE,
    (_, head: string, name: string, rows: string | undefined, columns: string | undefined) => {
      pictures++;
      const [text = ''] = fs.readFileSync(goldenFile(name), 'utf8').split('--- styles: ');
      const lines = text
        .split('\n')
        .slice(0, rows === undefined ? undefined : Number(rows))
        .map((line) => cut(line, columns === undefined ? Infinity : Number(columns)));
      return `${head}${joined(lines.map((line) => `    ${line}`))}\n`;
    },
  );
  assert.equal(pictures, 3);
  if (UPDATE) fs.writeFileSync(DOC, made);
  assert.equal(UPDATE ? made : doc, made);
});
