// `loglin import FILE`: an exported build into the store. `loglin import redo [DIR]`: a redo tree's own logs as builds.

import fs from 'node:fs';
import path from 'node:path';
import { importRedo } from '../../capture/hooks/redo/import.ts';
import { findBase } from '../../capture/hooks/redo/tree.ts';
import { Failure, reason } from '../../model/failure.ts';
import { parseSize } from '../../model/size.ts';
import { abandonImport, importBuild } from '../../store/archive.ts';
import { newCommand, parse } from '../command.ts';
import { addStoreOption, complain } from '../opened.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';

interface Options {
  readonly store?: string;
  readonly max: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand(
      'import',
      "Takes an exported build into the store, or what a redo tree's own logs hold; `loglin show -b` then prints it.",
    )
      .usage('[options] <file>|redo [dir]')
      .argument('<file>', 'what loglin export has written; - for stdin; redo: see below')
      .argument('[dir]', 'with redo: a folder of the tree; the current one by default')
      .option('--max <size>', 'no more than this when unpacked', '8GiB'),
  ).addHelpText(
    'after',
    '\nExamples:\n  loglin import build.tar.gz\n  curl -s https://ci.example/build.tar.gz | loglin import -\n  loglin import redo\n',
  );
  return parse(cmd, args, () => {
    const [what = '', dir] = cmd.args;
    const options = cmd.opts<Options>();
    if (what === 'redo') return Promise.resolve(importTree(dir ?? '.', options.store));
    if (dir !== undefined) throw new Failure(`import ${what} ${dir}: one file at a time`);
    return importFile(what, options);
  });
}

async function importFile(what: string, options: Options): Promise<number> {
  const { store } = placeOf(currentFolder(), options.store);
  const most = parseSize(options.max);
  if (most === undefined) throw new Failure(`--max ${options.max}: want a size, as 500M or 20GiB`);
  const name = what === '-' ? 'stdin' : path.resolve(currentFolder(), what);
  const input = fs.createReadStream('', { fd: what === '-' ? 0 : openArchive(name) });
  // A read from a pipe cannot be called off: so the signal does what it does.
  const stop = (signal: NodeJS.Signals): void => {
    abandonImport(store);
    process.kill(process.pid, signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  const id = await importBuild(store, input, { name, most });
  print(`${id}  imported\n`);
  return 0;
}

function openArchive(file: string): number {
  try {
    const fd = fs.openSync(file, 'r');
    if (!fs.fstatSync(fd).isDirectory()) return fd;
    fs.closeSync(fd);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const hint = missing ? "; of other tools' logs only redo's can be read: loglin import redo" : '';
    throw new Failure(`${file}: ${reason(error)}${hint}`);
  }
  throw new Failure(`${file}: is a directory; want a file that loglin export has written`);
}

function importTree(dir: string, store: string | undefined): number {
  const folder = path.resolve(currentFolder(), dir);
  const place = placeOf(folder, store);
  const base = findBase(folder);
  if (base === undefined) throw new Failure(`${folder}: no .redo here or above; run redo first`);
  const { builds, problems } = importRedo(base, store === undefined ? placeOf(base, store) : place);
  for (const { id, jobs, known } of builds)
    print(`${id}  ${jobs} ${jobs === 1 ? 'job' : 'jobs'}${known ? ', was there already' : ''}\n`);
  for (const problem of problems) complain(problem);
  return problems.length > 0 ? 1 : 0;
}
