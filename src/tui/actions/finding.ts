// Finding: the prompts for a filter or a search, the next match, the next failure.

import { failed } from '../../model/build.ts';
import { moveToRow } from '../selection.ts';
import type { Effect, State } from '../state.ts';
import type { Handlers } from './handler.ts';

export const FINDING = {
  find(state) {
    const kind = state.focus === 'log' ? 'search' : state.focus;
    const before = kind === 'jobs' ? state.jobs.filter : kind === 'builds' ? state.buildFilter : '';
    state.prompt = { kind, text: before, before };
    return [];
  },
  nextMatch: (state) => nextMatch(state, true),
  previousMatch: (state) => nextMatch(state, false),
  nextFailure: (state) => nextFailure(state, true),
  previousFailure: (state) => nextFailure(state, false),
} satisfies Handlers;

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
    moveToRow(state, at);
    return [{ do: 'show' }];
  }
  state.message = 'nothing failed here';
  return [];
}
