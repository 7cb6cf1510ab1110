// The text that the reader of a pipe prints again (`make | tee log`), and the logs of the jobs that wrote
// into the pipe: finds out which lines are the same. Such a line is left out of the reader's log, and the
// job's log is settled up to there. A line that the reader changes stays in its log. One that it swallows is
// only in the job's log. Pure: knows neither pipes nor slots.
//
// A line matches if it is the same but for colours and for a prefix (npm-run-all -l, concurrently, ts). A
// prefix is learned from one of a job's next lines. Of several equal lines, the one wins that comes first in
// its job's log; of those behind a new prefix, the one whose job is named in it.

import { LogLines } from './loglines.ts';
import { SameLines } from './samelines.ts';

const NEWLINE = 0x0a;

/** A line that a job wrote, until it is settled. */
interface Line<J> {
  readonly source: Source<J>;
  readonly queue: Queue<J>;
  /** Its number in the queue. */
  readonly number: number;
  /** Its place in the log; undefined if it is only in another job's log, which is behind an inner pipe. */
  readonly place: readonly [from: number, to: number] | undefined;
  readonly size: number;
  /** Without colours. */
  readonly text: string;
  state: 'pending' | 'passed' | 'swallowed';
}

/** The pending lines of a log that went through the pipe in one stream: a reader keeps their order. */
interface Queue<J> {
  lines: Line<J>[];
  /** The index of the first one in `lines`. */
  first: number;
  /** The number of the first one. */
  taken: number;
  /** The number of the line that was passed last. */
  last: number;
}

/** A job's log. */
interface Source<J> {
  readonly key: J | Pipe;
  /** The job whose output goes into the pipe. */
  readonly pipe: J;
  /** Its lines that are not settled, in order. */
  lines: Line<J>[];
  /** The index of the first pending one of them. */
  first: number;
  /** How many of them have been reported. */
  reported: number;
  /** By their streams. */
  readonly queues: Map<string, Queue<J>>;
  readonly tail: LogLines;
  ended: boolean;
}

/** Which streams of a job go into its pipe; `both`: into two. Other output is shown as it comes. */
export type PipedStreams = 'all' | 'stdout' | 'stderr' | 'both';

/** What the reader of a pipe puts before lines. */
interface Pipe {
  /** The words of the job's name. */
  readonly words: readonly string[];
  readonly prefixes: Set<string>;
  readonly streamsOf: PipedStreams;
  readonly isRunners: boolean;
  /**
   * If only a part of the output goes there: the lines that have gone there and not come to a log yet, with
   * the streams in which they came.
   */
  readonly forwarded: Map<string, string[]> | undefined;
  /** Lines that were shown before they went there, each as often: tools print some that are known before. */
  readonly early: Map<string, string[]>;
  /** The streams that they have come in. */
  readonly streams: Map<string, LogLines>;
  /** When the pipe was closed, in milliseconds; undefined while it is open. */
  closed: number | undefined;
  /** The reader has said nothing for a while since. */
  idle: boolean;
}

/** Gets what was found out. */
export interface CopiesSink<J> {
  /** Text of the reader's own. The bytes are only valid during the call. */
  append(bytes: Buffer): void;
  /**
   * Lines that are shown in the jobs' logs instead of in the reader's: it has printed them again, or they
   * have not gone through the pipe. The bytes are only valid during the call.
   */
  shown(bytes: Buffer, inOrder: boolean): void;
  /** A log is settled up to an offset; the ranges are those that the reader has swallowed. */
  settled(job: J, to: number, swallowed: readonly (readonly [number, number])[]): void;
  /** A pipe was closed, and its reader has been silent since: a live display need not wait for more. */
  idle(pipe: J): void;
  /** May there be text of the jobs that has not come to their logs yet? */
  isComing(): boolean;
}

/** How long the reader's text waits for that of the jobs. */
const WAIT_MS = 300;
/** A pipe is idle when it was closed, and its reader has been silent for so long, in milliseconds. */
const SILENT_MS = 1000;
/** The most bytes of lines that are remembered, and the most of the reader's that wait. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What a line takes besides its text, about. */
const LINE_BYTES = 200;
const MOST_WAITING = 1024 * 1024;
/** The stream of lines that show commands. */
const ECHO = 'echo';
/** Of lines that have no order, each of which is in a queue of its own. */
const ALONE = 'alone';
const LONGEST_PREFIX = 100;
const MOST_PREFIXES = 20;
/** A prefix is learned from one of so many of a job's next lines. */
const MOST_LEFT_OUT = 8;
/** An unfinished line of the reader's is compared with so many of a job's next lines. */
const MOST_AHEAD = 100;
/** How many lines are remembered that may still go through a pipe after they were shown. */
const MOST_EARLY = 200;
/** A line shorter than this does not teach a prefix. */
const TELLING = 4;

export class Copies<J> {
  readonly #sink: CopiesSink<J>;
  /** The logs by their jobs, and for each pipe the lines that were shown early. */
  readonly #sources = new Map<J | Pipe, Source<J>>();
  readonly #pipes = new Map<J, Pipe>();
  /** The pending lines by their text. */
  readonly #byText = new SameLines<Line<J>>(({ state }) => state === 'pending');
  readonly #changed = new Set<Source<J>>();
  #bytes = 0;
  /** The reader's text that is not decided. */
  #waiting: Buffer = Buffer.alloc(0);
  #waitingSince = 0;
  /** When the reader has last printed something. */
  #heard = 0;

  constructor(sink: CopiesSink<J>) {
    this.#sink = sink;
  }

  /**
   * A job's output goes into a pipe from now on.
   * @param isRunners the reader is a runner, which puts the same prefix before each line. A shell that has
   *   read a value (`v=$(make print); echo "got: $v"`) prints it after the pipe was closed: that is no
   *   prefix.
   * @param name the job's, which a prefix may have.
   * @param prefix what the reader puts before each line, if that is known. It may as well put nothing there.
   */
  open(pipe: J, streams: PipedStreams, isRunners: boolean, name = '', prefix?: string): void {
    this.#pipes.set(pipe, {
      words: name.split(/[^\w-]+/).filter((word) => word.length > 1),
      isRunners,
      prefixes: new Set(prefix === undefined ? [] : [prefix]),
      streamsOf: streams,
      forwarded: streams === 'all' ? undefined : new Map<string, string[]>(),
      early: new Map(),
      streams: new Map(),
      closed: undefined,
      idle: false,
    });
  }

  /** A tool's line that shows a command is about to come to a job's log: it will go to the tool's stdout. */
  echo(pipe: J, bytes: Buffer): void {
    const known = this.#pipes.get(pipe);
    if (!known?.forwarded || known.streamsOf === 'stderr') return;
    for (const { bytes: line } of new LogLines().push(0, bytes)) {
      const text = plain(line);
      if (!known.forwarded.has(text)) addOne(known.forwarded, text, ECHO);
    }
  }

  /** Output has gone into a pipe, and will come to a log. @param stream in which it came. */
  forwarded(pipe: J, stream: string, bytes: Buffer): void {
    const known = this.#pipes.get(pipe);
    if (!known?.forwarded) return;
    const lines = known.streams.get(stream) ?? new LogLines();
    known.streams.set(stream, lines);
    for (const { bytes: line } of lines.push(0, bytes)) {
      const text = plain(line);
      if (takeOne(known.early, text) === undefined) addOne(known.forwarded, text, stream);
      else this.#addLine(this.#sourceOf(known, pipe), line, undefined, text);
    }
  }

  /** Nothing more will come through that pipe. @param now in milliseconds. */
  close(pipe: J, now: number): void {
    const known = this.#pipes.get(pipe);
    if (known) known.closed ??= now;
  }

  /**
   * Text has come to a job's log.
   * @param at the offset.
   * @param stream for lines that a reader may print in another order than the job's other output.
   */
  added(job: J, pipe: J, at: number, bytes: Buffer, stream?: string): void {
    const source = this.#sourceOf(job, pipe);
    for (const { from, to, bytes: line } of source.tail.push(at, bytes))
      this.#addLine(source, line, [from, to], stream);
    if (this.#bytes > MOST_BYTES) this.#forgetOldest();
  }

  /**
   * Lines have come through the pipe that were left out of the job's log, since they were printed behind an
   * inner pipe.
   */
  repeated(job: J, pipe: J, bytes: Buffer, inOrder: boolean): void {
    const source = this.#sourceOf(job, pipe);
    for (let at = 0, end = 0; at < bytes.length; at = end) {
      end = bytes.indexOf(NEWLINE, at) + 1 || bytes.length;
      this.#addLine(source, bytes.subarray(at, end), undefined, inOrder ? '' : ALONE);
    }
    if (this.#bytes > MOST_BYTES) this.#forgetOldest();
  }

  #sourceOf(key: J | Pipe, pipe: J): Source<J> {
    let source = this.#sources.get(key);
    if (source) return source;
    source = {
      key,
      pipe,
      lines: [],
      first: 0,
      reported: 0,
      queues: new Map(),
      tail: new LogLines(),
      ended: false,
    };
    this.#sources.set(key, source);
    return source;
  }

  /** A job's log has ended: an unfinished line is a line. */
  ended(job: J): void {
    this.#end(job);
  }

  #end(key: J | Pipe): void {
    const source = this.#sources.get(key);
    if (!source) return;
    source.ended = true;
    const rest = source.tail.end();
    if (rest) this.#addLine(source, rest.bytes, [rest.from, rest.to]);
    else if (source.lines.length === 0) this.#sources.delete(key);
  }

  #addLine(source: Source<J>, bytes: Buffer, place: Line<J>['place'], known?: string): void {
    const text = plain(bytes);
    const size = bytes.length;
    const through = place || known === undefined ? this.#streamOf(source.pipe, text) : known;
    const stream = through === undefined ? undefined : (known ?? through);
    const state = stream === undefined ? 'passed' : 'pending';
    const queue = queueOf(source, stream ?? '');
    const number = queue.taken + queue.lines.length - queue.first;
    const line: Line<J> = { source, queue, number, place, size, text, state };
    source.lines.push(line);
    if (stream === undefined) {
      this.#skipSettled(source);
      this.#changed.add(source);
      this.#sink.shown(bytes, false);
      return;
    }
    queue.lines.push(line);
    this.#bytes += size + LINE_BYTES;
    this.#byText.add(line);
  }

  /** The reader has printed something. @param now in milliseconds. */
  read(bytes: Buffer, now: number): void {
    this.#heard = now;
    if (this.#waiting.length === 0) this.#waitingSince = now;
    this.#waiting = this.#waiting.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#waiting, bytes]);
    this.#decide(now, this.#waiting.length > MOST_WAITING);
  }

  /** To be called in each round. @param now in milliseconds. */
  poll(now: number): void {
    if (this.#waiting.length > 0) this.#decide(now, now - this.#waitingSince > WAIT_MS);
    this.#report();
    for (const [job, pipe] of this.#pipes) {
      if (pipe.closed === undefined || pipe.idle) continue;
      pipe.idle = now - Math.max(pipe.closed, this.#heard) > SILENT_MS && !this.#sink.isComing();
      if (pipe.idle) this.#sink.idle(job);
    }
  }

  /** Decides about all that waits: nothing of the jobs' that came before it is still to come. */
  settle(now: number): void {
    if (this.#waiting.length > 0) this.#decide(now, true);
    this.#report();
  }

  /** The reader has ended: what it has not printed, it has swallowed. */
  finish(now: number): void {
    for (const key of [...this.#sources.keys()]) this.#end(key);
    this.settle(now);
    for (const source of this.#sources.values()) {
      for (const line of source.lines) if (line.state === 'pending') this.#take(line, 'swallowed');
      this.#changed.add(source);
    }
    this.#report();
  }

  // -- the reader's lines -----------------------------------------------------------------------------------

  /** @param all without waiting any longer. */
  #decide(now: number, all: boolean): void {
    const text = this.#waiting;
    let own = 0;
    let at = 0;
    while (at < text.length) {
      const newline = text.indexOf(NEWLINE, at);
      const end = newline < 0 ? text.length : newline + 1;
      const taken = this.#match(text.subarray(at, end));
      if (taken === 0) {
        const mayMatch = newline < 0 ? this.#mayBegin(plain(text.subarray(at, end))) : true;
        if (!all && mayMatch && (newline < 0 || this.#sink.isComing())) break;
        at = end;
        continue;
      }
      if (at > own) this.#sink.append(text.subarray(own, at));
      this.#sink.shown(text.subarray(at, at + taken), true);
      at += taken;
      own = at;
    }
    if (at > own) this.#sink.append(text.subarray(own, at));
    this.#waiting = at === text.length ? Buffer.alloc(0) : text.subarray(at);
    if (at > 0) this.#waitingSince = now;
  }

  /** Finds the line that the reader's line repeats. @returns how many of its bytes do. */
  #match(bytes: Buffer): number {
    if (this.#byText.isEmpty) return 0;
    const text = plain(bytes);
    const line = this.#best(text) ?? this.#withoutPrefix(text);
    if (line) {
      this.#pass(line);
      return bytes.length;
    }
    const unfinished = this.#unfinished(text, bytes);
    if (!unfinished) return 0;
    this.#pass(unfinished);
    return unfinished.size;
  }

  /** Of the pending lines with a text, the one with the fewest pending lines before it. */
  #best(text: string, pipe?: J): Line<J> | undefined {
    let best: Line<J> | undefined;
    let fewest = Infinity;
    for (const line of this.#byText.of(text)) {
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
    const pipe = this.#pipes.get(source.pipe);
    const isOpen = pipe?.closed === undefined && (hasPrefix || pipe?.prefixes.size === 0);
    return isOpen || number === queue.last + 1;
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
      const line = this.#likeliest(this.#byText.of(text.slice(at)), prefix);
      if (!line) continue;
      const prefixes = this.#pipes.get(line.source.pipe)?.prefixes;
      prefixes?.add(prefix);
      // ninja's counts are prefixes as well.
      if (prefixes && prefixes.size > MOST_PREFIXES)
        for (const oldest of [...prefixes].slice(0, 1)) prefixes.delete(oldest);
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
      if (pipe.closed !== undefined && !pipe.isRunners && !isWholeName) continue;
      const score = named * 100 - Math.min(pipe.prefixes.size, 1) * 50 - before;
      if (score > most) [best, most] = [line, score];
    }
    return best;
  }

  /** An ended log's last line without a newline, with which the reader's line begins. */
  #unfinished(text: string, bytes: Buffer): Line<J> | undefined {
    for (const { lines } of this.#sources.values()) {
      const last = lines.at(-1);
      if (last?.state !== 'pending' || last.text === '' || last.text.endsWith('\n')) continue;
      if (text.startsWith(last.text) && last.size <= bytes.length) return last;
    }
    return undefined;
  }

  /** May a line that begins like this be one of the jobs'? */
  #mayBegin(text: string): boolean {
    if (this.#sink.isComing()) return true;
    for (const { lines, first, tail } of this.#sources.values()) {
      for (let i = first; i < Math.min(lines.length, first + MOST_AHEAD); i++)
        if (lines[i]!.state === 'pending' && lines[i]!.text.startsWith(text)) return true;
      if (!tail.isEmpty) return true;
    }
    for (const { prefixes } of this.#pipes.values())
      for (const prefix of prefixes) if (text.startsWith(prefix) || prefix.startsWith(text)) return true;
    return false;
  }

  // -- the jobs' lines --------------------------------------------------------------------------------------

  #pass(line: Line<J>): void {
    const { source, queue } = line;
    // The reader has left these out.
    for (let next = head(queue); next && next !== line; next = head(queue)) this.#take(next, 'swallowed');
    queue.last = line.number;
    this.#take(line, 'passed');
    this.#changed.add(source);
  }

  /** Takes the first line of its queue, or all one after the other. */
  #take(line: Line<J>, state: 'passed' | 'swallowed'): void {
    line.state = state;
    const { source, queue } = line;
    queue.first++;
    queue.taken++;
    if (queue.first * 2 > queue.lines.length) {
      queue.lines.splice(0, queue.first);
      queue.first = 0;
    }
    this.#skipSettled(source);
    this.#bytes -= line.size + LINE_BYTES;
    this.#byText.removed(line);
  }

  #skipSettled(source: Source<J>): void {
    while (source.lines[source.first] && source.lines[source.first]!.state !== 'pending') source.first++;
  }

  /** The stream in which the line went through the pipe; undefined if it did not, and is shown at once. */
  #streamOf(pipe: J, text: string): string | undefined {
    const known = this.#pipes.get(pipe);
    if (!known?.forwarded || text === '') return '';
    const stream = takeOne(known.forwarded, text) ?? takeUnfinished(known.streams, text);
    if (stream !== undefined) return stream;
    addOne(known.early, text, '');
    for (const oldest of known.early.keys()) {
      if (known.early.size <= MOST_EARLY) break;
      known.early.delete(oldest);
    }
    return undefined;
  }

  /** A reader that keeps everything to itself must not fill the memory. */
  #forgetOldest(): void {
    for (const source of this.#sources.values())
      for (let line = firstPending(source); line; line = firstPending(source)) {
        if (this.#bytes <= MOST_BYTES / 2) return;
        this.#take(line, 'swallowed');
        this.#changed.add(source);
      }
  }

  /** Reports how far the logs are settled. */
  #report(): void {
    for (const source of this.#changed) {
      const { lines, first, key } = source;
      const swallowed: [number, number][] = [];
      let settled = 0;
      for (let i = source.reported; i < first; i++) {
        const { place, state } = lines[i]!;
        if (!place) continue;
        const [from, to] = place;
        settled = to;
        const last = swallowed.at(-1);
        if (state === 'swallowed' && last?.[1] === from) last[1] = to;
        else if (state === 'swallowed') swallowed.push([from, to]);
      }
      source.reported = first;
      if (first * 2 >= lines.length) {
        source.lines = lines.slice(first);
        source.first = source.reported = 0;
      }
      // Only lines of logs have places.
      if (settled > 0) this.#sink.settled(key as J, settled, swallowed);
      if (source.ended && source.lines.length === 0) this.#sources.delete(key);
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

/** How many telling lines the reader has left out if it goes on with this line. */
function linesLeftOut<J>({ queue, number }: Line<J>): number {
  let count = 0;
  for (let i = queue.first; count <= MOST_LEFT_OUT && i < queue.first + number - queue.taken; i++)
    if (!isShort(queue.lines[i]!.text)) count++;
  return count;
}

/** Too short to tell anything. */
function isShort(text: string): boolean {
  return text.trimEnd().length < TELLING;
}

function firstPending<J>({ lines, first }: Source<J>): Line<J> | undefined {
  return lines[first];
}

/** A line as text, a character for each byte, without colours. */
function plain(bytes: Buffer): string {
  const text = bytes.toString('latin1');

  return text.includes('\x1b') ? text.replaceAll(/\x1b\[[0-9;:]*m/g, '') : text;
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

/** Takes the unfinished line of a stream, if it is this text. @returns the stream. */
function takeUnfinished(streams: ReadonlyMap<string, LogLines>, text: string): string | undefined {
  if (text.endsWith('\n')) return undefined;
  for (const [stream, lines] of streams) if (plain(lines.rest) === text) return lines.end() && stream;
  return undefined;
}

/** Is the line this text behind a prefix? */
function isPrefixed(line: string, text: string): boolean {
  return (
    line.length > text.length &&
    text.trimEnd().length >= TELLING &&
    line.endsWith(text) &&
    isPrefix(line.slice(0, line.length - text.length))
  );
}

/** What readers put before lines ends so. */
function isPrefix(text: string): boolean {
  return text.length <= LONGEST_PREFIX && isPrefixEnd(text, text.length);
}

/** May a prefix of the text end at this offset? */
function isPrefixEnd(text: string, at: number): boolean {
  return /[\s\]:|>]/.test(text[at - 1] ?? '');
}
