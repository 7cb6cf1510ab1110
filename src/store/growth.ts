// When a build's logs grew, according to its journal. Growth is recorded at most 20 times a second, so a
// byte was written up to 50 ms earlier. Reads only the relevant records, in slices, and those
// of a running build as they arrive.

import { isFailure } from '../model/failure.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { parseRecord } from '../record/journal.ts';
import { GrowingFile } from './growingfile.ts';
import { journalFile } from './layout.ts';
import { Tail } from '../record/tail.ts';

const KINDS = ['out', 'end'].map((kind) => Buffer.from(`{"e":"${kind}"`));

export class Growth {
  readonly #file: string;
  readonly #journal: Tail;
  /**
   * For each job with output: times in milliseconds since the build's start, each followed by the size of its
   * log at that time.
   */
  readonly #known = new Map<JobId, number[]>();

  constructor(folder: string) {
    this.#file = journalFile(folder);
    this.#journal = new Tail(new GrowingFile(this.#file));
  }

  /**
   * Reads on for some milliseconds.
   * @returns false if there is nothing more for now, or the journal cannot be read, which whoever opened the
   *   build has reported.
   */
  step(): boolean {
    try {
      return this.#journal.read((line) => {
        this.#take(line);
      });
    } catch (error) {
      if (!isFailure(error)) throw error;
      return false;
    }
  }

  /**
   * Returns when the byte at an offset of a job's log was written; undefined if the journal read so far does
   * not say.
   */
  writtenAt(job: JobId, at: number): number | undefined {
    const known = this.#known.get(job) ?? [];
    let low = 0;
    let high = known.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (known[2 * middle + 1]! > at) high = middle;
      else low = middle + 1;
    }
    return known[2 * low];
  }

  close(): void {
    this.#journal.close();
  }

  #take(line: Buffer): void {
    if (!KINDS.some((kind) => line.subarray(0, kind.length).equals(kind))) return;
    const event = parseRecord(line, this.#file);
    if (event?.e === 'out') for (const [job, size] of event.sizes) this.#note(event.t, job, size);
    else if (event?.e === 'end') this.#note(event.t, event.j, event.size);
  }

  #note(t: number, job: JobId, size: ByteOffset): void {
    const known = this.#known.get(job);
    if (!known) this.#known.set(job, [t, size]);
    else if (known.at(-1)! < size) known.push(t, size);
  }
}
