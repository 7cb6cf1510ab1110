// The log pane: its title, its scrollbar, colours, cut lines, the text alone; searching while typing; the
// problems of a log, and the order in which they are gone through.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import type { Problem } from '../../src/problems/problem.ts';
import { Blocks } from '../../src/documents/blocks.ts';
import { type Document, TextDocument } from '../../src/documents/document.ts';
import { searchPattern } from '../../src/documents/find.ts';
import { MatchCount } from '../../src/documents/matchcount.ts';
import { LineNumbers } from '../../src/documents/numbers.ts';
import { type Piece, PieceDocument } from '../../src/documents/pieces.ts';
import { ProblemMarks } from '../../src/documents/problemmarks.ts';
import { goToMatch } from '../../src/tui/logview.ts';
import { nextInGroups } from '../../src/tui/ring.ts';
import { type OpenBuild, type State, initialState } from '../../src/tui/state.ts';
import { press } from '../../src/tui/update.ts';
import { frame } from '../../src/tui/views/frame.ts';

/** A browser that shows a log of a failed job, alone on a small terminal. */
function showing(log: string, width = 50, height = 9): State {
  const state = initialState(width, height, false);
  const status = { exit: 2 };
  const job = { id: 1, name: 'a.o', size: Buffer.byteLength(log), started: 0, ended: 1234 } as Job;
  Object.assign(job, { parent: {}, steps: [], links: [], status });
  const bytes = Buffer.from(log);
  const blocks = new Blocks(() => ({ read: (_, from, into) => bytes.copy(into, 0, from) }));
  const pieces: Piece[] = [{ kind: 'range', job, from: 0, to: bytes.length }];
  const document = new PieceDocument({ next: () => pieces.shift() }, blocks, () => undefined);
  const numbers = new LineNumbers(document);
  while (numbers.step());
  state.open = {
    build: { jobs: [] },
    isEarlier: () => false,
    nameOf: ({ name }: Job) => name,
    state: 'finished',
    loaded: 1,
  } as unknown as OpenBuild;
  state.focus = 'log';
  state.log.shown = { kind: 'log', title: 'a.o', job, document, numbers };
  return state;
}

const screen = (state: State): string[] =>
  frame(state, true).rows.map((row) =>
    row
      .flatMap((piece) => piece.row.map(({ text }) => text))
      .join('')
      .trimEnd(),
  );

/** Counts what a pattern finds, as is done when there is time. */
function count(state: State): void {
  const { shown, pattern } = state.log;
  if (!pattern) return;
  state.log.matches = new MatchCount(shown.document, pattern);
  while (state.log.matches.step());
}

function markAll(state: State, problems: readonly Partial<Problem>[]): ProblemMarks {
  let left: Problem[] | undefined = problems as Problem[];
  const marks = new ProblemMarks(state.log.shown.document as unknown as PieceDocument, () => ({
    at: 0,
    get ended() {
      return left === undefined;
    },
    read: () => {
      const found = left;
      left = undefined;
      return found;
    },
  }));
  while (marks.step());
  state.log.marks = marks;
  return marks;
}

const LINES = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('');
const at = (line: string): number => LINES.indexOf(`${line}\n`);

test('the title says how the job ended, what is in its log and where the window is; what does not fit goes', () => {
  const state = showing(LINES, 80);
  markAll(state, [
    { severity: 'error', at: at('line 7') as Problem['at'] },
    { severity: 'warning', at: at('line 8') as Problem['at'] },
    { severity: 'warning', at: at('line 9') as Problem['at'] },
  ]);
  const titleAt = (width: number): string => {
    state.width = width;
    return screen(state)[0]!.replaceAll(/ {2,}/g, ' | ').trim();
  };
  assert.equal(titleAt(58), '✗ a.o | exit 2 | 1.23s | 1 error | 2 warnings | 1-7/100');
  assert.equal(titleAt(46), '✗ a.o | exit 2 | 1 error | 2 warnings | 1-7/100');
  assert.equal(titleAt(36), '✗ a.o | exit 2 | 1 error | 1-7/100');
  assert.equal(titleAt(26), '✗ a.o | 1 error | 1-7/100');
  assert.equal(titleAt(16), '✗ a.o | 1-7/100');
});

test('a log that is not measured yet has no position, rather than a wrong one', () => {
  const state = showing(LINES);
  const pieces: Piece[] = [];
  const { job } = state.log.shown;
  for (let i = 0; i < 100; i++) pieces.push({ kind: 'mark', text: () => `mark ${i}` });
  const document = new PieceDocument(
    { next: () => pieces.shift() },
    new Blocks(() => ({ read: () => 0 })),
    () => undefined,
  );
  const numbers = new LineNumbers(document);
  state.log.shown = { kind: 'block', title: 'a.o', job, document, numbers };
  assert.match(screen(state)[0]!, /1\.23s$/);
  document.end();
  assert.match(screen(state)[0]!, / 7%$/);
  while (numbers.step());
  assert.match(screen(state)[0]!, / 1-7\/100$/);
});

test('the scrollbar shows the window, errors, warnings and matches; none where all is visible', () => {
  const state = showing(LINES, 30);
  const bar = (): string =>
    screen(state)
      .slice(1, -1)
      .map((row) => row[29] ?? ' ')
      .join('');
  assert.equal(bar(), '▐      ');
  markAll(state, [
    { severity: 'error', at: at('line 35') as Problem['at'] },
    { severity: 'warning', at: at('line 75') as Problem['at'] },
  ]);
  assert.equal(bar(), '▐ ■  ▪ ');
  state.log.pattern = searchPattern('line 5[0-9]');
  count(state);
  assert.equal(bar(), '▐ ■==▪ ');
  press(state, 'G', 'G');
  assert.equal(bar(), '  ■==▪▐');
  assert.equal(screen(showing('one\n', 30)).join('').includes('▐'), false);
});

test('a line that goes on to the right is marked, and z leaves nothing but the text', () => {
  const state = showing(`${'x'.repeat(48)}\n${'y'.repeat(49)}\nshort\n`);
  assert.deepEqual(screen(state).slice(1, 4), [`▌${'x'.repeat(48)}`, ` ${'y'.repeat(47)}›`, ' short']);
  press(state, 'l', 'l');
  assert.deepEqual(screen(state).slice(1, 4), [`▌${'x'.repeat(40)}`, `‹${'y'.repeat(41)}`, '‹']);
  press(state, 'h', 'h');
  press(state, 'j', 'j');
  press(state, 'z', 'z');
  assert.deepEqual(screen(state).slice(0, 3), ['x'.repeat(48), 'y'.repeat(49), 'short']);
  assert.deepEqual(frame(state, true).cursor, { x: 0, y: 1 });
});

test('lines without colours of their own are coloured; commands that were echoed are dim', () => {
  const state = showing('cc a.c\na.c:1:2: error: x\t|\n\x1b[32mok\x1b[0m error: y\n');
  Object.assign(state.log.shown.job!, { steps: [{ argv: ['cc', 'a.c'] }] });
  const rows = frame(state, true).rows.slice(1, 4);
  const styled = rows.map((row) =>
    row.flatMap(({ row: spans }) => spans.filter(({ text }) => text.trim() !== '' && text !== '▌')),
  );
  assert.deepEqual(
    styled.map((row) => row.map(({ text, style }) => [text.trim(), style])),
    [
      [['cc a.c', '2']],
      [
        ['a.c:1:2:', '1'],
        ['error:', '1;31'],
        ['x       |', ''],
      ],
      [
        ['ok', '32'],
        ['error: y', ''],
      ],
    ],
  );
});

test('a search shows what it finds while it is typed, says what is wrong, and Esc leads back', () => {
  const state = showing(LINES);
  press(state, 'j', 'j');
  const start = state.log.cursor;
  press(state, '/', '/');
  const [effect] = press(state, '7', '7');
  assert.deepEqual(effect, { do: 'search', from: start, forward: true, typing: true });
  assert.equal(state.log.pattern?.line.source, '7');
  state.log.cursor = at('line 7');
  assert.deepEqual(press(state, '[', '['), []);
  assert.equal(screen(state).at(-1), ' /7[   [ without ]');
  assert.equal(state.log.pattern.line.source, '7', 'what was found stays');
  press(state, 'enter', '');
  assert.equal(screen(state).at(-1), ' no regular expression: [ without ]');
  assert.deepEqual([state.log.pattern, state.log.cursor], [undefined, start]);
  press(state, '/', '/');
  press(state, '8', '8');
  press(state, 'escape', '');
  assert.deepEqual([state.log.pattern, state.log.cursor], [undefined, start]);
});

test('the title counts matches, and knows which one the cursor is on', () => {
  const state = showing(LINES, 60);
  state.log.pattern = searchPattern('line 1');
  state.log.cursor = at('line 11');
  count(state);
  assert.match(screen(state)[0]!, / \/line 1 {2}3 of 11 {2}1-7\/100$/);
  state.log.cursor = at('line 2');
  assert.match(screen(state)[0]!, / \/line 1 {2}11 matches {2}/);
});

test('a match beyond the right edge is scrolled to, and so is one further down in a wrapped line', () => {
  const text = `${'x '.repeat(200)}needle ${'y '.repeat(200)}`;
  const document: Document = new TextDocument([{ text: 'a' }, { text }]);
  const position = { top: 0, row: 0, cursor: 0, left: 0 };
  const pattern = searchPattern('needle');
  goToMatch(document, position, { columns: 40, rows: 5, wrap: false }, 1, pattern);
  assert.ok(position.left <= 400 && position.left + 40 > 406, `${position.left}`);
  goToMatch(document, position, { columns: 40, rows: 5, wrap: false }, 1, searchPattern('x'));
  assert.equal(position.left, 0);
  goToMatch(document, position, { columns: 40, rows: 5, wrap: true }, 1, pattern);
  assert.ok(position.top === 1 && position.row <= 10 && position.row + 5 > 10, JSON.stringify(position));
});

test('problems are noted where their lines are in a block, also below a child, and while the log grows', () => {
  const job = { id: 1, size: 20 } as Job;
  const pieces: Piece[] = [
    { kind: 'range', job, from: 0, to: 20 },
    { kind: 'mark', text: () => 'child' },
  ];
  const document = new PieceDocument(
    { next: () => pieces.shift() },
    new Blocks(() => ({ read: () => 0 })),
    () => undefined,
  );
  const come: Partial<Problem>[][] = [];
  const log = {
    at: 0,
    ended: false,
    read: () => come.shift() as Problem[] | undefined,
  };
  const marks = new ProblemMarks(document, () => log);
  const error = (offset: number): Partial<Problem> => ({ severity: 'error', at: offset as Problem['at'] });
  come.push([error(5), error(25)], [error(30)]);
  while (marks.step());
  assert.deepEqual(marks.errors, [5]);
  Object.assign(job, { size: 40 });
  pieces.push({ kind: 'range', job, from: 20, to: 40 });
  document.wake();
  while (marks.step());
  assert.deepEqual([marks.errors, marks.errorCount], [[5, 26, 31], 3]);
  come.push([error(39)]);
  while (marks.step());
  assert.deepEqual(marks.errors, [5, 26, 31, 40]);
});

test('stepping goes through the first group before the second, around, and begins near the cursor', () => {
  const groups = [
    [10, 50],
    [5, 30],
  ];
  const walk = (start: number, ahead: boolean): (number | string)[] => {
    const out: (number | string)[] = [];
    let here = start;
    let member = false;
    for (let i = 0; i < 6; i++) {
      const step = nextInGroups(groups, here, ahead, member)!;
      if (step.again) out.push('again');
      out.push(step.to);
      here = step.to;
      member = true;
    }
    return out;
  };
  assert.deepEqual(walk(0, true), [10, 50, 5, 30, 'again', 10, 50]);
  assert.deepEqual(walk(20, true), [50, 5, 30, 'again', 10, 50, 5]);
  assert.deepEqual(walk(99, true), ['again', 10, 50, 5, 30, 'again', 10, 50]);
  assert.deepEqual(walk(20, false), [10, 'again', 30, 5, 50, 10, 'again', 30]);
  assert.deepEqual(walk(0, false), ['again', 30, 5, 50, 10, 'again', 30, 5]);
  assert.equal(nextInGroups([[], []], 3, true, false), undefined);
  assert.deepEqual(nextInGroups([[], [4]], 0, true, false), { to: 4, group: 1, index: 0, again: false });
});
