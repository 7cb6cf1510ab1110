// `loglin flaky [REMOTE]`: targets that failed and passed at one revision.

import { escapeName, jsonText } from '../../model/printable.ts';
import { flakyTargets } from '../../remote/flaky.ts';
import { openRemote } from '../../remote/open.ts';
import { findRemote, readSharing } from '../../remote/remotes.ts';
import { addStoreOption } from '../buildoptions.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { sinceOf } from '../since.ts';
import { warn, warnAll } from '../stderr.ts';

interface Options {
  readonly since?: string;
  readonly branch?: string;
  readonly json?: true;
  readonly store?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand(
      'flaky',
      'Lists targets that failed in a shared build, while another one of the same revision and command ended well.',
    )
      .usage('[options] [remote]')
      .argument('[remote]', 'a name that loglin remote lists; by default the first')
      .option('--since <time>', 'only builds since then: 7d, 12h, 2026-11-27')
      .option('--branch <name>', 'only builds of this branch')
      .option('--json', 'print NDJSON (docs/json.md)'),
  ).addHelpText('after', '\nExamples:\n  loglin flaky\n  loglin flaky ci --since 7d --branch main\n');
  return parse(cmd, args, () => flaky(cmd.opts<Options>(), cmd.args[0]));
}

async function flaky({ since, branch, json, store }: Options, name: string | undefined): Promise<number> {
  const sharing = await readSharing(placeOf(currentFolder(), store));
  warnAll(sharing.errors);
  const remote = openRemote(findRemote(sharing, name).url);
  try {
    const targets = await flakyTargets(remote, sharing.project, sinceOf(since), branch);
    const width = Math.max(0, ...targets.map(({ failed }) => String(failed.length).length));
    for (const one of targets) {
      const counts = `failed ${String(one.failed.length).padStart(width)}, passed ${one.passed}`;
      print(json ? `${jsonText(one)}\n` : `${counts}  ${escapeName(one.target)}\n`);
    }
    if (targets.length === 0 && !json) warn('no target failed and passed at one revision');
    return 0;
  } finally {
    remote.close();
  }
}
