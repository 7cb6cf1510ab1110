// Which builds are beyond what is to be kept: by their number and their size alone. Knows no file and no log.

/** A build in a store. */
export interface Occupant {
  readonly id: string;
  /** The room that it takes; 0 for one that still grows. */
  readonly bytes: number;
  /**
   * It stays whatever the limits are: it may still be written to, or only another loglin can tell what it
   * holds.
   */
  readonly held: boolean;
  /** Recorded inside another build: it does not count as one, and goes with what is as old. */
  readonly inside: boolean;
}

export interface Limits {
  readonly builds: number;
  readonly bytes: number;
}

/** How much is kept. */
export interface Keep extends Limits {
  /** Older builds are removed at the end of each build. */
  readonly auto: boolean;
}

export const DEFAULT_KEEP: Keep = { builds: 30, bytes: 2 * 1024 ** 3, auto: true };

/**
 * The builds to be removed, the oldest first: all before the last `builds`, or before those that fit into
 * `bytes` together. The last build stays, and so does what is held.
 * @param builds the oldest first.
 */
export function beyond<T extends Occupant>(builds: readonly T[], limits: Limits): T[] {
  const last = builds.findLast(({ inside }) => !inside) ?? builds.at(-1);
  const gone: T[] = [];
  let count = 0;
  let bytes = 0;
  for (const build of [...builds].reverse()) {
    if (!build.inside) count++;
    bytes += build.bytes;
    const over = count > limits.builds || bytes > limits.bytes;
    if (over && build !== last && !build.held) gone.push(build);
  }
  return gone.reverse();
}
