// The context that the parts of the browser share: options, state, the open build, and requests to one
// another.

import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import type { Place } from '../store/place.ts';
import type { LiveBuild, GrowingBuild } from '../view/growingbuild.ts';
import type { State } from './state.ts';
import type { Colours } from './text/paint.ts';

/** The browser's input. */
export interface Wiring {
  readonly place: Place;
  /** The build to show first; undefined: the last one. */
  readonly build: string | LiveBuild | undefined;
  readonly colours: Colours;
  readonly ascii: boolean;
  /** The user's problem patterns. */
  readonly patterns: BoundedPatterns;
}

export interface Context {
  readonly wiring: Wiring;
  readonly state: State;
  opened: GrowingBuild | undefined;
  /** Asks for the screen to be drawn again. */
  readonly changed: () => void;
  /** The job under the cursor may have changed. */
  readonly selectionChanged: () => void;
  /** Asks for background work to go on. */
  readonly resumeWork: () => void;
  /** Shows an error about a store or a log as a message. @throws any other error, which is a bug. */
  readonly showError: (error: unknown) => void;
}
