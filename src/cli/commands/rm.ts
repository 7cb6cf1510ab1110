// `loglin rm BUILD…`: removes builds, whatever they hold.

import { Failure } from '../../model/failure.ts';
import { chooseBuild, summarise } from '../../store/builds.ts';
import { removeBuild } from '../../store/gc.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { addStoreOption } from '../buildoptions.ts';

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(newCommand('rm', 'Removes builds, even if they have the last log of a target.'))
    .usage('[options] <build…>')
    .argument('<build...>', 'its id or a part of it, as ls has them; -1 (the one before the last), @failed')
    .addHelpText('after', '\nExamples:\n  loglin rm 3f2a\n  loglin rm -1 @failed\n');
  return parse(cmd, args, () => Promise.resolve(remove(cmd.args, cmd.opts<{ store?: string }>().store)));
}

function remove(words: readonly string[], wanted: string | undefined): number {
  const { store } = placeOf(currentFolder(), wanted);
  // All are found before one is gone: -1 would be another one then.
  const ids = [...new Set(words.map((word) => chooseBuild(store, word)))];
  for (const id of ids)
    if (summarise(store, id).state === 'running')
      throw new Failure(`build ${id}: is running; nothing was removed`, 1);
  for (const id of ids) {
    removeBuild(store, id);
    print(`${id}  removed\n`);
  }
  return 0;
}
