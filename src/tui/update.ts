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

/** The keys after which the cursor goes on following the build by itself. */
const GOES_ON: ReadonlySet<Action> = new Set<Action>([
  'auto',
  'dashboard',
  'nextPane',
  'previousPane',
  'buildsPane',
  'jobsPane',
  'logPane',
  'zoom',
  'critical',
  'wrap',
  'numbers',
  'times',
  'mouse',
  'redraw',
  'suspend',
  'help',
  'quit',
]);

/** Handles a key. */
export function press(state: State, key: string, typed: string): Effect[] {
  state.message = '';
  state.verdict = '';
  if (state.question) return answer(state, key);
  if (state.prompt) return typeInPrompt(state, key, typed);
  const action = actionOf(key);
  if (state.help !== undefined) return readHelp(state, action);
  if (!action) return [];
  if (!GOES_ON.has(action)) state.auto = false;
  return HANDLERS[action](state);
}

/** How many lines a turn of the wheel moves. */
const WHEEL = 3;

/** Handles a click or a turn of the wheel. */
export function point(state: State, { kind, x, y }: Mouse): Effect[] {
  if (state.question || state.prompt || state.help !== undefined) return [];
  state.auto = false;
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
