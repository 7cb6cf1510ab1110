// Finds targets that are flaky: they failed in a build, and ran and ended well in another one of the same
// revision and command, both of trees without further changes. Reads the rows, those of failed builds whole,
// and which targets ran in the others.

import type { Remote } from './remote.ts';
import type { ListedRow } from './row.ts';
import { filteredRows, wholeRow } from './rows.ts';

export interface FlakyTarget {
  readonly target: string;
  /** The builds in which it failed although it ended well at the same revision, the newest first. */
  readonly failed: readonly string[];
  /** In how many builds of these revisions it ran and ended well. */
  readonly passed: number;
  readonly revisions: readonly string[];
}

export interface Flaky {
  readonly targets: readonly FlakyTarget[];
  /** How many builds were passed over, since their trees had changes, or may have had. */
  readonly unclean: number;
}

/** No more builds of a revision that ended well are looked into, the newest first. */
const MOST_PASSED = 5;

/** Which builds are compared. */
export interface FlakyOptions {
  /** In milliseconds since the epoch; undefined: from the beginning. */
  readonly since?: number | undefined;
  readonly branch?: string | undefined;
}

/**
 * Returns flaky targets, those first that failed most often.
 * @param passedIn returns the names of the targets that ran and ended well in a build.
 */
export async function flakyTargets(
  remote: Remote,
  project: string,
  options: FlakyOptions,
  passedIn: (id: string) => Promise<ReadonlySet<string>>,
): Promise<Flaky> {
  const { groups, unclean } = await groupsOf(remote, project, options);
  const found = new Map<string, { failed: string[]; passed: number; revisions: Set<string> }>();
  for (const { good, bad } of groups) {
    if (good.length === 0 || bad.length === 0) continue;
    const failures = new Map<string, string[]>();
    for (const row of bad)
      for (const target of (await wholeRow(remote, row)).failures)
        failures.set(target, [...(failures.get(target) ?? []), row.id]);
    const passed = await countPassed([...failures.keys()], good, passedIn);
    for (const [target, ids] of failures) {
      const count = passed.get(target) ?? 0;
      if (count === 0) continue;
      const known = found.get(target) ?? { failed: [], passed: 0, revisions: new Set<string>() };
      found.set(target, known);
      known.failed.push(...ids);
      known.passed += count;
      known.revisions.add(good[0]?.revision ?? '');
    }
  }
  const targets = [...found]
    .map(([target, { failed, passed, revisions }]) => ({ target, failed, passed, revisions: [...revisions] }))
    .sort((a, b) => b.failed.length - a.failed.length || (a.target < b.target ? -1 : 1));
  return { targets, unclean };
}

/** The builds of one revision and command, the newest first. */
interface Group {
  readonly good: ListedRow[];
  readonly bad: ListedRow[];
}

async function groupsOf(
  remote: Remote,
  project: string,
  options: FlakyOptions,
): Promise<{ groups: Iterable<Group>; unclean: number }> {
  const groups = new Map<string, Group>();
  let unclean = 0;
  for await (const row of filteredRows(remote, project, options)) {
    if (row.revision === undefined || row.result === 'interrupted') continue;
    if (row.clean !== true) {
      unclean++;
      continue;
    }
    const key = `${row.revision}\0${row.command}`;
    const group = groups.get(key) ?? { good: [], bad: [] };
    groups.set(key, group);
    (row.result === 'ok' ? group.good : group.bad).push(row);
  }
  return { groups: groups.values(), unclean };
}

/** In how many of these builds each target ran and ended well. */
async function countPassed(
  targets: readonly string[],
  good: readonly ListedRow[],
  passedIn: (id: string) => Promise<ReadonlySet<string>>,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  if (targets.length === 0) return counts;
  for (const { id } of good.slice(0, MOST_PASSED)) {
    const passed = await passedIn(id);
    for (const target of targets) if (passed.has(target)) counts.set(target, (counts.get(target) ?? 0) + 1);
  }
  return counts;
}
