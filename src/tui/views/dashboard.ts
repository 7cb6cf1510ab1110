// The rows of the dashboard: a job that failed or runs, with how long its target took before and how far it
// is by that; the row that counts the rest. Pure.

import type { Job } from '../../model/build.ts';
import { failed } from '../../model/build.ts';
import { escapeName } from '../../model/printable.ts';
import { duration, statusText, tenths } from '../../render/formats.ts';
import { barOf } from '../../render/statusline.ts';
import { elideMiddle } from '../../render/width.ts';
import type { State } from '../state.ts';
import { type Row, fit, pinned, span } from '../../documents/spans.ts';
import { CRITICAL, DIM, MAGENTA, RED, criticalMark, jobMark } from './marks.ts';
import { listRow } from './parts.ts';

/** What a row has between the name and the time, by the width of the pane. */
interface Columns {
  readonly before: number;
  readonly bar: number;
  readonly over: number;
}

const WIDE: Columns = { before: 14, bar: 10, over: 8 };
const MIDDLE: Columns = { before: 0, bar: 6, over: 8 };
const NARROW: Columns = { before: 0, bar: 0, over: 8 };
const TIME = 6;
/** A younger job has no time. */
const LEAST_SHOWN_MS = 1000;
/** Names get at least this share of the room that the other columns leave. */
const LEAST_NAME = 12;

function columnsFor(width: number): Columns {
  return width >= 64 ? WIDE : width >= 46 ? MIDDLE : NARROW;
}

/** Reading the name of a row's job, as it is shown. */
const nameOf = (state: State, job: Job): string => escapeName(state.open!.nameOf(job));

/** The width of the names' column: as wide as the widest name that was visible in this build so far. */
export function nameWidth(state: State, width: number): number {
  const { jobs } = state;
  const { before, bar, over } = columnsFor(width);
  const most = Math.max(LEAST_NAME, width - before - bar - over - TIME - 8);
  return Math.min(most, Math.max(LEAST_NAME, jobs.nameWidth));
}

export function dashboardRow(
  state: State,
  index: number,
  names: number,
  width: number,
  cursor: string | undefined,
): Row {
  const { jobs, ascii } = state;
  const open = state.open!;
  const job = jobs.tree.job(index);
  if (!job) return listRow([span(`   ${restText(state)}`, DIM)], [], width, cursor);
  const critical = jobs.critical?.has(job) ?? jobs.willMatter.has(job.name);
  const above = index < jobs.rest.row;
  const room = above ? names : Math.max(names, width - TIME - 16);
  const name = fit([span(elideMiddle(nameOf(state, job), room))], room);
  const mark = critical ? ` ${criticalMark(ascii)} ` : '   ';
  const runs = job.ended === undefined && open.state === 'running';
  const middle = runs && above ? runningCells(state, job, width) : endedCells(job);
  const left = [
    span(' '),
    ...pinned([jobMark(job, open, ascii)]),
    ...pinned([span(' ')]),
    ...pinned(name),
    ...pinned([span(mark, CRITICAL)]),
    ...middle,
  ];
  return listRow(left, [span(timeOf(state, job).padStart(TIME))], width, cursor);
}

/** `before 5.0s  ▓▓▓▓▓▓▓▓░░ +0.3s` */
function runningCells(state: State, job: Job, width: number): Row {
  const { before, bar, over } = columnsFor(width);
  const past = state.jobs.pastMs(job);
  if (past === undefined) return [];
  const ms = Math.max(0, state.open!.now - job.started);
  const said = past < LEAST_SHOWN_MS ? duration(past) : tenths(past);
  const late = ms - past;
  return [
    ...(before > 0 ? [span(`before ${said}`.padEnd(before), DIM)] : []),
    ...(bar > 0 && past >= LEAST_SHOWN_MS
      ? [span(barOf(ms / Math.max(1, past), state.ascii, bar), DIM)]
      : [span(' '.repeat(bar))]),
    ...(late >= 100 ? [span(` +${tenths(late)}`.padEnd(over), MAGENTA)] : []),
  ];
}

function endedCells(job: Job): Row {
  return failed(job) && job.status ? [span(statusText(job.status), RED)] : [];
}

function timeOf(state: State, job: Job): string {
  const open = state.open!;
  if (job.ended !== undefined) return duration(Math.max(0, job.ended - job.started));
  const ms = open.now - job.started;
  return open.state === 'running' && ms >= LEAST_SHOWN_MS ? tenths(ms) : '';
}

/** `… 4 more running · 15 ended · 16 to come` */
function restText({ jobs, progress, ascii, open }: State): string {
  const { rest } = jobs;
  const total = progress?.total;
  const known = open ? open.build.jobs.length - 1 : 0;
  const toCome = total === undefined || open?.state !== 'running' ? 0 : Math.max(0, total - known);
  const parts = [
    rest.failed > 0 ? `${rest.failed} more failed` : '',
    rest.running > 0 ? `${rest.running} more running` : '',
    rest.ended > 0 ? `${rest.ended} ended` : '',
    toCome > 0 ? `${toCome} to come` : '',
  ].filter((part) => part !== '');
  return `${ascii ? '...' : '…'} ${parts.join(ascii ? ' | ' : ' · ')}`.trimEnd();
}
