// Finds the process of a runner from one of its scripts, in /proc. Without that, its tool's name has to do.

import fs from 'node:fs';
import { procFile, readProc, startTicks, statFields } from '../../../store/running.ts';

export interface RunnerProcess {
  readonly pid: number;
  /** Its start in clock ticks after boot. */
  readonly ticks: number | undefined;
  readonly cwd: string;
  readonly argv: readonly string[];
}

/** As the file, or as the script that Node runs. */
const RUNNER = /(?:^|\/)(?:turbo|nx|lerna|wireit)$|\/node_modules\/(?:turbo|nx|lerna|wireit)\//;
/** How far above a script its runner is looked for. */
const LEVELS = 12;

/**
 * The outermost of the processes of the nearest runner above a script: turbo and nx have several.
 * @param pid the script's process.
 */
export function runnerAbove(pid: number): RunnerProcess | undefined {
  let found: { readonly pid: number; readonly argv: readonly string[] } | undefined;
  for (let at = pid, level = 0; at > 1 && at !== process.pid && level < LEVELS; level++) {
    const argv = (readProc(at, 'cmdline') ?? '').split('\0').slice(0, -1);
    if (argv.slice(0, 2).some((word) => RUNNER.test(word))) found = { pid: at, argv };
    else if (found) break;
    at = Number(statFields(at)?.[1] ?? 0);
  }
  return found && { ...found, ticks: startTicks(found.pid), cwd: folderOf(found.pid) };
}

function folderOf(pid: number): string {
  try {
    return fs.readlinkSync(procFile(pid, 'cwd') ?? '');
  } catch {
    return '';
  }
}
