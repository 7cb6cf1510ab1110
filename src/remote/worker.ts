// The thread that syncget.ts starts, a bundle of its own: brings ranges for a thread that waits.

import { type MessagePort, workerData } from 'node:worker_threads';
import { isFailure, reason } from '../model/failure.ts';
import { openRemote } from './open.ts';
import type { Range } from './remote.ts';

/** What the thread is started with. */
export interface WorkerSetting {
  readonly url: string;
  /** Counts answers; the asking thread waits on it. */
  readonly answers: SharedArrayBuffer;
  /** Questions come and answers go here. */
  readonly port: MessagePort;
}

export interface WorkerQuestion {
  readonly key: string;
  readonly range: Range;
}

export type WorkerAnswer = { readonly bytes: Uint8Array | undefined } | { readonly failure: string };

const { url, answers, port } = workerData as WorkerSetting;
const count = new Int32Array(answers);
const remote = openRemote(url);

async function answer({ key, range }: WorkerQuestion): Promise<WorkerAnswer> {
  try {
    return { bytes: await remote.get(key, range) };
  } catch (error) {
    return { failure: isFailure(error) ? error.message : reason(error) };
  }
}

port.on('message', (question: WorkerQuestion) => {
  void answer(question).then((found) => {
    port.postMessage(found);
    Atomics.add(count, 0, 1);
    Atomics.notify(count, 0);
  });
});
