// The cursor and the visible window of a list. Pure numbers.

/** The index of the cursor, and that of the first visible row. */
export interface ListState {
  cursor: number;
  top: number;
}

/** Moves the cursor, and the window as little as necessary. */
export function moveTo(list: ListState, to: number, count: number, height: number): void {
  list.cursor = Math.max(0, Math.min(count - 1, to));
  settle(list, count, height);
}

/** Makes the window contain the cursor, and show no more rows than there are. */
export function settle(list: ListState, count: number, height: number): void {
  list.cursor = Math.max(0, Math.min(list.cursor, count - 1));
  const rows = Math.max(1, height);
  if (list.cursor < list.top) list.top = list.cursor;
  if (list.cursor >= list.top + rows) list.top = list.cursor - rows + 1;
  list.top = Math.max(0, Math.min(list.top, count - rows));
}

/** Puts the cursor in the middle of the window. */
export function centre(list: ListState, to: number, count: number, height: number): void {
  list.cursor = Math.max(0, Math.min(count - 1, to));
  list.top = list.cursor - (height >> 1);
  settle(list, count, height);
}
