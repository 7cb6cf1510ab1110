// The history: which build ran which target, so that a target's last log is found without reading the builds.
// It is a cache: whatever in its file is damaged, missing or untrue is made again from the journals.

import fs from 'node:fs';
import type { Build } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import { listBuilds, summarise } from './builds.ts';
import {
  type HistoryBlock,
  type Run,
  appendBlocks,
  blockOf,
  isIntact,
  readBlocks,
  replaceBlocks,
  rowsOf,
  runsOf,
} from './historyfile.ts';
import { buildFolder, historyFile, journalFile } from './layout.ts';
import { openPlain, statOf } from './plainfile.ts';
import { openBuild } from './reader.ts';

/** So many builds that are no longer there are not worth a new file. */
const FEW = 16;

/** Adds a build that has just ended. @throws where the disk is full, or the store gone. */
export function remember(store: string, id: string, build: Build): void {
  appendBlocks(store, [blockOf(id, build, journalSize(store, id))]);
}

function journalSize(store: string, id: string): number {
  return statOf(journalFile(buildFolder(store, id)))?.size ?? 0;
}

/** Finds the last runs of targets. Reads the file once, when first asked. */
export class History {
  readonly #store: string;
  /** The newest first. */
  #blocks: HistoryBlock[] | undefined;
  #fd: number | undefined;
  #verified = false;

  constructor(store: string) {
    this.#store = store;
  }

  /**
   * The runs of a target in the last build in which it ran; several where the build had several jobs of this
   * name.
   * @param name as shown, without `#2`.
   * @param before the first build that does not count.
   * @param tool only runs by this tool.
   */
  last(name: string, before: string, tool?: string): readonly Run[] {
    const found = this.#find(name, before, tool);
    if (found.length > 0 || this.#verified) return found;
    // "Never" is said only by a file that is whole.
    this.#verified = true;
    return this.#verify() ? found : this.#find(name, before, tool);
  }

  /** Makes sure that what this says is so, as far as sums and sizes tell. */
  check(): void {
    this.#verified = true;
    this.#verify();
  }

  /** Builds were removed: writes the file anew, without them. */
  compact(): void {
    const there = new Set(listBuilds(this.#store));
    this.#blocks = this.#all().filter(({ head }) => there.has(head.b));
    this.#write();
  }

  /** What this says of a build has been found untrue: it is read again. */
  distrust(id: string): void {
    this.#replace(new Set([id]));
  }

  /** A build cannot be read: it does not count. */
  forget(id: string): void {
    this.#blocks = this.#all().filter(({ head }) => head.b !== id);
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  #find(name: string, before: string, tool: string | undefined): Run[] {
    for (const block of this.#all()) {
      if (block.head.b >= before) continue;
      const runs = runsOf(block, name, this.#fd).filter((run) => tool === undefined || run.tool === tool);
      if (runs.length > 0) return runs;
    }
    return [];
  }

  #all(): HistoryBlock[] {
    if (this.#blocks) return this.#blocks;
    const { blocks, stale } = this.#read();
    const there = new Set(listBuilds(this.#store));
    const kept = new Map<string, HistoryBlock>();
    for (const block of blocks) if (there.has(block.head.b)) kept.set(block.head.b, block);
    const made = this.#index([...there].filter((id) => !kept.has(id)));
    for (const block of made) kept.set(block.head.b, block);
    this.#blocks = newestFirst(kept.values());
    // Builds are removed now and then: what is said of them goes when it is most of the file.
    if (stale || blocks.length > 2 * kept.size + FEW) this.#write();
    else this.#add(made);
    return this.#blocks;
  }

  /** A file that cannot be read counts as none; what is no file is to make room for one. */
  #read(): { blocks: HistoryBlock[]; stale: boolean } {
    try {
      this.#fd = openPlain(historyFile(this.#store));
      return readBlocks(this.#fd);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      // What is there and cannot be read is made anew.
      return { blocks: [], stale: code !== 'ENOENT' };
    }
  }

  /** Reads builds that nothing is known of. Those that run are known when they have ended. */
  #index(ids: Iterable<string>): HistoryBlock[] {
    const blocks: HistoryBlock[] = [];
    for (const id of ids) {
      if (summarise(this.#store, id).state === 'running') continue;
      try {
        const { build, logs } = openBuild(this.#store, id);
        logs.close();
        blocks.push(blockOf(id, build, journalSize(this.#store, id)));
      } catch (error) {
        // `ls` and `show` say what is wrong with it.
        if (!isFailure(error)) throw error;
      }
    }
    return blocks;
  }

  /**
   * Compares the lines with their sums, and the journals with their sizes.
   * @returns whether all was as it should be.
   */
  #verify(): boolean {
    const bad = new Set<string>();
    for (const block of this.#all()) {
      const { b, journal } = block.head;
      if (!isIntact(block, this.#fd) || journalSize(this.#store, b) !== journal) bad.add(b);
    }
    if (bad.size > 0) this.#replace(bad);
    return bad.size === 0;
  }

  #replace(ids: ReadonlySet<string>): void {
    const kept = this.#all().filter(({ head }) => !ids.has(head.b));
    this.#blocks = newestFirst([...kept, ...this.#index(ids)]);
    this.#write();
  }

  /**
   * Keeps what was made for the next one who asks; a store that cannot be written is no reason not to answer.
   */
  #add(blocks: readonly HistoryBlock[]): void {
    if (blocks.length === 0) return;
    try {
      appendBlocks(this.#store, blocks);
    } catch {
      // It is made again next time.
    }
  }

  #write(): void {
    const blocks = [...this.#all()].reverse();
    for (const block of blocks) rowsOf(block, this.#fd);
    try {
      replaceBlocks(this.#store, blocks);
    } catch {
      // A store that cannot be written is no reason not to answer.
    }
  }
}

function newestFirst(blocks: Iterable<HistoryBlock>): HistoryBlock[] {
  return [...blocks].sort((a, b) => (a.head.b < b.head.b ? 1 : -1));
}
