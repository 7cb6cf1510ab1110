// A file that an option names, written by a command: whole, or as it was, also where the command is stopped.

import fs from 'node:fs';
import { promisify } from 'node:util';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { OutputFile } from '../store/outputfile.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Writes what the user has named.
 * @param mode of a file that is made, before the umask.
 * @param content writes all of it to a descriptor, which it does not close; a signal is heard only while it waits.
 * @throws Failure where it cannot be written, and what `content` throws as one.
 */
export async function writeOutput(
  file: string,
  mode: number,
  content: (fd: number) => Promise<void>,
): Promise<void> {
  let output: OutputFile;
  try {
    // A FIFO is waited for here, before signals are caught.
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

/** Writes all of it; the process hears signals while a slow reader has it wait. @throws as write does. */
export async function writeAllTo(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await write(fd, bytes, at, bytes.length - at)).bytesWritten;
}
