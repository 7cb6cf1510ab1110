// The first row of the screen: which build this is, and how it goes or went. Pure. If space is short, the
// least important parts are shortened or dropped first, and the command is elided before any of them.

import { escapeName } from '../../model/printable.ts';
import { age, dayAndTime, duration, tenths, wholeSeconds } from '../../render/formats.ts';
import { barOf } from '../../render/statusline.ts';
import { type OpenBuild, type State, durationOf } from '../state.ts';
import {
  type Row,
  type Span,
  fit,
  pinned,
  rowText,
  rowWidth,
  slice,
  span,
  textWidth,
} from '../../documents/spans.ts';
import { BOLD, DIM, MAGENTA, RED, buildMark } from './marks.ts';

/**
 * A part of the row: its forms from the longest to the shortest, each with its rank. Forms with a low rank
 * are given up first; after the last one, nothing is left of the part.
 */
interface Part {
  readonly forms: readonly (readonly [rank: number, row: Row])[];
  /** It belongs to the part before it. */
  readonly close?: true;
}

/** The command keeps at least so many columns, or this share of the row. */
const LEAST_COMMAND = 8;
const COMMAND_SHARE = 0.3;
const BAR_CELLS = 11;
const SHORT_BAR_CELLS = 6;

export function headerRow(state: State, width: number): Row {
  const { open, ascii } = state;
  if (!open) return fit([span(' loglin', BOLD)], width);
  const command = escapeName(commandOf(open));
  const parts = open.state === 'running' ? runningParts(state, open) : endedParts(state, open);
  const mark = buildMark(open.outcome, ascii);
  const start = 1 + textWidth(mark.text) + 1;
  const room = width - start - 1;
  const least = Math.min(textWidth(command), Math.max(LEAST_COMMAND, Math.floor(width * COMMAND_SHARE)));
  const shown = fitting(parts, room - least);
  const right: Span[] = shown.flat();
  const name = cut(command, Math.max(1, room - rowWidth(right)), ascii);
  return fit([span(' '), mark, ...pinned([span(' ')]), span(name, BOLD), ...pinned(right)], width);
}

/** The start of a text that is too long for its columns. */
function cut(text: string, columns: number, ascii: boolean): string {
  if (textWidth(text) <= columns) return text;
  return `${rowText(slice([span(text)], 0, columns - 1)).trimEnd()}${ascii ? '~' : '…'}`;
}

/** Shortens and drops parts until they fit. */
function fitting(parts: readonly Part[], room: number): readonly Row[] {
  const form = parts.map(() => 0);
  for (;;) {
    const rows = parts.flatMap(({ forms, close }, i) => {
      const [, row] = forms[form[i]!] ?? [];
      return row ? [[span(close ? ' ' : '  '), ...row]] : [];
    });
    if (rows.length === 0 || rows.reduce((sum, row) => sum + rowWidth(row), 0) <= room) return rows;
    let least = 0;
    const rankOf = (i: number): number => parts[i]!.forms[form[i]!]?.[0] ?? Infinity;
    for (const i of parts.keys()) if (rankOf(i) < rankOf(least)) least = i;
    form[least]!++;
  }
}

function commandOf({ build, id }: OpenBuild): string {
  return build.started ? (build.started.name ?? build.started.argv.join(' ')) : id;
}

/** `1 failed`; nothing if there is none. */
function counted(rank: number, count: number, what: string, style = ''): Part {
  return { forms: count === 0 ? [] : [[rank, [span(`${count} ${what}`, style)]]] };
}

function problemParts({ problems }: State): Part[] {
  if (!problems) return [];
  const { errors, warnings, more } = problems;
  const part = (rank: number, count: number, word: string, style: string): Part => {
    const text = `${count}${more ? '+' : ''} ${word}${count === 1 && !more ? '' : 's'}`;
    return { forms: count === 0 ? [] : [[rank, [span(text, style)]]] };
  };
  return [
    part(60, errors, 'error', RED),
    { ...part(40, warnings, 'warning', MAGENTA), ...(errors > 0 && { close: true }) },
  ];
}

function endedParts(state: State, open: OpenBuild): Part[] {
  const { summary, build } = open;
  const at = build.started?.at;
  const ms = durationOf(open);
  const failed = summary?.failed ?? state.jobs.counts.failed;
  const jobs = summary?.jobs ?? state.jobs.counts.jobs;
  const ago = age(state.now - (at ?? 0));
  return [
    positionPart(state),
    {
      forms:
        at === undefined
          ? []
          : [
              [0, [span(`${dayAndTime(new Date(at))} (${ago})`, DIM)]],
              [5, [span(`${ago} ago`, DIM)]],
            ],
    },
    { forms: ms === undefined ? [] : [[70, [span(duration(ms))]]] },
    counted(30, jobs, jobs === 1 ? 'job' : 'jobs'),
    counted(80, failed, 'failed', RED),
    ...problemParts(state),
  ];
}

function positionPart({ position }: State): Part {
  if (!position) return { forms: [] };
  const { nth, of } = position;
  return {
    forms: [
      [10, [span(`build ${nth} of ${of}`, DIM)]],
      [15, [span(`${nth}/${of}`, DIM)]],
    ],
  };
}

function runningParts(state: State, open: OpenBuild): Part[] {
  const ms = durationOf(open);
  const { running, failed } = state.jobs.counts;
  return [
    { forms: ms === undefined ? [] : [[70, [span(tenths(ms))]]] },
    ...progressParts(state),
    counted(30, running, 'running'),
    counted(80, failed, 'failed', RED),
    ...problemParts(state),
  ];
}

function progressParts({ progress, ascii }: State): Part[] {
  if (!progress) return [];
  const { done, total, etaMs } = progress;
  const known = total !== undefined && total >= done;
  const count = known ? `${done}/${total}` : `${done} done`;
  const part = known && total > 0 ? done / total : undefined;
  const withBar = (cells: number): Row => [span(`${barOf(part ?? 0, ascii, cells)} ${count}`)];
  const left = etaMs === undefined ? '' : `~${wholeSeconds(etaMs)}`;
  return [
    {
      forms: [
        ...(part === undefined
          ? []
          : ([
              [0, withBar(BAR_CELLS)],
              [35, withBar(SHORT_BAR_CELLS)],
            ] as const)),
        [65, [span(count)]],
      ],
    },
    {
      forms:
        left === ''
          ? []
          : [
              [10, [span(`${left} left`)]],
              [50, [span(left)]],
            ],
    },
  ];
}
