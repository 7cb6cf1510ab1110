// Search results, as records of `loglin grep --json` (docs/json.md).

import type { JsonRecord } from './line.ts';

/** The log that was searched, and its build if there are several. */
export interface SearchedLog {
  readonly job: number;
  readonly name: string;
  readonly build: string | undefined;
}

/** A line of a log. */
export interface MatchedLine {
  /** The line matches; false: it only surrounds a match. */
  readonly match: boolean;
  /** From 1. */
  readonly number: number;
  /** The line's text; undefined if it is not UTF-8. */
  readonly text: string | undefined;
  readonly bytes: Buffer;
  /**
   * The ranges that match, as indices of UTF-16 code units into the text, or of bytes if there is no text.
   */
  readonly spans: readonly (readonly [number, number])[];
}

export function matchRecord(
  log: SearchedLog,
  { match, number, text, bytes, spans }: MatchedLine,
): JsonRecord {
  return {
    type: match ? 'match' : 'context',
    ...searchedLog(log),
    line: number,
    ...(text === undefined ? { base64: bytes.toString('base64') } : { text }),
    ...(match ? { spans } : {}),
  };
}

/** A log with matches. @param count how many lines match; undefined if the count was not requested. */
export function matchedLogRecord(log: SearchedLog, count: number | undefined): JsonRecord {
  return { type: 'job', ...searchedLog(log), ...(count === undefined ? {} : { count }) };
}

function searchedLog({ build, job, name }: SearchedLog): JsonRecord {
  return { ...(build === undefined ? {} : { build }), job, name };
}
