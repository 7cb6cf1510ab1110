// A program in a pseudo-terminal, its keys and its bytes with the times at which they went in and came out
// (pty.c).

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT, environment, output } from './measure.ts';

/** So long without a byte, and all is painted: many times the time between two pieces of one repaint. */
const QUIET_MS = 40;
/** A program that prints nothing for this long will not print any more. */
const PATIENCE_MS = 120_000;

/** Compiles pty.c into a folder. @returns the program. */
export function compilePty(folder: string): string {
  const program = path.join(folder, 'pty');
  output(`cc -O2 -o '${program}' '${path.join(ROOT, 'test/bench/pty.c')}'`, { cwd: folder });
  return program;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly columns: number;
  readonly rows: number;
}

export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #rest: Buffer = Buffer.alloc(0);
  #pid = 0;
  /** Nanoseconds: when it was started, and ended; when the last key was written. */
  #started = 0n;
  #ended = 0n;
  #written = 0n;
  #keys = 0;
  /** What came since the last key; and when, up to which length. */
  #text = '';
  #times: { readonly length: number; readonly when: bigint }[] = [];
  #status: number | undefined;
  /** By the clock of this process: when something was last heard. */
  #heard = 0;

  /** @param program that of compilePty. */
  constructor(program: string, command: readonly string[], { cwd, columns, rows }: TerminalOptions) {
    const env = environment({ TERM: 'xterm-256color' });
    this.#child = spawn(program, [String(columns), String(rows), ...command], { cwd, env });
    this.#child.stdout.on('data', (bytes: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      this.#heard = performance.now();
      while (this.#take());
    });
  }

  #take(): boolean {
    const end = this.#rest.indexOf('\n');
    if (end < 0) return false;
    const [what, time = '0', value = '0'] = this.#rest.toString('latin1', 0, end).split(' ');
    const when = BigInt(time);
    const count = what === 'o' ? Number(value) : 0;
    if (this.#rest.length < end + 1 + count) return false;
    const bytes = this.#rest.subarray(end + 1, end + 1 + count);
    this.#rest = this.#rest.subarray(end + 1 + count);
    if (what === 's') {
      this.#started = when;
      this.#pid = Number(value);
    } else if (what === 'k') {
      this.#keys++;
      this.#written = when;
      this.#text = '';
      this.#times = [];
    } else if (what === 'o') {
      this.#text += bytes.toString('latin1');
      this.#times.push({ length: this.#text.length, when });
    } else {
      this.#ended = when;
      this.#status = Number(value);
    }
    return true;
  }

  async #until(what: string, is: () => boolean): Promise<void> {
    const start = performance.now();
    while (!is()) {
      if (performance.now() - start > PATIENCE_MS)
        throw new Error(`waited in vain for ${what}; the end of what came: ${this.#text.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  get pid(): number {
    return this.#pid;
  }

  /** What came since the last key, a character for each byte. */
  get text(): string {
    return this.#text;
  }

  /**
   * Waits until this came since the last key.
   * @returns milliseconds from the key, or from the start, to its last byte.
   */
  async shows(what: RegExp): Promise<number> {
    let end = -1;
    await this.#until(String(what), () => {
      const found = what.exec(this.#text);
      end = found ? found.index + found[0].length : -1;
      return found !== null;
    });
    return this.#since(this.#times.find(({ length }) => length >= end)!.when);
  }

  /** Waits until nothing more comes. @returns milliseconds from the key to the last byte. */
  async quiet(): Promise<number> {
    await this.#until(
      'an answer',
      () => this.#times.length > 0 && performance.now() - this.#heard > QUIET_MS,
    );
    return this.#since(this.#times.at(-1)!.when);
  }

  /** Presses keys, without waiting for an answer. */
  async write(keys: string): Promise<void> {
    const before = this.#keys;
    this.#child.stdin.write(keys);
    await this.#until('the key to be written', () => this.#keys > before);
  }

  /**
   * Presses keys, and waits until all is painted.
   * @returns milliseconds from their write to the last byte.
   */
  async press(keys: string): Promise<number> {
    await this.write(keys);
    return this.quiet();
  }

  /** Waits for the program's end. @returns milliseconds from its start. @throws where it failed. */
  async end(): Promise<number> {
    await this.#until('the end', () => this.#status !== undefined);
    if (this.#status !== 0) throw new Error(`status ${this.#status}: ${this.#text.slice(-2000)}`);
    return Number(this.#ended - this.#started) / 1e6;
  }

  /** Ends it, if it has not ended. */
  close(): void {
    this.#child.stdin.end();
  }

  #since(when: bigint): number {
    return Number(when - (this.#keys > 0 ? this.#written : this.#started)) / 1e6;
  }
}
