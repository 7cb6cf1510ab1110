// What was appended to a build's journal since it was last looked at: up to where whole records go, which
// logs have grown, whether the build has ended. Nothing is kept, and of what had been written before only the
// size is looked at, so that a look at a quiet build costs one call of the system.

import fs from 'node:fs';
import path from 'node:path';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { parseRecord } from '../record/journal.ts';
import type { BuildState } from '../record/recordreader.ts';
import { silentSince, summarise } from './builds.ts';
import { buildFolder, journalFile } from './layout.ts';
import { openPlain, statOf } from './plainfile.ts';

export type NewsState = BuildState | 'removed';

export interface News {
  /** The size of the journal, in bytes, up to the end of its last whole record. */
  readonly journal: number;
  /** The logs that grew, with their sizes; undefined if that is too much to say: the journal says it. */
  readonly logs: ReadonlyMap<JobId, ByteOffset> | undefined;
  readonly state: NewsState;
}

/** More is not read to say which logs grew, in bytes. */
const MOST = 4 * 1024 * 1024;
/** Whether a recorder is still there is not looked up more often. */
const ALIVE_MS = 1000;
/** A recorder writes its first record sooner. */
const NEW_MS = 10_000;
const NEWLINE = 0x0a;
const GROWN = ['out', 'end'].map((kind) => `{"e":"${kind}"`);
const CLOSE = '{"e":"close"';

export class JournalNews {
  readonly #store: string;
  readonly #id: string;
  readonly #file: string;
  #fd: number | undefined;
  #journal = 0;
  /** How far it was looked at, and that nothing is in vain looked at again. */
  #size = 0;
  #state: NewsState;
  #asked = 0;

  /** @throws like openPlain if the journal is something else than a file. */
  constructor(store: string, id: string) {
    this.#store = store;
    this.#id = id;
    this.#file = journalFile(buildFolder(store, id));
    this.#state = this.#stateNow();
    this.#asked = Date.now();
    this.#size = this.#sizeNow();
    this.#journal = this.#state === 'running' ? this.#lastEnd(this.#size) : this.#size;
  }

  get journal(): number {
    return this.#journal;
  }

  get state(): NewsState {
    return this.#state;
  }

  /** @returns what is new; undefined if nothing is. */
  look(): News | undefined {
    if (this.#state !== 'running') return undefined;
    const size = this.#sizeNow();
    if (size > this.#size) return this.#grown(size);
    if (Date.now() - this.#asked < ALIVE_MS) return undefined;
    this.#asked = Date.now();
    this.#state = statOf(path.dirname(this.#file)) === undefined ? 'removed' : this.#stateNow();
    if (this.#state === 'running') return undefined;
    this.#journal = Math.max(this.#journal, size);
    return this.#news(new Map());
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** The size of the journal, which a recorder makes soon after its folder. */
  #sizeNow(): number {
    try {
      this.#fd ??= openPlain(this.#file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return 0;
    }
    return fs.fstatSync(this.#fd).size;
  }

  #news(logs: News['logs']): News {
    return { journal: this.#journal, logs, state: this.#state };
  }

  /** A build whose first record is not yet there has just been started. */
  #stateNow(): BuildState {
    const { state, started } = summarise(this.#store, this.#id);
    return !started && silentSince(buildFolder(this.#store, this.#id)) < NEW_MS ? 'running' : state;
  }

  #grown(size: number): News | undefined {
    this.#size = size;
    if (size - this.#journal > MOST) {
      this.#journal = this.#lastEnd(size);
      this.#state = this.#stateNow();
      return this.#news(undefined);
    }
    const bytes = this.#read(this.#journal, size);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) return undefined;
    const logs = new Map<JobId, ByteOffset>();
    for (const line of bytes.toString('utf8', 0, end).split('\n')) this.#take(line, logs);
    this.#journal += end;
    return this.#news(logs);
  }

  #take(line: string, logs: Map<JobId, ByteOffset>): void {
    if (line.startsWith(CLOSE)) this.#state = 'finished';
    if (!GROWN.some((kind) => line.startsWith(kind))) return;
    const event = parseRecord(Buffer.from(line), this.#file);
    if (event?.e === 'out') for (const [job, at] of event.sizes) logs.set(job, at);
    else if (event?.e === 'end') logs.set(event.j, event.size);
  }

  /** Where the last whole record ends before an offset. */
  #lastEnd(size: number): number {
    for (let to = size; to > 0; to -= Math.min(to, 65_536)) {
      const from = Math.max(0, to - 65_536);
      const at = this.#read(from, to).lastIndexOf(NEWLINE);
      if (at >= 0) return from + at + 1;
    }
    return 0;
  }

  #read(from: number, to: number): Buffer {
    const bytes = Buffer.allocUnsafe(to - from);
    return bytes.subarray(0, fs.readSync(this.#fd!, bytes, 0, bytes.length, from));
  }
}
