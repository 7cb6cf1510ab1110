// The logs of the jobs that write into a reader's pipes, as far as they are not settled: what the reader may
// still print, in order. Knows neither prefixes nor the reader's text.

import { LogLines } from './loglines.ts';
import { SameLines } from './samelines.ts';
import { plain } from './text.ts';
import { Unsplit } from './unsplit.ts';

/** The most bytes that are remembered. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What a line, or a chunk that is not split, takes besides its text, about. */
const COST = 200;
/** The stream of lines that have no order: each is in a queue of its own. */
export const ALONE = 'alone';

/** `[from, to]` in a log. */
export type Range = readonly [from: number, to: number];

/** A line that a job wrote, until it is settled. */
export interface Line<J> {
  readonly source: Source<J>;
  readonly queue: Queue<J>;
  /** Its number in the queue. */
  readonly number: number;
  /** Its place in the log; undefined if it is only in another job's log, which is behind an inner pipe. */
  readonly place: Range | undefined;
  readonly size: number;
  /** Without colours. */
  readonly text: string;
  state: 'pending' | 'passed' | 'swallowed';
}

/** The pending lines of a log that went through the pipe in one stream: a reader keeps their order. */
export interface Queue<J> {
  lines: Line<J>[];
  /** The index of the first one in `lines`. */
  first: number;
  /** The number of the first one. */
  taken: number;
  /** The number of the line that was passed last. */
  last: number;
}

/** A log. */
export interface Source<J> {
  /** The job; for lines that were shown before they went through their pipe, the pipe. */
  readonly key: unknown;
  /** The job whose output goes into the pipe. */
  readonly pipe: J;
  /** Its lines that are not settled, in order. */
  lines: Line<J>[];
  /** The index of the first pending one of them. */
  first: number;
  /** By their streams. */
  readonly queues: Map<string, Queue<J>>;
  /** The line that has no end yet. */
  readonly tail: LogLines;
  /** What comes after that. */
  readonly unsplit: Unsplit;
  /** It is settled up to here, and what the reader has swallowed of that, since the last report. */
  settled: number;
  swallowed: [number, number][];
  ended: boolean;
}

export class Logs<J> {
  readonly #sources = new Map<unknown, Source<J>>();
  /** The pending lines by their text. */
  readonly byText = new SameLines<Line<J>>(({ state }) => state === 'pending');
  /** Those with text that is not split. */
  readonly #unsplit = new Set<Source<J>>();
  /** The one whose text was taken last. */
  #recent: Source<J> | undefined;
  readonly #changed = new Set<Source<J>>();
  #bytes = 0;

  of(key: unknown, pipe: J): Source<J> {
    const known = this.#sources.get(key);
    if (known) return known;
    const source: Source<J> = {
      key,
      pipe,
      lines: [],
      first: 0,
      queues: new Map(),
      tail: new LogLines(),
      unsplit: new Unsplit(),
      settled: -1,
      swallowed: [],
      ended: false,
    };
    this.#sources.set(key, source);
    return source;
  }

  known(key: unknown): Source<J> | undefined {
    return this.#sources.get(key);
  }

  all(): Iterable<Source<J>> {
    return this.#sources.values();
  }

  // -- what comes to the logs -------------------------------------------------------------------------------

  /** Adds text that has gone through the pipe. @param bytes may be used again by the caller. */
  addText(source: Source<J>, at: number, bytes: Buffer): void {
    const { unsplit } = source;
    const { count } = unsplit;
    unsplit.push(at, Buffer.from(bytes));
    this.#bytes += bytes.length + (unsplit.count - count) * COST;
    this.#unsplit.add(source);
    if (unsplit.isLong) this.split(source);
    if (this.#bytes > MOST_BYTES) this.#forgetOldest();
  }

  /** Adds a line that has gone through the pipe in a stream. */
  addLine(source: Source<J>, bytes: Buffer, place: Line<J>['place'], stream: string): void {
    this.#addLine(source, bytes, place, stream);
    if (this.#bytes > MOST_BYTES) this.#forgetOldest();
  }

  #addLine(source: Source<J>, bytes: Buffer, place: Line<J>['place'], stream: string): void {
    const queue = queueOf(source, stream);
    const number = nextNumber(queue);
    const size = bytes.length;
    const line: Line<J> = { source, queue, number, place, size, text: plain(bytes), state: 'pending' };
    source.lines.push(line);
    queue.lines.push(line);
    this.#bytes += size + COST;
    this.byText.add(line);
  }

  /** Adds a line that has not gone through the pipe. */
  addShown(source: Source<J>, place: Line<J>['place']): void {
    const queue = queueOf(source, '');
    const number = nextNumber(queue);
    source.lines.push({ source, queue, number, place, size: 0, text: '', state: 'passed' });
    this.#settle(source);
  }

  /** Nothing more will come. */
  end(source: Source<J>): void {
    source.ended = true;
    this.#changed.add(source);
  }

  // -- what the reader has printed --------------------------------------------------------------------------

  /**
   * Takes the lines with which a text begins, if they come next in a log just so.
   * @param mayCome may the log's next lines come, however short they are?
   * @returns the size of the lines.
   */
  takeSame(text: Buffer, mayCome: (source: Source<J>) => boolean): number {
    let taken = 0;
    for (let n = -1; n !== 0 && taken < text.length; taken += n) {
      n =
        this.#recent && this.#unsplit.has(this.#recent) ? this.#take(this.#recent, text, taken, mayCome) : 0;
      if (n > 0) continue;
      for (const source of this.#unsplit) if ((n = this.#take(source, text, taken, mayCome)) > 0) break;
    }
    return taken;
  }

  #take(source: Source<J>, text: Buffer, from: number, mayCome: (source: Source<J>) => boolean): number {
    const { unsplit, lines, first, tail } = source;
    if (first < lines.length || !tail.isEmpty || !mayCome(source)) return 0;
    const { count } = unsplit;
    const same = unsplit.takeSame(text.subarray(from));
    if (!same) return 0;
    const n = same.bytes.length;
    this.#bytes -= n + (count - unsplit.count) * COST;
    if (unsplit.isEmpty) this.#unsplit.delete(source);
    source.settled = same.at + n;
    this.#changed.add(source);
    // The next line follows one that was passed.
    const queue = queueOf(source, '');
    queue.last = nextNumber(queue) - 1;
    this.#recent = source;
    return n;
  }

  /** Does a log's next line begin with this text, which has no newline? An unfinished line does not. */
  begins(text: Buffer): boolean {
    for (const { unsplit, lines, first, tail, ended } of this.#unsplit)
      if (first === lines.length && tail.isEmpty && unsplit.begins(text, ended)) return true;
    return false;
  }

  /** Splits all text into lines, since the reader prints something else. */
  splitAll(): void {
    for (const source of this.#sources.values())
      if (source.ended || !source.unsplit.isEmpty) this.split(source);
  }

  /** Splits a log's text into lines. If it has ended, an unfinished line is one. */
  split(source: Source<J>): void {
    const { unsplit, tail, ended } = source;
    this.#unsplit.delete(source);
    for (let chunk = unsplit.shift(); chunk; chunk = unsplit.shift()) {
      this.#bytes -= chunk.bytes.length + COST;
      for (const { from, to, bytes } of tail.push(chunk.at, chunk.bytes))
        this.#addLine(source, bytes, [from, to], '');
      if (this.#bytes > MOST_BYTES) this.#swallow(source, MOST_BYTES / 2);
    }
    const rest = ended ? tail.end() : undefined;
    if (rest) this.#addLine(source, rest.bytes, [rest.from, rest.to], '');
  }

  /** The reader has printed this line. Those before it that it has not printed, it has left out. */
  pass(line: Line<J>): void {
    const { source, queue } = line;
    for (let next = head(queue); next && next !== line; next = head(queue))
      this.#takeFirst(next, 'swallowed');
    queue.last = line.number;
    this.#takeFirst(line, 'passed');
    this.#recent = source;
    this.#settle(source);
  }

  /** Takes the first line of its queue. */
  #takeFirst(line: Line<J>, state: 'passed' | 'swallowed'): void {
    line.state = state;
    const { queue } = line;
    queue.first++;
    queue.taken++;
    if (queue.first * 2 > queue.lines.length) {
      queue.lines.splice(0, queue.first);
      queue.first = 0;
    }
    this.#bytes -= line.size + COST;
    this.byText.removed(line);
  }

  /** The reader will print nothing more. */
  swallowAll(): void {
    this.splitAll();
    for (const source of this.#sources.values()) this.#swallow(source, -1);
  }

  /** Takes a log's lines as swallowed until no more than so many bytes are remembered. */
  #swallow(source: Source<J>, most: number): void {
    for (let i = source.first; i < source.lines.length && this.#bytes > most; i++)
      if (source.lines[i]!.state === 'pending') this.#takeFirst(source.lines[i]!, 'swallowed');
    this.#settle(source);
  }

  /** A reader that keeps everything to itself must not fill the memory. */
  #forgetOldest(): void {
    for (const source of this.#sources.values()) {
      this.#swallowText(source);
      if (this.#bytes <= MOST_BYTES / 2) return;
      this.split(source);
      this.#swallow(source, MOST_BYTES / 2);
      if (this.#bytes <= MOST_BYTES / 2) return;
    }
  }

  /** The same for text that is not split, as far as whole lines come next. */
  #swallowText(source: Source<J>): void {
    const { unsplit, lines, first, tail } = source;
    if (first < lines.length || !tail.isEmpty) return;
    while (this.#bytes > MOST_BYTES / 2 && unsplit.count > 1) {
      const { at, bytes } = unsplit.shift()!;
      this.#bytes -= bytes.length + COST;
      addRange(source.swallowed, at, at + bytes.length);
      source.settled = at + bytes.length;
      // What comes next does not follow a line that was passed.
      queueOf(source, '').taken++;
    }
    this.#changed.add(source);
  }

  // -- what is settled --------------------------------------------------------------------------------------

  /** Settles the log as far as its lines are. */
  #settle(source: Source<J>): void {
    const { lines } = source;
    for (let line = lines[source.first]; line && line.state !== 'pending'; line = lines[++source.first]) {
      if (!line.place) continue;
      const [from, to] = line.place;
      source.settled = to;
      if (line.state === 'swallowed') addRange(source.swallowed, from, to);
    }
    if (source.first * 2 >= lines.length) {
      source.lines = lines.slice(source.first);
      source.first = 0;
    }
    this.#changed.add(source);
  }

  /** Reports how far the logs are settled, and what of them was swallowed, since the last report. */
  report(settled: (key: unknown, to: number, swallowed: readonly Range[]) => void): void {
    for (const source of this.#changed) {
      const { key, settled: to, swallowed } = source;
      // Only lines of logs have places.
      if (to >= 0) settled(key, to, swallowed);
      source.settled = -1;
      source.swallowed = [];
      if (source.ended && isDone(source)) this.#sources.delete(key);
    }
    this.#changed.clear();
  }
}

function queueOf<J>(source: Source<J>, stream: string): Queue<J> {
  const known = stream === ALONE ? undefined : source.queues.get(stream);
  if (known) return known;
  const queue: Queue<J> = { lines: [], first: 0, taken: 0, last: -1 };
  if (stream !== ALONE) source.queues.set(stream, queue);
  return queue;
}

function head<J>({ lines, first }: Queue<J>): Line<J> | undefined {
  return lines[first];
}

function nextNumber<J>({ taken, lines, first }: Queue<J>): number {
  return taken + lines.length - first;
}

/** Has the reader's last line of this log been the one before the next? */
export function goesOn<J>(source: Source<J>): boolean {
  const queue = source.queues.get('');
  return queue === undefined || queue.last === nextNumber(queue) - 1;
}

function isDone<J>({ lines, tail, unsplit }: Source<J>): boolean {
  return lines.length === 0 && tail.isEmpty && unsplit.isEmpty;
}

/** Adds a range after the others. */
function addRange(ranges: [number, number][], from: number, to: number): void {
  const last = ranges.at(-1);
  if (last?.[1] === from) last[1] = to;
  else ranges.push([from, to]);
}
