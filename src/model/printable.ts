// What comes from elsewhere, as it may stand in a line of ours: names, commands, messages, values of options.
// They may hold anything: escape sequences, newlines, what turns the direction of text around, what shows
// nothing at all. Pure. Job output is not for this (render/sanitize.ts).

/**
 * In this order: an emoji, with the joiners that it is made of; a joiner or a variation after a letter of a
 * script that needs them; and else controls (C0, DEL, C1), format characters (bidi controls, zero-width
 * characters, the byte order mark), halves of surrogate pairs, separators of lines and paragraphs, and what
 * shows nothing. Only the last is replaced.
 */
const UNPRINTABLE =
  /\p{ExtPict}(?:\ufe0f|\p{EMod})?(?:\u200d\p{ExtPict}(?:\ufe0f|\p{EMod})?)*|(?<=[^\p{sc=Latn}\p{sc=Zyyy}\p{sc=Grek}\p{sc=Cyrl}])[\u200c\u200d\ufe00-\ufe0f\u{e0100}-\u{e01ef}]|([\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}])/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A name as it can stand in a line, on a terminal or in a pipe: what is not printable is shown as `\n`,
 * `\x1b`, `\u202e`, `\u{e0041}`. Twice is as once. A backslash stays as it is, so this is for reading, not
 * for parsing.
 */
export function escapeName(name: string): string {
  // Nearly all names; and the other expression takes longer to compile than a small build to show.
  if (/^[ -~]*$/.test(name)) return name;
  return name.replace(UNPRINTABLE, (whole: string, bad: string | undefined) =>
    bad === undefined ? whole : (SHORT[bad] ?? escaped(bad.codePointAt(0) ?? 0)),
  );
}

function escaped(code: number): string {
  const hex = code.toString(16);
  if (code > 0xffff) return `\\u{${hex}}`;
  return code > 0xff ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
}

/** Several lines, each as escapeName has it. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeName).join('\n');
}

/**
 * What JSON allows to stand as it is, and does something or shows nothing: DEL, C1, format characters but for
 * joiners, separators of lines.
 */
const OBEYED = /[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * A value as JSON in one line, with nothing in it that a terminal obeys: that is written as `\u009b`. What is
 * parsed is the value itself.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
