// Which problems of the build are new: those that the build before had not, nor, of a target that did not run
// in it, the target's last run.

import { ProblemCounter } from '../documents/problemcounter.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import type { Job } from '../model/build.ts';
import type { Sliced } from '../model/sliced.ts';
import { untimed } from '../problems/boundedpatterns.ts';
import { type FoundProblem, fingerprint } from '../problems/problemlist.ts';
import type { Background } from './background.ts';
import type { ProblemPlace } from './container.ts';
import type { OtherBuilds } from './otherbuilds.ts';
import type { PageBuild } from './pagebuild.ts';

/** Larger builds are not read for it, in jobs: they take the memory of the one that is shown. */
const MOST_JOBS = 20_000;
/** Of a job that is read for itself, in bytes. */
const MOST_OF_LOG = 16 * 1024 * 1024;

/**
 * @param found the problems of the build that is shown.
 * @returns what identifies those that were there before; undefined if that is not found out.
 */
export async function problemsBefore(
  shown: PageBuild,
  found: readonly FoundProblem[],
  others: OtherBuilds,
  background: Background,
): Promise<ReadonlySet<string> | undefined> {
  if (found.length === 0) return undefined;
  const [last] = await others.before();
  if (!last || last.jobs > MOST_JOBS) return undefined;
  const known = new Set<string>();
  const wanted = new Map<string, Job>();
  for (const { jobs } of found) for (const job of jobs) if (job.parent) wanted.set(shown.nameOf(job), job);
  for await (const build of others.backwards()) {
    await background.run(build.id === last.id ? allOf(build, known) : those(build, wanted, known));
    for (const job of build.build.jobs) wanted.delete(build.nameOf(job));
    if (wanted.size === 0) break;
  }
  return known;
}

/** Where those problems are that were not there before. */
export function whichAreNew(found: readonly FoundProblem[], known: ReadonlySet<string>): ProblemPlace[] {
  return found
    .filter(({ problem }) => !known.has(fingerprint(problem)))
    .map(({ problem, jobs }) => [jobs[0]!.id, problem.at]);
}

/** The reverse of `whichAreNew`: what identifies those that were there before. */
export function knownBut(found: readonly FoundProblem[], places: readonly ProblemPlace[]): Set<string> {
  const fresh = new Set(places.map(([job, at]) => `${job} ${at}`));
  const old = found.filter(({ problem, jobs }) => !fresh.has(`${jobs[0]!.id} ${problem.at}`));
  return new Set(old.map(({ problem }) => fingerprint(problem)));
}

function* allOf(build: PageBuild, known: Set<string>): Sliced<void> {
  const logs = { read: build.logs.read.bind(build.logs), close: () => undefined };
  const counter = new ProblemCounter(build.build, logs, build.project, untimed([]), (_, problem) =>
    known.add(fingerprint(problem)),
  );
  while (counter.step(true)) yield;
}

/** The problems of jobs that are wanted by their names. */
function* those(build: PageBuild, wanted: ReadonlyMap<string, Job>, known: Set<string>): Sliced<void> {
  const reader = new ProblemReader(build.build, build.logs, build.project, untimed([]));
  for (const job of build.build.jobs) {
    if (!job.parent || job.size > MOST_OF_LOG || !wanted.has(build.nameOf(job))) continue;
    reader.read(job, (problem) => known.add(fingerprint(problem)));
    yield;
  }
}
