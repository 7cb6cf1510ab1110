// Signs of life where there is no status line: a line on stderr when nothing was printed for a while. CI
// systems kill a step that is silent for minutes, and a first job that is silent keeps back what all others
// print. Knows when, not what is said.

import type { Stdout } from '../play/stdout.ts';
import { errorText, warn } from './stderr.ts';

const CHECK_MS = 250;
/** How long CI may be silent where the build itself is silent. */
const SILENT_MS = 60_000;
/** Where jobs print what has to wait: a sign comes soon, then after twice as long as before. */
const FIRST_MS = 2000;

export class Heartbeat {
  readonly #stdout: Stdout;
  readonly #everyMs: number | undefined;
  readonly #text: () => Promise<string>;
  readonly #timer: NodeJS.Timeout;
  /** When something happened in the build last, printed or not. */
  #changedAt = 0;
  /** The last sign, how many there were since the last output, and when that output was. */
  #beatAt = 0;
  #beats = 0;
  #wroteAt = 0;

  /** @param seconds after so much silence each; undefined: as CI needs it. */
  constructor(stdout: Stdout, seconds: number | undefined, text: () => Promise<string>) {
    this.#stdout = stdout;
    this.#everyMs = seconds === undefined ? undefined : seconds * 1000;
    this.#text = text;
    this.#timer = setInterval(() => {
      this.#check(Date.now());
    }, CHECK_MS);
    this.#timer.unref();
  }

  /** Something has happened in the build. */
  changed(): void {
    this.#changedAt = Date.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(now: number): void {
    const { wroteAt } = this.#stdout;
    if (wroteAt !== this.#wroteAt) {
      this.#wroteAt = wroteAt;
      this.#beats = 0;
    }
    if (now - Math.max(wroteAt, this.#beatAt) < this.#pauseMs(wroteAt)) return;
    this.#beatAt = now;
    this.#beats++;
    // A build must not end because a sign of life cannot be given.
    this.#text().then(warn, (error: unknown) => {
      this.stop();
      warn(`no heartbeat: ${errorText(error)}`);
    });
  }

  /** How long it may be silent now. */
  #pauseMs(wroteAt: number): number {
    if (this.#everyMs !== undefined) return this.#everyMs;
    if (this.#changedAt <= wroteAt) return SILENT_MS;
    return Math.min(SILENT_MS, FIRST_MS * 2 ** Math.max(0, this.#beats - 1));
  }
}
