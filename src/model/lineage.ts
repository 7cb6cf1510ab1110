// The start times of a process and its ancestors. They order the launches of processes that ran side by side,
// no matter which the recorder heard of first. In journals and on the wire they are text,
// `ticks.pid/ticks.pid/…`, the oldest first.

/** When a process started, in clock ticks after boot, and its PID. */
export type ProcessStart = readonly [ticks: number, pid: number];

/** A process and its nearest ancestors. The process itself comes last. */
export type Lineage = readonly ProcessStart[];

const LINEAGE = /^\d{1,15}\.\d{1,10}(?:\/\d{1,15}\.\d{1,10}){0,15}$/;

/** @returns undefined if the text is not a lineage. */
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
 * Compares two processes below their nearest common ancestor, by the start times of the first ancestors that
 * differ.
 * @returns a negative number if the first was forked first.
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
  // One process is an ancestor of the other.
  if (!x || !y) return a.length - from - (b.length - to);
  return x[0] - y[0] || x[1] - y[1];
}
