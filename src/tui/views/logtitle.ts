// The title of the log pane: which job, how it ended, what is in its log, where the window is. What does not
// fit is left out, the least important first.

import { failed } from '../../model/build.ts';
import { escapeName } from '../../model/printable.ts';
import { commandLine, statusText } from '../../render/formats.ts';
import { elideMiddle } from '../../render/width.ts';
import type { ScreenRow } from '../logview.ts';
import type { State } from '../state.ts';
import { type Row, type Span, rowText, rowWidth, slice, span, textWidth } from '../../documents/spans.ts';
import { timeText } from './jobspane.ts';
import { BOLD, MAGENTA, RED, jobMark } from './marks.ts';
import { titleRow } from './parts.ts';

/** A part of the title. */
interface Part {
  readonly text: Span;
  /** Where it stands, and how long it is kept when there is little room. */
  readonly side: 'left' | 'right';
  readonly keep: number;
}

const GAP = 2;
/** A name is not made shorter than this while anything else can be left out. */
const SHORTEST_NAME = 16;
/** With less room, no command is shown. */
const LEAST_COMMAND = 16;

export function logTitle(state: State, rows: readonly ScreenRow[], width: number): Row {
  const { log, open, ascii } = state;
  const { job, kind, title } = log.shown;
  const ofJob = job && open && ['log', 'block', 'summary'].includes(kind) ? job : undefined;
  const mark = ofJob && open ? [jobMark(ofJob, open, ascii), span(' ')] : [];
  const name = escapeName(title);
  let parts = [...(ofJob ? jobParts(state) : []), ...contentParts(state), ...modeParts(state)];
  const position = positionText(state, rows);
  if (position !== '') parts.push({ text: span(position), side: 'right', keep: 9 });
  const widthOf = ({ text }: Part): number => textWidth(text.text) + GAP;
  const shortest = Math.min(textWidth(name), SHORTEST_NAME);
  const least = rowWidth(mark) + shortest + 2;
  const room = (): number => width - least - parts.reduce((sum, part) => sum + widthOf(part), 0);
  while (parts.length > 0 && room() < 0) {
    const first = parts.reduce((a, b) => (b.keep < a.keep ? b : a));
    parts = parts.filter((part) => part !== first);
  }
  const shown = elideMiddle(name, shortest + Math.max(0, room()));
  const command = commandSpans(state, room() - (textWidth(shown) - shortest));
  const side = (which: Part['side']): Span[] =>
    parts.flatMap(({ text, side }) => (side === which ? [span(' '.repeat(GAP)), text] : []));
  const left = [...mark, span(shown, BOLD), ...side('left'), ...command];
  return titleRow(state, 'log', left, side('right').slice(1), width);
}

function jobParts(state: State): Part[] {
  const job = state.log.shown.job!;
  const status = failed(job) && job.status ? statusText(job.status) : '';
  return [
    ...(status === '' ? [] : [{ text: span(status, RED), side: 'left', keep: 5 } as const]),
    { text: span(timeText(state, job)), side: 'left', keep: 3 },
  ];
}

/** What a job that is followed by itself runs just now, as far as there is room. */
function commandSpans(state: State, room: number): Span[] {
  const { log, auto, ascii } = state;
  const { job, kind } = log.shown;
  const step = job?.steps.at(-1);
  if (!auto || kind !== 'log' || !step || job?.ended !== undefined || room < LEAST_COMMAND) return [];
  const [first = ''] = commandLine(step.argv).trim().split('\n');
  const text = escapeName(first.trimEnd());
  const fits = textWidth(text) <= room - GAP;
  const cut = fits ? text : `${rowText(slice([span(text)], 0, room - GAP - 1))}${ascii ? '~' : '…'}`;
  return [span(' '.repeat(GAP)), span(cut)];
}

/** How many problems there are. */
function contentParts({ log }: State): Part[] {
  const { marks } = log;
  if (marks?.document !== log.shown.document) return [];
  const counted = (count: number, word: string): string =>
    `${count}${marks.done ? '' : '+'} ${word}${count === 1 && marks.done ? '' : 's'}`;
  const part = (count: number, word: string, style: string, keep: number): Part[] =>
    count === 0 ? [] : [{ text: span(counted(count, word), style), side: 'right', keep }];
  return [
    ...part(marks.errorCount, 'error', RED, 8),
    ...part(marks.warningCount, 'warning', `1;${MAGENTA}`, 4),
  ];
}

function modeParts(state: State): Part[] {
  const { log } = state;
  const { matches } = log;
  // The list of what was found everywhere has the pattern for its name.
  const pattern = log.shown.kind === 'matches' ? undefined : log.pattern;
  const parts: Part[] = [];
  const add = (text: string, keep: number): void =>
    void parts.push({ text: span(text), side: 'right', keep });
  if (log.searching) add('searching...', 8);
  if (log.timing) add('reading times...', 6);
  if (pattern) {
    const ours = matches?.pattern === pattern && matches.document === log.shown.document;
    const nth = ours ? matches.of(log.cursor) : undefined;
    const total = ours ? `${matches.total}${matches.done ? '' : '+'}` : '';
    add(`/${elideMiddle(escapeName(pattern.line.source), 24)}`, 4);
    if (ours) add(nth ? `${nth} of ${total}` : total === '1' ? '1 match' : `${total} matches`, 7);
  }
  if (log.follow) add(state.auto ? `follow ${state.ascii ? '-' : '─'} auto` : 'follow', 6);
  return parts;
}

/** `3-7/7`; where lines have not been counted, how far down the window is. */
function positionText({ log }: State, rows: readonly ScreenRow[]): string {
  const { document, numbers } = log.shown;
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return '';
  const number = (start: number): number | undefined => (numbers ? numbers.of(start) : start + 1);
  const [from, to] = [number(first.line.start), number(last.line.start)];
  const total = numbers ? numbers.total : document.end();
  const range = from === undefined || to === undefined ? '' : `${from}-${to}`;
  if (range !== '' && total !== undefined) return `${range}/${total}`;
  if (!document.complete) return range;
  const { next } = last.line;
  const part = next >= document.knownEnd ? 'end' : `${Math.floor((next / document.knownEnd) * 100)}%`;
  return range === '' ? part : `${range} ${part}`;
}
