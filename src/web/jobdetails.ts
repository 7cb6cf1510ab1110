// All that is known of one job.

import type { Job } from '../model/build.ts';
import { commandsOf } from '../render/joblist.ts';
import { resourcesOf } from '../timing/resources.ts';
import { WaitedFor } from '../timing/waitedfor.ts';
import type { Links } from './links.ts';
import type { PageBuild } from './pagebuild.ts';
import type { JobDetails } from './protocol.ts';

/** At most so many other jobs are named. */
const MOST = 200;
const MOST_COMMANDS = 100;

export class JobFacts {
  readonly #build: PageBuild;
  readonly #links: Links;
  #neededBy = new Map<Job, Job[]>();
  #waited: WaitedFor;
  #revision = -1;

  constructor(build: PageBuild, links: Links) {
    this.#build = build;
    this.#links = links;
    this.#waited = new WaitedFor(build.build);
  }

  details(number: number): JobDetails {
    const build = this.#build;
    const job = build.job(number);
    this.#update();
    const launched = job.links.flatMap((link) => link.job ?? []);
    const needs = new Set([...this.#waited.of(job), ...launched]);
    const by = new Set([...(this.#neededBy.get(job) ?? []), ...(job.parent?.parent ? [job.parent] : [])]);
    const used = resourcesOf(job);
    const folder = job.folder ?? job.instance?.cwd;
    return {
      ...build.ref(job),
      ...(job.parent ? { parent: job.parent.id } : {}),
      ...(job.instance ? { tool: job.instance.tool } : {}),
      ...(folder === undefined ? {} : { folder }),
      from: job.started,
      ...(job.ended === undefined ? {} : { to: job.ended }),
      bytes: job.size,
      commands: commandsOf(job).slice(0, MOST_COMMANDS),
      needs: [...needs].slice(0, MOST).map((one) => build.ref(one)),
      neededBy: [...by].slice(0, MOST).map((one) => build.ref(one)),
      ...(used
        ? {
            userMs: used.user / 1000,
            sysMs: used.sys / 1000,
            ...(used.rss > 0 ? { maxRss: used.rss * 1024 } : {}),
          }
        : {}),
      link: this.#links.link({ kind: 'log', job: number }, undefined),
    };
  }

  /** Finds out who waited for whom, again when the build has changed. */
  #update(): void {
    if (this.#revision === this.#build.revision) return;
    this.#revision = this.#build.revision;
    const { build } = this.#build;
    this.#waited = new WaitedFor(build);
    this.#neededBy = new Map();
    for (const job of build.jobs)
      for (const need of this.#waited.of(job)) {
        const list = this.#neededBy.get(need);
        if (!list) this.#neededBy.set(need, [job]);
        else if (list.length < MOST) list.push(job);
      }
  }
}
