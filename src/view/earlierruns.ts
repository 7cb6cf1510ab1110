// The last earlier run of each target of a build. Builds are read only when one of their jobs is wanted, and few are held at a time.

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
export interface Ran {
  readonly recorded: RecordedBuild;
  readonly job: Job;
}

/** The build that asks. */
type Asking = Pick<RecordedBuild, 'id' | 'build'>;

interface Held {
  readonly recorded: RecordedBuild;
  readonly nameOf: (job: Job) => string;
}

const MOST_HELD = 8;
/** So many builds back it is looked whether the same command was wrapped. */
const MOST_BACK = 100;

export class EarlierRuns {
  readonly #store: string;
  readonly #of: Asking;
  readonly #history: History;
  /** The least recently used first. */
  readonly #held = new Map<string, Held | undefined>();

  /** @param of the build that asks. */
  constructor(store: string, of: Asking) {
    this.#store = store;
    this.#of = of;
    this.#history = new History(store);
  }

  /**
   * The last run before this one that was not cut off with its build; valid until the next is asked for.
   * @param name as shown, with `#2`: of several jobs of a name, the one that was shown so.
   */
  find(job: Job, name: string): Ran | undefined {
    if (!job.parent && this.#of.build.started?.name === undefined) return this.#root();
    for (let distrusted = '', before = this.#of.id; ;) {
      const runs = this.#history.last(job.name, before);
      const [first] = runs;
      if (!first) return undefined;
      const held = this.#hold(first.build);
      const jobs = runs.map((run) => held?.recorded.build.jobs[run.job]);
      if (held && jobs.every((one) => one?.name === job.name)) {
        const same = jobs.find((one) => one && held.nameOf(one) === name);
        if (!same || !wasCutOff(held.recorded, same)) return same && { recorded: held.recorded, job: same };
        before = first.build;
        continue;
      }
      // As in past.ts: a history that is not so is made again, once.
      if (held && distrusted !== first.build) this.#history.distrust(first.build);
      else this.#history.forget(first.build);
      distrusted = first.build;
    }
  }

  close(): void {
    this.#history.close();
    for (const held of this.#held.values()) held?.recorded.logs.close();
    this.#held.clear();
  }

  /** The wrapped command itself: of the last build of the same command. */
  #root(): Ran | undefined {
    const { started } = this.#of.build;
    const earlier = listBuilds(this.#store).filter((id) => id < this.#of.id);
    for (const id of earlier.slice(-MOST_BACK).reverse()) {
      const summary = summarise(this.#store, id);
      if (!started || !summary.started || summary.started.inside || summary.state === 'running') continue;
      if (!sameCall(callOf(started), callOf(summary.started))) continue;
      const recorded = this.#hold(id)?.recorded;
      const job = recorded?.build.jobs[ROOT];
      if (recorded && job && !wasCutOff(recorded, job)) return { recorded, job };
    }
    return undefined;
  }

  #hold(id: string): Held | undefined {
    const known = this.#held.has(id) ? this.#held.get(id) : this.#open(id);
    this.#held.delete(id);
    this.#held.set(id, known);
    for (const [old, held] of this.#held) {
      if (this.#held.size <= MOST_HELD) break;
      held?.recorded.logs.close();
      this.#held.delete(old);
    }
    return known;
  }

  #open(id: string): Held | undefined {
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

/** 128 and the number of SIGINT or SIGTERM, as shells have it. */
const CUT_OFF = [130, 143];

/** Did it end only because its build was interrupted? What it said then is not what it says. */
function wasCutOff({ state, build }: RecordedBuild, { status }: Job): boolean {
  if (state !== 'interrupted' && !build.ended?.interrupted) return false;
  return !status || 'signal' in status || CUT_OFF.includes(status.exit);
}

const callOf = ({ cwd, argv }: BuildStarted): Call => ({ tool: '', cwd, argv });
