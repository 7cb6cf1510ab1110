// The history: which build ran which target. It finds a target's latest log without reading the builds. It is
// a cache. Whatever is damaged, missing or wrong in its file is restored from the journals.

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

/** The file is not rewritten for this few builds that no longer exist. */
const FEW = 16;

/**
 * Adds a build that has just ended.
 * @throws if the disk is full, or the store is gone.
 */
export function remember(store: string, id: string, build: Build): void {
  appendBlocks(store, [blockOf(id, build, journalSize(store, id))]);
}

function journalSize(store: string, id: string): number {
  return statOf(journalFile(buildFolder(store, id)))?.size ?? 0;
}

/** Finds the latest runs of targets. Reads the file on the first request. */
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
   * Returns the runs of a target in the last build in which it ran. There are several if the build had
   * several jobs of this name.
   * @param name as shown, without `#2`.
   * @param before the first build that does not count.
   * @param tool accepts only runs by this tool.
   */
  last(name: string, before: string, tool?: string): readonly Run[] {
    const found = this.#find(name, before, tool);
    if (found.length > 0 || this.#verified) return found;
    // Only an intact file can prove that a target never ran.
    this.#verified = true;
    return this.#verify() ? found : this.#find(name, before, tool);
  }

  /** Verifies the history, as far as checksums and sizes show. */
  check(): void {
    this.#verified = true;
    this.#verify();
  }

  /** Rewrites the file without builds that were removed. */
  compact(): void {
    const there = new Set(listBuilds(this.#store));
    this.#blocks = this.#all().filter(({ head }) => there.has(head.b));
    this.#write();
  }

  /** What the history says of a build was found to be wrong. The build is read again. */
  distrust(id: string): void {
    this.#replace(new Set([id]));
  }

  /** A build cannot be read and no longer counts. */
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
    // Builds are removed now and then. Their blocks are dropped once they are most of the file.
    if (stale || blocks.length > 2 * kept.size + FEW) this.#write();
    else this.#add(made);
    return this.#blocks;
  }

  /** A file that cannot be read counts as empty. Something that is not a file makes room for one. */
  #read(): { blocks: HistoryBlock[]; stale: boolean } {
    try {
      this.#fd = openPlain(historyFile(this.#store));
      return readBlocks(this.#fd);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      // A file that exists and cannot be read is replaced.
      return { blocks: [], stale: code !== 'ENOENT' };
    }
  }

  /** Reads the builds that have no block. Those that still run get one when they have ended. */
  #index(ids: Iterable<string>): HistoryBlock[] {
    const blocks: HistoryBlock[] = [];
    for (const id of ids) {
      if (summarise(this.#store, id).state === 'running') continue;
      try {
        const { build, logs } = openBuild(this.#store, id);
        logs.close();
        blocks.push(blockOf(id, build, journalSize(this.#store, id)));
      } catch (error) {
        // `ls` and `show` report its problems.
        if (!isFailure(error)) throw error;
      }
    }
    return blocks;
  }

  /**
   * Compares the lines with their checksums, and the journals with their sizes.
   * @returns whether everything matched.
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
   * Saves new blocks for later requests. An error does not matter, since the answer is known without them.
   */
  #add(blocks: readonly HistoryBlock[]): void {
    if (blocks.length === 0) return;
    try {
      appendBlocks(this.#store, blocks);
    } catch {
      // The blocks are generated again next time.
    }
  }

  #write(): void {
    const blocks = [...this.#all()].reverse();
    for (const block of blocks) rowsOf(block, this.#fd);
    try {
      replaceBlocks(this.#store, blocks);
    } catch {
      // A store that cannot be written can still be queried.
    }
  }
}

function newestFirst(blocks: Iterable<HistoryBlock>): HistoryBlock[] {
  return [...blocks].sort((a, b) => (a.head.b < b.head.b ? 1 : -1));
}
