// `loglin gc REMOTE`: removes old builds of a remote, for gc; a bundle of its own.

import { Failure } from '../model/failure.ts';
import { parseAge, sizeText } from '../model/size.ts';
import { jsonLine } from '../render/records/line.ts';
import { remoteRemovalRecord } from '../render/records/removal.ts';
import { type OldBuild, removeOldBuilds } from '../remote/oldbuilds.ts';
import { openRemote } from '../remote/open.ts';
import { findRemote, readSharing } from '../remote/remotes.ts';
import type { Place } from '../store/place.ts';
import { print } from './print.ts';
import { refreshPage } from './sharedpage.ts';
import { warnAll } from './stderr.ts';

export interface RemoteGcOptions {
  readonly keep?: string;
  readonly max?: string;
  readonly dryRun?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** A younger build may still be pushed, in milliseconds. */
const LEAST = 86_400_000;

/** @throws Failure if the options are wrong, or the remote cannot be read or written. */
export async function collectRemote(place: Place, word: string, options: RemoteGcOptions): Promise<number> {
  const { keep, max, dryRun: dry = false, json, quiet } = options;
  if (max !== undefined) throw new Failure(`--max ${max}: is for the store; of a remote: --keep 90d`);
  const age = parseAge(keep ?? '');
  if (age === undefined || age < LEAST)
    throw new Failure(`gc ${word}: how long is a build kept? --keep 90d, for example; a day or more`);
  const sharing = await readSharing(place);
  if (warnAll(sharing.errors)) throw new Failure('nothing was removed; correct that first');
  const remote = openRemote(findRemote(sharing, word.replace(/:$/, '')).url);
  let [count, freed] = [0, 0];
  const removed = (build: OldBuild): void => {
    count++;
    freed += build.bytes ?? 0;
    if (quiet) return;
    print(json ? jsonLine(remoteRemovalRecord(build, dry)) : `${line(build, dry)}\n`);
  };
  try {
    const kept = await removeOldBuilds(remote, sharing.project, Date.now() - age, dry, removed);
    if (!dry && count > 0) await refreshPage(remote, sharing.project);
    if (quiet || json) return 0;
    const left = `${kept === 1 ? '1 build' : `${kept} builds`} of ${sharing.project}`;
    if (count === 0) print(`nothing to remove: ${left}\n`);
    else if (dry) print(`would free ${sizeText(freed)}; would keep ${left}\n`);
    else print(`freed ${sizeText(freed)}; kept ${left}\n`);
    return 0;
  } finally {
    remote.close();
  }
}

function line({ id, unfinished, bytes }: OldBuild, dry: boolean): string {
  const size = bytes === undefined ? '' : sizeText(bytes);
  const what = `${dry ? 'would be ' : ''}removed${unfinished ? ': a push that was interrupted' : ''}`;
  return `${id}  ${size.padStart(8)}  ${what}`;
}
