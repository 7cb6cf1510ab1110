// Writes a file that an option names, either as a whole or not at all, even if the command is stopped.

import fs from 'node:fs';
import { promisify } from 'node:util';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { OutputFile } from '../store/outputfile.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Writes a file that the user has named.
 * @param mode of a new file, before the umask.
 * @param content writes the whole text to a descriptor and does not close it; signals are handled only while
 * it waits.
 * @throws Failure if the file cannot be written, or if `content` throws.
 */
export async function writeOutput(
  file: string,
  mode: number,
  content: (fd: number) => Promise<void>,
): Promise<void> {
  let output: OutputFile;
  try {
    // Opening a FIFO waits for its reader; signals are not caught yet.
    output = new OutputFile(file, { mode });
  } catch (error) {
    throw new Failure(`${file}: ${reason(error)}`);
  }
  const stop = (signal: NodeJS.Signals): void => {
    output.abandon();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    await content(output.fd);
    output.commit();
  } catch (error) {
    output.abandon();
    throw isFailure(error) ? error : new Failure(`${file}: ${reason(error)}`);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  }
}

const write = promisify(fs.write);

/** Writes all bytes; signals are handled while a slow reader makes it wait. @throws as write does. */
async function writeAllTo(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await write(fd, bytes, at, bytes.length - at)).bytesWritten;
}

/** Characters that are written at once. */
const PIECE = 256 * 1024;

/** Writes a text that comes in pieces to a descriptor. @throws as write does. */
export async function writePieces(fd: number, text: Iterable<string>): Promise<void> {
  let waiting: string[] = [];
  let length = 0;
  for (const piece of text) {
    waiting.push(piece);
    length += piece.length;
    if (length < PIECE) continue;
    await writeAllTo(fd, Buffer.from(waiting.join('')));
    waiting = [];
    length = 0;
  }
  await writeAllTo(fd, Buffer.from(waiting.join('')));
}
