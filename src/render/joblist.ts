// A build's jobs as a table: outcome, duration, output size, name and commands; for other programs, and, with
// headings, for a terminal. Pure. Knows no terminal: the caller passes the width and the functions that
// measure text, which are slow to load.

import { type Job, succeeded } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { type Paint, byteCount, commandLine, duration, painter, statusText } from './formats.ts';
import type { Room } from './width.ts';

/** One line of the table. */
export interface JobRow {
  readonly job: Job;
  /** The displayed name, with `#2`. */
  readonly name: string;
  readonly state: JobState;
  /** The time until now for a running job; undefined if its end was not recorded. */
  readonly ms: number | undefined;
  /** As returned by commandsOf. */
  readonly commands: readonly string[];
}

export type JobState = 'ended' | 'running' | 'interrupted';

/** Whether a job has ended, and if not, why. @param build the state of its build. */
export function jobState(job: Job, build: 'running' | 'interrupted' | 'finished'): JobState {
  return job.ended !== undefined ? 'ended' : build === 'running' ? 'running' : 'interrupted';
}

/** A job's outcome in a word or two: `ok`, `skipped`, `exit 2`, `exit 1 ignored`, `SIGSEGV`, `running`. */
export function outcome(job: Job, state: JobState): string {
  if (state !== 'ended') return state;
  if (job.skipped) return 'skipped';
  if (!job.status) return 'unknown';
  if (succeeded(job.status)) return 'ok';
  return `${statusText(job.status)}${job.ignored ? ' ignored' : ''}`;
}

/** A job's commands as one would type them. */
export function commandsOf(job: Job): string[] {
  // flatMap skips steps whose records are lost.
  return job.steps.flatMap(({ argv }) => [commandLine(argv)]);
}

const TIME = 6;
const BYTES = 4;
/** `1.2kB`: with their unit. */
const SIZE = 5;
const GAP = '  ';
/** Names are padded to this width if lines may have any length. */
const ALIGNED = 40;
/** A command or a name is useless in fewer columns. */
const LEAST_COMMAND = 12;
const LEAST_NAME = 24;

/**
 * Yields the table's lines for other programs, in the order of the rows: no headings, names and commands are
 * complete, and commands are joined by `; `.
 */
export function* jobTable(rows: readonly JobRow[], colour: boolean): Generator<string> {
  const paint = painter(colour);
  const outcomes = rows.map(({ job, state }) => outcome(job, state));
  const statusWidth = widestOf(outcomes);
  const names = rows.map(({ name }) => escapeName(name));
  const nameWidth = widestOf(names.filter(({ length }) => length <= ALIGNED));
  for (const [i, { job, ms, commands }] of rows.entries()) {
    const name = names[i]!;
    const command = escapeName(commands.join('; '));
    const padding = ' '.repeat(Math.max(0, nameWidth - name.length));
    yield [
      paintedOutcome(outcomes[i]!, statusWidth, paint),
      timeText(ms).padStart(TIME),
      byteCount(job.size).padStart(BYTES),
      paint('1', name) + (command === '' ? '' : `${padding}${GAP}${paint('2', command)}`),
    ].join(GAP);
  }
}

/**
 * Yields the table's lines for a terminal, in the order of the rows, below a line of headings. A line has a
 * job's first command; names and commands are fitted to the width.
 */
export function* jobTableFor(room: Room, rows: readonly JobRow[], colour: boolean): Generator<string> {
  if (rows.length === 0) return;
  const paint = painter(colour);
  const outcomes = rows.map(({ job, state }) => outcome(job, state));
  const statusWidth = Math.max('result'.length, widestOf(outcomes));
  const right = room.columns - (statusWidth + TIME + SIZE + 3 * GAP.length);
  const names = rows.map(({ name }) => escapeName(name));
  const nameWidth = widestName(names, right, room);
  const left = right - nameWidth - GAP.length;
  const shown = left >= LEAST_COMMAND && rows.some(({ commands }) => commands.length > 0);
  const heading = ['result'.padEnd(statusWidth), 'time'.padStart(TIME), 'size'.padStart(SIZE)];
  yield paint('2', [...heading, shown ? `${'job'.padEnd(nameWidth)}${GAP}command` : 'job'].join(GAP));
  for (const [i, { job, ms, commands }] of rows.entries()) {
    const name = room.elide(names[i]!, nameWidth);
    const command = shown ? room.elide(firstLine(commands[0] ?? ''), left) : '';
    const padding = ' '.repeat(Math.max(0, nameWidth - room.width(name)));
    yield [
      paintedOutcome(outcomes[i]!, statusWidth, paint),
      timeText(ms).padStart(TIME),
      `${byteCount(job.size)}B`.padStart(SIZE),
      paint('1', name) + (command === '' ? '' : `${padding}${GAP}${paint('2', command)}`),
    ].join(GAP);
  }
}

function paintedOutcome(outcome: string, width: number, paint: Paint): string {
  const code = ['ok', 'skipped'].includes(outcome) ? '2' : outcome === 'running' ? '35' : '31';
  return paint(code, outcome.padEnd(width));
}

const timeText = (ms: number | undefined): string => (ms === undefined ? '?' : duration(ms));

function widestOf(texts: readonly string[]): number {
  return texts.reduce((widest, { length }) => Math.max(widest, length), 0);
}

/** The width of the widest name, if it leaves half of the space to the command. */
function widestName(names: readonly string[], right: number, room: Room): number {
  const most = Math.min(Math.max(0, right), Math.max(LEAST_NAME, right >> 1));
  let widest = 'job'.length;
  for (const name of names) widest = Math.max(widest, room.width(name));
  return Math.min(widest, most);
}

function firstLine(command: string): string {
  const end = command.indexOf('\n');
  return escapeName(end < 0 ? command : `${command.slice(0, end)} ...`);
}
