// ninja's manifest (build.ninja): edges with outputs, needs, commands and descriptions, evaluated like in
// ninja (https://ninja-build.org/manual.html#ref_ninja_file; the tests compare with `ninja -t compdb`).
// parser.ts reads it. Knows no job and no process.

import fs from 'node:fs';
import { hash } from '../../../model/hash.ts';
import { type Rule, type Scope, evaluate } from './scope.ts';

/** The parts of a build statement. */
interface Statement {
  readonly rule: Rule;
  readonly scope: Scope;
  /** It has a block of variables of its own. */
  readonly hasBlock: boolean;
  /** All outputs, the explicit ones first. */
  readonly outputs: readonly string[];
  readonly explicitOutputs: number;
  /** All needs in their order: explicit, implicit, order-only. */
  readonly needs: readonly string[];
  readonly explicitInputs: number;
  /** The number of needs that make it run if they are newer: all but the order-only ones. */
  readonly inputs: number;
}

/** One build statement. */
export class Edge {
  /** All outputs, the explicit ones first. */
  readonly outputs: readonly string[];
  /** All needs in their order: explicit, implicit, order-only. */
  readonly needs: readonly string[];
  /** The number of needs that make it run if they are newer: all but the order-only ones. */
  readonly inputs: number;
  readonly #statement: Statement;

  constructor(statement: Statement) {
    this.#statement = statement;
    this.outputs = statement.outputs;
    this.needs = statement.needs;
    this.inputs = statement.inputs;
  }

  /** It is phony: it runs no command. */
  get phony(): boolean {
    return this.#statement.rule.name === 'phony';
  }

  get command(): string {
    return this.binding('command');
  }

  /** The description that ninja shows; the command if there is none. */
  get description(): string {
    return this.binding('description') || this.command;
  }

  /** The value of a variable of the edge or its rule. */
  binding(name: string): string {
    return this.#lookUp(name, 0);
  }

  #lookUp(name: string, depth: number): string {
    const { rule, scope, hasBlock, explicitOutputs, explicitInputs } = this.#statement;
    if (name === 'in') return this.needs.slice(0, explicitInputs).map(shellWord).join(' ');
    if (name === 'in_newline') return this.needs.slice(0, explicitInputs).map(shellWord).join('\n');
    if (name === 'out') return this.outputs.slice(0, explicitOutputs).map(shellWord).join(' ');
    const value = hasBlock ? scope.local(name) : undefined;
    if (value !== undefined) return value;
    const template = rule.bindings.get(name);
    // ninja refuses a rule whose variables go in a circle.
    if (template && depth < 64) return evaluate(template, (inner) => this.#lookUp(inner, depth + 1));
    return scope.get(name);
  }
}

/** Edges with the same key, and the index of the next one. */
interface SameEdges {
  readonly edges: Edge[];
  next: number;
}

function next(same: SameEdges): Edge | undefined {
  const edge = same.edges[same.next];
  same.next = (same.next + 1) % same.edges.length;
  return edge;
}

export class Manifest {
  readonly edges: Edge[] = [];
  /** The targets of its default statements. */
  readonly defaults: string[] = [];
  /** The folder of ninja's build log and dep log, relative to the one in which it runs. */
  folder = '';
  readonly #files = new Map<string, string>();
  readonly #byOutput = new Map<string, Edge>();
  #byCommand: Map<number, SameEdges> | undefined;
  #byDescription: Map<string, SameEdges> | undefined;
  #dyndeps: boolean | undefined;

  add(edge: Edge): void {
    this.edges.push(edge);
    for (const output of edge.outputs) this.#byOutput.set(output, edge);
  }

  /** Adds a file of the manifest. */
  addFile(file: string): void {
    this.#files.set(file, stamp(file));
  }

  /** Has one of its files changed since it was read? */
  get stale(): boolean {
    return [...this.#files].some(([file, then]) => stamp(file) !== then);
  }

  /** The files of the manifest. */
  get files(): Iterable<string> {
    return this.#files.keys();
  }

  get hasDyndeps(): boolean {
    return (this.#dyndeps ??= this.edges.some((edge) => edge.binding('dyndep') !== ''));
  }

  /** The edge that makes an output. */
  making(output: string): Edge | undefined {
    return this.#byOutput.get(output);
  }

  /** The next edge that runs this command. Several may, and each runs once. */
  take(command: string): Edge | undefined {
    // Found by a hash: the commands of a large build are too large to keep.
    this.#byCommand ??= this.#index((edge) => hash(edge.command));
    const same = this.#byCommand.get(hash(command));
    const edge = same && next(same);
    return edge?.command === command ? edge : same?.edges.find((one) => one.command === command);
  }

  /**
   * The next edge whose description is the end of a status line, after a blank, or the whole line.
   */
  described(line: string): Edge | undefined {
    this.#byDescription ??= this.#index((edge) => edge.description);
    for (let at = 0; at >= 0; at = line.indexOf(' ', at) + 1 || -1) {
      const same = this.#byDescription.get(line.slice(at));
      if (same) return next(same);
    }
    return undefined;
  }

  #index<K>(key: (edge: Edge) => K): Map<K, SameEdges> {
    const index = new Map<K, SameEdges>();
    for (const edge of this.edges) {
      if (edge.phony) continue;
      const value = key(edge);
      const same = index.get(value);
      if (same) same.edges.push(edge);
      else index.set(value, { edges: [edge], next: 0 });
    }
    return index;
  }

  /** The targets that ninja makes without goals: the defaults, else all that no edge needs. */
  roots(): readonly string[] {
    if (this.defaults.length > 0) return this.defaults;
    const needed = new Set(this.edges.flatMap((edge) => edge.needs));
    return this.edges.flatMap((edge) =>
      edge.outputs.some((output) => needed.has(output)) ? [] : edge.outputs,
    );
  }
}

/** A path as ninja quotes it in a command (util.cc, GetShellEscapedString). */
function shellWord(word: string): string {
  return /^[\w+\-./]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A file's identity and time; '' if it does not exist. */
function stamp(file: string): string {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : '';
}
