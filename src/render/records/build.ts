// A recorded build as a record of `loglin ls --json` (docs/json.md).

import type { BuildEnded, BuildStarted } from '../../model/events.ts';
import type { JsonRecord } from './line.ts';

/** A recorded build, as far as its record can be read. */
export interface ListedBuild {
  readonly id: string;
  readonly state: string;
  /** undefined if the first record is damaged. */
  readonly started: BuildStarted | undefined;
  readonly ended: BuildEnded | undefined;
  readonly jobs: number | undefined;
  readonly failed: number | undefined;
  readonly ms: number | undefined;
  /** Whether only logs that are the latest of their target are kept. */
  readonly thinned: boolean;
  /** The size on disk. */
  readonly bytes: number | undefined;
}

export function listedBuildRecord(build: ListedBuild): JsonRecord {
  const { id, state, started, ended, jobs, failed, ms, thinned, bytes } = build;
  return {
    id,
    state: !started ? 'damaged' : ended?.interrupted ? 'interrupted' : state,
    started: started ? new Date(started.at).toISOString() : null,
    ms: ms ?? null,
    argv: started?.argv ?? null,
    cwd: started?.cwd ?? null,
    name: started?.name ?? null,
    status: ended?.status ?? null,
    jobs: jobs ?? null,
    failed: failed ?? null,
    revision: started?.revision ?? null,
    inside: started?.inside ?? false,
    thinned,
    bytes: bytes ?? null,
  };
}
