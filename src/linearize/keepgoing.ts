// Decides from a tool's command line whether it goes on after a failure (`-k`).

/** The options that make tools go on after a failure. */
const KEEPS_GOING: Readonly<Record<string, (argv: readonly string[]) => boolean>> = {
  make: (argv) =>
    lastOf(
      argv,
      /^--keep-going$|^-[BbdeiLnpqrRsStvw]*k/,
      /^--(?:no-keep-going|stop)$|^-[BbdeikLnpqrRstvw]*S/,
    ),
  cargo: (argv) => argv.includes('--keep-going') || argv.includes('--no-fail-fast'),
  redo: (argv) => argv.some((word) => word === '--keep-going' || /^-[a-zA-Z]*k/.test(word)),
  scons: (argv) => lastOf(argv, /^--keep-going$|^-k$/, /^--(?:no-keep-going|stop)$|^-S$/),
};

/**
 * Returns whether a tool was asked to go on after a failure.
 * @param argv the process' arguments, the program first.
 */
export function keepsGoing(tool: string, argv: readonly string[]): boolean {
  return KEEPS_GOING[tool]?.(argv) ?? false;
}

/** Of the words that match either expression, does the last one match the first? */
function lastOf(argv: readonly string[], yes: RegExp, no: RegExp): boolean {
  for (const word of argv.slice(1).reverse()) {
    if (yes.test(word)) return true;
    if (no.test(word)) return false;
  }
  return false;
}

/** The number of failures at which ninja stops (`-k N`, 0 for never). */
export function ninjaStopsAfter(argv: readonly string[]): number {
  let keeps = 1;
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] ?? '';
    const joined = /^-k(-?\d+)$/.exec(word)?.[1];
    const count = word === '-k' ? Number(argv[++i]) : joined === undefined ? NaN : Number(joined);
    if (!Number.isNaN(count)) keeps = count <= 0 ? Infinity : count;
  }
  return keeps;
}
