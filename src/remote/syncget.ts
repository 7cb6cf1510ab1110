// Ranges of an object for code that cannot wait: logs are read by functions that return bytes. A folder is
// read at once; of any other remote, a thread brings the bytes while this one sleeps.

import path from 'node:path';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { Failure } from '../model/failure.ts';
import type { Range, Remote } from './remote.ts';
import type { WorkerAnswer, WorkerQuestion, WorkerSetting } from './worker.ts';

type Asking = (question: WorkerQuestion) => WorkerAnswer;

/** The threads that were started, by URL: one serves all builds of a remote; only one asks at a time. */
const workers = new Map<string, Asking>();

/** Reads ranges of objects of one remote. */
export class SyncGetter {
  requests = 0;
  readonly #remote: Remote;
  readonly #url: string;

  /** @param url with which the remote was opened. */
  constructor(remote: Remote, url: string) {
    this.#remote = remote;
    this.#url = url;
  }

  /** Same as Remote.get. @throws Failure */
  get(key: string, range: Range): Buffer | undefined {
    if (this.#remote.getSync) return this.#remote.getSync(key, range);
    this.requests++;
    const asking = workers.get(this.#url) ?? startWorker(this.#url);
    workers.set(this.#url, asking);
    const answer = asking({ key, range });
    if ('failure' in answer) throw new Failure(answer.failure);
    return answer.bytes && Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength);
  }
}

/** A thread that does not answer has died, in milliseconds: it gives up on a server sooner. */
const DEAD_MS = 30 * 60_000;

function startWorker(url: string): Asking {
  const answers = new SharedArrayBuffer(4);
  const count = new Int32Array(answers);
  const { port1, port2 } = new MessageChannel();
  const setting: WorkerSetting = { url, answers, port: port2 };
  const worker = new Worker(path.join(import.meta.dirname, 'remoteworker.cjs'), {
    workerData: setting,
    transferList: [port2],
  });
  // It waits for questions, for which the process need not.
  worker.unref();
  port1.unref();
  return (question) => {
    const before = Atomics.load(count, 0);
    port1.postMessage(question);
    const end = Date.now() + DEAD_MS;
    for (;;) {
      const received = receiveMessageOnPort(port1) as { message: WorkerAnswer } | undefined;
      if (received) return received.message;
      if (Date.now() > end) throw new Failure(`${url}: no answer`);
      Atomics.wait(count, 0, before, 1000);
    }
  };
}
