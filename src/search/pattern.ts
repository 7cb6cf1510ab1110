// Compiles a search pattern so that searching is fast: to a regular expression for one line and, if possible,
// a literal for Buffer.indexOf that each matching line must contain, or else an expression that runs over
// many lines at once. Knows no log.

import { Failure } from '../model/failure.ts';
import { escapeRegExp } from '../model/regexp.ts';
import { shellWord } from '../render/formats.ts';

export interface PatternOptions {
  /** The pattern is not an expression, but literal text. */
  readonly fixed?: boolean | undefined;
  readonly ignoreCase?: boolean | undefined;
  /** Matches only where no letter, digit or _ is directly before or after. */
  readonly words?: boolean | undefined;
}

export interface SearchPattern {
  /** Global; matches within one line, which has no newline. */
  readonly line: RegExp;
  /** Bytes that each matching line contains. */
  readonly literal: Buffer | undefined;
  /** Whether, in turn, each line that contains them matches. */
  readonly exact: boolean;
  /**
   * Global; matches in a text of many lines at least where `line` does, and never beyond a line's end. Absent
   * if that cannot be determined.
   */
  readonly lines: RegExp | undefined;
  /** Whether `lines` finds the same in UTF-8 bytes that were decoded as Latin-1. */
  readonly bytewise: boolean;
}

/**
 * Compiles patterns. A line matches if one of them does.
 * @param patterns each may contain several patterns, one per line, as in grep.
 * @throws Failure if one is not a valid expression.
 */
export function compilePattern(patterns: readonly string[], options: PatternOptions = {}): SearchPattern {
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
    lines: safe === undefined ? undefined : new RegExp(bounded(safe), `${flags}m`),
    bytewise,
  };
}

/** Returns the ranges of a line that match, without empty matches. */
export function matches({ line }: SearchPattern, text: string): [number, number][] {
  const found: [number, number][] = [];
  // matchAll begins where the last test of a line ended.
  line.lastIndex = 0;
  for (const match of text.matchAll(line))
    if (match[0] !== '') found.push([match.index, match.index + match[0].length]);
  return found;
}

/** V8's messages about invalid expressions, in our words. */
const ERROR_TEXTS: Readonly<Record<string, string>> = {
  'Unterminated group': '( without )',
  "Unmatched ')'": ') without (',
  'Unterminated character class': '[ without ]',
  'Nothing to repeat': 'nothing stands before *, + or ?',
  'Range out of order in character class': 'a range in [ ] ends before it begins',
  'numbers out of order in {} quantifier': 'the numbers in { } are the wrong way round',
  '\\ at end of pattern': 'it ends in a lone \\',
};

function check(text: string): void {
  const why = patternError(text);
  if (why !== undefined) throw new Failure(`${shellWord(text)}: no regular expression: ${why}`);
}

/** Returns why a text is no valid expression; undefined if it is one. */
export function patternError(text: string): string | undefined {
  try {
    new RegExp(text);
  } catch (plain) {
    if (unicode(text) !== '') return undefined;
    const why = plain instanceof Error ? plain.message.replace(/^.*: /s, '') : '';
    return ERROR_TEXTS[why] ?? why;
  }
  return undefined;
}

/** The flag `u` makes `\p{…}` and characters beyond U+FFFF work, but rejects some sloppy escapes. */
function unicode(source: string): 'u' | '' {
  try {
    new RegExp(source, 'u');
    return 'u';
  } catch {
    return '';
  }
}

/** The properties of a regular expression that are known without running it. */
interface Examined {
  /** The longest text that each match contains; '' if none is known. */
  readonly literal: string;
  /** Whether the expression is exactly this text. */
  readonly whole: boolean;
  /**
   * The same expression, changed so that nothing matches a newline; undefined if that cannot be determined.
   */
  readonly safe: string | undefined;
  readonly bytewise: boolean;
}

const ESCAPE = /^\\(?:x[\da-f]{2}|u[\da-f]{4}|u\{[^}]*\}|c[a-z]|p\{[^}]*\}|k<[^>]*>|\d+|.)/isu;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;

/** A piece of an expression. `length` is its length in the expression. */
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
  /** As in Examined. */
  readonly safe: string | undefined;
  readonly bytewise: boolean;
}

/** Returns the token at an index of an expression that is known to compile. */
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
      // (?i:…) and other groups that are not understood here.
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

/** Examines an expression that is known to compile. Assumes nothing about what it does not understand. */
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
 * Escapes that are not literal characters, with replacements that never match a newline. Other escapes with a
 * letter or a digit are not understood.
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

/** Returns a set that contains no newline; undefined if that cannot be determined. */
function safeSet(set: string): { readonly text: string; readonly bytewise: boolean } | undefined {
  const negated = set.startsWith('[^');
  const inside = set.slice(negated ? 2 : 1, -1);
  if (negated) return { text: `[^${inside}\\n]`, bytewise: false };
  // A range can include the newline only if it begins with a control character.
  if (/[\x00-\x1f]|\\[^dw\W]/.test(inside)) return undefined;
  return { text: set, bytewise: /^[\x20-\x7e]*$/.test(inside) };
}
