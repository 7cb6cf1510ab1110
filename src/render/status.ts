/**
 * The status line's text, as a pure function of the build's state and the terminal's width.
 *
 * Knows what to leave out when there is little room. Does not know clocks, the build, how often it is
 * painted, or the terminal: no escape sequences, no colours, no newline.
 */

import { escapeName } from '../model/printable.ts';
import { wholeSeconds } from './formats.ts';
import { displayWidth, elideMiddle } from './width.ts';

/** What the status line tells about a build. */
export interface StatusState {
  /** Since the build began. */
  readonly elapsedMs: number;
  /** How many jobs run now. */
  readonly running: number;
  /** How many jobs have ended, those that failed included. */
  readonly done: number;
  readonly failed: number;
  /** How many jobs there will be, as far as the last build of the same command can tell. */
  readonly total?: number | undefined;
  /** How much longer it will take, as far as the last build can tell. */
  readonly etaMs?: number | undefined;
  /** The names of running jobs, as recorded; the deepest first. Only those that fit are looked at. */
  readonly runningNames: readonly string[];
}

export interface StatusOptions {
  /** `|` between the parts instead of `·`. */
  readonly ascii?: boolean | undefined;
}

/** The first name is worth leaving counts out for, if it then has this many columns. */
const FIRST_NAME = 10;
/** A further name that does not fit is shown elided if it has this many columns, else left out. */
const NEXT_NAME = 16;

/**
 * One line that takes at most `width - 1` columns, so that no terminal wraps it: `[12s] 5/37 done, 1 failed,
 * 4 running, ~40s left · src/server.o · src/networking.o`.
 *
 * With less room, in this order: fewer names, the first elided; no count of what runs; no time left; no words
 * but `failed`; no names; no time. Empty where not even the count fits.
 */
export function statusLine(state: StatusState, width: number, { ascii = false }: StatusOptions = {}): string {
  const room = Math.max(0, Math.floor(width) - 1) || 0;
  const separator = ascii ? ' | ' : ' · ';
  const heads = countsByLength(state);
  const [firstName] = state.runningNames;

  if (firstName !== undefined) {
    const needed = separator.length + Math.min(FIRST_NAME, displayWidth(escapeName(firstName)));
    const head = heads.withName.find((text) => text.length + needed <= room);
    if (head !== undefined) return head + names(state.runningNames, room - head.length, separator);
  }
  return [...heads.withName, ...heads.alone].find((text) => text.length <= room) ?? '';
}

/** The names that fit in `room` columns, each after a separator; the first one does, elided. */
function names(all: readonly string[], room: number, separator: string): string {
  let text = '';
  let left = room;
  for (const name of all) {
    left -= separator.length;
    if (left <= 0) break;
    const whole = escapeName(name);
    const shown = elideMiddle(whole, left);
    if (shown !== whole && text !== '' && left < NEXT_NAME) break;
    text += separator + shown;
    left -= displayWidth(shown);
    if (shown !== whole) break;
  }
  return text;
}

/**
 * The part before the names, from long to short: those that leave names their room, and those that need all.
 * ASCII.
 */
function countsByLength(state: StatusState): { withName: string[]; alone: string[] } {
  const { done, failed, running, total, etaMs } = state;
  const time = `[${wholeSeconds(state.elapsedMs)}]`;
  // More than last time: then last time says nothing about the end.
  const ofTotal = total === undefined || total < done ? undefined : `${String(done)}/${String(total)}`;
  const shortCount = ofTotal ?? `${String(done)} done`;
  const count = ofTotal === undefined ? shortCount : `${ofTotal} done`;
  const failures = failed > 0 ? [`${String(failed)} failed`] : [];
  const runs = running > 0 ? [`${String(running)} running`] : [];
  const timeLeft = etaMs === undefined ? [] : [`~${wholeSeconds(etaMs)} left`];

  const list = (parts: readonly string[]): string => parts.join(', ');
  return {
    withName: [
      `${time} ${list([count, ...failures, ...runs, ...timeLeft])}`,
      `${time} ${list([count, ...failures, ...timeLeft])}`,
      `${time} ${list([count, ...failures])}`,
      `${time} ${list([shortCount, ...failures])}`,
    ],
    alone: [list([shortCount, ...failures]), ...failures, shortCount],
  };
}
