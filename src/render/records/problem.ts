// An error or a warning as a record (docs/json.md). `loglin problems --json` prints it, and `loglin diff
// --json` has it within its own records.

import type { Job } from '../../model/build.ts';
import type { FoundProblem } from '../../problems/problemlist.ts';
import type { Problem } from '../../problems/problem.ts';
import type { JsonRecord } from './line.ts';

/** A problem without the fields that refer to its log. */
export function problemRecord({ severity, tool, file, line, column, code, message }: Problem): JsonRecord {
  return {
    severity,
    tool,
    file: file ?? null,
    line: line ?? null,
    column: column ?? null,
    code: code ?? null,
    message,
  };
}

/**
 * A problem with its notes, the jobs that report it, and its range in the first job's log.
 * @param text the text of that range, if requested.
 */
export function foundProblemRecord(
  { problem, jobs }: FoundProblem,
  nameOf: (job: Job) => string,
  text: string | undefined,
): JsonRecord {
  const { notes, from, to } = problem;
  return {
    ...problemRecord(problem),
    notes: notes.map(({ file, line, column, message }) => ({
      file: file ?? null,
      line: line ?? null,
      column: column ?? null,
      message,
    })),
    jobs: jobs.map((job) => ({ job: job.id, name: nameOf(job) })),
    log: { job: jobs[0]?.id ?? null, from, to },
    ...(text === undefined ? {} : { text }),
  };
}
