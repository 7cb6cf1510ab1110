// What the parts of the browser share: what it was given, its state, the build that is open, and what they ask of one another.

import type { Job } from '../model/build.ts';
import type { Extractor } from '../problems/extract.ts';
import type { Place } from '../store/place.ts';
import type { LiveBuild, Opened } from './opened.ts';
import type { State } from './state.ts';
import type { Colours } from './text/paint.ts';

/** What the browser is given. */
export interface Wiring {
  readonly place: Place;
  /** The build to show first: the last one, if none is given. */
  readonly build: string | LiveBuild | undefined;
  readonly colours: Colours;
  readonly ascii: boolean;
  /** Finds the problems in a job's log. */
  readonly extractor: (opened: Opened, job: Job) => Extractor;
  /** What a job said, and did not when it last ran, as lines; undefined: that cannot be told here. */
  readonly differences: (opened: Opened, job: Job) => Comparing;
}

/** A comparison that goes on elsewhere. */
export interface Comparing {
  readonly lines: Promise<readonly string[]>;
  /** Gives it up. */
  readonly cancel: () => void;
}

export interface Context {
  readonly wiring: Wiring;
  readonly state: State;
  opened: Opened | undefined;
  /** The screen is to be drawn again. */
  readonly changed: () => void;
  /** The job under the cursor may be another one. */
  readonly reshow: () => void;
  /** There may be something to do between keys. */
  readonly work: () => void;
  /** What goes wrong with a store or a log is a message, not the end. @throws what is none of that: a bug. */
  readonly complain: (error: unknown) => void;
}
