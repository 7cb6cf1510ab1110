// What a search finds, as records of `loglin grep --json` (docs/json.md).

import type { JsonRecord } from './line.ts';

/** The log that was searched; its build where several are. */
export interface SearchedLog {
  readonly job: number;
  readonly name: string;
  readonly build: string | undefined;
}

/** A line of a log. */
export interface MatchedLine {
  /** It matches, and does not only stand beside one that does. */
  readonly match: boolean;
  /** From 1. */
  readonly number: number;
  /** Its text; undefined: it is not UTF-8. */
  readonly text: string | undefined;
  readonly bytes: Buffer;
  /** Where it matches, as indices of UTF-16 code units into the text; without a text, of bytes. */
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

/** A log with matches. @param count how many lines match; undefined: nobody has asked. */
export function matchedLogRecord(log: SearchedLog, count: number | undefined): JsonRecord {
  return { type: 'job', ...searchedLog(log), ...(count === undefined ? {} : { count }) };
}

function searchedLog({ build, job, name }: SearchedLog): JsonRecord {
  return { ...(build === undefined ? {} : { build }), job, name };
}
