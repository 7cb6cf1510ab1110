// The project and the store that a command works on.

import fs from 'node:fs';
import { Failure, reason } from '../model/failure.ts';
import { type Place, findPlace, placeToRecord } from '../store/place.ts';

/** @param store `--store`. @throws Failure where the current folder is gone. */
export function placeOf(folder: string, store: string | undefined): Place {
  return findPlace(resolved(folder), store ?? fromEnvironment());
}

/** As placeOf, for a build that is to be recorded. @throws Failure where the folder is gone. */
export function recordingPlace(folder: string, store: string | undefined): Place {
  return placeToRecord(resolved(folder), store ?? fromEnvironment());
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
