// What loglin does with signals while a command runs: passes on what was sent to loglin alone, outlives what
// was sent to all, and in the end dies as the command died.

import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import { readProc } from '../store/running.ts';

const PASSED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
type Passed = (typeof PASSED)[number];

/**
 * Somebody who signals loglin and then its group (timeout does) does both within this time, also on a busy
 * machine.
 */
const GROUP_MS = 200;
/** As long after the sentinel's death, the same signal to us is the one that killed it. */
const EARLY_MS = 1000;

export class Signals {
  interrupted = false;
  /** The first that came. */
  first: number | undefined;
  #child: ChildProcess | undefined;
  #stopped = false;
  readonly #handlers = new Map<Passed, () => void>();
  /**
   * In our process group, and with nothing to do: if a signal kills it too, the signal was sent to the whole
   * group.
   */
  #sentinel: ChildProcess;
  /** Sentinels whose end is known to come. */
  readonly #counted = new WeakSet<ChildProcess>();
  readonly #waiting = new Map<NodeJS.Signals, NodeJS.Timeout[]>();
  readonly #early = new Map<NodeJS.Signals, number>();

  /**
   * To be made before the command is started: a signal must find either nothing to leave behind, or a
   * handler.
   */
  constructor(ignored: readonly number[]) {
    this.#sentinel = this.#post();
    for (const signal of PASSED) {
      const handler = ignored.includes(os.constants.signals[signal])
        ? (): void => undefined
        : (): void => {
            this.#came(signal);
          };
      this.#handlers.set(signal, handler);
      process.on(signal, handler);
    }
  }

  /** Interrupts the whole group, as Ctrl-C does. Our own signal may come after the command's end. */
  interrupt(): void {
    this.interrupted = true;
    process.kill(0, 'SIGINT');
  }

  /** The command runs. */
  guard(child: ChildProcess): void {
    this.#child = child;
  }

  #post(): ChildProcess {
    const sentinel = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'], env: {}, cwd: '/' });
    sentinel.on('error', () => undefined);
    sentinel.stdin.on('error', () => undefined);
    sentinel.once('exit', (_code, signal) => {
      if (this.#stopped) return;
      if (signal && !this.#counted.has(sentinel)) this.#hit(signal);
      this.#sentinel = this.#post();
    });
    sentinel.unref();
    return sentinel;
  }

  /** The sentinel got it: so did the command. We may hear of that before we get it ourselves. */
  #hit(signal: NodeJS.Signals): void {
    const waiting = this.#waiting.get(signal);
    // Who signals us and then all of us (timeout does) means one signal.
    if (waiting?.length) for (const timer of waiting.splice(0)) clearTimeout(timer);
    else this.#early.set(signal, Date.now());
  }

  #came(signal: Passed): void {
    this.interrupted = true;
    this.first ??= os.constants.signals[signal];
    const early = this.#early.get(signal);
    this.#early.delete(signal);
    if (early !== undefined && Date.now() - early < EARLY_MS) return;
    let waiting = this.#waiting.get(signal);
    if (!waiting) this.#waiting.set(signal, (waiting = []));
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(timer), 1);
      const child = this.#child;
      if (child?.exitCode !== null || child.signalCode !== null) return;
      if (wasHit(this.#sentinel)) this.#counted.add(this.#sentinel);
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

/** Is it dead, or will be as soon as it gets to run? */
function wasHit({ exitCode, signalCode, pid }: ChildProcess): boolean {
  if (exitCode !== null || signalCode !== null || pid === undefined) return true;
  const status = readProc(pid, 'status');
  // No /proc: then what Node knows has to do.
  if (status === undefined) return false;
  const pending = /^ShdPnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0';
  return /^State:\s*[ZX]/m.test(status) || BigInt(`0x${pending}`) !== 0n;
}

/** Ends loglin by a signal. Returns, after a while, where that does not work. */
export async function dieOf(signal: number): Promise<void> {
  const name = Object.entries(os.constants.signals).find(([, number]) => number === signal)?.[0];
  if (name === undefined) return;
  // Node ignores SIGPIPE and starts its debugger on SIGUSR1: a listener takes their place, and leaves the
  // default behind.
  if (name !== 'SIGKILL' && name !== 'SIGSTOP') {
    process.on(name, () => undefined);
    process.removeAllListeners(name);
  }
  process.kill(process.pid, name);
  // The signal arrives when the event loop turns; where it is ignored, the status says it.
  await new Promise((resolve) => setTimeout(resolve, 100));
}
