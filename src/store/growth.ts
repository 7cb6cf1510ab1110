// When a build's logs grew, from its journal: told of at most ten times a second, so a byte was there a tenth of a second earlier at most. Reads only the
// records that say so.

import { Failure } from '../model/failure.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { parseRecord } from './journal.ts';
import { journalFile } from './layout.ts';
import { Tail } from './tail.ts';

/** For each job that said something: times in milliseconds since the build's start, and how long its log was then. */
export type Growth = ReadonlyMap<JobId, readonly (readonly [t: number, size: ByteOffset])[]>;

const KINDS = ['out', 'end'].map((kind) => Buffer.from(`{"e":"${kind}"`));

/** Nothing where the journal cannot be read: who opened the build has said so. */
export function readGrowth(folder: string): Growth {
  const growth = new Map<JobId, (readonly [number, ByteOffset])[]>();
  const file = journalFile(folder);
  const note = (t: number, job: JobId, size: ByteOffset): void => {
    const known = growth.get(job);
    if (!known) growth.set(job, [[t, size]]);
    else if ((known.at(-1)?.[1] ?? 0) < size) known.push([t, size]);
  };
  const tail = new Tail(file);
  try {
    for (let lines = tail.read(); lines; lines = tail.read())
      for (const line of lines) {
        if (!KINDS.some((kind) => kind.equals(line.subarray(0, kind.length)))) continue;
        const event = parseRecord(line, file);
        if (event?.e === 'out') for (const [job, size] of event.sizes) note(event.t, job, size);
        else if (event?.e === 'end') note(event.t, event.j, event.size);
      }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  } finally {
    tail.close();
  }
  return growth;
}

/** When the byte at an offset of a job's log was there; undefined where the journal does not say. */
export function writtenAt(growth: Growth, job: JobId, at: number): number | undefined {
  const known = growth.get(job) ?? [];
  let low = 0;
  let high = known.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (known[middle]![1] > at) high = middle;
    else low = middle + 1;
  }
  return known[low]?.[0];
}
