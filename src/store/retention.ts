// Decides which builds exceed what is to be kept, by their number and size alone. Knows no file and no log.

/** A build in a store. */
export interface Occupant {
  readonly id: string;
  /** Its disk usage; 0 if it still grows. */
  readonly bytes: number;
  /**
   * It stays regardless of the limits: it may still be written to, or only another loglin knows what it
   * holds.
   */
  readonly held: boolean;
  /**
   * Recorded inside another build. It does not count as a build, and is removed along with builds of the same
   * age.
   */
  readonly inside: boolean;
}

export interface Limits {
  readonly builds: number;
  readonly bytes: number;
}

/** How much is kept. */
export interface Keep extends Limits {
  /** Remove older builds at the end of each build. */
  readonly auto: boolean;
}

export const DEFAULT_KEEP: Keep = { builds: 30, bytes: 2 * 1024 ** 3, auto: true };

/**
 * Returns the builds to be removed, the oldest first: all before the last `builds`, or before those that
 * together fit into `bytes`. The last build stays, and so do builds that are held.
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
