// The start times of a process and its ancestors. They order the launches of processes that ran side by
// side, whichever the recorder heard of first. In journals and on the wire they are text,
// `ticks.pid/ticks.pid/…`, the oldest first.

/** When a process started, in clock ticks after boot, and its PID. */
export type ProcessStart = readonly [ticks: number, pid: number];

/** A process and its nearest ancestors; the process itself comes last. */
export type Lineage = readonly ProcessStart[];

const LINEAGE = /^\d{1,15}\.\d{1,10}(?:\/\d{1,15}\.\d{1,10}){0,15}$/;

/** @returns undefined where the text is none. */
export function parseLineage(text: string): Lineage | undefined {
  if (!LINEAGE.test(text)) return undefined;
  return text.split('/').map((born): ProcessStart => {
    const [ticks, pid] = born.split('.');
    return [Number(ticks), Number(pid)];
  });
}

export function lineageText(lineage: Lineage): string {
  return lineage.map(([ticks, pid]) => `${ticks}.${pid}`).join('/');
}

/**
 * Compares processes by the starts of those of their ancestors in which they differ first, below the nearest
 * that they have in common.
 * @returns negative where the first was forked first.
 */
export function compareLineages(a: Lineage, b: Lineage): number {
  const known = new Map(b.map(([, pid], at) => [pid, at]));
  let [from, to] = [0, 0];
  for (let at = a.length - 1; at >= 0; at--) {
    const same = known.get(a[at]![1]);
    if (same === undefined || b[same]![0] !== a[at]![0]) continue;
    [from, to] = [at + 1, same + 1];
    break;
  }
  const [x, y] = [a[from], b[to]];
  // One is the other's ancestor.
  if (!x || !y) return a.length - from - (b.length - to);
  return x[0] - y[0] || x[1] - y[1];
}
