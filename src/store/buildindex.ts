// The index of a build: its journal and graphs as they were read, beside them, so that the next reader need
// not parse them. It is a cache, made anew whenever it does not fit the files, or was made by another loglin.
// Only builds have one that have ended and whose record is undamaged.

import fs from 'node:fs';
import { type PackedHead, type StoredSegments, packBuild } from './packedbuild.ts';
import { ColumnWriter, Columns } from './columns.ts';
import type { Build } from '../model/build.ts';
import type { InstanceId } from '../model/ids.ts';
import type { StoredGraph } from '../record/graphs.ts';
import { readGraphs } from './graphs.ts';
import { graphFile, indexFile, journalFile } from './layout.ts';
import { openPrivate, writeAll } from './privatefiles.ts';
import { openPlain, statOf } from './plainfile.ts';
import { type UnpackedBuild, unpackBuild } from './unpackedbuild.ts';

/** Is set when loglin is built: a sum of the sources on which the contents of an index depend. */
declare const LOGLIN_SOURCES: string;

/**
 * Names the code that reads a build and orders it. An index (buildindex.ts) holds its results, so it serves
 * the same code only.
 */
const SOURCES = LOGLIN_SOURCES;

/** Is put beside the head of the columns. */
interface IndexHead extends PackedHead {
  /** The sources of the loglin that wrote it: another one may read a journal in another way. */
  readonly by: string;
  readonly files: FileStamps;
}

/** Tell a file from any other state of it. Of a file that is missing, there is none. */
type FileStamps = readonly (string | null)[];

/**
 * A file that has just been written may be written again without another time. The index is then made by the
 * next reader.
 */
const YOUNG_MS = 50;

/** Larger ones are not kept, in bytes. */
const MOST = 1024 * 1024 * 1024;

function stampsOf(folder: string): FileStamps {
  return [journalFile(folder), graphFile(folder)].map((file) => {
    const stat = fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
    return stat?.isFile() ? [stat.size, stat.mtimeNs, stat.ctimeNs].join(' ') : null;
  });
}

/**
 * Returns the build as its index has it.
 * @returns undefined if there is no index, or if it cannot be trusted.
 */
export function readIndex(folder: string): UnpackedBuild | undefined {
  try {
    const columns = Columns.parse<IndexHead>(readAll(indexFile(folder)));
    if (columns?.about.by !== SOURCES) return undefined;
    const { files } = columns.about;
    const stamps = stampsOf(folder);
    // An index without a journal was made elsewhere: only the times of a file show that it was made here.
    if (stamps[0] === null || !stamps.every((stamp, i) => stamp === files[i])) return undefined;
    return unpackBuild(columns);
  } catch {
    // Whatever is wrong with it, the journal is there.
    return undefined;
  }
}

/** Returns the graphs of a build by instance, from its index if there is one that fits (readGraphs). */
export function graphsOf(folder: string): ReadonlyMap<InstanceId, StoredGraph> {
  return readIndex(folder)?.graphs ?? readGraphs(folder);
}

/** The whole file, at the start of a buffer, as columns need it. */
function readAll(file: string): Buffer {
  const fd = openPlain(file);
  try {
    const { size } = fs.fstatSync(fd);
    const bytes = Buffer.allocUnsafeSlow(Math.min(size, MOST));
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}

/** What a reader has found, and the state of the files before it began. */
export interface IndexedRecord {
  readonly folder: string;
  readonly build: Build;
  readonly graphs: ReadonlyMap<InstanceId, StoredGraph>;
  readonly stamps: FileStamps;
  /** What was read. */
  readonly bytes: number;
}

/** The state of the files that a reader is about to read. */
export function stampsBefore(folder: string): FileStamps | undefined {
  try {
    return stampsOf(folder);
  } catch {
    return undefined;
  }
}

/**
 * Keeps an index of a build. A store that cannot be written can still be read: then there is none.
 * @param segments of the walk of the whole build; undefined if they depend on the text of logs.
 */
export function writeIndex(
  { folder, build, graphs, stamps }: IndexedRecord,
  segments: StoredSegments | undefined,
): void {
  const writer = new ColumnWriter();
  const packed = packBuild(build, graphs, segments, writer);
  const bytes = packed && writer.finish({ ...packed, by: SOURCES, files: stamps } satisfies IndexHead);
  if (!bytes || bytes.length > MOST) return;
  try {
    const files = [journalFile(folder), graphFile(folder)].map(statOf);
    if (files.some((stat) => stat && Date.now() - stat.ctimeMs < YOUNG_MS)) return;
    replace(indexFile(folder), bytes);
  } catch {
    // The next reader parses the journal again.
  }
}

/**
 * Puts a file in the place of another one. Of two processes that do it at once, one may leave a damaged file,
 * which its sum tells.
 */
function replace(file: string, bytes: Buffer): void {
  const fresh = `${file}.new`;
  const fd = openPrivate(fresh, 'w');
  try {
    writeAll(fd, bytes);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(fresh, file);
}
