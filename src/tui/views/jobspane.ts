// The pane with the tree of jobs, as rows of styled text. Pure.

import { type Job, failed } from '../../model/build.ts';
import { ROOT } from '../../model/ids.ts';
import { escapeName } from '../../model/printable.ts';
import { byteCount, duration, tenths } from '../../render/formats.ts';
import { elideMiddle } from '../../render/width.ts';
import type { Rect } from '../layout.ts';
import { treeView } from '../selection.ts';
import { type State, durationOf } from '../state.ts';
import { type Row, type Span, pinned, rowWidth, span, textWidth } from '../../documents/spans.ts';
import { type TreeView, isFlat } from '../../documents/tree.ts';
import { CRITICAL, DIM, RED, criticalMark, jobMark, needMark } from './marks.ts';
import { dashboardRow, nameWidth } from './dashboard.ts';
import { cursorOf, filled, listRow, title } from './parts.ts';
import { timeline } from './timeline.ts';

export function jobsPane(state: State, rect: Rect): Row[] {
  const { jobs, open } = state;
  const view = treeView(state);
  const flat = isFlat(view);
  const modes = [
    view.filter === '' ? '' : `/${escapeName(view.filter)}`,
    view.failed ? 'failed' : '',
    view.running ? 'running' : '',
    view.slow ? 'slow first' : '',
    jobs.order === 'launch' ? 'launch order' : '',
    jobs.unchanged ? 'unchanged too' : '',
  ].filter((word) => word !== '');
  const out = [title(state, 'jobs', ['Jobs', ...modes].join('  '), remarks(state, flat), rect.width)];
  const { cursor, top } = jobs.list;
  const names = jobs.dashboard && !flat ? nameWidth(state, rect.width) : undefined;
  for (let i = top; open && i < jobs.visible.length && out.length < rect.height; i++) {
    const cursorStyle = cursorOf(state, 'jobs', i === cursor);
    if (names !== undefined) out.push(dashboardRow(state, jobs.visible[i]!, names, rect.width, cursorStyle));
    else out.push(jobRow(state, jobs.visible[i]!, flat, rect.width, cursorStyle));
  }
  if (open && jobs.visible.length === 0)
    out.push([span(open.loaded < 1 ? ' reading...' : ` ${emptyText(view)}; Esc shows all`, DIM)]);
  if (!open) out.push([span(' no build is open', DIM)]);
  return filled(out, rect);
}

/** How much is read, which job the cursor is on, how many there are, and how many of them failed or run. */
function remarks(state: State, flat: boolean): Row {
  const { jobs, open } = state;
  const { tree, visible, list, counts } = jobs;
  // The wrapped command has a row, but is not a job.
  const root = open?.build.jobs[ROOT];
  const rootRow = (root && tree.rowOf(root)) ?? -1;
  const listed = tree.jobRows.length - (rootRow < 0 ? 0 : 1);
  const row = visible[list.cursor];
  let position = '';
  if (flat) {
    const rootAt = visible.indexOf(rootRow);
    const shown = visible.length - (rootAt < 0 ? 0 : 1);
    const before = list.cursor + (rootAt >= 0 && rootAt <= list.cursor ? 0 : 1);
    position = `${row === undefined || row === rootRow ? '' : `${before}/`}${shown} of `;
  } else if (row !== undefined && row !== rootRow)
    position = `${tree.jobsUpTo(row) - (rootRow >= 0 && rootRow <= row ? 1 : 0)}/`;
  return [
    ...(open && open.loaded < 1 ? [span(`${Math.floor(open.loaded * 100)} % read  `)] : []),
    span(`${position}${flat || jobs.unchanged ? listed : counts.jobs}`),
    ...(counts.failed > 0 ? [span('  '), span(`${counts.failed} failed`, RED)] : []),
    ...(counts.running > 0 ? [span(`  ${counts.running} running`)] : []),
  ];
}

/** Explains why no row is shown. */
function emptyText({ filter, failed: bad, running }: TreeView): string {
  if (filter !== '') return 'no such job';
  return bad && !running ? 'nothing failed' : 'nothing runs';
}

/** Rows deeper than this are not indented further. */
const DEEPEST = 20;

/** How many columns a row of the tree is indented. */
export function indentOf(depth: number): number {
  return 2 * Math.min(depth, DEEPEST);
}

function jobRow(state: State, index: number, flat: boolean, width: number, cursor: string | undefined): Row {
  const { jobs, ascii } = state;
  const open = state.open!;
  const { kind, depth, job } = jobs.tree.row(index);
  const indent = flat ? '' : ' '.repeat(indentOf(depth));
  const folds = !flat && kind === 'job' && jobs.tree.hasChildren(index, jobs.needRows);
  const sign = ascii ? ['+', '-'] : ['▸', '▾'];
  const fold = folds ? (job && jobs.folded.has(job) ? sign[0] : sign[1]) : ' ';
  if (!job)
    return listRow(
      [span(`${indent}${fold} `), span(`${escapeName(jobs.tree.name(index))} never ran`, DIM)],
      [],
      width,
      cursor,
    );
  const critical = jobs.critical?.has(job) ?? false;
  const shown = escapeName(open.nameOf(job));
  const seen = kind === 'seen';
  const mark = seen ? needMark(ascii) : jobMark(job, open, ascii);
  const style = seen || open.isEarlier(job) ? DIM : critical ? CRITICAL : '';
  const right = seen ? [] : facts(state, job, width, critical ? CRITICAL : undefined);
  const room = width - rowWidth(right) - 1 - indent.length - 4 - (critical ? 2 : 0);
  const name = room > 8 ? elideMiddle(shown, room) : shown;
  const needs = flat || seen || jobs.needRows ? '' : needsText(state, index, room - textWidth(name));
  const left: Span[] = [
    span(`${indent}${fold} `),
    ...pinned([mark]),
    ...pinned([span(' ')]),
    ...pinned([span(name, style)]),
    ...(critical ? [span(` ${criticalMark(ascii)}`, CRITICAL)] : []),
    ...(needs === '' ? [] : [span(needs, DIM)]),
  ];
  return listRow(left, right, width, cursor);
}

/** The shared needs of a job, behind its name: `↑ gen.h`, `↑ 3 needs`. @param room the columns for it. */
function needsText({ jobs, open, ascii }: State, index: number, room: number): string {
  const { count, first } = jobs.tree.needsOf(index);
  if (count === 0) return '';
  const sign = needMark(ascii).text;
  const job = jobs.tree.job(first);
  const name = count === 1 && job ? escapeName(open!.nameOf(job)) : '';
  const words = count === 1 ? [name, name.slice(name.lastIndexOf('/') + 1)] : [`${count} needs`, `${count}`];
  const texts = [...words, ''].map((word) => `  ${sign} ${word}`.trimEnd());
  return texts.find((text) => textWidth(text) < room) ?? '';
}

/** When a job ran, what it said, and how long it took: the columns on the right. */
function facts(state: State, job: Job, width: number, barStyle: string | undefined): Row {
  const open = state.open!;
  const columns = timelineWidth(state, width);
  const style = barStyle ?? (failed(job) || job.ended === undefined ? jobMark(job, open, false).style : DIM);
  const line =
    columns === 0 || open.loaded < 1
      ? []
      : open.isEarlier(job)
        ? [span(' '.repeat(columns + 1))]
        : [...timeline(job.started, job.ended ?? open.now, open.now, columns, state.ascii, style), span(' ')];
  const size =
    width < WITH_SIZE
      ? ''
      : job.size > 0
        ? `${byteCount(job.size)} `.padStart(6)
        : ' '.repeat(columns > 0 ? 6 : 0);
  return [...pinned(line), ...pinned([span(size, DIM)]), span(timeText(state, job).padStart(6), DIM)];
}

/** Narrower panes have no sizes of logs. */
const WITH_SIZE = 50;
/** Narrower terminals and panes have no timeline. */
const WITH_TIMELINE = 90;
const PANE_WITH_TIMELINE = 44;

/** How many columns the timeline has in a pane; 0: none. */
function timelineWidth({ width: all }: State, width: number): number {
  if (all < WITH_TIMELINE || width < PANE_WITH_TIMELINE) return 0;
  return Math.max(10, Math.min(32, width >> 2));
}

export function timeText(state: State, job: Job): string {
  const open = state.open!;
  if (job === open.build.jobs[ROOT]) {
    const ms = durationOf(open);
    return ms === undefined ? '?' : open.state === 'running' ? tenths(ms) : duration(ms);
  }
  if (job.ended !== undefined) return duration(Math.max(0, job.ended - job.started));
  return open.state === 'running' && !open.isEarlier(job) ? tenths(Math.max(0, open.now - job.started)) : '?';
}
