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

/** @returns the panes that are shown, and the row of the bottom line. */
export function layout({ width, height, focus, zoomed }: Screenful): {
  readonly panes: Layout;
  readonly bottom: number;
} {
  const rows = Math.max(1, height - 1);
  const all: Rect = { x: 0, y: 0, width, height: rows };
  if (zoomed || width < NARROW || height < LOW) return { panes: { [focus]: all }, bottom: rows };
  if (width < WIDE) {
    const above = Math.max(6, Math.floor(rows * 0.4));
    return {
      panes: {
        [focus === 'builds' ? 'builds' : 'jobs']: { ...all, height: above },
        log: { ...all, y: above, height: rows - above },
      },
      bottom: rows,
    };
  }
  const left = Math.min(80, Math.floor(width * 0.4));
  const builds = Math.max(5, Math.floor(rows * 0.25));
  return {
    panes: {
      builds: { x: 0, y: 0, width: left, height: builds },
      jobs: { x: 0, y: builds, width: left, height: rows - builds },
      log: { x: left + 1, y: 0, width: width - left - 1, height: rows },
    },
    bottom: rows,
  };
}

/** The number of rows of a pane below its title. */
export function bodyHeight(rect: Rect | undefined): number {
  return Math.max(0, (rect?.height ?? 0) - 1);
}
