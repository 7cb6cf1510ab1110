// What the status line says of the end of a running build: looks for an earlier build that fits. Reads nothing before the build has run for
// a while, one build at a time, and none that would take long to read beside what the build takes: the recorder waits meanwhile.

import fs from 'node:fs';
import type { Build } from '../model/build.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import { openBuild } from '../store/reader.ts';
import { sameCommand } from '../store/graphhistory.ts';
import { buildFolder, journalFile } from '../store/layout.ts';
import { type Expected, Forecast, pastOf } from '../timing/forecast.ts';

/** A build that is over before has no use for it. */
const QUIET_MS = 1000;
/** So many builds are looked at, and so many of these read. */
const MOST_LOOKED_AT = 30;
const MOST_READ = 6;
/** Reading takes about a millisecond for so many bytes of a journal, and may take this part of the build's time until then. */
const BYTES_PER_MS = 20_000;
const PART = 0.03;
/** It is not over before it is over. */
const LEAST_LEFT_MS = 1000;
/** What took less is over before it is of use. */
const SHORTEST_MS = 2000;

export class LiveForecast {
  readonly #store: string;
  readonly #id: string;
  readonly #build: Build;
  /** The builds that could be read next, the newest last. */
  #candidates: { readonly id: string; readonly cost: number }[] | undefined;
  #spent = 0;
  #forecast: Forecast | undefined;

  /** @param id that of the build that runs. */
  constructor(store: string, id: string, build: Build) {
    this.#store = store;
    this.#id = id;
    this.#build = build;
  }

  /**
   * What can be said now.
   * @param now milliseconds since the build's start.
   * @param total how many jobs there will be, if the tool itself has said so.
   */
  at(now: number, total: number | undefined): Expected {
    const known = total === undefined ? {} : { total };
    if (now < QUIET_MS || this.#build.jobs.length < 2) return known;
    if (!this.#forecast || this.#forecast.refuted) this.#next(now);
    const expected = this.#forecast?.at(now, total);
    if (expected?.leftMs === undefined) return known;
    return { ...expected, leftMs: Math.max(LEAST_LEFT_MS, expected.leftMs) };
  }

  /** Takes the next build into use, if it may be read already. */
  #next(now: number): void {
    this.#candidates ??= this.#find();
    const candidate = this.#candidates.at(-1);
    if (!candidate || this.#spent + candidate.cost > PART * now) return;
    this.#candidates.pop();
    this.#spent += candidate.cost;
    try {
      const { build, logs } = openBuild(this.#store, candidate.id);
      logs.close();
      this.#forecast = new Forecast(pastOf(build), this.#build);
    } catch {
      // Deleted, or damaged: then it says nothing.
    }
  }

  #find(): { id: string; cost: number }[] {
    const { started } = this.#build;
    const found: { id: string; cost: number }[] = [];
    try {
      const ids = listBuilds(this.#store).filter((id) => id < this.#id);
      for (const id of ids.slice(-MOST_LOOKED_AT).reverse()) {
        const past = summarise(this.#store, id);
        const { status, jobs = 0, t = 0 } = past.ended ?? {};
        if (!started || !past.started || past.started.inside || !sameCommand(started, past.started)) continue;
        if (!status || !('exit' in status) || status.exit !== 0 || jobs === 0 || t < SHORTEST_MS) continue;
        const { size } = fs.statSync(journalFile(buildFolder(this.#store, id)));
        found.unshift({ id, cost: size / BYTES_PER_MS });
        if (found.length === MOST_READ) break;
      }
    } catch {
      // A store that cannot be read: the build says so itself where it matters.
    }
    return found;
  }
}
