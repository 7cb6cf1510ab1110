// Why a target is not known to be up to date, as a record (docs/json.md).

import type { NotRemade } from '../../linearize/notremade.ts';
import type { Job } from '../../model/build.ts';
import type { JsonRecord } from './line.ts';

export function notRemadeRecord({ state, failed, end }: NotRemade, nameOf: (job: Job) => string): JsonRecord {
  const stopped = typeof end === 'object' ? end.tool : null;
  return { state, failed: failed.map(nameOf), stopped, ended: typeof end === 'string' ? end : null };
}
