// ninja's manifest (build.ninja): its edges with their outputs, needs, commands and descriptions, as ninja
// itself evaluates them (https://ninja-build.org/manual.html#ref_ninja_file; the tests compare with `ninja -t
// compdb`). Read by parser.ts. Knows no job and no process.

import fs from 'node:fs';
import { hash } from '../../../model/hash.ts';
import { type Rule, type Scope, evaluate } from './scope.ts';

/** What a build statement consists of. */
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
  /** How many of the needs make it run when they are newer: all but the order-only ones. */
  readonly inputs: number;
}

/** One build statement. */
export class Edge {
  /** All outputs, the explicit ones first. */
  readonly outputs: readonly string[];
  /** All needs in their order: explicit, implicit, order-only. */
  readonly needs: readonly string[];
  /** How many of them make it run when they are newer: all but the order-only ones. */
  readonly inputs: number;
  readonly #statement: Statement;

  constructor(statement: Statement) {
    this.#statement = statement;
    this.outputs = statement.outputs;
    this.needs = statement.needs;
    this.inputs = statement.inputs;
  }

  /** It only gives its outputs a name: nothing is run. */
  get phony(): boolean {
    return this.#statement.rule.name === 'phony';
  }

  get command(): string {
    return this.binding('command');
  }

  /** As ninja shows it; the command where the manifest has no description. */
  get description(): string {
    return this.binding('description') || this.command;
  }

  /** A variable of the edge or its rule. */
  binding(name: string): string {
    return this.#lookUp(name, 0);
  }

  #lookUp(name: string, depth: number): string {
    const { rule, scope, hasBlock, explicitOutputs, explicitInputs } = this.#statement;
    if (name === 'in') return this.needs.slice(0, explicitInputs).map(shellWord).join(' ');
    if (name === 'in_newline') return this.needs.slice(0, explicitInputs).map(shellWord).join('\n');
    if (name === 'out') return this.outputs.slice(0, explicitOutputs).map(shellWord).join(' ');
    const own = hasBlock ? scope.own(name) : undefined;
    if (own !== undefined) return own;
    const template = rule.bindings.get(name);
    // ninja refuses a rule whose variables go in a circle.
    if (template && depth < 64) return evaluate(template, (inner) => this.#lookUp(inner, depth + 1));
    return scope.get(name);
  }
}

/** Edges with the same key, and which of them is next. */
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
  /** Where ninja keeps its build log and dep log, relative to where it runs. */
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

  /** A file that it is being read from. */
  addFile(file: string): void {
    this.#files.set(file, stamp(file));
  }

  /** One of its files is not what was read. */
  get stale(): boolean {
    return [...this.#files].some(([file, then]) => stamp(file) !== then);
  }

  /** The files that it was read from. */
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

  /** The next edge that runs this command: several may, and each runs once. */
  take(command: string): Edge | undefined {
    // By a hash: the commands of a large build are too much to be kept.
    this.#byCommand ??= this.#index((edge) => hash(edge.command));
    const same = this.#byCommand.get(hash(command));
    const edge = same && next(same);
    return edge?.command === command ? edge : same?.edges.find((one) => one.command === command);
  }

  /**
   * The next edge that a status line is about: the line ends with its description, behind a blank or from the
   * start.
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

  /** What ninja makes when it is asked for nothing: the defaults, else what nothing else needs. */
  roots(): readonly string[] {
    if (this.defaults.length > 0) return this.defaults;
    const needed = new Set(this.edges.flatMap((edge) => edge.needs));
    return this.edges.flatMap((edge) =>
      edge.outputs.some((output) => needed.has(output)) ? [] : edge.outputs,
    );
  }
}

/** As ninja writes a path into a command (util.cc, GetShellEscapedString). */
function shellWord(word: string): string {
  return /^[\w+\-./]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A file's identity and age; '' where there is none. */
function stamp(file: string): string {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : '';
}
