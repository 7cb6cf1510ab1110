// How a reader's lines are compared with those of jobs: without colours, and maybe behind a prefix.

/** A line shorter than this does not teach a prefix. */
export const TELLING = 4;
export const LONGEST_PREFIX = 100;

/** A line as text, a character for each byte, without colours. A terminal makes newlines \r\n. */
export function plain(bytes: Buffer): string {
  const text = bytes.toString('latin1').replace(/\r\n$/, '\n');

  return text.includes('\x1b') ? text.replaceAll(/\x1b\[[0-9;:]*m/g, '') : text;
}

/** Too short to tell anything. */
export function isShort(text: string): boolean {
  return text.trimEnd().length < TELLING;
}

/** May a prefix of the text end at this offset? */
export function isPrefixEnd(text: string, at: number): boolean {
  return /[\s\]:|>]/.test(text[at - 1] ?? '');
}

/** Is the line this text behind a prefix? */
export function isPrefixed(line: string, text: string): boolean {
  const prefix = line.length - text.length;
  if (prefix <= 0 || prefix > LONGEST_PREFIX || isShort(text)) return false;
  return line.endsWith(text) && isPrefixEnd(line, prefix);
}
