// Marks the jobs on the critical path, and keeps the marks up to date while the build runs.

import type { Job } from '../model/build.ts';
import type { Sliced } from '../model/sliced.ts';
import { duration } from '../render/formats.ts';
import { findCriticalPath } from '../timing/critical.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import type { Context } from './context.ts';
import type { Worker } from './slices.ts';
import { criticalMark } from './views/marks.ts';

/** The minimum time between two paths, and how many times as long as finding one it is at least. */
const INTERVAL_MS = 500;
const SHARE = 30;

export class CriticalMarks {
  readonly #context: Context;
  /** The path that is being found anew. */
  #steps: Sliced<number> | undefined;
  /** The build and its revision whose path is marked. */
  #marked: { readonly opened: GrowingBuild; readonly revision: number } | undefined;
  #foundAt = 0;
  /** How long finding it took, in milliseconds. */
  #cost = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Marks the critical path, and says how long it is. */
  *mark(): Sliced<void> {
    const { opened, state } = this.#context;
    if (!opened) {
      state.message = 'no build is open';
      return;
    }
    state.working = 'looking for the critical path...';
    const least = yield* this.#find(opened);
    const sign = criticalMark(state.ascii);
    state.message = `critical path: ${duration(least)} of ${duration(opened.now)}, marked ${sign}`;
  }

  /** Finds the path anew if the build has changed since it was marked. */
  readonly step: Worker = () => {
    const { opened, state, changed } = this.#context;
    const { critical } = state.jobs;
    if (!opened || !critical || this.#marked?.opened !== opened) {
      this.#steps = undefined;
      return false;
    }
    if (!this.#steps) {
      const due = Date.now() - this.#foundAt > Math.max(INTERVAL_MS, SHARE * this.#cost);
      if (opened.revision === this.#marked.revision || (!due && opened.state === 'running')) return false;
      this.#steps = this.#find(opened);
    }
    if (!this.#steps.next().done) return true;
    this.#steps = undefined;
    changed();
    return true;
  };

  /** @returns the length of the path, in milliseconds. */
  *#find(opened: GrowingBuild): Sliced<number> {
    const { revision } = opened;
    let cost = 0;
    let began = performance.now();
    const search = findCriticalPath(opened.build);
    for (;;) {
      const { done, value } = search.next();
      cost += performance.now() - began;
      if (done) {
        this.#marked = { opened, revision };
        this.#foundAt = Date.now();
        this.#cost = cost;
        this.#context.state.jobs.critical = new Set<Job>(value.path.map(({ job }) => job));
        return value.least;
      }
      yield;
      began = performance.now();
    }
  }
}
