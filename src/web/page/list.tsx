// A list of rows of one height, of which only those on the screen exist. For lists that a browser can still
// scroll by itself (a few hundred thousand rows); documents have a scroller of their own.

import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Action } from './keys.ts';
import { wheelPixels } from './wheel.ts';

/** Browsers draw no element that is higher, in pixels. */
const HIGHEST = 16_000_000;
const AROUND = 8;
const PAGE_ROWS = 10;

export interface ListProps {
  readonly count: number;
  /** The name of the variable of tokens.css that holds a row's height. */
  readonly rowHeight: string;
  readonly label: string;
  readonly role: 'tree' | 'listbox' | 'list';
  readonly pane?: string;
  readonly id?: string;
  /** The row under the cursor; -1: none. */
  readonly cursor: number;
  /** @param slot the row's key: a row that has left the screen is drawn as another one. */
  readonly row: (index: number, slot: number) => JSX.Element;
  /** Rows come onto the screen. */
  readonly need?: (from: number, to: number) => void;
  /** The id of the row under the cursor, for those who do not see it. */
  readonly active?: string | undefined;
}

function pixels(name: string): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue(name)) || 28;
}

export function List(props: ListProps): JSX.Element {
  const { count, rowHeight, label, role, pane, id, cursor, row, need, active } = props;
  const screen = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, height: 600, row: pixels(rowHeight) });
  const measure = useCallback(() => {
    const element = screen.current;
    if (!element) return;
    setPlace({ top: element.scrollTop, height: element.clientHeight, row: pixels(rowHeight) });
  }, [rowHeight]);
  useEffect(() => {
    const watcher = new ResizeObserver(measure);
    const element = screen.current!;
    watcher.observe(element);
    const wheel = (event: WheelEvent): void => {
      const by = wheelPixels(event, pixels(rowHeight), element.clientHeight);
      if (by === undefined) return;
      event.preventDefault();
      element.scrollTop += by;
      measure();
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      watcher.disconnect();
      element.removeEventListener('wheel', wheel);
    };
  }, [measure, rowHeight]);
  useLayoutEffect(() => seeRow(screen.current!, cursor, place.row), [cursor, place.row]);
  const from = Math.max(0, Math.floor(place.top / place.row) - AROUND);
  // Always as many, so that a row that stays on the screen keeps its slot.
  const slots = Math.ceil(place.height / place.row) + 1 + 2 * AROUND;
  const to = Math.min(count, from + slots);
  useLayoutEffect(() => need?.(from, to));
  const rows: JSX.Element[] = [];
  for (let i = from; i < to; i++) rows.push(row(i, i % slots));
  return (
    <div
      ref={screen}
      class="list"
      role={count === 0 ? 'group' : role}
      aria-label={label}
      tabIndex={0}
      onScroll={measure}
      {...(id !== undefined && { id })}
      {...(pane !== undefined && { 'data-pane': pane })}
      {...(active !== undefined && { 'aria-activedescendant': active })}
    >
      <div class="sizer" role="presentation" style={{ height: `${Math.min(HIGHEST, count * place.row)}px` }}>
        <div role="presentation" style={{ transform: `translateY(${from * place.row}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}

/** Scrolls as little as it takes to see a row. */
function seeRow(element: HTMLElement, index: number, height: number): void {
  if (index < 0) return;
  const top = index * height;
  const below = top + height - element.clientHeight;
  if (element.scrollTop > top) element.scrollTop = Math.max(0, top - height);
  else if (element.scrollTop < below) element.scrollTop = below + height;
}

/** Where a key leads in a list; undefined if it is none that leads anywhere. */
export function moved(action: Action, cursor: number, total: number): number | undefined {
  const steps: Partial<Record<Action, number>> = {
    down: 1,
    nextMatch: 1,
    nextFailure: 1,
    up: -1,
    previousMatch: -1,
    previousFailure: -1,
    pageDown: PAGE_ROWS,
    pageUp: -PAGE_ROWS,
    first: -Infinity,
    last: Infinity,
  };
  const step = steps[action];
  return step === undefined ? undefined : Math.max(0, Math.min(total - 1, cursor + step));
}
