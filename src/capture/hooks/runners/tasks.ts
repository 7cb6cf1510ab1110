// The tasks of a monorepo as its runner knows them: scripts of packages, and what each needs. They are named
// as their jobs are, `package script`. Pure; knows no runner.

import type { GraphNode } from '../../../model/graph.ts';

/** One script of one package. */
export interface Task {
  readonly needs: readonly string[];
  /** Its package has such a script. Others only pass on what they need. */
  readonly runs: boolean;
}

/** The tasks by name. */
export type Tasks = ReadonlyMap<string, Task>;

export const taskName = (packageName: string, script: string): string => `${packageName} ${script}`;

/**
 * The graph of the tasks that are reached from some of them.
 * @param from names; those that are no tasks are left out.
 */
export function graphFrom(tasks: Tasks, from: Iterable<string>): GraphNode[] {
  const nodes: GraphNode[] = [];
  const names = new Set(from);
  // The set grows during this iteration.
  for (const name of names) {
    const task = tasks.get(name);
    if (!task) continue;
    const needs = [...new Set(task.needs)].filter((need) => need !== name && tasks.has(need));
    nodes.push({ name, needs, recipe: task.runs });
    for (const need of needs) names.add(need);
  }
  return nodes;
}

/** The tasks that no other one needs, by name: a runner begins them in no order of its own. */
export function topsOf(nodes: readonly GraphNode[]): string[] {
  const needed = new Set(nodes.flatMap(({ needs }) => needs));
  return nodes
    .map(({ name }) => name)
    .filter((name) => !needed.has(name))
    .sort();
}

/**
 * Adds the scripts that npm runs before and after a task's own: `prebuild` needs what `build` needs, `build`
 * needs `prebuild`, and `postbuild` needs `build`.
 * @param has whether a package has a script.
 */
export function addLifecycle(
  tasks: Map<string, Task>,
  packageName: string,
  script: string,
  has: (script: string) => boolean,
): void {
  const name = taskName(packageName, script);
  const task = tasks.get(name);
  if (!task?.runs) return;
  const before = taskName(packageName, `pre${script}`);
  if (has(`pre${script}`)) {
    tasks.set(before, { needs: [...(tasks.get(before)?.needs ?? []), ...task.needs], runs: true });
    tasks.set(name, { needs: [before], runs: true });
  }
  const after = taskName(packageName, `post${script}`);
  if (has(`post${script}`))
    tasks.set(after, { needs: [...(tasks.get(after)?.needs ?? []), name], runs: true });
}
