// The whole screen: the panes side by side or stacked, with the bottom line; or the help. Pure.

import { escapeName } from '../../model/printable.ts';
import { elideMiddle } from '../../render/width.ts';
import { type Pane, shortKeys } from '../keys.ts';
import { type Rect, layout } from '../layout.ts';
import type { State } from '../state.ts';
import { type Row, type Span, fit, folded, rowWidth, slice, span, textWidth } from '../text/spans.ts';
import { headerRow } from './header.ts';
import { helpView } from './help.ts';
import { BOLD, DIM, QUESTION, RED } from './marks.ts';
import { buildsPane } from './buildspane.ts';
import { jobsPane } from './jobspane.ts';
import { logPane } from './log.ts';

/** A piece of a screen row, starting at a column. */
export interface PlacedRow {
  readonly x: number;
  readonly row: Row;
}

export interface Frame {
  /** For each row, its pieces from left to right. */
  readonly rows: readonly (readonly PlacedRow[])[];
  /** The position of the terminal's cursor if it is visible, which is in a prompt. */
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
}

/** @param colour whether colours may be used. */
export function frame(state: State, colour: boolean): Frame {
  const { width, height } = state;
  if (width < 10 || height < 3) return { rows: [[{ x: 0, row: [span('?')] }]], cursor: undefined };
  const rows: PlacedRow[][] = Array.from({ length: height }, () => []);
  const { panes, header, bottom } = layout(state);
  if (state.help !== undefined) {
    const help = helpView(width, bottom, state.help, state.ascii);
    help.rows.forEach((row, y) => rows[y]!.push({ x: 0, row }));
  } else {
    if (header !== undefined) rows[header]!.push({ x: 0, row: headerRow(state, width) });
    const views: Record<Pane, (rect: Rect) => Row[]> = {
      builds: (rect) => buildsPane(state, rect),
      jobs: (rect) => jobsPane(state, rect),
      log: (rect) => logPane(state, rect, colour),
    };
    for (const pane of ['builds', 'jobs', 'log'] as const) {
      const rect = panes[pane];
      if (!rect) continue;
      views[pane](rect).forEach((row, i) => rows[rect.y + i]?.push({ x: rect.x, row }));
      if (rect.x > 0)
        for (let y = rect.y; y < rect.y + rect.height; y++)
          rows[y]?.push({ x: rect.x - 1, row: [span(state.ascii ? '|' : '│', DIM)] });
    }
  }
  const last = bottomLine(state);
  last.rows.forEach((row, i) => (rows[bottom + 1 - last.rows.length + i] = [{ x: 0, row }]));
  return { rows, cursor: last.cursor === undefined ? undefined : { x: last.cursor, y: bottom } };
}

const PROMPTS = { builds: 'filter: ', jobs: 'filter: ', search: '/', save: 'write to: ' } as const;

/** While the help is open, the keys of the panes do not act. */
const HELP_KEYS = [
  ['j k Space', 'move'],
  ['any other key', 'leaves'],
] as const;

/** The most rows that a message may cover if it is too long for one line. */
const MOST_ROWS = 4;

/** A message on as many rows as it needs. */
function messageRows(message: string, style: string, { width, height }: State): { readonly rows: Row[] } {
  const columns = width - 2;
  const text = escapeName(message);
  const most = Math.min(MOST_ROWS, height - 2);
  let lines = folded(text, columns);
  if (lines.length > most) lines = folded(elideMiddle(text, columns * (most - 1)), columns).slice(0, most);
  return { rows: lines.map((line) => fit([span(` ${line}`, style)], width - 1, style)) };
}

const AFTER_FAILURE = ' — e error, o edit, q quit';
const AFTER_SUCCESS = ' — q quit';

/** How the build ended, and what to do then. */
function verdictRow(verdict: string, width: number): Row {
  const bad = !/^[✓.]/.test(verdict);
  const keys = bad ? AFTER_FAILURE : AFTER_SUCCESS;
  const room = width - textWidth(keys) - 1;
  const hint = room >= Math.min(textWidth(verdict), width >> 1) ? keys : '';
  const text = elideMiddle(verdict, width - 1 - textWidth(hint));
  return fit([span(` ${text}`, bad ? RED : BOLD), span(hint)], width);
}

function bottomLine(state: State): { readonly rows: Row[]; readonly cursor?: number } {
  const width = state.width - 1;
  if (state.question) return messageRows(state.question.text, QUESTION, state);
  if (state.prompt) {
    const text = ` ${PROMPTS[state.prompt.kind]}${escapeName(state.prompt.text)}`;
    const wide = textWidth(text);
    const from = Math.max(0, wide - width + 1);
    return { rows: [fit(slice([span(text, BOLD)], from, wide), width)], cursor: Math.min(wide, width - 1) };
  }
  const working = state.working === undefined ? '' : `${state.working}  Esc gives up`;
  const text = state.message === '' ? working : state.message;
  if (text !== '') return messageRows(text, BOLD, state);
  if (state.verdict !== '') return { rows: [verdictRow(state.verdict, width)] };
  // Keys that do not fit are dropped, the last ones first; help and quit stay.
  const keys = state.help === undefined ? shortKeys(state.focus) : HELP_KEYS;
  const parts = keys.map(([key, word]): Span[] => [span(` ${key}`, BOLD), span(` ${word} `)]);
  const fixed = parts.splice(-2);
  const out: Span[] = [];
  let room = width - fixed.reduce((sum, part) => sum + rowWidth(part), 0);
  for (const part of parts) {
    room -= rowWidth(part);
    if (room < 0) break;
    out.push(...part);
  }
  return { rows: [fit([...out, ...fixed.flat()], width)] };
}
