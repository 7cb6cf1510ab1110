// Ranges of bytes in requests (RFC 9110, 14). Pure.

/** A part of a file: its first byte, and the one after its last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Which part of a file is asked for.
 * @param header the value of `Range`.
 * @param size of the file, in bytes.
 * @returns undefined for all of it: no range, one that is not understood, or several, which a server may
 *   ignore.
 */
export function rangeOf(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { from: size - length, to: size };
  }
  const from = Number(first);
  const to = last === '' ? size : Number(last) + 1;
  if (to <= from && last !== '') return undefined;
  return from >= size ? 'unsatisfiable' : { from, to: Math.min(to, size) };
}
