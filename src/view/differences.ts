// What a job printed that it did not print in its last run. Compared in a separate thread: both builds are
// read for it, and their logs can be long.

import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Job } from '../model/build.ts';
import { Failure, reason } from '../model/failure.ts';
import type { Place } from '../store/place.ts';
import type { Answer, Question } from './diffworker.ts';
import type { GrowingBuild } from './growingbuild.ts';

/** A comparison that is under way. */
export interface Comparing {
  /** None if there is no difference. Rejected with a Failure. */
  readonly lines: Promise<readonly string[]>;
  readonly cancel: () => void;
}

/** Compares a job of a build with its last run before. */
export function differences(place: Place, viewed: GrowingBuild, job: Job, ascii: boolean): Comparing {
  if (viewed.isEarlier(job))
    return { lines: Promise.resolve(['it did not run in this build']), cancel: () => undefined };
  const question: Question = { place, build: viewed.id, job: job.id, name: viewed.nameOf(job), ascii };
  const worker = new Worker(path.join(import.meta.dirname, 'diffworker.cjs'), {
    workerData: question,
    stderr: true,
  });
  const lines = new Promise<readonly string[]>((resolve, reject) => {
    worker.on('message', (answer: Answer) => {
      if ('lines' in answer) resolve(answer.lines);
      else reject(new Failure(answer.failure));
    });
    worker.on('error', (error) => {
      reject(new Failure(`it cannot be compared: ${reason(error)}`));
    });
  });
  return { lines, cancel: () => void worker.terminate() };
}
