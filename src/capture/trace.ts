// LOGLIN_TRACE=FILE: a line for each record that is read, each slot that changes hands, and each decision. It
// is for debugging the capture. The capture library appends to the same file (library/slots.c: ll_trace).
// Knows nothing of what it writes.

import fs from 'node:fs';
import path from 'node:path';
import { Failure, reason } from '../model/failure.ts';
import { openPrivate, writeAll } from '../store/privatefiles.ts';

/**
 * Writes one line.
 * @param what a word: `record`, `slot`, `event`.
 * @param details strings are written as they are, other values as JSON.
 */
export type Trace = (what: string, ...details: unknown[]) => void;

/** Longer lines are cut: a record may hold a command of megabytes. */
const LONGEST = 4000;

/**
 * The absolute path of the trace that the environment asks for, since the build's programs run in other
 * folders; undefined if there is none.
 */
export function traceFile(environment: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const name = environment.LOGLIN_TRACE;
  return name ? path.resolve(name) : undefined;
}

/**
 * Opens a trace, to append to it.
 * @param file made if it is missing. Its mode becomes 0600, since commands may hold secrets.
 * @throws Failure if it cannot be written.
 */
export function openTrace(file: string): Trace {
  let fd: number;
  try {
    fd = openPrivate(file, 'a');
    fs.fchmodSync(fd, 0o600);
  } catch (error) {
    throw new Failure(`LOGLIN_TRACE: ${file}: ${reason(error)}; the build is not traced`);
  }
  let broken = false;
  return (what, ...details) => {
    if (broken) return;
    const text = details.map((detail) => (typeof detail === 'string' ? detail : JSON.stringify(detail)));
    const line = [what, ...text].join(' ').replaceAll(/\p{Cc}/gu, '?');
    const cut = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
    try {
      // One appending write for each line, so that the lines of several processes stay whole.
      writeAll(fd, Buffer.from(`${(Date.now() / 1000).toFixed(3)} ${process.pid} ${cut}\n`));
    } catch {
      // The disk is full: the build matters more than its trace.
      broken = true;
    }
  };
}
