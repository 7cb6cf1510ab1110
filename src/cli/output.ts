// A file that an option names, written by a command: whole, or as it was, also where the command is stopped.

import { Failure, isFailure, reason } from '../model/failure.ts';
import { OutputFile } from '../store/outputfile.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Writes what the user has named.
 * @param mode of a file that is made, before the umask.
 * @param write writes all of it to a descriptor, which it does not close. A signal is heard while it waits for something.
 * @throws Failure where it cannot be written, and what `write` throws as one.
 */
export async function writeOutput(
  file: string,
  mode: number,
  write: (fd: number) => Promise<void>,
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
    await write(output.fd);
    output.commit();
  } catch (error) {
    output.abandon();
    throw isFailure(error) ? error : new Failure(`${file}: ${reason(error)}`);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  }
}
