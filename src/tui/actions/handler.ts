// The type of an action's handler: it changes the state, and returns the effects to perform outside of it.

import type { Action } from '../keys.ts';
import type { Effect, State } from '../state.ts';

export type Handler = (state: State) => Effect[];

/** The handlers of some actions. */
export type Handlers = Partial<Readonly<Record<Action, Handler>>>;
