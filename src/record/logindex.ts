// Where a build's logs lie in its pack: a line for each log, `[job, bytes, [lengths of its frames]]`. The
// frames of all logs follow each other in that order, each a gzip member of FRAME bytes of a log, or of its
// end.

import type { JobId } from '../model/ids.ts';

/** How much of a log is compressed at a time, in bytes. */
export const FRAME = 1 << 20;

/** Where a log lies. */
export interface PackedLog {
  readonly job: JobId;
  /** In bytes, before compression. */
  readonly size: number;
  /** The offset of its first frame in the pack. */
  readonly offset: number;
  /** The lengths of its frames. */
  readonly frames: readonly number[];
}

/** What the index says at its start. */
export interface IndexHead {
  readonly v: 1;
  /** gc had removed logs from the build. */
  readonly thinned: boolean;
}

export function indexHead(thinned: boolean): string {
  return `${JSON.stringify({ v: 1, thinned } satisfies IndexHead)}\n`;
}

export function indexLine(job: JobId, size: number, frames: readonly number[]): string {
  return `${JSON.stringify([job, size, frames])}\n`;
}

export interface LogIndex {
  readonly thinned: boolean;
  readonly logs: ReadonlyMap<JobId, PackedLog>;
  /** The length of the pack, in bytes. */
  readonly end: number;
}

/** @returns undefined if this is no index. */
export function parseIndex(text: string): LogIndex | undefined {
  const [head = '', ...lines] = text.split('\n');
  try {
    const { v, thinned } = JSON.parse(head) as { v?: number; thinned?: boolean };
    if (v !== 1) return undefined;
    const logs = new Map<JobId, PackedLog>();
    let offset = 0;
    for (const line of lines) {
      if (line === '') continue;
      const [job, size, frames] = JSON.parse(line) as [JobId, number, number[]];
      if (!isCount(job) || !isCount(size) || !Array.isArray(frames) || !frames.every(isCount))
        return undefined;
      if (frames.length !== Math.ceil(size / FRAME)) return undefined;
      logs.set(job, { job, size, offset, frames });
      for (const length of frames) offset += length;
    }
    return { thinned: thinned === true, logs, end: offset };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
