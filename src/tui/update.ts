// What a key does: the state is changed, and what is to be done outside of it is given back. Knows no terminal, no file and no process.

import stripAnsi from 'strip-ansi';
import { type Job, failed } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import { escapeName } from '../model/printable.ts';
import { unreachable } from '../model/unreachable.ts';
import { searchPattern } from './doc/find.ts';
import { type Action, type Mouse, type Pane, actionOf } from './keys.ts';
import { bodyHeight, layout } from './layout.ts';
import { type ListState, centre, moveTo, settle } from './list.ts';
import { type Window, fill, goFirst, goLast, goTo, moveCursor, page } from './logview.ts';
import { type Effect, type State, buildsShown, selectedJob } from './state.ts';
import { type TreeView, isFlat, visibleRows } from './tree.ts';
import { helpView } from './views/help.ts';

const PANES: readonly Pane[] = ['builds', 'jobs', 'log'];
/** Columns that a step to the side takes. */
const SIDE = 8;

/** The gutter of the log pane: the cursor, line numbers, times. */
export const NUMBER_WIDTH = 8;
export const TIME_WIDTH = 9;

export function gutterWidth({ log }: State): number {
  return 1 + (log.numbers ? NUMBER_WIDTH : 0) + (log.times ? TIME_WIDTH : 0);
}

export function logWindow(state: State): Window {
  const rect = layout(state.width, state.height, state.focus, state.zoomed).panes.log;
  return {
    columns: Math.max(1, (rect?.width ?? state.width) - gutterWidth(state)),
    rows: Math.max(1, bodyHeight(rect ?? { x: 0, y: 0, width: state.width, height: state.height })),
    wrap: state.log.wrap,
  };
}

function listHeight(state: State, pane: Pane): number {
  return bodyHeight(layout(state.width, state.height, state.focus, state.zoomed).panes[pane]) || 1;
}

/** How the tree is to be looked at. */
export function treeView(state: State): TreeView {
  const { jobs, open } = state;
  const runs = (job: Job): boolean => open?.state === 'running' && job.ended === undefined;
  return {
    folded: jobs.folded,
    filter: jobs.filter,
    failed: jobs.failed,
    running: jobs.running,
    slow: jobs.slow,
    runs,
    ms: (job) => (job.ended ?? (runs(job) ? open!.now : job.started)) - job.started,
  };
}

/** Looks again which rows of the tree are shown. The cursor stays on its job, if that is still there. */
export function refreshRows(state: State): void {
  const { jobs } = state;
  const before = jobs.visible[jobs.list.cursor];
  const job = before === undefined || before >= jobs.tree.length ? undefined : jobs.tree.row(before).job;
  setRows(state, job);
}

/** As refreshRows, with the cursor on a job. */
export function setRows(state: State, job: Job | undefined): void {
  const { jobs } = state;
  const { cursor, top } = jobs.list;
  jobs.visible = visibleRows(jobs.tree, treeView(state));
  const wanted = job && jobs.tree.of(job);
  const at = wanted === undefined ? -1 : indexIn(jobs.visible, wanted, isFlat(treeView(state)));
  if (at >= 0) {
    jobs.list.top = Math.max(0, at - (cursor - top));
    jobs.list.cursor = at;
  }
  settle(jobs.list, jobs.visible.length, listHeight(state, 'jobs'));
}

function indexIn(visible: Uint32Array, row: number, flat: boolean): number {
  if (flat) return visible.indexOf(row);
  let low = 0;
  let high = visible.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = visible[middle]!;
    if (value === row) return middle;
    if (value < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Puts the cursor onto a job, unfolding and unfiltering what hides it. @returns whether it is in the tree. */
export function selectJob(state: State, job: Job): boolean {
  const row = state.jobs.tree.of(job);
  return row !== undefined && selectRow(state, row);
}

/** As selectJob, with a row of the tree. */
function selectRow(state: State, row: number): boolean {
  const { jobs } = state;
  let at = indexIn(jobs.visible, row, isFlat(treeView(state)));
  if (at < 0) {
    Object.assign(jobs, { filter: '', failed: false, running: false, slow: false });
    for (let up = jobs.tree.above(row); up !== undefined; up = jobs.tree.above(up)) {
      const folded = jobs.tree.row(up).job;
      if (folded) jobs.folded.delete(folded);
    }
    jobs.visible = visibleRows(jobs.tree, treeView(state));
    at = indexIn(jobs.visible, row, false);
  }
  if (at < 0) return false;
  const height = listHeight(state, 'jobs');
  const inside = at >= jobs.list.top && at < jobs.list.top + height;
  if (inside) moveTo(jobs.list, at, jobs.visible.length, height);
  else centre(jobs.list, at, jobs.visible.length, height);
  return true;
}

/** Goes on to another document; the place that is left is noted. */
export function visit(state: State): void {
  const { log, jobs } = state;
  const index = jobs.visible[jobs.list.cursor];
  state.back.push({
    shown: log.shown,
    position: { top: log.top, row: log.row, cursor: log.cursor, left: log.left },
    focus: state.focus,
    row: index === undefined ? undefined : jobs.tree.spot(index),
  });
  if (state.back.length > 100) state.back.shift();
}

/** Takes a key. */
export function press(state: State, key: string, typed: string): Effect[] {
  state.message = '';
  if (state.question) return answer(state, key);
  if (state.prompt) return type(state, key, typed);
  const action = actionOf(key);
  if (state.help !== undefined) return readHelp(state, action);
  return action ? act(state, action) : [];
}

/** Lines that a turn of the wheel moves. */
const WHEEL = 3;

/** Takes a click, or a turn of the wheel. */
export function point(state: State, { kind, x, y }: Mouse): Effect[] {
  if (state.question || state.prompt || state.help !== undefined) return [];
  const { panes } = layout(state.width, state.height, state.focus, state.zoomed);
  const pane = PANES.find((one) => {
    const rect = panes[one];
    return rect && x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
  });
  if (!pane) return [];
  state.focus = pane;
  resized(state);
  if (kind !== 'click') return move(state, kind === 'up' ? -WHEEL : WHEEL);
  const row = y - panes[pane]!.y - 1;
  if (row < 0) return [];
  if (pane === 'log') {
    const { log } = state;
    const { line } = fill(log.shown.document, log, logWindow(state))[row] ?? {};
    if (line) log.cursor = line.start;
    return [];
  }
  const { list, count } = listOf(state);
  moveTo(list, list.top + row, count, listHeight(state, pane));
  return pane === 'jobs' ? [{ do: 'show' }] : [];
}

function readHelp(state: State, action: Action | undefined): Effect[] {
  const most = state.height - 2;
  const by: Partial<Record<Action, number>> = {
    down: 1,
    up: -1,
    pageDown: most,
    pageUp: -most,
    halfDown: most >> 1,
    halfUp: -(most >> 1),
    first: -Infinity,
    last: Infinity,
  };
  const step = action === undefined ? undefined : by[action];
  state.help =
    step === undefined
      ? undefined
      : helpView(state.width, state.height - 1, (state.help ?? 0) + step, state.ascii).top;
  if (action === 'redraw') return [{ do: 'redraw' }];
  return [];
}

function answer(state: State, key: string): Effect[] {
  const { kind, file = '' } = state.question!;
  state.question = undefined;
  if (kind === 'overwrite') {
    if (key === 'y') return [{ do: 'save', file, overwrite: true }];
    state.message = 'not written';
    return [];
  }
  if (key === 'd') return [{ do: 'quit', how: 'detach' }];
  if (key === 's') return [{ do: 'quit', how: 'stop' }];
  return [];
}

function type(state: State, key: string, typed: string): Effect[] {
  const prompt = state.prompt!;
  switch (key) {
    case 'escape':
    case 'C-c':
      state.prompt = undefined;
      prompt.text = prompt.before;
      return prompt.kind === 'builds' || prompt.kind === 'jobs' ? filtered(state, prompt) : [];
    case 'enter':
      state.prompt = undefined;
      return entered(state, prompt);
    case 'backspace':
      if (prompt.text === '') {
        state.prompt = undefined;
        return [];
      }
      prompt.text = prompt.text.replace(/.$/su, '');
      return filtered(state, prompt);
    case 'C-u':
      prompt.text = '';
      return filtered(state, prompt);
    case 'C-w':
      prompt.text = prompt.text.replace(/\S*\s*$/, '');
      return filtered(state, prompt);
    case 'down':
    case 'up':
      if (prompt.kind === 'jobs' || prompt.kind === 'builds') return act(state, key);
      return [];
    default:
      if (typed === '') return [];
      prompt.text += typed;
      return filtered(state, prompt);
  }
}

function filtered(state: State, { kind, text }: NonNullable<State['prompt']>): Effect[] {
  if (kind === 'jobs') {
    state.jobs.filter = text;
    const { list } = state.jobs;
    refreshRows(state);
    if (text !== '') moveTo(list, 0, state.jobs.visible.length, listHeight(state, 'jobs'));
    return [{ do: 'show' }];
  }
  if (kind === 'builds') {
    state.buildFilter = text;
    moveTo(state.buildList, 0, buildsShown(state).length, listHeight(state, 'builds'));
  }
  return [];
}

function entered(state: State, { kind, text }: NonNullable<State['prompt']>): Effect[] {
  if (kind === 'save') return text === '' ? [] : [{ do: 'save', file: text, overwrite: false }];
  if (kind !== 'search') return [];
  if (text !== '') {
    try {
      state.log.pattern = searchPattern(text);
    } catch (error) {
      if (!isFailure(error)) throw error;
      state.message = error.message;
      return [];
    }
  }
  if (!state.log.pattern) return [];
  return [{ do: 'search', from: state.log.cursor, forward: true }];
}

function act(state: State, action: Action): Effect[] {
  const { jobs, log } = state;
  switch (action) {
    case 'down':
      return move(state, 1);
    case 'up':
      return move(state, -1);
    case 'pageDown':
      return movePage(state, 1);
    case 'pageUp':
      return movePage(state, -1);
    case 'halfDown':
      return movePage(state, 0.5);
    case 'halfUp':
      return movePage(state, -0.5);
    case 'first':
      return move(state, -Infinity);
    case 'last':
      return move(state, Infinity);
    case 'left':
      return aside(state, -1);
    case 'right':
      return aside(state, 1);
    case 'open':
      return open(state);
    case 'back':
      return goBack(state);
    case 'escape':
      return escape(state);
    case 'nextPane':
      return focus(state, PANES[(PANES.indexOf(state.focus) + 1) % PANES.length]!);
    case 'previousPane':
      return focus(state, PANES[(PANES.indexOf(state.focus) + 2) % PANES.length]!);
    case 'buildsPane':
      return focus(state, 'builds');
    case 'jobsPane':
      return focus(state, 'jobs');
    case 'logPane':
      return focus(state, 'log');
    case 'zoom':
      state.zoomed = !state.zoomed;
      return resized(state);
    case 'find': {
      const kind = state.focus === 'log' ? 'search' : state.focus;
      const before = kind === 'jobs' ? jobs.filter : kind === 'builds' ? state.buildFilter : '';
      state.prompt = { kind, text: before, before };
      return [];
    }
    case 'nextMatch':
    case 'previousMatch':
      return nextMatch(state, action === 'nextMatch');
    case 'nextFailure':
    case 'previousFailure':
      return nextFailure(state, action === 'nextFailure');
    case 'failedOnly':
      jobs.failed = !jobs.failed;
      return refiltered(state, jobs.failed ? 'only what failed' : 'all jobs');
    case 'runningOnly':
      jobs.running = !jobs.running;
      return refiltered(state, jobs.running ? 'only what runs' : 'all jobs');
    case 'slowFirst':
      jobs.slow = !jobs.slow;
      return refiltered(state, jobs.slow ? 'what took longest first' : 'as they are shown');
    case 'order':
      jobs.order = jobs.order === 'needs' ? 'launch' : 'needs';
      state.message = jobs.order === 'needs' ? 'in the order of needs' : 'in the order of launches';
      return [{ do: 'tree' }, { do: 'show' }];
    case 'foldAll':
      return foldAll(state);
    case 'unfoldAll':
      jobs.folded.clear();
      refreshRows(state);
      return [];
    case 'unchanged':
      jobs.unchanged = !jobs.unchanged;
      state.message = jobs.unchanged ? 'with the needs that did not run' : 'only what ran';
      return [{ do: 'tree' }, { do: 'show' }];
    case 'critical':
      if (jobs.critical) {
        jobs.critical = undefined;
        return [];
      }
      return [{ do: 'critical' }];
    case 'block':
      log.block = !log.block;
      state.message = log.block ? 'the whole block' : "the job's own log";
      return [{ do: 'show' }];
    case 'wrap':
      log.wrap = !log.wrap;
      Object.assign(log, { row: 0, left: 0 });
      state.message = log.wrap ? 'long lines are wrapped' : 'long lines are cut';
      return resized(state);
    case 'numbers':
      log.numbers = !log.numbers;
      return resized(state);
    case 'times':
      log.times = !log.times;
      log.timing = false;
      return [...resized(state), ...(log.times ? [{ do: 'times' } as const] : [])];
    case 'follow':
      log.follow = !log.follow;
      state.message = log.follow ? 'follows the end' : 'stays here';
      if (log.follow) goLast(log.shown.document, log, logWindow(state));
      return [];
    case 'diff':
    case 'why':
    case 'problems':
      return [{ do: 'text', kind: action }];
    case 'olderRun':
      return [{ do: 'run', newer: false }];
    case 'newerRun':
      return [{ do: 'run', newer: true }];
    case 'copy':
      return copy(state);
    case 'pager':
      return [{ do: 'pager' }];
    case 'edit':
      return [{ do: 'edit', target: log.shown.document.at(log.cursor)?.target }];
    case 'save':
      state.prompt = { kind: 'save', text: fileName(log.shown.title), before: '' };
      return [];
    case 'mouse':
      state.mouse = !state.mouse;
      state.message = state.mouse ? 'mouse on' : "mouse off: the terminal's own selection works";
      return [{ do: 'mouse' }];
    case 'redraw':
      return [{ do: 'redraw' }];
    case 'suspend':
      return [{ do: 'suspend' }];
    case 'help':
      state.help = 0;
      return [];
    case 'quit':
      if (state.wrapping) {
        state.question = {
          kind: 'leave',
          text: 'The build runs: d detach (it goes on here), s stop it, any other key: stay',
        };
        return [];
      }
      return [{ do: 'quit', how: 'leave' }];
    default:
      return unreachable(action);
  }
}

/** A name that a file can have. */
function fileName(title: string): string {
  const base = title
    .slice(title.lastIndexOf('/') + 1)
    .replaceAll(/[^\w.+-]+/g, '-')
    .replaceAll(/^[-.]+|-+$/g, '')
    .slice(0, 60);
  return `${base === '' ? 'log' : base}.log`;
}

function focus(state: State, pane: Pane): Effect[] {
  state.focus = pane;
  return resized(state);
}

/** The panes have other sizes now. */
export function resized(state: State): Effect[] {
  settle(state.buildList, buildsShown(state).length, listHeight(state, 'builds'));
  settle(state.jobs.list, state.jobs.visible.length, listHeight(state, 'jobs'));
  const { log } = state;
  const { document } = log.shown;
  if (log.follow) goLast(document, log, logWindow(state));
  else if (document.at(log.cursor)) goTo(document, log, logWindow(state), log.cursor);
  return [];
}

function listOf(state: State): { readonly list: ListState; readonly count: number } {
  return state.focus === 'builds'
    ? { list: state.buildList, count: buildsShown(state).length }
    : { list: state.jobs.list, count: state.jobs.visible.length };
}

function move(state: State, by: number): Effect[] {
  if (state.focus === 'log') {
    const { log } = state;
    const { document } = log.shown;
    if (by === -Infinity) goFirst(log);
    else if (by === Infinity) goLast(document, log, logWindow(state));
    else moveCursor(document, log, logWindow(state), by);
    if (by < 0) log.follow = false;
    return [];
  }
  const { list, count } = listOf(state);
  const to = by === Infinity ? count - 1 : by === -Infinity ? 0 : list.cursor + by;
  moveTo(list, to, count, listHeight(state, state.focus));
  return state.focus === 'jobs' ? [{ do: 'show' }] : [];
}

function movePage(state: State, part: number): Effect[] {
  if (state.focus === 'log') {
    const window = logWindow(state);
    const rows = Math.max(1, Math.floor(window.rows * Math.abs(part)));
    page(state.log.shown.document, state.log, window, part > 0 ? rows : -rows);
    if (part < 0) state.log.follow = false;
    return [];
  }
  const height = listHeight(state, state.focus);
  const { list, count } = listOf(state);
  const rows = Math.sign(part) * Math.max(1, Math.floor(height * Math.abs(part)));
  list.top = Math.max(0, Math.min(list.top + rows, count - height));
  moveTo(list, list.cursor + rows, count, height);
  return state.focus === 'jobs' ? [{ do: 'show' }] : [];
}

/** Left and right. */
function aside(state: State, way: -1 | 1): Effect[] {
  const { log, jobs } = state;
  if (state.focus === 'log') {
    if (!log.wrap) log.left = Math.max(0, log.left + way * SIDE);
    return [];
  }
  if (state.focus === 'builds' || isFlat(treeView(state))) return [];
  const index = jobs.visible[jobs.list.cursor];
  if (index === undefined) return [];
  const { job, kind } = jobs.tree.row(index);
  const foldable = kind === 'job' && job !== undefined && jobs.tree.parent(index);
  if (way === 1) {
    if (foldable && jobs.folded.delete(job)) refreshRows(state);
    return [];
  }
  if (foldable && !jobs.folded.has(job)) {
    jobs.folded.add(job);
    refreshRows(state);
    return [];
  }
  const above = jobs.tree.above(index);
  if (above === undefined) return [];
  moveTo(jobs.list, indexIn(jobs.visible, above, false), jobs.visible.length, listHeight(state, 'jobs'));
  return [{ do: 'show' }];
}

function foldAll(state: State): Effect[] {
  const { tree, folded } = state.jobs;
  const job = selectedJob(state);
  for (let i = 0; i < tree.length; i++) {
    const row = tree.row(i);
    // The wrapped command stays open: else there would be nothing to see.
    if (row.kind === 'job' && row.job && row.depth > 0 && tree.parent(i)) folded.add(row.job);
  }
  // The cursor goes to what still shows of where it was.
  let at = job && tree.of(job);
  for (let up = at; up !== undefined; up = tree.above(up)) {
    const shown = tree.row(up).job;
    if (shown && folded.has(shown)) at = up;
  }
  setRows(state, at === undefined ? undefined : tree.row(at).job);
  return [{ do: 'show' }];
}

function refiltered(state: State, message: string): Effect[] {
  state.message = message;
  refreshRows(state);
  return [{ do: 'show' }];
}

function open(state: State): Effect[] {
  if (state.focus === 'builds') {
    const row = buildsShown(state)[state.buildList.cursor];
    if (!row) return [];
    state.focus = 'jobs';
    return row.id === state.open?.id ? resized(state) : [{ do: 'open', id: row.id }];
  }
  if (state.focus === 'jobs') {
    const index = state.jobs.visible[state.jobs.list.cursor];
    const row = index === undefined ? undefined : state.jobs.tree.row(index);
    if (row?.kind === 'seen' && row.job) {
      visit(state);
      selectJob(state, row.job);
      return [{ do: 'show' }];
    }
    return row ? focus(state, 'log') : [];
  }
  const { log } = state;
  const target = log.shown.document.at(log.cursor)?.target;
  if (!target?.job) return [];
  visit(state);
  if (!selectJob(state, target.job)) {
    state.back.pop();
    state.message = 'this job is not in the tree';
    return [];
  }
  log.pendingAt = target.at;
  return [{ do: 'show' }];
}

function goBack(state: State): Effect[] {
  const visited = state.back.pop();
  if (!visited) {
    state.message = 'nowhere to go back to';
    return [];
  }
  const row = visited.row && state.jobs.tree.at(visited.row);
  if (row !== undefined) selectRow(state, row);
  state.log.shown = visited.shown;
  Object.assign(state.log, visited.position);
  state.focus = visited.focus;
  return resized(state);
}

function escape(state: State): Effect[] {
  const { jobs, log } = state;
  if (log.searching) {
    log.searching = false;
    state.message = 'search given up';
    return [];
  }
  if (log.timing) {
    Object.assign(log, { timing: false, times: false });
    return resized(state);
  }
  if (state.working !== undefined) {
    state.message = 'given up';
    return [{ do: 'giveUp' }];
  }
  if (['diff', 'why', 'problems'].includes(log.shown.kind)) return goBack(state);
  if (state.focus === 'builds' && state.buildFilter !== '') {
    state.buildFilter = '';
    return resized(state);
  }
  if (state.focus === 'jobs' && isFlat(treeView(state))) {
    Object.assign(jobs, { filter: '', failed: false, running: false, slow: false });
    refreshRows(state);
    return [{ do: 'show' }];
  }
  if (state.focus === 'log' && log.pattern) {
    log.pattern = undefined;
    return [];
  }
  const at = PANES.indexOf(state.focus);
  return at > 0 ? focus(state, PANES[at - 1]!) : [];
}

function nextMatch(state: State, forward: boolean): Effect[] {
  const { log } = state;
  if (!log.pattern) {
    state.message = 'search for what? /';
    return [];
  }
  const from = forward ? (log.shown.document.at(log.cursor)?.next ?? log.cursor) : log.cursor;
  return [{ do: 'search', from, forward }];
}

function nextFailure(state: State, forward: boolean): Effect[] {
  if (state.focus === 'log') return [{ do: 'problem', forward }];
  const { jobs } = state;
  const count = jobs.visible.length;
  for (let i = 1; i <= count; i++) {
    const at = (jobs.list.cursor + (forward ? i : count - i)) % count;
    const { kind, job } = jobs.tree.row(jobs.visible[at]!);
    if (kind !== 'job' || !job?.parent || !failed(job)) continue;
    const height = listHeight(state, 'jobs');
    if (at >= jobs.list.top && at < jobs.list.top + height) moveTo(jobs.list, at, count, height);
    else centre(jobs.list, at, count, height);
    return [{ do: 'show' }];
  }
  state.message = 'nothing failed here';
  return [];
}

function copy(state: State): Effect[] {
  if (state.focus === 'builds') {
    const row = buildsShown(state)[state.buildList.cursor];
    return row ? [{ do: 'copy', text: row.id }] : [];
  }
  if (state.focus === 'jobs') {
    const job = selectedJob(state);
    // As it is shown, by which show finds it too: it may be pasted into a shell, and hold newlines.
    return job ? [{ do: 'copy', text: escapeName(state.open?.nameOf(job) ?? job.name) }] : [];
  }
  const line = state.log.shown.document.at(state.log.cursor);
  return line ? [{ do: 'copy', text: stripAnsi(line.text) }] : [];
}
