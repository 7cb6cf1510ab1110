// The problems of recorded jobs, read from their logs: what `loglin problems` lists, and what the failure report begins with. Knows where
// logs, folders and the user's patterns are, not what a problem looks like.

import fs from 'node:fs';
import path from 'node:path';
import { type Build, type Job, folderOf } from '../model/build.ts';
import { type ByteOffset, START } from '../model/ids.ts';
import { Extractor } from '../problems/extract.ts';
import { type OwnPatterns, parsePatterns, untimed } from '../problems/own.ts';
import type { Pattern } from '../problems/pattern.ts';
import type { Problem } from '../problems/problem.ts';
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

  /** The first real error of a piece of the job's log; its offsets count from the start of the piece. */
  firstError(job: Job, bytes: Uint8Array): Problem | undefined {
    const extractor = this.extractor(job);
    return [...extractor.push(bytes), ...extractor.end()].find(
      ({ severity, summary }) => severity === 'error' && !summary,
    );
  }

  /** What finds the problems of a job in the bytes of its log. */
  extractor(job: Job): Extractor {
    const folder = folderOf(job) ?? this.#build.started?.cwd;
    return new Extractor({ folder, root: this.#root, exists: (file) => this.#exists(file) }, this.#own);
  }

  #exists(file: string): boolean {
    let there = this.#there.get(file);
    if (there === undefined) {
      there = fs.existsSync(path.join(this.#root, file));
      this.#there.set(file, there);
    }
    return there;
  }
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
