// The names that jobs are shown by: the second job of a name in one build is `name#2`. Second in the order in which they are shown, so
// that it does not depend on which was started first.

import type { Build, Job } from '../model/build.ts';
import { type LineEnd, type Order, Walk } from './walk.ts';

/** Names for a build that is complete: walks it once, where a name comes twice. */
export function displayNames(build: Build, order: Order, lineEnd: LineEnd): (job: Job) => string {
  const counts = new Map<string, number>();
  for (const job of build.jobs) counts.set(job.name, (counts.get(job.name) ?? 0) + 1);
  if (counts.size === build.jobs.length) return (job) => job.name;
  const root = build.jobs[0];
  const named = build.started?.name !== undefined;
  const names = new GrowingNames(named);
  if (root) {
    if (named) names.of(root);
    const walk = new Walk(build, [{ job: root }], { order }, lineEnd);
    for (let segment = walk.next(); typeof segment !== 'string'; segment = walk.next())
      if (segment.kind === 'enter') names.of(segment.job);
  }
  return (job) => names.of(job);
}

/** Names for a build that is being shown as it runs: in the order in which they are asked for. */
export class GrowingNames {
  readonly #names = new Map<Job, string>();
  readonly #counts = new Map<string, number>();
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
    const count = (this.#counts.get(job.name) ?? 0) + 1;
    this.#counts.set(job.name, count);
    const name = count === 1 ? job.name : `${job.name}#${count}`;
    this.#names.set(job, name);
    return name;
  }
}
