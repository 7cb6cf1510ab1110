// ninja's manifest (build.ninja): its edges with their outputs, needs, commands and descriptions, as ninja itself evaluates them
// (https://ninja-build.org/manual.html#ref_ninja_file; the tests compare with `ninja -t compdb`). Knows no job and no process.

import fs from 'node:fs';
import path from 'node:path';
import { Failure, reason } from '../../../model/failure.ts';
import { hash } from '../../../model/hash.ts';
import { readRegular } from '../../../store/plainfile.ts';

/** A text with variables: literal pieces at even places, variables' names at odd ones. */
type Template = readonly string[];

interface Rule {
  readonly name: string;
  readonly bindings: ReadonlyMap<string, Template>;
}

/** The variables and rules of a file, or of an edge's own block. */
class Scope {
  readonly #parent: Scope | undefined;
  readonly #values = new Map<string, string>();
  readonly #rules = new Map<string, Rule>();

  constructor(parent?: Scope) {
    this.#parent = parent;
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  own(name: string): string | undefined {
    return this.#values.get(name);
  }

  get(name: string): string {
    return this.#values.get(name) ?? this.#parent?.get(name) ?? '';
  }

  addRule(rule: Rule): void {
    this.#rules.set(rule.name, rule);
  }

  rule(name: string): Rule | undefined {
    return this.#rules.get(name) ?? this.#parent?.rule(name);
  }
}

/** One build statement. */
export class Edge {
  /** All outputs, the explicit ones first. */
  readonly outputs: readonly string[];
  /** All needs in their order: explicit, implicit, order-only. */
  readonly needs: readonly string[];
  /** How many of them make it run when they are newer: all but the order-only ones. */
  readonly inputs: number;
  readonly #rule: Rule;
  readonly #scope: Scope;
  /** It has a block of variables of its own. */
  readonly #own: boolean;
  readonly #outs: number;
  readonly #ins: number;

  constructor(
    rule: Rule,
    scope: Scope,
    own: boolean,
    outputs: readonly string[],
    outs: number,
    needs: readonly string[],
    ins: number,
    inputs: number,
  ) {
    this.#rule = rule;
    this.#scope = scope;
    this.#own = own;
    this.outputs = outputs;
    this.#outs = outs;
    this.needs = needs;
    this.#ins = ins;
    this.inputs = inputs;
  }

  /** It only gives its outputs a name: nothing is run. */
  get phony(): boolean {
    return this.#rule.name === 'phony';
  }

  get command(): string {
    return this.binding('command');
  }

  /** What ninja says of it; the command where the manifest does not say. */
  get description(): string {
    return this.binding('description') || this.command;
  }

  /** A variable of the edge or its rule. */
  binding(name: string): string {
    return this.#lookUp(name, 0);
  }

  #lookUp(name: string, depth: number): string {
    if (name === 'in') return this.needs.slice(0, this.#ins).map(shellWord).join(' ');
    if (name === 'in_newline') return this.needs.slice(0, this.#ins).map(shellWord).join('\n');
    if (name === 'out') return this.outputs.slice(0, this.#outs).map(shellWord).join(' ');
    const own = this.#own ? this.#scope.own(name) : undefined;
    if (own !== undefined) return own;
    const template = this.#rule.bindings.get(name);
    // ninja refuses a rule whose variables go in a circle.
    if (template && depth < 64) return evaluate(template, (inner) => this.#lookUp(inner, depth + 1));
    return this.#scope.get(name);
  }
}

/** Edges that cannot be told apart by what is known, and which of them is next. */
interface Alike {
  readonly edges: Edge[];
  next: number;
}

function next(same: Alike): Edge | undefined {
  const edge = same.edges[same.next];
  same.next = (same.next + 1) % same.edges.length;
  return edge;
}

export class Manifest {
  readonly edges: Edge[] = [];
  /** The targets of its default statements. */
  readonly defaults: string[] = [];
  /** Where ninja keeps what it remembers, relative to where it runs. */
  folder = '';
  readonly #files = new Map<string, string>();
  readonly #byOutput = new Map<string, Edge>();
  #byCommand: Map<number, Alike> | undefined;
  #byDescription: Map<string, Alike> | undefined;
  #dyndeps: boolean | undefined;

  add(edge: Edge): void {
    this.edges.push(edge);
    for (const output of edge.outputs) this.#byOutput.set(output, edge);
  }

  /** A file that it was read from, as it was then. */
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

  /** The next edge that a status line is about: it ends with a description, behind a blank or from its start. */
  said(line: string): Edge | undefined {
    this.#byDescription ??= this.#index((edge) => edge.description);
    for (let at = 0; at >= 0; at = line.indexOf(' ', at) + 1 || -1) {
      const same = this.#byDescription.get(line.slice(at));
      if (same) return next(same);
    }
    return undefined;
  }

  #index<K>(key: (edge: Edge) => K): Map<K, Alike> {
    const index = new Map<K, Alike>();
    for (const edge of this.edges) {
      if (edge.phony) continue;
      const own = key(edge);
      const same = index.get(own);
      if (same) same.edges.push(edge);
      else index.set(own, { edges: [edge], next: 0 });
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

/**
 * Reads a manifest and what it includes.
 * @param cwd where ninja runs.
 * @param file relative to that.
 * @throws Failure where it cannot be read, or is none.
 */
export function readManifest(cwd: string, file: string): Manifest {
  const manifest = new Manifest();
  const scope = new Scope();
  new Parser(manifest, cwd).file(file, scope);
  manifest.folder = scope.get('builddir');
  return manifest;
}

/** The needs that dyndep files add, by the first output of the edge. A file that is not there yet adds none. */
export function readDyndeps(manifest: Manifest, cwd: string): Map<Edge, readonly string[]> {
  const added = new Map<Edge, readonly string[]>();
  const files = new Set(manifest.edges.map((edge) => edge.binding('dyndep')).filter((file) => file !== ''));
  for (const file of files) {
    const found = new Manifest();
    try {
      const scope = new Scope();
      scope.addRule({ name: 'dyndep', bindings: new Map() });
      new Parser(found, cwd).file(file, scope);
    } catch {
      continue;
    }
    for (const { outputs, needs } of found.edges) {
      const edge = manifest.making(outputs[0] ?? '');
      if (edge) added.set(edge, needs);
    }
  }
  return added;
}

/** The parser: a file is read line by line, a line from left to right, as ninja's lexer does. */
class Parser {
  readonly #manifest: Manifest;
  readonly #cwd: string;
  #text = '';
  #at = 0;
  #file = '';
  #depth = 0;

  constructor(manifest: Manifest, cwd: string) {
    this.#manifest = manifest;
    this.#cwd = cwd;
  }

  file(name: string, scope: Scope): void {
    const full = path.resolve(this.#cwd, name);
    const outer = { text: this.#text, at: this.#at, file: this.#file };
    if (this.#depth > 100) throw new Failure(`${full}: included in a circle`);
    this.#manifest.addFile(full);
    try {
      this.#text = readRegular(full).toString('utf8');
    } catch (error) {
      throw new Failure(`${full}: ${reason(error)}`);
    }
    this.#at = 0;
    this.#file = full;
    this.#depth++;
    while (this.#at < this.#text.length) this.#statement(scope);
    this.#depth--;
    this.#text = outer.text;
    this.#at = outer.at;
    this.#file = outer.file;
  }

  #statement(scope: Scope): void {
    if (this.#blankLine()) return;
    const word = this.#word();
    switch (word) {
      case 'build':
        this.#build(scope);
        break;
      case 'rule':
        scope.addRule({ name: this.#nameAndEnd(), bindings: this.#block() });
        break;
      case 'pool':
        this.#nameAndEnd();
        this.#block();
        break;
      case 'default':
        for (const target of this.#paths()) this.#manifest.defaults.push(expandPath(target, scope));
        this.#endLine();
        break;
      case 'include':
      case 'subninja': {
        this.#spaces();
        const file = evaluate(this.#template(true), (name) => scope.get(name));
        this.#endLine();
        this.file(file, word === 'include' ? scope : new Scope(scope));
        break;
      }
      default: {
        if (word === '') this.#fail('no statement');
        const value = this.#value(word);
        scope.set(
          word,
          evaluate(value, (name) => scope.get(name)),
        );
      }
    }
  }

  #build(scope: Scope): void {
    const outputs = this.#paths();
    const more = this.#mark('|') ? this.#paths() : [];
    if (!this.#mark(':')) this.#fail('a build statement without :');
    const ruleName = this.#word();
    const ins = this.#paths();
    const implicit = this.#bar('|') ? this.#paths() : [];
    const orderOnly = this.#bar('||') ? this.#paths() : [];
    if (this.#bar('|@')) this.#paths();
    this.#endLine();
    const own = this.#block();
    const rule = ruleName === 'phony' ? PHONY : scope.rule(ruleName);
    if (!rule) this.#fail(`no rule ${ruleName}`);
    let inner = scope;
    if (own.size > 0) {
      inner = new Scope(scope);
      for (const [name, value] of own)
        inner.set(
          name,
          evaluate(value, (variable) => scope.get(variable)),
        );
    }
    const expand = (template: Template): string => expandPath(template, inner);
    const allOutputs = [...outputs, ...more].map(expand);
    const needs = [...ins, ...implicit, ...orderOnly].map(expand);
    this.#manifest.add(
      new Edge(
        rule,
        inner,
        own.size > 0,
        allOutputs,
        outputs.length,
        needs,
        ins.length,
        ins.length + implicit.length,
      ),
    );
  }

  /** The indented bindings below a statement. */
  #block(): Map<string, Template> {
    const bindings = new Map<string, Template>();
    for (;;) {
      if (this.#blankLine()) continue;
      if (this.#at >= this.#text.length || this.#text[this.#at] !== ' ') return bindings;
      this.#spaces();
      const name = this.#word();
      if (name === '') this.#fail('no variable');
      bindings.set(name, this.#value(name));
    }
  }

  #value(name: string): Template {
    this.#spaces();
    if (!this.#mark('=')) this.#fail(`${name} without =`);
    this.#spaces();
    const value = this.#template(false);
    this.#endLine();
    return value;
  }

  #nameAndEnd(): string {
    const name = this.#word();
    this.#endLine();
    return name;
  }

  #paths(): Template[] {
    const paths: Template[] = [];
    for (;;) {
      this.#spaces();
      const template = this.#template(true);
      if (template.length === 1 && template[0] === '') return paths;
      paths.push(template);
    }
  }

  /** A text with variables, up to the line's end; of a path only up to what ends one. */
  #template(ofPath: boolean): Template {
    const pieces: string[] = [];
    let literal = '';
    const special = ofPath ? /[$ :|\n\r]/g : /[$\n\r]/g;
    for (;;) {
      special.lastIndex = this.#at;
      const found = special.exec(this.#text);
      const end = found ? found.index : this.#text.length;
      literal += this.#text.slice(this.#at, end);
      this.#at = end;
      if (found?.[0] === '\r' && this.#text[end + 1] !== '\n') {
        literal += '\r';
        this.#at++;
        continue;
      }
      if (found?.[0] !== '$') break;
      VARIABLE.lastIndex = end;
      const variable = VARIABLE.exec(this.#text);
      if (variable) {
        pieces.push(literal, variable[1] ?? variable[2] ?? '');
        literal = '';
        this.#at = VARIABLE.lastIndex;
        continue;
      }
      const next = this.#text[end + 1] ?? '';
      this.#at = end + 2;
      if (next === '\n' || (next === '\r' && this.#text[end + 2] === '\n')) {
        if (next === '\r') this.#at++;
        this.#spaces();
      } else if (next === '^') {
        literal += '\n';
      } else if (next === '$' || next === ' ' || next === ':') {
        literal += next;
      } else {
        this.#fail('a bad $-escape');
      }
    }
    pieces.push(literal);
    return pieces;
  }

  #word(): string {
    this.#spaces();
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? '';
    this.#at += word.length;
    return word;
  }

  #mark(mark: string): boolean {
    this.#spaces();
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  /** `|`, `||` or `|@`, and not one of the longer ones for `|`. */
  #bar(bar: string): boolean {
    this.#spaces();
    const next = this.#text[this.#at + 1];
    if (bar === '|' && (next === '|' || next === '@')) return false;
    return this.#mark(bar);
  }

  #spaces(): void {
    for (;;) {
      if (this.#text[this.#at] === ' ') this.#at++;
      else if (this.#text.startsWith('$\n', this.#at)) this.#at += 2;
      else if (this.#text.startsWith('$\r\n', this.#at)) this.#at += 3;
      else return;
    }
  }

  #endLine(): void {
    this.#spaces();
    if (this.#text.startsWith('\r\n', this.#at)) this.#at += 2;
    else if (this.#text[this.#at] === '\n') this.#at++;
    else if (this.#at < this.#text.length) this.#fail('something after the statement');
  }

  /** Skips a line that is empty or a comment. */
  #blankLine(): boolean {
    BLANK.lastIndex = this.#at;
    const blank = BLANK.exec(this.#text);
    if (!blank || blank[0] === '') return false;
    this.#at += blank[0].length;
    return true;
  }

  #fail(what: string): never {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    throw new Failure(`${this.#file}:${line}: ${what}`);
  }
}

const PHONY: Rule = { name: 'phony', bindings: new Map() };
const VARIABLE = /\$(?:\{([\w.-]+)\}|([\w-]+))/y;
const WORD = /[\w.-]*/y;
const BLANK = / *(?:#[^\n]*(?:\n|$)|\r?\n)/y;

function evaluate(template: Template, value: (name: string) => string): string {
  if (template.length === 1) return template[0] ?? '';
  let text = '';
  template.forEach((piece, i) => (text += i % 2 === 0 ? piece : value(piece)));
  return text;
}

function expandPath(template: Template, scope: Scope): string {
  return canonical(evaluate(template, (name) => scope.get(name)));
}

/** A path without `.`, `..` and double slashes (util.cc, CanonicalizePath). */
export function canonical(file: string): string {
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(file)) return file;
  const absolute = file.startsWith('/');
  const parts: string[] = [];
  for (const part of file.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !absolute) parts.push(part);
  }
  const joined = parts.join('/');
  return absolute ? `/${joined}` : joined === '' ? '.' : joined;
}

/** As ninja writes a path into a command (util.cc, GetShellEscapedString). */
function shellWord(word: string): string {
  return /^[\w+\-./]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Of a file's identity and age. */
function stamp(file: string): string {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : '';
}
