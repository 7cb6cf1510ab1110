// The help that fits on a screen, that of one command, and the version.

import pkg from '../../../package.json' with { type: 'json' };
import { Failure } from '../../model/failure.ts';
import { nearest } from '../../model/nearest.ts';
import type { Commands } from '../command.ts';
import { docsFolder } from '../docs.ts';
import { print } from '../print.ts';

/** All but its last line, which depends on where loglin is installed. */
export const HELP = `loglin: read a parallel build in order

  loglin make -j16        run a build; keep each job's output together
  loglin show [target…]   print the last build again, or only some targets
  loglin ls               list past builds

  why        why a target ran: what was newer, missing or changed
  problems   errors and warnings; --new: only those that are new
  diff       compare the output of targets in two builds
  time       the critical path, the slowest jobs, how parallel it was
  jobs       list the jobs of a build, with status and times
  grep       search the logs
  tui        browse builds, jobs and logs; live: loglin --tui make
  serve      the same in a web browser
  watch      build again when an input changes: loglin watch make

Also: remote, push, pull, flaky, trend (builds of CI and others: show -b ci:),
export, import (builds as files, streams of events), gc, rm (remove builds),
path (of a log file), doctor (what works here), completion, link (in scripts),
run (for a program that is named like one of these).
For options, see loglin run --help, loglin show --help, and so on.
`;

/** @param args `--version`; or a command's name, whose own help it is then. */
export async function run(args: readonly string[], all: Commands): Promise<number> {
  const name = args.find((arg) => !arg.startsWith('-'));
  if (name !== undefined && name !== 'help') {
    if (Object.hasOwn(all, name)) return (await all[name]!()).run(['--help'], all);
    const near = nearest(name, Object.keys(all));
    throw new Failure(
      `help ${name}: no such command${near.length > 0 ? '; nearest:' : '; see loglin help'}`,
      125,
      near,
    );
  }
  const version = args.includes('--version') || args.includes('-V');
  print(version ? `loglin ${pkg.version}\n` : `${HELP}Manual: man loglin, ${docsFolder()}/\n`);
  return 0;
}
