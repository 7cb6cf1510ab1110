// Reads the problems of a build's jobs from their logs. Knows in which folders jobs ran, not what a problem
// looks like.

import { type Build, type Job, folderOf } from '../model/build.ts';
import { type ByteOffset, START } from '../model/ids.ts';
import { Extractor } from '../problems/extract.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import { type LogLocation, nameFrom, folderOfCommand, resolver } from '../problems/paths.ts';
import type { Problem } from '../problems/problem.ts';
import type { LogSource } from '../record/logsource.ts';

/**
 * Text of this size is allocated where the garbage collector frees it at once: a quarter faster than with 256
 * KiB.
 */
const CHUNK = 32 * 1024;

/** The project that a build was of. */
export interface Project {
  /** Its folder, absolute. */
  readonly root: string;
  /** Whether a file exists, relative to the root or absolute. Without it, this is unknown. */
  readonly exists?: (file: string) => boolean;
}

/** Reads the problems of jobs of one build. */
export class ProblemReader {
  readonly #build: Build;
  readonly #logs: LogSource;
  readonly #project: Project;
  readonly #patterns: BoundedPatterns;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK);
  readonly #there = new Map<string, boolean>();

  /** @param patterns the user's. */
  constructor(build: Build, logs: LogSource, project: Project, patterns: BoundedPatterns) {
    this.#build = build;
    this.#logs = logs;
    this.#project = project;
    this.#patterns = patterns;
  }

  /**
   * Calls back for each problem of the job's log, in order.
   * @returns where the log ended, if it is shorter than the record says.
   */
  read(job: Job, found: (problem: Problem) => void): ByteOffset | undefined {
    if (job.size === 0) return undefined;
    const extractor = this.extractor(job);
    for (let at: number = START; at < job.size;) {
      const want = Math.min(CHUNK, job.size - at);
      const n = this.#logs.read(job.id, at as ByteOffset, this.#buffer.subarray(0, want));
      if (n === 0) {
        for (const problem of extractor.end()) found(problem);
        return at as ByteOffset;
      }
      for (const problem of extractor.push(this.#buffer.subarray(0, n))) found(problem);
      at += n;
    }
    for (const problem of extractor.end()) found(problem);
    return undefined;
  }

  /**
   * The first real error of a piece of the job's log; its offsets count from the start of the piece.
   * @param start where the piece starts.
   */
  firstError(job: Job, bytes: Uint8Array, start: ByteOffset): Problem | undefined {
    const extractor = new Extractor(this.#setting(job, start), this.#patterns);
    return [...extractor.push(bytes), ...extractor.end()].find(
      ({ severity, summary }) => severity === 'error' && !summary,
    );
  }

  /** Makes what finds the problems of a job in the bytes of its log. */
  extractor(job: Job): Extractor {
    return new Extractor(this.#setting(job, START), this.#patterns);
  }

  /**
   * The names, relative to a folder, of files that a job prints.
   * @param start where the piece starts that the problem's offsets count from.
   * @param problem the problem that the lines belong to; undefined: none.
   * @param from the folder, absolute.
   * @returns a function from the printed name of a file; its result is undefined if the file is not certain.
   */
  caller(
    job: Job,
    start: ByteOffset,
    problem: Problem | undefined,
    from: string,
  ): (printed: string) => string | undefined {
    const resolve = resolver(this.#setting(job, start));
    const known = new Set(problem && [problem, ...problem.notes].flatMap(({ file }) => file ?? []));
    return (printed) => {
      let file = resolve(printed, problem?.entered, problem?.from ?? 0);
      if (!known.has(file) && !this.#exists(file)) {
        // The file of a test may be printed without its folder.
        if (problem?.file?.endsWith(`/${printed}`) !== true) return undefined;
        ({ file } = problem);
      }
      return file.startsWith('/') && printed.startsWith('/') && !file.startsWith(`${from}/`)
        ? undefined
        : nameFrom(file, this.#project.root, from);
    };
  }

  /** The folders that the job ran in, for offsets that count from `start`. */
  #setting(job: Job, start: ByteOffset): LogLocation {
    const folder = folderOf(job) ?? this.#build.started?.cwd;
    const commands = job.steps.flatMap(({ at, argv }) => [{ at: at - start, folder: folderOfCommand(argv) }]);
    return {
      folder,
      root: this.#project.root,
      ...(this.#project.exists && { exists: (file: string) => this.#exists(file) }),
      ...(commands.some((command) => command.folder !== undefined) ? { commands } : {}),
    };
  }

  #exists(file: string): boolean {
    let there = this.#there.get(file);
    if (there === undefined) {
      there = this.#project.exists?.(file) ?? false;
      this.#there.set(file, there);
    }
    return there;
  }
}
