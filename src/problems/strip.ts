// Text of a log without what only a terminal understands. Knows no lines.

/** OSC and other strings up to their end, CSI, other escape sequences (ECMA-48). */
const ESCAPES = /\x1b(?:[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\[[0-?]*[ -/]*[@-~]?|[ -/]*[0-~]?)/g;
/**
 * C0 without the tab, DEL, C1; and what expressions take for the end of a line, where a line is not to be
 * hidden by it.
 */
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/g;

/**
 * Without escape sequences; other control characters become U+FFFD, which stands for what is no text. Tabs
 * stay.
 */
export function plain(text: string): string {
  return text.replace(ESCAPES, '').replace(CONTROLS, '\ufffd');
}
