// The graphs that earlier builds recorded for the same tools, to be used until those of this build are known.
// Also decides which calls and commands are the same.

import path from 'node:path';
import type { Instance } from '../model/build.ts';
import type { BuildStarted } from '../model/events.ts';
import type { Graph } from '../model/graph.ts';
import { listBuilds } from './builds.ts';
import { graphsOf } from './buildindex.ts';
import { buildFolder } from './layout.ts';

/**
 * Looks up the graphs of earlier builds by tool instance, the newest first. Reads no more of them than
 * necessary.
 */
export class GraphHistory {
  readonly #store: string;
  readonly #ids: string[];
  readonly #counts: (id: string) => boolean;
  readonly #known = new Map<string, { readonly graph: Graph; readonly goals: readonly string[] }>();

  /**
   * @param before the id of the current build.
   * @param counts whether a build belongs to the same project.
   */
  constructor(store: string, before: string, counts: (id: string) => boolean = () => true) {
    this.#store = store;
    this.#ids = listBuilds(store).filter((id) => id < before);
    this.#ids = this.#ids.slice(-8);
    this.#counts = counts;
  }

  /**
   * Returns the last graph of the same tool in the same folder, and its goals. Prefers a call with the same
   * arguments, then one whose arguments request the same thing (with its goals), then any other.
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
      for (const graph of graphsOf(buildFolder(this.#store, id)).values())
        for (const k of keys(graph)) if (!this.#known.has(k)) this.#known.set(k, graph);
    }
  }
}

/** The keys of calls, which are asked for again and again. */
const known = new WeakMap<Call, ReturnType<typeof keysOf>>();

function keys(call: Call): ReturnType<typeof keysOf> {
  let found = known.get(call);
  if (!found) known.set(call, (found = keysOf(call)));
  return found;
}

/**
 * Returns the keys of a call: with all arguments, with those that determine what is requested, and without
 * arguments.
 */
function keysOf(call: Call): [exact: string, same: string, loose: string] {
  return [key(call, call.argv), `same ${key(call, wanting(call.argv))}`, key(call, undefined)];
}

/**
 * Options of make and ninja that set the folder, which is known, or affect only messages and what happens
 * after a failure.
 */
const MANNERS =
  /^(?:--(?:no-)?print-directory|--silent|--quiet|--no-silent|--keep-going|--no-keep-going|--directory=.*|-[skw]+|-C.+)$/;

/**
 * Returns a command without the program's path and without options that change neither the graph nor the
 * goals.
 */
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

/** A call of a tool, in a folder, with arguments. */
export type Call = Pick<Instance, 'tool' | 'cwd' | 'argv'>;

/** The same tool in the same folder with the same arguments. */
export function sameCall(a: Call, b: Call): boolean {
  return keys(a)[0] === keys(b)[0];
}

function key(
  of: { readonly tool: string; readonly cwd: string },
  argv: readonly string[] | undefined,
): string {
  return JSON.stringify([of.tool, of.cwd, (argv && telling(argv)) ?? null]);
}

/**
 * Returns a command without the number of parallel jobs, which changes neither the graph nor what is built.
 */
function telling(argv: readonly string[]): string[] {
  return argv.filter((word) => !/^(-j\d*|-l[\d.]*|\d+|--jobserver.*)$/.test(word));
}

/** The same command in the same folder. */
export function sameCommand(a: BuildStarted, b: BuildStarted): boolean {
  return a.cwd === b.cwd && JSON.stringify(telling(a.argv)) === JSON.stringify(telling(b.argv));
}
