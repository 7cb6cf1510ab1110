// The text of the status line and of the heartbeat, as pure functions of the build's state and the terminal's
// width. Knows what to drop when space is short. Knows no clock, no build and no terminal: it makes no cursor
// movement and no newline.

import { escapeName } from '../model/printable.ts';
import { type Paint, painter, wholeSeconds } from './formats.ts';
import { displayWidth, elideMiddle } from './width.ts';

/** A running job. */
export interface RunningJob {
  /** The displayed name. */
  readonly name: string;
  /** How long it has been running, in milliseconds. */
  readonly ms: number;
}

/** What the status line shows of a build. */
export interface StatusState {
  /** The time since the build began, in milliseconds. */
  readonly elapsedMs: number;
  /** How many jobs have ended, including those that failed. */
  readonly done: number;
  readonly failed: number;
  /** How many jobs there will be, estimated from the last build of the same command. */
  readonly total?: number | undefined;
  /** The remaining time in milliseconds, estimated from the last build. */
  readonly etaMs?: number | undefined;
  /** The running jobs that do not wait for another job, oldest first. */
  readonly running: readonly RunningJob[];
}

export interface StatusOptions {
  /** Only ASCII characters between the names. */
  readonly ascii?: boolean | undefined;
  readonly colour?: boolean | undefined;
  /** The maximum number of rows. With more than one, each job has its own. */
  readonly rows?: number | undefined;
}

/** A part of a line: its text, and whether it is bad news. */
interface Part {
  readonly text: string;
  readonly bad?: boolean;
}

/** Other parts are dropped until the first name has this many columns. */
const FIRST_NAME = 10;
/** A further name that does not fit is elided if it has this many columns, and dropped otherwise. */
const NEXT_NAME = 16;
/** No time is shown for jobs that run for less than this. */
const LEAST_SHOWN_MS = 1000;
const BAR_CELLS = 8;
/** On a narrower terminal, the bar would take space from names. */
const BAR_WIDTH = 70;

/**
 * Returns the rows of the status line, each of at most `width - 1` columns, so that no terminal wraps it:
 * `[12s] 21/37 ▓▓▓▓▓░░░ ~11s · 1 failed · cache.o 4s · list.o 3s · +4`. The oldest jobs come first, since
 * they are what a build is stuck on. A name is only the last part of its path, unless another running job has
 * the same.
 *
 * If space is short, parts are dropped in this order: further names, with the first one elided; the bar; the
 * remaining time; all names; the elapsed time. There is no row if not even the count fits.
 */
export function statusRows(state: StatusState, width: number, options: StatusOptions = {}): string[] {
  const { ascii = false, colour = false, rows = 1 } = options;
  const room = Math.max(0, Math.floor(width) - 1) || 0;
  const paint = painter(colour);
  if (rows <= 1) {
    const line = oneLine(state, room, ascii);
    return line.length === 0 ? [] : [painted(line, paint, ascii)];
  }
  const head = heads(state, room, ascii).find((parts) => widthOf(parts) <= room);
  if (!head) return [];
  const most = rows - 1;
  const shown = state.running.length > most ? most - 1 : state.running.length;
  const jobs = state.running.slice(0, shown).map((job) => jobRow(job, room));
  const more = state.running.length - shown;
  if (more > 0) jobs.push(`  +${more}`.slice(0, room));
  return [painted(head, paint, ascii), ...jobs.map((text) => paint('2', text))];
}

/**
 * The heartbeat, which is printed where there is no status line, to show that a silent build is alive:
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

/** The parts of a single row; none if nothing fits. */
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
/** How many of the heads have the time, and may be followed by names. */
const WITH_TIME = 3;

/** The parts before the names, from the longest version to the shortest. */
function heads(state: StatusState, room: number, ascii: boolean): Part[][] {
  const { failed, etaMs, total, done } = state;
  const time = `[${wholeSeconds(state.elapsedMs)}]`;
  const count = countOf(state);
  const remaining = etaMs === undefined ? '' : ` ~${wholeSeconds(etaMs)}`;
  const bar = isKnown(total, done) && room >= BAR_WIDTH ? ` ${barOf(done / Math.max(1, total), ascii)}` : '';
  const bad: Part[] = failed > 0 ? [{ text: `${failed} failed`, bad: true }] : [];
  return [
    [{ text: `${time} ${count}${bar}${remaining}` }, ...bad],
    [{ text: `${time} ${count}${remaining}` }, ...bad],
    [{ text: `${time} ${count}` }, ...bad],
    [{ text: count }, ...bad],
    ...(failed > 0 ? [bad] : []),
    [{ text: count }],
  ];
}

/** `21/37`, or `21 done` if the total is unknown or was wrong. */
function countOf({ done, total }: StatusState): string {
  return isKnown(total, done) ? `${done}/${total}` : `${done} done`;
}

/** With more jobs than last time, the last build says nothing about the end. */
function isKnown(total: number | undefined, done: number): total is number {
  return total !== undefined && total >= done;
}

/** A bar of so many columns. @param part how much of it is full, from 0 to 1. */
export function barOf(part: number, ascii: boolean, cells = BAR_CELLS): string {
  const full = Math.floor(Math.min(1, part) * cells);
  const [on, off] = ascii ? ['#', '.'] : ['▓', '░'];
  return on.repeat(full) + off.repeat(cells - full);
}

/**
 * The names that fit, each with its time, and the number of those that do not. The first one always fits, as
 * it is elided.
 */
function names(running: readonly RunningJob[], room: number): Part[] {
  const shortName = shortNames(running);
  const parts: Part[] = [];
  let left = room;
  for (const [i, { name, ms }] of running.entries()) {
    const rest = running.length - i - 1;
    // Reserves space for the count of the names that do not fit.
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

/** A job's own row: its name, with its time right-aligned in the columns that names take. */
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

/** Shortens names as far as they stay distinct: to the last part of the path, or not at all. */
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

/** Colours the parts: dim, so that they are not taken for the log, and bad news in red. */
function painted(parts: readonly Part[], paint: Paint, ascii: boolean): string {
  return parts
    .map(({ text, bad }, i) => {
      const before = i === 0 ? '' : ascii ? ' | ' : ' · ';
      return bad ? paint('2', before) + paint('31', text) : paint('2', before + text);
    })
    .join('');
}
