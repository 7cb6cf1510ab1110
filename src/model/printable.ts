// Makes text from elsewhere printable in loglin's own lines: names, commands, messages, values of options.
// Such text may hold anything: escape sequences, newlines, characters that reverse the text direction,
// characters that show nothing. Pure. Job output is handled elsewhere (render/sanitize.ts).

/**
 * The alternatives, in order: an emoji with its joiners; a joiner or a variation selector after a letter of a
 * script that needs it; and the rest, which alone is replaced. The rest are controls (C0, DEL, C1), format
 * characters (bidi controls, zero-width characters, the byte order mark), halves of surrogate pairs, line and
 * paragraph separators, and characters that show nothing.
 */
const UNPRINTABLE =
  /\p{ExtPict}(?:\ufe0f|\p{EMod})?(?:\u200d\p{ExtPict}(?:\ufe0f|\p{EMod})?)*|(?<=[^\p{sc=Latn}\p{sc=Zyyy}\p{sc=Grek}\p{sc=Cyrl}])[\u200c\u200d\ufe00-\ufe0f\u{e0100}-\u{e01ef}]|([\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}])/gu;
/** Latin letters, quotation marks and dashes, as compilers print them: all of them are printable. */
const LATIN = /^[ -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u203b]*$/;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Returns a name as it can stand in a line, on a terminal or in a pipe. What is not printable is shown as
 * `\n`, `\x1b`, `\u202e`, `\u{e0041}`. Applying it twice changes nothing more. A backslash stays as it is, so
 * the result is for reading, not for parsing.
 */
export function escapeName(name: string): string {
  // The fast path for nearly all names. Compiling the other expression takes longer than showing a small
  // build.
  if (/^[ -~]*$/.test(name) || LATIN.test(name)) return name;
  return name.replace(UNPRINTABLE, (whole: string, bad: string | undefined) =>
    bad === undefined ? whole : (SHORT[bad] ?? escaped(bad.codePointAt(0) ?? 0)),
  );
}

function escaped(code: number): string {
  const hex = code.toString(16);
  if (code > 0xffff) return `\\u{${hex}}`;
  return code > 0xff ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
}

/** Escapes a line of a log like escapeName, but leaves its tabs. */
export function escapeLine(line: string): string {
  return line.split('\t').map(escapeName).join('\t');
}

/** Escapes several lines like escapeName. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeName).join('\n');
}

/**
 * Characters that JSON leaves unescaped although a terminal obeys them or shows nothing: DEL, C1, format
 * characters except joiners, line and paragraph separators.
 */
const OBEYED = /[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Returns a value as JSON in one line. Characters that a terminal obeys are written as `\u009b`, so that
 * parsing the line yields the value itself.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
