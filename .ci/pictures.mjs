// Pictures of terminal screens for README and docs, as SVG: runs loglin in tmux, takes the screen with its
// colours, and draws it. `node .ci/pictures.mjs` writes docs/pictures/; with --png FOLDER also what chromium
// makes of them, on a dark and on a light page, to be looked at.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = path.join(root, 'docs/pictures');

/**
 * What is typed, and when the screen is taken.
 * @typedef {object} Picture
 * @property {string} name
 * @property {number} columns
 * @property {number} rows
 * @property {string} type
 * @property {string[]} [keys]
 * @property {RegExp} seen
 * @property {number} [then] milliseconds to wait after the keys
 * @property {true} [fresh] everything is built anew
 * @property {true} [lookOnly] it is not in the documents, only made with --png
 */

/** @type {Picture[]} */
const PICTURES = [
  {
    name: 'live',
    columns: 92,
    rows: 24,
    type: 'loglin make -j4',
    seen: /^\[1s\] .* · .* · /m,
    fresh: true,
  },
  {
    name: 'dashboard',
    columns: 92,
    rows: 24,
    type: 'loglin --tui make -j4',
    seen: /[▓░] (8|9|1\d)\/\d+ /,
    fresh: true,
  },
  {
    name: 'failure',
    columns: 92,
    rows: 30,
    type: 'loglin make -j4 FAIL=1',
    seen: /loglin show app\/broken/,
    fresh: true,
  },
  { name: 'browser', columns: 110, rows: 30, type: 'loglin tui', seen: /Enter/, then: 600 },
  { name: 'problems', columns: 92, rows: 24, type: 'loglin problems', seen: /\$ $/m, then: 300 },
  ...[
    { name: 'small', columns: 80, rows: 24, type: 'loglin tui' },
    { name: 'wide', columns: 120, rows: 40, type: 'loglin tui' },
    { name: 'summary', columns: 80, rows: 24, type: 'loglin tui', keys: ['g'] },
    { name: 'help', columns: 120, rows: 40, type: 'loglin tui', keys: ['?'] },
    { name: 'problems-browser', columns: 100, rows: 30, type: 'loglin tui', keys: ['p'] },
    { name: 'builds', columns: 100, rows: 30, type: 'loglin tui', keys: ['1'] },
  ].map((picture) => /** @type {Picture} */ ({ ...picture, seen: /Enter/, then: 900, lookOnly: true })),
  { name: 'ls', columns: 80, rows: 10, type: 'loglin ls', seen: /\$ $/m, then: 500, lookOnly: true },
  { name: 'jobs', columns: 80, rows: 30, type: 'loglin jobs', seen: /\$ $/m, then: 500, lookOnly: true },
];

/** The 16 colours on a dark page and on a light one: 0 to 7, then the bright ones. */
const THEMES = {
  dark: {
    page: '#16181d',
    text: '#d5d8de',
    colours: [
      '#2b2e36',
      '#f2777a',
      '#8fc78f',
      '#e6c07b',
      '#7aa6da',
      '#c397d8',
      '#70c0b1',
      '#d5d8de',
      '#7d838f',
      '#ff9da4',
      '#a9dba9',
      '#f3d69b',
      '#9cc4f0',
      '#dcb6ee',
      '#93d8cb',
      '#ffffff',
    ],
  },
  light: {
    page: '#ffffff',
    text: '#24292f',
    colours: [
      '#24292f',
      '#c4262e',
      '#1a7f37',
      '#8a6100',
      '#0a5cad',
      '#8250a8',
      '#1b7c83',
      '#57606a',
      '#6e7781',
      '#d1333b',
      '#218a40',
      '#a07300',
      '#1767c0',
      '#9560bd',
      '#258b92',
      '#24292f',
    ],
  },
};

const CELL = 8.4;
const LINE = 18;
const MARGIN = 14;

/**
 * A screen as tmux gives it, as an SVG.
 * @param {string} screen @param {number} columns @param {number} rows @param {keyof typeof THEMES} theme
 */
function draw(screen, columns, rows, theme) {
  const { page, text: plain, colours } = THEMES[theme];
  const width = Math.ceil(columns * CELL + 2 * MARGIN);
  const height = rows * LINE + 2 * MARGIN;
  /** @type {string[]} */
  const body = [];
  const look = { bold: false, dim: false, reverse: false, underline: false, fg: '', bg: '' };
  screen
    .split('\n')
    .slice(0, rows)
    .forEach((line, row) => {
      let column = 0;
      for (const [, codes, text] of line.matchAll(/\x1b\[([\d;:]*)m|([^\x1b]+)/g)) {
        if (codes !== undefined) {
          apply(look, codes, colours);
          continue;
        }
        for (const run of runs(text ?? '')) {
          const x = MARGIN + column * CELL;
          const start = x + run.blanks * CELL;
          const y = MARGIN + row * LINE;
          let fg = look.fg || plain;
          let bg = look.bg;
          if (look.reverse) [fg, bg] = [bg || page, look.fg || plain];
          const cells = run.width;
          if (bg)
            body.push(
              `<rect x="${x.toFixed(1)}" y="${y}" width="${(cells * CELL).toFixed(1)}" height="${LINE}" fill="${bg}" shape-rendering="crispEdges"/>`,
            );
          if (run.text.trim() !== '') {
            const style = [
              `fill="${fg}"`,
              look.bold ? 'font-weight="bold"' : '',
              look.dim ? 'opacity="0.6"' : '',
              look.underline ? 'text-decoration="underline"' : '',
            ]
              .filter(Boolean)
              .join(' ');
            body.push(
              `<text x="${start.toFixed(1)}" y="${y + 13}" textLength="${((cells - run.blanks) * CELL).toFixed(1)}" ${style}>${escape(run.text)}</text>`,
            );
          }
          column += cells;
        }
      }
    });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="${page}"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">
${body.join('\n')}
</g>
</svg>
`;
}

/**
 * A text in runs without many blanks, each with the number of blanks before it.
 * @param {string} text
 */
function runs(text) {
  return [...text.matchAll(/( *)((?:(?! {2,})[^ ]| (?! |$))*)/g)]
    .filter(([run]) => run !== '')
    .map(([run, blanks = '', shown = '']) => ({
      blanks: blanks.length,
      text: shown,
      width: Array.from(run).length,
    }));
}

/** @param {Record<string, any>} look @param {string} codes @param {string[]} colours */
function apply(look, codes, colours) {
  const list = (codes === '' ? '0' : codes).split(/[;:]/).map(Number);
  for (let i = 0; i < list.length; i++) {
    const code = list[i] ?? 0;
    if (code === 0)
      Object.assign(look, { bold: false, dim: false, reverse: false, underline: false, fg: '', bg: '' });
    else if (code === 1) look.bold = true;
    else if (code === 2) look.dim = true;
    else if (code === 4) look.underline = true;
    else if (code === 7) look.reverse = true;
    else if (code === 22) look.bold = look.dim = false;
    else if (code === 27) look.reverse = false;
    else if (code === 24) look.underline = false;
    else if (code === 39) look.fg = '';
    else if (code === 49) look.bg = '';
    else if (code >= 30 && code <= 37) look.fg = colours[code - 30];
    else if (code >= 90 && code <= 97) look.fg = colours[code - 82];
    else if (code >= 40 && code <= 47) look.bg = colours[code - 40];
    else if (code >= 100 && code <= 107) look.bg = colours[code - 92];
    else if ((code === 38 || code === 48) && list[i + 1] === 5) {
      const colour = eightBit(list[i + 2] ?? 0, colours);
      if (code === 38) look.fg = colour;
      else look.bg = colour;
      i += 2;
    }
  }
}

/** xterm's 256 colours. @param {number} n @param {string[]} colours */
function eightBit(n, colours) {
  if (n < 16) return colours[n] ?? '';
  const levels =
    n >= 232
      ? [0, 0, 0].map(() => 8 + (n - 232) * 10)
      : [36, 6, 1].map((unit) => [0, 95, 135, 175, 215, 255][Math.floor((n - 16) / unit) % 6] ?? 0);
  return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const png = process.argv[2] === '--png' ? process.argv[3] : undefined;
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-pictures.'));
const socket = path.join(work, 'tmux');
const env = {
  ...process.env,
  PATH: `${path.join(root, 'bin')}:${process.env.PATH}`,
  LC_ALL: 'C.UTF-8',
  TERM: 'xterm-256color',
  LOGLIN_AGENT: '0',
};
Reflect.deleteProperty(env, 'CI');
/** @param {string[]} args */
const tmux = (...args) =>
  execFileSync('tmux', ['-S', socket, '-f', '/dev/null', '-u', ...args], {
    env,
    cwd: path.join(work, 'demo'),
    encoding: 'utf8',
  });

fs.cpSync(path.join(root, 'sample-logs/demo'), path.join(work, 'demo'), { recursive: true });
fs.mkdirSync(path.join(work, 'demo/.git'));
spawnSync('git', ['init', '-q'], { cwd: path.join(work, 'demo') });
spawnSync('make', ['-s', 'clean'], { cwd: path.join(work, 'demo') });
// A build before, so that the next one knows its totals and times.
spawnSync(path.join(root, 'bin/loglin'), ['-q', 'make', '-j4', 'FAIL=1'], {
  cwd: path.join(work, 'demo'),
  env,
});
spawnSync('make', ['-s', 'clean'], { cwd: path.join(work, 'demo') });
spawnSync(path.join(root, 'bin/loglin'), ['-q', 'make', '-j4'], { cwd: path.join(work, 'demo'), env });
spawnSync('make', ['-s', 'clean'], { cwd: path.join(work, 'demo') });
fs.mkdirSync(out, { recursive: true });
if (png) fs.mkdirSync(png, { recursive: true });
try {
  for (const picture of PICTURES) {
    const { name, columns, rows, type, keys = [], seen, then = 0, fresh, lookOnly } = picture;
    if (lookOnly && !png) continue;
    if (fresh) spawnSync('make', ['-s', 'clean'], { cwd: path.join(work, 'demo') });
    tmux('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, 'exec bash --noprofile --norc -i');
    tmux('send-keys', "PS1='$ '; clear", 'Enter');
    await sleep(400);
    tmux('send-keys', type, 'Enter');
    for (let i = 0; i < 300 && !seen.test(tmux('capture-pane', '-p')); i++) await sleep(50);
    for (const key of keys) tmux('send-keys', key);
    await sleep(then);
    const screen = tmux('capture-pane', '-p', '-e', '-N')
      .trimEnd()
      .replaceAll(path.join(work, 'demo'), '/src/demo');
    const used = Math.min(rows, screen.split('\n').length);
    if (!lookOnly) fs.writeFileSync(path.join(out, `${name}.svg`), draw(screen, columns, used, 'dark'));
    if (png)
      for (const theme of /** @type {const} */ (['dark', 'light'])) {
        const svg = path.join(png, `${name}-${theme}.svg`);
        fs.writeFileSync(svg, draw(screen, columns, used, theme));
        const size = `${Math.ceil(columns * CELL + 2 * MARGIN)},${used * LINE + 2 * MARGIN}`;
        spawnSync('chromium', [
          '--headless',
          '--no-sandbox',
          '--hide-scrollbars',
          `--window-size=${size}`,
          `--screenshot=${svg.replace('.svg', '.png')}`,
          `file://${svg}`,
        ]);
      }
    tmux('kill-server');
    await sleep(300);
  }
} finally {
  spawnSync('tmux', ['-S', socket, 'kill-server']);
  fs.rmSync(work, { recursive: true, force: true });
}
