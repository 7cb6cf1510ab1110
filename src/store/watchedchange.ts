// What `loglin watch` notes of a build that followed a change, for servers that tell others of it (serve/).
// It stands beside the build's record, and comes after its end.

import fs from 'node:fs';
import { buildFolder, changeFile } from './layout.ts';
import { readOpen, openPlain } from './plainfile.ts';
import { writePrivate } from './privatefiles.ts';

/** Names are relative to the project's root, absolute outside of it. */
export interface WatchedChange {
  readonly change: {
    /** The inputs that had changed. */
    readonly inputs: readonly string[];
    /** What else had changed in the folders of inputs. */
    readonly unrecognized: readonly string[];
    /** What was made again because of the inputs. */
    readonly outputs: readonly string[];
  };
  /** Counts the changes of one watch, from 1. */
  readonly sequence: number;
}

/** More is not from us, in bytes. */
const LONGEST = 64 * 1024 * 1024;

/** @throws if it cannot be written, for instance because the build was removed. */
export function writeChange(store: string, id: string, change: WatchedChange): void {
  const file = changeFile(buildFolder(store, id));
  writePrivate(`${file}.new`, `${JSON.stringify(change)}\n`);
  fs.renameSync(`${file}.new`, file);
}

/** @returns undefined if there is none, or something else. */
export function readChange(store: string, id: string): WatchedChange | undefined {
  let fd: number | undefined;
  try {
    fd = openPlain(changeFile(buildFolder(store, id)));
    const read = JSON.parse(readOpen(fd, LONGEST).toString()) as Partial<WatchedChange> | null;
    const { change, sequence } = read ?? {};
    if (!isChange(change) || typeof sequence !== 'number') return undefined;
    const { inputs, unrecognized, outputs } = change;
    return { change: { inputs, unrecognized, outputs }, sequence };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function isChange(value: unknown): value is WatchedChange['change'] {
  if (typeof value !== 'object' || value === null) return false;
  const { inputs, unrecognized, outputs } = value as Readonly<Record<string, unknown>>;
  return [inputs, unrecognized, outputs].every(
    (names) => Array.isArray(names) && names.every((name) => typeof name === 'string'),
  );
}
