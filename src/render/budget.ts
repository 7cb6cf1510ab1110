// Which lines of a text fit into a number of bytes. Pure.

/** A line, without its newline, and how much it matters: 0 is what is printed first. */
export interface RankedLine {
  readonly text: string;
  readonly rank: number;
}

/**
 * Says of each line whether it is kept: those of the lowest rank first, each rank in the order of the text,
 * up to the first one that does not fit.
 * @param budget in bytes of UTF-8, newlines included.
 */
export function fitting(lines: readonly RankedLine[], budget: number): boolean[] {
  const kept = lines.map(() => false);
  const order = lines.map((_, i) => i).sort((a, b) => lines[a]!.rank - lines[b]!.rank || a - b);
  let left = budget;
  for (const i of order) {
    left -= lineBytes(lines[i]!.text);
    if (left < 0) break;
    kept[i] = true;
  }
  return kept;
}

/** The bytes that a line takes, with its newline. */
export function lineBytes(text: string): number {
  return Buffer.byteLength(text) + 1;
}
