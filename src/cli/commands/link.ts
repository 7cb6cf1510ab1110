// `loglin link NAME` outside a build: inside one the shim does it.

import { Failure } from '../../model/failure.ts';

export function run(args: readonly string[]): Promise<number> {
  return Promise.reject(
    new Failure(
      `link ${args[0] ?? 'NAME'}: works inside a build, in a script that loglin runs: loglin ./build.sh`,
    ),
  );
}
