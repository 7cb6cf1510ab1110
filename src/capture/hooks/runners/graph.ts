// Reads what each task of a run needs, from files that the runner or its user has written already: the runner
// is never asked.

import fs from 'node:fs';
import path from 'node:path';
import type { GraphNode } from '../../../model/graph.ts';
import { reason } from '../../../model/failure.ts';
import { readRegular } from '../../../store/plainfile.ts';
import { sortedByLerna, tasksForAll } from './commandline.ts';
import { type Json, parseJson } from './json.ts';
import { nxTasks } from './nx.ts';
import { type Tasks, graphFrom } from './tasks.ts';
import { turboTasks } from './turbo.ts';
import { type Package, readPackage, readWorkspaces } from './workspaces.ts';
import { wireitTasks } from './wireit.ts';

/** A script that ran. */
export interface RanScript {
  /** `package script`. */
  readonly name: string;
  /** The folder of its package. */
  readonly folder: string;
}

/** A run of a runner that has ended. */
export interface Run {
  readonly tool: string;
  readonly argv: readonly string[];
  /** The folder in which the runner ran; '' if it is not known. */
  readonly cwd: string;
  /** The name of the job in which it ran. */
  readonly around: string;
  readonly ran: readonly RanScript[];
}

/** Larger files are not read while a build may wait, in bytes. */
const LONGEST = 64 * 1024 * 1024;
const TURBO = ['turbo.json', 'turbo.jsonc'];
/** Where nx keeps its project graph, by age. */
const NX_GRAPHS = ['.nx/workspace-data', '.nx/cache', 'node_modules/.cache/nx'];

/**
 * The graph of the tasks that ran and of those that they need, and, if the run was for all packages, of the
 * others.
 * @param note is told of a file that cannot be read.
 */
export function readGraph(run: Run, note: (text: string) => void): GraphNode[] {
  const [first] = run.ran;
  if (!first) return [];
  const read = (file: string): Json => readJson(file, note);
  const goals = new Set(run.ran.map(({ name }) => name));
  const tasks = tasksOf(run, first.folder, read);
  const asked = new Set(tasksForAll(run.tool, run.argv));
  for (const [name, task] of tasks) if (task.runs && asked.has(scriptOf(name))) goals.add(name);
  goals.add(run.around);
  return graphFrom(tasks, goals);
}

function tasksOf({ tool, argv, cwd, around, ran }: Run, folder: string, read: (file: string) => Json): Tasks {
  const none: Tasks = new Map();
  if (tool === 'wireit') {
    const packages = new Map<string, Package | undefined>();
    const packageIn = (at: string): Package | undefined => {
      if (!packages.has(at)) packages.set(at, readPackage('/', at));
      return packages.get(at);
    };
    const all = cwd === '' ? ran : [...ran, { name: around, folder: cwd }];
    const scripts = all.map(({ name, folder: at }) => ({ folder: at, script: scriptOf(name) }));
    return wireitTasks(scripts, packageIn, (at, to) => path.resolve(at, to));
  }
  if (tool === 'turbo') {
    const root = rootAbove(folder, TURBO, (file) => read(file).extends === undefined);
    if (root === undefined) return none;
    const configOf = (at: string): Json => read(firstThere(path.join(root, at), TURBO) ?? '');
    return turboTasks(configOf(''), readWorkspaces(root), configOf);
  }
  const root = rootAbove(folder, ['nx.json', 'lerna.json']);
  const file = root === undefined ? undefined : graphFile(root);
  const sorted = sortedByLerna(argv);
  return file === undefined ? none : nxTasks(read(file), new Set(sorted === undefined ? [] : [sorted]));
}

/** The script in the name of a task or its job, `package script`. */
const scriptOf = (name: string): string => name.slice(name.indexOf(' ') + 1);

/** The nearest folder upwards that has one of the files, if that is the right one. */
function rootAbove(
  folder: string,
  names: readonly string[],
  isRight: (file: string) => boolean = () => true,
): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    const file = firstThere(at, names);
    if (file !== undefined && isRight(file)) return at;
    if (at === path.dirname(at)) return undefined;
  }
}

function firstThere(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => path.join(folder, name)).find((file) => fs.existsSync(file));
}

function graphFile(root: string): string | undefined {
  return firstThere(
    root,
    NX_GRAPHS.map((folder) => `${folder}/project-graph.json`),
  );
}

function readJson(file: string, note: (text: string) => void): Json {
  if (file === '') return {};
  try {
    return parseJson(readRegular(file, LONGEST).toString());
  } catch (error) {
    note(`${file}: ${reason(error)}; the needs of its tasks are not known`);
    return {};
  }
}
