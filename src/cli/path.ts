// `loglin path [target]`: the file of a job's log, for other tools.

import { displayNames } from '../linearize/names.ts';
import { Failure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import { lineEnds } from '../play/player.ts';
import { chooseBuild, openBuild } from '../store/builds.ts';
import { logFile } from '../store/layout.ts';
import { newCommand, parse } from './command.ts';
import { currentFolder, placeOf } from './place.ts';
import { print } from './print.ts';
import { findTargets } from './targets.ts';

interface Options {
  readonly build?: string;
  readonly store?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = newCommand('path', "Prints the file of a job's raw log; without a target, of the root job's.")
    .usage('[options] [target]')
    .argument('[target]')
    .option('-b, --build <build>', 'another build: an id or the start of one, -1 (the one before), @failed')
    .option('--store <dir>', 'where builds are kept (also LOGLIN_STORE)');
  return parse(cmd, args, () => Promise.resolve(printPaths(cmd.opts<Options>(), cmd.args[0])));
}

function printPaths(options: Options, word: string | undefined): number {
  const place = placeOf(currentFolder(), options.store);
  const { build, folder, logs } = openBuild(place.store, chooseBuild(place.store, options.build));
  const nameOf = displayNames(build, 'needs', lineEnds(logs, false));
  const roots = word === undefined ? [{ job: build.jobs[ROOT]! }] : findTargets(build, nameOf, word);
  const files = roots.flatMap((root) => ('job' in root ? [logFile(folder, root.job.id)] : []));
  if (files.length === 0) throw new Failure(`${word ?? ''}: has no commands, so no log`, 1);
  print(files.map((file) => `${file}\n`).join(''));
  return 0;
}
