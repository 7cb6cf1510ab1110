// The positions of the panes. Pure: the size and the focus in, rectangles out. A small terminal shows one
// pane at a time. On 80 columns, panes are stacked, so that a log has the whole width. On a wider terminal
// they are side by side. The builds take no more room than they need.

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
  /** How many columns the builds take, and how many rows. */
  readonly builds: { readonly columns: number; readonly rows: number };
}

const NARROW = 60;
const LOW = 14;
const WIDE = 120;
/** From this width on, the jobs are shown beside the builds if they have so many columns left. */
const BESIDE = 90;
const LEAST_JOBS = 40;

/** Whether the log is alone on the screen, without anything beside it that a selection would take along. */
export function isBare({ zoomed, focus }: Pick<Screenful, 'zoomed' | 'focus'>): boolean {
  return zoomed && focus === 'log';
}

/** @returns the panes that are shown, the row of the build if it has one, and the bottom line's row. */
export function layout({ width, height, focus, zoomed, builds }: Screenful): {
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
    const top: Rect = { ...all, height: above };
    const beside = builds.columns + 1;
    const lists: Layout =
      focus !== 'builds'
        ? { jobs: top }
        : width >= BESIDE && width - beside >= LEAST_JOBS
          ? { builds: { ...top, width: builds.columns }, jobs: { ...top, x: beside, width: width - beside } }
          : { builds: top };
    const log: Rect = { ...all, y: y + above, height: rows - above };
    return {
      panes: { ...lists, log },
      header,
      bottom,
    };
  }
  const left = Math.min(80, Math.floor(width * 0.4));
  const above = Math.max(3, Math.min(Math.max(5, Math.floor(rows * 0.25)), builds.rows + 1));
  return {
    panes: {
      builds: { x: 0, y, width: left, height: above },
      jobs: { x: 0, y: y + above, width: left, height: rows - above },
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
