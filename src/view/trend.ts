// One target over many builds: how long it took, how much it said, how many warnings that had.

import { type Job, failed } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import { ProblemList } from '../problems/problemlist.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import type { TrendPoint } from '../render/trend.ts';
import type { Place } from '../store/place.ts';
import { projectAt } from './project.ts';
import { findTargets } from './targets.ts';
import { type ViewedBuild, viewBuild } from './viewedbuild.ts';

/**
 * Looks at a target in a build.
 * @param word what the user typed. @param folder that relative paths start from, absolute.
 * @param patterns the user's.
 * @returns undefined if it did not run there, or not to its end.
 * @throws Failure if the build cannot be read.
 */
export function trendPoint(
  place: Place,
  id: string,
  folder: string,
  word: string,
  patterns: BoundedPatterns,
): TrendPoint | undefined {
  const viewed = viewBuild(place, id, folder);
  const { build, logs } = viewed.recorded;
  try {
    const jobs = jobsMeant(viewed, word);
    if (jobs.length === 0 || jobs.some(({ ended }) => ended === undefined)) return undefined;
    const all = new ProblemList();
    const reader = new ProblemReader(build, logs, projectAt(place), patterns);
    for (const job of jobs) reader.read(job, (problem) => all.add(job, problem));
    const found = all.list();
    const errors = found.filter(({ problem }) => problem.severity === 'error').length;
    return {
      at: build.started?.at ?? 0,
      ms: jobs.reduce((sum, job) => sum + (job.ended ?? 0) - job.started, 0),
      bytes: jobs.reduce((sum, { size }) => sum + size, 0),
      errors,
      warnings: found.length - errors,
      failed: jobs.some(failed),
    };
  } finally {
    logs.close();
  }
}

function jobsMeant(viewed: ViewedBuild, word: string): Job[] {
  try {
    return findTargets(viewed, word).flatMap((root) => ('job' in root ? [root.job] : []));
  } catch (error) {
    // It is not there, or the word says too little in this build.
    if (isFailure(error)) return [];
    throw error;
  }
}
