// Runs one of loglin's own commands and keeps as much of its output as is asked for. In a process of its own:
// stdout of this one belongs to the protocol, and a command may end its process.

import { spawn } from 'node:child_process';
import { textSize, shellWord } from '../../render/formats.ts';
import { Excerpt } from '../../play/excerpt.ts';
import type { Words } from './tools.ts';

export interface Answer {
  readonly text: string;
  /** The command printed nothing but what is wrong. */
  readonly failed: boolean;
}

const NEWLINE = 0x0a;
/** What a command says on stderr is kept up to this many bytes. */
const MOST_SAID = 2000;

/**
 * @param program the arguments of Node that are loglin.
 * @param options options of every command. @param budget the most bytes of the answer.
 * @param signal ends the command: nobody waits for the answer any more.
 */
export function call(
  program: readonly string[],
  options: readonly string[],
  { argv, range }: Words,
  budget: number,
  signal: AbortSignal,
): Promise<Answer> {
  const [command = '', ...words] = argv;
  const child = spawn(process.execPath, [...program, command, ...options, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', LOGLIN_CI: 'no' },
    signal,
  });
  const kept = new Excerpt(budget);
  const said = new Excerpt(MOST_SAID);
  let printed = false;
  const keep = (bytes: Buffer): void => {
    printed = true;
    kept.write(bytes, () => undefined);
  };
  const lines = range && new LineRange(range, keep);
  child.stdout.on('data', (bytes: Buffer) => {
    if (!lines) keep(bytes);
    else if (!lines.push(bytes)) child.kill();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    said.write(bytes, () => undefined);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      const leftOut = (count: number, bytes: number): string =>
        `... ${textSize(count, bytes)} left out: loglin ${argv.map(shellWord).join(' ')}\n`;
      const complaint = said.text(() => '...\n');
      const failed = !printed && complaint.length > 0;
      if (complaint.length > 0) keep(complaint);
      resolve({ text: kept.text(leftOut).toString('utf8'), failed });
    });
  });
}

/** Passes on some lines of a text. */
class LineRange {
  readonly #range: NonNullable<Words['range']>;
  readonly #keep: (bytes: Buffer) => void;
  /** The number of the line that comes next, or that is unfinished. */
  #line = 1;

  constructor(range: NonNullable<Words['range']>, keep: (bytes: Buffer) => void) {
    this.#range = range;
    this.#keep = keep;
  }

  /** @returns whether more may be wanted. */
  push(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length;) {
      if (this.#line > this.#range.to) return false;
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline + 1;
      if (this.#line >= this.#range.from) this.#keep(bytes.subarray(at, end));
      if (newline >= 0) this.#line++;
      at = end;
    }
    return true;
  }
}
