// `loglin path [target]`: the file of a job's log, or the store, for other tools.

import fs from 'node:fs';
import { Failure } from '../../model/failure.ts';
import { ROOT } from '../../model/ids.ts';
import { escapeName } from '../../model/printable.ts';
import { logFile } from '../../store/layout.ts';
import { REMOVED_BY_GC } from '../../store/logs.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { findTargets } from '../../view/targets.ts';
import { isTerminal } from '../terminal.ts';
import { type BuildOptions, addBuildOptions, openChosenBuild } from '../buildoptions.ts';

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand(
      'path',
      "Prints the path of a job's raw log; without a target, the folder where builds are kept.",
    ),
  )
    .usage('[options] [target]')
    .argument('[target]')
    .addHelpText(
      'after',
      '\nExamples:\n  less "$(loglin path server.o)"\n  loglin path -b -1 server.o\n  loglin path\n',
    );
  return parse(cmd, args, () => printPaths(cmd.opts<BuildOptions>(), cmd.args[0]));
}

async function printPaths(options: BuildOptions, word: string | undefined): Promise<number> {
  if (word === undefined && options.build === undefined) {
    return printFiles([placeOf(currentFolder(), options.store).store]);
  }
  if (options.build?.includes(':'))
    throw new Failure(
      `build ${options.build}: has no files here; pull it first: loglin pull ${options.build}`,
      1,
    );
  const viewed = await openChosenBuild(options);
  const { recorded } = viewed;
  const { build, folder } = recorded;
  const roots = word === undefined ? [{ job: build.jobs[ROOT]! }] : findTargets(viewed, word);
  const files = roots.flatMap((root) => ('job' in root ? [logFile(folder, root.job.id)] : []));
  if (files.length === 0) throw new Failure(`${word ?? ''}: has no commands, so no log`, 1);
  if (recorded.thinned)
    for (const file of files) if (!fs.existsSync(file)) throw new Failure(`${file}: ${REMOVED_BY_GC}`, 1);
  return printFiles(files);
}

/** Other tools take them as they are. */
async function printFiles(files: readonly string[]): Promise<number> {
  const terminal = await isTerminal(1);
  print(files.map((file) => `${terminal ? escapeName(file) : file}\n`).join(''));
  return 0;
}
