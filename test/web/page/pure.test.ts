// What the page computes without a browser: addresses, colours, keys, spans, the timeline's window.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PALETTES, type Theme, lookOf } from '../../../src/web/page/ansi.ts';
import { contrast, hex, legible, rgb } from '../../../src/web/page/colour.ts';
import { KEYS, actionOf, keyName } from '../../../src/web/page/keys.ts';
import { type View, fragmentOf, routeOf } from '../../../src/web/page/router.ts';
import { MOST_DRAWN, drawn, piecesOf } from '../../../src/web/page/textspans.ts';
import { Pages } from '../../../src/web/page/pages.ts';
import { axisTime, panned, showing, timesOf, zoomed } from '../../../src/web/page/timewindow.ts';
import { wheelPixels } from '../../../src/web/page/wheel.ts';
import { SequentialReads } from '../../../src/web/sequentialreads.ts';

const AA = 4.5;
const THEMES: readonly Theme[] = ['light', 'dark'];
const file = (name: string): string =>
  fs.readFileSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), 'utf8');

test('an address is what it was made from', () => {
  const names = [
    'server.o',
    'lib/server.o',
    'a b',
    'a#b%c?d',
    'x/L12',
    'x/L1-L2',
    'é\n\0',
    'L5',
    '…/ü',
    'a//b',
  ];
  const views: View[] = [
    { kind: 'summary' },
    { kind: 'problems' },
    { kind: 'timeline' },
    { kind: 'builds' },
    { kind: 'find', pattern: 'a/b#c [d]' },
    { kind: 'build', lines: undefined },
    { kind: 'build', lines: { from: 3, to: 3 } },
    ...names.flatMap((name): View[] => [
      { kind: 'job', name, lines: undefined },
      { kind: 'block', name, lines: { from: 12, to: 12 } },
      { kind: 'why', name, lines: undefined },
      { kind: 'diff', name, lines: { from: 12, to: 20 } },
      { kind: 'diff', name, lines: undefined, with: '20261121-083050534-3dd5' },
    ]),
  ];
  for (const view of views)
    for (const build of [undefined, '20261121-083116659-aea0']) {
      const fragment = fragmentOf({ build, view });
      assert.match(fragment, /^#[!-~]*$/, 'a link can be pasted anywhere');
      assert.deepEqual(routeOf(fragment), { build, view }, fragment);
    }
});

test('an address that means nothing is the summary', () => {
  for (const text of ['', '#', '#nosuch', '#job', '#job/', '#find/', '#javascript:alert(1)', '#%E0%A4%A'])
    assert.deepEqual(routeOf(text).view, { kind: 'summary' }, text);
  assert.deepEqual(routeOf('#job/%E0%A4%A').view, { kind: 'job', name: '%E0%A4%A', lines: undefined });
  assert.deepEqual(routeOf('#job/a/L9-L3').view, { kind: 'job', name: 'a', lines: { from: 9, to: 9 } });
});

test('a half of a surrogate pair in a name makes no address that throws', () => {
  assert.equal(fragmentOf({ build: undefined, view: { kind: 'job', name: 'a\ud800b' } }), '#job/a%EF%BF%BDb');
});

test('all colours of a log can be read on both themes', () => {
  for (const theme of THEMES) {
    const { page, text } = PALETTES[theme];
    assert.ok(contrast(text, page) >= 7, theme);
    const styles = [
      ...Array.from({ length: 8 }, (_, i) => [`3${i}`, `9${i}`, `1;3${i}`, `2;3${i}`, `7;3${i}`]).flat(),
      ...Array.from({ length: 8 }, (_, i) => [`4${i}`, `10${i}`, `30;4${i}`, `97;4${i}`, `2;4${i}`]).flat(),
      ...Array.from({ length: 256 }, (_, i) => [
        `38;5;${i}`,
        `48;5;${i}`,
        `38;5;${255 - i};48;5;${i}`,
      ]).flat(),
      ...['38;2;0;0;0', '38;2;255;255;255', '38;2;128;128;128;48;2;127;127;127', '2', '7', '2;7'],
    ];
    for (const style of styles) {
      const { color, backgroundColor } = lookOf(style, theme);
      const front = color === undefined ? text : rgb(color);
      const back = backgroundColor === undefined ? page : rgb(backgroundColor);
      assert.ok(contrast(front, back) >= AA - 0.05, `${style} on ${theme}: ${hex(front)} on ${hex(back)}`);
    }
  }
});

test('a style becomes what a terminal would show', () => {
  assert.deepEqual(lookOf('', 'light'), {});
  assert.deepEqual(lookOf('1;3;4;9', 'light'), {
    fontWeight: '600',
    fontStyle: 'italic',
    textDecoration: 'underline line-through',
  });
  assert.deepEqual(lookOf('1;31;0', 'light'), {});
  assert.deepEqual(lookOf('31;39', 'light'), {});
  assert.deepEqual(lookOf('38;2;120;0;0', 'light'), { color: '#780000' });
  assert.deepEqual(lookOf('38:2::120:0:0', 'light'), { color: '#780000' });
  assert.deepEqual(lookOf('38:5:52', 'light'), lookOf('38;5;52', 'light'));
  assert.deepEqual(lookOf('38;5;52;4', 'light'), {
    ...lookOf('38;5;52', 'light'),
    textDecoration: 'underline',
  });
  assert.equal(lookOf('8', 'dark').color, 'transparent');
  for (const odd of ['38', '38;5', '38;2;1', '38;5;999', '999', 'x', ';;', '48;2;-1;5;5'])
    assert.ok(!Object.values(lookOf(odd, 'dark')).some((value) => String(value).includes('NaN')), odd);
});

test('the palettes are those of the style sheet, whose texts have enough contrast', () => {
  const [light = '', dark = ''] = file('src/web/page/tokens.css').split(":root[data-theme='dark']");
  for (const [theme, css] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    const colour = (name: string): string => new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(css)?.[1] ?? '';
    assert.equal(colour('page'), hex(PALETTES[theme].page));
    assert.equal(colour('text'), hex(PALETTES[theme].text));
    const on = (text: string, ...grounds: string[]): void => {
      for (const ground of grounds) {
        const found = contrast(rgb(colour(text)), rgb(colour(ground)));
        assert.ok(found >= AA, `--${text} on --${ground}, ${theme}: ${found.toFixed(2)}`);
      }
    };
    on('text', 'page', 'side', 'hover', 'chosen', 'raised', 'red-tint', 'amber-tint', 'added', 'linked');
    on('soft', 'page', 'side', 'hover', 'chosen', 'raised');
    on('red', 'page', 'side', 'hover', 'chosen', 'red-tint');
    on('amber', 'page', 'side', 'hover', 'chosen', 'amber-tint');
    on('green', 'page', 'side', 'hover', 'chosen');
    on('purple', 'page', 'side', 'hover', 'chosen');
    on('accent', 'page', 'side', 'hover', 'chosen');
    on('on-accent', 'accent');
    on('on-mark', 'mark');
  }
});

test('a colour that can be read stays as it is, another becomes the nearest shade', () => {
  assert.equal(hex(legible(rgb('#000080'), rgb('#ffffff'))), '#000080');
  const shade = legible(rgb('#ffff00'), rgb('#ffffff'));
  assert.ok(contrast(shade, rgb('#ffffff')) >= AA);
  assert.ok(shade[0] === shade[1] && shade[2] === 0, 'still yellow');
});

test('no key has two meanings, and each key is found', () => {
  const all = KEYS.flatMap(({ keys }) => keys);
  const names = all.flatMap(({ keys }) => keys);
  assert.equal(new Set(names).size, names.length);
  const press = (key: string, held = {}): string | undefined =>
    actionOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });
  for (const { keys, action } of all) for (const key of keys) assert.equal(press(key), action);
  assert.equal(press('f', { ctrlKey: true }), undefined, "the browser's own search");
  assert.equal(press('F5'), undefined);
});

test('docs/page.md lists the keys', () => {
  const rows = KEYS.map(({ title, keys }) => {
    const of = keys.map(
      ({ keys: names, help }) => `| ${names.map((name) => `\`${keyName(name)}\``).join(' ')} | ${help} |`,
    );
    return `| ${title} | |\n|---|---|\n${of.join('\n')}\n`;
  }).join('\n');
  const text = file('docs/page.md');
  const plain = (of: string): string => of.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-');
  if (process.env.UPDATE_SNAPSHOTS) {
    const start = text.indexOf('| Moving | |');
    const end = text.indexOf('\nIn a field:');
    const url = new URL('../../../docs/page.md', import.meta.url);
    fs.writeFileSync(url, `${text.slice(0, start)}${rows}${text.slice(end)}`);
  } else assert.ok(plain(text).includes(plain(rows)), 'UPDATE_SNAPSHOTS=1 writes it anew');
});

test('matches cut spans where they begin and end', () => {
  const pieces = piecesOf(
    [
      ['abc', '1'],
      ['def', ''],
    ],
    [1, 4, 5, 6],
  );
  assert.deepEqual(
    pieces.map(({ text, style, match }) => [text, style, match]),
    [
      ['a', '1', false],
      ['bc', '1', true],
      ['d', '', true],
      ['e', '', false],
      ['f', '', true],
    ],
  );
  assert.deepEqual(piecesOf([], [0, 1]), []);
});

test('of a long line its beginning is drawn, and what is around its matches; the rest is counted', () => {
  const count = (all: ReturnType<typeof drawn>): [drawn: number, hidden: number] => [
    all.reduce((sum, one) => sum + ('text' in one ? one.text.length : 0), 0),
    all.reduce((sum, one) => sum + ('hidden' in one ? one.hidden : 0), 0),
  ];
  const of = (text: string, matches: readonly number[] = []): ReturnType<typeof drawn> =>
    drawn(
      piecesOf(
        [
          [text.slice(0, 10), '1'],
          [text.slice(10), ''],
        ],
        matches,
      ),
    );
  const long = 'abcdefghij'.repeat(6500);
  assert.deepEqual(count(of('x'.repeat(MOST_DRAWN))), [MOST_DRAWN, 0]);
  assert.deepEqual(count(of(long)), [MOST_DRAWN, long.length - MOST_DRAWN]);
  const one = of(long, [40_000, 40_010]);
  assert.deepEqual(
    one.map((piece) => ('hidden' in piece ? piece.hidden : piece.match ? piece.text : piece.text.length)),
    [10, MOST_DRAWN - 10, 40_000 - 256 - MOST_DRAWN, 256, 'abcdefghij', 256, long.length - 40_266],
  );
  // Also where all of it matches, or each other character, and beyond the last match.
  for (const matches of [[0, long.length], Array.from(long, (_, i) => i), [long.length - 1, long.length]]) {
    const [shown, hidden] = count(of(long, matches));
    assert.equal(shown + hidden, long.length);
    assert.ok(shown <= 2 * MOST_DRAWN, String(shown));
  }
  // No character is cut in two.
  for (const shift of ['', 'x']) {
    const from = 20_010 + shift.length;
    for (const piece of of(`0123456789${shift}${'😀'.repeat(20_000)}`, [from, from + 2]))
      if ('text' in piece) assert.doesNotMatch(piece.text, /\p{Surrogate}/u);
  }
});

test('the timeline is zoomed and moved within the build', () => {
  const all = { from: 0, to: 1000 };
  assert.deepEqual(zoomed(all, all, 0.5, 500), { from: 250, to: 750 });
  assert.deepEqual(zoomed(all, all, 0.5, 0), { from: 0, to: 500 });
  assert.deepEqual(zoomed({ from: 250, to: 750 }, all, 100, 500), all);
  assert.deepEqual(panned({ from: 250, to: 750 }, all, 1e9), { from: 500, to: 1000 });
  assert.deepEqual(panned({ from: 250, to: 750 }, all, -1e9), { from: 0, to: 500 });
  assert.deepEqual(showing({ from: 0, to: 100 }, all, 500, 520), { from: 460, to: 560 });
  assert.deepEqual(showing({ from: 0, to: 100 }, all, 50, 60), { from: 0, to: 100 });
  const { from, to } = zoomed(all, all, 1e-9, 500);
  assert.ok(to - from >= 1);
  assert.deepEqual(timesOf(all, 5), [0, 200, 400, 600, 800, 1000]);
  assert.deepEqual(timesOf({ from: 5, to: 5 }, 5), []);
  const seconds = (ms: number): string => `${ms / 1000}s`;
  assert.deepEqual(
    [0, 250, 1500, 125_000].map((ms) => axisTime(ms, seconds)),
    ['0', '250ms', '1.5s', '125s'],
  );
});

test('a row that is fetched again is the same object, unless it has changed', async () => {
  let errors = 0;
  const rows = new Pages(
    (from, count) =>
      Promise.resolve(
        Array.from({ length: count }, (_, i) => ({ name: `${from + i}.o`, errors: i === 1 ? errors : 0 })),
      ),
    () => undefined,
  );
  const [first, second] = [await rows.get(0), await rows.get(1)];
  errors = 1;
  rows.renew();
  assert.notEqual(await rows.fresh(1), second);
  assert.deepEqual(rows.at(1), { name: '1.o', errors: 1 });
  assert.equal(rows.at(0), first);
});

test('the wheel scrolls by pixels, lines or screens, and does nothing where it means something else', () => {
  const turned = (of: object): number | undefined =>
    wheelPixels({ deltaX: 0, deltaY: 3, deltaMode: 0, ...of } as WheelEvent, 20, 600);
  assert.equal(turned({}), 3);
  assert.equal(turned({ deltaMode: 1 }), 60);
  assert.equal(turned({ deltaMode: 2 }), 1800);
  for (const of of [{ ctrlKey: true }, { shiftKey: true }, { deltaX: -4 }])
    assert.equal(turned(of), undefined);
});

test('logs are fetched ahead once they are read one after the other', () => {
  const reads = new SequentialReads();
  const next = (...jobs: number[]): boolean[] => jobs.map((job) => reads.next(job));
  assert.deepEqual(next(90, 7, 8, 9, 40), [false, false, false, false, true]);
  reads.passed(300);
  assert.deepEqual(next(301, 500, 4, 5, 6), [true, false, false, false, false]);
  assert.deepEqual(next(7), [true]);
  reads.end();
  assert.deepEqual(next(8, 9), [false, false]);
});
