// Removes what ninja prints about its edges from its own text: status lines (a job's log begins with the
// description), `FAILED:` and the command (a job's log ends with them), and the late copy of the output
// (which is in the log already). What is not recognised stays ninja's own text. Pure, apart from the sink
// that gets what is found.

const NEWLINE = 0x0a;
const EXPLAINS = 'ninja explain: ';
/** The end of a longer line is not waited for. */
const LONGEST = 256 * 1024;

/** The text that ninja will print about an edge that it has reaped. */
export interface Reaped {
  readonly failed: boolean;
  /** Undefined if it is unknown. */
  readonly description: string | undefined;
  readonly command: string | undefined;
  /** The number of bytes of the edge's output that it prints. */
  readonly printed: number;
  /** The first of these bytes. */
  readonly first: Buffer;
  /** Its status line has come, or none is printed. */
  readonly shown: boolean;
}

/** Gets what was found in the text. */
export interface OutputSink<J> {
  append(job: J, text: Buffer): void;
  /** Everything has come that ninja prints about this job. */
  complete(job: J): void;
}

interface Pending<J> extends Reaped {
  readonly job: J;
  status: boolean;
  /** How much of `FAILED:` has come: 0, nothing; 1, the outputs; 2, the command too. */
  failure: 0 | 1 | 2;
}

const FAILURE = /^(?:\x1b\[31m)?FAILED: |^samu: job (?:failed|terminated|status)/;

export class NinjaOutput<J> {
  readonly #sink: OutputSink<J>;
  /** Reaped edges in order; more than one while an edge has the console. */
  readonly #queue: Pending<J>[] = [];
  /** The number of bytes of the first one's output that are still to come. */
  #copy = 0;
  /**
   * The last output had no newline at its end. ninja prints one before the next output, or at its own end.
   */
  #owesNewline = false;
  /** The start of a line. */
  #kept: Buffer = Buffer.alloc(0);
  /** The status line of an edge that has just started. */
  #expected: { description: string; command: string } | undefined;
  #onStatus: ((line: string) => boolean) | undefined;
  /** An edge has the console: ninja prints about others when it has ended. */
  #console: J | undefined;
  /** The number of edges in the last status line, which ninja corrects during the build. */
  total: number | undefined;
  /** `-d explain`: the reasons by output. */
  readonly #reasons = new Map<string, string>();

  constructor(sink: OutputSink<J>) {
    this.#sink = sink;
  }

  /**
   * Reads text that may end with the status line of an edge that starts.
   * @returns the text that is ninja's own, and whether the status line has come.
   */
  pushStart(text: Buffer, description: string, command: string): { rest: Buffer; shown: boolean } {
    this.#expected = { description, command };
    const rest = this.push(text);
    const shown = !this.#expecting();
    this.#expected = undefined;
    return { rest, shown };
  }

  #expecting(): boolean {
    return this.#expected !== undefined;
  }

  /** The next line is a status line. @param take handles it, and returns whether it is about an edge. */
  onStatusLine(take: (line: string) => boolean): void {
    this.#onStatus = take;
  }

  get locked(): boolean {
    return this.#console !== undefined;
  }

  /** This edge has the console. */
  lock(job: J): void {
    this.#console = job;
  }

  reaped(job: J, reaped: Reaped): void {
    const fromConsole = this.#console === job;
    if (fromConsole) this.#console = undefined;
    // Its status line has come at its start.
    this.#queue.push({ ...reaped, job, status: reaped.shown || fromConsole, failure: 0 });
    this.#settle();
  }

  /** Reads the next part of ninja's text. @returns the text that is its own. */
  push(text: Buffer): Buffer {
    const awaited = this.#queue.length > 0 || this.#expected !== undefined || this.#onStatus !== undefined;
    if (!awaited && this.#kept.length === 0 && !this.#owesNewline && !text.includes(EXPLAINS)) return text;
    let rest = this.#kept.length === 0 ? text : Buffer.concat([this.#kept, text]);
    this.#kept = Buffer.alloc(0);
    const kept: Buffer[] = [];
    while (rest.length > 0) {
      if (this.#copy > 0) {
        const n = Math.min(this.#copy, rest.length);
        this.#copy -= n;
        this.#owesNewline = rest[n - 1] !== NEWLINE;
        rest = rest.subarray(n);
        if (this.#copy === 0) {
          this.#next();
          this.#settle();
        }
        continue;
      }
      const [first] = this.#queue;
      const copy = first ? this.#startsCopy(first, rest) : 'no';
      if (copy === 'more') {
        this.#kept = Buffer.from(rest);
        break;
      }
      if (copy === 'yes') continue;
      const end = rest.indexOf(NEWLINE) + 1;
      if (end === 0 && rest.length < LONGEST && (first || this.#onStatus)) {
        this.#kept = Buffer.from(rest);
        break;
      }
      const line = end === 0 ? rest : rest.subarray(0, end);
      rest = rest.subarray(line.length);
      if (!this.#take(line)) kept.push(Buffer.from(line));
    }
    return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
  }

  /** Ends the text when ninja has ended. @returns the jobs about which it printed nothing more. */
  end(): J[] {
    return this.#queue.splice(0).map(({ job }) => job);
  }

  /** Removes and returns the start of an unfinished line. */
  takeKept(): Buffer {
    const kept = this.#kept;
    this.#kept = Buffer.alloc(0);
    return kept;
  }

  /** Why an edge with these outputs runs, as ninja printed with `-d explain`. */
  reasonFor(outputs: readonly string[]): string | undefined {
    if (this.#reasons.size === 0) return undefined;
    const output = outputs.find((one) => this.#reasons.has(one));
    return output === undefined ? undefined : this.#reasons.get(output);
  }

  /** Does the copy of its output begin here? */
  #startsCopy(first: Pending<J>, rest: Buffer): 'yes' | 'no' | 'more' {
    if (first.printed === 0 || (first.failed && first.failure === 1)) return 'no';
    if (!first.status) return 'no';
    const n = Math.min(first.first.length, rest.length);
    if (rest.compare(first.first, 0, n, 0, n) !== 0) return 'no';
    if (n < first.first.length) return 'more';
    this.#copy = first.printed;
    return 'yes';
  }

  /** Handles a whole line. @returns whether it belongs to an edge. */
  #take(line: Buffer): boolean {
    const text = line.toString('utf8').replace(/\n$/, '');
    if (this.#onStatus) {
      const take = this.#onStatus;
      this.#onStatus = undefined;
      if (take(text)) return true;
    }
    this.#noteReason(text);
    for (let i = 0; i < this.#queue.length; i++) {
      const one = this.#queue[i]!;
      if (!this.#isAbout(one, text)) continue;
      // Nothing more comes about the edges before it in the queue.
      for (let passed = 0; passed < i; passed++) this.#next();
      this.#give(one, text, line);
      this.#settle();
      return true;
    }
    const { description, command } = this.#expected ?? {};
    if (description !== undefined && (text.endsWith(description) || text.endsWith(command ?? ''))) {
      this.#expected = undefined;
      this.#noteTotal(text);
      return true;
    }
    if (text !== '' || !this.#owesNewline) return false;
    this.#owesNewline = false;
    return true;
  }

  #isAbout(one: Pending<J>, text: string): boolean {
    if (one.failed) {
      if (one.failure === 1) return true;
      if (one.failure === 0 && FAILURE.test(text)) return true;
    }
    if (one.status) return false;
    const { description, command } = one;
    if (description === undefined || command === undefined) return /^\[\d+\/\d+\] /.test(text);
    return text.endsWith(description) || text.endsWith(command);
  }

  #give(one: Pending<J>, text: string, line: Buffer): void {
    const ofFailure = one.failed && (one.failure === 1 || (one.failure === 0 && FAILURE.test(text)));
    one.status = true;
    if (!ofFailure) {
      this.#noteTotal(text);
      return;
    }
    // ninja prints the outputs, then the command; samurai prints one line.
    one.failure = one.failure === 1 || text.startsWith('samu: ') ? 2 : 1;
    this.#sink.append(one.job, line);
  }

  /** Ends complete edges at the head of the queue. */
  #settle(): void {
    for (let [first] = this.#queue; first; [first] = this.#queue) {
      const isDone = first.status && (!first.failed || first.failure === 2);
      if (!isDone || first.printed > 0 || this.#console !== undefined) return;
      this.#next();
    }
  }

  #next(): void {
    const done = this.#queue.shift();
    if (done) this.#sink.complete(done.job);
  }

  /** The default of ninja and samurai: `[3/12] `. Another NINJA_STATUS cannot be read. */
  #noteTotal(text: string): void {
    const total = /^\[\d+\/(\d+)\] /.exec(text)?.[1];
    if (total !== undefined) this.total = Number(total);
  }

  #noteReason(text: string): void {
    const reason =
      /^ninja explain: (?:(?:output|deps for) '?(.+?)'? (?:doesn't exist|of phony|older than|missing|is dirty|restat|is missing|are out of date)|(.+?) is dirty)/.exec(
        text,
      );
    const output = reason?.[1] ?? reason?.[2];
    if (output !== undefined && !this.#reasons.has(output))
      this.#reasons.set(output, text.slice(EXPLAINS.length));
  }
}
