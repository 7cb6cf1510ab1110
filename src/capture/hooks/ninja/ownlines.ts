// The lines that ninja prints about itself (`ninja: …`), each with the process that printed it: several may
// write into one log.

import type { NinjaInstance } from './instance.ts';

const OWN = Buffer.from('ninja: ');
const ENTERS = /^ninja: Entering directory `(.*)'$/;

/** A line, and which ninja printed it; undefined: it is another line, or that is not known. */
export interface OwnLine {
  readonly bytes: Buffer;
  readonly by: NinjaInstance | undefined;
}

export function hasOwnLine(text: Buffer): boolean {
  return text.includes(OWN);
}

/** @param writers those that write there. @param exiting the one that ends now, if any. */
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

/** Lines, each with its end; the last one may have none. */
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
 * Which of several ninjas printed a line: the one in the folder that it names, the one that ends now, or one
 * that has not concluded.
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
