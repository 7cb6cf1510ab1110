// A list of which a window is shown: where the cursor and the window are. Pure numbers.

/** The cursor's index, and that of the first row that is shown. */
export interface ListState {
  cursor: number;
  top: number;
}

/** Moves the cursor, and the window as little as needed. */
export function moveTo(list: ListState, to: number, count: number, height: number): void {
  list.cursor = Math.max(0, Math.min(count - 1, to));
  settle(list, count, height);
}

/** The window holds the cursor, and shows no more than there is. */
export function settle(list: ListState, count: number, height: number): void {
  list.cursor = Math.max(0, Math.min(list.cursor, count - 1));
  const rows = Math.max(1, height);
  if (list.cursor < list.top) list.top = list.cursor;
  if (list.cursor >= list.top + rows) list.top = list.cursor - rows + 1;
  list.top = Math.max(0, Math.min(list.top, count - rows));
}

/** Puts the cursor into the middle of the window. */
export function centre(list: ListState, to: number, count: number, height: number): void {
  list.cursor = Math.max(0, Math.min(count - 1, to));
  list.top = list.cursor - (height >> 1);
  settle(list, count, height);
}
