// Builds beside the one that is shown: opened when it is compared with them, and kept while there is room.

import { type ComparedJob, wasCutOff } from '../compare/jobs.ts';
import type { Job } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import type { Background } from './background.ts';
import { PageBuild } from './pagebuild.ts';
import type { BuildRow } from './protocol.ts';
import { type Source, Unreachable } from './source.ts';

/** So many builds back a target's last run is sought. */
const MOST_BACK = 30;
const MOST_LISTED = 100;
/** So many builds are kept, and so many jobs of theirs. */
const MOST_KEPT = 8;
const MOST_JOBS = 50_000;

export class OtherBuilds {
  readonly #source: Source;
  readonly #shown: PageBuild;
  readonly #background: Background;
  readonly #now: () => number;
  /** The least recently used first. */
  readonly #kept = new Map<string, PageBuild>();

  constructor(source: Source, shown: PageBuild, background: Background, now: () => number) {
    this.#source = source;
    this.#shown = shown;
    this.#background = background;
    this.#now = now;
  }

  /** @throws Failure if it cannot be read. */
  async open(id: string): Promise<PageBuild> {
    const build = this.#kept.get(id) ?? (await this.#read(id));
    this.#kept.delete(id);
    this.#kept.set(id, build);
    let jobs = 0;
    for (const one of this.#kept.values()) jobs += one.build.jobs.length;
    for (const [old, one] of this.#kept) {
      if ((this.#kept.size <= MOST_KEPT && jobs <= MOST_JOBS) || one === build) break;
      jobs -= one.build.jobs.length;
      this.#kept.delete(old);
    }
    return build;
  }

  async #read(id: string): Promise<PageBuild> {
    const source = await this.#source.open(id);
    const build = new PageBuild(source, this.#now);
    await this.#background.run(build.read());
    // It is compared as it is now.
    build.close();
    return build;
  }

  /** The builds before the one that is shown, the newest first; without those inside others. */
  async before(): Promise<readonly BuildRow[]> {
    const { rows } = await this.#source.builds({ from: 0, count: MOST_LISTED, before: this.#shown.id });
    return rows.filter(({ inside }) => !inside);
  }

  /** The job of the same name in another build; the wrapped commands are each other's counterparts. */
  counterpart(job: Job, other: PageBuild): Job | undefined {
    if (job.id === ROOT) return other.root;
    const name = this.#shown.nameOf(job);
    return other.build.jobs.find((one) => one.id !== ROOT && other.nameOf(one) === name);
  }

  /** The last run of a job before this build, unless it was cut off with its build. */
  async lastRun(job: Job): Promise<ComparedJob<PageBuild> | undefined> {
    const { command } = this.#shown.row;
    const rows = (await this.before()).filter((row) => job.id !== ROOT || row.command === command);
    for (const { id } of rows.slice(0, MOST_BACK)) {
      const recorded = await this.#readable(id);
      const found = recorded && this.counterpart(job, recorded);
      if (found && recorded.state !== 'running' && !wasCutOff(recorded, found))
        return { recorded, job: found };
    }
    return undefined;
  }

  /** Yields the builds before, as far as they can be read. */
  async *backwards(): AsyncGenerator<PageBuild> {
    for (const { id, standing } of (await this.before()).slice(0, MOST_BACK)) {
      const recorded = standing === 'running' ? undefined : await this.#readable(id);
      if (recorded) yield recorded;
    }
  }

  /** @returns undefined if the build cannot be read. */
  async #readable(id: string): Promise<PageBuild | undefined> {
    try {
      return await this.open(id);
    } catch (error) {
      if (!isFailure(error) || error instanceof Unreachable) throw error;
      return undefined;
    }
  }
}
