// The positions of the panes. Pure: the size and the focus in, rectangles out. A small terminal shows one
// pane at a time. On 80 columns, panes are stacked, so that a log has the whole width. On a wider terminal
// they are side by side.

import type { Pane } from './keys.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Including the title. */
  readonly height: number;
}

export type Layout = Partial<Record<Pane, Rect>>;

/** A lower terminal has no row for the build. */
const LEAST_WITH_HEADER = 10;
/** What the positions of the panes depend on. */
export interface Screenful {
  readonly width: number;
  readonly height: number;
  readonly focus: Pane;
  readonly zoomed: boolean;
}

const NARROW = 60;
const LOW = 14;
const WIDE = 120;

/** Whether the log is alone on the screen, without anything beside it that a selection would take along. */
export function isBare({ zoomed, focus }: Pick<Screenful, 'zoomed' | 'focus'>): boolean {
  return zoomed && focus === 'log';
}

/** @returns the panes that are shown, the row of the build if it has one, and the bottom line's row. */
export function layout({ width, height, focus, zoomed }: Screenful): {
  readonly panes: Layout;
  readonly header: number | undefined;
  readonly bottom: number;
} {
  const header = height >= LEAST_WITH_HEADER && !isBare({ zoomed, focus }) ? 0 : undefined;
  const y = header === undefined ? 0 : 1;
  const bottom = Math.max(1, height - 1);
  const rows = Math.max(1, bottom - y);
  const all: Rect = { x: 0, y, width, height: rows };
  if (zoomed || width < NARROW || height < LOW) return { panes: { [focus]: all }, header, bottom };
  if (width < WIDE) {
    const above = Math.max(6, Math.ceil(rows * 0.4));
    return {
      panes: {
        [focus === 'builds' ? 'builds' : 'jobs']: { ...all, height: above },
        log: { ...all, y: y + above, height: rows - above },
      },
      header,
      bottom,
    };
  }
  const left = Math.min(80, Math.floor(width * 0.4));
  const builds = Math.max(5, Math.floor(rows * 0.25));
  return {
    panes: {
      builds: { x: 0, y, width: left, height: builds },
      jobs: { x: 0, y: y + builds, width: left, height: rows - builds },
      log: { x: left + 1, y, width: width - left - 1, height: rows },
    },
    header,
    bottom,
  };
}

/** The number of rows of a pane below its title. */
export function bodyHeight(rect: Rect | undefined): number {
  return Math.max(0, (rect?.height ?? 0) - 1);
}
