// The actions of the jobs pane: filters, orders, folds, the critical path.

import { failed } from '../../model/build.ts';
import { moveToRow, refreshRows, selectJob, setRows, visit } from '../selection.ts';
import { type Effect, type State, selectedJob } from '../state.ts';
import type { Handlers } from './handler.ts';

export const JOBS = {
  failedOnly(state) {
    const { jobs } = state;
    jobs.failed = !jobs.failed;
    const job = selectedJob(state);
    const effects = filtered(state, jobs.failed ? 'only what failed' : 'all jobs');
    // From a job that is not listed, to the first that is.
    if (jobs.failed && !(job && failed(job))) moveToRow(state, 0);
    return effects;
  },
  runningOnly(state) {
    const { jobs } = state;
    jobs.running = !jobs.running;
    return filtered(state, jobs.running ? 'only what runs' : 'all jobs');
  },
  slowFirst(state) {
    const { jobs } = state;
    jobs.slow = !jobs.slow;
    return filtered(state, jobs.slow ? 'what took longest first' : 'as they are shown');
  },
  order(state) {
    const { jobs } = state;
    jobs.order = jobs.order === 'needs' ? 'launch' : 'needs';
    state.message = jobs.order === 'needs' ? 'in the order of needs' : 'in the order of launches';
    return [{ do: 'tree' }, { do: 'show' }];
  },
  foldAll,
  unfoldAll(state) {
    state.jobs.folded.clear();
    refreshRows(state);
    return [];
  },
  unchanged(state) {
    const { jobs } = state;
    jobs.unchanged = !jobs.unchanged;
    state.message = jobs.unchanged ? 'with the needs that did not run' : 'only what ran';
    return [{ do: 'tree' }, { do: 'show' }];
  },
  dashboard(state) {
    const { jobs, open } = state;
    jobs.dashboard = !jobs.dashboard;
    jobs.preferTree = !jobs.dashboard;
    state.message = !jobs.dashboard
      ? 'the tree of jobs'
      : open?.state === 'running'
        ? 'what failed and what runs'
        : 'what failed, then what ended last';
    return [{ do: 'tree' }, { do: 'show' }];
  },
  auto(state) {
    if (state.open?.state !== 'running') {
      state.message = 'the build has ended';
      return [];
    }
    state.auto = true;
    state.log.follow = true;
    state.message = 'follows the build; moving ends that';
    return [{ do: 'show' }];
  },
  needs,
  needRows(state) {
    const { jobs } = state;
    jobs.needRows = !jobs.needRows;
    return filtered(state, jobs.needRows ? 'shared needs as rows' : 'shared needs beside their jobs');
  },
  critical({ jobs }) {
    if (!jobs.critical) return [{ do: 'critical' }];
    jobs.critical = undefined;
    return [];
  },
} satisfies Handlers;

/** Goes to the only shared need of a job, or lists them if there are several. */
function needs(state: State): Effect[] {
  const { jobs } = state;
  const index = jobs.visible[jobs.list.cursor];
  if (index === undefined) return [];
  const rows = jobs.tree.isReference(index) ? [index] : jobs.tree.needRowsOf(index);
  const [row, ...others] = rows;
  if (row === undefined) {
    state.message = 'what it needs is below it, or did not run';
    return [];
  }
  const job = jobs.tree.job(row);
  if (others.length > 0 || !job) return [{ do: 'text', kind: 'needs' }];
  visit(state);
  selectJob(state, job);
  return [{ do: 'show' }];
}

function foldAll(state: State): Effect[] {
  const { tree, folded, needRows } = state.jobs;
  const job = selectedJob(state);
  for (let i = 0; i < tree.length; i++) {
    const row = tree.row(i);
    // The wrapped command stays unfolded, or nothing would be visible.
    if (row.kind === 'job' && row.job && row.depth > 0 && tree.hasChildren(i, needRows)) folded.add(row.job);
  }
  // The cursor goes to the nearest enclosing job that is still visible.
  let at = job && tree.rowOf(job);
  for (let up = at; up !== undefined; up = tree.parentOf(up)) {
    const shown = tree.row(up).job;
    if (shown && folded.has(shown)) at = up;
  }
  setRows(state, at);
  return [{ do: 'show' }];
}

function filtered(state: State, message: string): Effect[] {
  state.message = message;
  refreshRows(state);
  return [{ do: 'show' }];
}
