// Answers to processes of the build that wait for one, each on a FIFO of its own in the workspace. Knows no
// record.

import fs from 'node:fs';

export class Replies {
  readonly #waiting: { file: string; text: string }[] = [];

  /** Answers, now or in a later round. */
  send(file: string, text: string): void {
    this.#waiting.push({ file, text });
    this.poll();
  }

  /**
   * Gives the answers for which somebody waits. One that has not opened its FIFO yet waits for the next
   * round.
   */
  poll(): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const { file, text } = this.#waiting[i]!;
      try {
        answer(file, text);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENXIO') continue;
      }
      this.#waiting.splice(i, 1);
    }
  }
}

/** Writes into a FIFO that somebody reads, and removes it. @throws ENXIO if nobody reads it yet. */
function answer(fifo: string, text: string): void {
  const { O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  const fd = fs.openSync(fifo, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    if (fs.fstatSync(fd).isFIFO()) fs.writeSync(fd, `${text}\n`);
  } finally {
    fs.closeSync(fd);
    fs.unlinkSync(fifo);
  }
}
