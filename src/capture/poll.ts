// The tick of a recording (docs/architecture.md, the event loop): polls often while output comes, rarely
// while none does, and at once after much output. Knows neither the recorder nor what is recorded.

import type { Status } from '../model/events.ts';
import { Failure, reason } from '../model/failure.ts';
import type { Started } from './launch/started.ts';

const BUSY_MS = 6;
const IDLE_MS = 15;
const IDLE_AFTER_MS = 200;
/** The interval for a while after much output: a full FIFO holds up its writer until the next tick. */
const VOLUME_MS = 1;
const VOLUME_FOR_MS = 20;
/** A tick that read this many bytes is followed by the next at once. */
const VOLUME = 32 * 1024;

/**
 * Polls until a command has ended.
 * @param command for the message if it cannot be run. @param poll returns the number of bytes read.
 * @returns how it ended.
 * @throws Failure if it could not be run.
 */
export function pollUntilExit(started: Started, command: string, poll: () => number): Promise<Status> {
  return new Promise((resolve, reject) => {
    let over = false;
    let active = Date.now();
    let lastVolume = 0;
    started.ended.then(
      (status) => {
        over = true;
        resolve(status);
      },
      (error: unknown) => {
        over = true;
        reject(new Failure(`${command}: ${reason(error)}`, 126));
      },
    );
    const tick = (): void => {
      if (over) return;
      const read = poll();
      const now = Date.now();
      if (read > 0) active = now;
      if (read >= VOLUME) {
        lastVolume = now;
        setImmediate(tick);
      } else {
        const quiet = now - active > IDLE_AFTER_MS ? IDLE_MS : BUSY_MS;
        setTimeout(tick, now - lastVolume < VOLUME_FOR_MS ? VOLUME_MS : quiet);
      }
    };
    tick();
  });
}

/** Polls until a command has ended or could not be run, and then once more. */
export async function pollWhileRunning(started: Started, poll: () => void): Promise<void> {
  const timer = setInterval(poll, BUSY_MS);
  await started.ended.catch(() => undefined);
  clearInterval(timer);
  poll();
}
