// What the parts of the browser share: what it was given, its state, the build that is open, and what they ask of one another.

import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import type { Place } from '../store/place.ts';
import type { LiveBuild, GrowingBuild } from '../view/growingbuild.ts';
import type { State } from './state.ts';
import type { Colours } from './text/paint.ts';

/** What the browser is given. */
export interface Wiring {
  readonly place: Place;
  /** The build to show first: the last one, if none is given. */
  readonly build: string | LiveBuild | undefined;
  readonly colours: Colours;
  readonly ascii: boolean;
  /** The user's patterns of problems. */
  readonly patterns: BoundedPatterns;
}

export interface Context {
  readonly wiring: Wiring;
  readonly state: State;
  opened: GrowingBuild | undefined;
  /** The screen is to be drawn again. */
  readonly changed: () => void;
  /** The job under the cursor may be another one. */
  readonly reshow: () => void;
  /** There may be something to do between keys. */
  readonly work: () => void;
  /** What goes wrong with a store or a log is a message, not the end. @throws what is none of that: a bug. */
  readonly complain: (error: unknown) => void;
}
