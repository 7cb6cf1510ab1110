// The options of a walk: where it starts, its order, and what it may ask its caller. Types only.

import type { Instance, Job } from '../model/build.ts';
import type { Graph } from '../model/graph.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { NotRemade } from './notremade.ts';

export type Order = 'needs' | 'launch';

export interface WalkOptions {
  readonly order: Order;
  /** The build is still running, so the walk waits for what is not there yet. */
  readonly live?: boolean;
  /** For a live build in the order of needs: wait instead of printing anything out of order. */
  readonly strict?: boolean;
  /** Do long work in slices. `next` returns 'wait' after each. */
  readonly sliced?: boolean;
  /** Show commands that ran and are not in the log. */
  readonly commands?: boolean;
  /** Point to jobs that were shown above. */
  readonly links?: boolean;
  /** The root job has a header, since `-t` names it. */
  readonly rootHeader?: boolean;
  /**
   * Returns what earlier builds know of an instance's graph. It is called once for each instance of a live
   * build.
   */
  readonly knownGraph?: (instance: Instance) => Graph | undefined;
  /**
   * Returns the jobs of the last build in which a target ran, to be shown in place of one that did not run in
   * this build. An empty list means that there is no such build. Undefined means that the target ran in this
   * build and is shown where it did.
   * @param name as its instance names it; without an instance, as it is shown.
   * @param is accepts only such jobs, from the last build that had one, whatever ran in this build. It
   *   selects the jobs of one of several rules.
   */
  readonly unchanged?: (
    name: string,
    instance: Instance | undefined,
    is?: (job: Job) => boolean,
  ) => readonly Job[] | undefined;
  /** Returns the name by which a target without a job is shown; by default, its name in its instance. */
  readonly shownName?: (name: string, instance: Instance | undefined) => string;
  /**
   * Returns why a target that did not run in this build is not known to be up to date; undefined if it is.
   * @param job the earlier build's job that is shown for it; undefined if it has no log.
   * @param instance the instance in whose graph it was found, if that belongs to this build.
   */
  readonly notRemade?: (
    job: Job | undefined,
    name: string,
    instance: Instance | undefined,
  ) => NotRemade | undefined;
}

/**
 * A place to start from: a job's block (`alone`: without its needs), or a target without a job of its own,
 * whose needs are shown.
 */
export type WalkRoot =
  { readonly job: Job; readonly alone?: true } | { readonly instance: Instance; readonly target: string };

/**
 * Returns the offset after the newline of the line in a job's log that contains `at`, or undefined if that is
 * not yet known.
 */
export type LineEnd = (job: Job, at: ByteOffset) => ByteOffset | undefined;
