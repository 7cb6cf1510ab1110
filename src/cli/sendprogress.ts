// How far a push or a pull is, on one line of stderr, if that is a terminal.

import { sizeText } from '../model/size.ts';
import { isTerminal } from './terminal.ts';

/** No more often than this, in milliseconds. */
const REDRAW_MS = 100;

export class SendProgress {
  readonly #terminal: boolean;
  #shown = '';
  #next = 0;

  private constructor(terminal: boolean) {
    this.#terminal = terminal;
  }

  static async start(): Promise<SendProgress> {
    return new SendProgress(await isTerminal(2));
  }

  /** @param total undefined: not known. */
  show(what: string, bytes: number, total?: number): void {
    if (!this.#terminal || Date.now() < this.#next) return;
    this.#next = Date.now() + REDRAW_MS;
    this.#write(`${what} ${sizeText(bytes)}${total === undefined ? '' : ` of ${sizeText(total)}`}`);
  }

  /** Leaves nothing on the screen. */
  clear(): void {
    if (this.#shown !== '') this.#write('');
  }

  #write(text: string): void {
    process.stderr.write(`\r${text}\x1b[K`);
    this.#shown = text;
  }
}
