// Which of a job's lines have gone into a pipe, if only a part of its output goes there: stdout, or stderr,
// or both into one each. A line may come to a log before it goes into the pipe or after that. Pure.

import { LogLines } from './loglines.ts';
import { isPrefixed, plain } from './text.ts';

/** How many lines are remembered that may still go through a pipe after they were shown. */
const MOST_EARLY = 200;
/** The stream of lines that show commands. */
const ECHO = 'echo';

export class Passage {
  readonly #hasEcho: boolean;
  /** The lines that have gone there and not come to a log yet, with the streams in which they came. */
  readonly #gone = new Map<string, string[]>();
  /** Lines that were shown before they went there, each as often: tools print some that are known before. */
  readonly #early = new Map<string, string[]>();
  readonly #unfinished = new Map<string, LogLines>();

  /** @param hasEcho a tool's lines that show commands go there. */
  constructor(hasEcho: boolean) {
    this.#hasEcho = hasEcho;
  }

  /** A tool's line that shows a command is about to come to a log: it will go to the tool's stdout. */
  echo(bytes: Buffer): void {
    if (!this.#hasEcho) return;
    for (const { bytes: line } of new LogLines().push(0, bytes)) {
      const text = plain(line);
      if (!this.#gone.has(text)) addOne(this.#gone, text, ECHO);
    }
  }

  /** Output has gone there. @returns the lines in it that were shown before. */
  *went(stream: string, bytes: Buffer): Iterable<Buffer> {
    const lines = this.#unfinished.get(stream) ?? new LogLines();
    this.#unfinished.set(stream, lines);
    for (const { bytes: line } of lines.push(0, bytes)) {
      const text = plain(line);
      if (takeOne(this.#early, text) === undefined) addOne(this.#gone, text, stream);
      else yield line;
    }
  }

  /**
   * A line has come to a log.
   * @returns the stream in which it went there; undefined if it has not.
   */
  streamOf(text: string): string | undefined {
    const stream = takeOne(this.#gone, text) ?? this.#takeUnfinished(text);
    if (stream !== undefined) return stream;
    addOne(this.#early, text, '');
    for (const oldest of this.#early.keys()) {
      if (this.#early.size <= MOST_EARLY) break;
      this.#early.delete(oldest);
    }
    return undefined;
  }

  /** Takes the unfinished line of a stream, if it is this text. @returns the stream. */
  #takeUnfinished(text: string): string | undefined {
    if (text.endsWith('\n')) return undefined;
    for (const [stream, lines] of this.#unfinished)
      if (plain(lines.rest) === text) return lines.end() && stream;
    return undefined;
  }
}

function addOne(lines: Map<string, string[]>, text: string, stream: string): void {
  const streams = lines.get(text);
  if (streams) streams.push(stream);
  else lines.set(text, [stream]);
}

/**
 * Takes one of the lines that is this text, or has it behind a prefix, or is it without one: ninja's counts
 * are not in the logs.
 * @returns its stream.
 */
function takeOne(lines: Map<string, string[]>, text: string): string | undefined {
  const line = lines.has(text)
    ? text
    : [...lines.keys()].find((other) => isPrefixed(other, text) || isPrefixed(text, other));
  const streams = line === undefined ? undefined : lines.get(line);
  const stream = streams?.shift();
  if (line !== undefined && streams?.length === 0) lines.delete(line);
  return stream;
}
