// The effect of a key or the mouse: changes the state, and returns the effects to perform outside of it.
// Knows no terminal, no file and no process.

import { BUILDS } from './actions/builds.ts';
import { FINDING } from './actions/finding.ts';
import type { Handler } from './actions/handler.ts';
import { JOBS } from './actions/jobs.ts';
import { LEAVING } from './actions/leaving.ts';
import { LOG } from './actions/log.ts';
import { MOVING } from './actions/moving.ts';
import { type Action, actionOf } from './keys.ts';
import { isBrief } from './message.ts';
import { typeInPrompt } from './prompt.ts';
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

/** The actions after which a message is still of interest. */
const MOVES: ReadonlySet<Action> = new Set([
  'down',
  'up',
  'pageDown',
  'pageUp',
  'halfDown',
  'halfUp',
  'first',
  'last',
  'left',
  'right',
  'nextPane',
  'previousPane',
]);

/** Handles a key. */
export function press(state: State, key: string, typed: string): Effect[] {
  const action = actionOf(key);
  state.verdict = '';
  // A short message, beside the keys, stays for a while, until something else is done. A long one covers
  // something.
  const moves = action !== undefined && MOVES.has(action) && !state.question && !state.prompt;
  if (!moves || !isBrief(state.message, state.width)) state.message = '';
  if (state.question) return answer(state, key);
  if (state.prompt) return typeInPrompt(state, key, typed);
  if (state.help !== undefined) return readHelp(state, action, state.help);
  if (!action) return [];
  if (!GOES_ON.has(action)) state.auto = false;
  return HANDLERS[action](state);
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

/** Scrolls the help to a line. */
export function scrollHelp(state: State, to: number): Effect[] {
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
