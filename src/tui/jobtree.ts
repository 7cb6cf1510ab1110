// The tree of the open build's jobs: a plain list while the build is being read, then a tree that is rebuilt
// when the build has changed. Knows the walk, but no log.

import { rootFailures } from '../linearize/failures.ts';
import type { Job } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import type { Context } from './context.ts';
import type { LiveJobs } from './livejobs.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import { NOTHING } from './state.ts';
import { Tree, TreeBuilder } from '../documents/tree.ts';
import { refreshRows, selectJob, setRows } from './selection.ts';
import type { Worker } from './slices.ts';

/** The minimum time between two updates of the list while a build is being read. */
const LIST_INTERVAL_MS = 300;
/** The minimum time between two rebuilds of the tree. */
const REBUILD_INTERVAL_MS = 200;
/** Rebuilding takes at most this part of the time: a tenth. */
const SHARE = 10;
/** How many rows one step adds. */
const ROWS = 2000;
/** So much of a tree is made at once. */
const AT_ONCE_MS = 10;

export class JobTree {
  readonly #context: Context;
  #builder: TreeBuilder | undefined;
  /** How many jobs are listed while the build is being read. */
  #listed = 0;
  /** When the tree or the list was made. */
  #builtAt = 0;
  /** How long the tree took, in milliseconds. */
  #cost = 0;
  #stale = false;
  /** The tree of the open build was made. */
  #made = false;
  /** The build's revision that the tree shows. */
  #revision = 0;
  /** The job to select once the build is read. */
  #jobToSelect: string | undefined;

  readonly #live: LiveJobs;

  constructor(context: Context, live: LiveJobs) {
    this.#context = context;
    this.#live = live;
  }

  /** Shows another build. @param wanted the job to select. */
  reset(opened: GrowingBuild, wanted: string | undefined): void {
    const { state } = this.#context;
    const { jobs } = state;
    this.#builder = undefined;
    this.#listed = 0;
    this.#made = false;
    this.#jobToSelect = wanted;
    jobs.tree = new Tree(opened.build.jobs);
    jobs.folded.clear();
    jobs.critical = undefined;
    jobs.counts = opened.counts();
    Object.assign(jobs.list, { cursor: 0, top: 0 });
    this.#live.reset();
    refreshRows(state);
    this.start();
  }

  /** Whether the build is read and its jobs are listed as they will be. */
  get made(): boolean {
    const { opened } = this.#context;
    if (!opened || opened.loaded < 1) return false;
    return this.#made || this.#context.state.jobs.dashboard || !opened.build.jobs[ROOT];
  }

  /** Rebuilds the tree with the current options, or the list of the dashboard. */
  start(): void {
    const { opened, state, resumeWork } = this.#context;
    if (this.#live.refresh(true)) {
      this.#builder = undefined;
      return;
    }
    const root = opened?.build.jobs[ROOT];
    if (!opened || opened.loaded < 1 || !root) return;
    this.#stale = false;
    this.#revision = opened.revision;
    this.#builtAt = Date.now();
    const walk = opened.treeWalk(root, state.jobs);
    this.#builder = new TreeBuilder(walk, opened.build.jobs, opened.rootHeader ? undefined : root);
    resumeWork();
    // Keys that are typed after the one that wanted the tree are for this tree.
    const end = performance.now() + AT_ONCE_MS;
    while (this.#isGrowing && performance.now() < end) this.step();
  }

  get #isGrowing(): boolean {
    return this.#builder !== undefined;
  }

  /** Rebuilds the tree if the build has changed and enough time has passed. @param now does not wait. */
  refresh(now = false): void {
    const { opened, state } = this.#context;
    if (!opened || opened.loaded < 1) return;
    if (this.#live.refresh(now)) return;
    if (opened.revision !== this.#revision) {
      this.#stale = true;
      state.jobs.counts = opened.counts();
    }
    const due = now || Date.now() - this.#builtAt > Math.max(REBUILD_INTERVAL_MS, SHARE * this.#cost);
    if (this.#stale && due && !this.#builder) this.start();
  }

  readonly step: Worker = () => {
    const { opened } = this.#context;
    if (opened && opened.loaded < 1) this.#read(opened);
    else if (!opened || !this.#builder) return false;
    else if (!this.#builder.step(ROWS)) this.#take(opened, this.#builder);
    return true;
  };

  /** Continues reading, and lists the jobs as they come. */
  #read(opened: GrowingBuild): void {
    const context = this.#context;
    const { state } = context;
    const { jobs } = state;
    let more: boolean;
    try {
      more = opened.step();
    } catch (error) {
      context.opened = undefined;
      state.open = undefined;
      opened.close();
      context.showError(error);
      return;
    }
    const all = opened.build.jobs;
    for (; this.#listed < all.length; this.#listed++) {
      const job = all[this.#listed];
      if (job) jobs.tree.add(job, job.parent ? 1 : 0, false);
    }
    if (Date.now() - this.#builtAt > LIST_INTERVAL_MS || !more) {
      this.#builtAt = Date.now();
      refreshRows(state);
      jobs.counts = { jobs: Math.max(0, all.length - 1), failed: 0, running: 0 };
      context.changed();
    }
    if (more) return;
    jobs.counts = opened.counts();
    if (opened.warning !== undefined) state.message = opened.warning;
    this.start();
  }

  #take(opened: GrowingBuild, { tree }: TreeBuilder): void {
    const { state, changed, selectionChanged } = this.#context;
    this.#builder = undefined;
    this.#made = true;
    this.#cost = Date.now() - this.#builtAt;
    this.#builtAt = Date.now();
    const cursor = state.jobs.visible[state.jobs.list.cursor];
    const before =
      cursor === undefined || cursor >= state.jobs.tree.length ? undefined : state.jobs.tree.keyOf(cursor);
    const first = state.log.shown === NOTHING;
    state.jobs.tree = tree;
    const { build } = opened;
    // Jobs that the walk does not show (no text, no link) are listed at the end.
    for (const job of build.jobs) if (tree.rowOf(job) === undefined) tree.add(job, 1, false);
    state.jobs.counts = opened.counts();
    setRows(state, before && tree.rowWithKey(before));
    const wanted = this.#jobToSelect;
    this.#jobToSelect = undefined;
    const job = wanted === undefined ? undefined : build.jobs.find(({ name }) => name === wanted);
    if (job) selectJob(state, job);
    else if (wanted !== undefined) state.message = `${wanted} did not run in this build`;
    else if (first && before?.job === build.jobs[ROOT]) {
      const [bad] = rootFailures(build);
      if (bad) selectJob(state, bad);
    }
    selectionChanged();
    changed();
  }
}

/** The jobs of the build in the order of its tree, without those of earlier builds. */
export function shownJobs(opened: GrowingBuild, tree: Tree): ReadonlySet<Job> {
  const jobs = new Set<Job>();
  for (let k = 0; k < tree.jobRows.length; k++) {
    const job = tree.job(tree.jobRows.at(k));
    if (job && !opened.isEarlier(job)) jobs.add(job);
  }
  return jobs;
}
