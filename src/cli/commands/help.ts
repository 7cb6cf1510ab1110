// The help that fits on a screen, and the version.

import pkg from '../../../package.json' with { type: 'json' };
import { print } from '../print.ts';

const HELP = `loglin: read a parallel build in order

  loglin make -j16          run a build; each job's output in one piece, the running one live
  loglin show [target…]     print the last build again, or what is below a target
  loglin ls                 past builds

Also: path (a log's file), import (a redo tree's logs), link (in scripts), doctor (what works here), run (wrap a program named like one of these).
Options: loglin run --help, loglin show --help. Manual: docs/.
`;

export function run(args: readonly string[]): Promise<number> {
  const version = args.includes('--version') || args.includes('-V');
  print(version ? `loglin ${pkg.version}\n` : HELP);
  return Promise.resolve(0);
}
