// The names that jobs are shown by. The second job of a name in a build is `name#2`. Jobs are counted in the
// order in which they are shown, so that the names do not depend on which job started first.

import type { Build, Job } from '../model/build.ts';
import { type Sliced, runToEnd } from '../model/sliced.ts';
import type { Segment } from './segments.ts';
import { Walk } from './walk.ts';
import type { LineEnd, Order, WalkRoot, WalkOptions } from './walkoptions.ts';

/** Returns the names for a complete build. Walks it once if a name occurs twice. */
export function displayNames(build: Build, order: Order, lineEnd: LineEnd): (job: Job) => string {
  return runToEnd(findDisplayNames(build, order, lineEnd));
}

/**
 * Like displayNames, of a build that was walked.
 * @param entered returns the jobs whose headers are shown, in order. It is called if a name occurs twice.
 */
export function namesInOrder(build: Build, entered: () => Iterable<Job>): (job: Job) => string {
  return isUnambiguous(build.jobs) ? (job) => job.name : countedNames(build, entered());
}

function countedNames(build: Build, entered: Iterable<Job>): (job: Job) => string {
  const named = build.started?.name !== undefined;
  const names = new GrowingNames(named);
  if (named && build.jobs[0]) names.of(build.jobs[0]);
  for (const job of entered) names.of(job);
  return (job) => names.of(job);
}

/** Like displayNames, in slices. */
export function* findDisplayNames(
  build: Build,
  order: Order,
  lineEnd: LineEnd,
): Sliced<(job: Job) => string> {
  if (isUnambiguous(build.jobs)) return (job) => job.name;
  return yield* namesInWalk(build, { order }, lineEnd);
}

/**
 * Returns the names where a walk also shows jobs of earlier builds. They are counted over the whole walk,
 * unless no name can occur twice.
 * @param roots what is to be shown. @param segments what the walk shows.
 * @param others the earlier builds that were needed so far.
 */
export function displayNamesWithPast(
  build: Build,
  roots: readonly WalkRoot[],
  segments: readonly Segment[],
  options: WalkOptions,
  lineEnd: LineEnd,
  others: () => Iterable<Build>,
): (job: Job) => string {
  const shown = segments.flatMap((segment) => (segment.kind === 'enter' ? [segment.job] : []));
  const once = isUnambiguous(shown) && [build, ...others()].every(({ jobs }) => isUnambiguous(jobs));
  if (once) return (job) => job.name;
  return isWhole(build, roots) ? countedNames(build, shown) : runToEnd(namesInWalk(build, options, lineEnd));
}

/** Is what is shown the whole build? */
export function isWhole({ jobs: [job] }: Build, roots: readonly WalkRoot[]): boolean {
  const [root] = roots;
  return roots.length === 1 && root !== undefined && 'job' in root && !root.alone && root.job === job;
}

function isUnambiguous(jobs: readonly Job[]): boolean {
  return new Set(jobs.map(({ name }) => name)).size === jobs.length;
}

/** How many segments are taken per slice of work. */
const SLICE = 2000;

function* namesInWalk(build: Build, options: WalkOptions, lineEnd: LineEnd): Sliced<(job: Job) => string> {
  const root = build.jobs[0];
  const named = build.started?.name !== undefined;
  const names = new GrowingNames(named);
  if (root) {
    if (named) names.of(root);
    const walk = new Walk(build, [{ job: root }], { ...options, sliced: true }, lineEnd);
    let taken = 0;
    for (let segment = walk.next(); segment !== 'done'; segment = walk.next()) {
      if (segment === 'wait' || ++taken % SLICE === 0) yield;
      if (segment !== 'wait' && segment.kind === 'enter') names.of(segment.job);
    }
  }
  return (job) => names.of(job);
}

/** Names for a running build. Jobs are counted in the order in which their names are requested. */
export class GrowingNames {
  readonly #names = new Map<Job, string>();
  readonly #counts = new Map<string, number>();
  readonly #taken = new Set<string>();
  readonly #rootNamed: boolean;

  /** @param rootNamed whether the root job has a header. */
  constructor(rootNamed: boolean) {
    this.#rootNamed = rootNamed;
  }

  of(job: Job): string {
    const known = this.#names.get(job);
    if (known !== undefined) return known;
    // Without a header, the root job takes no name from a target.
    if (!job.parent && !this.#rootNamed) return job.name;
    let count = this.#counts.get(job.name) ?? 0;
    let name: string;
    do {
      count++;
      name = count === 1 ? job.name : `${job.name}#${count}`;
      // A target may itself be called `name#2`.
    } while (this.#taken.has(name));
    this.#counts.set(job.name, count);
    this.#taken.add(name);
    this.#names.set(job, name);
    return name;
  }
}
