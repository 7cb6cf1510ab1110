// The tasks of turbo: turbo.json says what each script needs, and the packages which other packages they use.
// Pure.

import { type Json, objectOf, textsOf } from './json.ts';
import { type Task, type Tasks, addLifecycle, taskName } from './tasks.ts';
import type { Package } from './workspaces.ts';

/** turbo's name of the root package. */
const ROOT = '//';
/** In a package's own list: what the root's list has. */
const EXTENDS = '$TURBO_EXTENDS$';

/** The definitions of tasks in a turbo.json; turbo 1 called them its pipeline. */
const definitions = (config: Json): Json => objectOf(config.tasks ?? config.pipeline);

/**
 * @param config the root's turbo.json.
 * @param packages those of the workspaces, and the root, whose folder is ''.
 * @param configOf a package's own turbo.json; an empty object if it has none.
 */
export function turboTasks(
  config: Json,
  packages: readonly Package[],
  configOf: (folder: string) => Json,
): Tasks {
  const all = definitions(config);
  const byName = new Map(packages.map((one) => [one.folder === '' ? ROOT : one.name, one]));
  const tasks = new Map<string, Task>();
  for (const [id, one] of byName) {
    const own = id === ROOT ? {} : definitions(configOf(one.folder));
    for (const script of scriptsFor(id, all, own)) {
      const needs = dependsOn(id, script, all, own).flatMap((need) => meant(need, one, byName));
      tasks.set(taskName(one.name, script), { needs, runs: one.scripts.has(script) });
    }
  }
  for (const one of packages)
    for (const script of one.scripts)
      addLifecycle(tasks, one.name, script, (other) => one.scripts.has(other));
  return tasks;
}

/** The scripts that are tasks in a package. In the root package, only those that are named for it. */
function scriptsFor(id: string, all: Json, own: Json): Set<string> {
  const scripts = new Set(Object.keys(own));
  for (const key of Object.keys(all)) {
    const [of, script] = splitId(key);
    if (of === id || (of === undefined && id !== ROOT)) scripts.add(script);
  }
  return scripts;
}

function dependsOn(id: string, script: string, all: Json, own: Json): readonly string[] {
  const listIn = (definition: unknown): string[] | undefined => {
    const { dependsOn: list } = objectOf(definition);
    return list === undefined ? undefined : textsOf(list);
  };
  const general = listIn(all[`${id}#${script}`] ?? all[script]) ?? [];
  const special = listIn(own[script]);
  return special?.flatMap((need) => (need === EXTENDS ? general : need)) ?? general;
}

/** The tasks that an entry of dependsOn means: `^build`, `package#build`, or `build`. */
function meant(need: string, of: Package, byName: ReadonlyMap<string, Package>): string[] {
  // turbo 1 had environment variables among them.
  if (need.startsWith('$')) return [];
  if (need.startsWith('^'))
    return of.dependencies.flatMap((name) => (byName.has(name) ? taskName(name, need.slice(1)) : []));
  const [id, script] = splitId(need);
  const one = id === undefined ? of : byName.get(id);
  return one ? [taskName(one.name, script)] : [];
}

/** Splits `package#script`. */
function splitId(key: string): [string | undefined, string] {
  const at = key.lastIndexOf('#');
  return at < 0 ? [undefined, key] : [key.slice(0, at), key.slice(at + 1)];
}
