// The project and the store that a command works on.

import fs from 'node:fs';
import { Failure, reason } from '../model/failure.ts';
import { type Place, findPlace } from '../store/layout.ts';
import { checkFolder } from '../store/plainfile.ts';

/**
 * @param store `--store`.
 * @throws Failure where the current folder is gone; where the store that a tree brings along is a link: it would have us write who knows where.
 */
export function placeOf(folder: string, store: string | undefined): Place {
  let real: string;
  try {
    real = fs.realpathSync(folder);
  } catch (error) {
    throw new Failure(`${folder}: ${reason(error)}`);
  }
  const wanted = store ?? fromEnvironment();
  const place = findPlace(real, wanted);
  try {
    if (wanted === undefined) checkFolder(place.store);
  } catch (error) {
    throw new Failure(`${place.store}: ${reason(error)}; if you mean it: --store DIR, or LOGLIN_STORE`);
  }
  return place;
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
