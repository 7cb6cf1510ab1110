// Looks into JSON that somebody else has written: a value of another type than expected counts as missing.

export type Json = Readonly<Record<string, unknown>>;

/**
 * Parses JSON that may have comments and commas before brackets, as turbo.json may. What a runner writes for
 * itself has none, but may be long.
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  const marked = text.replace(/^\ufeff/, '');
  try {
    return objectOf(JSON.parse(marked));
  } catch {
    return objectOf(JSON.parse(withoutExtras(marked)));
  }
}

/** A text, also one without an end: no start of one is then looked for in it. */
const TEXT = String.raw`("[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$))`;
const COMMENT = new RegExp(String.raw`${TEXT}|\/\/.*|\/\*(?:[^]*?\*\/|[^]*$)`, 'g');
const COMMA = new RegExp(String.raw`${TEXT}|,(?=\s*[}\]])`, 'g');

const withoutExtras = (text: string): string => text.replace(COMMENT, '$1').replace(COMMA, '$1');

/** The value, if it is an object; else an empty one. */
export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The value, if it is a list; else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value, if it is a text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The texts in a list. */
export function textsOf(value: unknown): string[] {
  return listOf(value).flatMap((one) => textOf(one) ?? []);
}
