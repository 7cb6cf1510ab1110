// Handles what changes with time alone: builds that appear, disappear, end and grow, ages and durations.

import type { BuildList } from './buildlist.ts';
import { setBuilds } from './buildrows.ts';
import type { Context } from './context.ts';
import type { BuildFacts } from './facts.ts';
import type { JobTree } from './jobtree.ts';
import type { LogPane } from './logpane.ts';
import { listHeight } from './panesize.ts';

const TICK_MS = 100;
const IDLE_TICK_MS = 1000;
const MINUTE_MS = 60_000;

export class Ticker {
  readonly #context: Context;
  readonly #list: BuildList;
  readonly #tree: JobTree;
  readonly #logPane: LogPane;
  readonly #facts: BuildFacts;
  #timer: NodeJS.Timeout | undefined;
  #lastTick = 0;
  #lastClock = '';
  #stopped = false;

  constructor(context: Context, list: BuildList, tree: JobTree, logPane: LogPane, facts: BuildFacts) {
    this.#context = context;
    this.#list = list;
    this.#tree = tree;
    this.#logPane = logPane;
    this.#facts = facts;
  }

  /** Checks now, and again after a while. */
  tick(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    try {
      this.#check(Date.now());
    } catch (error) {
      this.#context.showError(error);
    }
    const { opened } = this.#context;
    const live = opened?.state === 'running' && opened.loaded === 1;
    this.#timer = setTimeout(
      () => {
        this.tick();
      },
      live ? TICK_MS : IDLE_TICK_MS,
    );
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #check(now: number): void {
    const { changed, opened } = this.#context;
    if (now - this.#lastTick >= IDLE_TICK_MS - TICK_MS / 2) {
      this.#lastTick = now;
      this.#checkBuilds(now);
    }
    if (opened?.refresh()) {
      this.#logPane.grown();
      changed();
    }
    this.#tree.refresh();
    this.#facts.refresh();
    // The time that the build has taken is shown to a tenth of a second.
    if (opened?.state === 'running') changed();
  }

  #checkBuilds(now: number): void {
    const { state, changed, resumeWork } = this.#context;
    state.now = now;
    const others = this.#list.checkStore();
    if (others) resumeWork();
    if (this.#list.refresh() || others) {
      setBuilds(state, this.#list.rows(), listHeight(state, 'builds'));
      changed();
    }
    const clock = this.#clock();
    if (clock !== this.#lastClock) changed();
    this.#lastClock = clock;
  }

  /**
   * Summarises what time alone changes on the screen: ages and durations, and whether the shown build can
   * still be read.
   */
  #clock(): string {
    const { opened, state } = this.#context;
    const ticking = opened?.state === 'running' || this.#list.running();
    const young = state.now - (state.builds[0]?.at ?? 0) < MINUTE_MS;
    const time = Math.floor(state.now / (ticking || young ? IDLE_TICK_MS : MINUTE_MS));
    return [time, opened?.warning, state.log.shown.document.warning].join(' ');
  }
}
