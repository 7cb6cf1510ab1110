// Removes old builds of a project from a remote, and what interrupted pushes have left there. A build's row
// goes first, so that at no moment a build is listed that cannot be read.

import { buildOfKey, buildsPrefix, packKey, recordKey, startOfId } from './layout.ts';
import type { Remote } from './remote.ts';
import { type ListedRow, parseRow } from './row.ts';
import { rowsOf } from './rows.ts';

/** A build that is removed. */
export interface OldBuild {
  readonly id: string;
  /** It has no row: its push was interrupted, or its removal. */
  readonly unfinished: boolean;
  /** What its objects take up, in bytes; undefined if nothing says so. */
  readonly bytes: number | undefined;
}

/** Without a row for so long, a build is not being pushed any more, in milliseconds. */
const ABANDONED = 86_400_000;
/** So many builds are removed at a time. */
const AT_ONCE = 8;
const PAGE = 1000;

/**
 * Removes the builds that started before a time.
 * @param before in milliseconds since the epoch.
 * @param dry removes nothing.
 * @param removed called for each build when it has been removed.
 * @returns how many builds stay.
 * @throws Failure if the remote cannot be read or written.
 */
export async function removeOldBuilds(
  remote: Remote,
  project: string,
  before: number,
  dry: boolean,
  removed: (build: OldBuild) => void,
): Promise<number> {
  const old: ListedRow[] = [];
  const kept = new Set<string>();
  for await (const row of rowsOf(remote, project)) {
    if (row.at < before) old.push(row);
    else kept.add(row.id);
  }
  // The oldest first: whoever interrupts it has the newest still.
  await eachOf(old.reverse(), async (row) => {
    const bytes = await bytesOf(remote, row);
    if (!dry) {
      await remote.remove(row.key);
      await removeObjects(remote, project, row.id);
    }
    removed({ id: row.id, unfinished: false, bytes });
  });
  const listed = new Set([...kept, ...old.map(({ id }) => id)]);
  await eachOf(await idsWithObjects(remote, project, listed), async (id) => {
    if (!(await isAbandoned(remote, project, id))) return;
    if (!dry) await removeObjects(remote, project, id);
    removed({ id, unfinished: true, bytes: undefined });
  });
  if (!dry) remote.removeUnfinished?.(ABANDONED);
  return kept.size;
}

async function bytesOf(remote: Remote, { key }: ListedRow): Promise<number | undefined> {
  const sizes = parseRow(String(await remote.get(key)))?.sizes;
  return sizes && sizes.record + sizes.pack;
}

async function removeObjects(remote: Remote, project: string, id: string): Promise<void> {
  await remote.remove(recordKey(project, id));
  await remote.remove(packKey(project, id));
}

/** The builds that have objects, and are none of the known ones. */
async function idsWithObjects(
  remote: Remote,
  project: string,
  known: ReadonlySet<string>,
): Promise<string[]> {
  const prefix = buildsPrefix(project);
  const ids = new Set<string>();
  for (let after: string | undefined; ;) {
    const keys = await remote.list(prefix, after, PAGE);
    for (const key of keys) {
      const id = buildOfKey(project, key);
      // What has another name is nobody's build.
      if (startOfId(id) !== undefined && !known.has(id)) ids.add(id);
    }
    if (keys.length < PAGE) return [...ids];
    after = keys.at(-1);
  }
}

/** Was nothing of a build written for a day? A push writes the pack, then the record, then the row. */
async function isAbandoned(remote: Remote, project: string, id: string): Promise<boolean> {
  for (const key of [packKey(project, id), recordKey(project, id)]) {
    const age = await remote.age(key);
    if (age !== undefined && age < ABANDONED) return false;
  }
  return true;
}

async function eachOf<T>(all: readonly T[], action: (one: T) => Promise<void>): Promise<void> {
  const next = all[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let one = next.next(); !one.done; one = next.next()) await action(one.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
