// The files that the commands of a tup write to, in .tup/tmp: which are there, and what has been added to
// them. tup removes one as soon as its command has ended, but it can still be read. Knows no job.

import fs from 'node:fs';
import path from 'node:path';
import { openPlain } from '../../../store/plainfile.ts';

const NAME = /^output-(\d{1,15})$/;
const buffer = Buffer.allocUnsafe(64 * 1024);

/** The file of a command that runs, or has ended. */
export class OutputFile {
  readonly fd: number;
  /** When it was made, in milliseconds since the epoch. */
  readonly since: number;
  #read = 0;

  constructor(fd: number) {
    this.fd = fd;
    const { birthtimeMs, ctimeMs } = fs.fstatSync(fd);
    this.since = birthtimeMs > 0 ? Math.min(birthtimeMs, ctimeMs) : ctimeMs;
  }

  /** Has tup removed it, since its command has ended? */
  get isRemoved(): boolean {
    return fs.fstatSync(this.fd).nlink === 0;
  }

  /** Reads what has been added. @param take gets the bytes; they are only valid during the call. */
  read(take: (bytes: Buffer) => void): void {
    // The command itself may have emptied it: `> /dev/stdout` does.
    if (fs.fstatSync(this.fd).size < this.#read) this.#read = 0;
    for (;;) {
      const n = fs.readSync(this.fd, buffer, 0, buffer.length, this.#read);
      if (n === 0) return;
      this.#read += n;
      take(buffer.subarray(0, n));
    }
  }

  close(): void {
    fs.closeSync(this.fd);
  }
}

/** @param known the commands whose files are open. @returns the other files that are there, by command. */
export function newOutputFiles(top: string, known: (id: number) => boolean): Map<number, OutputFile> {
  const found = new Map<number, OutputFile>();
  const folder = path.join(top, '.tup', 'tmp');
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch {
    // tup itself reports that.
    return found;
  }
  const ids = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  for (const id of ids.sort((a, b) => a - b)) {
    if (known(id)) continue;
    try {
      found.set(id, new OutputFile(openPlain(path.join(folder, `output-${id}`))));
    } catch {
      // Its command has just ended.
    }
  }
  return found;
}
