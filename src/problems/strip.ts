// Strips a log's text of what only a terminal understands. Knows no lines.

/** OSC and other strings up to their end, CSI, and other escape sequences (ECMA-48). */
const ESCAPES = /\x1b(?:[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\[[0-?]*[ -/]*[@-~]?|[ -/]*[0-~]?)/g;
/**
 * C0 without the tab, DEL, C1; and the characters that expressions take for the end of a line, so that they
 * hide no part of one.
 */
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/g;

/**
 * Removes escape sequences. Other control characters become U+FFFD, the mark for what is not text. Tabs stay.
 */
export function plain(text: string): string {
  // Nearly all text has none of them. Each escape sequence begins with one.
  if (text.search(CONTROLS) < 0) return text;
  return text.replace(ESCAPES, '').replace(CONTROLS, '\ufffd');
}
