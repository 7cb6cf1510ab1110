// The tasks of nx, from the project graph that it writes before each run. lerna runs its scripts by nx. Pure.

import { type Json, listOf, objectOf, textOf, textsOf } from './json.ts';
import { type Task, type Tasks, addLifecycle, taskName } from './tasks.ts';

/** A project of the graph. */
interface Project {
  /** The name of its package, if it has one. */
  readonly name: string;
  readonly targets: Json;
  /** The projects that it uses. */
  readonly uses: readonly string[];
}

/** An entry of dependsOn. */
interface Need {
  readonly target: string;
  /** `true`: the projects that it uses. */
  readonly projects: true | 'self' | readonly string[];
}

/**
 * @param graph project-graph.json.
 * @param sorted the scripts that lerna runs in the order of the packages, although no file says so.
 */
export function nxTasks(graph: Json, sorted: ReadonlySet<string>): Tasks {
  const projects = projectsOf(graph);
  const tasks = new Map<string, Task>();
  const todo: [string, string][] = [];
  for (const [id, { targets }] of projects)
    for (const target of Object.keys(targets)) todo.push([id, target]);
  // The list grows during this iteration, by projects without the target: what needs it needs what they use.
  for (const [id, target] of todo) {
    const project = projects.get(id);
    if (!project) continue;
    const name = nameOf(project, target);
    if (tasks.has(name)) continue;
    const has = Object.hasOwn(project.targets, target);
    const needs: string[] = [];
    const wanted = has ? needsOf(project, target, sorted, projects) : [{ target, projects: true } as const];
    for (const need of wanted)
      for (const otherId of projectsWith(need, id, project)) {
        const other = projects.get(otherId);
        if (!other) continue;
        for (const one of matching(need, other)) {
          needs.push(nameOf(other, one));
          todo.push([otherId, one]);
        }
      }
    tasks.set(name, { needs, runs: has && scriptOf(project, target) !== undefined });
  }
  for (const project of projects.values())
    for (const target of Object.keys(project.targets)) {
      const script = scriptOf(project, target);
      if (script !== undefined)
        addLifecycle(tasks, project.name, script, (other) => scriptOf(project, other) === other);
    }
  return tasks;
}

function projectsOf(graph: Json): Map<string, Project> {
  const dependencies = objectOf(graph.dependencies);
  return new Map(
    Object.entries(objectOf(graph.nodes)).map(([id, node]): [string, Project] => {
      const data = objectOf(objectOf(node).data);
      const js = objectOf(objectOf(data.metadata).js);
      const uses = listOf(dependencies[id]).flatMap((one) => textOf(objectOf(one).target) ?? []);
      return [id, { name: textOf(js.packageName) ?? id, targets: objectOf(data.targets), uses }];
    }),
  );
}

/** The script of the package that a target runs; undefined if it is something else. */
function scriptOf({ targets }: Project, target: string): string | undefined {
  const { executor, options } = objectOf(targets[target]);
  return executor === 'nx:run-script' ? (textOf(objectOf(options).script) ?? target) : undefined;
}

const nameOf = (project: Project, target: string): string =>
  taskName(project.name, scriptOf(project, target) ?? target);

function needsOf(
  { targets }: Project,
  target: string,
  sorted: ReadonlySet<string>,
  projects: ReadonlyMap<string, Project>,
): Need[] {
  const { dependsOn } = objectOf(targets[target]);
  if (dependsOn === undefined) return sorted.has(target) ? [{ target, projects: true }] : [];
  return listOf(dependsOn).flatMap((entry) => {
    if (typeof entry === 'string') return needIn(entry, targets, projects);
    const { target: named, projects: which, dependencies } = objectOf(entry);
    const of = textOf(named);
    if (of === undefined) return [];
    if (dependencies === true || which === 'dependencies') return { target: of, projects: true as const };
    if (which === undefined || which === 'self') return { target: of, projects: 'self' as const };
    return { target: of, projects: typeof which === 'string' ? [which] : textsOf(which) };
  });
}

/** What a text in dependsOn means: `^target`, `target`, or `project:target`. Both names may have colons. */
function needIn(entry: string, targets: Json, projects: ReadonlyMap<string, Project>): Need {
  if (entry.startsWith('^')) return { target: entry.slice(1), projects: true };
  if (!Object.hasOwn(targets, entry))
    for (let colon = entry.indexOf(':'); colon >= 0; colon = entry.indexOf(':', colon + 1))
      if (projects.has(entry.slice(0, colon)))
        return { target: entry.slice(colon + 1), projects: [entry.slice(0, colon)] };
  return { target: entry, projects: 'self' };
}

function projectsWith({ projects }: Need, id: string, { uses }: Project): readonly string[] {
  if (projects === true) return uses;
  return projects === 'self' ? [id] : projects;
}

/** The targets of a project that are needed. One that is used and has none passes on what it uses. */
function matching({ target, projects }: Need, { targets }: Project): string[] {
  if (Object.hasOwn(targets, target)) return [target];
  if (target.includes('*')) {
    const [before = '', after = ''] = target.split('*');
    return Object.keys(targets).filter((one) => one.startsWith(before) && one.endsWith(after));
  }
  return projects === true ? [target] : [];
}
