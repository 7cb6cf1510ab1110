// Lines of a log as they are searched and shown: decoded as far as they can be, without escape sequences,
// redrawn ones as they ended.

import { isAscii, isUtf8 } from 'node:buffer';
import { CarriageFilter } from '../render/carriage.ts';
import { Sanitizer } from '../render/sanitize.ts';

const CR = 0x0d;
const ESC = 0x1b;

/**
 * A text and how to get its bytes back. What is no UTF-8 is taken for Latin-1, so that each byte is a
 * character.
 */
export interface Decoded {
  readonly text: string;
  readonly encoding: 'utf8' | 'latin1';
}

export function decode(bytes: Buffer): Decoded {
  if (!isAscii(bytes) && isUtf8(bytes)) return { text: bytes.toString('utf8'), encoding: 'utf8' };
  return { text: bytes.toString('latin1'), encoding: 'latin1' };
}

/**
 * Whole lines as `show` prints them without colours: no escape sequences, and of a line that was redrawn with
 * `\r` what it ended as. As many lines as before. The bytes themselves where there is nothing to do.
 */
export function cleaned(bytes: Buffer): Buffer {
  let text = bytes;
  if (text.includes(CR)) text = through(new CarriageFilter(), text);
  if (text.includes(ESC)) text = through(new Sanitizer('strip'), text);
  return text;
}

/** As may be shown on a terminal: without control characters. */
export function harmless(bytes: Buffer): Buffer {
  return through(new Sanitizer('strip'), bytes);
}

function through(filter: { push(bytes: Buffer): Buffer; flush(): Buffer }, bytes: Buffer): Buffer {
  const start = filter.push(bytes);
  const end = filter.flush();
  return end.length === 0 ? start : Buffer.concat([start, end]);
}
