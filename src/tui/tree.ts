// The rows of the jobs pane: a build as a tree, flattened. Pure. The order and the nesting are the walk's own (linearize/walk.ts), so that
// the tree is what `show` prints. Rows are kept in flat arrays: a build of 100,000 jobs with many needs has a million of them.

import type { Walk } from '../linearize/walk.ts';
import { type Job, failed } from '../model/build.ts';

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

/** The highest bit of a depth says that the row is a reference. */
const SEEN = 0x8000;

/** Every row there is, folded or not. */
export class Tree {
  /** What the rows are of; a job that is referred to stands here once. */
  readonly #things: (Job | string)[] = [];
  #indices = new Uint32Array(64);
  #depths = new Uint16Array(64);
  #length = 0;
  /** The rows that are no references. */
  readonly own: number[] = [];
  /** The row where a job is shown, and its place among the things. */
  readonly #first = new Map<Job, number>();

  get length(): number {
    return this.#length;
  }

  add(what: Job | string, depth: number, seen: boolean): void {
    const at = this.#length++;
    if (at === this.#indices.length) this.#grow();
    if (!seen) this.own.push(at);
    const shown = typeof what !== 'string' && seen ? this.#first.get(what) : undefined;
    if (shown === undefined) {
      this.#indices[at] = this.#things.length;
      this.#things.push(what);
      if (typeof what !== 'string' && !seen) this.#first.set(what, at);
    } else this.#indices[at] = this.#indices[shown]!;
    this.#depths[at] = Math.min(depth, SEEN - 1) | (seen ? SEEN : 0);
  }

  row(index: number): TreeRow {
    const what = this.#things[this.#indices[index]!]!;
    const depth = this.depth(index);
    if (typeof what === 'string') return { kind: 'absent', depth, job: undefined, name: what };
    return { kind: this.#depths[index]! & SEEN ? 'seen' : 'job', depth, job: what, name: what.name };
  }

  depth(index: number): number {
    return (this.#depths[index] ?? 0) & ~SEEN;
  }

  /** Is it but a reference? */
  refers(index: number): boolean {
    return (this.#depths[index]! & SEEN) !== 0;
  }

  /** Where a job is shown; undefined where it is not. */
  of(job: Job): number | undefined {
    return this.#first.get(job);
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
    return { job: this.row(index).job, above: above === undefined ? undefined : this.row(above).job };
  }

  /** The row of a spot; where there is none any more, that where the job is shown. */
  at({ job, above }: Spot): number | undefined {
    const first = job && this.#first.get(job);
    const top = above && this.#first.get(above);
    if (top === undefined) return first;
    const depth = this.depth(top);
    for (let at = top + 1; at < this.length && this.depth(at) > depth; at++)
      if (this.depth(at) === depth + 1 && this.row(at).job === job) return at;
    return first;
  }

  #grow(): void {
    const [indices, depths] = [this.#indices, this.#depths];
    this.#indices = new Uint32Array(indices.length * 2);
    this.#indices.set(indices);
    this.#depths = new Uint16Array(depths.length * 2);
    this.#depths.set(depths);
  }
}

/** Takes rows from a walk with `links`, a slice at a time. */
export class TreeMaker {
  readonly tree = new Tree();
  readonly #walk: Pick<Walk, 'next'>;
  /** By depth: what stands directly below the last job there. */
  readonly #below: Set<Job>[] = [];
  readonly #shift: number;

  constructor(walk: Pick<Walk, 'next'>, root: Job | undefined) {
    this.#walk = walk;
    // The wrapped command itself stands first; without a header, the walk does not name it.
    if (root) this.tree.add(root, 0, false);
    this.#shift = root ? 1 : 0;
  }

  /** @returns false when all rows are there. */
  step(most: number): boolean {
    for (let i = 0; i < most; i++) {
      const segment = this.#walk.next();
      if (segment === 'done' || segment === 'wait') return false;
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
  const out = new Uint32Array(flat ? tree.own.length : tree.length);
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
      const { job } = tree.row(i);
      if (job && view.folded.has(job)) hidden = depth;
    }
    return out.slice(0, count);
  }
  const test = nameTest(view.filter);
  for (const i of tree.own) {
    const { job, name } = tree.row(i);
    if (view.failed && !(job && failed(job))) continue;
    if (view.running && !(job && view.runs(job))) continue;
    if (!test(name)) continue;
    out[count++] = i;
  }
  const shown = out.slice(0, count);
  if (!view.slow) return shown;
  const times = new Map<number, number>();
  for (const index of shown) {
    const { job } = tree.row(index);
    times.set(index, job ? view.ms(job) : -1);
  }
  return shown.sort((a, b) => times.get(b)! - times.get(a)! || a - b);
}

/** All words must be in the name, in any order; without capitals, case does not matter. */
export function nameTest(filter: string): (name: string) => boolean {
  const words = filter.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return () => true;
  const exact = /[A-Z]/.test(filter);
  return (name) => {
    const text = exact ? name : name.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
