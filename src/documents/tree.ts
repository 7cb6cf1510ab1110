// The rows of the jobs pane: a build as a flattened tree. Pure. The order and the nesting are those of the
// walk (linearize/walk.ts), so that the tree is what `show` prints. Rows are kept in flat arrays: a build of
// 100,000 jobs with many needs has a million of them.

import { escapeRegExp } from '../model/regexp.ts';
import type { Walk } from '../linearize/walk.ts';
import { type Job, failed } from '../model/build.ts';
import { Numbers } from '../model/numbers.ts';

/** The kind of a row: a job; a reference to a job that is shown above; a need that never ran. */
export type RowKind = 'job' | 'seen' | 'absent';

export interface TreeRow {
  readonly kind: RowKind;
  readonly depth: number;
  readonly job: Job | undefined;
  readonly name: string;
}

/** Identifies a row across rebuilds of the tree, since one job may have several rows. */
export interface RowKey {
  readonly job: Job | undefined;
  /** The job directly above it in the tree. */
  readonly parent: Job | undefined;
}

/** The kind of a row, in the two lowest bits of its word. Its depth is in the others. */
const JOB = 0;
const SEEN = 1;
const ABSENT = 2;
const KINDS: readonly RowKind[] = ['job', 'seen', 'absent'];
const KIND_BITS = 2;

/** All rows, folded or not. */
export class Tree {
  readonly #jobs: readonly Job[];
  /** Rows' subjects other than jobs of the build: jobs of earlier builds, and names. */
  readonly #others: (Job | string)[] = [];
  /**
   * The subject of each row: a job's number, or an index of #others counted down from LAST, which is above
   * the numbers of all possible jobs.
   */
  readonly #subjects = new Numbers();
  readonly #words = new Numbers();
  /** The rows that are not references. */
  readonly jobRows = new Numbers();
  /** For each job's number, the row of the job, plus 1. */
  readonly #rows = new Numbers();
  readonly #otherRows = new Map<Job, number>();
  /** For each row, how many references are directly below it, and the first of them. */
  readonly #needCounts = new Numbers();
  readonly #firstNeeds = new Numbers();
  /** By depth: the last row there. */
  readonly #path: number[] = [];

  /** @param jobs those of the build, by number; more may be added later. */
  constructor(jobs: readonly Job[] = []) {
    this.#jobs = jobs;
  }

  get length(): number {
    return this.#subjects.length;
  }

  add(subject: Job | string, depth: number, seen: boolean): void {
    const row = this.length;
    if (!seen) this.jobRows.push(row);
    this.#path[depth] = row;
    if (seen && depth > 0) this.#addNeed(this.#path[depth - 1] ?? 0, row);
    const kind = typeof subject === 'string' ? ABSENT : seen ? SEEN : JOB;
    this.#words.push((depth << KIND_BITS) | kind);
    if (typeof subject !== 'string' && this.#jobs[subject.id] === subject) {
      this.#subjects.push(subject.id);
      if (seen) return;
      while (this.#rows.length <= subject.id) this.#rows.push(0);
      this.#rows.set(subject.id, row + 1);
      return;
    }
    const shown = typeof subject !== 'string' && seen ? this.#otherRows.get(subject) : undefined;
    if (shown !== undefined) {
      this.#subjects.push(this.#subjects.at(shown));
      return;
    }
    if (typeof subject !== 'string' && !seen) this.#otherRows.set(subject, row);
    this.#others.push(subject);
    this.#subjects.push(LAST - this.#others.length);
  }

  #addNeed(parent: number, row: number): void {
    while (this.#needCounts.length <= parent) {
      this.#needCounts.push(0);
      this.#firstNeeds.push(0);
    }
    const count = this.#needCounts.at(parent);
    if (count === 0) this.#firstNeeds.set(parent, row);
    this.#needCounts.set(parent, count + 1);
  }

  row(index: number): TreeRow {
    return {
      kind: KINDS[this.#kind(index)]!,
      depth: this.depth(index),
      job: this.job(index),
      name: this.name(index),
    };
  }

  /** The job of a row; undefined if it never ran. */
  job(index: number): Job | undefined {
    const subject = this.#subjectOf(index);
    return typeof subject === 'string' ? undefined : subject;
  }

  name(index: number): string {
    const subject = this.#subjectOf(index);
    return typeof subject === 'string' ? subject : subject.name;
  }

  #subjectOf(index: number): Job | string {
    const number = this.#subjects.at(index);
    const other = LAST - 1 - number;
    return other < this.#others.length ? this.#others[other]! : this.#jobs[number]!;
  }

  depth(index: number): number {
    return this.#words.at(index) >>> KIND_BITS;
  }

  /** Whether the row is only a reference. */
  isReference(index: number): boolean {
    return this.#kind(index) === SEEN;
  }

  #kind(index: number): number {
    return this.#words.at(index) & ((1 << KIND_BITS) - 1);
  }

  /** The row of a job; undefined if it has none. */
  rowOf(job: Job): number | undefined {
    if (this.#jobs[job.id] !== job) return this.#otherRows.get(job);
    const row = this.#rows.at(job.id);
    return row === 0 ? undefined : row - 1;
  }

  /**
   * Whether there are rows below it in the tree.
   * @param references whether references are rows.
   */
  hasChildren(index: number, references: boolean): boolean {
    const depth = this.depth(index);
    let next = index + 1;
    if (!references) while (next < this.length && this.isReference(next)) next++;
    return next < this.length && this.depth(next) > depth;
  }

  /** How many references are directly below a row, and the first of them: shared needs. */
  needsOf(index: number): { readonly count: number; readonly first: number } {
    return { count: this.#needCounts.at(index), first: this.#firstNeeds.at(index) };
  }

  /** The rows of the references directly below a row. */
  needRowsOf(index: number): number[] {
    const { count, first } = this.needsOf(index);
    const depth = this.depth(index) + 1;
    const out: number[] = [];
    for (let at = first; out.length < count && at < this.length; at++)
      if (this.isReference(at) && this.depth(at) === depth) out.push(at);
    return out;
  }

  /** How many jobs there are up to a row. */
  jobsUpTo(index: number): number {
    let low = 0;
    let high = this.jobRows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.jobRows.at(middle) <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The parent of a row in the tree. */
  parentOf(index: number): number | undefined {
    const depth = this.depth(index);
    for (let at = index - 1; at >= 0; at--) if (this.depth(at) < depth) return at;
    return undefined;
  }

  keyOf(index: number): RowKey {
    const parent = this.parentOf(index);
    return { job: this.job(index), parent: parent === undefined ? undefined : this.job(parent) };
  }

  /** The row with this key; if it has disappeared, the row of the job. */
  rowWithKey({ job, parent }: RowKey): number | undefined {
    const first = job && this.rowOf(job);
    const top = parent && this.rowOf(parent);
    if (top === undefined) return first;
    const depth = this.depth(top);
    for (let at = top + 1; at < this.length && this.depth(at) > depth; at++)
      if (this.depth(at) === depth + 1 && this.job(at) === job) return at;
    return first;
  }
}

/** Numbers from here downwards do not denote jobs of this build. */
const LAST = 0xffffffff;

/** Builds a tree from the rows of a sliced walk with `links`, a slice at a time. */
export class TreeBuilder {
  readonly tree: Tree;
  readonly #walk: Pick<Walk, 'next'>;
  /** By depth: the jobs directly below the last job there. */
  readonly #below: Set<Job>[] = [];
  readonly #shift: number;

  /** @param jobs those of the build. @param root the wrapped command, if the walk does not name it. */
  constructor(walk: Pick<Walk, 'next'>, jobs: readonly Job[], root: Job | undefined) {
    this.tree = new Tree(jobs);
    this.#walk = walk;
    // The wrapped command comes first; without a header, the walk does not name it.
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
        // The walk visits the needs of a target again when it looks for those of its other rules.
        if (this.#below[depth]?.has(segment.job)) continue;
        // Several needs that did not run, and so have no rows, may share a need.
        if (this.#below[depth - 1]?.has(segment.job)) continue;
        this.#below[depth - 1]?.add(segment.job);
        this.tree.add(segment.job, depth, true);
      } else if (segment.kind === 'absent') this.tree.add(segment.name, segment.depth + this.#shift, false);
    }
    return true;
  }
}

export interface TreeView {
  /** Jobs whose descendants are hidden. */
  readonly folded: ReadonlySet<Job>;
  /** Part of a name; '' for all names. */
  readonly filter: string;
  /** Only what failed, what failed by itself first. */
  readonly failed: boolean;
  readonly running: boolean;
  readonly slow: boolean;
  readonly byItself: (job: Job) => boolean;
  /** Whether references are rows. */
  readonly needRows: boolean;
  /** The rows are those of the dashboard. */
  readonly dashboard?: boolean;
  readonly runs: (job: Job) => boolean;
  readonly ms: (job: Job) => number;
}

/** Whether rows are filtered or sorted, so that they do not form a tree. */
export function isFlat({ filter, failed: bad, running, slow }: TreeView): boolean {
  return filter !== '' || bad || running || slow;
}

/** The indices of the rows to show. If rows are filtered or sorted, each job appears once. */
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
      if (!view.needRows && tree.isReference(i)) continue;
      out[count++] = i;
      if (view.folded.size === 0) continue;
      if (tree.isReference(i)) continue;
      const job = tree.job(i);
      if (job && view.folded.has(job)) hidden = depth;
    }
    return out.slice(0, count);
  }
  const test = nameTest(view.filter);
  for (let k = 0; k < tree.jobRows.length; k++) {
    const i = tree.jobRows.at(k);
    const job = tree.job(i);
    if (view.dashboard && !job) continue;
    if (view.failed && !(job && failed(job))) continue;
    if (view.running && !(job && view.runs(job))) continue;
    if (!test(tree.name(i))) continue;
    out[count++] = i;
  }
  const shown = out.slice(0, count);
  if (!view.slow) return view.failed ? rootsFirst(tree, view, shown) : shown;
  const times = Float64Array.from(shown, (index) => {
    const job = tree.job(index);
    return job ? Math.round(view.ms(job)) : -1;
  });
  // Time and position are packed into one number, which sorts without a comparison function: 100,000 of them
  // in some milliseconds.
  const most = times.reduce((a, b) => Math.max(a, b), 0);
  const keys = times.map((ms, place) => (most - ms) * count + place).sort();
  return Uint32Array.from(keys, (key) => shown[key % count]!);
}

function rootsFirst(tree: Tree, { byItself }: TreeView, rows: Uint32Array): Uint32Array {
  const isRoot = (row: number): boolean => {
    const job = tree.job(row);
    return job !== undefined && byItself(job);
  };
  return Uint32Array.from([...rows.filter(isRoot), ...rows.filter((row) => !isRoot(row))]);
}

/** Returns a test for names that contain all words in any order. Without capitals, case does not matter. */
export function nameTest(filter: string): (name: string) => boolean {
  const how = /\p{Lu}/u.test(filter) ? 'u' : 'iu';
  const words = filter.split(/\s+/).filter((word) => word !== '');
  const patterns = words.map((word) => new RegExp(escapeRegExp(word), how));
  return (name) => patterns.every((pattern) => pattern.test(name));
}
