// The report at the end of a failed build: the jobs that failed by themselves, and where to read more. Pure:
// the ends of the logs are given.

import stripAnsi from 'strip-ansi';
import type { Job } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { escapeName } from '../model/printable.ts';
import type { Problem } from '../problems/problem.ts';
import { highlightLine } from './highlight.ts';
import { commandLine, painter, statusText, targetWord } from './formats.ts';
import { elideMiddle } from './width.ts';

/** One failure. */
export interface Failed {
  readonly job: Job;
  readonly name: string;
  /** The name that `loglin show` will use. It counts several jobs of one name in another order. */
  readonly showName: string;
  readonly path: readonly string[];
  /** The lines to show, already made safe for the output. */
  readonly lines: readonly string[];
  /** The error that the lines report, as `loglin problems` finds it; undefined: they only tell something. */
  readonly error: Problem | undefined;
  /** The names of further jobs that failed with the same error. */
  readonly also: readonly string[];
}

export interface ReportOptions {
  /** How many jobs failed by themselves. The report shows the first MOST_ERRORS different errors. */
  readonly alone: number;
  readonly ascii: boolean;
  readonly colour: boolean;
  /** How many jobs ran and how many failed, including those that failed only because another one did. */
  readonly jobs: number;
  readonly failed: number;
  /**
   * The exit status and the name of the wrapped command, and the lines of its log to show if it failed and no
   * job did.
   */
  readonly status: Status;
  readonly command: string;
  readonly commandLog: readonly string[];
}

/** The report shows at most this many different errors. */
export const MOST_ERRORS = 20;
/** Of an error this many lines are shown. */
export const ERROR_LINES = 8;

/**
 * Returns the lines of an error, at most `most`. If there are too many, it selects those around the message:
 * the end of a traceback, but the start of most other errors.
 */
export function errorLines(text: string, message: number, most = ERROR_LINES): string[] {
  const lines = text.split('\n').map(lineByItself);
  while (lines.at(-1) === '') lines.pop();
  const start = message < most ? 0 : Math.min(message - most + 3, Math.max(0, lines.length - most));
  return lines.slice(start, start + most);
}

/**
 * Makes a line of sanitised text stand alone: the last state of a redrawn line, with colours turned off at
 * its end.
 */
export function lineByItself(line: string): string {
  const end = line.trimEnd();
  const text = end.slice(end.lastIndexOf('\r') + 1);
  return text.includes('\x1b') && !/\x1b\[0*m[^\x1b]*$/.test(text) ? `${text}\x1b[0m` : text;
}

/** Words of an error, for tools that no pattern knows: a place to start reading. */
const ERROR = /\b(error|fatal|panic|no such file|cannot|failed)\b|\*\*\* /i;
/** A line that only repeats that something above failed. */
const FAILED = /^\S+: \*\*\* \[.*\] /;

/**
 * Returns the lines to show of a log without known problems: those from the first line that looks like an
 * error, else the last ones.
 */
export function likelyErrorLines(text: string, most = ERROR_LINES): string[] {
  const lines = text.split('\n').map(lineByItself);
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  // Colours stand directly before the word.
  const bare = lines.map((line) => stripAnsi(line));
  const strong = bare.findIndex((line) => /\berror\b\s*[:[]|\bfatal error\b/i.test(line));
  const first = strong >= 0 ? strong : bare.findIndex((line) => ERROR.test(line) && !FAILED.test(line));
  return first >= 0 ? lines.slice(first, first + most) : lines.slice(-most);
}

/** Returns the report; '' if it would only repeat what was just printed. */
export function failureReport(failures: readonly Failed[], options: ReportOptions): string {
  const { ascii, colour, alone, jobs, failed, status, command, commandLog } = options;
  const paint = painter(colour);
  const cross = ascii ? 'x' : '✗';
  const arrow = ascii ? ' > ' : ' → ';
  const shown = (line: string): string => (colour ? highlightLine(line) : line);
  if (failures.length === 0) {
    if (wasStopped(status)) return '';
    const lines = [
      paint('1;31', `${cross} ${escapeName(command)} (${statusText(status)})`),
      ...commandLog.map(shown),
    ];
    if (commandLog.length > 0) lines.push(paint('2', '  loglin show'));
    return `\n${lines.join('\n')}\n`;
  }
  const out: string[] = [''];
  const by = `, ${alone} by ${alone === 1 ? 'itself' : 'themselves'}`;
  const count = `${failed} of ${jobs} ${jobs === 1 ? 'job' : 'jobs'} failed`;
  out.push(paint('1;31', `${count}${alone < failed ? by : ''}`));
  for (const { job, name, showName, path, lines, also } of failures) {
    out.push(
      '',
      paint('1;31', `${cross} ${escapeName(name)}${job.status ? ` (${statusText(job.status)})` : ''}`),
    );
    if (path.length > 1) out.push(paint('2', `  ${path.map(escapeName).join(arrow)}`));
    out.push(...lastCommand(job).map((command) => paint('2', `  ${command}`)));
    out.push(...lines.map(shown));
    if (also.length > 0) out.push(paint('2', `  ${alsoIn(also)}`));
    out.push(paint('2', `  loglin show ${targetWord(showName)}`));
  }
  const listed = failures.reduce((sum, { also }) => sum + 1 + also.length, 0);
  if (alone > listed) out.push('', `and ${alone - listed} more: loglin show --failed`);
  return `${out.join('\n')}\n`;
}

/** Whether the command was ended by a signal that people send to stop one: that needs no explanation. */
export function wasStopped(status: Status): boolean {
  return 'signal' in status && [1, 2, 3, 13, 15].includes(status.signal);
}

/** The list of names takes at most this many columns. */
const ALSO_COLUMNS = 100;

/** `also in 12 other jobs: b.o, c.o, …` */
export function alsoIn(names: readonly string[]): string {
  const listed: string[] = [];
  let room = ALSO_COLUMNS;
  for (const name of names.map(escapeName)) {
    room -= name.length + 2;
    if (room < 0 && listed.length > 0) break;
    listed.push(name);
  }
  if (listed.length < names.length) listed.push('…');
  return `also in ${names.length} other ${names.length === 1 ? 'job' : 'jobs'}: ${listed.join(', ')}`;
}

const COMMAND_COLUMNS = 400;

/**
 * The command at which a job failed, as a line `$ gcc -c x.c`: the last that ended, or else the last. None if
 * the job has no steps.
 */
export function lastCommand({ steps }: Job): string[] {
  const step = steps.findLast(({ status }) => status !== undefined) ?? steps.at(-1);
  return step ? [`$ ${commandText(step.argv)}`] : [];
}

/** The first line of a command, cut in the middle if it is long: its start and its end say the most. */
function commandText(argv: readonly string[]): string {
  const text = commandLine(argv);
  const end = text.indexOf('\n');
  return elideMiddle(escapeName(end < 0 ? text : `${text.slice(0, end)} …`), COMMAND_COLUMNS);
}
