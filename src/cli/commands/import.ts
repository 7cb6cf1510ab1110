// `loglin import redo [DIR]`: a redo tree's own logs as builds in the store.

import path from 'node:path';
import { importRedo } from '../../capture/hooks/redo/import.ts';
import { findBase } from '../../capture/hooks/redo/tree.ts';
import { Failure } from '../../model/failure.ts';
import { newCommand, parse } from '../command.ts';
import { addStoreOption, complain } from '../opened.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand('import', "Reads a redo tree's own logs into the store; `loglin show` then prints them.")
      .usage('[options] redo [dir]')
      .argument('<what>')
      .argument('[dir]', 'a folder of the tree; the current one by default'),
  );
  return parse(cmd, args, () => Promise.resolve(importTree(cmd.args, cmd.opts<{ store?: string }>().store)));
}

function importTree([what = '', dir = '.']: readonly string[], store: string | undefined): number {
  if (what !== 'redo')
    throw new Failure(`import ${what}: only redo in this version: loglin import redo [dir]`);
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
