// The rows of the jobs pane: a build as a tree, flattened. Pure. The order and the nesting are the walk's own
// (linearize/walk.ts), so that the tree is what `show` prints. Rows are kept in flat arrays: a build of
// 100,000 jobs with many needs has a million of them.

import { escapeRegExp } from '../model/regexp.ts';
import type { Walk } from '../linearize/walk.ts';
import { type Job, failed } from '../model/build.ts';
import { Numbers } from '../model/numbers.ts';

/** What a row is: a job where it is shown; a reference to one that is shown above; a need that never ran. */
export type RowKind = 'job' | 'seen' | 'absent';

export interface TreeRow {
  readonly kind: RowKind;
  readonly depth: number;
  readonly job: Job | undefined;
  readonly name: string;
}

/** A row, wherever it stands once the tree is made anew: one job may have several. */
export interface Spot {
  readonly job: Job | undefined;
  /** What it is directly below of. */
  readonly above: Job | undefined;
}

/** What a row is, in the two lowest bits of its word; its depth is in the others. */
const JOB = 0;
const SEEN = 1;
const ABSENT = 2;
const KINDS: readonly RowKind[] = ['job', 'seen', 'absent'];
const KIND_BITS = 2;

/** Every row there is, folded or not. */
export class Tree {
  readonly #jobs: readonly Job[];
  /** What is not among the jobs of the build: jobs of earlier ones, and names. */
  readonly #others: (Job | string)[] = [];
  /**
   * What a row is of: a job's number, or, below the numbers of all jobs that can come, a place among the
   * others from the end.
   */
  readonly #of = new Numbers();
  readonly #words = new Numbers();
  /** The rows that are no references. */
  readonly jobRows = new Numbers();
  /** By the job's number, the row where it is shown, plus 1. */
  readonly #rows = new Numbers();
  readonly #otherRows = new Map<Job, number>();

  /** @param jobs those of the build, by number; there may be more of them later. */
  constructor(jobs: readonly Job[] = []) {
    this.#jobs = jobs;
  }

  get length(): number {
    return this.#of.length;
  }

  add(what: Job | string, depth: number, seen: boolean): void {
    const at = this.length;
    if (!seen) this.jobRows.push(at);
    const kind = typeof what === 'string' ? ABSENT : seen ? SEEN : JOB;
    this.#words.push((depth << KIND_BITS) | kind);
    if (typeof what !== 'string' && this.#jobs[what.id] === what) {
      this.#of.push(what.id);
      if (seen) return;
      while (this.#rows.length <= what.id) this.#rows.push(0);
      this.#rows.set(what.id, at + 1);
      return;
    }
    const shown = typeof what !== 'string' && seen ? this.#otherRows.get(what) : undefined;
    if (shown !== undefined) {
      this.#of.push(this.#of.at(shown));
      return;
    }
    if (typeof what !== 'string' && !seen) this.#otherRows.set(what, at);
    this.#others.push(what);
    this.#of.push(LAST - this.#others.length);
  }

  row(index: number): TreeRow {
    return {
      kind: KINDS[this.#kind(index)]!,
      depth: this.depth(index),
      job: this.job(index),
      name: this.name(index),
    };
  }

  /** The job of a row; undefined: it never ran. */
  job(index: number): Job | undefined {
    const what = this.#what(index);
    return typeof what === 'string' ? undefined : what;
  }

  name(index: number): string {
    const what = this.#what(index);
    return typeof what === 'string' ? what : what.name;
  }

  #what(index: number): Job | string {
    const number = this.#of.at(index);
    const other = LAST - 1 - number;
    return other < this.#others.length ? this.#others[other]! : this.#jobs[number]!;
  }

  depth(index: number): number {
    return this.#words.at(index) >>> KIND_BITS;
  }

  /** Is it but a reference? */
  refers(index: number): boolean {
    return this.#kind(index) === SEEN;
  }

  #kind(index: number): number {
    return this.#words.at(index) & ((1 << KIND_BITS) - 1);
  }

  /** Where a job is shown; undefined where it is not. */
  of(job: Job): number | undefined {
    if (this.#jobs[job.id] !== job) return this.#otherRows.get(job);
    const row = this.#rows.at(job.id);
    return row === 0 ? undefined : row - 1;
  }

  /** Has it anything below it? */
  parent(index: number): boolean {
    return index + 1 < this.length && this.depth(index + 1) > this.depth(index);
  }

  /** The row above that this one is below of. */
  above(index: number): number | undefined {
    const depth = this.depth(index);
    for (let at = index - 1; at >= 0; at--) if (this.depth(at) < depth) return at;
    return undefined;
  }

  spot(index: number): Spot {
    const above = this.above(index);
    return { job: this.job(index), above: above === undefined ? undefined : this.job(above) };
  }

  /** The row of a spot; where there is none any more, that where the job is shown. */
  at({ job, above }: Spot): number | undefined {
    const first = job && this.of(job);
    const top = above && this.of(above);
    if (top === undefined) return first;
    const depth = this.depth(top);
    for (let at = top + 1; at < this.length && this.depth(at) > depth; at++)
      if (this.depth(at) === depth + 1 && this.job(at) === job) return at;
    return first;
  }
}

/** Numbers from here downwards are not of jobs of this build. */
const LAST = 0xffffffff;

/** Takes rows from a patient walk with `links`, a slice at a time. */
export class TreeMaker {
  readonly tree: Tree;
  readonly #walk: Pick<Walk, 'next'>;
  /** By depth: what stands directly below the last job there. */
  readonly #below: Set<Job>[] = [];
  readonly #shift: number;

  /** @param jobs those of the build. @param root the wrapped command, where the walk does not name it. */
  constructor(walk: Pick<Walk, 'next'>, jobs: readonly Job[], root: Job | undefined) {
    this.tree = new Tree(jobs);
    this.#walk = walk;
    // The wrapped command itself stands first; without a header, the walk does not name it.
    if (root) this.tree.add(root, 0, false);
    this.#shift = root ? 1 : 0;
  }

  /** @returns false when all rows are there. */
  step(most: number): boolean {
    for (let i = 0; i < most; i++) {
      const segment = this.#walk.next();
      if (segment === 'done') return false;
      if (segment === 'wait') return true;
      if (segment.kind === 'enter') {
        const depth = segment.depth + this.#shift;
        this.#below[depth - 1]?.add(segment.job);
        if (this.#below[depth]?.size !== 0) this.#below[depth] = new Set();
        this.tree.add(segment.job, depth, false);
      } else if (segment.kind === 'seen') {
        const depth = segment.depth + this.#shift;
        // The walk comes to the needs of a target again where it looks for those of its other rules.
        if (this.#below[depth]?.has(segment.job)) continue;
        // Several needs that did not run, and so have no rows, may need the same.
        if (this.#below[depth - 1]?.has(segment.job)) continue;
        this.#below[depth - 1]?.add(segment.job);
        this.tree.add(segment.job, depth, true);
      } else if (segment.kind === 'absent') this.tree.add(segment.name, segment.depth + this.#shift, false);
    }
    return true;
  }
}

export interface TreeView {
  /** Jobs whose rows below are hidden. */
  readonly folded: ReadonlySet<Job>;
  /** Part of a name; '' for all. */
  readonly filter: string;
  readonly failed: boolean;
  readonly running: boolean;
  readonly slow: boolean;
  readonly runs: (job: Job) => boolean;
  readonly ms: (job: Job) => number;
}

/** Is anything left out, so that the rows are no tree? */
export function isFlat({ filter, failed: bad, running, slow }: TreeView): boolean {
  return filter !== '' || bad || running || slow;
}

/** The indices of the rows to show. Where something is left out, each job stands once. */
export function visibleRows(tree: Tree, view: TreeView): Uint32Array {
  const flat = isFlat(view);
  const out = new Uint32Array(flat ? tree.jobRows.length : tree.length);
  let count = 0;
  if (!flat) {
    let hidden = Infinity; // rows deeper than this are below a folded one
    for (let i = 0; i < tree.length; i++) {
      const depth = tree.depth(i);
      if (depth > hidden) continue;
      hidden = Infinity;
      out[count++] = i;
      if (view.folded.size === 0) continue;
      if (tree.refers(i)) continue;
      const job = tree.job(i);
      if (job && view.folded.has(job)) hidden = depth;
    }
    return out.slice(0, count);
  }
  const test = nameTest(view.filter);
  for (let k = 0; k < tree.jobRows.length; k++) {
    const i = tree.jobRows.at(k);
    const job = tree.job(i);
    if (view.failed && !(job && failed(job))) continue;
    if (view.running && !(job && view.runs(job))) continue;
    if (!test(tree.name(i))) continue;
    out[count++] = i;
  }
  const shown = out.slice(0, count);
  if (!view.slow) return shown;
  const times = Float64Array.from(shown, (index) => {
    const job = tree.job(index);
    return job ? Math.round(view.ms(job)) : -1;
  });
  // Time and place in one number, which sorts without a comparison of ours: 100,000 of them in some
  // milliseconds.
  const most = times.reduce((a, b) => Math.max(a, b), 0);
  const keys = times.map((ms, place) => (most - ms) * count + place).sort();
  return Uint32Array.from(keys, (key) => shown[key % count]!);
}

/** All words must be in the name, in any order; without capitals, case does not matter. */
export function nameTest(filter: string): (name: string) => boolean {
  const how = /\p{Lu}/u.test(filter) ? 'u' : 'iu';
  const words = filter.split(/\s+/).filter((word) => word !== '');
  const patterns = words.map((word) => new RegExp(escapeRegExp(word), how));
  return (name) => patterns.every((pattern) => pattern.test(name));
}
