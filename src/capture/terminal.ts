// The terminal that this loglin was started in. Programs of the build that write to it are read by nobody
// but the user.

import fs from 'node:fs';

/** @param device of a terminal. */
export function isOurTerminal(device: bigint): boolean {
  return device === controllingTerminal() || [0, 1, 2].some((fd) => device === deviceOf(fd));
}

/** The seventh field of proc(5)'s stat; 0n if there is none. */
function controllingTerminal(): bigint {
  try {
    const stat = fs.readFileSync('/proc/self/stat', 'latin1');
    return BigInt(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4] ?? 0);
  } catch {
    return 0n;
  }
}

function deviceOf(fd: number): bigint {
  try {
    return fs.fstatSync(fd, { bigint: true }).rdev;
  } catch {
    return 0n;
  }
}
