// How far a running build is: what its status line and its heartbeat say.

import { type Build, type Job, failed } from '../model/build.ts';
import type { RunningJob, StatusState } from '../render/statusline.ts';
import { LiveForecast } from './forecast.ts';

export class Progress {
  readonly #build: Build;
  readonly #start: number;
  readonly #forecast: LiveForecast;
  // Counted as jobs end: a build may have 100,000 of them.
  readonly #running = new Set<Job>();
  /** The jobs before this one were looked at; the root is not counted. */
  #known = 1;
  #done = 0;
  #failed = 0;

  /** @param id that of the build. */
  constructor(store: string, id: string, build: Build) {
    this.#build = build;
    this.#start = build.started?.at ?? Date.now();
    this.#forecast = new LiveForecast(store, id, build);
  }

  /** The names of the jobs that will probably determine how long the build takes, as far as known. */
  get critical(): ReadonlySet<string> {
    return this.#forecast.critical;
  }

  /** @param total how many jobs there will be, if the tool itself has said so. */
  now(total: number | undefined): StatusState {
    const { jobs } = this.#build;
    for (; this.#known < jobs.length; this.#known++) this.#running.add(jobs[this.#known]!);
    for (const job of this.#running) {
      if (job.ended === undefined) continue;
      this.#running.delete(job);
      this.#done++;
      if (failed(job)) this.#failed++;
    }
    const elapsedMs = Date.now() - this.#start;
    const expected = this.#forecast.at(elapsedMs, total);
    // A job that waits for one that it has launched is not what the build hangs at.
    const waiting = new Set<Job | undefined>();
    for (const { parent } of this.#running) waiting.add(parent);
    const running: RunningJob[] = [];
    for (const job of this.#running)
      if (!waiting.has(job)) running.push({ name: job.name, ms: Math.max(0, elapsedMs - job.started) });
    return {
      elapsedMs,
      done: this.#done,
      failed: this.#failed,
      total: expected.total,
      etaMs: expected.leftMs,
      running,
    };
  }
}
