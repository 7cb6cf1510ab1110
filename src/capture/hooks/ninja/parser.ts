// Parses ninja's manifest with the files that it includes, and dyndep files. It reads them line by line, and
// each line from left to right, like ninja's lexer.

import path from 'node:path';
import { Failure, reason } from '../../../model/failure.ts';
import { readRegular } from '../../../store/plainfile.ts';
import { Edge, Manifest } from './manifest.ts';
import { type Rule, Scope, type Template, evaluate, expandPath } from './scope.ts';

const PHONY: Rule = { name: 'phony', bindings: new Map() };
const VARIABLE = /\$(?:\{([\w.-]+)\}|([\w-]+))/y;
const WORD = /[\w.-]*/y;
const BLANK = / *(?:#[^\n]*(?:\n|$)|\r?\n)/y;

/**
 * Reads a manifest and the files that it includes.
 * @param cwd the folder in which ninja runs.
 * @param file the manifest, relative to cwd.
 * @throws Failure if it cannot be read, or is not a manifest.
 */
export function readManifest(cwd: string, file: string): Manifest {
  const manifest = new Manifest();
  const scope = new Scope();
  new Parser(manifest, cwd).file(file, scope);
  manifest.folder = scope.get('builddir');
  return manifest;
}

/** The needs that dyndep files add to edges. A file that is missing or invalid adds none. */
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
    const block = this.#block();
    const rule = ruleName === 'phony' ? PHONY : scope.rule(ruleName);
    if (!rule) this.#fail(`no rule ${ruleName}`);
    let inner = scope;
    if (block.size > 0) {
      inner = new Scope(scope);
      for (const [name, value] of block)
        inner.set(
          name,
          evaluate(value, (variable) => scope.get(variable)),
        );
    }
    const expand = (template: Template): string => expandPath(template, inner);
    this.#manifest.add(
      new Edge({
        rule,
        scope: inner,
        hasBlock: block.size > 0,
        outputs: [...outputs, ...more].map(expand),
        explicitOutputs: outputs.length,
        needs: [...ins, ...implicit, ...orderOnly].map(expand),
        explicitInputs: ins.length,
        inputs: ins.length + implicit.length,
      }),
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

  /** Reads a text with variables up to the line's end, or a path up to its end. */
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

  /** Skips `|`, `||` or `|@`; `|` does not match the longer ones. */
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

  /** Skips an empty line or a comment. */
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
