// The terminal that this loglin was started in. Programs of the build that write to it are read by nobody
// but the user.

import fs from 'node:fs';
import { statFields } from '../store/running.ts';

/** @param device of a terminal. */
export function isOurTerminal(device: bigint): boolean {
  return device === controllingTerminal() || [0, 1, 2].some((fd) => device === deviceOf(fd));
}

/** 0n if there is none. */
function controllingTerminal(): bigint {
  return BigInt(statFields(process.pid)?.[4] ?? 0);
}

function deviceOf(fd: number): bigint {
  try {
    return fs.fstatSync(fd, { bigint: true }).rdev;
  } catch {
    return 0n;
  }
}
