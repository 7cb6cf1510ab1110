// The problems of recorded jobs, read from their logs: what `loglin problems` lists, and what the failure report begins with. Knows where
// logs, folders and the user's patterns are, not what a problem looks like.

import fs from 'node:fs';
import path from 'node:path';
import type { Build, Job } from '../model/build.ts';
import { type ByteOffset, START } from '../model/ids.ts';
import { Extractor } from '../problems/extract.ts';
import { located } from '../problems/located.ts';
import { type OwnPatterns, parsePatterns, untimed } from '../problems/own.ts';
import { type Setting, calledFrom, folderOfCommand, resolver } from '../problems/paths.ts';
import type { Pattern } from '../problems/pattern.ts';
import type { Problem } from '../problems/problem.ts';
import { errorLines, tellingLines } from '../render/report.ts';
import { readConfig } from '../store/config.ts';
import type { Place } from '../store/place.ts';
import type { LogSource } from '../store/logs.ts';
import { TimedPatterns } from './timedpatterns.ts';

/** Text of this size is made where the garbage collector takes it back at once: a quarter faster than in pieces of 256 KiB. */
const CHUNK = 32 * 1024;

/** Reads the problems of jobs of one build. */
export class ProblemReader {
  readonly #build: Build;
  readonly #logs: LogSource;
  readonly #root: string;
  readonly #own: OwnPatterns;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK);
  readonly #there = new Map<string, boolean>();

  /** @param own the user's patterns. */
  constructor(build: Build, logs: LogSource, place: Place, own: OwnPatterns) {
    this.#build = build;
    this.#logs = logs;
    this.#root = place.root;
    this.#own = own;
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
    const extractor = new Extractor(this.#setting(job, start), this.#own);
    return [...extractor.push(bytes), ...extractor.end()].find(
      ({ severity, summary }) => severity === 'error' && !summary,
    );
  }

  /** What finds the problems of a job in the bytes of its log. */
  extractor(job: Job): Extractor {
    return new Extractor(this.#setting(job, START), this.#own);
  }

  /**
   * How files that a job prints are called from a folder.
   * @param start where the piece starts that the problem's offsets count from. @param problem what the lines are of; undefined: nothing
   * that is known. @param from the folder, absolute.
   * @returns for a file as printed: undefined where it is not sure to be that file.
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
        // A test may be named by its last name only.
        if (problem?.file?.endsWith(`/${printed}`) !== true) return undefined;
        ({ file } = problem);
      }
      return file.startsWith('/') && printed.startsWith('/') && !file.startsWith(`${from}/`)
        ? undefined
        : calledFrom(file, this.#root, from);
    };
  }

  /** Where the job ran, for offsets that count from `start`. */
  #setting(job: Job, start: ByteOffset): Setting {
    const folder = folderOf(job) ?? this.#build.started?.cwd;
    const commands = job.steps.flatMap(({ at, argv }) => [{ at: at - start, folder: folderOfCommand(argv) }]);
    return {
      folder,
      root: this.#root,
      exists: (file) => this.#exists(file),
      ...(commands.some((command) => command.folder !== undefined) ? { commands } : {}),
    };
  }

  #exists(file: string): boolean {
    let there = this.#there.get(file);
    if (there === undefined) {
      there = fs.existsSync(path.resolve(this.#root, file));
      this.#there.set(file, there);
    }
    return there;
  }
}

/** How much of a log's end is looked at for its first error. */
export const TAIL = 1024 * 1024;
/** And how much of that for a line that may be one, where no pattern fits. */
const LAST = 256 * 1024;

/** What is said of a failure. */
export interface FailureText {
  readonly lines: readonly string[];
  /** An error was found, as `loglin problems` finds it: not just lines that may tell. */
  readonly sure: boolean;
  /** What is the same for the same error in another job; '' where nothing is said. */
  readonly key: string;
}

/** Reads what the failure report says of jobs that failed: with files as they are called from a folder. */
export class FailureReader {
  readonly #reader: ProblemReader;
  readonly #logs: LogSource;
  readonly #from: string;
  readonly #clean: (bytes: Buffer) => string;

  /** @param from the folder, absolute. @param clean makes bytes of a log fit for where they are printed. */
  constructor(reader: ProblemReader, logs: LogSource, from: string, clean: (bytes: Buffer) => string) {
    this.#reader = reader;
    this.#logs = logs;
    this.#from = from;
    this.#clean = clean;
  }

  /** What the end of the job's log says of its failure. */
  failure(job: Job): FailureText {
    const start = Math.max(0, job.size - TAIL) as ByteOffset;
    const buffer = Buffer.alloc(job.size - start);
    const tail = buffer.subarray(0, this.#logs.read(job.id, start, buffer));
    const error = this.#reader.firstError(job, tail, start);
    const printed = error
      ? errorLines(this.#clean(tail.subarray(error.from, error.to)), lineCount(tail, error.from, error.at))
      : tellingLines(this.#clean(tail.subarray(-LAST)));
    const call = this.#reader.caller(job, start, error, this.#from);
    const lines = printed.map((line) => located(line, call));
    const { file, line, column, code, message } = error ?? {};
    const key = file === undefined ? lines.join('\n') : [file, line, column, code, message].join('\0');
    return { lines, sure: error !== undefined, key };
  }
}

function lineCount(bytes: Buffer, from: number, to: number): number {
  return bytes.subarray(from, to).toString('latin1').split('\n').length - 1;
}

/** Where the tool ran that launched the job, or the one above it. */
function folderOf(job: Job): string | undefined {
  for (let at: Job | undefined = job; at; at = at.parent) if (at.instance) return at.instance.cwd;
  return undefined;
}

/**
 * The user's own patterns, from `.loglin.json`; none of them where something in it is wrong, which is said a line each.
 * @param complain hears of a pattern that takes too long, and is not tried any more.
 */
export function ownPatterns(
  place: Place,
  complain: (text: string) => void,
): {
  readonly patterns: OwnPatterns;
  readonly errors: readonly string[];
} {
  const config = readConfig(place);
  const { problems, errors } = config;
  if (problems === undefined) return { patterns: untimed([]), errors };
  const parsed = parsePatterns(problems);
  if ('error' in parsed) {
    const { path: at, message } = parsed.error;
    return { patterns: untimed([]), errors: [...errors, config.complaint(['problems', ...at], message)] };
  }
  const { patterns } = parsed;
  const slow = (pattern: Pattern): void => {
    const at = ['problems', patterns.indexOf(pattern), 'pattern'];
    complain(config.complaint(at, 'takes too long on what was logged; the log is read on without it'));
  };
  return { patterns: new TimedPatterns(patterns, slow), errors };
}
