// Reads what ctest prints about its tests: which one starts, and how each has ended (cmCTestRunTest.cxx has
// the formats). Pure.

/** ctest's verdict on a test. */
export type Verdict = 'passed' | 'failed' | 'skipped' | 'disabled' | 'not run';

/** A line about a test: it starts, or has ended with a verdict, or (without a number) cannot run. */
export interface TestLine {
  readonly number?: number;
  readonly name?: string;
  readonly verdict?: Verdict;
  /** The tests whose failure is the reason, as ctest lists them: names separated by blanks. */
  readonly failedNeeds?: string;
}

/** `    Start  2: name` */
const START = /^ +Start +(\d+): (.+)$/;
/** `1/4 Test  #2: name ....   Passed    0.00 sec`; without a count if it is repeated. */
const RESULT = /^ *(?:\d+\/\d+)? *(?:Test|MemCheck) +#(\d+): (.*?) ?\.* *(Passed\b.*|\*\*\*.*)$/;
const FAILED_NEEDS = /^Failed test dependencies: (.+)$/;
/** Most lines are others. */
const TELLING = /Start|#|^Failed test/;

/** @param line without its newline. */
function testLine(line: string): TestLine | undefined {
  if (!TELLING.test(line)) return undefined;
  const start = START.exec(line);
  if (start) return { number: Number(start[1]), name: start[2] ?? '' };
  const [, failedNeeds] = FAILED_NEEDS.exec(line) ?? [];
  if (failedNeeds !== undefined) return { failedNeeds };
  const result = RESULT.exec(line);
  if (!result) return undefined;
  const [, number, name = '', said = ''] = result;
  return { number: Number(number), name, verdict: verdictOf(said) };
}

function verdictOf(said: string): Verdict {
  if (said.startsWith('Passed')) return 'passed';
  if (said.startsWith('***Skipped')) return 'skipped';
  if (said.startsWith('***Not Run (Disabled)')) return 'disabled';
  return said.startsWith('***Not Run') ? 'not run' : 'failed';
}

/** ctest's lines, put together from pieces of text. */
export class TestLines {
  #rest = '';

  /** @returns the lines about tests that end in this piece. */
  push(text: Buffer): TestLine[] {
    const lines = (this.#rest + text.toString('latin1')).split('\n');
    // Names are bytes: they are decoded whole.
    this.#rest = lines.pop()?.slice(-LONGEST) ?? '';
    return lines.flatMap((line) => testLine(Buffer.from(line, 'latin1').toString('utf8')) ?? []);
  }
}

/** Of an unfinished line, so much is kept. */
const LONGEST = 64 * 1024;
