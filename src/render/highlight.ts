// Colours log text whose programs wrote no colours: the places and severities of errors, and the commands
// that a tool echoed. Only for display, never for the record. Pure. A line that contains escape sequences
// stays as it is.

import { type Echoes, commandAt } from './echoed.ts';

/** How much of a line is examined, in characters: the severity is near the start. */
const LONGEST_HEAD = 400;

const BOLD = '1';
const DIM = '2';
const ERROR = '1;31';
const WARNING = '1;35';

/** A range of a text, and the parameters of the SGR sequence that colours it. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly code: string;
}

/** Every line to be coloured contains one of these words. Most lines contain none, and are skipped. */
const TRIGGERS =
  /error|warning|note:|remark:|\*\*\*|exception|interrupt|traceback|-->|FAILED|  File "|undefined reference|ing directory/gi;

/**
 * `file.c:3:1: error:`, `file.ts(3,1): error TS2322:`, `cc1: warning:`, `error[E0308]:`, `CMake Error at x:`.
 */
const SEVERITY =
  /(?<=^|[\s:)])((?:fatal |internal compiler |syntax )?error|warning|note|remark)(?:\[[^\]]*\]| TS\d+)?:/i;
const LOCATION = /^(?:In file included from )?(\S.*?(?::\d+(?:[.:]\d+)*|\(\d+(?:,\d+)*\)):)\s$/;

/** Lines that are recognised as a whole. */
const LINES: readonly (readonly [RegExp, string])[] = [
  // The failure of a target in GNU make, and in ninja.
  [/^\S+: \*\*\* (?!Waiting for unfinished jobs).*/, ERROR],
  // Where a recursive make is, for programs that follow it.
  [/^\S+: (?:Entering|Leaving) directory ['`].*/, DIM],
  [/^(?:FAILED: |ninja: (?:error|fatal): ).*/, ERROR],
  [/^CMake (?:Deprecation )?Warning.*/, WARNING],
  [/^CMake Error.*/, ERROR],
  // Places in rustc's and Python's messages.
  [/^\s*(?:-->|:::) \S+:\d+:\d+/, BOLD],
  [/^ {2}File ".*", line \d+/, BOLD],
  // The exception that ended a Python program.
  [/^Traceback \(most recent call last\):/, BOLD],
  [/^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Interrupt)(?=:|$)/, ERROR],
];

/** A symbol that a linker does not find. */
const UNDEFINED = /undefined reference to .*/;

/** The coloured ranges of a line, which has no newline. */
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
  // In the middle of a sentence, the word is not a severity.
  if (location === undefined && !/^(?:\S+: ?)*$/.test(head.slice(0, severity.index))) return [];
  return [...spans, { from: severity.index, to: severity.index + severity[0].length, code }];
}

/**
 * Colours a line, which has no newline. A line that contains escape sequences stays as it is.
 * @param command whether it is a command that was echoed.
 */
export function highlightLine(line: string, command = false): string {
  if (line.includes('\x1b')) return line;
  if (command) return `\x1b[${DIM}m${line}\x1b[0m`;
  let text = '';
  let done = 0;
  for (const { from, to, code } of spansOf(line)) {
    text += `${line.slice(done, from)}\x1b[${code}m${line.slice(from, to)}\x1b[0m`;
    done = to;
  }
  return text + line.slice(done);
}

const NEWLINE = 0x0a;

/** A sequence that sets colours, and the parameters of those that only turn something off. */
const SGR = /\x1b\[([\d;:]*)m/g;
const OFF = /^(?:(?:0*|2[2-9]|[345]9)(?:;|$))*$/;

/** Whether a colour is on after a text. @param before whether one was on before it. */
function leavesColour(text: string, before: boolean): boolean {
  let coloured = before;
  for (const [, parameters = ''] of text.matchAll(SGR)) coloured = !OFF.test(parameters);
  return coloured;
}

/**
 * Colours complete lines, except for those within a colour that an earlier line of the text has turned on.
 * @param text begins at the start of a line; the text after its last newline stays as it is.
 * @param commands lines that are commands, which are dimmed.
 * @returns `text` itself if there is nothing to colour.
 */
export function highlight(text: Buffer, commands: Echoes): Buffer {
  const end = text.lastIndexOf(NEWLINE) + 1;
  // One character per byte, so that offsets stay the same and no byte is lost.
  const block = text.toString('latin1', 0, end);
  const pieces: Buffer[] = [];
  const escapes = block.includes('\x1b');
  let coloured = false;
  let examined = 0;
  let done = 0;
  const paint = (start: number, spans: readonly Span[]): void => {
    for (const { from, to, code } of spans) {
      pieces.push(text.subarray(done, start + from), Buffer.from(`\x1b[${code}m`));
      pieces.push(text.subarray(start + from, start + to), Buffer.from('\x1b[0m'));
      done = start + to;
    }
  };
  for (const [start, stop, command] of linesToColour(block, commands)) {
    const line = block.slice(start, stop);
    if (escapes) coloured = leavesColour(block.slice(examined, start), coloured);
    examined = start;
    if (coloured || line === '' || line.includes('\x1b')) continue;
    paint(start, command ? [{ from: 0, to: line.length, code: DIM }] : spansOf(line));
  }
  return pieces.length === 0 ? text : Buffer.concat([...pieces, text.subarray(done)]);
}

/**
 * Like highlight, for text that may begin within a line, which stays as it is.
 * @param midLine whether it does.
 */
export function highlightFrom(text: Buffer, midLine: boolean, commands: Echoes): Buffer {
  if (!midLine) return highlight(text, commands);
  const end = text.indexOf(NEWLINE) + 1;
  if (end === 0 || end === text.length) return text;
  return Buffer.concat([text.subarray(0, end), highlight(text.subarray(end), commands)]);
}

/** With more starts of commands than this, going through all lines is cheaper than looking for each. */
const MOST_SOUGHT = 16;

/** A line that may have to be coloured: its offset, that of its newline, and whether it is a command. */
type Line = readonly [start: number, stop: number, command: boolean];

/** Finds the lines that may have to be coloured, in order. */
function* linesToColour(block: string, commands: Echoes): Iterable<Line> {
  let done = 0;
  for (const start of lineStarts(block, commands)) {
    if (start < done) continue;
    const stop = block.indexOf('\n', start);
    const end = commandAt(block, start, stop, commands);
    done = (end ?? stop) + 1;
    // The lines of a command.
    for (let at = start; at < done; at = block.indexOf('\n', at) + 1)
      yield [at, block.indexOf('\n', at), end !== undefined];
  }
}

/** The offsets of lines that contain a trigger, or begin as a command does, in order. */
function lineStarts(block: string, { starts }: Echoes): Iterable<number> {
  if (starts.size > MOST_SOUGHT || starts.has('')) return allLines(block);
  const found = new Set<number>();
  for (const start of starts) {
    if (block.startsWith(start)) found.add(0);
    const sought = `\n${start}`;
    for (let at = block.indexOf(sought); at >= 0; at = block.indexOf(sought, at + 1)) found.add(at + 1);
  }
  TRIGGERS.lastIndex = 0;
  for (let hit = TRIGGERS.exec(block); hit; hit = TRIGGERS.exec(block)) {
    found.add(block.lastIndexOf('\n', hit.index) + 1);
    TRIGGERS.lastIndex = block.indexOf('\n', hit.index) + 1;
  }
  return [...found].sort((a, b) => a - b);
}

function* allLines(block: string): Iterable<number> {
  for (let start = 0; start < block.length; start = block.indexOf('\n', start) + 1) yield start;
}
