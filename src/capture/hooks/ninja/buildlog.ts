// ninja's build log, .ninja_log: when each output was made, by which command. Format: ninja's build_log.cc;
// samurai writes the same. Pure: the file's text is given.

/** An output as it was made. */
export interface BuildLogEntry {
  /** Nanoseconds since the epoch: inputs that changed later make it out of date. */
  readonly time: bigint;
  /** A hash of the command; two of one log can be compared. */
  readonly command: string;
}

/** The last two times that an output was made, the older first; one if it was made once. */
export type History = readonly [BuildLogEntry] | readonly [BuildLogEntry, BuildLogEntry];

/**
 * Reads a log of version 4 or later: start, end, time, output and command, a line each, with tabs between.
 * @returns by output; empty where the log is of another version.
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
