// What lies where in a store. A log's name comes from the job's number, never from a target's name.

import fs from 'node:fs';
import path from 'node:path';
import type { Build } from '../model/build.ts';
import type { BuildStarted } from '../model/events.ts';
import { leadsOut } from '../model/leadsout.ts';
import type { JobId } from '../model/ids.ts';
import type { Place } from './place.ts';

/** Which build ran which target: a cache, made again where it is missing. */
export const historyFile = (store: string): string => path.join(store, 'history');
/**
 * Where a build's project lay: what the absolute names in its graph are relative to, also after the tree was
 * moved.
 */
export function rootOf(build: Build, place: Place): string {
  return build.started?.root ?? place.root;
}

/**
 * Is an earlier build in this store one of another project? Of those that share a store outside their folders
 * (`--store`), it is one whose folder is still there; a folder that is gone may be this one before it was
 * moved.
 */
export function isOfAnotherProject(place: Place, build: Build, earlier: BuildStarted | undefined): boolean {
  const here = rootOf(build, place);
  const there = earlier?.root;
  if (place.projectStore || there === undefined || there === here || isInside(place.store, place.root))
    return false;
  return fs.existsSync(there);
}

/** Is a file in a folder, or that folder itself? Both resolved. */
function isInside(file: string, folder: string): boolean {
  return !leadsOut(path.relative(folder, file));
}

/**
 * A file or folder relative to the project root ('' for the root itself); as it is, where it is outside. Both
 * resolved.
 */
export function fromRoot(root: string, file: string): string {
  const relative = path.relative(root, file);
  return leadsOut(relative) ? file : relative;
}

/**
 * What a target is shown by: its path relative to the project root.
 * @param root the project root, resolved. @param cwd where its tool ran, relative to the root or absolute.
 *   @param target as the tool names it.
 */
export function shownName(root: string, cwd: string, target: string): string {
  // Mostly it is one already.
  if ((cwd === '' || cwd === root) && !/(?:^|\/)(?:\.{0,2}(?:\/|$))/.test(target)) return target;
  const file = path.resolve(root, cwd, target);
  const name = fromRoot(root, file);
  return target.endsWith('/') && name !== '' ? `${name}/` : name === '' ? target : name;
}

export const buildsFolder = (store: string): string => path.join(store, 'builds');
export const buildFolder = (store: string, id: string): string => path.join(store, 'builds', id);
export const journalFile = (folder: string): string => path.join(folder, 'journal.ndjson');
export const graphFile = (folder: string): string => path.join(folder, 'graph.ndjson');
/** How much room the build takes (sizes.ts). */
export const sizeFile = (folder: string): string => path.join(folder, 'size');
/** Logs that newer builds have superseded were removed from here (gc.ts). */
export const thinnedFile = (folder: string): string => path.join(folder, 'thinned');
/** The build was recorded elsewhere: no process here is its recorder. */
export const importedFile = (folder: string): string => path.join(folder, 'imported');
export const logsFolder = (folder: string): string => path.join(folder, 'logs');
export const logFile = (folder: string, job: JobId): string => path.join(folder, 'logs', `${job}.log`);

/**
 * A new build's id: sorts by start (UTC, to the millisecond); the tail tells builds of one millisecond apart.
 */
export function newBuildId(at: Date, tail: string): string {
  const [day = '', time = ''] = at.toISOString().split('T');
  return `${day.replaceAll('-', '')}-${time.replace('Z', '').replaceAll(':', '')}-${tail}`.replace('.', '');
}
