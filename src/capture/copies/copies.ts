// The text that the reader of a pipe prints again (`make | tee log`), and the logs of the jobs that wrote
// into the pipe: finds out which lines are the same. Such a line is left out of the reader's log, and the
// job's log is settled up to there. A line that the reader changes stays in its log. One that it swallows is
// only in the job's log. Pure: knows neither pipes nor slots.
//
// What a reader passes on as it is, is compared before it is split into lines (unsplit.ts); else lines are
// compared, without their colours and prefixes (matches.ts).

import { ALONE, Logs, type Range, type Source, goesOn } from './logs.ts';
import { Matches } from './matches.ts';
import { Pipe, type PipedStreams } from './pipe.ts';
import { plain } from './text.ts';

const NEWLINE = 0x0a;
/** How long the reader's text waits for that of the jobs. */
const WAIT_MS = 300;
/** The most bytes of the reader's that wait. */
const MOST_WAITING = 1024 * 1024;

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
  settled(job: J, to: number, swallowed: readonly Range[]): void;
  /** A pipe was closed, and its reader has been silent since: a live display need not wait for more. */
  idle(pipe: J): void;
  /** May there be text of the jobs that has not come to their logs yet? */
  isComing(): boolean;
}

export class Copies<J> {
  readonly #sink: CopiesSink<J>;
  readonly #pipes = new Map<J, Pipe>();
  readonly #logs = new Logs<J>();
  readonly #matches = new Matches(this.#logs, this.#pipes);
  /** The reader's text that is not decided. */
  #waiting: Buffer = Buffer.alloc(0);
  #waitingSince = 0;
  /** When the reader has last printed something. */
  #heard = 0;

  constructor(sink: CopiesSink<J>) {
    this.#sink = sink;
  }

  /** A job's output goes into a pipe from now on. Arguments as of Pipe. */
  open(pipe: J, streams: PipedStreams, isRunners: boolean, name = '', prefix?: string): void {
    this.#pipes.set(pipe, new Pipe(streams, isRunners, name, prefix));
  }

  /** Nothing more will come through that pipe. @param now in milliseconds. */
  close(pipe: J, now: number): void {
    this.#pipes.get(pipe)?.close(now);
  }

  // -- the jobs' text ---------------------------------------------------------------------------------------

  /** A tool's line that shows a command is about to come to a job's log: it will go to the tool's stdout. */
  echo(pipe: J, bytes: Buffer): void {
    this.#pipes.get(pipe)?.passage?.echo(bytes);
  }

  /** Output has gone into a pipe, and will come to a log. @param stream in which it came. */
  forwarded(pipe: J, stream: string, bytes: Buffer): void {
    const known = this.#pipes.get(pipe);
    for (const line of known?.passage?.went(stream, bytes) ?? [])
      // These have no order: each text is a stream of its own.
      this.#logs.addLine(this.#logs.of(known, pipe), line, undefined, plain(line));
  }

  /**
   * Text has come to a job's log.
   * @param at the offset.
   * @param stream for lines that a reader may print in another order than the job's other output.
   */
  added(job: J, pipe: J, at: number, bytes: Buffer, stream?: string): void {
    const source = this.#logs.of(job, pipe);
    if (stream === undefined && !this.#pipes.get(pipe)?.passage) {
      this.#logs.addText(source, at, bytes);
      return;
    }
    this.#logs.split(source);
    for (const { from, to, bytes: line } of source.tail.push(at, bytes))
      this.#addLine(source, line, [from, to], stream);
  }

  /** @param as a stream of another name than the one in which it came. */
  #addLine(source: Source<J>, bytes: Buffer, place: Range, as?: string): void {
    const { passage } = this.#pipes.get(source.pipe) ?? {};
    const text = plain(bytes);
    const stream = !passage || text === '' ? '' : passage.streamOf(text);
    if (stream !== undefined) {
      this.#logs.addLine(source, bytes, place, as ?? stream);
      return;
    }
    this.#logs.addShown(source, place);
    this.#sink.shown(bytes, false);
  }

  /**
   * Lines have come through the pipe that were left out of the job's log, since they were printed behind an
   * inner pipe.
   */
  repeated(job: J, pipe: J, bytes: Buffer, inOrder: boolean): void {
    const source = this.#logs.of(job, pipe);
    this.#logs.split(source);
    for (let at = 0, end = 0; at < bytes.length; at = end) {
      end = bytes.indexOf(NEWLINE, at) + 1 || bytes.length;
      this.#logs.addLine(source, bytes.subarray(at, end), undefined, inOrder ? '' : ALONE);
    }
  }

  /** A job's log has ended: an unfinished line is a line. */
  ended(job: J): void {
    const source = this.#logs.known(job);
    if (source) this.#end(source);
  }

  #end(source: Source<J>): void {
    const rest = this.#pipes.get(source.pipe)?.passage && source.tail.end();
    if (rest) this.#addLine(source, rest.bytes, [rest.from, rest.to]);
    this.#logs.end(source);
  }

  // -- the reader's text ------------------------------------------------------------------------------------

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
    for (const [job, pipe] of this.#pipes)
      if (pipe.becomesIdle(now, this.#heard, () => this.#sink.isComing())) this.#sink.idle(job);
  }

  /** Decides about all that waits: nothing of the jobs' that came before it is still to come. */
  settle(now: number): void {
    if (this.#waiting.length > 0) this.#decide(now, true);
    this.#report();
  }

  /** The reader has ended: what it has not printed, it has swallowed. */
  finish(now: number): void {
    for (const source of [...this.#logs.all()]) this.#end(source);
    this.settle(now);
    this.#logs.swallowAll();
    this.#report();
  }

  #report(): void {
    this.#logs.report((job, to, swallowed) => {
      this.#sink.settled(job as J, to, swallowed);
    });
  }

  /** @param all without waiting any longer. */
  #decide(now: number, all: boolean): void {
    const text = this.#waiting;
    const same = this.#logs.takeSame(text, (source) => this.#mayCome(source));
    if (same > 0) this.#sink.shown(text.subarray(0, same), true);
    const rest = text.subarray(same);
    const at = rest.length === 0 || (!all && this.#logs.begins(rest)) ? same : this.#compareLines(same, all);
    this.#waiting = at === text.length ? Buffer.alloc(0) : text.subarray(at);
    if (at > 0) this.#waitingSince = now;
  }

  /** May a log's next lines come, however short they are, and without a prefix? */
  #mayCome(source: Source<J>): boolean {
    const pipe = this.#pipes.get(source.pipe);
    return goesOn(source) || (pipe?.isOpen === true && pipe.prefixes.size === 0);
  }

  /** Compares the lines of the waiting text from an offset on. @returns up to where it is decided. */
  #compareLines(from: number, all: boolean): number {
    const text = this.#waiting;
    this.#logs.splitAll();
    let own = from;
    let at = from;
    while (at < text.length) {
      const newline = text.indexOf(NEWLINE, at);
      const end = newline < 0 ? text.length : newline + 1;
      const line = text.subarray(at, end);
      // It may be the beginning of a line, and not an unfinished one.
      const begins = !all && newline < 0 && this.#mayBegin(line);
      const taken = begins ? 0 : this.#match(line);
      if (taken === 0) {
        if (begins || (!all && this.#sink.isComing())) break;
        at = end;
        continue;
      }
      if (at > own) this.#sink.append(text.subarray(own, at));
      this.#sink.shown(text.subarray(at, at + taken), true);
      at += taken;
      own = at;
    }
    if (at > own) this.#sink.append(text.subarray(own, at));
    return at;
  }

  /** Finds the line that the reader's line repeats. @returns how many of its bytes do. */
  #match(bytes: Buffer): number {
    if (this.#logs.byText.isEmpty) return 0;
    const text = plain(bytes);
    const line = this.#matches.find(text);
    if (line) {
      this.#logs.pass(line);
      return bytes.length;
    }
    const unfinished = this.#matches.unfinished(text, bytes.length);
    if (!unfinished) return 0;
    this.#logs.pass(unfinished);
    return unfinished.size;
  }

  #mayBegin(bytes: Buffer): boolean {
    return this.#sink.isComing() || this.#matches.mayBegin(plain(bytes));
  }
}
