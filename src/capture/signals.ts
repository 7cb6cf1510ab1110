// Handles signals while a command runs. A signal that was sent to loglin alone is passed on to the command;
// one that was sent to the whole process group is only survived. Afterwards loglin dies as the command died.

import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import { readProc } from '../store/running.ts';

const FORWARDED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
type ForwardedSignal = (typeof FORWARDED)[number];

/**
 * timeout and the like signal loglin and then its group. Both signals come within this time, on a busy
 * machine too.
 */
const GROUP_MS = 200;
/** For this long after the sentinel's death, the same signal to us is the one that killed it. */
const EARLY_MS = 1000;
/** Our copy of a signal to the group comes at most this long after the sentinel's death is noticed. */
const COPY_MS = 50;

export class Signals {
  interrupted = false;
  /** The first signal that came. */
  first: number | undefined;
  #child: ChildProcess | undefined;
  #stopped = false;
  readonly #handlers = new Map<ForwardedSignal, () => void>();
  /**
   * An idle process in our process group: a signal that kills it was sent to the whole group.
   */
  #sentinel: ChildProcess;
  /** Sentinels whose death has been seen before their exit event. */
  readonly #knownDead = new WeakSet<ChildProcess>();
  readonly #waiting = new Map<NodeJS.Signals, NodeJS.Timeout[]>();
  /** Signals that the command has already got: until this time, our copy of one is not passed on. */
  readonly #early = new Map<NodeJS.Signals, number>();

  /**
   * To be constructed before the command is started: from then on a signal must find a handler.
   */
  constructor(ignored: readonly number[]) {
    this.#sentinel = this.#startSentinel();
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
  guard(child: ChildProcess): void {
    this.#child = child;
  }

  #startSentinel(): ChildProcess {
    const sentinel = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'], env: {}, cwd: '/' });
    sentinel.on('error', () => undefined);
    sentinel.stdin.on('error', () => undefined);
    sentinel.once('exit', (_code, signal) => {
      if (this.#stopped) return;
      if (signal && !this.#knownDead.has(sentinel)) this.#hitGroup(signal);
      this.#sentinel = this.#startSentinel();
    });
    sentinel.unref();
    return sentinel;
  }

  /** A signal has killed the sentinel, so the command got it too. We may get it only later. */
  #hitGroup(signal: NodeJS.Signals): void {
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
      const child = this.#child;
      if (child?.exitCode !== null || child.signalCode !== null) return;
      if (isDying(this.#sentinel)) this.#knownDead.add(this.#sentinel);
      else child.kill(signal);
    }, GROUP_MS);
    waiting.push(timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timers of this.#waiting.values()) for (const timer of timers) clearTimeout(timer);
    for (const [signal, handler] of this.#handlers) process.removeListener(signal, handler);
    this.#sentinel.kill('SIGKILL');
  }
}

/** Is the process dead, or will a pending signal kill it as soon as it runs? */
function isDying({ exitCode, signalCode, pid }: ChildProcess): boolean {
  if (exitCode !== null || signalCode !== null || pid === undefined) return true;
  const status = readProc(pid, 'status');
  // No /proc: what Node knows has to do.
  if (status === undefined) return false;
  const pending = /^ShdPnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0';
  return /^State:\s*[ZX]/m.test(status) || BigInt(`0x${pending}`) !== 0n;
}

/** Ends loglin by a signal. Returns after 100 ms if that does not work. */
export async function dieOf(signal: number): Promise<void> {
  const name = Object.entries(os.constants.signals).find(([, number]) => number === signal)?.[0];
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
