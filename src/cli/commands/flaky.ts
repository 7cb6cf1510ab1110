// `loglin flaky [REMOTE]`: targets that failed and passed at one revision.

import { failed } from '../../model/build.ts';
import { ROOT } from '../../model/ids.ts';
import { escapeName, jsonText } from '../../model/printable.ts';
import { openShared } from '../../remote/fetchbuild.ts';
import { flakyTargets } from '../../remote/flaky.ts';
import { openRemote } from '../../remote/open.ts';
import { findRemote, readSharing } from '../../remote/remotes.ts';
import { openNamed } from '../../view/viewedbuild.ts';
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
      'Lists targets that failed in a shared build, and ended well in another one of the same revision and command.',
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
  const { url } = findRemote(sharing, name);
  const { project } = sharing;
  const remote = openRemote(url);
  try {
    const passedIn = async (id: string): Promise<ReadonlySet<string>> => {
      const opened = await openShared({ remote, url, project, id });
      return passedTargets(opened.store, opened.id);
    };
    const options = { since: sinceOf(since), branch };
    const { targets, unclean } = await flakyTargets(remote, project, options, passedIn);
    const width = Math.max(0, ...targets.map(({ failed }) => String(failed.length).length));
    for (const one of targets) {
      const counts = `failed ${String(one.failed.length).padStart(width)}, passed ${one.passed}`;
      print(json ? `${jsonText(one)}\n` : `${counts}  ${escapeName(one.target)}\n`);
    }
    if (targets.length === 0 && !json) warn('no target failed and passed at one revision');
    if (unclean > 0 && !json)
      warn(
        `not looked at: ${unclean} ${unclean === 1 ? 'build' : 'builds'} of trees that may have had changes`,
      );
    return 0;
  } finally {
    remote.close();
  }
}

/** The targets that ran in a build and ended well, by the names that rows have. */
function passedTargets(store: string, id: string): Set<string> {
  const { recorded, nameOf } = openNamed(store, id);
  recorded.logs.close();
  const passed = recorded.build.jobs.filter(
    (job) => job.id !== ROOT && job.ended !== undefined && !failed(job),
  );
  return new Set(passed.map((job) => nameOf(job)));
}
