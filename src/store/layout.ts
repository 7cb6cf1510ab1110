// The layout of a store. A log's name is derived from the job's number, never from a target's name.

import fs from 'node:fs';
import path from 'node:path';
import type { Build } from '../model/build.ts';
import type { BuildStarted } from '../model/events.ts';
import { leadsOut } from '../model/leadsout.ts';
import type { JobId } from '../model/ids.ts';
import type { Place } from './place.ts';

/** Says which build ran which target. It is a cache, regenerated if it is missing. */
export const historyFile = (store: string): string => path.join(store, 'history');
/**
 * Returns the folder in which a build's project was. Absolute names in its graphs are relative to it, even if
 * the tree has been moved since.
 */
export function rootOf(build: Build, place: Place): string {
  return build.started?.root ?? place.root;
}

/**
 * Does an earlier build in this store belong to another project? In a store outside the projects' folders
 * (`--store`), it does if its own project's folder still exists. A folder that is gone may be this project's
 * before it was moved.
 */
export function isOfAnotherProject(place: Place, build: Build, earlier: BuildStarted | undefined): boolean {
  const here = rootOf(build, place);
  const there = earlier?.root;
  if (place.projectStore || there === undefined || there === here || isInside(place.store, place.root))
    return false;
  return fs.existsSync(there);
}

/** Is a file in a folder, or that folder itself? Both paths are resolved. */
function isInside(file: string, folder: string): boolean {
  return !leadsOut(path.relative(folder, file));
}

/**
 * Returns a path relative to the project root ('' for the root itself); unchanged if it is outside. Both
 * paths are resolved.
 */
export function fromRoot(root: string, file: string): string {
  const relative = path.relative(root, file);
  return leadsOut(relative) ? file : relative;
}

/** A path that is absolute, or that has `.`, `..` or nothing between two slashes or at its end. */
const DETOUR = /(?:^|\/)(?:\.{0,2}(?:\/|$))/;

/**
 * Joins a folder and a path from it. Resolving and relating them would take ten times as long.
 * @param folder no detour; '' for the project root.
 * @returns undefined if the path leads out of the root, is absolute, or is one of a folder.
 */
function joined(folder: string, file: string): string | undefined {
  let at = 0;
  let end = folder.length;
  for (;;) {
    if (file.startsWith('./', at)) at += 2;
    else if (!file.startsWith('../', at)) break;
    else if (end === 0) return undefined;
    else {
      at += 3;
      end = Math.max(0, folder.lastIndexOf('/', end - 1));
    }
  }
  const rest = at === 0 ? file : file.slice(at);
  if (DETOUR.test(rest)) return undefined;
  return end === 0 ? rest : `${folder.slice(0, end)}/${rest}`;
}

/**
 * Returns the name by which a target is shown: its path relative to the project root.
 * @param root the project root, resolved.
 * @param cwd the folder in which its tool ran, relative to the root or absolute.
 * @param target as the tool names it.
 */
export function shownName(root: string, cwd: string, target: string): string {
  // The usual case: neither is absolute or odd.
  const folder = cwd === root ? '' : cwd;
  const short = folder === '' || !DETOUR.test(folder) ? joined(folder, target) : undefined;
  if (short !== undefined) return short;
  const file = path.resolve(root, cwd, target);
  const name = fromRoot(root, file);
  return target.endsWith('/') && name !== '' ? `${name}/` : name === '' ? target : name;
}

export const buildsFolder = (store: string): string => path.join(store, 'builds');
export const buildFolder = (store: string, id: string): string => path.join(store, 'builds', id);
export const journalFile = (folder: string): string => path.join(folder, 'journal.ndjson');
export const graphFile = (folder: string): string => path.join(folder, 'graph.ndjson');
/** Holds what was read from both (buildindex.ts). */
export const indexFile = (folder: string): string => path.join(folder, 'index');
/** Holds the disk usage of the build (sizes.ts). */
export const sizeFile = (folder: string): string => path.join(folder, 'size');
/** Marks a build from which gc has removed logs that newer builds superseded (gc.ts). */
export const thinnedFile = (folder: string): string => path.join(folder, 'thinned');
/** Marks a build that was recorded elsewhere. No process here is its recorder. */
export const importedFile = (folder: string): string => path.join(folder, 'imported');
export const logsFolder = (folder: string): string => path.join(folder, 'logs');
export const logFile = (folder: string, job: JobId): string => path.join(folder, 'logs', `${job}.log`);

/**
 * Returns the id of a new build. It sorts by start time (UTC, to the millisecond). The tail distinguishes
 * builds of the same millisecond.
 */
export function newBuildId(at: Date, tail: string): string {
  const [day = '', time = ''] = at.toISOString().split('T');
  return `${day.replaceAll('-', '')}-${time.replace('Z', '').replaceAll(':', '')}-${tail}`.replace('.', '');
}
