// Finds the line of a job that a reader's line repeats: the same but for colours and for a prefix. A prefix
// is learned from one of a job's next lines. Of several equal lines, the one wins that comes first in its
// job's log; of those behind a new prefix, the one whose job is named in it.

import type { Line, Logs } from './logs.ts';
import type { Pipe } from './pipe.ts';
import { LONGEST_PREFIX, TELLING, isPrefixEnd, isShort } from './text.ts';

/** A prefix is learned from one of so many of a job's next lines. */
const MOST_LEFT_OUT = 8;
/** An unfinished line of the reader's is compared with so many of a job's next lines. */
const MOST_AHEAD = 100;

export class Matches<J> {
  readonly #logs: Logs<J>;
  readonly #pipes: ReadonlyMap<J, Pipe>;

  constructor(logs: Logs<J>, pipes: ReadonlyMap<J, Pipe>) {
    this.#logs = logs;
    this.#pipes = pipes;
  }

  /** @param text a line of the reader's, without colours. */
  find(text: string): Line<J> | undefined {
    return this.#best(text) ?? this.#withoutPrefix(text);
  }

  /** Of the pending lines with a text, the one with the fewest pending lines before it. */
  #best(text: string, pipe?: J): Line<J> | undefined {
    let best: Line<J> | undefined;
    let fewest = Infinity;
    for (const line of this.#logs.byText.of(text)) {
      if (pipe !== undefined && line.source.pipe !== pipe) continue;
      if (isShort(text) && !this.#mayBeShort(line, pipe !== undefined)) continue;
      const before = line.number - line.queue.taken;
      if (before < fewest) [best, fewest] = [line, before];
      if (before === 0) break;
    }
    return best;
  }

  /** After the end of a pipe, or without its prefix, a short line is the jobs' only if it follows one. */
  #mayBeShort({ source, queue, number }: Line<J>, hasPrefix: boolean): boolean {
    if (number === queue.last + 1) return true;
    const pipe = this.#pipes.get(source.pipe);
    return pipe?.isOpen === true && (hasPrefix || pipe.prefixes.size === 0);
  }

  #withoutPrefix(text: string): Line<J> | undefined {
    for (const [job, { prefixes }] of this.#pipes)
      for (const prefix of prefixes)
        if (text.startsWith(prefix)) {
          const line = this.#best(text.slice(prefix.length), job);
          if (line) return line;
        }
    return this.#learnPrefix(text);
  }

  /** Finds the line that the reader's line has behind a prefix that is not known yet. */
  #learnPrefix(text: string): Line<J> | undefined {
    const longest = Math.min(LONGEST_PREFIX, text.length - TELLING);
    for (let at = 1; at <= longest; at++) {
      if (!isPrefixEnd(text, at)) continue;
      if (isShort(text.slice(at))) continue;
      const prefix = text.slice(0, at);
      const line = this.#likeliest(this.#logs.byText.of(text.slice(at)), prefix);
      if (!line) continue;
      this.#pipes.get(line.source.pipe)?.learn(prefix);
      return line;
    }
    return undefined;
  }

  /**
   * Of lines with the same text, the one that most likely stands behind a new prefix: of a pipe whose job is
   * named in it, or which has no prefix yet, or which has the fewest pending lines before it.
   */
  #likeliest(lines: Iterable<Line<J>>, prefix: string): Line<J> | undefined {
    let words: ReadonlySet<string> | undefined;
    let isAnothers = false;
    let best: Line<J> | undefined;
    let most = -Infinity;
    for (const line of lines) {
      isAnothers = words
        ? isAnothers
        : [...this.#pipes.values()].some(({ prefixes }) => prefixes.has(prefix));
      words ??= new Set(prefix.split(/[^\w-]+/));
      const pipe = this.#pipes.get(line.source.pipe);
      const before = linesLeftOut(line);
      if (!pipe || before > MOST_LEFT_OUT || (isAnothers && pipe.prefixes.size > 0)) continue;
      const named = pipe.words.filter((word) => words?.has(word)).length;
      const isWholeName = named > 1 && named === pipe.words.length;
      if (!pipe.isOpen && !pipe.isRunners && !isWholeName) continue;
      const score = named * 100 - Math.min(pipe.prefixes.size, 1) * 50 - before;
      if (score > most) [best, most] = [line, score];
    }
    return best;
  }

  /** An ended log's last line without a newline, with which the reader's line begins, if it is the next. */
  unfinished(text: string, size: number): Line<J> | undefined {
    for (const { lines } of this.#logs.all()) {
      const last = lines.at(-1);
      if (last?.state !== 'pending' || last.text === '' || last.text.endsWith('\n')) continue;
      if (last.number > last.queue.taken) continue;
      if (text.startsWith(last.text) && last.size <= size) return last;
    }
    return undefined;
  }

  /** May a line that begins like this, and goes on, be one of the jobs'? */
  mayBegin(text: string): boolean {
    for (const { lines, first, tail } of this.#logs.all()) {
      for (let i = first; i < Math.min(lines.length, first + MOST_AHEAD); i++) {
        const line = lines[i]!;
        if (line.state === 'pending' && line.text.length > text.length && line.text.startsWith(text))
          return true;
      }
      if (!tail.isEmpty) return true;
    }
    for (const { prefixes } of this.#pipes.values())
      for (const prefix of prefixes) if (text.startsWith(prefix) || prefix.startsWith(text)) return true;
    return false;
  }
}

/** How many telling lines the reader has left out if it goes on with this line. */
function linesLeftOut<J>({ queue, number }: Line<J>): number {
  let count = 0;
  for (let i = queue.first; count <= MOST_LEFT_OUT && i < queue.first + number - queue.taken; i++)
    if (!isShort(queue.lines[i]!.text)) count++;
  return count;
}
