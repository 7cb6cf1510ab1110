// Compares the wire's table (src/capture/wire.ts) with the sources of the senders. So a record of an unknown
// kind, or with another number of fields, is found before any recorder gets it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Recording } from '../../src/capture/hooks/hook.ts';
import { TOOLS } from '../../src/capture/hooks/list.ts';
import { type KindOfRecord, WIRE, fieldsOf, statusOf } from '../../src/capture/wire.ts';

const FOLDER = 'src/capture';

/** A record that a sender makes. */
interface Sent {
  readonly kind: string;
  /** The number of fields, and whether any number of others follows. */
  readonly fields: number;
  readonly rest: boolean;
}

// -- C ------------------------------------------------------------------------------------------------------

/** The effect of a piece of C on the record that is being made. */
interface Made {
  readonly fields: number;
  readonly rest: boolean;
}

const NOTHING: Made = { fields: 0, rest: false };

/** Follows each function of a C file, with its calls that add fields, up to the records that it sends. */
class CReader {
  readonly sent: Sent[] = [];
  readonly #text: string;
  /** The functions that add fields to a record of their caller: their first parameter is a record. */
  readonly #helpers = new Map<string, string>();
  readonly #bodies: { readonly name: string; readonly body: string }[] = [];

  /** @param texts the sources of the whole library, since helpers are in other files. */
  constructor(text: string, texts: readonly string[]) {
    this.#text = withoutComments(text);
    for (const one of texts)
      for (const { name, parameters, body } of functionsOf(withoutComments(one)))
        if (parameters.startsWith('struct record *r') && !name.startsWith('record_send'))
          this.#helpers.set(name, body);
    for (const { name, parameters, body } of functionsOf(this.#text))
      if (!parameters.startsWith('struct record *r')) this.#bodies.push({ name, body });
  }

  read(): readonly Sent[] {
    for (const { name, body } of this.#bodies) this.#block(body, NOTHING, name);
    // Records that are made as text.
    for (const [, kind = '', fields = ''] of this.#text.matchAll(
      /\\x1e%s([A-Za-z]):((?:[^"\\]|\\t|\\0)*)\\x1f/g,
    ))
      this.sent.push({ kind, fields: fields.split('\\t').length, rest: false });
    return this.sent.filter(
      (one, i, all) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i,
    );
  }

  /** @returns the fields of the record at the end of a block. */
  #block(text: string, before: Made, owner: string): Made {
    let made = before;
    for (let at = 0; at < text.length;) {
      const rest = text.slice(at);
      const condition = /^\s*if\s*\(/.exec(rest);
      const loop = /^\s*(?:for|while)\s*\(/.exec(rest);
      if (condition) {
        const after = at + condition[0].length - 1;
        const [yes, afterYes] = statement(text, endOf(text, after));
        const other = /^\s*else\b/.exec(text.slice(afterYes));
        const [no, end] = other ? statement(text, afterYes + other[0].length) : ['', afterYes];
        const a = this.#block(yes, made, owner);
        const b = this.#block(no, made, owner);
        // A branch that sends a record leaves none behind. A branch without effect leaves the record
        // unchanged.
        made = a.fields >= b.fields ? a : b;
        if (other && sends(yes) && sends(no)) made = NOTHING;
        at = end;
      } else if (loop) {
        const [body, end] = statement(text, endOf(text, at + loop[0].length - 1));
        const inside = this.#block(body, made, owner);
        made = inside.fields > made.fields ? { fields: made.fields, rest: true } : inside;
        at = end;
      } else {
        const [one, end] = statement(text, at);
        made = one.trimStart().startsWith('{')
          ? this.#block(one.trim().slice(1, -1), made, owner)
          : this.#simple(one, made, owner);
        at = end;
      }
    }
    return made;
  }

  #simple(text: string, before: Made, owner: string): Made {
    let { fields, rest } = before;
    for (const [, name = '', after = ''] of text.matchAll(/\b(\w+)\(&?r\b([^;]*)/g)) {
      if (name === 'record_start') [fields, rest] = [0, false];
      else if (name === 'record_add' || name === 'record_addf') fields++;
      else if (name === 'record_send') this.#send(after, { fields, rest }, owner);
      else {
        const body = this.#helpers.get(name);
        if (body === undefined) continue;
        ({ fields, rest } = this.#block(body, { fields, rest }, name));
      }
    }
    return { fields, rest };
  }

  #send(after: string, made: Made, owner: string): void {
    const kind = /,\s*'(.)'\s*\)/.exec(after)?.[1];
    if (kind !== undefined) this.sent.push({ kind, ...made });
    else this.#viaParameter.set(owner, made);
  }

  /** The functions that send a record of a kind that is their argument. */
  readonly #viaParameter = new Map<string, Made>();

  /** The kinds that this file passes to such functions of other files. */
  calls(of: ReadonlyMap<string, Made>): Sent[] {
    return [...of].flatMap(([name, made]) =>
      [...this.#text.matchAll(new RegExp(`\\b${name}\\('(.)'`, 'g'))].map(([, kind = '']) => ({
        kind,
        ...made,
      })),
    );
  }

  get viaParameter(): ReadonlyMap<string, Made> {
    return this.#viaParameter;
  }
}

function sends(text: string): boolean {
  return text.includes('record_send(');
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*#.*(?:\\\n.*)*$/gm, '');
}

/** The position after the bracket that closes the one at this place. */
function endOf(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const c = text[at] ?? '';
    if (c === '"' || c === "'") {
      for (at++; at < text.length && text[at] !== c; at++) if (text[at] === '\\') at++;
    } else if ('({['.includes(c)) depth++;
    else if (')}]'.includes(c) && --depth === 0) return at + 1;
  }
  return text.length;
}

/**
 * The statement that begins here (a block, a compound statement, or up to a semicolon), and the position of
 * the next one.
 */
function statement(text: string, from: number): [string, number] {
  const at = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  if (text[at] === '{') return [text.slice(at, endOf(text, at)), endOf(text, at)];
  const compound = /^(?:if|for|while)\s*\(/.exec(text.slice(at));
  if (compound) {
    let [, end] = statement(text, endOf(text, at + compound[0].length - 1));
    const other = /^\s*else\b/.exec(text.slice(end));
    if (other) [, end] = statement(text, end + other[0].length);
    return [text.slice(at, end), end];
  }
  let end = at;
  while (end < text.length && text[end] !== ';')
    end = '({['.includes(text[end] ?? '') ? endOf(text, end) : end + 1;
  return [text.slice(at, end + 1), end + 1];
}

function functionsOf(text: string): { name: string; parameters: string; body: string }[] {
  const found: { name: string; parameters: string; body: string }[] = [];
  for (const match of text.matchAll(/^[A-Za-z_][^\n;={}]*?\b(\w+)\(([^;{}]*)\)\s*\{/gm)) {
    const open = match.index + match[0].length - 1;
    found.push({
      name: match[1] ?? '',
      parameters: (match[2] ?? '').replaceAll(/\s+/g, ' '),
      body: text.slice(open + 1, endOf(text, open) - 1),
    });
  }
  return found;
}

function sentByC(file: string): readonly Sent[] {
  const library = path.join(FOLDER, 'library');
  const texts = fs
    .readdirSync(library)
    .filter((name) => name.endsWith('.c'))
    .map((name) => fs.readFileSync(path.join(library, name), 'utf8'));
  const viaParameter = new Map<string, Made>();
  for (const text of texts) {
    const reader = new CReader(text, texts);
    reader.read();
    for (const [name, made] of reader.viaParameter) viaParameter.set(name, made);
  }
  const reader = new CReader(fs.readFileSync(file, 'utf8'), texts);
  return [...reader.read(), ...reader.calls(viaParameter)];
}

// -- sh -----------------------------------------------------------------------------------------------------

/** The words of a command, each of which is quoted as a whole or not at all. */
function shellWords(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+/g) ?? [];
}

/** Counts words as fields; `"$@"` is any number of them. */
function counted(kind: string, words: readonly string[]): Sent {
  const rest = words.at(-1) === '"$@"';
  return { kind, fields: words.length - (rest ? 1 : 0), rest };
}

function sentBySh(file: string): readonly Sent[] {
  const text = fs
    .readFileSync(file, 'utf8')
    .replaceAll('\\\n', '')
    .replaceAll(/^\s*#.*$/gm, '');
  const sent: Sent[] = [];
  // `ll_send K "$a" "$b"`: fields through a spool file.
  for (const [, kind = '', fields = ''] of text.matchAll(/\bll_send ([A-Za-z]) ([^\n]*)/g))
    sent.push(counted(kind, shellWords(fields)));
  // `ll_record "S:$a<tab>$b"`, `ll_send "D:…"`: the whole record.
  for (const [, kind = '', fields = ''] of text.matchAll(/\bll_(?:record|send) "([A-Za-z]):([^"]*)"/g))
    sent.push({ kind, fields: fields.split('\t').length, rest: false });
  // `printf '%s\0' … >"$ll_build/r.$ll_id"`, then `ll_send "C@r.$ll_id"`: a spool file of its own.
  for (const [, fields = '', kind = ''] of text.matchAll(
    /printf '%s\\0' ([^>\n]*) >"\$ll_build\/r\.\$ll_id"[^\n]*\n\s*ll_send "([A-Za-z])@r\.\$ll_id"/g,
  ))
    sent.push(counted(kind, shellWords(fields)));
  return sent;
}

// -- Perl, Python, TypeScript -------------------------------------------------------------------------------

/** Splits a list at commas outside brackets and quotes. */
function listItems(text: string): string[] {
  const items: string[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const c = text[at] ?? ',';
    if ('({["\''.includes(c)) {
      const close = c === '"' || c === "'" ? text.indexOf(c, at + 1) : endOf(text, at) - 1;
      at = close;
    } else if (c === ',') {
      items.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return items.filter((item) => item !== '');
}

function sentByPerl(file: string): readonly Sent[] {
  const text = fs.readFileSync(file, 'utf8').replaceAll(/^\s*#.*$/gm, '');
  return [...text.matchAll(/\brecord\('(.)', /g)].map((match) => {
    const open = text.indexOf('(', match.index);
    const [, ...fields] = listItems(text.slice(open + 1, endOf(text, open) - 1));
    return { kind: match[1] ?? '', fields: fields.length, rest: false };
  });
}

function sentByPython(file: string): readonly Sent[] {
  const text = fs.readFileSync(file, 'utf8').replaceAll(/#.*$/gm, '');
  return [...text.matchAll(/\.\w+\('([A-Za-z])', \[/g)].map((match) => {
    const open = match.index + match[0].length - 1;
    const fields = listItems(text.slice(open + 1, endOf(text, open) - 1));
    const rest = fields.at(-1)?.startsWith('*') === true;
    return { kind: match[1] ?? '', fields: fields.length - (rest ? 1 : 0), rest };
  });
}

function sentBy(file: string): readonly Sent[] {
  if (file.endsWith('.c')) return sentByC(file);
  if (file.endsWith('.sh')) return sentBySh(file);
  if (file.endsWith('.pm')) return sentByPerl(file);
  if (file.endsWith('.py')) return sentByPython(file);
  return [];
}

/** Files that could send records, below src/ and bin/. */
function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => fs.statSync(file).isFile());
}

// -- the table ----------------------------------------------------------------------------------------------

const KINDS: readonly [string, KindOfRecord][] = Object.entries(WIRE);

test('each file sends the kinds of records that the table says, and no others', () => {
  const bySender = new Map<string, Set<string>>();
  for (const file of filesBelow(FOLDER))
    for (const { kind } of sentBy(file)) {
      const name = path.relative(FOLDER, file);
      bySender.set(name, (bySender.get(name) ?? new Set()).add(kind));
    }
  const inTable = new Map<string, Set<string>>();
  for (const [kind, { senders }] of KINDS)
    for (const sender of senders) inTable.set(sender, (inTable.get(sender) ?? new Set()).add(kind));
  const sorted = (map: ReadonlyMap<string, ReadonlySet<string>>): [string, string][] =>
    [...map].map(([name, kinds]): [string, string] => [name, [...kinds].sort().join('')]).sort();
  assert.deepEqual(sorted(bySender), sorted(inTable));
});

for (const [kind, { what, senders, fields, rest }] of KINDS)
  for (const sender of senders)
    test(`${kind} (${what}): ${sender} sends the fields of the table`, () => {
      const sent = sentBy(path.join(FOLDER, sender)).filter((one) => one.kind === kind);
      assert.ok(sent.length > 0);
      const count = Object.keys(fields).length;
      for (const one of sent) {
        // A command in one field counts as the fields that follow.
        const isOneOfRest = rest !== undefined && !one.rest && one.fields === count + 1;
        if (!isOneOfRest)
          assert.deepEqual(
            { ...one },
            { kind, fields: count, rest: rest !== undefined },
            JSON.stringify(one),
          );
      }
    });

test('each kind of record is handled, by one hook', () => {
  // Until a record comes, hooks ask only for the wrapped command.
  const recording = { command: { argv: ['make'], cwd: '/' } } as unknown as Recording;
  const handled = TOOLS.flatMap((tool) => Object.keys(tool.records?.(recording)?.handlers ?? {}));
  assert.deepEqual(handled.sort(), Object.keys(WIRE).sort());
});

test('no other file makes records: TypeScript only reads them, bin/ only has them sent', () => {
  const files = [...filesBelow('src'), ...filesBelow('bin')];
  const marked = files.filter((file) => /\\x1e|\\036|\\u001e/.test(fs.readFileSync(file, 'utf8')));
  assert.deepEqual(marked.sort(), [
    'src/capture/framing.ts',
    'src/capture/hooks/cargo/rustc.sh',
    'src/capture/hooks/nested/shim.sh',
    'src/capture/hooks/parallel/LoglinParallel.pm',
    'src/capture/hooks/scons/site/loglin_scons.py',
    'src/capture/library/slots.c',
  ]);
});

test('fields are named in order; missing ones are empty, and those that follow are a list', () => {
  assert.deepEqual(fieldsOf('P', ['1.a.0', '2', '1', '5', 'cc', '-c', 'x.c']), {
    job: '1.a.0',
    step: '2',
    framed: '1',
    time: '5',
    argv: ['cc', '-c', 'x.c'],
  });
  assert.deepEqual(fieldsOf('P', ['1.a.0']), { job: '1.a.0', step: '', framed: '', time: '', argv: [] });
  assert.deepEqual(fieldsOf('E', ['1.a.0', 'more']), { job: '1.a.0' });
});

test('statusOf: the forms of wait(), of a shell, and of exit()', () => {
  assert.deepEqual(
    ['0', '2', '-9', '-', '', '1.5', '1000'].map((text) => statusOf(text)),
    [{ exit: 0 }, { exit: 2 }, { signal: 9 }, undefined, undefined, undefined, undefined],
  );
  assert.deepEqual(
    ['0', '137', '128', '160', '-9'].map((text) => statusOf(text, 'shell')),
    [{ exit: 0 }, { signal: 9 }, { exit: 128 }, { exit: 160 }, undefined],
  );
  assert.deepEqual(
    ['137', '256', '-1', ''].map((text) => statusOf(text, 'exit')),
    [{ exit: 137 }, { exit: 256 }, undefined, undefined],
  );
  assert.deepEqual([statusOf(3), statusOf(-2)], [{ exit: 3 }, { signal: 2 }]);
});
