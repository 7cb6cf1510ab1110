// Finding builds: which there are, what a listing says of one, which one is meant.

import fs from 'node:fs';
import type { BuildEnded, BuildStarted } from '../model/events.ts';
import { Failure, reason } from '../model/failure.ts';
import { parseFirstRecord, parseLastRecord } from './journal.ts';
import { buildFolder, buildsFolder, importedFile, journalFile } from './layout.ts';
import { ageOf, checkFolder, openPlain } from './plainfile.ts';
import { liveness } from './running.ts';
import { JOURNAL, isReadable } from './versions.ts';

/** What a build's folder may be called, so that an id can stand anywhere, on a command line too. */
const ID = /^\w[\w.-]*$/;

/**
 * The ids of the builds in a store, the oldest first. Empty where there is no store. What is no folder is no
 * build; nor is a link to one.
 * @throws Failure when it cannot be read.
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

/** What a listing says of a build, from the ends of its journal alone where it has ended. */
export interface BuildSummary {
  readonly id: string;
  readonly started: BuildStarted | undefined;
  readonly ended: BuildEnded | undefined;
  readonly state: BuildState;
  /**
   * That of its record, if this loglin does not read it; `started` is there only where it looks like one of
   * ours.
   */
  readonly version?: number;
}

export type BuildState = 'running' | 'interrupted' | 'finished';

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
 * The first line of a file and the last one that is not empty, as far as they are no longer than
 * LONGEST_HEAD.
 * @throws where it cannot be read.
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
    // A command can be long: that of sh -c '…', say.
    if (head.length < size && !head.includes(NEWLINE)) head = read(0, Math.min(size, LONGEST_HEAD));
    const newline = head.indexOf(NEWLINE);
    const first = head.toString('utf8', 0, Math.max(0, newline));
    let length = Math.min(size, SHORT_END);
    let tail = read(size - length, length);
    // And so can the list of the jobs that left a process behind.
    if (length < size && tail.lastIndexOf(NEWLINE, -2) < 0) {
      length = Math.min(size, LONGEST_HEAD);
      tail = read(size - length, length);
    }
    return [first, tail.toString().trimEnd().split('\n').at(-1) ?? ''];
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * The build that the user means.
 * @param wanted an id, a unique prefix of one, `-1` (the one before the last), `@failed` (the last that
 *   failed); none: the last one. Builds recorded inside others count only by their id.
 * @throws Failure when there is none, or several.
 */
export function chooseBuild(store: string, wanted?: string): string {
  const ids = listBuilds(store);
  if (wanted !== undefined && !/^-\d+$/.test(wanted) && wanted !== '@failed') {
    const matching = ids.filter((id) => id.startsWith(wanted));
    if (ids.includes(wanted)) return wanted;
    if (matching.length === 1 && matching[0] !== undefined) return matching[0];
    if (matching.length > 1)
      throw new Failure(`build ${wanted}: ${matching.join(', ')}; give more of the id`, 1);
    throw new Failure(`build ${wanted}: not in ${buildsFolder(store)}; \`loglin ls\` lists the builds`, 1);
  }
  let back = wanted === undefined || wanted === '@failed' ? 0 : -Number(wanted);
  for (let i = ids.length - 1; i >= 0; i--) {
    const summary = summarise(store, ids[i] ?? '');
    if (summary.started?.inside) continue;
    if (wanted === '@failed') {
      const status = summary.ended?.status;
      if (!status || ('exit' in status && status.exit === 0)) continue;
    }
    if (back-- === 0) return summary.id;
  }
  if (ids.length === 0) throw new Failure(`no builds in ${store}; record one: loglin make`, 1);
  throw new Failure(
    wanted === '@failed' ? 'no build failed' : `build ${wanted ?? ''}: there are not so many`,
    1,
  );
}

/** Where it cannot be known whether a recorder lives, it is taken for alive that long after its last word. */
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
 * How long nothing was written into a build's journal, in milliseconds; since it was made, where it has none.
 */
export function silentSince(folder: string): number {
  const age = ageOf(journalFile(folder));
  return age === Infinity ? ageOf(folder) : age;
}
