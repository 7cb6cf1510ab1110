// The thread that differences.ts starts, a bundle of its own: compares a job with its last run. Reads both
// builds from the store itself.

import { parentPort, workerData } from 'node:worker_threads';
import { unified } from '../compare/print.ts';
import { isFailure } from '../model/failure.ts';
import { EarlierRuns } from './earlierruns.ts';
import { openBuild } from '../store/reader.ts';
import type { Place } from '../store/place.ts';
import { Comparer, origin } from './comparer.ts';
import { userPatterns } from './userpatterns.ts';

/** The job to compare. */
export interface Question {
  readonly place: Place;
  readonly build: string;
  readonly job: number;
  /** The name that is shown. */
  readonly name: string;
  readonly ascii: boolean;
}

/** The lines to show, or why there are none. */
export type Answer = { readonly lines: readonly string[] } | { readonly failure: string };

/** Unchanged lines around changes. */
const CONTEXT = 3;

function differences({ place, build, job: id, name, ascii }: Question): string[] {
  const recorded = openBuild(place.store, build);
  const earlier = new EarlierRuns(place.store, recorded);
  try {
    const job = recorded.build.jobs[id];
    const from = job && earlier.find(job, name);
    if (!from) return ['it never ran before under loglin'];
    const to = { recorded, job };
    // A pattern that takes too long is reported when problems are listed.
    const { patterns } = userPatterns(place, () => undefined);
    const comparer = new Comparer(place, patterns, { exact: false, context: CONTEXT });
    const difference = comparer.compare({ name, from, to });
    if (comparer.running > 0) return ['it runs: there is nothing to compare yet'];
    if (!difference) return [`it said the same in build ${from.recorded.id}`];
    // The pane's title has the name.
    return [
      ...unified({ name, from: origin(from), to: origin(to), difference }, { colour: true, ascii }),
    ].slice(1);
  } finally {
    earlier.close();
    recorded.logs.close();
  }
}

function answer(question: Question): Answer {
  try {
    return { lines: differences(question) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { failure: error.message };
  }
}

parentPort?.postMessage(answer(workerData as Question));
