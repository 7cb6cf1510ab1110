// `loglin ls REMOTE`: the builds of a remote, for ls; a bundle of its own.

import { type BuildRow, startOf } from '../render/buildlist.ts';
import { statusText } from '../render/formats.ts';
import { openRemote } from '../remote/open.ts';
import { findRemote, readSharing } from '../remote/remotes.ts';
import type { ListedRow, RowResult } from '../remote/row.ts';
import { filteredRows } from '../remote/rows.ts';
import { backName, shortIds } from '../store/builds.ts';
import type { Place } from '../store/place.ts';
import { parseTags } from './pushing.ts';
import { sinceOf } from './since.ts';
import { warn, warnAll } from './stderr.ts';

/** So many builds come with one request. */
const DEFAULT_NUMBER = 1000;

export interface RemoteListOptions {
  readonly number?: string;
  readonly failed?: true;
  readonly branch?: string;
  readonly tag?: readonly string[];
  readonly since?: string;
}

/** The builds that are asked for, the newest last. @throws Failure if the remote cannot be read. */
export async function remoteRows(
  place: Place,
  word: string,
  options: RemoteListOptions,
): Promise<ListedRow[]> {
  const sharing = await readSharing(place);
  warnAll(sharing.errors);
  const { name, url } = findRemote(sharing, word.replace(/:$/, ''));
  const most = options.number === undefined ? DEFAULT_NUMBER : Number(options.number);
  const filter = {
    branch: options.branch,
    tags: parseTags(options.tag ?? []),
    result: options.failed ? ('failed' as const) : undefined,
    since: sinceOf(options.since),
  };
  const remote = openRemote(url);
  try {
    const rows: ListedRow[] = [];
    if (most > 0)
      for await (const row of filteredRows(remote, sharing.project, filter)) {
        rows.push(row);
        if (rows.length >= most) break;
      }
    if (rows.length === 0)
      warn(`no such builds of ${sharing.project} in ${remote.url}; push one: loglin push ${name}`);
    return rows.reverse();
  } finally {
    remote.close();
  }
}

/** The builds as rows of ls's table. */
export function tableRows(rows: readonly ListedRow[], filtered: boolean): BuildRow[] {
  const short = shortIds(rows.map(({ id }) => id));
  return rows.map((row, i) => ({
    id: row.id,
    // Where some are left out, nobody knows how many came after it.
    back: filtered ? '' : backName(rows.length - 1 - i),
    short: short.get(row.id) ?? row.id,
    ...startOf({ e: 'build', v: 1, id: row.id, at: row.at, argv: [], cwd: '', pid: 0 }),
    ms: row.ms,
    end: resultText(row.result),
    bad: row.result !== 'ok',
    jobs: row.jobs,
    failed: row.failed,
    revision: row.revision ?? '',
    branch: row.branch ?? '',
    command: row.command,
  }));
}

function resultText(result: RowResult): string {
  return typeof result === 'string' ? result : statusText(result);
}
