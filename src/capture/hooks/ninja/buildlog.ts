// Reads ninja's build log, .ninja_log: when each output was made, and by which command. ninja's build_log.cc
// has the format; samurai writes the same. Pure.

/** How an output was made. */
export interface BuildLogEntry {
  /** Nanoseconds since the epoch. Inputs that change later make the output out of date. */
  readonly time: bigint;
  /** A hash of the command, comparable within one log. */
  readonly command: string;
}

/** The last two entries of an output, the older first; only one if it was made once. */
export type History = readonly [BuildLogEntry] | readonly [BuildLogEntry, BuildLogEntry];

/**
 * Reads a log of version 4 or later. A line has start, end, time, output and command, separated by tabs.
 * @returns the entries by output; none if the log has another version.
 */
export function readBuildLog(text: string): Map<string, History> {
  const made = new Map<string, History>();
  if (!/^# ninja log v[4-9]\n/.test(text)) return made;
  for (const line of text.split('\n')) {
    const [, , time = '', output = '', command = ''] = line.split('\t');
    if (!/^\d+$/.test(time)) continue;
    const now = { time: BigInt(time), command };
    const before = made.get(output)?.at(-1);
    made.set(output, before ? [before, now] : [now]);
  }
  return made;
}
