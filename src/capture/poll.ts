// The tick of a recording (docs/architecture.md, the event loop): polls often while output comes, rarely
// while none does, and at once after much output and when somebody rings. Knows neither the recorder nor
// what is recorded.

import type { Status } from '../model/events.ts';
import { Failure, reason } from '../model/failure.ts';
import type { Bell } from './bell.ts';
import type { Started } from './launch/started.ts';

const BUSY_MS = 6;
const IDLE_MS = 15;
const IDLE_AFTER_MS = 200;
/**
 * The interval for a while after much output, since a full FIFO holds up its writer until the next tick, and
 * after the bell has rung: the reader of a pipe whose writer has just been answered waits for its end.
 */
const SOON_MS = 1;
const SOON_FOR_MS = 20;
/** A tick that read this many bytes is followed by the next at once. */
const VOLUME = 32 * 1024;

/**
 * Polls until a command has ended.
 * @param command for the message if it cannot be run. @param poll returns the number of bytes read.
 * @param bell is answered by a poll at once.
 * @returns how it ended.
 * @throws Failure if it could not be run.
 */
export function pollUntilExit(
  started: Started,
  command: string,
  poll: () => number,
  bell: Bell,
): Promise<Status> {
  return new Promise((resolve, reject) => {
    let over = false;
    let active = Date.now();
    let soonUntil = 0;
    let next: NodeJS.Timeout | undefined;
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
      next = undefined;
      if (over) return;
      const read = poll();
      const now = Date.now();
      if (read > 0) active = now;
      if (read >= VOLUME) {
        soonUntil = now + SOON_FOR_MS;
        setImmediate(tick);
      } else {
        const quiet = now - active > IDLE_AFTER_MS ? IDLE_MS : BUSY_MS;
        next = setTimeout(tick, now < soonUntil ? SOON_MS : quiet);
      }
    };
    bell.onRing = () => {
      soonUntil = Date.now() + SOON_FOR_MS;
      // After much output the next tick comes at once anyway.
      if (next === undefined) return;
      clearTimeout(next);
      tick();
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
