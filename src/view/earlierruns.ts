// The last earlier run of each target of a build. A build is read only when one of its jobs is needed, and
// few are kept open.

import { wasCutOff } from '../compare/jobs.ts';
import type { Job } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import type { RecordedBuild } from '../store/reader.ts';
import { sameCommand } from '../store/graphhistory.ts';
import { History } from '../store/history.ts';
import { runsBefore } from './recordedruns.ts';
import { openNamed } from './viewedbuild.ts';

/** A job and the build it belongs to. */
export interface RecordedJob {
  readonly recorded: RecordedBuild;
  readonly job: Job;
}

/** The build whose targets are looked up. */
type ComparedBuild = Pick<RecordedBuild, 'id' | 'build'>;

interface NamedBuild extends RecordedBuild {
  /** The name that is shown, with `#2`. */
  readonly nameOf: (job: Job) => string;
}

const MOST_CACHED = 8;
/** How many builds back the same wrapped command is looked for. */
const MOST_BACK = 100;

export class EarlierRuns {
  readonly #store: string;
  readonly #of: ComparedBuild;
  readonly #history: History;
  /** The least recently used first. */
  readonly #cache = new Map<string, NamedBuild | undefined>();

  /** @param of the build whose targets are looked up. */
  constructor(store: string, of: ComparedBuild) {
    this.#store = store;
    this.#of = of;
    this.#history = new History(store);
  }

  /**
   * The last run before this build, unless it was cut off with its build. Valid until the next call.
   * @param name the shown name, with `#2`: of several jobs of one name, the one that was shown with it.
   */
  find(job: Job, name: string): RecordedJob | undefined {
    if (!job.parent && this.#of.build.started?.name === undefined) return this.#root();
    const open = (id: string): NamedBuild | undefined => this.#cachedBuild(id);
    for (const { recorded, jobs } of runsBefore(this.#history, open, job.name, this.#of.id)) {
      const same = jobs.find((one) => recorded.nameOf(one) === name);
      if (!same) return undefined;
      if (!wasCutOff(recorded, same)) return { recorded, job: same };
    }
    return undefined;
  }

  close(): void {
    this.#history.close();
    for (const cached of this.#cache.values()) cached?.logs.close();
    this.#cache.clear();
  }

  /** The root job: that of the last build of the same command. */
  #root(): RecordedJob | undefined {
    const { started } = this.#of.build;
    const earlier = listBuilds(this.#store).filter((id) => id < this.#of.id);
    for (const id of earlier.slice(-MOST_BACK).reverse()) {
      const summary = summarise(this.#store, id);
      if (!started || !summary.started || summary.started.inside || summary.state === 'running') continue;
      if (!sameCommand(started, summary.started)) continue;
      const recorded = this.#cachedBuild(id);
      const job = recorded?.build.jobs[ROOT];
      if (recorded && job && !wasCutOff(recorded, job)) return { recorded, job };
    }
    return undefined;
  }

  #cachedBuild(id: string): NamedBuild | undefined {
    const known = this.#cache.has(id) ? this.#cache.get(id) : this.#open(id);
    this.#cache.delete(id);
    this.#cache.set(id, known);
    for (const [old, cached] of this.#cache) {
      if (this.#cache.size <= MOST_CACHED) break;
      cached?.logs.close();
      this.#cache.delete(old);
    }
    return known;
  }

  #open(id: string): NamedBuild | undefined {
    try {
      const { recorded, nameOf } = openNamed(this.#store, id);
      return { ...recorded, nameOf };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return undefined;
    }
  }
}
