// The part of a build's time that the timeline shows: zoomed, moved, with round times marked. Pure.

export interface TimeWindow {
  /** In milliseconds since the build's start. */
  readonly from: number;
  readonly to: number;
}

/** Nothing shorter is shown, in milliseconds. */
const SHORTEST = 1;
const STEPS = [1, 2, 5];

/** Moved back into the build's time, and no longer than that. */
function within({ from, to }: TimeWindow, all: TimeWindow): TimeWindow {
  const length = Math.min(to - from, all.to - all.from);
  const start = Math.max(all.from, Math.min(from, all.to - length));
  return { from: start, to: start + length };
}

/** @param factor below 1: a shorter part. @param at the time that stays where it is. */
export function zoomed(window: TimeWindow, all: TimeWindow, factor: number, at: number): TimeWindow {
  const length = Math.max(SHORTEST, (window.to - window.from) * factor);
  const share = (at - window.from) / Math.max(Number.EPSILON, window.to - window.from);
  const from = at - share * length;
  return within({ from, to: from + length }, all);
}

export function panned(window: TimeWindow, all: TimeWindow, ms: number): TimeWindow {
  return within({ from: window.from + ms, to: window.to + ms }, all);
}

/** Just far enough to see a job. */
export function showing(window: TimeWindow, all: TimeWindow, from: number, to: number): TimeWindow {
  if (from >= window.from && to <= window.to) return window;
  const length = window.to - window.from;
  if (to - from > length) return within({ from, to }, all);
  return within({ from: (from + to - length) / 2, to: (from + to + length) / 2 }, all);
}

/** Round times, at most so many. */
export function timesOf({ from, to }: TimeWindow, most: number): number[] {
  const length = to - from;
  if (length <= 0 || most < 1) return [];
  const least = length / most;
  const unit = 10 ** Math.floor(Math.log10(least));
  const step = [...STEPS, 10].map((one) => one * unit).find((one) => one >= least)!;
  const times: number[] = [];
  for (let n = Math.ceil(from / step); n * step <= to; n++) times.push(n * step);
  return times;
}

/** `0`, `250ms`, `1.5s`, `2m05s`: a time of the axis. */
export function axisTime(ms: number, duration: (ms: number) => string): string {
  if (ms === 0) return '0';
  if (ms < 1000) return `${Number(ms.toPrecision(6))}ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(6))}s`;
  return duration(ms);
}
