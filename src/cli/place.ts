// The project and the store that a command works on.

import fs from 'node:fs';
import { Failure, reason } from '../model/failure.ts';
import { type Place, findPlace, placeToRecord } from '../store/place.ts';
import { checkFolder } from '../store/plainfile.ts';

/**
 * @param store `--store`.
 * @throws Failure where the current folder is gone, or where the store that a tree brings along is a link.
 */
export function placeOf(folder: string, store: string | undefined): Place {
  const wanted = store ?? fromEnvironment();
  return checked(findPlace(resolved(folder), wanted), wanted);
}

/** As placeOf, for a build that is to be recorded. */
export function recordingPlace(folder: string, store: string | undefined): Place {
  const wanted = store ?? fromEnvironment();
  return checked(placeToRecord(resolved(folder), wanted), wanted);
}

/** A store that a tree has brought along may be a link, which would have us write who knows where; one that the user names is his. */
function checked(place: Place, wanted: string | undefined): Place {
  try {
    if (wanted === undefined) checkFolder(place.store);
    return place;
  } catch (error) {
    throw new Failure(`${place.store}: ${reason(error)}; if you mean it: --store DIR, or LOGLIN_STORE`);
  }
}

function resolved(folder: string): string {
  try {
    return fs.realpathSync(folder);
  } catch (error) {
    throw new Failure(`${folder}: ${reason(error)}`);
  }
}

/** The current folder. @throws Failure where it was removed. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new Failure(`the current folder: ${reason(error)}`);
  }
}

/** Set but empty counts as not set. */
function fromEnvironment(): string | undefined {
  const store = process.env.LOGLIN_STORE;
  return store === '' ? undefined : store;
}
