// The recorded builds as a list shows them: which of them, and their counts. Knows neither options nor
// tables.

import { failed, succeeded } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import { listedBuildRecord } from '../render/records/build.ts';
import type { JsonRecord } from '../render/records/line.ts';
import { type BuildSummary, summarise } from '../store/builds.ts';
import { buildFolder } from '../store/layout.ts';
import { isThinned, openBuild } from '../store/reader.ts';
import { notedSize } from '../store/sizes.ts';

export interface ListedBuild extends BuildSummary {
  /** How many builds of this kind were started after it; undefined for a build inside another. */
  readonly back: number | undefined;
}

/**
 * The builds that are asked for, the last one last; no more are looked at than it takes.
 * @param ids of all builds, the oldest first.
 * @param most how many, at most.
 * @param bad only builds that failed or were interrupted.
 */
export function chosenBuilds(
  store: string,
  ids: readonly string[],
  most: number,
  bad = false,
): ListedBuild[] {
  const found: ListedBuild[] = [];
  let back = 0;
  for (const id of ids.toReversed()) {
    if (found.length >= most) break;
    const summary = summarise(store, id);
    const listed = { ...summary, back: summary.started?.inside ? undefined : back++ };
    if (!bad || wentWrong(summary)) found.push(listed);
  }
  return found.reverse();
}

/** Did a build fail, or was it interrupted? */
export function wentWrong({ ended, state }: BuildSummary): boolean {
  return ended ? ended.interrupted === true || !succeeded(ended.status) : state !== 'running';
}

export interface CountedBuild extends ListedBuild {
  readonly jobs: number | undefined;
  readonly failed: number | undefined;
  readonly ms: number | undefined;
}

/** A build without an end has to be read to be counted. */
export function counted<B extends BuildSummary>(
  store: string,
  summary: B,
): B & Pick<CountedBuild, 'jobs' | 'failed' | 'ms'> {
  const { ended } = summary;
  if (ended) return { ...summary, jobs: ended.jobs, failed: ended.failed, ms: ended.t };
  try {
    const { build, logs } = openBuild(store, summary.id);
    logs.close();
    const jobs = build.jobs.filter((job) => job.id !== ROOT);
    const ms = summary.state === 'running' ? Date.now() - (build.started?.at ?? 0) : build.time;
    return { ...summary, jobs: jobs.length, failed: jobs.filter(failed).length, ms };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ...summary, jobs: undefined, failed: undefined, ms: undefined };
  }
}

/** A build as `loglin ls --json` prints it. */
export function recordOf(
  store: string,
  build: BuildSummary & Pick<CountedBuild, 'jobs' | 'failed' | 'ms'>,
): JsonRecord {
  const folder = buildFolder(store, build.id);
  return listedBuildRecord({ ...build, thinned: isThinned(folder), bytes: notedSize(folder) });
}
