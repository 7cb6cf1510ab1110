// A job as a record of `loglin jobs --json` (docs/json.md).

import { failed } from '../../model/build.ts';
import type { JobRow } from '../joblist.ts';
import type { JsonRecord } from './line.ts';

export function jobRecord({ job, name, state, ms, commands }: JobRow): JsonRecord {
  return {
    job: job.id,
    name,
    parent: job.parent?.id ?? null,
    tool: job.instance?.tool ?? null,
    state,
    status: job.status ?? null,
    failed: failed(job),
    ignored: job.ignored,
    ...(job.skipped ? { skipped: true } : {}),
    started: job.started,
    ms: ms ?? null,
    bytes: job.size,
    commands,
  };
}
