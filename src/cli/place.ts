// The project and the store that a command works on.

import fs from 'node:fs';
import { Failure, reason } from '../model/failure.ts';
import { type Place, findPlace, placeToRecord } from '../store/place.ts';
import { checkFolder } from '../store/plainfile.ts';

/** A build, and the store that it is in. */
export interface ChosenBuild {
  readonly place: Place;
  readonly id: string;
}

/**
 * @param store `--store`.
 * @throws Failure if the current folder was removed, or if a store that came with a tree is a link.
 */
export function placeOf(folder: string, store: string | undefined): Place {
  const wanted = store ?? fromEnvironment();
  return checked(findPlace(resolved(folder), wanted), wanted);
}

/** Same as placeOf, for a build that is to be recorded. */
export function recordingPlace(folder: string, store: string | undefined): Place {
  const wanted = store ?? fromEnvironment();
  return checked(placeToRecord(resolved(folder), wanted), wanted);
}

/**
 * A store that came with a tree may be a link, which would make us write anywhere. A store that the user
 * names may be one.
 */
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

/** The current folder. @throws Failure if it was removed. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new Failure(`the current folder: ${reason(error)}`);
  }
}

/** An empty value counts as not set. */
function fromEnvironment(): string | undefined {
  const store = process.env.LOGLIN_STORE;
  return store === '' ? undefined : store;
}
