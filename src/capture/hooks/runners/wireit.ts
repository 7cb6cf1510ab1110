// The tasks of wireit, from the `wireit` sections of the packages that are reached. Pure, but for the reading
// of these, which is passed in.

import { listOf, objectOf, textOf } from './json.ts';
import { type Task, type Tasks, taskName } from './tasks.ts';
import type { Package } from './workspaces.ts';

/** A script of the package in a folder. */
interface ScriptAt {
  readonly folder: string;
  readonly script: string;
}

/**
 * @param from the scripts that ran.
 * @param packageIn the package in a folder, if there is one.
 * @param resolve the folder that a path in a folder leads to.
 */
export function wireitTasks(
  from: Iterable<ScriptAt>,
  packageIn: (folder: string) => Package | undefined,
  resolve: (folder: string, path: string) => string,
): Tasks {
  const tasks = new Map<string, Task>();
  const todo = [...from];
  // The list grows during this iteration.
  for (const { folder, script } of todo) {
    const one = packageIn(folder);
    if (!one) continue;
    const name = taskName(one.name, script);
    if (tasks.has(name)) continue;
    const section = objectOf(one.json.wireit)[script];
    const { command, dependencies } = objectOf(section);
    const needs: string[] = [];
    for (const entry of listOf(dependencies)) {
      const text = textOf(entry) ?? textOf(objectOf(entry).script);
      if (text === undefined) continue;
      const at = scriptAt(text, folder, resolve);
      const other = packageIn(at.folder);
      if (!other) continue;
      needs.push(taskName(other.name, at.script));
      todo.push(at);
    }
    // A script without a section is npm's own.
    tasks.set(name, { needs, runs: section === undefined || textOf(command) !== undefined });
  }
  return tasks;
}

/** What an entry of dependencies means: `script`, or `./path:script`. */
function scriptAt(text: string, folder: string, resolve: (folder: string, path: string) => string): ScriptAt {
  const colon = text.indexOf(':');
  if (!text.startsWith('.') || colon < 0) return { folder, script: text };
  return { folder: resolve(folder, text.slice(0, colon)), script: text.slice(colon + 1) };
}
