// Which jobs are compared: those of two builds by name, or those of one build each with its last run before.

import type { Job } from '../model/build.ts';
import { type Failure, isFailure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import type { Place } from '../store/place.ts';
import type { Pair } from './comparer.ts';
import { EarlierRuns } from './earlierruns.ts';
import { chosenJobs } from './targets.ts';
import type { ViewedBuild } from './viewedbuild.ts';

/** A target that is only in one of them. */
export interface UnpairedTarget {
  readonly name: string;
  readonly job: Job;
}

/** What is compared with what. The targets without a counterpart are known once all pairs were taken. */
export interface Pairs {
  readonly onlyOld: readonly UnpairedTarget[];
  readonly onlyNew: readonly UnpairedTarget[];
  /** What they stand under. */
  readonly titleOld: string;
  readonly titleNew: string;
  readonly builds: { readonly old: string | undefined; readonly fresh: string };
  pairs(): Iterable<Pair>;
  close(): void;
}

/** Two builds; the wrapped commands are each other's counterparts whatever they are. */
export class TwoBuilds implements Pairs {
  readonly #from: ViewedBuild;
  readonly #to: ViewedBuild;
  readonly #old: readonly Job[];
  readonly #fresh: readonly Job[];
  onlyOld: UnpairedTarget[] = [];
  onlyNew: UnpairedTarget[] = [];

  /** @throws Failure where none of the two has such a target. */
  constructor(from: ViewedBuild, to: ViewedBuild, words: readonly string[]) {
    this.#from = from;
    this.#to = to;
    const [old, fresh] = [found(from, words), found(to, words)];
    if ('none' in old && 'none' in fresh) throw fresh.none;
    this.#old = 'none' in old ? [] : old.jobs;
    this.#fresh = 'none' in fresh ? [] : fresh.jobs;
  }

  get builds(): Pairs['builds'] {
    return { old: this.#from.recorded.id, fresh: this.#to.recorded.id };
  }

  get titleOld(): string {
    return `only in ${this.builds.old}:`;
  }

  get titleNew(): string {
    return `only in ${this.builds.fresh}:`;
  }

  *pairs(): Generator<Pair> {
    const key = ({ nameOf }: ViewedBuild, job: Job): string => (job.id === ROOT ? '' : nameOf(job));
    const old = new Map(this.#old.map((job) => [key(this.#from, job), job]));
    for (const job of this.#fresh) {
      const name = this.#to.nameOf(job);
      const counterpart = old.get(key(this.#to, job));
      old.delete(key(this.#to, job));
      if (!counterpart && job.id !== ROOT) this.onlyNew.push({ name, job });
      // The wrapped command is always there, if not always chosen.
      const before = counterpart ?? (job.id === ROOT ? this.#from.recorded.build.jobs[ROOT] : undefined);
      if (before)
        yield {
          name,
          from: { recorded: this.#from.recorded, job: before },
          to: { recorded: this.#to.recorded, job },
        };
    }
    for (const [name, job] of old) {
      const after = job.id === ROOT ? this.#to.recorded.build.jobs[ROOT] : undefined;
      if (!after) this.onlyOld.push({ name, job });
      else
        yield {
          name: this.#to.nameOf(after),
          from: { recorded: this.#from.recorded, job },
          to: { recorded: this.#to.recorded, job: after },
        };
    }
  }

  close(): void {
    this.#from.recorded.logs.close();
  }
}

function found(viewed: ViewedBuild, words: readonly string[]): { jobs: readonly Job[] } | { none: Failure } {
  try {
    return { jobs: chosenJobs(viewed, words) };
  } catch (error) {
    if (isFailure(error)) return { none: error };
    throw error;
  }
}

/** One build, each of whose targets is compared with its last run before. */
export class WithLastRuns implements Pairs {
  readonly #to: ViewedBuild;
  readonly #jobs: readonly Job[];
  readonly #earlier: EarlierRuns;
  readonly onlyOld: UnpairedTarget[] = [];
  readonly onlyNew: UnpairedTarget[] = [];
  readonly titleOld = '';
  readonly titleNew = 'ran for the first time:';

  constructor(place: Place, to: ViewedBuild, words: readonly string[]) {
    this.#to = to;
    this.#jobs = chosenJobs(to, words);
    this.#earlier = new EarlierRuns(place.store, to.recorded);
  }

  get builds(): Pairs['builds'] {
    return { old: undefined, fresh: this.#to.recorded.id };
  }

  *pairs(): Generator<Pair> {
    const { recorded, nameOf } = this.#to;
    for (const job of this.#jobs) {
      const name = nameOf(job);
      const from = this.#earlier.find(job, name);
      if (from) yield { name, from, to: { recorded, job } };
      else if (job.id !== ROOT) this.onlyNew.push({ name, job });
    }
  }

  close(): void {
    this.#earlier.close();
  }
}
