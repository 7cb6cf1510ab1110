// A pattern in the logs of a build's jobs, and the builds of a store one after the other.

import type { Job } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import type { SearchedLog } from '../render/records/match.ts';
import type { SearchPattern } from '../search/pattern.ts';
import { type FoundLine, type SearchOptions, searchInSlices, searchLog } from '../search/search.ts';
import { listBuilds } from '../store/builds.ts';
import { ChunkReader } from '../record/chunks.ts';
import type { LogSource } from '../record/logsource.ts';
import type { Place } from '../store/place.ts';
import { type ShortLogs, type ViewedBuild, viewBuild } from './viewedbuild.ts';

/** The matching lines of one log and their context, read as they are taken. */
export interface LogMatches {
  readonly log: SearchedLog;
  readonly found: Iterable<FoundLine>;
}

/** Searches the logs of jobs of a build. @param short gets the logs that are shorter than recorded. */
export function* searchJobs(
  { recorded, nameOf }: ViewedBuild,
  jobs: readonly Job[],
  pattern: SearchPattern,
  options: SearchOptions,
  short: ShortLogs,
): Generator<LogMatches> {
  const reader = new ChunkReader();
  for (const job of jobs) {
    if (job.size === 0) continue;
    const chunks = reader.chunks(recorded.logs, job.id, job.size, (at) => {
      short.add(recorded, job, at);
    });
    yield {
      log: { job: job.id, name: nameOf(job), build: undefined },
      found: searchLog(chunks, pattern, options),
    };
  }
}

/** A matching line of a job's log. Its bytes are valid until the next one is requested. */
export interface JobLine {
  readonly job: Job;
  readonly line: FoundLine;
}

/** Yields the matching lines of the logs of jobs, and undefined after each piece of work. */
export function* searchInJobs(
  jobs: Iterable<Job>,
  logsOf: (job: Job) => LogSource,
  pattern: SearchPattern,
): Generator<JobLine | undefined, void> {
  const reader = new ChunkReader();
  for (const job of jobs) {
    if (job.size > 0)
      for (const line of searchInSlices(reader.chunks(logsOf(job), job.id, job.size), pattern))
        yield line && { job, line };
    yield undefined;
  }
}

/**
 * All builds of a store, the newest first.
 * @param folder that relative paths start from, absolute.
 * @param unreadable called with the reason why a build is left out.
 */
export function* allBuilds(
  place: Place,
  folder: string,
  unreadable: (why: string) => void,
): Generator<ViewedBuild> {
  for (const id of listBuilds(place.store).reverse()) {
    let viewed: ViewedBuild;
    try {
      viewed = viewBuild(place, id, folder);
    } catch (error) {
      if (!isFailure(error)) throw error;
      unreadable(error.message);
      continue;
    }
    yield viewed;
  }
}
