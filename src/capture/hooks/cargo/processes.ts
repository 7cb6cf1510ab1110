// Reads from /proc what a cargo process is: its arguments, its folder, its start, whether it still runs.
// Without /proc, what the shim knows has to do.

import fs from 'node:fs';
import { procFile, startTicks } from '../../../store/running.ts';

/** USER_HZ: the same on every Linux. */
const TICK_MS = 10;

export interface CargoProcess {
  readonly ticks: number | undefined;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly cwd: string;
  readonly argv: readonly string[];
}

/** @param cwd the folder in which its rustc runs. */
export function inspectCargo(pid: number, cwd: string): CargoProcess {
  const ticks = startTicks(pid);
  const found = { ticks, started: Date.now(), cwd, argv: ['cargo'] };
  try {
    const uptime = Number(fs.readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000;
    if (ticks !== undefined) found.started = Date.now() - uptime + ticks * TICK_MS;
    found.cwd = fs.readlinkSync(procFile(pid, 'cwd') ?? '');
    found.argv = fs
      .readFileSync(procFile(pid, 'cmdline') ?? '', 'utf8')
      .split('\0')
      .slice(0, -1);
  } catch {
    // It has ended, or there is no /proc.
  }
  return found;
}

export function isGone({
  pid,
  ticks,
}: {
  readonly pid: number;
  readonly ticks: number | undefined;
}): boolean {
  // Without /proc it counts as running until its job ends.
  return ticks !== undefined && startTicks(pid) !== ticks;
}

/** What cargo's arguments before `--` ask for. */
export interface CargoOptions {
  readonly coloured: boolean;
  /** It shows the output of build scripts itself. */
  readonly scriptsShown: boolean;
}

/** @param environment cargo's: whether it colours output that is no terminal. */
export function optionsOf(
  argv: readonly string[],
  environment: { readonly termColour: string; readonly never: boolean; readonly force: string },
): CargoOptions {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const asked = words.flatMap((word, i) =>
    word === '--color' ? (words[i + 1] ?? []) : word.startsWith('--color=') ? word.slice(8) : [],
  );
  const colour = asked[0] ?? environment.termColour;
  const forced = !environment.never && environment.force !== '' && environment.force !== '0';
  const verbose = words.flatMap((word) => (word === '--verbose' ? ['v'] : (/^-(v+)$/.exec(word)?.[1] ?? [])));
  return {
    coloured: colour === 'always' || (colour !== 'never' && forced),
    scriptsShown: verbose.join('').length > 1,
  };
}
