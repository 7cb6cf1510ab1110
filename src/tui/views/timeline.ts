// A job's bar on the time axis of its build, half a column exact. Pure.

import { type Span, pinned, span } from '../../documents/spans.ts';

/**
 * Draws a bar in so many columns. However short, it has half a column.
 * @param from when it begins, and `to` when it ends, in milliseconds. @param total the length of the axis.
 */
export function timeline(
  from: number,
  to: number,
  total: number,
  columns: number,
  ascii: boolean,
  style: string,
): Span[] {
  const halves = 2 * columns;
  const place = (ms: number): number => (total > 0 ? Math.round((halves * ms) / total) : 0);
  const start = Math.max(0, Math.min(halves - 1, place(from)));
  const end = Math.max(start + 1, Math.min(halves, place(to)));
  const first = start >> 1;
  const last = (end - 1) >> 1;
  let bar = '';
  for (let column = first; column <= last; column++) {
    const left = 2 * column >= start;
    const right = 2 * column + 1 < end;
    bar += ascii ? '=' : left && right ? '━' : left ? '╸' : '╺';
  }
  return [span(' '.repeat(first)), span(bar, style), ...pinned([span(' '.repeat(columns - last - 1))])];
}
