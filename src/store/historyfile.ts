// The file `history` (docs/journal-format.md): for each build a head, then a line for each of its jobs.
// Append-only. Reads and writes these blocks, and finds a target's lines in one. Does not know whether they
// are still true.

import fs from 'node:fs';
import { crc32 } from './crc32.ts';
import type { Build } from '../model/build.ts';
import type { JobId } from '../model/ids.ts';
import { historyFile } from './layout.ts';
import { openPrivate, writeAll } from './privatefiles.ts';
import { HISTORY, type VersionFields, isReadable, versionFields } from '../record/versions.ts';

/** A run of a target. */
export interface Run {
  readonly build: string;
  readonly job: JobId;
  /** The tool that ran it; '' for a nested loglin or the root job. */
  readonly tool: string;
  /** Its duration in milliseconds. */
  readonly ms: number;
}

/** The head that precedes a build's lines. */
interface Head extends VersionFields {
  /** The build's id. */
  readonly b: string;
  /** The size of its journal in bytes. */
  readonly journal: number;
  readonly rows: number;
  /** The size of the lines in bytes. */
  readonly bytes: number;
  /** The CRC-32 of the lines. */
  readonly sum: number;
}

/** [name, tool, job, milliseconds] */
type Row = readonly [string, string, number, number];

/** The part of the file about one build. */
export interface HistoryBlock {
  readonly head: Head;
  /** The offset of its lines in the file; undefined if they are only in memory. */
  readonly at: number | undefined;
  /** The lines, with the newline before the first, once they have been read. */
  rows: Buffer | undefined;
  /** The number of searches in its lines, and the parsed runs after many of them. */
  searched: number;
  byName: Map<string, Run[]> | undefined;
}

/** The head of every version begins like this, up to the build's id. */
const HEAD_START = '{"b":"';
const WINDOW = 1 << 20;
/** After this many searches, parsing all lines is cheaper. */
const OFTEN = 16;
/** No build's lines are longer, in bytes. A hole that a crash left in the file may look so. */
const LONGEST = 256 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * @param journal the size of the build's journal, in bytes. Jobs that never ended are left out, since their
 *   logs are incomplete.
 */
export function blockOf(id: string, build: Build, journal: number): HistoryBlock {
  const lines: string[] = [];
  for (const job of build.jobs) {
    if (job.lost || job.ended === undefined || (!job.parent && build.started?.name === undefined)) continue;
    const row: Row = [job.name, job.instance?.tool ?? '', job.id, Math.max(0, job.ended - job.started)];
    lines.push(JSON.stringify(row));
  }
  const rows = Buffer.from(lines.map((line) => `\n${line}`).join(''));
  const sizes = { journal, rows: lines.length, bytes: rows.length, sum: crc32(rows) };
  return {
    head: { b: id, ...versionFields(HISTORY), ...sizes },
    at: undefined,
    rows,
    searched: 0,
    byName: undefined,
  };
}

/**
 * Appends blocks to a store's history.
 * @throws if the disk is full, or the store is gone.
 */
export function appendBlocks(store: string, blocks: Iterable<HistoryBlock>): void {
  writeBlocks(openPrivate(historyFile(store), 'a'), blocks);
}

/**
 * Rewrites a store's history.
 * @throws if that is not possible; the old one is then unchanged.
 */
export function replaceBlocks(store: string, blocks: Iterable<HistoryBlock>): void {
  const file = historyFile(store);
  const fresh = `${file}.${process.pid}`;
  const fd = openPrivate(fresh, 'w');
  try {
    writeBlocks(fd, blocks);
    fs.renameSync(fresh, file);
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    throw error;
  }
}

function writeBlocks(fd: number, blocks: Iterable<HistoryBlock>): void {
  try {
    for (const { head, rows } of blocks)
      writeAll(
        fd,
        Buffer.concat([Buffer.from(JSON.stringify(head)), rows ?? Buffer.alloc(0), Buffer.from('\n')]),
      );
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Reads the heads, and the lines of small blocks with them. Skips blocks of other versions.
 * @returns `stale`: the file is damaged or has blocks of older versions, so it should be rewritten.
 */
export function readBlocks(fd: number): { blocks: HistoryBlock[]; stale: boolean } {
  const blocks: HistoryBlock[] = [];
  let stale = false;
  const { size } = fs.fstatSync(fd);
  let window = Buffer.alloc(0);
  let start = 0;
  /** Returns the buffered bytes from an offset on, at least as many as a head has. */
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
    // An empty build has no lines. Its newline is then the one that ends the block.
    const next = head && at + end + head.bytes + 1;
    if (!head || next === undefined || next > size || from(next - 1)[0] !== NEWLINE) {
      stale = true;
      at = nextHead(fd, at + 1, size);
      continue;
    }
    if (isReadable(HISTORY, head)) {
      const lines = from(at + end);
      const inWindow = lines.length >= head.bytes ? lines.subarray(0, head.bytes) : undefined;
      blocks.push({ head, at: at + end, rows: inWindow, searched: 0, byName: undefined });
    } else if ((head.v ?? 1) < HISTORY.oldest) {
      stale = true;
    }
    at = next;
  }
  return { blocks, stale };
}

/** Returns the offset at which the next head may begin. */
function nextHead(fd: number, from: number, size: number): number {
  const needle = `\n${HEAD_START}`;
  const window = Buffer.allocUnsafe(WINDOW);
  for (let at = from; at < size; at += WINDOW - needle.length) {
    const n = fs.readSync(fd, window, 0, WINDOW, at);
    const found = window.subarray(0, n).indexOf(needle);
    if (found >= 0) return at + found + 1;
  }
  return size;
}

function readHead(line: string): Head | undefined {
  if (!line.startsWith(HEAD_START)) return undefined;
  try {
    const head = JSON.parse(line) as Head;
    const { v = 1, journal, rows, bytes, sum } = head;
    const whole = [v, journal, rows, bytes, sum].every((n) => Number.isSafeInteger(n) && n >= 0);
    return whole && bytes <= LONGEST && typeof head.b === 'string' ? head : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a block's lines, read from the file if necessary.
 * @param fd the file; undefined if nothing can be read.
 */
export function rowsOf(block: HistoryBlock, fd: number | undefined): Buffer {
  if (block.rows) return block.rows;
  const rows = Buffer.allocUnsafe(block.head.bytes);
  const n = fd === undefined ? 0 : fs.readSync(fd, rows, 0, rows.length, block.at ?? 0);
  block.rows = rows.subarray(0, n);
  return block.rows;
}

/** Are these the lines that were written? */
export function isIntact(block: HistoryBlock, fd: number | undefined): boolean {
  return crc32(rowsOf(block, fd)) === block.head.sum;
}

/** Returns the runs of a target in a block's build. */
export function runsOf(block: HistoryBlock, name: string, fd: number | undefined): readonly Run[] {
  const rows = rowsOf(block, fd);
  if (!block.byName && block.searched++ < OFTEN) return findRuns(block.head.b, rows, name);
  block.byName ??= runsByName(block.head.b, rows);
  return block.byName.get(name) ?? [];
}

function findRuns(build: string, rows: Buffer, name: string): Run[] {
  const needle = Buffer.from(`\n[${JSON.stringify(name)},`);
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
