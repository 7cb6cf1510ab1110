// A search pattern, compiled to be fast: a regular expression for one line and, if possible, a literal that
// each matching line must contain, for Buffer.indexOf, or an expression that runs over many lines at once.
// Knows no log.

import { Failure } from '../model/failure.ts';
import { escapeRegExp } from '../model/regexp.ts';
import { shellWord } from '../render/formats.ts';

export interface PatternOptions {
  /** Not an expression: these very characters. */
  readonly fixed?: boolean | undefined;
  readonly ignoreCase?: boolean | undefined;
  /** Only where no letter, digit or _ stands directly before or after. */
  readonly words?: boolean | undefined;
}

export interface Pattern {
  /** Global; what matches in one line, which has no newline. */
  readonly line: RegExp;
  /** Each matching line holds these bytes. */
  readonly literal: Buffer | undefined;
  /** And each line that holds them matches. */
  readonly exact: boolean;
  /**
   * Global; matches at least where `line` does, in a text of many lines, and never beyond a line's end. Not
   * where `literal` is there.
   */
  readonly lines: RegExp | undefined;
  /** `lines` finds the same in bytes of UTF-8 that were taken for Latin-1. */
  readonly bytewise: boolean;
}

/**
 * @param patterns each may be several, a line each, as grep has it; a line matches where one of them does.
 * @throws Failure where one is no expression.
 */
export function compilePattern(patterns: readonly string[], options: PatternOptions = {}): Pattern {
  const all = patterns.flatMap((text) => text.split('\n'));
  for (const text of all) if (!options.fixed) check(text);
  const sources = options.fixed ? all.map(escapeRegExp) : all;
  const source = sources.length === 1 ? (sources[0] ?? '') : sources.map((one) => `(?:${one})`).join('|');
  const { literal, whole, safe, bytewise } = examine(source);
  const { ignoreCase = false, words = false } = options;
  const bounded = (text: string): string => (words ? String.raw`(?<!\w)(?:${text})(?!\w)` : text);
  const flags = `g${ignoreCase ? 'i' : ''}${bytewise ? '' : unicode(source)}`;
  const bytes = ignoreCase || literal === '' ? undefined : Buffer.from(literal);
  return {
    line: new RegExp(bounded(source), flags),
    literal: bytes,
    exact: bytes !== undefined && whole && !words,
    lines: bytes !== undefined || safe === undefined ? undefined : new RegExp(bounded(safe), `${flags}m`),
    bytewise,
  };
}

/** What V8 says of an expression that is none. */
const IN_OUR_WORDS: Readonly<Record<string, string>> = {
  'Unterminated group': '( without )',
  "Unmatched ')'": ') without (',
  'Unterminated character class': '[ without ]',
  'Nothing to repeat': 'nothing stands before *, + or ?',
  'Range out of order in character class': 'a range in [ ] ends before it begins',
  'numbers out of order in {} quantifier': 'the numbers in { } are the wrong way round',
  '\\ at end of pattern': 'it ends in a lone \\',
};

function check(text: string): void {
  try {
    new RegExp(text);
  } catch (plain) {
    try {
      new RegExp(text, 'u');
    } catch {
      const why = plain instanceof Error ? plain.message.replace(/^.*: /s, '') : '';
      throw new Failure(`${shellWord(text)}: no regular expression: ${IN_OUR_WORDS[why] ?? why}`);
    }
  }
}

/** With it, `\p{…}` and characters beyond U+FFFF work; but not every sloppy escape does. */
function unicode(source: string): 'u' | '' {
  try {
    new RegExp(source, 'u');
    return 'u';
  } catch {
    return '';
  }
}

/** What can be said of a regular expression without running it. */
interface Examined {
  /** The longest text that stands in each match; '' where none is known. */
  readonly literal: string;
  /** The expression is this text and nothing else. */
  readonly whole: boolean;
  /** The same expression where a newline is matched by nothing; undefined where that is not clear. */
  readonly safe: string | undefined;
  readonly bytewise: boolean;
}

const ESCAPE = /^\\(?:x[\da-f]{2}|u[\da-f]{4}|u\{[^}]*\}|c[a-z]|p\{[^}]*\}|k<[^>]*>|\d+|.)/isu;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;

/** A piece of an expression. `length`: how much of the expression it is. */
type Token = CharacterToken | OtherToken;

/** A character that stands for itself. */
interface CharacterToken {
  readonly kind: 'character';
  readonly length: number;
  readonly text: string;
}

interface OtherToken {
  readonly kind: 'open' | 'close' | 'or' | 'quantifier' | 'other';
  readonly length: number;
  /** As Examined has them. */
  readonly safe: string | undefined;
  readonly bytewise: boolean;
}

/** The token at an index of an expression that is known to compile. */
function tokenAt(source: string, i: number): Token {
  const rest = source.slice(i, i + 64);
  const c = String.fromCodePoint(source.codePointAt(i)!);
  const same = (kind: OtherToken['kind'], text: string): OtherToken => ({
    kind,
    length: text.length,
    safe: text,
    bytewise: true,
  });
  const quantifier = QUANTIFIER.exec(rest)?.[0];
  if (quantifier !== undefined) return same('quantifier', quantifier);
  switch (c) {
    case '\\':
      return escapeToken(ESCAPE.exec(rest)?.[0] ?? rest);
    case '[': {
      const set = /^\[\^?(?:\\.|[^\]\\])*\]/su.exec(source.slice(i))?.[0] ?? c;
      const inside = safeSet(set);
      return { kind: 'other', length: set.length, safe: inside?.text, bytewise: inside?.bytewise ?? false };
    }
    case '(': {
      const opening = /^\(\?(?:[:=!]|<[=!]|<[^>]*>)/.exec(rest)?.[0] ?? c;
      // (?i:…) and whatever else there may be.
      const unknown = opening === c && rest[1] === '?';
      return { ...same('open', opening), safe: unknown ? undefined : opening };
    }
    case ')':
      return same('close', c);
    case '|':
      return same('or', c);
    case '.':
      return { ...same('other', c), bytewise: false };
    case '^':
    case '$':
      return same('other', c);
    default:
      return { kind: 'character', text: c, length: c.length };
  }
}

function escapeToken(escape: string): Token {
  const { length } = escape;
  const meaning = ESCAPES[escape.slice(1)];
  if (meaning) return { kind: 'other', length, ...meaning };
  if (/^\\\w/.test(escape)) return { kind: 'other', length, safe: undefined, bytewise: false };
  return { kind: 'character', text: escape.slice(1), length };
}

/** Quantifiers that allow zero occurrences. */
const OPTIONAL = /^(?!\+|\{0*[1-9])/;

/** Reads an expression that is known to compile. It is careful with what it does not understand. */
function examine(source: string): Examined {
  let literal = '';
  /** The literal characters since the last token of another kind, outside of groups. */
  let run = '';
  let whole = true as boolean;
  let alternatives = false;
  let safe: string | undefined = '';
  let bytewise = true;
  let depth = 0;
  for (let i = 0; i < source.length;) {
    const token = tokenAt(source, i);
    const written = source.slice(i, i + token.length);
    i += token.length;
    if (token.kind === 'character') {
      bytewise &&= token.text <= '\x7f';
      if (depth === 0) run += token.text;
      if (safe !== undefined) safe += written;
      continue;
    }
    if (token.kind === 'quantifier' && OPTIONAL.test(written)) run = run.replace(/.$/su, '');
    if (run.length > literal.length) literal = run;
    run = '';
    whole = false;
    bytewise &&= token.bytewise;
    safe = safe === undefined || token.safe === undefined ? undefined : safe + token.safe;
    if (token.kind === 'open') depth++;
    if (token.kind === 'close') depth--;
    if (token.kind === 'or') alternatives ||= depth === 0;
  }
  if (run.length > literal.length) literal = run;
  return { literal: alternatives ? '' : literal, whole: whole && !alternatives, safe, bytewise };
}

/**
 * Escapes that are no literal characters: what is the same without newlines. Others with a letter or a digit
 * are left alone.
 */
const ESCAPES: Readonly<Record<string, { readonly safe: string; readonly bytewise: boolean } | undefined>> = {
  b: { safe: String.raw`\b`, bytewise: true },
  B: { safe: String.raw`\B`, bytewise: true },
  d: { safe: String.raw`\d`, bytewise: true },
  w: { safe: String.raw`\w`, bytewise: true },
  t: { safe: String.raw`\t`, bytewise: true },
  s: { safe: String.raw`[^\S\n]`, bytewise: false },
  S: { safe: String.raw`\S`, bytewise: false },
  D: { safe: String.raw`[^\d\n]`, bytewise: false },
  W: { safe: String.raw`[^\w\n]`, bytewise: false },
};

/** A set without newlines; undefined where that is not clear. */
function safeSet(set: string): { readonly text: string; readonly bytewise: boolean } | undefined {
  const negated = set.startsWith('[^');
  const inside = set.slice(negated ? 2 : 1, -1);
  if (negated) return { text: `[^${inside}\\n]`, bytewise: false };
  // A range may run over a newline only if it begins with a control character.
  if (/[\x00-\x1f]|\\[^dw\W]/.test(inside)) return undefined;
  return { text: set, bytewise: /^[\x20-\x7e]*$/.test(inside) };
}
