// The effect of a key or the mouse: changes the state, and returns the effects to perform outside of it.
// Knows no terminal, no file and no process.

import { BUILDS } from './actions/builds.ts';
import { FINDING } from './actions/finding.ts';
import type { Handler } from './actions/handler.ts';
import { JOBS } from './actions/jobs.ts';
import { LEAVING } from './actions/leaving.ts';
import { LOG } from './actions/log.ts';
import { MOVING, PANES, move } from './actions/moving.ts';
import { type Action, type Mouse, actionOf } from './keys.ts';
import { layout } from './layout.ts';
import { moveTo } from './list.ts';
import { fill } from './logview.ts';
import { isBrief } from './message.ts';
import { listHeight, logWindow, resized } from './panesize.ts';
import { typeInPrompt } from './prompt.ts';
import { listOf } from './selection.ts';
import type { Effect, State } from './state.ts';
import { helpView } from './views/help.ts';

const HANDLERS: Readonly<Record<Action, Handler>> = {
  ...MOVING,
  ...FINDING,
  ...JOBS,
  ...LOG,
  ...BUILDS,
  ...LEAVING,
};

/** Handles a key. */
export function press(state: State, key: string, typed: string): Effect[] {
  // A short message stays for a while, beside the keys; a long one covers something.
  if (!isBrief(state.message, state.width)) state.message = '';
  if (state.question) return answer(state, key);
  if (state.prompt) return typeInPrompt(state, key, typed);
  const action = actionOf(key);
  if (state.help !== undefined) return readHelp(state, action, state.help);
  return action ? HANDLERS[action](state) : [];
}

/** How many lines a turn of the wheel moves. */
const WHEEL = 3;

/** Handles a click or a turn of the wheel. */
export function point(state: State, { kind, x, y }: Mouse): Effect[] {
  if (state.question || state.prompt) return [];
  if (state.help !== undefined)
    return kind === 'click' ? [] : scrollHelp(state, state.help + (kind === 'up' ? -WHEEL : WHEEL));
  const { panes } = layout(state);
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

function readHelp(state: State, action: Action | undefined, from: number): Effect[] {
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
  if (step !== undefined) return scrollHelp(state, from + step);
  if (action === 'find') {
    state.prompt = { kind: 'help', text: state.helpFilter, before: state.helpFilter };
    return [];
  }
  if (action === 'escape' && state.helpFilter !== '') {
    state.helpFilter = '';
    return [];
  }
  state.help = undefined;
  state.helpFilter = '';
  return action === 'redraw' ? [{ do: 'redraw' }] : [];
}

function scrollHelp(state: State, to: number): Effect[] {
  state.help = to;
  state.help = helpView(state, state.height - 1).top;
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
