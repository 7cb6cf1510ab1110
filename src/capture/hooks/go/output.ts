// Reads what `go test` prints: which text belongs to which package, and how each has ended. Pure.
//
// go prints a package's output when the package has ended, all at once, and its result as the last line. With
// one package it prints as it goes. Errors of compilers go to stderr, below a line that names the package.
// With -json, each line is an event that names its package (go doc test2json).

/** How a package's tests have ended. */
export type Outcome = 'passed' | 'failed' | 'none';

/** What the text says, in order. */
export type Said =
  | { readonly kind: 'own'; readonly text: Buffer }
  | { readonly kind: 'output'; readonly name: string; readonly text: Buffer }
  | {
      readonly kind: 'result';
      readonly name: string;
      readonly outcome: Outcome;
      readonly seconds: number | undefined;
    };

const NEWLINE = 0x0a;
/** The end of a longer line is not waited for. */
const LONGEST = 256 * 1024;
/** The most text that is kept for the result behind it. */
const MOST_PENDING = 4 * 1024 * 1024;

/**
 * `ok  	pkg	0.01s`, `FAIL	pkg [build failed]`, `?   	pkg	[no test files]`; with -cover also
 * `	pkg		coverage: …`
 */
const RESULT = /^(ok  |FAIL|\?   |)\t(\S+)(?:\s+(?:(\d+\.\d+)s\b|\(cached\)|\[.*\]|coverage: ).*)$/;
/** `# pkg [pkg.test]` */
const HEADING = /^# (\S+)(?: \[\S+\])?$/;
/** A compiler's or vet's line, or a continuation of one. */
const COMPILERS = /^(?:[^\s:]+:\d+(?::\d+)?: |\t|vet: |note: |too many errors)/;
/** Lines of go itself. */
const OWN = /^go: |^FAIL$/;

export class GoTestOutput {
  /** The package that is tested, if it is only one, and known; until its result has come. */
  #only: string | undefined;
  #kept: Buffer = Buffer.alloc(0);
  /** Text whose package is not known yet. */
  #pending: Buffer[] = [];
  #size = 0;
  /** The package whose compiler's errors come. */
  #building: string | undefined;

  constructor(only: string | undefined) {
    this.#only = only;
  }

  /** Some text waits for what comes behind it. */
  get waits(): boolean {
    return this.#size > 0 || this.#kept.length > 0;
  }

  push(text: Buffer): Said[] {
    const said: Said[] = [];
    const all = this.#kept.length === 0 ? text : Buffer.concat([this.#kept, text]);
    let at = 0;
    for (let end = all.indexOf(NEWLINE) + 1; end > 0; end = all.indexOf(NEWLINE, at) + 1) {
      this.#line(all.subarray(at, end), said);
      at = end;
    }
    const rest = Buffer.from(all.subarray(at));
    this.#kept = rest.length > LONGEST ? Buffer.alloc(0) : rest;
    if (rest.length > LONGEST) this.#line(rest, said);
    return said;
  }

  /** What waits is go's own. */
  flush(): Said[] {
    const text = Buffer.concat([...this.#pending, this.#kept]);
    this.#pending = [];
    this.#size = 0;
    this.#kept = Buffer.alloc(0);
    return text.length === 0 ? [] : [{ kind: 'own', text }];
  }

  #line(bytes: Buffer, said: Said[]): void {
    const line = bytes.toString('utf8').replace(/\r?\n$/, '');
    if (line.startsWith('{') && this.#event(line, bytes, said)) return;
    const heading = HEADING.exec(line)?.[1];
    if (heading !== undefined) this.#building = heading;
    if (this.#building !== undefined && (heading !== undefined || COMPILERS.test(line))) {
      said.push({ kind: 'output', name: this.#building, text: bytes });
      return;
    }
    this.#building = undefined;
    const result = RESULT.exec(line);
    if (result) {
      this.#result(result, bytes, said);
    } else if (OWN.test(line) && this.#size === 0 && this.#only === undefined) {
      said.push({ kind: 'own', text: bytes });
    } else if (this.#only !== undefined) {
      said.push({ kind: 'output', name: this.#only, text: bytes });
    } else {
      this.#pending.push(bytes);
      this.#size += bytes.length;
      if (this.#size > MOST_PENDING) said.push(...this.flush());
    }
  }

  #result([, word, name = '', seconds]: RegExpExecArray, bytes: Buffer, said: Said[]): void {
    const text = Buffer.concat([...this.#pending, bytes]);
    this.#pending = [];
    this.#size = 0;
    this.#only = undefined;
    const outcome = word === 'FAIL' ? 'failed' : word === 'ok  ' ? 'passed' : 'none';
    said.push({ kind: 'output', name, text });
    said.push({
      kind: 'result',
      name,
      outcome,
      seconds: seconds === undefined ? undefined : Number(seconds),
    });
  }

  /** @returns false if the line is no event. */
  #event(line: string, bytes: Buffer, said: Said[]): boolean {
    const event = parsed(line);
    if (event?.Action === undefined) return false;
    said.push({ kind: 'own', text: bytes });
    const name = event.Package ?? event.ImportPath?.replace(/ \[.*/, '');
    if (name === undefined) return true;
    said.push({ kind: 'output', name, text: Buffer.from(event.Output ?? '') });
    const outcome = event.Test === undefined ? OUTCOMES[event.Action] : undefined;
    if (outcome) said.push({ kind: 'result', name, outcome, seconds: event.Elapsed });
    return true;
  }
}

const OUTCOMES: Readonly<Record<string, Outcome>> = { pass: 'passed', fail: 'failed', skip: 'none' };

interface Event {
  readonly Action?: string;
  readonly Package?: string;
  readonly ImportPath?: string;
  readonly Test?: string;
  readonly Output?: string;
  readonly Elapsed?: number;
}

function parsed(line: string): Event | undefined {
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    const texts = ['Action', 'Package', 'ImportPath', 'Test', 'Output'];
    const isEvent = texts.every((name) => ['string', 'undefined'].includes(typeof value[name]));
    return isEvent && ['number', 'undefined'].includes(typeof value.Elapsed) ? value : undefined;
  } catch {
    return undefined;
  }
}
