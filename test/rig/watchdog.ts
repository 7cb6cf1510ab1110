// Ends a test that never finishes: a thread that knows what is running, reports it, and ends the process.

import { Worker } from 'node:worker_threads';

const SIZE = 16 * 1024;

const CODE = `
const { workerData } = require('node:worker_threads');
const fs = require('node:fs');
const beat = new Int32Array(workerData.shared, 0, 2);
const text = new Uint8Array(workerData.shared, 8);
let last = -1, since = Date.now();
setInterval(() => {
  const now = Atomics.load(beat, 0);
  if (now !== last) { last = now; since = Date.now(); return; }
  if (Date.now() - since < workerData.most) return;
  const what = Buffer.from(text).toString('utf8', 0, Atomics.load(beat, 1));
  fs.writeSync(2, 'HANG: ' + what + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 200);
`;

export class Watchdog {
  readonly #beat: Int32Array;
  readonly #text: Uint8Array;
  readonly #worker: Worker;

  /** @param most the time limit of one command, in milliseconds. */
  constructor(most: number) {
    const shared = new SharedArrayBuffer(SIZE);
    this.#beat = new Int32Array(shared, 0, 2);
    this.#text = new Uint8Array(shared, 8);
    this.#worker = new Worker(CODE, { eval: true, workerData: { shared, most } });
    this.#worker.unref();
  }

  /**
   * Something begins.
   * @param what the message if it does not end.
   */
  begin(what: string): void {
    const bytes = Buffer.from(what).subarray(0, this.#text.length);
    this.#text.set(bytes);
    Atomics.store(this.#beat, 1, bytes.length);
    Atomics.add(this.#beat, 0, 1);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
