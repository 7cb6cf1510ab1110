// What the arguments of a runner ask for. Pure.

/** Options that leave packages out. */
const SOME =
  /^(?:-F|-p|--(?:filter|affected|scope|since|ignore|exclude|projects?|include-dependen\w+|include-merged-tags|no-private))(?:=|$)/;

/**
 * The words among the arguments that may be names of tasks, where all packages are asked for; none where only
 * some are.
 */
export function tasksForAll(tool: string, argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const words = (end < 0 ? argv : argv.slice(0, end)).slice(1);
  if (words.some((word) => SOME.test(word))) return [];
  if (tool === 'nx' && !words.some((word) => word === 'run-many' || word === 'run')) return [];
  return words.flatMap((word) => word.replace(/^(?:-t|--targets?)=?/, '').split(','));
}

/** The script that lerna runs for each package, if this is lerna, and in the order of the packages. */
export function sortedByLerna(argv: readonly string[]): string | undefined {
  const isLerna = argv.some((word) => /(?:^|\/)lerna$|\/node_modules\/lerna\//.test(word));
  if (!isLerna || argv.includes('--parallel') || argv.includes('--no-sort')) return undefined;
  return argv.slice(argv.indexOf('run') + 1).find((word) => !word.startsWith('-'));
}
