// The tree of jobs as rows: made anew, in slices, when the build has grown; folded, filtered and sorted as
// the page asks.

import { type Tree, TreeBuilder, type TreeView, isFlat, visibleRows } from '../documents/tree.ts';
import { failedByItself, hasFailedBelow } from '../linearize/failures.ts';
import { type Job, failed } from '../model/build.ts';
import type { Sliced } from '../model/sliced.ts';
import type { PageBuild } from './pagebuild.ts';
import type { JobNumber, TreeAsked, TreeRow, TreeRows, TreeState } from './protocol.ts';

/** How many rows a slice makes. */
const SLICE = 2000;
/** At most so many rows are answered at once. */
const MOST_ROWS = 500;

/** What else is known of jobs. */
export interface JobMarks {
  problemsOf(job: Job): { readonly errors: number; readonly warnings: number } | undefined;
  isCritical(job: Job): boolean;
}

export class JobRows {
  readonly #build: PageBuild;
  readonly #marks: JobMarks;
  #asked: TreeAsked = {};
  readonly #folded = new Set<Job>();
  #tree: Tree | undefined;
  /** The build's revision that the tree shows, and its order. */
  #shows: { readonly revision: number; readonly order: string } | undefined;
  #visible = new Uint32Array(0);
  #revision = 0;

  constructor(build: PageBuild, marks: JobMarks) {
    this.#build = build;
    this.#marks = marks;
  }

  get state(): TreeState {
    return {
      rows: this.#visible.length,
      jobs: Math.max(0, this.#build.build.jobs.length - 1),
      revision: this.#revision,
    };
  }

  /** Lists the jobs in another way. */
  *set(asked: TreeAsked): Sliced<TreeState> {
    this.#asked = asked;
    this.#visible = new Uint32Array(0);
    yield* this.#make();
    this.#list();
    return this.state;
  }

  *rows(from: number, count: number): Sliced<TreeRows> {
    yield* this.#make();
    const first = Math.max(0, Math.floor(from));
    const list: TreeRow[] = [];
    for (const index of this.#visible.subarray(first, first + Math.min(count, MOST_ROWS)))
      list.push(this.#row(index));
    return { ...this.state, from: first, list };
  }

  *fold(number: JobNumber | undefined, folded: boolean): Sliced<TreeState> {
    yield* this.#make();
    const tree = this.#tree!;
    if (number !== undefined) {
      const job = this.#build.job(number);
      if (folded) this.#folded.add(job);
      else this.#folded.delete(job);
    } else {
      this.#folded.clear();
      for (let k = 0; folded && k < tree.jobRows.length; k++) {
        const index = tree.jobRows.at(k);
        const job = tree.job(index);
        if (job && tree.depth(index) > 0 && tree.hasChildren(index, false)) this.#folded.add(job);
      }
    }
    this.#list();
    return this.state;
  }

  /** The row of a job. What hides it is unfolded; a filter still may. */
  *rowOf(number: JobNumber): Sliced<TreeState & { readonly row?: number }> {
    yield* this.#make();
    const tree = this.#tree!;
    const index = tree.rowOf(this.#build.job(number));
    if (index === undefined) return this.state;
    let unfolded = false;
    for (let up = tree.parentOf(index); up !== undefined; up = tree.parentOf(up)) {
      const job = tree.job(up);
      if (job && this.#folded.delete(job)) unfolded = true;
    }
    if (unfolded) this.#list();
    const row = this.#placeOf(index);
    return { ...this.state, ...(row === undefined ? {} : { row }) };
  }

  /** The next row of a job that failed by itself; from the other end again. */
  *nextFailure(from: number, ahead: boolean): Sliced<{ readonly row?: number }> {
    yield* this.#make();
    const rows = this.#visible;
    const stopped = this.#build.build.ended?.interrupted ?? false;
    for (let i = 1; i <= rows.length; i++) {
      const row = (((from + (ahead ? i : -i)) % rows.length) + rows.length) % rows.length;
      const index = rows[row]!;
      const job = this.#tree!.isReference(index) ? undefined : this.#tree!.job(index);
      if (job && failedByItself(job, stopped)) return { row };
    }
    return {};
  }

  /** Makes the tree unless it shows the build as it is. */
  *#make(): Sliced<void> {
    const { revision, build } = this.#build;
    const { order = 'needs' } = this.#asked;
    if (this.#shows?.revision === revision && this.#shows.order === order) return;
    const { root } = this.#build;
    const builder = new TreeBuilder(
      this.#build.listWalk(order),
      build.jobs,
      this.#build.named ? undefined : root,
    );
    while (builder.step(SLICE)) yield;
    const { tree } = builder;
    // Jobs that the walk does not show (no text, no link) are listed at the end.
    for (const job of build.jobs) if (tree.rowOf(job) === undefined) tree.add(job, 1, false);
    this.#tree = tree;
    this.#shows = { revision, order };
    this.#list();
  }

  #list(): void {
    if (this.#tree) this.#visible = new Uint32Array(visibleRows(this.#tree, this.#view));
    this.#revision++;
  }

  get #view(): TreeView {
    const {
      filter = '',
      failed: bad = false,
      running = false,
      slow = false,
      references = false,
    } = this.#asked;
    const build = this.#build;
    const stopped = build.build.ended?.interrupted ?? false;
    return {
      folded: this.#folded,
      filter,
      failed: bad,
      running,
      slow,
      needRows: references,
      byItself: (job) => failedByItself(job, stopped),
      runs: (job) => build.standing(job) === 'running',
      ms: (job) => (job.ended ?? build.time) - job.started,
    };
  }

  #placeOf(index: number): number | undefined {
    const rows = this.#visible;
    if (isFlat(this.#view)) {
      const row = rows.indexOf(index);
      return row < 0 ? undefined : row;
    }
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return rows[low] === index ? low : undefined;
  }

  #row(index: number): TreeRow {
    const tree = this.#tree!;
    const { kind, job, name, depth } = tree.row(index);
    const children = kind === 'job' && tree.hasChildren(index, this.#view.needRows);
    const place = { kind, depth: isFlat(this.#view) ? 0 : depth, children };
    if (!job)
      return {
        ...place,
        name,
        folded: false,
        standing: 'absent',
        status: '',
        failedBelow: false,
        from: 0,
        bytes: 0,
        errors: 0,
        warnings: 0,
        critical: false,
      };
    const build = this.#build;
    const { errors = 0, warnings = 0 } = this.#marks.problemsOf(job) ?? {};
    return {
      ...place,
      job: job.id,
      name: build.nameOf(job),
      folded: this.#folded.has(job),
      standing: build.standing(job),
      status: build.status(job),
      failedBelow: failed(job) && hasFailedBelow(job),
      from: job.started,
      ...(job.ended === undefined ? {} : { to: job.ended }),
      bytes: job.size,
      errors,
      warnings,
      critical: this.#marks.isCritical(job),
    };
  }
}
