// The commands of jobs as a tool echoes them: the lines of a log that are commands, not output. make echoes a
// line as the makefile has it, and records the words that it became: blanks, quotes and the backslashes that
// continue a line differ.

import type { Job } from '../model/build.ts';
import { commandLine } from './formats.ts';

/** The lines of commands, in texts with one character per byte. */
export interface Echoes {
  /** In the form of plainCommand. */
  readonly lines: ReadonlySet<string>;
  /** What the lines begin with. */
  readonly starts: ReadonlySet<string>;
}

/** Nothing is echoed. */
export const NO_ECHOES: Echoes = { lines: new Set(), starts: new Set() };

/** A line without what make changes in a command: quotes, backslashes, and all but one of several blanks. */
function plainCommand(line: string): string {
  return line
    .replaceAll(/["'\\]+/g, '')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/g, '');
}

/** The indent and the first word of a line, as far as nothing in it can be written in another way. */
function startOf(line: string): string {
  return /^[ \t]*[^ \t"'\\]*/.exec(line)![0];
}

/** A command does not take more lines than this. */
const MOST_LINES = 1000;

/**
 * Whether a line of a text is a command, or the first line of one.
 * @param at where it starts. @param stop its newline.
 * @returns the newline of the command's last line; undefined if it is none.
 */
export function commandAt(
  text: string,
  at: number,
  stop: number,
  { lines, starts }: Echoes,
): number | undefined {
  const line = text.slice(at, stop);
  if (line === '' || !starts.has(startOf(line))) return undefined;
  if (lines.has(plainCommand(line))) return stop;
  let end = stop;
  for (let i = 0; i < MOST_LINES && text[end - 1] === '\\'; i++) {
    const next = text.indexOf('\n', end + 1);
    if (next < 0) return undefined;
    end = next;
  }
  return end > stop && lines.has(plainCommand(text.slice(at, end).replaceAll('\n', ' '))) ? end : undefined;
}

/** Keeps the lines of the job that was asked for last. */
export class EchoedCommands {
  #job: Job | undefined;
  /** How many of the job's steps are in the lines. */
  #steps = 0;
  #lines = new Set<string>();
  #starts = new Set<string>();

  /** The lines of a job's commands. */
  of(job: Job): Echoes {
    if (this.#job !== job) {
      this.#job = job;
      this.#steps = 0;
      this.#lines = new Set();
      this.#starts = new Set();
    }
    for (; this.#steps < job.steps.length; this.#steps++) this.add(commandLine(job.steps[this.#steps]!.argv));
    return { lines: this.#lines, starts: this.#starts };
  }

  /** Adds a command to the lines. */
  add(command: string): Echoes {
    for (const line of Buffer.from(command).toString('latin1').split('\n')) {
      const plain = plainCommand(line);
      // An empty line in a script is not seen.
      if (plain === '') continue;
      this.#lines.add(plain);
      this.#starts.add(startOf(line));
    }
    return { lines: this.#lines, starts: this.#starts };
  }
}
