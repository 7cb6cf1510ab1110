// A build of a remote, for the commands that look at builds: a bundle of its own, loaded where `-b` has a
// colon.

import fs from 'node:fs';
import { chooseRow } from '../remote/rows.ts';
import { openRemote } from '../remote/open.ts';
import { RECENT_MS, keepInUse, scratchStore } from '../remote/cache.ts';
import { type RemoteBuild, openShared, pullBuild } from '../remote/fetchbuild.ts';
import { findRemote, readSharing } from '../remote/remotes.ts';
import type { Place } from '../store/place.ts';
import type { ChosenBuild } from './place.ts';
import { warnAll } from './stderr.ts';

/**
 * Finds a build that a user has typed as `ci:-1`, and makes it readable.
 * @throws Failure if there is none, or if the remote cannot be read.
 */
export async function remoteBuild(place: Place, word: string): Promise<ChosenBuild> {
  return withRemoteBuild(place, word, async (build) => {
    const opened = await openShared(build);
    return { place: { ...place, store: opened.store }, id: opened.id };
  });
}

/** What is served may be open for days. */
const USED_EACH_MS = RECENT_MS / 6;

/**
 * Same as remoteBuild, for what needs all files of a build: brings them into a store of their own for as long
 * as the action takes.
 */
export async function withPulledBuild<T>(
  place: Place,
  word: string,
  action: (store: string, id: string) => Promise<T>,
): Promise<T> {
  const store = scratchStore();
  const used = setInterval(() => {
    keepInUse(store);
  }, USED_EACH_MS);
  used.unref();
  try {
    const id = await withRemoteBuild(place, word, (build) => pullBuild(build, store, () => undefined));
    return await action(store, id);
  } finally {
    clearInterval(used);
    fs.rmSync(store, { recursive: true, force: true });
  }
}

async function withRemoteBuild<T>(
  place: Place,
  word: string,
  action: (build: RemoteBuild) => Promise<T>,
): Promise<T> {
  const colon = word.indexOf(':');
  const sharing = await readSharing(place);
  warnAll(sharing.errors);
  const { name, url } = findRemote(sharing, word.slice(0, colon));
  const { project } = sharing;
  const remote = openRemote(url);
  try {
    const { id } = await chooseRow(remote, project, word.slice(colon + 1), name);
    return await action({ remote, url, project, id });
  } finally {
    // What reads logs later is a thread of its own.
    remote.close();
  }
}
