// What a walk is asked for: where it starts, in which order it goes, and what it may ask. Types only.

import type { Instance, Job } from '../model/build.ts';
import type { Graph } from '../model/graph.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Unmade } from './unmade.ts';

export type Order = 'needs' | 'launch';

export interface WalkOptions {
  readonly order: Order;
  /** The build is still running: wait for what is not there yet. */
  readonly live?: boolean;
  /** Live, in the order of needs: print nothing out of order; wait instead. */
  readonly strict?: boolean;
  /** What takes long is done a piece at a time: `next` says 'wait' after each. */
  readonly patient?: boolean;
  /** Say which commands ran where the log does not. */
  readonly commands?: boolean;
  /** Say where a job is that was shown above. */
  readonly links?: boolean;
  /** The root job has a header: `-t` names it. */
  readonly rootHeader?: boolean;
  /**
   * What is known of an instance's graph from earlier builds; asked once for each instance of a live build.
   */
  readonly knownGraph?: (instance: Instance) => Graph | undefined;
  /**
   * The jobs that made what did not run in this build, in the last build in which it ran: they are shown in
   * its place. None: there is no such build. Undefined: it ran in this build, and is shown where it did.
   * @param name as its instance names it; without an instance, as it is shown.
   * @param is only jobs that are so, in the last build that had such ones, whatever ran in this build: those
   *   of one of several rules.
   */
  readonly unchanged?: (
    name: string,
    instance: Instance | undefined,
    is?: (job: Job) => boolean,
  ) => readonly Job[] | undefined;
  /** What a target is shown by that has no job; by default as its instance names it. */
  readonly shownName?: (name: string, instance: Instance | undefined) => string;
  /**
   * Why what did not run in this build is not known to be up to date; undefined: it is.
   * @param job the earlier build's that is shown for it; without one it has no log.
   * @param instance the one in whose graph it was found, if it is one of this build.
   */
  readonly unmade?: (
    job: Job | undefined,
    name: string,
    instance: Instance | undefined,
  ) => Unmade | undefined;
}

/**
 * A place to start from: a job's block (`alone`: without its needs), or a target without a job of its own,
 * whose needs are shown.
 */
export type WalkRoot =
  { readonly job: Job; readonly alone?: true } | { readonly instance: Instance; readonly target: string };

/**
 * Where a job's line ends that has `at` inside it: the offset after its newline, or undefined while that is
 * not known.
 */
export type LineEnd = (job: Job, at: ByteOffset) => ByteOffset | undefined;
