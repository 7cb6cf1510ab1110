// The bell of a recording: a FIFO that a process of the build writes into when it waits for an answer, so
// that the recorder looks at once, not at its next tick. Knows no record.

import fs from 'node:fs';
import net from 'node:net';

export class Bell {
  readonly #socket: net.Socket;
  /** Called when it has rung. */
  onRing: () => void = () => undefined;

  /** @param fifo an existing one. @throws if it cannot be opened. */
  constructor(fifo: string) {
    const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
    // With a writer of our own, so that it never ends.
    const fd = fs.openSync(fifo, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
    this.#socket = new net.Socket({ fd, readable: true, writable: false });
    // Without a bell there are ticks.
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', () => {
      this.onRing();
    });
    this.#socket.unref();
  }

  /** Closes the FIFO. */
  close(): void {
    this.#socket.destroy();
  }
}
