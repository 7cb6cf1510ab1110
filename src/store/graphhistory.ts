// What earlier builds knew: the graphs of the same tools, before those of this build are there. And which
// calls and commands are the same.

import path from 'node:path';
import type { Instance } from '../model/build.ts';
import type { BuildStarted } from '../model/events.ts';
import type { Graph } from '../model/graph.ts';
import { listBuilds } from './builds.ts';
import { readGraphs } from './graphs.ts';
import { buildFolder } from './layout.ts';

/**
 * Looks the graphs of earlier builds up by tool instance, the newest first; reads no more of them than it
 * must.
 */
export class GraphHistory {
  readonly #store: string;
  readonly #ids: string[];
  readonly #counts: (id: string) => boolean;
  readonly #known = new Map<string, { readonly graph: Graph; readonly goals: readonly string[] }>();

  /** @param before the id of the build that asks. @param counts is a build of the same project? */
  constructor(store: string, before: string, counts: (id: string) => boolean = () => true) {
    this.#store = store;
    this.#ids = listBuilds(store).filter((id) => id < before);
    this.#ids = this.#ids.slice(-8);
    this.#counts = counts;
  }

  /**
   * The last graph of the same tool in the same folder with the same arguments, and its goals; else with
   * arguments that want the same (and the goals), else with other ones.
   */
  find(instance: Instance): { readonly graph: Graph; readonly goals?: readonly string[] } | undefined {
    const [exact, same, loose] = keys(instance);
    for (;;) {
      const found = this.#known.get(exact);
      if (found) return found;
      const id = this.#ids.pop();
      if (id === undefined) {
        const other = this.#known.get(loose);
        return this.#known.get(same) ?? (other && { graph: other.graph });
      }
      if (!this.#counts(id)) continue;
      for (const graph of readGraphs(buildFolder(this.#store, id)).values())
        for (const k of keys(graph)) if (!this.#known.has(k)) this.#known.set(k, graph);
    }
  }
}

/** What a call is known by: with its arguments, with those that say what is wanted, without any. */
function keys(call: Call): [exact: string, same: string, loose: string] {
  return [key(call, call.argv), `same ${key(call, wanting(call.argv))}`, key(call, undefined)];
}

/** How make and ninja say where they work, which is known, and how they talk and go on. */
const MANNERS =
  /^(?:--(?:no-)?print-directory|--silent|--quiet|--no-silent|--keep-going|--no-keep-going|--directory=.*|-[skw]+|-C.+)$/;

/** A command without the program's path and what changes neither the graph nor the goals. */
function wanting(argv: readonly string[]): string[] {
  const [program = '', ...words] = telling(argv);
  const kept = words.filter((word, i) => {
    const before = words[i - 1];
    return (
      !MANNERS.test(word) &&
      word !== '-C' &&
      word !== '--directory' &&
      before !== '-C' &&
      before !== '--directory'
    );
  });
  return [path.basename(program), ...kept];
}

/** What was called: a tool in a folder with arguments. */
export type Call = Pick<Instance, 'tool' | 'cwd' | 'argv'>;

/** The same tool in the same folder with the same arguments. */
export function sameCall(a: Call, b: Call): boolean {
  return key(a, a.argv) === key(b, b.argv);
}

function key(
  of: { readonly tool: string; readonly cwd: string },
  argv: readonly string[] | undefined,
): string {
  return JSON.stringify([of.tool, of.cwd, (argv && telling(argv)) ?? null]);
}

/** A command without how many jobs are to run at once: that changes neither the graph nor what is built. */
function telling(argv: readonly string[]): string[] {
  return argv.filter((word) => !/^(-j\d*|-l[\d.]*|\d+|--jobserver.*)$/.test(word));
}

/** The same command, in the same folder. */
export function sameCommand(a: BuildStarted, b: BuildStarted): boolean {
  return a.cwd === b.cwd && JSON.stringify(telling(a.argv)) === JSON.stringify(telling(b.argv));
}
