// The line at the bottom: a question, a prompt, or the keys that are useful here with a message beside them.
// A message that is too long for that covers some rows. Pure.

import { escapeName } from '../../model/printable.ts';
import { elideMiddle } from '../../render/width.ts';
import { hintsFor } from '../hints.ts';
import { isBrief } from '../message.ts';
import type { State } from '../state.ts';
import { type Row, type Span, fit, folded, rowWidth, slice, span, textWidth } from '../../documents/spans.ts';
import { BOLD, QUESTION, RED } from './marks.ts';

const PROMPTS = {
  builds: 'filter: ',
  jobs: 'filter: ',
  help: 'filter: ',
  search: '/',
  everywhere: 'in all jobs: /',
  save: 'write to: ',
} as const;

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

export function bottomLine(state: State): { readonly rows: Row[]; readonly cursor?: number } {
  const width = state.width - 1;
  if (state.question) return messageRows(state.question.text, QUESTION, state);
  if (state.prompt) {
    const text = ` ${PROMPTS[state.prompt.kind]}${escapeName(state.prompt.text)}`;
    const wide = textWidth(text);
    const from = Math.max(0, wide - width + 1);
    const typed = slice([span(text, BOLD)], from, wide);
    const { wrong } = state.prompt;
    const why = wrong === undefined ? [] : [span(`   ${wrong}`, RED)];
    return { rows: [fit([...typed, ...why], width)], cursor: Math.min(wide, width - 1) };
  }
  const working = state.working === undefined ? '' : `${state.working}  Esc gives up`;
  const text = state.message === '' ? working : state.message;
  if (!isBrief(text, state.width)) return messageRows(text, BOLD, state);
  if (text === '' && state.verdict !== '') return { rows: [verdictRow(state, width)] };
  const said = text === '' ? [] : [span(` ${escapeName(text)} `, BOLD)];
  const room = width - rowWidth(said);
  return { rows: [[...fit(hintRow(state, room), room), ...said]] };
}

const AFTER_FAILURE = 'e error, o edit, q quit';
const AFTER_SUCCESS = 'q quit';

/** How the build ended, and what to do then. */
function verdictRow({ verdict, ascii, open }: State, width: number): Row {
  const bad = open?.outcome !== 'ok';
  const keys = ` ${ascii ? '-' : '—'} ${bad ? AFTER_FAILURE : AFTER_SUCCESS}`;
  const room = width - textWidth(keys) - 1;
  const hint = room >= Math.min(textWidth(verdict), width >> 1) ? keys : '';
  const text = elideMiddle(verdict, width - 1 - textWidth(hint));
  return fit([span(` ${text}`, bad ? RED : BOLD), span(hint)], width);
}

/** The keys. Those that do not fit are dropped, the last ones first; help and quit stay while they fit. */
function hintRow(state: State, columns: number): Span[] {
  const parts = hintsFor(state).map(([key, word]): Span[] => [span(` ${key}`, BOLD), span(` ${word} `)]);
  const fixed = parts.splice(-2);
  const out: Span[] = [];
  let room = columns - fixed.reduce((sum, part) => sum + rowWidth(part), 0);
  for (const part of parts) {
    room -= rowWidth(part);
    if (room < 0) break;
    out.push(...part);
  }
  return [...out, ...fixed.flat()];
}
