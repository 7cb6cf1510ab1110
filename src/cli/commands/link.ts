// `loglin link NAME` outside a build: inside one the shim does it.

import { Failure } from '../../model/failure.ts';
import { newCommand, parse } from '../command.ts';

export function run(args: readonly string[]): Promise<number> {
  const cmd = newCommand(
    'link',
    'In a script that loglin runs: tells loglin that this job needs <name>, which is up to date.',
  )
    .argument('<name>', 'the name that --once would give it')
    .addHelpText(
      'after',
      '\nExample:\n  [ docs -nt docs.txt ] && loglin link docs || loglin -t docs --once ./build-docs.sh\n',
    );
  return parse(cmd, args, () => {
    throw new Failure(
      `link ${cmd.args[0] ?? 'NAME'}: works inside a build, in a script that loglin runs: loglin ./build.sh`,
    );
  });
}
