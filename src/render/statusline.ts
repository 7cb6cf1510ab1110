// The status line's text and the heartbeat's, as pure functions of the build's state and the terminal's
// width. Knows what to leave out when there is little room, and no clock, no build and no terminal: no cursor
// movement, no newline.

import { escapeName } from '../model/printable.ts';
import { type Paint, painter, wholeSeconds } from './formats.ts';
import { displayWidth, elideMiddle } from './width.ts';

/** A job that runs. */
export interface RunningJob {
  /** As it is shown. */
  readonly name: string;
  /** How long it has been running, in milliseconds. */
  readonly ms: number;
}

/** What the status line says of a build. */
export interface StatusState {
  /** Since the build began. */
  readonly elapsedMs: number;
  /** How many jobs have ended, those that failed included. */
  readonly done: number;
  readonly failed: number;
  /** How many jobs there will be, as far as the last build of the same command can tell. */
  readonly total?: number | undefined;
  /** How much longer it will take, as far as the last build can tell. */
  readonly etaMs?: number | undefined;
  /** The jobs that run and do not wait for another job, the oldest first. */
  readonly running: readonly RunningJob[];
}

export interface StatusOptions {
  /** Only ASCII characters between the names. */
  readonly ascii?: boolean | undefined;
  readonly colour?: boolean | undefined;
  /** How many rows there may be: with more than one, each job has its own. */
  readonly rows?: number | undefined;
}

/** A part of a line: its text, and whether it is bad news. */
interface Part {
  readonly text: string;
  readonly bad?: boolean;
}

/** Counts are left out, so that the first name has this many columns. */
const FIRST_NAME = 10;
/** A further name that does not fit is shown elided if it has this many columns, else left out. */
const NEXT_NAME = 16;
/** Jobs that started just now have no time beside them. */
const LEAST_SHOWN_MS = 1000;
const BAR_CELLS = 8;
/** The bar takes room from names on a terminal that is narrower. */
const BAR_WIDTH = 70;

/**
 * The rows of the status line, each of at most `width - 1` columns, so that no terminal wraps it: `[12s]
 * 21/37 ▓▓▓▓▓░░░ ~11s · 1 failed · cache.o 4s · list.o 3s · +4`. The oldest jobs come first, since they are
 * what a build hangs at; a name is the last part of the path where no other running job has the same.
 *
 * With less room, in this order: fewer names, the first elided; no bar; no time left; no names; no time. No
 * row where not even the count fits.
 */
export function statusRows(state: StatusState, width: number, options: StatusOptions = {}): string[] {
  const { ascii = false, colour = false, rows = 1 } = options;
  const room = Math.max(0, Math.floor(width) - 1) || 0;
  const paint = painter(colour);
  if (rows <= 1) {
    const line = oneLine(state, room, ascii);
    return line.length === 0 ? [] : [painted(line, paint, ascii)];
  }
  const [head] = heads(state, room, ascii).filter((parts) => widthOf(parts) <= room);
  if (!head) return [];
  const most = rows - 1;
  const shown = state.running.length > most ? most - 1 : state.running.length;
  const jobs = state.running.slice(0, shown).map((job) => jobRow(job, room));
  const more = state.running.length - shown;
  if (more > 0) jobs.push(`  +${more}`.slice(0, room));
  return [painted(head, paint, ascii), ...jobs.map((text) => paint('2', text))];
}

/**
 * What is said where there is no status line, so that a build that prints nothing is known to be alive:
 * `12m03s, 21/37, 1 failed, running: lto 11m, cache.o 4s, +3`.
 */
export function heartbeatText(state: StatusState): string {
  const { elapsedMs, failed, running } = state;
  const shortName = shortNames(running);
  const jobs = running.slice(0, HEARTBEAT_JOBS).map(({ name, ms }) => `${shortName(name)}${timeOf(ms)}`);
  if (running.length > jobs.length) jobs.push(`+${running.length - jobs.length}`);
  return [
    wholeSeconds(elapsedMs),
    countOf(state),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(jobs.length > 0 ? [`running: ${jobs.join(', ')}`] : []),
  ].join(', ');
}

const HEARTBEAT_JOBS = 3;

/** The parts of a single row; none where nothing fits. */
function oneLine(state: StatusState, room: number, ascii: boolean): readonly Part[] {
  const all = heads(state, room, ascii);
  const [first] = state.running;
  if (first) {
    const name = displayWidth(shortNames(state.running)(first.name));
    const needed = SEPARATOR + Math.min(FIRST_NAME, name) + timeOf(first.ms).length;
    const head = all.slice(0, WITH_TIME).find((parts) => widthOf(parts) + needed <= room);
    if (head) return [...head, ...names(state.running, room - widthOf(head))];
  }
  return all.find((parts) => widthOf(parts) <= room) ?? [];
}

/** The columns of ` · `. */
const SEPARATOR = 3;
/** How many of the heads have the time, and may have names behind them. */
const WITH_TIME = 3;

/** What stands before the names, from long to short. */
function heads(state: StatusState, room: number, ascii: boolean): Part[][] {
  const { failed, etaMs, total, done } = state;
  const time = `[${wholeSeconds(state.elapsedMs)}]`;
  const count = countOf(state);
  const left = etaMs === undefined ? '' : ` ~${wholeSeconds(etaMs)}`;
  const bar = isKnown(total, done) && room >= BAR_WIDTH ? ` ${barOf(done / Math.max(1, total), ascii)}` : '';
  const bad: Part[] = failed > 0 ? [{ text: `${failed} failed`, bad: true }] : [];
  return [
    [{ text: `${time} ${count}${bar}${left}` }, ...bad],
    [{ text: `${time} ${count}${left}` }, ...bad],
    [{ text: `${time} ${count}` }, ...bad],
    [{ text: count }, ...bad],
    ...(failed > 0 ? [bad] : []),
    [{ text: count }],
  ];
}

/** `21/37`, or `21 done` where the total is not known, or was wrong. */
function countOf({ done, total }: StatusState): string {
  return isKnown(total, done) ? `${done}/${total}` : `${done} done`;
}

/** More jobs than last time: then last time says nothing about the end. */
function isKnown(total: number | undefined, done: number): total is number {
  return total !== undefined && total >= done;
}

function barOf(part: number, ascii: boolean): string {
  const full = Math.floor(Math.min(1, part) * BAR_CELLS);
  const [on, off] = ascii ? ['#', '.'] : ['▓', '░'];
  return on.repeat(full) + off.repeat(BAR_CELLS - full);
}

/** The names that fit, each with its time, and how many did not; the first one does, elided. */
function names(running: readonly RunningJob[], room: number): Part[] {
  const shortName = shortNames(running);
  const parts: Part[] = [];
  let left = room;
  for (const [i, { name, ms }] of running.entries()) {
    const rest = running.length - i - 1;
    // Room for the count of those that do not fit is kept.
    const more = rest > 0 ? SEPARATOR + `+${rest}`.length : 0;
    const time = timeOf(ms);
    const whole = shortName(name);
    const most = left - SEPARATOR - time.length;
    const keepsMore = parts.length > 0 || most - more >= Math.min(displayWidth(whole), NEXT_NAME);
    const space = keepsMore ? most - more : most;
    const shown = elideMiddle(whole, Math.max(0, space));
    if (parts.length > 0 && shown !== whole && space < NEXT_NAME) break;
    if (shown === '') break;
    parts.push({ text: shown + time });
    left -= SEPARATOR + displayWidth(shown) + time.length;
    if (shown !== whole) break;
  }
  const more = `+${running.length - parts.length}`;
  if (parts.length < running.length && SEPARATOR + more.length <= left) parts.push({ text: more });
  return parts;
}

/** A job's own row: its name, and its time at the end of the columns that names take. */
function jobRow({ name, ms }: RunningJob, room: number): string {
  const time = timeOf(ms);
  return `  ${elideMiddle(escapeName(name), Math.max(0, room - 2 - time.length))}${time}`.slice(
    0,
    Math.max(0, room),
  );
}

function timeOf(ms: number): string {
  return ms < LEAST_SHOWN_MS ? '' : ` ${wholeSeconds(ms)}`;
}

/** Names as short as they can be told apart: the last part of the path, or all of it. */
function shortNames(running: readonly RunningJob[]): (name: string) => string {
  const uses = new Map<string, number>();
  for (const { name } of running) {
    const base = lastPart(name);
    uses.set(base, (uses.get(base) ?? 0) + 1);
  }
  return (name) => {
    const base = lastPart(name);
    return escapeName(base === '' || uses.get(base) !== 1 ? name : base);
  };
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

function widthOf(parts: readonly Part[]): number {
  let columns = SEPARATOR * Math.max(0, parts.length - 1);
  for (const { text } of parts) columns += displayWidth(text);
  return columns;
}

/** Dim, so that it is not taken for the log; bad news in red. */
function painted(parts: readonly Part[], paint: Paint, ascii = false): string {
  return parts
    .map(({ text, bad }, i) => {
      const before = i === 0 ? '' : ascii ? ' | ' : ' · ';
      return bad ? paint('2', before) + paint('31', text) : paint('2', before + text);
    })
    .join('');
}
