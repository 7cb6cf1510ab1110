// Colours for log text whose programs wrote none: where an error is and how bad it is, and which lines are
// the commands that a tool echoed. Only for display, never for the record. Pure; a line that has escape
// sequences of its own stays as it is.

/** So much of a line is looked at, in characters: what says how bad it is stands near the start. */
const LONGEST_HEAD = 400;

const BOLD = '1';
const DIM = '2';
const ERROR = '1;31';
const WARNING = '1;35';

/**
 * A stretch of a text, from and to as offsets, and the parameters of the SGR sequence that it is painted
 * with.
 */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly code: string;
}

/** Words of which one is in every line that is painted: most lines have none, and are not looked at. */
const TELLING =
  /error|warning|note:|remark:|\*\*\*|exception|interrupt|traceback|-->|FAILED|  File "|undefined reference/gi;

/**
 * `file.c:3:1: error:`, `file.ts(3,1): error TS2322:`, `cc1: warning:`, `error[E0308]:`, `CMake Error at x:`.
 */
const SEVERITY =
  /(?<=^|[\s:)])((?:fatal |internal compiler |syntax )?error|warning|note|remark)(?:\[[^\]]*\]| TS\d+)?:/i;
const LOCATION = /^(?:In file included from )?(\S.*?(?::\d+(?:[.:]\d+)*|\(\d+(?:,\d+)*\)):)\s$/;

/** Lines that are known as a whole. */
const LINES: readonly (readonly [RegExp, string])[] = [
  // GNU make's last words on a target, ninja's head of a failure.
  [/^\S+: \*\*\* (?!Waiting for unfinished jobs).*/, ERROR],
  [/^(?:FAILED: |ninja: (?:error|fatal): ).*/, ERROR],
  [/^CMake (?:Deprecation )?Warning.*/, WARNING],
  [/^CMake Error.*/, ERROR],
  // rustc's and Python's places.
  [/^\s*(?:-->|:::) \S+:\d+:\d+/, BOLD],
  [/^ {2}File ".*", line \d+/, BOLD],
  // What a Python program died of.
  [/^Traceback \(most recent call last\):/, BOLD],
  [/^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Interrupt)(?=:|$)/, ERROR],
];

/** What a linker misses. */
const UNDEFINED = /undefined reference to .*/;

/** How a line is painted, without its newline. */
function spansOf(line: string): readonly Span[] {
  const head = line.slice(0, LONGEST_HEAD);
  for (const [pattern, code] of LINES) {
    const found = pattern.exec(head);
    if (found) return [{ from: found.index, to: found.index + found[0].length, code }];
  }
  const severity = SEVERITY.exec(head);
  if (!severity) {
    const missing = UNDEFINED.exec(head);
    return missing ? [{ from: missing.index, to: line.length, code: ERROR }] : [];
  }
  const spans: Span[] = [];
  const location = LOCATION.exec(head.slice(0, severity.index))?.[1];
  if (location !== undefined) spans.push({ from: 0, to: severity.index - 1, code: BOLD });
  const word = (severity[1] ?? '').toLowerCase();
  const code = word === 'warning' ? WARNING : word === 'note' || word === 'remark' ? DIM : ERROR;
  // A word in the middle of a sentence says nothing of the line.
  if (location === undefined && !/^(?:\S+: ?)*$/.test(head.slice(0, severity.index))) return [];
  return [...spans, { from: severity.index, to: severity.index + severity[0].length, code }];
}

/** A line without its newline, as it is painted; as it is where it has escape sequences of its own. */
export function highlightLine(line: string): string {
  if (line.includes('\x1b')) return line;
  let text = '';
  let done = 0;
  for (const { from, to, code } of spansOf(line)) {
    text += `${line.slice(done, from)}\x1b[${code}m${line.slice(from, to)}\x1b[0m`;
    done = to;
  }
  return text + line.slice(done);
}

const NEWLINE = 0x0a;

/**
 * Paints whole lines.
 * @param text begins at the start of a line; what follows its last newline stays as it is.
 * @param commands lines that are commands: they are dimmed.
 * @returns `text` itself where there is nothing to paint.
 */
export function highlight(text: Buffer, commands: ReadonlySet<string>): Buffer {
  const end = text.lastIndexOf(NEWLINE) + 1;
  // One character for each byte, so that offsets are the same and no byte is lost.
  const block = text.toString('latin1', 0, end);
  const pieces: Buffer[] = [];
  let done = 0;
  const paint = (start: number, spans: readonly Span[]): void => {
    for (const { from, to, code } of spans) {
      pieces.push(text.subarray(done, start + from), Buffer.from(`\x1b[${code}m`));
      pieces.push(text.subarray(start + from, start + to), Buffer.from('\x1b[0m'));
      done = start + to;
    }
  };
  for (const [start, stop] of linesToPaint(block, commands)) {
    const line = block.slice(start, stop);
    if (line.includes('\x1b')) continue;
    paint(start, commands.has(line) ? [{ from: 0, to: line.length, code: DIM }] : spansOf(line));
  }
  return pieces.length === 0 ? text : Buffer.concat([...pieces, text.subarray(done)]);
}

/** With more commands than this, going through all lines is cheaper than looking for each. */
const MOST_SOUGHT = 16;

/** The lines that may be painted, as offsets, in order. */
function linesToPaint(block: string, commands: ReadonlySet<string>): Iterable<readonly [number, number]> {
  if (commands.size > MOST_SOUGHT) return allLines(block);
  const starts = new Set<number>();
  for (const command of commands)
    for (let at = block.indexOf(command); at >= 0; at = block.indexOf(command, at + 1))
      if ((at === 0 || block[at - 1] === '\n') && block[at + command.length] === '\n') starts.add(at);
  TELLING.lastIndex = 0;
  for (let found = TELLING.exec(block); found; found = TELLING.exec(block)) {
    starts.add(block.lastIndexOf('\n', found.index) + 1);
    TELLING.lastIndex = block.indexOf('\n', found.index) + 1;
  }
  return [...starts].sort((a, b) => a - b).map((start) => [start, block.indexOf('\n', start)] as const);
}

function* allLines(block: string): Iterable<readonly [number, number]> {
  for (let start = 0; start < block.length;) {
    const stop = block.indexOf('\n', start);
    yield [start, stop];
    start = stop + 1;
  }
}
