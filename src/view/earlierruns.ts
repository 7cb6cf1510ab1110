// The last earlier run of each target of a build. A build is read only when one of its jobs is needed, and
// few are kept open.

import { displayNames } from '../linearize/names.ts';
import type { Job } from '../model/build.ts';
import type { BuildStarted } from '../model/events.ts';
import { isFailure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import { type RecordedBuild, openBuild } from '../store/reader.ts';
import { type Call, sameCall } from '../store/graphhistory.ts';
import { History } from '../store/history.ts';
import { lineEnds } from '../play/player.ts';

/** A job and the build it belongs to. */
export interface RecordedJob {
  readonly recorded: RecordedBuild;
  readonly job: Job;
}

/** The build whose targets are looked up. */
type ComparedBuild = Pick<RecordedBuild, 'id' | 'build'>;

interface CachedBuild {
  readonly recorded: RecordedBuild;
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
  readonly #cache = new Map<string, CachedBuild | undefined>();

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
    for (let distrusted = '', before = this.#of.id; ;) {
      const runs = this.#history.last(job.name, before);
      const [first] = runs;
      if (!first) return undefined;
      const cached = this.#cachedBuild(first.build);
      const jobs = runs.map((run) => cached?.recorded.build.jobs[run.job]);
      if (cached && jobs.every((one) => one?.name === job.name)) {
        const same = jobs.find((one) => one && cached.nameOf(one) === name);
        if (!same || !wasCutOff(cached.recorded, same))
          return same && { recorded: cached.recorded, job: same };
        before = first.build;
        continue;
      }
      // As in earlierbuilds.ts: a wrong history is made again, once.
      if (cached && distrusted !== first.build) this.#history.distrust(first.build);
      else this.#history.forget(first.build);
      distrusted = first.build;
    }
  }

  close(): void {
    this.#history.close();
    for (const cached of this.#cache.values()) cached?.recorded.logs.close();
    this.#cache.clear();
  }

  /** The root job: that of the last build of the same command. */
  #root(): RecordedJob | undefined {
    const { started } = this.#of.build;
    const earlier = listBuilds(this.#store).filter((id) => id < this.#of.id);
    for (const id of earlier.slice(-MOST_BACK).reverse()) {
      const summary = summarise(this.#store, id);
      if (!started || !summary.started || summary.started.inside || summary.state === 'running') continue;
      if (!sameCall(callOf(started), callOf(summary.started))) continue;
      const recorded = this.#cachedBuild(id)?.recorded;
      const job = recorded?.build.jobs[ROOT];
      if (recorded && job && !wasCutOff(recorded, job)) return { recorded, job };
    }
    return undefined;
  }

  #cachedBuild(id: string): CachedBuild | undefined {
    const known = this.#cache.has(id) ? this.#cache.get(id) : this.#open(id);
    this.#cache.delete(id);
    this.#cache.set(id, known);
    for (const [old, cached] of this.#cache) {
      if (this.#cache.size <= MOST_CACHED) break;
      cached?.recorded.logs.close();
      this.#cache.delete(old);
    }
    return known;
  }

  #open(id: string): CachedBuild | undefined {
    try {
      const recorded = openBuild(this.#store, id);
      const nameOf = displayNames(recorded.build, 'needs', lineEnds(recorded.logs, false));
      return { recorded, nameOf };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return undefined;
    }
  }
}

/** A shell's exit status for SIGINT and SIGTERM. */
const CUT_OFF = [130, 143];

/** Whether a job ended only because its build was interrupted: then its output is incomplete. */
function wasCutOff({ state, build }: RecordedBuild, { status }: Job): boolean {
  if (state !== 'interrupted' && !build.ended?.interrupted) return false;
  return !status || 'signal' in status || CUT_OFF.includes(status.exit);
}

const callOf = ({ cwd, argv }: BuildStarted): Call => ({ tool: '', cwd, argv });
