// Reads the problems of logs of the open build, piece by piece, also of a log that grows. Knows logs and how
// problems are found.

import type { Job } from '../model/build.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import { LogProblems } from '../documents/logproblems.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import type { Context } from './context.ts';
import type { ProblemSource } from '../documents/problemmarks.ts';
import { projectAt } from '../view/project.ts';

/** How much of a log is read at once, in bytes. What is larger stays longer as garbage. */
const CHUNK = 32 * 1024;

/** Makes the readers of the open build's logs. */
export class ProblemLogs {
  readonly #context: Context;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK);
  #reader: ProblemReader | undefined;
  #build: GrowingBuild | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** @param live whether there may be more text than there is now. */
  of(opened: GrowingBuild, job: Job, live: boolean): ProblemSource {
    const { place, patterns } = this.#context.wiring;
    if (this.#build !== opened) this.#reader = undefined;
    this.#build = opened;
    this.#reader ??= new ProblemReader(opened.build, opened.logs, projectAt(place), patterns);
    const grows = (): boolean =>
      live && opened.state === 'running' && job.ended === undefined && !opened.isEarlier(job);
    const logs = opened.earlier.logsOf(opened.logs)(job);
    return new LogProblems(job, logs, this.#reader.extractor(job), grows, this.#buffer);
  }
}
