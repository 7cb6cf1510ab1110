// Handles signals while a command runs. A signal that was sent to loglin alone is passed on to the command;
// one that was sent to the whole process group is only survived. Afterwards loglin dies as the command died.

import os from 'node:os';
import { type Attendant, signalName } from './launch/attendant.ts';
import type { Started } from './launch/started.ts';
import { type Sentinel, watchGroup } from './sentinel.ts';

const FORWARDED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
type ForwardedSignal = (typeof FORWARDED)[number];

/**
 * timeout and the like signal loglin and then its group. Both signals come within this time, on a busy
 * machine too.
 */
const GROUP_MS = 200;
/** For this long after the group has got a signal, the same signal to us is the one that killed it. */
const EARLY_MS = 1000;
/** Our copy of a signal to the group comes at most this long after the group's is noticed. */
const COPY_MS = 50;

export class Signals {
  interrupted = false;
  /** The first signal that came. */
  first: number | undefined;
  #child: Started | undefined;
  readonly #handlers = new Map<ForwardedSignal, () => void>();
  readonly #sentinel: Sentinel;
  readonly #waiting = new Map<NodeJS.Signals, NodeJS.Timeout[]>();
  /** Signals that the command has already got: until this time, our copy of one is not passed on. */
  readonly #early = new Map<NodeJS.Signals, number>();

  /**
   * To be constructed before the command is started: from then on a signal must find a handler.
   */
  constructor(ignored: readonly number[], attendant?: Attendant) {
    this.#sentinel = watchGroup(attendant, (signal) => {
      this.#hitGroup(signal);
    });
    for (const signal of FORWARDED) {
      const handler = ignored.includes(os.constants.signals[signal])
        ? (): void => undefined
        : (): void => {
            this.#received(signal);
          };
      this.#handlers.set(signal, handler);
      process.on(signal, handler);
    }
  }

  /** Interrupts the whole group, like Ctrl-C. Our own copy of the signal may come after the command's end. */
  interrupt(): void {
    this.interrupted = true;
    process.kill(0, 'SIGINT');
  }

  /** Sets the command that gets signals passed on. */
  guard(child: Started): void {
    this.#child = child;
  }

  /**
   * The whole group has got a signal, so the command got it too, unless it has left the group. We may get it
   * only later.
   */
  #hitGroup(signal: NodeJS.Signals): void {
    this.interrupted = true;
    this.#child?.killGroup(signal);
    const waiting = this.#waiting.get(signal);
    let late = EARLY_MS;
    // A sender that signals us and then the whole group (as timeout does) means one signal. Our copy of the
    // group's may still come.
    if (waiting?.length) {
      for (const timer of waiting.splice(0)) clearTimeout(timer);
      late = COPY_MS;
    }
    this.#early.set(signal, Date.now() + late);
  }

  #received(signal: ForwardedSignal): void {
    this.interrupted = true;
    this.first ??= os.constants.signals[signal];
    const until = this.#early.get(signal) ?? 0;
    this.#early.delete(signal);
    if (Date.now() < until) return;
    let waiting = this.#waiting.get(signal);
    if (!waiting) this.#waiting.set(signal, (waiting = []));
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(timer), 1);
      void this.#passOn(signal);
    }, GROUP_MS);
    waiting.push(timer);
  }

  /** Passes on a signal that has come to us alone. */
  async #passOn(signal: ForwardedSignal): Promise<void> {
    const child = this.#child;
    const isRunning = (): boolean => child?.isOver === false;
    if (isRunning() && !(await this.#sentinel.isDying()) && isRunning()) child?.kill(signal);
  }

  stop(): void {
    for (const timers of this.#waiting.values()) for (const timer of timers) clearTimeout(timer);
    for (const [signal, handler] of this.#handlers) process.removeListener(signal, handler);
    this.#sentinel.stop();
  }
}

/** Ends loglin by a signal. Returns after 100 ms if that does not work. */
export async function dieOf(signal: number): Promise<void> {
  const name = signalName(signal);
  if (name === undefined) return;
  // Node ignores SIGPIPE, and starts its debugger on SIGUSR1. Adding and removing a listener restores the
  // default action.
  if (name !== 'SIGKILL' && name !== 'SIGSTOP') {
    process.on(name, () => undefined);
    process.removeAllListeners(name);
  }
  process.kill(process.pid, name);
  // The signal arrives during a turn of the event loop. If it is ignored, the exit status has it.
  await new Promise((resolve) => setTimeout(resolve, 100));
}
