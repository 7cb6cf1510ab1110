// What gc did to a build, or would do, as a record of `loglin gc --json` (docs/json.md).

import type { JsonRecord } from './line.ts';

/** @param removal `freed` is in bytes; `logs` says how many are kept. @param dry nothing was removed. */
export function removalRecord(
  { id, action, freed, logs }: { id: string; action: string; freed: number; logs: number },
  dry: boolean,
): JsonRecord {
  return { id, action, freed, logs, dry };
}

/** Same for a build of a remote. @param build `bytes` undefined: not known. */
export function remoteRemovalRecord(
  { id, unfinished, bytes }: { id: string; unfinished: boolean; bytes: number | undefined },
  dry: boolean,
): JsonRecord {
  return { id, action: unfinished ? 'abandoned' : 'removed', freed: bytes ?? null, logs: 0, dry };
}
