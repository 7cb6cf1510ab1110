// The pane with the tree of jobs, as rows of styled text. Pure.

import { ROOT } from '../../model/ids.ts';
import { escapeName } from '../../model/printable.ts';
import { byteCount, duration, tenths } from '../../render/formats.ts';
import { elideMiddle } from '../../render/width.ts';
import type { Rect } from '../layout.ts';
import { treeView } from '../selection.ts';
import { type State, durationOf } from '../state.ts';
import { type Row, type Span, pinned, rowWidth, span } from '../text/spans.ts';
import { type TreeView, isFlat } from '../tree.ts';
import { DIM, RED, criticalMark, jobMark } from './marks.ts';
import { cursorOf, filled, listRow, title } from './parts.ts';

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
  const { counts } = jobs;
  // The wrapped command has a row, but is not a job.
  const root = open?.build.jobs[ROOT];
  const at = (root && jobs.tree.rowOf(root)) ?? -1;
  const right = [
    ...(open && open.loaded < 1 ? [span(`${Math.floor(open.loaded * 100)} % read  `)] : []),
    ...(flat ? [span(`${jobs.visible.length - (jobs.visible.includes(at) ? 1 : 0)} of `)] : []),
    span(`${flat ? jobs.tree.jobRows.length - (at < 0 ? 0 : 1) : counts.jobs}`),
    ...(counts.failed > 0 ? [span(', '), span(`${counts.failed} failed`, RED)] : []),
    ...(counts.running > 0 ? [span(`, ${counts.running} running`)] : []),
  ];
  const out = [title(state, 'jobs', ['Jobs', ...modes].join('  '), right, rect.width)];
  const { cursor, top } = jobs.list;
  for (let i = top; open && i < jobs.visible.length && out.length < rect.height; i++)
    out.push(jobRow(state, jobs.visible[i]!, flat, rect.width, cursorOf(state, 'jobs', i === cursor)));
  if (open && jobs.visible.length === 0)
    out.push([span(open.loaded < 1 ? ' reading...' : ` ${emptyText(view)}; Esc shows all`, DIM)]);
  if (!open) out.push([span(' no build is open', DIM)]);
  return filled(out, rect);
}

/** Explains why no row is shown. */
function emptyText({ filter, failed, running }: TreeView): string {
  if (filter !== '') return 'no such job';
  return failed && !running ? 'nothing failed' : 'nothing runs';
}

/** Rows deeper than this are not indented further. */
const DEEPEST = 20;

function jobRow(state: State, index: number, flat: boolean, width: number, cursor: string | undefined): Row {
  const { jobs, ascii } = state;
  const open = state.open!;
  const { kind, depth, job, name } = jobs.tree.row(index);
  const indent = flat ? '' : '  '.repeat(Math.min(depth, DEEPEST));
  const folds = !flat && kind === 'job' && jobs.tree.hasChildren(index);
  const sign = ascii ? ['+', '-'] : ['▸', '▾'];
  const fold = folds ? (job && jobs.folded.has(job) ? sign[0] : sign[1]) : ' ';
  if (!job)
    return listRow(
      [span(`${indent}${fold} `), span(`${escapeName(name)} never ran`, DIM)],
      [],
      width,
      cursor,
    );
  const critical = jobs.critical?.has(job) ?? false;
  const shown = escapeName(open.nameOf(job));
  const mark = kind === 'seen' ? span(ascii ? '^' : '↑', DIM) : jobMark(job, open, ascii);
  const style = kind === 'seen' || open.isEarlier(job) ? DIM : critical ? '1;35' : '';
  const right: Row =
    kind === 'seen'
      ? []
      : [
          ...(width >= 50 && job.size > 0 ? [span(`${byteCount(job.size)} `.padStart(6), DIM)] : []),
          span(timeText(state, job).padStart(6), DIM),
        ];
  const room = width - rowWidth(right) - 1 - indent.length - 4 - (critical ? 2 : 0);
  const left: Span[] = [
    span(`${indent}${fold} `),
    ...pinned([mark]),
    ...pinned([span(' ')]),
    ...pinned([span(room > 8 ? elideMiddle(shown, room) : shown, style)]),
    ...(critical ? [span(` ${criticalMark(ascii)}`, '1;35')] : []),
  ];
  return listRow(left, right, width, cursor);
}

function timeText(state: State, job: State['log']['shown']['job']): string {
  const open = state.open!;
  if (!job) return '';
  if (job === open.build.jobs[ROOT]) {
    const ms = durationOf(open);
    return ms === undefined ? '?' : open.state === 'running' ? tenths(ms) : duration(ms);
  }
  if (job.ended !== undefined) return duration(Math.max(0, job.ended - job.started));
  return open.state === 'running' && !open.isEarlier(job) ? tenths(Math.max(0, open.now - job.started)) : '?';
}
