// Recorded builds as a table, one line each. Pure: the width is given. Knows no store.

import { escapeName } from '../model/printable.ts';
import { duration, painter } from './formats.ts';

/** One line of the table. */
export interface BuildRow {
  readonly id: string;
  /** The start time; undefined if the record of the start cannot be read. */
  readonly when: string | undefined;
  readonly ms: number | undefined;
  /** `ok`, `exit 2`, `running`, … */
  readonly end: string;
  /** Neither successful nor still running. */
  readonly bad: boolean;
  readonly jobs: number | undefined;
  readonly failed: number | undefined;
  readonly revision: string;
  /** The command, or the name that `-t` gave. */
  readonly command: string;
  /** Recorded inside another build. */
  readonly inside: boolean;
}

/** The width of a line, and what shortens text to it. */
interface Room {
  readonly columns: number;
  readonly elide: (text: string, columns: number) => string;
}

export interface TableLook {
  readonly colour: boolean;
  readonly ascii: boolean;
}

const GAP = '  ';
/** If a command is longer than this, the columns before it are dropped until it has at least this width. */
const LEAST_COMMAND = 16;
/** A command is not printed in fewer columns than this. */
const SHORTEST = 6;

/**
 * The columns before the command, in order, and below the order in which they are dropped if space is short.
 */
const COLUMNS = ['id', 'when', 'time', 'end', 'jobs', 'revision'] as const;
type Column = (typeof COLUMNS)[number];
const DROP_ORDER: readonly Column[] = ['revision', 'when', 'time', 'jobs'];

/** Yields the table's lines, in the order of the rows. Without a given width, they may have any length. */
export function* buildTable(
  rows: readonly BuildRow[],
  { colour, ascii }: TableLook,
  room?: Room,
): Generator<string> {
  const paint = painter(colour);
  const cells = rows.map(cellsOf);
  const elide = (text: string, width: number): string => (room ? room.elide(text, width) : text);
  const widths = new Map<Column, number>();
  for (const column of COLUMNS) {
    let widest = 0;
    for (const [i, row] of cells.entries())
      if (rows[i]!.when !== undefined) widest = Math.max(widest, row[column].length);
    if (widest > 0) widths.set(column, widest);
  }
  const right = (): number => {
    let left = (room?.columns ?? Infinity) - 1;
    for (const width of widths.values()) left -= width + GAP.length;
    return left;
  };
  const mark = ascii ? '> ' : '↳ ';
  const commands = rows.map(({ command, inside }) => (inside ? mark : '') + escapeName(command));
  let longest = 0;
  for (const { length } of commands) longest = Math.max(longest, length);
  for (const column of DROP_ORDER) if (right() < Math.min(LEAST_COMMAND, longest)) widths.delete(column);
  const left = right();
  for (const [i, row] of rows.entries()) {
    if (row.when === undefined) {
      const { id, end } = cells[i]!;
      yield elide(`${id}${GAP}${end}: ${commands[i]!}`, (room?.columns ?? Infinity) - 1);
      continue;
    }
    const parts = [...widths].map(([column, width]) => {
      const text = cells[i]![column];
      const padded = column === 'time' ? text.padStart(width) : text.padEnd(width);
      return row.bad && column === 'end' ? paint('31', padded) : padded;
    });
    const command = left < Math.min(SHORTEST, longest) ? '' : elide(commands[i]!, left);
    yield [...parts, command].join(GAP).trimEnd();
  }
}

function cellsOf({ id, when, ms, end, jobs, failed, revision }: BuildRow): Readonly<Record<Column, string>> {
  const count = jobs === undefined ? '' : `${jobs} ${jobs === 1 ? 'job' : 'jobs'}`;
  return {
    id: escapeName(id),
    when: when ?? '',
    time: ms === undefined ? '' : duration(ms),
    end,
    jobs: failed ? `${count}, ${failed} failed` : count,
    revision: escapeName(revision).slice(0, 8),
  };
}
