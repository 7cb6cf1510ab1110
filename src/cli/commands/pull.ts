// `loglin pull REMOTE:ID`: a shared build comes into the store.

import { Failure } from '../../model/failure.ts';
import { pullBuild } from '../../remote/fetchbuild.ts';
import { openRemote } from '../../remote/open.ts';
import { findRemote, readSharing } from '../../remote/remotes.ts';
import { chooseRow } from '../../remote/rows.ts';
import { addStoreOption } from '../buildoptions.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { SendProgress } from '../sendprogress.ts';
import { warnAll } from '../stderr.ts';

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand(
      'pull',
      'Copies a build from a remote into the store. To look at it, that is not needed: -b remote:id.',
    )
      .usage('[options] <remote:build>')
      .argument(
        '<remote:build>',
        'as ci:-1, ci:@failed, ci:@green, ci:branch=main, or ci: and an id as loglin ls ci has it',
      ),
  ).addHelpText('after', '\nExamples:\n  loglin pull ci:@failed\n  loglin pull ci:branch=main\n');
  return parse(cmd, args, () => pull(cmd.args[0] ?? '', cmd.opts<{ store?: string }>().store));
}

async function pull(word: string, store: string | undefined): Promise<number> {
  const place = placeOf(currentFolder(), store);
  const sharing = await readSharing(place);
  warnAll(sharing.errors);
  const colon = word.indexOf(':');
  if (colon < 0) throw new Failure(`pull ${word}: want a remote and a build, as ci:@last`);
  const { name, url } = findRemote(sharing, word.slice(0, colon));
  const remote = openRemote(url);
  const progress = await SendProgress.start();
  try {
    const { id } = await chooseRow(remote, sharing.project, word.slice(colon + 1), name);
    let bytes = 0;
    const pulled = await pullBuild({ remote, url, project: sharing.project, id }, place.store, (more) => {
      progress.show('pulling', (bytes += more));
    });
    progress.clear();
    print(`${pulled}  pulled\n`);
    return 0;
  } finally {
    progress.clear();
    remote.close();
  }
}
