// Variables and rules of ninja's manifest, and the expansion of texts with variables. Pure.

/** A text with variables: literal pieces at even indices, names of variables at odd ones. */
export type Template = readonly string[];

export interface Rule {
  readonly name: string;
  readonly bindings: ReadonlyMap<string, Template>;
}

/** The variables and rules of a file, or of an edge's own block. */
export class Scope {
  readonly #parent: Scope | undefined;
  readonly #values = new Map<string, string>();
  readonly #rules = new Map<string, Rule>();

  constructor(parent?: Scope) {
    this.#parent = parent;
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** The value in this scope, without those around it. */
  local(name: string): string | undefined {
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

/** Expands the variables of a text. */
export function evaluate(template: Template, value: (name: string) => string): string {
  if (template.length === 1) return template[0] ?? '';
  let text = '';
  template.forEach((piece, i) => (text += i % 2 === 0 ? piece : value(piece)));
  return text;
}

/** The path that a text stands for. */
export function expandPath(template: Template, scope: Scope): string {
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
