// Tells that a signal has come to loglin's whole process group: the attendant says so; without it, an idle
// process in the group dies of it.

import { type ChildProcess, spawn } from 'node:child_process';
import { readProc } from '../store/running.ts';
import { type Attendant, signalName } from './launch/attendant.ts';

export interface Sentinel {
  /** Has a signal come to the group of which `hit` was not told yet? From now on it will not be. */
  isDying(): Promise<boolean>;
  stop(): void;
}

/** @param hit called with a signal that the whole group has got. */
export function watchGroup(
  attendant: Attendant | undefined,
  hit: (signal: NodeJS.Signals) => void,
): Sentinel {
  return attendant ? new AttendedGroup(attendant, hit) : new IdleProcess(hit);
}

/** A signal that the attendant has got is read here after this long. */
const TOLD_MS = 20;

class AttendedGroup implements Sentinel {
  readonly #attendant: Attendant;
  /** The next signal that it tells of is known already. */
  #expected = false;
  #told = 0;

  constructor(attendant: Attendant, hit: (signal: NodeJS.Signals) => void) {
    this.#attendant = attendant;
    attendant.onSignal = (number) => {
      const signal = signalName(number);
      this.#told++;
      if (signal && !this.#expected) hit(signal);
      this.#expected = false;
    };
  }

  async isDying(): Promise<boolean> {
    const before = this.#told;
    this.#expected = true;
    const isPending = isSignalPending(this.#attendant.pid);
    await new Promise((resolve) => setTimeout(resolve, TOLD_MS));
    if (this.#told > before) return true;
    this.#expected = isPending;
    return isPending;
  }

  stop(): void {
    this.#attendant.onSignal = undefined;
  }
}

class IdleProcess implements Sentinel {
  readonly #hit: (signal: NodeJS.Signals) => void;
  #stopped = false;
  #process: ChildProcess;
  /** Processes whose death has been seen before their exit event. */
  readonly #knownDead = new WeakSet<ChildProcess>();

  constructor(hit: (signal: NodeJS.Signals) => void) {
    this.#hit = hit;
    this.#process = this.#start();
  }

  #start(): ChildProcess {
    const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'], env: {}, cwd: '/' });
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    child.once('exit', (_code, signal) => {
      if (this.#stopped) return;
      if (signal && !this.#knownDead.has(child)) this.#hit(signal);
      this.#process = this.#start();
    });
    child.unref();
    return child;
  }

  isDying(): Promise<boolean> {
    const child = this.#process;
    const dying = isDying(child);
    if (dying) this.#knownDead.add(child);
    return Promise.resolve(dying);
  }

  stop(): void {
    this.#stopped = true;
    this.#process.kill('SIGKILL');
  }
}

/** Is the process dead, or will a pending signal kill it as soon as it runs? */
function isDying({ exitCode, signalCode, pid }: ChildProcess): boolean {
  if (exitCode !== null || signalCode !== null || pid === undefined) return true;
  // No /proc: what Node knows has to do.
  return /^State:\s*[ZX]/m.test(readProc(pid, 'status') ?? '') || isSignalPending(pid);
}

function isSignalPending(pid: number | undefined): boolean {
  const status = pid === undefined ? undefined : readProc(pid, 'status');
  const pending = /^ShdPnd:\s*([0-9a-f]+)/m.exec(status ?? '')?.[1] ?? '0';
  return BigInt(`0x${pending}`) !== 0n;
}
