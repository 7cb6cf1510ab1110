// How much the recorder takes of the descriptors that it may have open: slots that are offered, and logs that
// stay open.

import fs from 'node:fs';

export interface Capacity {
  /** Slots made at first, and as many as there may be at all. Each takes a descriptor for the whole build. */
  readonly firstSlots: number;
  readonly mostSlots: number;
  /** Logs that are open at the same time. */
  readonly logs: number;
}

/** Node's own descriptors, the journal, the live display, what a child is started with. */
const RESERVE = 40;

/** @param limit of open files; undefined: not known. */
export function capacityOf(limit = 1024): Capacity {
  const room = Math.max(8, limit - RESERVE);
  const mostSlots = Math.min(4096, Math.floor(room / 2));
  return {
    firstSlots: Math.min(64, mostSlots),
    mostSlots,
    logs: Math.max(4, Math.min(400, Math.floor(room / 4))),
  };
}

/** This process' limit of open files; undefined where it is not known. */
export function openFilesLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(fs.readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return soft === 'unlimited' ? Infinity : soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
