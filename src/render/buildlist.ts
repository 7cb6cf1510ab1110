// Recorded builds as a table, one line each: for other programs, and, with headings, for a terminal. Pure:
// the width is given. Knows no store.

import { escapeName } from '../model/printable.ts';
import { succeeded } from '../model/build.ts';
import type { BuildEnded, BuildStarted } from '../model/events.ts';
import { type Paint, age, duration, localTime, painter, statusText } from './formats.ts';
import type { Room } from './width.ts';

/** One line of the table. */
export interface BuildRow {
  readonly id: string;
  /** What `-b` takes besides the id, `-2`; '' if there is nothing. */
  readonly back: string;
  /** The shortest form of the id. */
  readonly short: string;
  /** The start time; undefined if the record of the start cannot be read. */
  readonly when: string | undefined;
  /** The time since the start, `5m`. */
  readonly age: string;
  readonly ms: number | undefined;
  /** `ok`, `exit 2`, `running`, … */
  readonly end: string;
  /** Neither successful nor still running. */
  readonly bad: boolean;
  readonly jobs: number | undefined;
  readonly failed: number | undefined;
  /** How many of the jobs are left out because they said nothing. */
  readonly silent?: number;
  readonly revision: string;
  /** Known of builds of a remote. */
  readonly branch?: string;
  /** The command, or the name that `-t` gave. */
  readonly command: string;
  /** Recorded inside another build. */
  readonly inside: boolean;
}

/** How a build ended in a word or two: `ok`, `exit 2`, `SIGSEGV`, `running`, `interrupted`. */
export function buildResult(
  ended: BuildEnded | undefined,
  state: 'running' | 'interrupted' | 'finished',
): string {
  if (!ended) return state;
  if (ended.interrupted) return 'interrupted';
  return succeeded(ended.status) ? 'ok' : statusText(ended.status);
}

/** What a row has of a build's start. */
export function startOf(
  started: BuildStarted,
): Pick<BuildRow, 'when' | 'age' | 'revision' | 'command' | 'inside'> {
  return {
    when: localTime(new Date(started.at)),
    age: age(Date.now() - started.at),
    revision: started.revision ?? '',
    command: started.name ?? started.argv.join(' '),
    inside: started.inside ?? false,
  };
}

/**
 * Returns a build in one line, as a heading above its log: `build 3f2a  5m ago  3.45s  exit 2  21 jobs, 1
 * failed  make -j4`. @param columns the line's width, which cuts the command.
 */
export function buildLine(row: BuildRow, columns: number, elide: Room['elide'], look: TableLook): string {
  const { short, age, ms, end, bad } = row;
  const facts = [
    `build ${escapeName(short)}`,
    ...(row.when === undefined ? [] : [`${age} ago`]),
    ...(ms === undefined || end === 'running' ? [] : [duration(ms)]),
    end,
    jobsText(row),
  ].filter(Boolean);
  while (facts.length > 2 && facts.join(GAP).length >= columns) facts.pop();
  const left = columns - 1 - facts.join(GAP).length - GAP.length;
  const command = left < SHORTEST ? '' : elide(commandOf(row, look), left);
  const paint = painter(look.colour);
  const painted = facts.map((fact) => paint(bad && fact === end ? '31' : '2', fact));
  return [...painted, ...(command === '' ? [] : [paint('2', command)])].join(GAP);
}

export interface TableLook {
  readonly colour: boolean;
  readonly ascii: boolean;
}

const GAP = '  ';
/** If a command is longer than this, the columns before it are dropped until it has at least this width. */
const LEAST_COMMAND = 16;
/** The age is worth more than that. */
const LEAST_BESIDE_AGE = 8;
/** A command is not printed in fewer columns than this. */
const SHORTEST = 6;

/** A column before the command. */
interface Column {
  readonly heading: string;
  readonly right?: true;
  readonly cell: (row: BuildRow) => string;
  readonly code?: (row: BuildRow) => string | undefined;
}

const ID = { heading: 'build', cell: ({ id }: BuildRow) => escapeName(id) };
const STARTED = { heading: 'started', cell: ({ when }: BuildRow) => when ?? '' };
const TIME: Column = {
  heading: 'time',
  right: true,
  cell: ({ ms }) => (ms === undefined ? '' : duration(ms)),
};
const RESULT: Column = { heading: 'result', cell: ({ end }) => end, code: resultCode };
const REVISION: Column = { heading: 'revision', cell: ({ revision }) => escapeName(revision).slice(0, 8) };

const BRANCH = { heading: 'branch', cell: ({ branch = '' }: BuildRow) => escapeName(branch) };

/** The columns of a listing that others read. */
const PLAIN: readonly Column[] = [
  ID,
  STARTED,
  TIME,
  RESULT,
  { heading: 'jobs', cell: jobsText },
  REVISION,
  BRANCH,
];

const BACK: Column = { heading: '-b', right: true, cell: ({ back }) => back };
const SHORT_ID: Column = { heading: 'build', cell: ({ short }) => escapeName(short) };
const AGE: Column = { heading: 'age', right: true, cell: ({ age }) => age };
const JOBS: Column = {
  heading: 'jobs',
  right: true,
  cell: ({ jobs }) => (jobs === undefined ? '' : `${jobs}`),
};
const FAILED: Column = {
  heading: 'failed',
  right: true,
  cell: ({ failed }) => (failed ? `${failed}` : ''),
  code: () => '31',
};

/** The columns on a terminal, and below the order in which they are dropped if space is short. */
const COLUMNS: readonly Column[] = [
  BACK,
  SHORT_ID,
  AGE,
  STARTED,
  TIME,
  RESULT,
  JOBS,
  FAILED,
  REVISION,
  BRANCH,
];
const DROP_ORDER: readonly Column[] = [STARTED, REVISION, BRANCH, JOBS, FAILED, SHORT_ID, AGE];

/** Yields the table's lines for other programs, in the order of the rows: no headings, nothing is cut. */
export function* buildTable(rows: readonly BuildRow[], look: TableLook): Generator<string> {
  const paint = painter(look.colour);
  const widths = widthsOf(PLAIN, rows, false);
  for (const row of rows) {
    if (row.when === undefined) yield `${escapeName(row.id)}${GAP}${damage(row, look)}`;
    else yield line(row, widths, paint, commandOf(row, look));
  }
}

/** Yields the table's lines for a terminal, in the order of the rows, below a line of headings. */
export function* buildTableFor(room: Room, rows: readonly BuildRow[], look: TableLook): Generator<string> {
  if (rows.length === 0) return;
  const paint = painter(look.colour);
  const most = room.columns - 1;
  const commands = rows.map((row) => (row.when === undefined ? '' : commandOf(row, look)));
  const longest = commands.reduce((longest, { length }) => Math.max(longest, length), 'command'.length);
  const widths = widthsOf(COLUMNS, rows, true);
  const left = (): number => [...widths.values()].reduce((sum, width) => sum - width - GAP.length, most);
  for (const column of DROP_ORDER) {
    const least = column === AGE ? LEAST_BESIDE_AGE : LEAST_COMMAND;
    if (left() < Math.min(least, longest)) widths.delete(column);
  }
  const width = left();
  const fitted = (command: string): string =>
    width < Math.min(SHORTEST, longest) ? '' : room.elide(command, width);
  const heading = [...widths].map(([column, wide]) => padded(column.heading, wide, column));
  yield paint('2', room.elide([...heading, fitted('command')].join(GAP).trimEnd(), most));
  for (const [i, row] of rows.entries()) {
    if (row.when !== undefined) yield line(row, widths, paint, fitted(commands[i]!));
    else {
      const names = [BACK, SHORT_ID].map((column) =>
        padded(column.cell(row), widths.get(column) ?? 0, column),
      );
      yield room.elide([...names, damage(row, look)].join(GAP), most);
    }
  }
}

/** The widths of the columns that have contents; with headings, no less than these. */
function widthsOf(
  columns: readonly Column[],
  rows: readonly BuildRow[],
  headings: boolean,
): Map<Column, number> {
  const widths = new Map<Column, number>();
  for (const column of columns) {
    let widest = 0;
    for (const row of rows)
      if (row.when !== undefined || column === BACK || column === SHORT_ID)
        widest = Math.max(widest, column.cell(row).length);
    if (widest > 0) widths.set(column, headings ? Math.max(widest, column.heading.length) : widest);
  }
  return widths;
}

function line(row: BuildRow, widths: ReadonlyMap<Column, number>, paint: Paint, command: string): string {
  const cells = [...widths].map(([column, width]) => {
    const code = column.code?.(row);
    const text = padded(column.cell(row), width, column);
    return code === undefined ? text : paint(code, text);
  });
  return [...cells, command].join(GAP).trimEnd();
}

function padded(text: string, width: number, { right }: Column): string {
  return right ? text.padStart(width) : text.padEnd(width);
}

function resultCode({ bad, end }: BuildRow): string | undefined {
  return bad ? '31' : end === 'running' ? '35' : end === 'ok' ? '2' : undefined;
}

function jobsText({ jobs, failed, silent }: BuildRow): string {
  const count = jobs === undefined ? '' : `${jobs} ${jobs === 1 ? 'job' : 'jobs'}`;
  return [count, failed ? `${failed} failed` : '', silent ? `${silent} silent` : '']
    .filter(Boolean)
    .join(', ');
}

function commandOf({ command, inside }: BuildRow, { ascii }: TableLook): string {
  return (inside ? (ascii ? '> ' : '↳ ') : '') + escapeName(command);
}

/** What is said of a build whose first record cannot be read. */
function damage(row: BuildRow, look: TableLook): string {
  return `${row.end}: ${commandOf(row, look)}`;
}
