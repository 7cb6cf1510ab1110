// The names that jobs are shown by: the second job of a name in one build is `name#2`. Second in the order in
// which they are shown, so that it does not depend on which was started first.

import type { Build, Job } from '../model/build.ts';
import { type Pieces, whole } from '../model/pieces.ts';
import { Walk } from './walk.ts';
import type { LineEnd, Order, WalkRoot, WalkOptions } from './walkoptions.ts';

/** Names for a build that is complete: walks it once, where a name comes twice. */
export function displayNames(build: Build, order: Order, lineEnd: LineEnd): (job: Job) => string {
  return whole(findDisplayNames(build, order, lineEnd));
}

/** As displayNames, in pieces. */
export function* findDisplayNames(
  build: Build,
  order: Order,
  lineEnd: LineEnd,
): Pieces<(job: Job) => string> {
  if (isUnambiguous(build.jobs)) return (job) => job.name;
  return yield* namesInWalk(build, { order }, lineEnd);
}

/**
 * Names where a walk also shows jobs of earlier builds: as the whole walk counts them, unless no name can
 * come twice.
 * @param roots what is to be shown. @param others the earlier builds that were needed so far.
 */
export function displayNamesWithPast(
  build: Build,
  roots: readonly WalkRoot[],
  options: WalkOptions,
  lineEnd: LineEnd,
  others: () => Iterable<Build>,
): (job: Job) => string {
  const shown: Job[] = [];
  for (const job of entered(new Walk(build, roots, options, lineEnd))) shown.push(job);
  const once = isUnambiguous(shown) && [build, ...others()].every(({ jobs }) => isUnambiguous(jobs));
  return once ? (job) => job.name : whole(namesInWalk(build, options, lineEnd));
}

function isUnambiguous(jobs: readonly Job[]): boolean {
  return new Set(jobs.map(({ name }) => name)).size === jobs.length;
}

/** So many segments are taken at once. */
const PIECE = 2000;

function* namesInWalk(build: Build, options: WalkOptions, lineEnd: LineEnd): Pieces<(job: Job) => string> {
  const root = build.jobs[0];
  const named = build.started?.name !== undefined;
  const names = new GrowingNames(named);
  if (root) {
    if (named) names.of(root);
    const walk = new Walk(build, [{ job: root }], { ...options, patient: true }, lineEnd);
    let taken = 0;
    for (let segment = walk.next(); segment !== 'done'; segment = walk.next()) {
      if (segment === 'wait' || ++taken % PIECE === 0) yield;
      if (segment !== 'wait' && segment.kind === 'enter') names.of(segment.job);
    }
  }
  return (job) => names.of(job);
}

function* entered(walk: Walk): Iterable<Job> {
  for (let segment = walk.next(); typeof segment !== 'string'; segment = walk.next())
    if (segment.kind === 'enter') yield segment.job;
}

/** Names for a build that is being shown as it runs: in the order in which they are asked for. */
export class GrowingNames {
  readonly #names = new Map<Job, string>();
  readonly #counts = new Map<string, number>();
  readonly #taken = new Set<string>();
  readonly #rootNamed: boolean;

  /** @param rootNamed the root job has a header. */
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
