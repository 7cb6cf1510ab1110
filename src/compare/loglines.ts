// A log as lines that can be compared and shown: one string each, without anything that a terminal would
// obey.

import { isUtf8 } from 'node:buffer';
import { cleaned } from '../search/text.ts';
import type { LogChunk } from '../record/chunks.ts';

const NEWLINE = 0x0a;

/** Stands in for the newline that the last line lacks, as in a unified diff. */
const NO_NEWLINE = '\\ No newline at end of log';

/**
 * Yields the lines of a log without newlines. Bytes that are not UTF-8 appear as `\xff`. A line too long for
 * a chunk yields several lines.
 * @param exact keeps what a terminal would not show: escape sequences and other control characters appear as
 *   `\x1b`, and text redrawn with `\r` stays.
 */
export function* readableLines(chunks: Iterable<LogChunk>, exact: boolean): Generator<string, void> {
  let ended = true;
  for (const chunk of chunks) {
    if (chunk.bytes.length === 0) continue;
    ended = chunk.bytes.at(-1) === NEWLINE;
    const text = readable(exact ? chunk.bytes : cleaned(chunk.bytes));
    for (let at = 0; at < text.length;) {
      const newline = text.indexOf('\n', at);
      const end = newline < 0 ? text.length : newline;
      yield harmless(text.slice(at, end), exact);
      at = end + 1;
    }
  }
  if (exact && !ended) yield NO_NEWLINE;
}

function readable(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  // Each line is decoded separately, so that one bad byte does not make the whole chunk hard to read.
  const lines: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at) + 1 || bytes.length;
    const line = bytes.subarray(at, end);
    lines.push(
      isUtf8(line)
        ? line.toString('utf8')
        : line.toString('latin1').replaceAll(/[\x80-\xff]/g, (byte) => escaped(byte)),
    );
    at = end;
  }
  return lines.join('');
}

/** Removes control characters as a terminal would, or makes them visible if `shown`. */
function harmless(line: string, shown: boolean): string {
  if (!/[\x00-\x08\x0a-\x1f\x7f-\x9f]/.test(line)) return line;
  return line.replaceAll(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, (control) => (shown ? escaped(control) : ''));
}

function escaped(character: string): string {
  return String.raw`\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
