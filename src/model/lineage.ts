// When a process was born, and those that it descends from: what orders the launches of several processes
// that ran side by side, whichever of them was heard of first. As text, in journals and on the wire:
// `ticks.pid/ticks.pid/…`, the oldest first.

/** Of one process: when it started, in clock ticks after boot, and its number. */
export type ProcessStart = readonly [ticks: number, pid: number];

/** A process, last, and its nearest ancestors. */
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
 * Compares processes by the births of those of their ancestors in which they differ first, below the nearest
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
