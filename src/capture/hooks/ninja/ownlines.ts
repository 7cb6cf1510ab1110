// Finds the lines that ninja prints about itself (`ninja: …`), and the process that printed each: several may
// write to one log.

import type { NinjaInstance } from './instance.ts';

const OWN = Buffer.from('ninja: ');
const ENTERS = /^ninja: Entering directory `(.*)'$/;

/** A line and the ninja that printed it; undefined for another line, or if that is unknown. */
export interface OwnLine {
  readonly bytes: Buffer;
  readonly by: NinjaInstance | undefined;
}

export function hasOwnLine(text: Buffer): boolean {
  return text.includes(OWN);
}

/** @param writers the ninjas that write there. @param exiting the ninja that is just ending, if any. */
export function ownLines(
  text: Buffer,
  writers: readonly NinjaInstance[],
  exiting: NinjaInstance | undefined,
): OwnLine[] {
  return linesOf(text).map((bytes) => {
    const isOwn = bytes.subarray(0, OWN.length).equals(OWN);
    return { bytes, by: isOwn ? writerOf(bytes, writers, exiting) : undefined };
  });
}

/** Lines with their newlines; the last one may have none. */
function linesOf(text: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf(0x0a, at) + 1 || text.length;
    lines.push(text.subarray(at, end));
    at = end;
  }
  return lines;
}

/**
 * Finds out which of several ninjas printed a line: the one in the folder that the line names, the one that
 * is just ending, or one that has not concluded.
 */
function writerOf(
  line: Buffer,
  writers: readonly NinjaInstance[],
  exiting: NinjaInstance | undefined,
): NinjaInstance | undefined {
  if (writers.length === 1) return writers[0];
  const entered = ENTERS.exec(line.toString('utf8').replace(/\n$/, ''))?.[1];
  if (entered !== undefined) return writers.find((one) => one.line.folder === entered);
  const running = writers.filter((one) => !one.concluded);
  const by = exiting && running.includes(exiting) ? exiting : running[0];
  if (by) by.concluded = true;
  return by;
}
