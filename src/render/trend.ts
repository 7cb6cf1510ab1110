// Numbers over builds as small charts of one line, and as records of `loglin trend --json` (docs/json.md).

import { escapeName } from '../model/printable.ts';
import { sizeText } from '../model/size.ts';
import { duration } from './formats.ts';
import type { JsonRecord } from './records/line.ts';

/** A target in one build; several targets, if the word stands for several, are added up. */
export interface TrendPoint {
  /** When the build started, in milliseconds since the epoch. */
  readonly at: number;
  /** In milliseconds. */
  readonly ms: number;
  /** Of the output. */
  readonly bytes: number;
  /** Each counted once, as `loglin problems` lists them. */
  readonly errors: number;
  readonly warnings: number;
  readonly failed: boolean;
}

/** The same, with the build's id as the user knows it. */
export interface Trended extends TrendPoint {
  readonly id: string;
}

export function trendRecord(one: Trended): JsonRecord {
  return {
    build: one.id,
    at: one.at,
    ms: one.ms,
    bytes: one.bytes,
    errors: one.errors,
    warnings: one.warnings,
    failed: one.failed,
  };
}

const BARS = '▁▂▃▄▅▆▇█';
const ASCII_BARS = '_.:-=+*#';

/** A column for each number: as high as its share of the largest one. */
function sparkline(values: readonly number[], ascii: boolean): string {
  const bars = ascii ? ASCII_BARS : BARS;
  const most = Math.max(...values);
  return values
    .map((value) => bars[most > 0 ? Math.round((value / most) * (bars.length - 1)) : 0] ?? '')
    .join('');
}

/**
 * The lines of `loglin trend`.
 * @param points the oldest first; at least one. @param builds how many were looked at.
 */
export function trendLines(
  target: string,
  points: readonly Trended[],
  builds: number,
  ascii: boolean,
): string[] {
  const bad = points.filter((point) => point.failed).length;
  const line = (name: string, of: (point: Trended) => number, text: (value: number) => string): string => {
    const values = points.map(of);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const range =
      least === most ? text(most) : `${text(least)} to ${text(most)}, last ${text(values.at(-1)!)}`;
    return `${name.padEnd(8)}  ${sparkline(values, ascii)}  ${range}`;
  };
  return [
    `${escapeName(target)}: ran in ${points.length} of ${builds} builds${bad === 0 ? '' : `, failed in ${bad}`}`,
    line('time', ({ ms }) => ms, duration),
    line('output', ({ bytes }) => bytes, sizeText),
    line('warnings', ({ warnings }) => warnings, String),
    line('errors', ({ errors }) => errors, String),
  ];
}
