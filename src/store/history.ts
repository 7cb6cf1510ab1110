// The history: which build ran which target, in one file, so that a target's last log is found without reading the builds.
// Append-only: a head for each build, then a line for each of its jobs (docs/journal-format.md). It is a cache: what in it is damaged,
// missing or untrue is made again from the journals. Knows names and numbers, not what is in the logs.

import fs from 'node:fs';
import type { Build } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import type { JobId } from '../model/ids.ts';
import { listBuilds, summarise } from './builds.ts';
import { openBuild } from './reader.ts';
import { buildFolder, historyFile, journalFile } from './layout.ts';
import { openPrivate, writeAll } from './owner.ts';
import { openPlain, statOf } from './plainfile.ts';

/** A target ran. */
export interface Run {
  readonly build: string;
  readonly job: JobId;
  /** The tool that ran it; '' for a nested loglin or the root job. */
  readonly tool: string;
  /** How long, in milliseconds. */
  readonly ms: number;
}

/** What precedes a build's lines. */
interface Head {
  /** The build. */
  readonly b: string;
  /** The size of its journal. */
  readonly journal: number;
  readonly rows: number;
  /** The size of the lines. */
  readonly bytes: number;
  /** Adler-32 of the lines. */
  readonly sum: number;
}

/** [name, tool, job, milliseconds] */
type Row = readonly [string, string, number, number];

interface Block {
  readonly head: Head;
  /** Where its lines are in the file; missing where they are only in memory. */
  readonly at: number | undefined;
  /** The lines, with the newline before the first: once they were read. */
  rows: Buffer | undefined;
  /** How often its lines were searched, and what they say once that was often. */
  searched: number;
  byName: Map<string, Run[]> | undefined;
}

const HEAD_START = '{"b":"';
const WINDOW = 1 << 20;
/** From so many searches on, reading all lines is cheaper. */
const OFTEN = 16;
/** So many builds that are no longer there are not worth a new file. */
const FEW = 16;
/** No build's lines are longer, in bytes: a hole that a crash left in the file may look so. */
const LONGEST = 256 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Adler-32 (RFC 1950). */
function adler32(bytes: Buffer): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < bytes.length;) {
    // The sums stay below 2^32 for this many bytes.
    for (const end = Math.min(i + 3800, bytes.length); i < end; i++) {
      a += bytes[i]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}

/** The lines of a build, with a newline before the first, and their head. A job that never ended has no log to speak of. */
function blockOf(id: string, build: Build, journal: number): Block {
  const lines: string[] = [];
  for (const job of build.jobs) {
    if (job.lost || job.ended === undefined || (!job.parent && build.started?.name === undefined)) continue;
    const row: Row = [job.name, job.instance?.tool ?? '', job.id, Math.max(0, job.ended - job.started)];
    lines.push(JSON.stringify(row));
  }
  const rows = Buffer.from(lines.map((line) => `\n${line}`).join(''));
  return {
    head: { b: id, journal, rows: lines.length, bytes: rows.length, sum: adler32(rows) },
    at: undefined,
    rows,
    searched: 0,
    byName: undefined,
  };
}

function bytesOf({ head, rows }: Block): Buffer {
  return Buffer.concat([Buffer.from(JSON.stringify(head)), rows ?? Buffer.alloc(0), Buffer.from('\n')]);
}

/** Adds a build that has just ended. @throws where the disk is full, or the store gone. */
export function remember(store: string, id: string, build: Build): void {
  append(store, [blockOf(id, build, journalSize(store, id))]);
}

function append(store: string, blocks: readonly Block[]): void {
  const fd = openPrivate(historyFile(store), 'a');
  try {
    for (const block of blocks) writeAll(fd, bytesOf(block));
  } finally {
    fs.closeSync(fd);
  }
}

function journalSize(store: string, id: string): number {
  return statOf(journalFile(buildFolder(store, id)))?.size ?? 0;
}

/** Finds the last runs of targets. Reads the file once, when first asked. */
export class History {
  readonly #store: string;
  /** The newest first. */
  #blocks: Block[] | undefined;
  #fd: number | undefined;
  #verified = false;

  constructor(store: string) {
    this.#store = store;
  }

  /**
   * The runs of a target in the last build in which it ran; several where the build had several jobs of this name.
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
    const needle = Buffer.from(`\n[${JSON.stringify(name)},`);
    for (const block of this.#all()) {
      if (block.head.b >= before) continue;
      const runs = this.#search(block, name, needle).filter((run) => tool === undefined || run.tool === tool);
      if (runs.length > 0) return runs;
    }
    return [];
  }

  #search(block: Block, name: string, needle: Buffer): readonly Run[] {
    const rows = this.#rows(block);
    if (!block.byName && block.searched++ < OFTEN) return runsIn(block.head.b, rows, needle);
    block.byName ??= runsByName(block.head.b, rows);
    return block.byName.get(name) ?? [];
  }

  #rows(block: Block): Buffer {
    if (block.rows) return block.rows;
    const rows = Buffer.allocUnsafe(block.head.bytes);
    const n = this.#fd === undefined ? 0 : fs.readSync(this.#fd, rows, 0, rows.length, block.at ?? 0);
    block.rows = rows.subarray(0, n);
    return block.rows;
  }

  #all(): Block[] {
    if (this.#blocks) return this.#blocks;
    const { blocks, damaged } = this.#read();
    const there = new Set(listBuilds(this.#store));
    const kept = new Map<string, Block>();
    for (const block of blocks) if (there.has(block.head.b)) kept.set(block.head.b, block);
    const made = this.#index([...there].filter((id) => !kept.has(id)));
    for (const block of made) kept.set(block.head.b, block);
    this.#blocks = newestFirst(kept.values());
    // Builds are removed now and then: what is said of them goes when it is most of the file.
    if (damaged || blocks.length > 2 * kept.size + FEW) this.#write();
    else this.#add(made);
    return this.#blocks;
  }

  /** Reads the heads. A file that cannot be read counts as none; what is no file is to make room for one. */
  #read(): { blocks: Block[]; damaged: boolean } {
    try {
      this.#fd = openPlain(historyFile(this.#store));
      return this.#readHeads(this.#fd);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      // What is there and cannot be read is made anew.
      return { blocks: [], damaged: code !== 'ENOENT' };
    }
  }

  #readHeads(fd: number): { blocks: Block[]; damaged: boolean } {
    const blocks: Block[] = [];
    let damaged = false;
    const { size } = fs.fstatSync(fd);
    let window = Buffer.alloc(0);
    let start = 0;
    /** The bytes from an offset on, as many as are at hand, at least a head's. */
    const from = (at: number): Buffer => {
      if (at < start || at + 1024 > start + window.length) {
        window = Buffer.allocUnsafe(Math.min(WINDOW, size - at));
        start = at;
        window = window.subarray(0, fs.readSync(fd, window, 0, window.length, at));
      }
      return window.subarray(at - start);
    };
    for (let at = 0; at < size;) {
      const bytes = from(at);
      const end = bytes.indexOf('\n');
      const head = end < 0 ? undefined : readHead(bytes.toString('utf8', 0, end));
      // An empty build has no lines: then the newline is the one that ends the block.
      const next = head && at + end + head.bytes + 1;
      if (!head || next === undefined || next > size || from(next - 1)[0] !== NEWLINE) {
        damaged = true;
        at = this.#resync(at + 1, size);
        continue;
      }
      const lines = from(at + end);
      const inWindow = lines.length >= head.bytes ? lines.subarray(0, head.bytes) : undefined;
      blocks.push({ head, at: at + end, rows: inWindow, searched: 0, byName: undefined });
      at = next;
    }
    return { blocks, damaged };
  }

  /** Where the next head may be. */
  #resync(from: number, size: number): number {
    const needle = `\n${HEAD_START}`;
    const window = Buffer.allocUnsafe(WINDOW);
    for (let at = from; at < size; at += WINDOW - needle.length) {
      const n = fs.readSync(this.#fd!, window, 0, WINDOW, at);
      const found = window.subarray(0, n).indexOf(needle);
      if (found >= 0) return at + found + 1;
    }
    return size;
  }

  /** Reads builds that nothing is known of. Those that run are known when they have ended. */
  #index(ids: Iterable<string>): Block[] {
    const blocks: Block[] = [];
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

  /** Compares the lines with their sums, and the journals with their sizes. @returns whether all was as it should be. */
  #verify(): boolean {
    const bad = new Set<string>();
    for (const block of this.#all()) {
      const { b, sum, journal } = block.head;
      if (adler32(this.#rows(block)) !== sum || journalSize(this.#store, b) !== journal) bad.add(b);
    }
    if (bad.size > 0) this.#replace(bad);
    return bad.size === 0;
  }

  #replace(ids: ReadonlySet<string>): void {
    const kept = this.#all().filter(({ head }) => !ids.has(head.b));
    this.#blocks = newestFirst([...kept, ...this.#index(ids)]);
    this.#write();
  }

  /** Keeps what was made for the next one who asks; a store that cannot be written is no reason not to answer. */
  #add(blocks: readonly Block[]): void {
    if (blocks.length === 0) return;
    try {
      append(this.#store, blocks);
    } catch {
      // It is made again next time.
    }
  }

  #write(): void {
    const file = historyFile(this.#store);
    const fresh = `${file}.${process.pid}`;
    const blocks = [...this.#all()].reverse();
    for (const block of blocks) this.#rows(block);
    let made = false;
    try {
      const fd = openPrivate(fresh, 'w');
      made = true;
      try {
        for (const block of blocks) writeAll(fd, bytesOf(block));
      } finally {
        fs.closeSync(fd);
      }
      fs.renameSync(fresh, file);
    } catch {
      // A store that cannot be written is no reason not to answer.
      if (made) fs.rmSync(fresh, { force: true });
    }
  }
}

function newestFirst(blocks: Iterable<Block>): Block[] {
  return [...blocks].sort((a, b) => (a.head.b < b.head.b ? 1 : -1));
}

function readHead(line: string): Head | undefined {
  if (!line.startsWith(HEAD_START)) return undefined;
  try {
    const head = JSON.parse(line) as Head;
    const whole = [head.journal, head.rows, head.bytes, head.sum].every(
      (n) => Number.isSafeInteger(n) && n >= 0,
    );
    return whole && head.bytes <= LONGEST && typeof head.b === 'string' ? head : undefined;
  } catch {
    return undefined;
  }
}

function runsIn(build: string, rows: Buffer, needle: Buffer): Run[] {
  const runs: Run[] = [];
  for (let at = rows.indexOf(needle); at >= 0; at = rows.indexOf(needle, at + 1)) {
    const end = rows.indexOf(NEWLINE, at + 1);
    const row = readRow(rows.toString('utf8', at + 1, end < 0 ? rows.length : end));
    if (row) runs.push(runOf(build, row));
  }
  return runs;
}

function runsByName(build: string, rows: Buffer): Map<string, Run[]> {
  const byName = new Map<string, Run[]>();
  for (const line of rows.toString('utf8').split('\n')) {
    const row = line === '' ? undefined : readRow(line);
    if (!row) continue;
    const same = byName.get(row[0]);
    if (same) same.push(runOf(build, row));
    else byName.set(row[0], [runOf(build, row)]);
  }
  return byName;
}

const runOf = (build: string, [, tool, job, ms]: Row): Run => ({ build, job: job as JobId, tool, ms });

function readRow(line: string): Row | undefined {
  try {
    const row = JSON.parse(line) as Row;
    const whole =
      typeof row[0] === 'string' &&
      typeof row[1] === 'string' &&
      Number.isSafeInteger(row[2]) &&
      typeof row[3] === 'number';
    return whole ? row : undefined;
  } catch {
    return undefined;
  }
}
