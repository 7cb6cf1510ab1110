// Finds targets that are flaky: they failed in a build, and another build of the same revision and command
// ended well. Reads the rows, and those of failed builds whole.

import type { Remote } from './remote.ts';
import type { ListedRow } from './row.ts';
import { filteredRows, wholeRow } from './rows.ts';

export interface FlakyTarget {
  readonly target: string;
  /** The builds in which it failed although another one of the same revision ended well, the newest first. */
  readonly failed: readonly string[];
  /** How many builds of these revisions ended well. */
  readonly passed: number;
  readonly revisions: readonly string[];
}

/**
 * Returns flaky targets, those first that failed most often.
 * @param since in milliseconds since the epoch; undefined: from the beginning.
 */
export async function flakyTargets(
  remote: Remote,
  project: string,
  since: number | undefined,
  branch: string | undefined,
): Promise<FlakyTarget[]> {
  const groups = new Map<string, ListedRow[]>();
  for await (const row of filteredRows(remote, project, { since, branch })) {
    if (row.revision === undefined || row.result === 'interrupted') continue;
    const key = `${row.revision}\0${row.command}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const found = new Map<string, { failed: string[]; passed: number; revisions: Set<string> }>();
  for (const rows of groups.values()) {
    const good = rows.filter(({ result }) => result === 'ok').length;
    if (good === 0 || good === rows.length) continue;
    const counted = new Set<string>();
    for (const row of rows) {
      if (row.result === 'ok') continue;
      const { failures } = await wholeRow(remote, row);
      for (const target of failures) {
        const known = found.get(target) ?? { failed: [], passed: 0, revisions: new Set<string>() };
        found.set(target, known);
        known.failed.push(row.id);
        known.revisions.add(row.revision ?? '');
        if (!counted.has(target)) known.passed += good;
        counted.add(target);
      }
    }
  }
  return [...found]
    .map(([target, { failed, passed, revisions }]) => ({ target, failed, passed, revisions: [...revisions] }))
    .sort((a, b) => b.failed.length - a.failed.length || (a.target < b.target ? -1 : 1));
}
