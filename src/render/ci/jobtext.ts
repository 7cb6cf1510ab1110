// Text of jobs on its way into a CI system's log. Live it passes unchanged, since a job that prints a command
// means it; but what it has begun ends with it. In a replay nothing in it acts as a command any more. Knows
// lines, and no system's syntax.

import { LineCutter } from '../linecutter.ts';
import type { CiSystem, Watch } from './system.ts';

const EMPTY = Buffer.alloc(0);
const NEWLINE = 0x0a;

export interface JobText {
  /** Takes the next bytes. Returns those that can be printed by now. */
  push(bytes: Buffer): Buffer;
  /**
   * Ends a text whose last line has its newline. Returns what is still held back, and what ends its effects.
   */
  end(): Buffer;
}

/** Text that passes unchanged. */
export class PassingText implements JobText {
  readonly #watch: Watch;
  readonly #lines = new LineCutter();

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  push(bytes: Buffer): Buffer {
    const lines = this.#lines.push(bytes);
    if (lines.length > 0) this.#watch.lines(lines.toString('latin1'));
    return bytes;
  }

  end(): Buffer {
    this.#watch.lines(this.#lines.flush().toString('latin1'));
    return Buffer.from(this.#watch.end(), 'latin1');
  }
}

/** Of a line that is too long to hold, this much is held back: a command may be cut in two. */
const TAIL = 4096;

/** Text in which no command acts. Passes whole lines. */
export class InertText implements JobText {
  readonly #system: Pick<CiSystem, 'inert' | 'stop'>;
  readonly #nonce: string;
  readonly #lines = new LineCutter();
  /** The end of a piece of a long line. */
  #tail = EMPTY;
  /** The last line that was returned has not ended. */
  #midLine = false;
  #stopped = false;

  /** @param nonce occurs in no text. */
  constructor(system: Pick<CiSystem, 'inert' | 'stop'>, nonce: string) {
    this.#system = system;
    this.#nonce = nonce;
  }

  push(bytes: Buffer): Buffer {
    const cut = this.#lines.push(bytes);
    if (cut.length === 0) return EMPTY;
    const all = this.#tail.length > 0 ? Buffer.concat([this.#tail, cut]) : cut;
    const whole = all[all.length - 1] === NEWLINE ? all.length : Math.max(0, all.length - TAIL);
    this.#tail = Buffer.from(all.subarray(whole));
    return this.#inert(all.subarray(0, whole));
  }

  end(): Buffer {
    const rest = this.#inert(Buffer.concat([this.#tail, this.#lines.flush()]));
    this.#tail = EMPTY;
    const { stop } = this.#system;
    const resumed = this.#stopped && stop ? stop.end(this.#nonce) : '';
    this.#stopped = this.#midLine = false;
    return Buffer.concat([rest, Buffer.from(resumed)]);
  }

  #inert(bytes: Buffer): Buffer {
    if (bytes.length === 0) return EMPTY;
    const text = bytes.toString('latin1');
    const at = this.#stopAt(text);
    const inert = this.#system.inert(text, !this.#midLine);
    this.#midLine = !text.endsWith('\n');
    if (at === undefined) return inert === text ? bytes : Buffer.from(inert, 'latin1');
    const before = this.#system.inert(text.slice(0, at), true);
    return Buffer.from(
      before + (this.#system.stop?.begin(this.#nonce) ?? '') + inert.slice(before.length),
      'latin1',
    );
  }

  /**
   * Returns the start of the line before which commands must be stopped; undefined if there is none. A line
   * that passes in pieces may still have a command in its rest.
   */
  #stopAt(text: string): number | undefined {
    const { stop } = this.#system;
    if (!stop || this.#stopped || this.#midLine) return undefined;
    const found = stop.find(text);
    if (found < 0 && text.endsWith('\n')) return undefined;
    this.#stopped = true;
    return text.lastIndexOf('\n', found < 0 ? text.length : found) + 1;
  }
}
