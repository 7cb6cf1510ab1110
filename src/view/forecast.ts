// The forecast on a running build's status line, made from an earlier build that fits. Reads nothing before
// the build has run for a while, one build at a time, and none whose reading would take long compared to the
// build: the recorder waits meanwhile.

import fs from 'node:fs';
import type { Build } from '../model/build.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import { openBuild } from '../store/reader.ts';
import { sameCommand } from '../store/graphhistory.ts';
import { buildFolder, journalFile } from '../store/layout.ts';
import { type Expected, Forecast, pastOf } from '../timing/forecast.ts';

/** A shorter build has no use for a forecast. */
const QUIET_MS = 1000;
/** How many builds are looked at, and how many of these may be read. */
const MOST_LOOKED_AT = 30;
const MOST_READ = 6;
/**
 * About so many bytes of a journal are read in a millisecond. Reading may take the given part of the time
 * that the build has taken so far.
 */
const BYTES_PER_MS = 20_000;
const PART = 0.03;
/** The least time left that is shown. */
const LEAST_LEFT_MS = 1000;
/** Builds that took less make no useful forecast. */
const SHORTEST_MS = 2000;

const NONE: ReadonlySet<string> = new Set();

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

  /** The names of the jobs that will probably determine how long the build takes. */
  get critical(): ReadonlySet<string> {
    return this.#forecast?.critical ?? NONE;
  }

  /**
   * The forecast now.
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

  /** Makes a forecast from the next build, if it may be read already. */
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
      // The build was deleted, or is damaged: no forecast from it.
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
      // The store cannot be read. The recording reports that where it matters.
    }
    return found;
  }
}
