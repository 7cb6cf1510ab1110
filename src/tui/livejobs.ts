// The dashboard of a build that runs: keeps its list up to date, follows what plain loglin would print as
// long as the user lets it, goes to the first failure, and says how the build ended. Knows the state, but no
// key.

import { rootFailures } from '../linearize/failures.ts';
import { type Job, succeeded } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { escapeName } from '../model/printable.ts';
import { duration, statusText, wholeSeconds } from '../render/formats.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import { LiveFollower } from '../view/livefollower.ts';
import { PastTimes } from '../view/pasttimes.ts';
import type { Context } from './context.ts';
import { Dashboard } from './dashboard.ts';
import { settle } from './list.ts';
import { listHeight } from './panesize.ts';
import { refreshRows, selectJob, setRows, treeView } from './selection.ts';
import { type State, durationOf, selectedJob } from './state.ts';
import { textWidth } from '../documents/spans.ts';
import { type Tree, isFlat } from '../documents/tree.ts';

/** The minimum time between two lists, and how many times as long as making one it is at least. */
const INTERVAL_MS = 90;
const SHARE = 30;

interface Live {
  readonly opened: GrowingBuild;
  readonly dashboard: Dashboard;
  readonly past: PastTimes;
  follower: LiveFollower | undefined;
  /** The build's revision that is listed, and for how many rows. */
  revision: number;
  height: number;
  builtAt: number;
  cost: number;
  /** The first failure was met. */
  failed: boolean;
}

export class LiveJobs {
  readonly #context: Context;
  #live: Live | undefined;
  /** The list of a build that does not run. */
  #still: { readonly opened: GrowingBuild; readonly dashboard: Dashboard; height: number } | undefined;
  /** The list that was made last. */
  #shown: Tree | undefined;
  #ended: string | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The id of the open build if its end was seen. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Another build is open. */
  reset(): void {
    const { state } = this.#context;
    this.close();
    this.#ended = undefined;
    state.auto = false;
    state.verdict = '';
    state.jobs.dashboard = false;
    state.jobs.nameWidth = 0;
    state.jobs.pastMs = () => undefined;
  }

  close(): void {
    this.#live?.past.close();
    this.#live = undefined;
    this.#still = undefined;
  }

  /**
   * Time has passed, or the build has changed.
   * @returns whether the list is the dashboard's, so that no tree is needed.
   */
  refresh(now = false): boolean {
    const { opened, state } = this.#context;
    if (!opened || opened.loaded < 1) return false;
    if (!this.#live && opened.state === 'running') this.#begin(opened);
    const live = this.#live;
    if (!live) {
      if (state.jobs.dashboard) this.#listEnded(opened, now);
      return state.jobs.dashboard;
    }
    live.dashboard.update();
    const over = opened.state !== 'running';
    const wanted = over ? undefined : this.#wanted(live);
    const height = listHeight(state, 'jobs');
    const { revision } = opened;
    const age = Date.now() - live.builtAt;
    const changed = revision !== live.revision && age > Math.max(INTERVAL_MS, SHARE * live.cost);
    const moved = wanted !== undefined && wanted !== selectedJob(state);
    if (state.jobs.dashboard && (now || over || changed || moved || height !== live.height))
      this.#list(live, height, wanted);
    else if (moved && selectJob(state, wanted)) this.#context.selectionChanged();
    if (over) this.#end(live);
    return state.jobs.dashboard;
  }

  #begin(opened: GrowingBuild): void {
    const { state, wiring } = this.#context;
    const past = new PastTimes(wiring.place.store, opened.id);
    const root = opened.build.jobs[ROOT];
    this.#live = {
      opened,
      dashboard: new Dashboard(opened.build),
      past,
      follower: root && new LiveFollower(opened.liveWalk(root)),
      revision: -1,
      height: 0,
      builtAt: 0,
      cost: 0,
      failed: false,
    };
    state.jobs.pastMs = (job) => past.of(job);
    state.jobs.dashboard = !state.jobs.preferTree;
    state.auto = state.jobs.dashboard && !this.#busy();
    if (state.auto) state.log.follow = true;
  }

  /** The user has begun to do something while the build was read. */
  #busy(): boolean {
    const { state } = this.#context;
    return state.prompt !== undefined || state.log.shown.kind !== 'log' || state.back.length > 0;
  }

  /** The job that the cursor goes to by itself. */
  #wanted(live: Live): Job | undefined {
    const { state } = this.#context;
    const streaming = live.follower?.job();
    if (!state.auto) return undefined;
    const { firstFailure } = live.dashboard;
    if (firstFailure && !live.failed) {
      live.failed = true;
      state.auto = false;
      state.log.follow = false;
      state.log.pendingError = true;
      state.message = `${escapeName(live.opened.nameOf(firstFailure))} failed; a: follows the build again`;
      return firstFailure;
    }
    state.log.follow = true;
    const running = live.dashboard.running();
    if (streaming && running.includes(streaming)) return streaming;
    // Plain loglin waits for a job that is still to come.
    return running[0] ?? streaming;
  }

  #list(live: Live, height: number, wanted: Job | undefined): void {
    const began = performance.now();
    this.#show(live.opened, live.dashboard, height, wanted);
    live.revision = live.opened.revision;
    live.height = height;
    live.builtAt = Date.now();
    live.cost = performance.now() - began;
  }

  /** @param now even if the screen has the size that it had. */
  #listEnded(opened: GrowingBuild, now: boolean): void {
    const height = listHeight(this.#context.state, 'jobs');
    if (this.#still?.opened !== opened)
      this.#still = { opened, dashboard: new Dashboard(opened.build), height: 0 };
    const still = this.#still;
    if (!now && height === still.height) return;
    still.height = height;
    still.dashboard.update();
    this.#show(opened, still.dashboard, height, undefined);
  }

  #show(opened: GrowingBuild, dashboard: Dashboard, height: number, wanted: Job | undefined): void {
    const { state, changed, selectionChanged } = this.#context;
    const { jobs } = state;
    const fresh = jobs.tree !== this.#shown;
    const job = wanted ?? selectedJob(state);
    const onRest = job === undefined && jobs.visible.length > 0;
    const { tree, rest } = dashboard.list(height, job, opened.state === 'running');
    const restRow = jobs.rest.row;
    jobs.tree = tree;
    this.#shown = tree;
    jobs.rest = rest;
    setRows(state, job ? tree.rowOf(job) : onRest && jobs.list.cursor === restRow ? rest.row : undefined);
    // The top is what counts: the window leaves it only for a cursor that went further down.
    if (fresh && jobs.list.cursor >= height && !isFlat(treeView(state))) jobs.list.cursor = 0;
    if (jobs.list.cursor < height) jobs.list.top = 0;
    settle(jobs.list, jobs.visible.length, height);
    jobs.counts = opened.counts();
    for (let row = 0; row < rest.row; row++) {
      const above = tree.job(row);
      if (above) jobs.nameWidth = Math.max(jobs.nameWidth, textWidth(escapeName(opened.nameOf(above))));
    }
    selectionChanged();
    changed();
  }

  /** The build has ended. */
  #end(live: Live): void {
    const { state, selectionChanged, changed } = this.#context;
    const { opened } = live;
    this.#live = undefined;
    this.#ended = opened.id;
    live.past.close();
    if (state.jobs.running) {
      state.jobs.running = false;
      refreshRows(state);
    }
    const root = opened.build.jobs[ROOT];
    if (state.auto) {
      state.auto = false;
      state.log.follow = false;
      state.log.pendingError = true;
      const to = live.dashboard.firstFailure ?? root;
      if (to) selectJob(state, to);
      if (state.jobs.dashboard) state.jobs.list.top = 0;
    }
    state.message = '';
    state.verdict = verdict(opened, state);
    selectionChanged();
    changed();
  }
}

/** How a build ended, in a line: `✗ failed after 24s: tests (exit 1)`. */
function verdict(opened: GrowingBuild, state: State): string {
  const { build, outcome } = opened;
  const ms = durationOf(opened) ?? 0;
  const time = ms < 10_000 ? duration(ms) : wholeSeconds(ms);
  const [ok, bad, cut] = state.ascii ? ['.', 'x', '!'] : ['✓', '✗', '‖'];
  const count = build.jobs.length - 1;
  if (outcome === 'ok') return `${ok} done in ${time}${count > 0 ? `: ${count} jobs` : ''}`;
  if (outcome === 'interrupted') return `${cut} interrupted after ${time}`;
  const [first, ...others] = rootFailures(build);
  const { status } = build.ended ?? {};
  const how = status && !succeeded(status) ? ` (${statusText(status)})` : '';
  if (!first) return `${bad} failed after ${time}${how}`;
  const why = first.status ? ` (${statusText(first.status)})` : '';
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return `${bad} failed after ${time}: ${escapeName(opened.nameOf(first))}${why}${more}`;
}
