// A build of a remote, for the commands that look at builds: a bundle of its own, loaded where `-b` has a
// colon.

import { chooseRow } from '../remote/rows.ts';
import { openRemote } from '../remote/open.ts';
import { openShared } from '../remote/fetchbuild.ts';
import { findRemote, readSharing } from '../remote/remotes.ts';
import type { Place } from '../store/place.ts';
import type { ChosenBuild } from './place.ts';
import { warnAll } from './stderr.ts';

/**
 * Finds a build that a user has typed as `ci:-1`, and makes it readable.
 * @throws Failure if there is none, or if the remote cannot be read.
 */
export async function remoteBuild(place: Place, word: string): Promise<ChosenBuild> {
  const colon = word.indexOf(':');
  const sharing = await readSharing(place);
  warnAll(sharing.errors);
  const { name, url } = findRemote(sharing, word.slice(0, colon));
  const { project } = sharing;
  const remote = openRemote(url);
  try {
    const { id } = await chooseRow(remote, project, word.slice(colon + 1), name);
    const opened = await openShared({ remote, url, project, id });
    return { place: { ...place, store: opened.store }, id: opened.id };
  } finally {
    // A thread of its own reads the logs.
    remote.close();
  }
}
