// The actions that change how the log pane shows its text.

import { goLast } from '../logview.ts';
import { logWindow, resized } from '../panesize.ts';
import { isBare } from '../layout.ts';
import type { Handlers } from './handler.ts';

/** While there is nothing but the text. */
const BESIDE = 'stand beside the text once z brings that back';

export const LOG = {
  block(state) {
    const { log } = state;
    log.block = !log.block;
    state.message = log.block ? 'the whole block' : "the job's own log";
    return [{ do: 'show' }];
  },
  wrap(state) {
    const { log } = state;
    log.wrap = !log.wrap;
    Object.assign(log, { row: 0, left: 0 });
    state.message = log.wrap ? 'long lines are wrapped' : 'long lines are cut';
    return resized(state);
  },
  numbers(state) {
    state.log.numbers = !state.log.numbers;
    if (isBare(state)) state.message = state.log.numbers ? `line numbers ${BESIDE}` : 'no line numbers';
    return resized(state);
  },
  times(state) {
    const { log } = state;
    log.times = !log.times;
    log.timing = false;
    if (isBare(state)) state.message = log.times ? `times ${BESIDE}` : 'no times';
    return [...resized(state), ...(log.times ? [{ do: 'times' } as const] : [])];
  },
  follow(state) {
    const { log } = state;
    log.follow = !log.follow;
    state.message = log.follow ? 'follows the end' : 'stays here';
    if (log.follow) goLast(log.shown.document, log, logWindow(state));
    return [];
  },
} satisfies Handlers;
