// A build's jobs as a table: outcome, duration, output size, name and commands. Pure. Knows no terminal: if
// lines must fit, the caller passes the width and the functions that measure text, which are slow to load.

import { type Job, succeeded } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { byteCount, commandLine, duration, painter, statusText } from './formats.ts';
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
const GAP = '  ';
/** Names are padded to this width if lines may have any length. */
const ALIGNED = 40;
/** A command or a name is useless in fewer columns. */
const LEAST_COMMAND = 12;
const LEAST_NAME = 24;

/**
 * Yields the table's lines, in the order of the rows. Without a given width, names and commands are complete,
 * and commands are joined by `; `.
 */
export function* jobTable(rows: readonly JobRow[], colour: boolean, room?: Room): Generator<string> {
  const paint = painter(colour);
  const outcomes = rows.map(({ job, state }) => outcome(job, state));
  const statusWidth = Math.max(0, ...new Set(outcomes.map(({ length }) => length)));
  const right = room ? room.columns - (statusWidth + TIME + BYTES + 3 * GAP.length) : Infinity;
  const names = rows.map(({ name }) => escapeName(name));
  const nameWidth = widestName(names, right, room);
  for (const [i, { job, ms, commands }] of rows.entries()) {
    const status = outcomes[i]!;
    const facts = [
      status === 'ok' || status === 'skipped'
        ? status.padEnd(statusWidth)
        : paint('31', status.padEnd(statusWidth)),
      (ms === undefined ? '?' : duration(ms)).padStart(TIME),
      byteCount(job.size).padStart(BYTES),
    ].join(GAP);
    let shown = names[i]!;
    let command = room ? firstLine(commands[0] ?? '') : escapeName(commands.join('; '));
    let padding = ' '.repeat(Math.max(0, nameWidth - shown.length));
    if (room) {
      const left = right - nameWidth - GAP.length;
      command = left < LEAST_COMMAND ? '' : room.elide(command, left);
      shown = room.elide(shown, nameWidth);
      padding = ' '.repeat(Math.max(0, nameWidth - room.width(shown)));
    }
    yield [facts, paint('1', shown) + (command === '' ? '' : `${padding}${GAP}${paint('2', command)}`)].join(
      GAP,
    );
  }
}

/** The width of the widest name, if it leaves half of the space to the command. */
function widestName(names: readonly string[], right: number, room: Room | undefined): number {
  const most = room ? Math.min(Math.max(0, right), Math.max(LEAST_NAME, right >> 1)) : ALIGNED;
  let widest = 0;
  for (const name of names) {
    const width = room ? room.width(name) : name.length;
    if (width > widest && (room || width <= most)) widest = width;
  }
  return Math.min(widest, most);
}

function firstLine(command: string): string {
  const end = command.indexOf('\n');
  return escapeName(end < 0 ? command : `${command.slice(0, end)} …`);
}
