// The segments of a walk in flat arrays, so that they can be kept and taken again without walking.

import type { Build, Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Segment, Segments } from './segments.ts';

const KINDS = ['enter', 'range', 'resume', 'leave'] as const;
const [ENTER, RANGE, RESUME] = [0, 1, 2];

/** One number for each segment in each array. */
export interface FlatSegments {
  readonly kind: ArrayLike<number>;
  /** The number of the job. */
  readonly job: ArrayLike<number>;
  /** Of a range where it begins, and its length. */
  readonly from: ArrayLike<number>;
  readonly length: ArrayLike<number>;
  /** Of what is no range, plus 1: the root job's is -1. */
  readonly depth: ArrayLike<number>;
}

/**
 * Takes all segments.
 * @returns undefined if some are of kinds, or of jobs, that only a walk with options shows.
 */
export function flatten(build: Build, segments: Segments): FlatSegments | undefined {
  const [kind, jobs, from, length, depth]: number[][] = [[], [], [], [], []];
  for (let segment = segments.next(); segment !== 'done'; segment = segments.next()) {
    if (segment === 'wait') return undefined;
    const known = KINDS.indexOf(segment.kind as (typeof KINDS)[number]);
    if (known < 0 || !('job' in segment) || build.jobs[segment.job.id] !== segment.job) return undefined;
    kind!.push(known);
    jobs!.push(segment.job.id);
    from!.push(segment.kind === 'range' ? segment.from : 0);
    length!.push(segment.kind === 'range' ? segment.to - segment.from : 0);
    depth!.push('depth' in segment ? segment.depth + 1 : 0);
  }
  return { kind: kind!, job: jobs!, from: from!, length: length!, depth: depth! };
}

/** The same segments again. */
export class FlatWalk implements Segments {
  readonly #jobs: readonly Job[];
  readonly #flat: FlatSegments;
  #at = 0;

  constructor(build: Build, flat: FlatSegments) {
    this.#jobs = build.jobs;
    this.#flat = flat;
  }

  next(): Segment | 'done' {
    const at = this.#at++;
    const { kind, length } = this.#flat;
    if (at >= kind.length) return 'done';
    const job = this.#jobs[this.#flat.job[at]!]!;
    const depth = this.#flat.depth[at]! - 1;
    switch (kind[at]) {
      case ENTER:
        return { kind: 'enter', job, depth };
      case RANGE: {
        const from = this.#flat.from[at]! as ByteOffset;
        return { kind: 'range', job, from, to: (from + length[at]!) as ByteOffset };
      }
      case RESUME:
        return { kind: 'resume', job, depth };
      default:
        return { kind: 'leave', job, depth };
    }
  }
}
