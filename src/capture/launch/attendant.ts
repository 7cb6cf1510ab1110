// The process beside Node that makes FIFOs, starts the command, and tells of signals (attendant.c). Without
// the C launcher there is none, and Node does all that itself. It is Node's child, so that `time loglin make`
// counts the build's processor time.

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import type { Status } from '../../model/events.ts';
import { Failure, reason } from '../../model/failure.ts';
import { type Started, sendSignal, sendToGroup } from './started.ts';

/** What the command gets that differs from loglin's own. */
export interface Start {
  /** Undefined: as it is. */
  readonly cwd: string | undefined;
  /** Files for stdin, and for stdout and stderr; undefined: ours. */
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

interface Running extends Started {
  readonly pid: number;
  isOver: boolean;
  readonly resolve: (status: Status) => void;
  readonly reject: (error: Error) => void;
}

/** The descriptors that lead to an attendant, and those that it gets. */
export interface Channels {
  readonly ours: Ends;
  readonly its: Ends;
}

interface Ends {
  readonly ask: number;
  readonly tell: number;
}

/** The channels that were made before Node; undefined if there are none. */
export function findChannels(): Channels | undefined {
  const numbers = process.env.LOGLIN_ATTENDANT ?? '';
  delete process.env.LOGLIN_ATTENDANT;
  if (!/^\d+( \d+){3}$/.test(numbers)) return undefined;
  const [ask = 0, tell = 0, itsAsk = 0, itsTell = 0] = numbers.split(' ').map(Number);
  try {
    for (const fd of [ask, itsAsk]) if (!fs.fstatSync(fd).isSocket()) return undefined;
    for (const fd of [tell, itsTell]) if (!fs.fstatSync(fd).isFIFO()) return undefined;
  } catch {
    return undefined;
  }
  return { ours: { ask, tell }, its: { ask: itsAsk, tell: itsTell } };
}

export class Attendant {
  readonly #process: ChildProcess;
  readonly #ask: number;
  readonly #tell: number;
  readonly #running = new Map<number, Running>();
  #rest = '';
  #closed = false;
  /** Called with each signal that comes to the attendant, so to the whole process group. */
  onSignal: ((signal: number) => void) | undefined;

  /**
   * Starts one.
   * @param program the launcher. @param argv the command that it is to start.
   * @param stdio descriptors that the command gets. @param env what it gets, but for what is added later.
   */
  constructor(
    { ours, its }: Channels,
    program: string,
    argv: readonly string[],
    stdio: readonly ('inherit' | 'ignore' | number)[],
    env: NodeJS.ProcessEnv,
  ) {
    this.#ask = ours.ask;
    this.#tell = ours.tell;
    const passed = [...stdio];
    for (const fd of [its.ask, its.tell]) {
      while (passed.length <= fd) passed.push('ignore');
      passed[fd] = fd;
    }
    const args = ['attend', String(its.ask), String(its.tell), ...argv];
    this.#process = spawn(program, args, { stdio: passed, env });
    this.#process.on('error', () => undefined);
    for (const fd of [its.ask, its.tell]) fs.closeSync(fd);
    this.#listen();
    process.once('exit', () => {
      this.close();
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** @throws Failure if one cannot be made. */
  makeFifos(paths: readonly string[]): void {
    const trouble = this.#request(['fifos', ...paths]);
    if (trouble !== '') throw new Failure(trouble);
  }

  /** Lets a FIFO that is open hold so many bytes. @returns why that is not possible; '' if it was done. */
  widen(fifo: string, bytes: number): string {
    try {
      return this.#request(['widen', String(bytes), fifo]);
    } catch (error) {
      return reason(error);
    }
  }

  /** @throws Failure if no process can be made. */
  start({ cwd = '', input = '', output = '', environment }: Start): Started {
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const answer = this.#request(['start', cwd, input, output, ...variables]);
    if (!/^\d+$/.test(answer)) throw new Failure(answer);
    const pid = Number(answer);
    let resolve: Running['resolve'] | undefined;
    let reject: Running['reject'] | undefined;
    const ended = new Promise<Status>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    const running: Running = {
      pid,
      isOver: false,
      ended,
      resolve: resolve!,
      reject: reject!,
      kill: (signal) => {
        if (!running.isOver) sendSignal(pid, signal);
      },
      killGroup: (signal) => {
        if (!running.isOver) sendToGroup(pid, signal);
      },
    };
    this.#running.set(pid, running);
    return running;
  }

  /** Ends the attendant. The command goes on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    fs.closeSync(this.#ask);
  }

  /**
   * Sends a request, and waits for the answer: microseconds.
   * @returns the answer.
   * @throws Failure if the attendant was killed.
   */
  #request(fields: readonly string[]): string {
    const body = Buffer.from(fields.map((field) => `${field}\0`).join(''));
    const message = Buffer.alloc(4 + body.length);
    message.writeUInt32LE(body.length);
    body.copy(message, 4);
    const answer = Buffer.alloc(1024);
    let length = 0;
    try {
      for (let at = 0; at < message.length;) at += fs.writeSync(this.#ask, message, at);
      while (answer[length - 1] !== 0x0a) {
        const n = fs.readSync(this.#ask, answer, length, answer.length - length, null);
        if (n === 0) throw new Error('the end of the answers');
        length += n;
      }
    } catch {
      throw new Failure('the process that starts the command was killed');
    }
    return answer.toString('utf8', 0, length - 1);
  }

  /** Reads in one of libuv's threads: that is an event at once, and needs no socket. */
  #listen(): void {
    const buffer = Buffer.allocUnsafe(1024);
    fs.read(this.#tell, buffer, 0, buffer.length, null, (error, n) => {
      if (error?.code === 'EINTR') this.#listen();
      else if (error || n === 0) this.#gone();
      else {
        const lines = (this.#rest + buffer.toString('latin1', 0, n)).split('\n');
        this.#rest = lines.pop() ?? '';
        for (const line of lines) this.#told(line);
        this.#listen();
      }
    });
  }

  #told(line: string): void {
    const [what, first, second] = line.split(' ');
    if (what === 's') this.onSignal?.(Number(first));
    if (what !== 'x') return;
    const running = this.#running.get(Number(first));
    if (!running) return;
    this.#running.delete(running.pid);
    running.isOver = true;
    running.resolve(statusOf(Number(second)));
  }

  #gone(): void {
    for (const running of this.#running.values())
      running.reject(new Error('the process that started it was killed'));
    this.#running.clear();
    fs.closeSync(this.#tell);
  }
}

/** Of wait(2): the signal in the lowest seven bits, else the exit status in the next byte. */
function statusOf(status: number): Status {
  const signal = status & 0x7f;
  return signal === 0 ? { exit: (status >> 8) & 0xff } : { signal };
}

/** A signal's name. */
export function signalName(number: number): NodeJS.Signals | undefined {
  const names = Object.entries(os.constants.signals) as [NodeJS.Signals, number][];
  return names.find(([, of]) => of === number)?.[0];
}
