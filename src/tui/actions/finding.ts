// Finding: the prompts for a filter or a search, the next match, the next failure.

import { failed } from '../../model/build.ts';
import { nextInGroups } from '../ring.ts';
import { moveToRow, treeView } from '../selection.ts';
import type { Effect, State } from '../state.ts';
import type { Handlers } from './handler.ts';

export const FINDING = {
  find(state) {
    const kind = state.focus === 'log' ? 'search' : state.focus;
    const before = kind === 'jobs' ? state.jobs.filter : kind === 'builds' ? state.buildFilter : '';
    const { pattern, top, row, cursor, left } = state.log;
    const origin = { pattern, position: { top, row, cursor, left } };
    state.prompt = { kind, text: before, before, ...(kind === 'search' && { origin }) };
    return [];
  },
  findEverywhere(state) {
    state.prompt = { kind: 'everywhere', text: '', before: '' };
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
  return [{ do: 'search', from, forward, typing: false }];
}

function nextFailure(state: State, forward: boolean): Effect[] {
  if (state.focus === 'log') return [{ do: 'problem', forward }];
  const { jobs } = state;
  const { byItself } = treeView(state);
  const groups: number[][] = [[], []];
  for (const [at, row] of jobs.visible.entries()) {
    if (jobs.tree.isReference(row)) continue;
    const job = jobs.tree.job(row);
    if (!job?.parent || !failed(job)) continue;
    groups[byItself(job) ? 0 : 1]!.push(at);
  }
  const step = nextInGroups(groups, jobs.list.cursor, forward, true);
  if (!step) {
    state.message = 'nothing failed here';
    return [];
  }
  moveToRow(state, step.to);
  return [{ do: 'show' }];
}
