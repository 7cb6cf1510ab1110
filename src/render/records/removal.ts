// What gc did to a build, or would do, as a record of `loglin gc --json` (docs/json.md).

import type { JsonRecord } from './line.ts';

/** @param removal `freed` is in bytes; `logs` says how many are kept. @param dry nothing was removed. */
export function removalRecord(
  { id, action, freed, logs }: { id: string; action: string; freed: number; logs: number },
  dry: boolean,
): JsonRecord {
  return { id, action, freed, logs, dry };
}
