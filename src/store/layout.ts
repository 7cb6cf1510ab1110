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
/** Says which changes a build of `loglin watch` followed, and what was made again (watchedchange.ts). */
export const changeFile = (folder: string): string => path.join(folder, 'change.json');
export const logsFolder = (folder: string): string => path.join(folder, 'logs');
/** Not by path.join: it is asked for each job. The folder is as buildFolder makes it. */
export const logFile = (folder: string, job: JobId): string => `${folder}/logs/${job}.log`;

/**
 * Returns the id of a new build. It sorts by start time (UTC, to the millisecond). The tail distinguishes
 * builds of the same millisecond.
 */
export function newBuildId(at: Date, tail: string): string {
  const [day = '', time = ''] = at.toISOString().split('T');
  return `${day.replaceAll('-', '')}-${time.replace('Z', '').replaceAll(':', '')}-${tail}`.replace('.', '');
}
