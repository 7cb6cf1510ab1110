// Stepping through what is in two or more groups, the first group first: errors before warnings, failures of
// their own before those that others caused. Pure numbers.

/** A step: the number to go to, its group, its place in the group, and whether it began anew. */
export interface Step {
  readonly to: number;
  readonly group: number;
  readonly index: number;
  readonly again: boolean;
}

/**
 * Finds the next number.
 * @param groups the numbers of each group, in order.
 * @param here where to start from: one of the numbers, after which the next one of the sequence comes; or a
 *   place among them, from which the nearest one of the first group is taken.
 * @param member whether `here` is one of the numbers.
 */
export function nextInGroups(
  groups: readonly (readonly number[])[],
  here: number,
  ahead: boolean,
  member: boolean,
): Step | undefined {
  const all = groups.flatMap((numbers, group) => numbers.map((to, index) => ({ to, group, index })));
  if (all.length === 0) return undefined;
  const at = member ? all.findIndex(({ to }) => to === here) : -1;
  if (at >= 0) {
    const next = (at + (ahead ? 1 : all.length - 1)) % all.length;
    return { ...all[next]!, again: ahead ? next <= at : next >= at };
  }
  const { group } = all[0]!;
  const first = all.filter((one) => one.group === group);
  const found = ahead ? first.find(({ to }) => to > here) : first.findLast(({ to }) => to < here);
  return found ? { ...found, again: false } : { ...(ahead ? all[0]! : all.at(-1)!), again: true };
}
