// A finding of doctor, as a record of `loglin doctor --json` (docs/json.md).

import type { JsonRecord } from './line.ts';

/** @param finding its `remedy` says what to do if something is wrong. */
export function findingRecord({
  ok,
  what,
  remedy,
}: {
  ok: boolean;
  what: string;
  remedy?: string | undefined;
}): JsonRecord {
  return { ok, what, remedy: remedy ?? null };
}
