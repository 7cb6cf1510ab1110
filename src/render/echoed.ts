// The commands of jobs as a tool echoes them: the lines of a log that are commands, not output.

import type { Job } from '../model/build.ts';
import { commandLine } from './formats.ts';

/** Keeps the lines of the job that was asked for last. */
export class EchoedCommands {
  #job: Job | undefined;
  /** How many of the job's steps are in the lines. */
  #steps = 0;
  #lines = new Set<string>();

  /** The lines of a job's commands, with one character per byte. */
  of(job: Job): ReadonlySet<string> {
    if (this.#job !== job) {
      this.#job = job;
      this.#steps = 0;
      this.#lines = new Set();
    }
    for (; this.#steps < job.steps.length; this.#steps++)
      for (const line of commandLine(job.steps[this.#steps]!.argv).split('\n'))
        this.#lines.add(Buffer.from(line).toString('latin1'));
    return this.#lines;
  }
}
