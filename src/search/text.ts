// Lines of a log in the form in which they are searched and shown: decoded as far as possible, without escape
// sequences, and in their last state if they were redrawn.

import { isAscii, isUtf8 } from 'node:buffer';
import { CarriageFilter } from '../render/carriage.ts';
import { Sanitizer } from '../render/sanitize.ts';

const CR = 0x0d;
const ESC = 0x1b;

/**
 * A text, and how to convert it back to its bytes. Bytes that are not UTF-8 are decoded as Latin-1, so that
 * each byte becomes one character.
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
 * Returns complete lines as `show` prints them without colours: without escape sequences, and with only the
 * last state of a line that was redrawn with `\r`. The number of lines stays the same. If nothing has to
 * change, returns the bytes themselves.
 */
export function cleaned(bytes: Buffer): Buffer {
  let text = bytes;
  if (text.includes(CR)) text = through(new CarriageFilter(), text);
  if (text.includes(ESC)) text = through(new Sanitizer('strip'), text);
  return text;
}

/** Makes bytes safe for a terminal: removes control characters. */
export function harmless(bytes: Buffer): Buffer {
  return through(new Sanitizer('strip'), bytes);
}

function through(filter: { push(bytes: Buffer): Buffer; flush(): Buffer }, bytes: Buffer): Buffer {
  const start = filter.push(bytes);
  const end = filter.flush();
  return end.length === 0 ? start : Buffer.concat([start, end]);
}
