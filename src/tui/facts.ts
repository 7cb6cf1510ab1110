// What the header row says of the open build beyond its jobs: which of the store's builds it is, how far it
// is, and how many errors and warnings its logs have. These are counted in the background.

import { Progress } from '../view/progress.ts';
import { projectAt } from '../view/project.ts';
import { ProblemCounter } from '../documents/problemcounter.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import type { BuildList } from './buildlist.ts';
import type { Context } from './context.ts';
import type { Worker } from './slices.ts';

/** Of each tenth of a second that a build runs, counting takes at most this many milliseconds. */
const LIVE_SHARE_MS = 4;
const LIVE_PERIOD_MS = 100;
/** The minimum time between two counts that are shown. */
const SHOW_MS = 200;

export class BuildFacts {
  readonly #context: Context;
  readonly #list: BuildList;
  #counter: ProblemCounter | undefined;
  #progress: Progress | undefined;
  /** While the build runs: until when counting rests, and how long it took since then. */
  #restUntil = 0;
  #spent = 0;
  #shownAt = 0;

  constructor(context: Context, list: BuildList) {
    this.#context = context;
    this.#list = list;
  }

  /** Another build is open. */
  reset(): void {
    const { state } = this.#context;
    this.close();
    this.#counter = undefined;
    this.#progress = undefined;
    state.problems = undefined;
    state.found = undefined;
    state.progress = undefined;
    this.refresh();
  }

  close(): void {
    this.#counter?.close();
  }

  /** Time has passed, or the build has changed. */
  refresh(): void {
    const { opened, state, wiring, resumeWork } = this.#context;
    this.#place(opened);
    if (!opened || opened.loaded < 1) return;
    if (opened.state === 'running') {
      this.#progress ??= new Progress(wiring.place.store, opened.id, opened.build);
      state.progress = this.#progress.now(opened.total);
      state.jobs.willMatter = this.#progress.critical;
    } else state.progress = undefined;
    if (Date.now() >= this.#restUntil) this.#spent = 0;
    resumeWork();
  }

  #place(opened: GrowingBuild | undefined): void {
    const { state } = this.#context;
    const { ids } = this.#list;
    const at = opened ? ids.indexOf(opened.id) : -1;
    state.position = at < 0 ? undefined : { nth: ids.length - at, of: ids.length };
  }

  readonly step: Worker = () => {
    const { opened, state, wiring, changed, resumeWork } = this.#context;
    if (!opened || opened.loaded < 1) return false;
    const live = opened.state === 'running';
    const began = Date.now();
    if (live && this.#spent >= LIVE_SHARE_MS && began < this.#restUntil) return false;
    this.#counter ??= new ProblemCounter(
      opened.build,
      opened.otherLogs(),
      projectAt(wiring.place),
      wiring.patterns,
    );
    const more = this.#counter.step(!live);
    const now = Date.now();
    if (live) {
      if (this.#spent === 0) this.#restUntil = began + LIVE_PERIOD_MS;
      this.#spent += Math.max(1, now - began);
    }
    if (more && now - this.#shownAt < SHOW_MS) return true;
    this.#shownAt = now;
    const { counts } = this.#counter;
    if (!live && !more && !state.found) {
      state.problemCounts.set(opened.id, counts);
      state.found = { list: this.#counter.found, more: counts.more };
      resumeWork();
    }
    const shown = state.problems;
    const same =
      shown?.errors === counts.errors && shown.warnings === counts.warnings && shown.more === counts.more;
    if (!same) {
      state.problems = counts;
      changed();
    }
    return more;
  };
}
