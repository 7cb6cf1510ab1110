// `loglin export`: a build as one file, for CI's artefacts and for colleagues.

import fs from 'node:fs';
import path from 'node:path';
import { Failure, isFailure, reason } from '../../model/failure.ts';
import { exportBuild } from '../../store/archive.ts';
import { chooseBuild, summarise } from '../../store/builds.ts';
import { newCommand, parse } from '../command.ts';
import { type BuildOptions, addBuildOptions } from '../opened.ts';
import { currentFolder, placeOf } from '../place.ts';
import { isTerminal } from '../terminal.ts';

interface Options extends BuildOptions {
  readonly output?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand('export', 'Writes a build, the last one by default, as one file (tar.gz).').option(
      '-o, --output <file>',
      'the file to write; without it, or with -, to stdout',
    ),
  ).addHelpText(
    'after',
    '\nExamples:\n  loglin export -o build.tar.gz\n  loglin export -b @failed | ssh host "cd project && loglin import -"\n',
  );
  return parse(cmd, args, () => exportTo(cmd.opts<Options>()));
}

async function exportTo(options: Options): Promise<number> {
  const { store } = placeOf(currentFolder(), options.store);
  const id = chooseBuild(store, options.build);
  if (summarise(store, id).state === 'running')
    throw new Failure(`build ${id}: is running; export it when it has ended`, 1);
  const { output = '-' } = options;
  if (output === '-') {
    if (await isTerminal(1)) throw new Failure('stdout is a terminal; say where to: -o build.tar.gz');
    await toStdout(store, id);
  } else {
    await toFile(store, id, path.resolve(currentFolder(), output));
  }
  return 0;
}

async function toStdout(store: string, id: string): Promise<void> {
  try {
    await exportBuild(store, id, fs.createWriteStream('', { fd: 1 }));
  } catch (error) {
    if (isFailure(error)) throw error;
    // A reader that goes away is nobody's mistake.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw new Failure(`stdout: ${reason(error)}`);
  }
}

/** Writes beside it first: a file of that name is whole. */
async function toFile(store: string, id: string, file: string): Promise<void> {
  const fresh = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`);
  const remove = (): void => {
    fs.rmSync(fresh, { force: true });
  };
  const stop = (signal: NodeJS.Signals): void => {
    remove();
    process.kill(process.pid, signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  try {
    await exportBuild(store, id, fs.createWriteStream(fresh, { mode: 0o600 }));
    fs.renameSync(fresh, file);
  } catch (error) {
    remove();
    throw isFailure(error) ? error : new Failure(`${file}: ${reason(error)}`);
  }
}
