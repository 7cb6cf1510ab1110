// The jobs of a running build as the dashboard lists them: first what failed, then what runs, the oldest
// first, then a line that counts the rest, and the rest. Keeps up with the build job by job, so that a build
// of many jobs costs little. Knows no screen but the height of the list.

import { type Build, type Job, failed } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { Tree } from '../documents/tree.ts';

/** What the line between the jobs at the top and the rest counts. */
export interface Rest {
  /** The row of the line. */
  readonly row: number;
  /** Running, or failed, but not among the jobs above. */
  readonly running: number;
  readonly failed: number;
  readonly ended: number;
}

export interface Listed {
  readonly tree: Tree;
  readonly rest: Rest;
}

/** The name of the row that counts the rest. */
const REST_ROW = '…';

export class Dashboard {
  readonly #build: Build;
  /** The jobs before this one are in one of the three lists. */
  #known = 1;
  readonly #running = new Set<Job>();
  readonly #failed: Job[] = [];
  readonly #ended: Job[] = [];

  constructor(build: Build) {
    this.#build = build;
  }

  /** The job that failed first. */
  get firstFailure(): Job | undefined {
    return this.#failed[0];
  }

  /** Takes what is new of the build. */
  update(): void {
    const { jobs } = this.#build;
    for (; this.#known < jobs.length; this.#known++) this.#running.add(jobs[this.#known]!);
    const over = [...this.#running].filter((job) => job.ended !== undefined);
    // A job that failed only because of one that it launched comes after that one.
    over.sort((a, b) => a.ended! - b.ended! || b.id - a.id);
    for (const job of over) {
      this.#running.delete(job);
      (failed(job) ? this.#failed : this.#ended).push(job);
    }
  }

  /** The jobs that run and do not wait for a job that they launched, the oldest first. */
  running(): Job[] {
    const waiting = this.#waiting();
    const leaves = [...this.#running].filter((job) => !waiting.has(job));
    const root = this.#build.jobs[ROOT];
    return leaves.length === 0 && root && root.ended === undefined ? [root] : leaves;
  }

  #waiting(): ReadonlySet<Job | undefined> {
    const waiting = new Set<Job | undefined>();
    for (const { parent } of this.#running) waiting.add(parent);
    return waiting;
  }

  /**
   * The rows, in their order.
   * @param height how many are visible. @param keep a job that stays among those above the rest if it runs.
   * @param live jobs without an end still run.
   */
  list(height: number, keep: Job | undefined, live: boolean): Listed {
    const running = live ? this.running() : [];
    const above = Math.max(1, height - 1);
    const most = running.length === 0 ? above : Math.max(1, above >> 1);
    const bad = this.#failed.slice(0, most);
    const first = running.slice(0, Math.max(1, above - bad.length));
    if (keep && !first.includes(keep) && running.includes(keep)) first[first.length - 1] = keep;
    const root = this.#build.jobs[ROOT];
    // How the build ended, which stands beside the root's log, is read first.
    const shown = new Set([...bad, ...first, ...(root && !live ? [root] : [])]);
    const tree = new Tree(this.#build.jobs);
    for (const job of shown) tree.add(job, 0, false);
    const rest = {
      row: shown.size,
      running: running.length - first.length,
      failed: this.#failed.length - bad.length,
      ended: this.#ended.length,
    };
    tree.add(REST_ROW, 0, false);
    const add = (job: Job): void => {
      if (!shown.has(job)) tree.add(job, 0, false);
    };
    this.#failed.forEach(add);
    running.forEach(add);
    const leaves = new Set(running);
    for (const job of this.#running) if (!leaves.has(job)) add(job);
    for (let i = this.#ended.length - 1; i >= 0; i--) add(this.#ended[i]!);
    if (root) add(root);
    return { tree, rest };
  }
}
