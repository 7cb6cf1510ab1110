// Divides the recorder's file descriptors among slots and open logs.

import fs from 'node:fs';

export interface Capacity {
  /** The number of slots at first, and at most. Each takes a descriptor for the whole build. */
  readonly firstSlots: number;
  readonly mostSlots: number;
  /** The most logs that are open at the same time. */
  readonly logs: number;
}

/** Descriptors of Node, the journal, the live display, and those that a child is started with. */
const RESERVE = 40;

/** Slots cost a start; there are more, at once, when half of them are taken (slots.ts). */
const FIRST_SLOTS = 16;

/** @param limit of open files; undefined if it is unknown. */
export function capacityOf(limit = 1024): Capacity {
  const room = Math.max(8, limit - RESERVE);
  const mostSlots = Math.min(4096, Math.floor(room / 2));
  return {
    firstSlots: Math.min(FIRST_SLOTS, mostSlots),
    mostSlots,
    logs: Math.max(4, Math.min(400, Math.floor(room / 4))),
  };
}

/** This process' limit of open files; undefined if it is unknown. */
export function openFilesLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(fs.readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return soft === 'unlimited' ? Infinity : soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
