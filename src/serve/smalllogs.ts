// Sends the small logs of jobs that follow each other in one answer, so that reading through all logs of a
// build does not take a request for each. The answer's first line is [[job, size]…] in JSON, then come the
// bytes of these logs, back to back. A log that is large, empty, missing or no plain file is left out.

import fs from 'node:fs';
import type { JobId } from '../model/ids.ts';
import { logFile } from '../store/layout.ts';
import { openPlain } from '../store/plainfile.ts';

/** A larger log is left out, in bytes. */
const LARGEST = 64 * 1024;
/** An answer has at most so many bytes of logs, and of so many jobs: a few milliseconds' work. */
const MOST_BYTES = 1024 * 1024;
const MOST_JOBS = 256;

/**
 * Reads the small logs from a job on.
 * @param folder of the build; its folders are known to be none but folders.
 * @returns the answer's body.
 * @throws if a log cannot be read.
 */
export function smallLogs(folder: string, from: JobId): Buffer {
  const sizes: [JobId, number][] = [];
  const parts: Buffer[] = [];
  let total = 0;
  for (let job = from as number; job < from + MOST_JOBS && total < MOST_BYTES; job++) {
    const bytes = smallLog(logFile(folder, job as JobId));
    if (!bytes) continue;
    sizes.push([job as JobId, bytes.length]);
    parts.push(bytes);
    total += bytes.length;
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify(sizes)}\n`), ...parts]);
}

function smallLog(file: string): Buffer | undefined {
  let fd: number;
  try {
    fd = openPlain(file);
  } catch {
    // Whoever asks for this one by itself is told why.
    return undefined;
  }
  try {
    const { size } = fs.fstatSync(fd);
    if (size === 0 || size > LARGEST) return undefined;
    const bytes = Buffer.allocUnsafe(size);
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, size, 0));
  } finally {
    fs.closeSync(fd);
  }
}
