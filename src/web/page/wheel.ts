// How far a turn of the wheel goes. The page scrolls by itself where it draws what comes onto the screen: the
// place and what is there then change in the same frame; a browser that scrolls first shows a gap.

const LINE_DELTA = 1;
const PAGE_DELTA = 2;

/**
 * @param row how high a line is, in pixels.
 * @param screen how high the screen is, in pixels.
 * @returns by how much to scroll down, in pixels; undefined if the wheel means something else.
 */
export function wheelPixels(event: WheelEvent, row: number, screen: number): number | undefined {
  const { ctrlKey, shiftKey, deltaX, deltaY, deltaMode } = event;
  if (ctrlKey || shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) return undefined;
  return deltaY * (deltaMode === LINE_DELTA ? row : deltaMode === PAGE_DELTA ? screen : 1);
}
