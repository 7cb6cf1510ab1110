// Finds builds: which ones exist, what a listing shows of each, and which one the user means.

import fs from 'node:fs';
import { succeeded } from '../model/build.ts';
import type { BuildEnded, BuildStarted } from '../model/events.ts';
import type { BuildState } from '../record/recordreader.ts';
import { Failure, reason } from '../model/failure.ts';
import { parseFirstRecord, parseLastRecord } from '../record/journal.ts';
import { buildFolder, buildsFolder, importedFile, journalFile } from './layout.ts';
import { ageOf, checkFolder, openPlain } from './plainfile.ts';
import { liveness } from './running.ts';
import { JOURNAL, isReadable } from '../record/versions.ts';

/** The form of a build folder's name. Such an id can stand anywhere, including on a command line. */
const ID = /^\w[\w.-]*$/;

/**
 * Returns the ids of the builds in a store, the oldest first. Returns none if there is no store. Only folders
 * count as builds, not links to folders.
 * @throws Failure if the store cannot be read.
 */
export function listBuilds(store: string): string[] {
  try {
    checkFolder(buildsFolder(store));
    return fs
      .readdirSync(buildsFolder(store), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && ID.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Failure(`${buildsFolder(store)}: ${reason(error)}`);
  }
}

/** No argument list is longer. */
const LONGEST_HEAD = 8 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * What a listing shows of a build. For a build that has ended, it is read from the ends of the journal alone.
 */
export interface BuildSummary {
  readonly id: string;
  readonly started: BuildStarted | undefined;
  readonly ended: BuildEnded | undefined;
  readonly state: BuildState;
  /**
   * The version of its record if this loglin cannot read it. `started` is then present only if the record has
   * our fields.
   */
  readonly version?: number;
}

export function summarise(store: string, id: string): BuildSummary {
  const folder = buildFolder(store, id);
  let ends: readonly [string, string];
  try {
    ends = endsOf(journalFile(folder));
  } catch {
    return { id, started: undefined, ended: undefined, state: 'interrupted' };
  }
  const { started, version } = parseFirstRecord(ends[0]) ?? {};
  const ended = parseLastRecord(ends[1]);
  const state = ended ? 'finished' : started && isRecorded(folder, started) ? 'running' : 'interrupted';
  const other = version !== undefined && !isReadable(JOURNAL, { v: version });
  return { id, started, ended, state, ...(other ? { version } : {}) };
}

/** Most first and last records are shorter. */
const SHORT_END = 4096;
const ENDS = Buffer.allocUnsafeSlow(SHORT_END);

/**
 * Returns the first line of a file and its last non-empty one, if they are no longer than LONGEST_HEAD.
 * @throws if the file cannot be read.
 */
function endsOf(file: string): readonly [string, string] {
  const fd = openPlain(file);
  try {
    const { size } = fs.fstatSync(fd);
    const read = (from: number, length: number): Buffer => {
      const buffer = length > SHORT_END ? Buffer.allocUnsafe(length) : ENDS;
      return buffer.subarray(0, fs.readSync(fd, buffer, 0, Math.min(length, buffer.length), from));
    };
    let head = read(0, SHORT_END);
    // A command can be long: that of sh -c '…', for example.
    if (head.length < size && !head.includes(NEWLINE)) head = read(0, Math.min(size, LONGEST_HEAD));
    const newline = head.indexOf(NEWLINE);
    const first = head.toString('utf8', 0, Math.max(0, newline));
    let length = Math.min(size, SHORT_END);
    let tail = read(size - length, length);
    // So can the list of jobs that left a process behind.
    if (length < size && tail.lastIndexOf(NEWLINE, -2) < 0) {
      length = Math.min(size, LONGEST_HEAD);
      tail = read(size - length, length);
    }
    return [first, tail.toString().trimEnd().split('\n').at(-1) ?? ''];
  } finally {
    fs.closeSync(fd);
  }
}

/** A short id has no fewer characters. */
const SHORTEST_ID = 4;

/**
 * Returns a short form of each id, by which chooseBuild finds it among these: its last four characters, or
 * more of them where others end or begin so.
 */
export function shortIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const short = new Map<string, string>();
  let left = ids;
  for (let length = SHORTEST_ID; left.length > 0; length++) {
    const starts = new Set(ids.map((id) => id.slice(0, length)));
    const ends = new Map<string, number>();
    for (const id of ids) ends.set(id.slice(-length), (ends.get(id.slice(-length)) ?? 0) + 1);
    left = left.filter((id) => {
      const end = id.slice(-length);
      // A dash would begin an option.
      if (end !== id && (ends.get(end) !== 1 || starts.has(end) || end.startsWith('-'))) return true;
      short.set(id, end);
      return false;
    });
  }
  return short;
}

/** What names a build by its place in the list: `@last`, `-1` (the one before), … */
export function backName(back: number): string {
  return back === 0 ? '@last' : `-${back}`;
}

/**
 * Returns the build that the user means.
 * @param wanted an id, the start or the end of just one, `@last`, `-1` (the one before the last) or `@failed`
 *   (the last that failed); undefined for the last build. Builds recorded inside others are found by their id
 *   only.
 * @throws Failure if no build matches, or several do.
 */
export function chooseBuild(store: string, wanted?: string): string {
  const ids = listBuilds(store);
  const counted = wanted === undefined || wanted === '@last' || /^-\d+$/.test(wanted);
  if (!counted && wanted !== '@failed') {
    if (ids.includes(wanted)) return wanted;
    let matching = ids.filter((id) => id.startsWith(wanted));
    if (matching.length === 0 && wanted.length >= SHORTEST_ID)
      matching = ids.filter((id) => id.endsWith(wanted));
    if (matching.length === 1 && matching[0] !== undefined) return matching[0];
    if (matching.length > 1)
      throw new Failure(`build ${wanted}: ${someOf(matching)}; give more of the id${meant(wanted)}`, 1);
    const unknown = `build ${wanted}: not in ${buildsFolder(store)}; \`loglin ls\` lists the builds`;
    throw new Failure(unknown + meant(wanted), 1);
  }
  let back = /^-\d+$/.test(wanted ?? '') ? -Number(wanted) : 0;
  for (let i = ids.length - 1; i >= 0; i--) {
    const summary = summarise(store, ids[i] ?? '');
    if (summary.started?.inside) continue;
    if (wanted === '@failed') {
      const status = summary.ended?.status;
      if (!status || succeeded(status)) continue;
    }
    if (back-- === 0) return summary.id;
  }
  if (ids.length === 0) throw new Failure(`no builds in ${store}; record one: loglin make`, 1);
  throw new Failure(
    wanted === '@failed' ? 'no build failed' : `build ${wanted ?? ''}: there are not so many`,
    1,
  );
}

/** The newest of several ids. */
function someOf(ids: readonly string[]): string {
  const more = ids.length - MOST_NAMED;
  return (more > 0 ? `${more} more, ` : '') + ids.slice(-MOST_NAMED).join(', ');
}

const MOST_NAMED = 3;

/** What was probably meant by a word that is no id. */
function meant(word: string): string {
  if (/^\d{1,3}$/.test(word)) return `; an earlier build is -b -${word}`;
  return /^(?:last|failed)$/.test(word) ? `; did you mean @${word}?` : '';
}

/**
 * If it cannot be known whether a recorder lives, it is presumed alive for this long after its last write.
 */
const SILENT_MS = 10 * 60_000;

/** Is the build in this folder being recorded now? */
export function isRecorded(folder: string, started: BuildStarted): boolean {
  const state = liveness(started);
  return (
    (state === 'running' || (state === 'unknown' && silentSince(folder) < SILENT_MS)) &&
    !fs.existsSync(importedFile(folder))
  );
}

/**
 * Returns how long ago, in milliseconds, the build's journal was last written; without a journal, how long
 * ago the folder was made.
 */
export function silentSince(folder: string): number {
  const age = ageOf(journalFile(folder));
  return age === Infinity ? ageOf(folder) : age;
}
