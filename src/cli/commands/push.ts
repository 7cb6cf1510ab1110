// `loglin push`: builds go to a folder or an object store, for other machines.

import { Option } from 'commander';
import { Failure, isFailure } from '../../model/failure.ts';
import { sizeText } from '../../model/size.ts';
import { openRemote } from '../../remote/open.ts';
import { type PushProgress, pushBuild } from '../../remote/push.ts';
import { type Sharing, findRemote, readSharing } from '../../remote/remotes.ts';
import { chooseBuild } from '../../store/builds.ts';
import { NO_SECRETS, type Secrets, secretsFrom, secretsOf } from '../../store/redact.ts';
import { noteFailure } from '../autopush.ts';
import { addStoreOption } from '../buildoptions.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { factsOf, parseTags } from '../pushing.ts';
import { SendProgress } from '../sendprogress.ts';
import { refreshPage, writePage } from '../sharedpage.ts';
import { warn, warnAll } from '../stderr.ts';

interface Options {
  readonly build?: readonly string[];
  readonly tag?: readonly string[];
  readonly branch?: string;
  readonly page?: true;
  readonly redact: boolean;
  readonly store?: string;
  readonly auto?: true;
}

const several = (value: string, before: readonly string[] = []): string[] => [...before, value];

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand('push', 'Copies builds, by default the last one, to a remote, where other machines find them.')
      .usage('[options] [remote]')
      .argument('[remote]', 'a name that loglin remote lists; by default the first')
      .option('-b, --build <build>', 'push this build; can be repeated', several)
      .option('--tag <name=value>', 'label the build; can be repeated', several)
      .option('--branch <name>', "the branch that was built; by default CI's or git's")
      .option('--page', 'put the page there, too, that shows the builds in a browser; once is enough')
      .option('--no-redact', 'leave passwords and tokens in what leaves this machine')
      .addOption(new Option('--auto', "at a build's end").hideHelp()),
  ).addHelpText(
    'after',
    '\nExamples:\n  loglin push\n  loglin push ci -b @failed --tag os=linux\n  loglin show -b ci:@last      (on another machine)\n',
  );
  return parse(cmd, args, () => {
    const options = cmd.opts<Options>();
    return options.auto ? pushQuietly(options) : push(options, cmd.args[0]);
  });
}

/** At a build's end, nobody reads what is printed. */
async function pushQuietly(options: Options): Promise<number> {
  const { store } = placeOf(currentFolder(), options.store);
  try {
    const status = await push(options, undefined);
    noteFailure(store, 'push', undefined);
    return status;
  } catch (error) {
    if (!isFailure(error)) throw error;
    noteFailure(store, 'push', error.message);
    return 0;
  }
}

async function push(options: Options, name: string | undefined): Promise<number> {
  const place = placeOf(currentFolder(), options.store);
  const sharing = await readSharing(place);
  if (warnAll(sharing.errors)) throw new Failure('nothing was pushed; correct that first');
  const { url, name: remoteName } = findRemote(sharing, name);
  const tags = parseTags(options.tag ?? []);
  const ids = [...new Set((options.build ?? [undefined]).map((word) => chooseBuild(place.store, word)))];
  const secrets = secretsToTake(options, sharing);
  const remote = openRemote(url);
  const progress = await SendProgress.start();
  try {
    for (const id of ids) {
      const facts = factsOf(place, id, { project: sharing.project, branch: options.branch, tags, secrets });
      const pushed = await pushBuild(remote, { store: place.store, id }, facts, secrets, shown(progress));
      progress.clear();
      const { redacted } = pushed;
      const what = pushed.known ? 'is there already' : `pushed, ${sizeText(pushed.bytes)}`;
      const taken = redacted === 0 ? '' : `, ${redacted} ${redacted === 1 ? 'secret' : 'secrets'} redacted`;
      print(`${remoteName}:${pushed.id}  ${what}${taken}\n`);
    }
    if (options.page) print(`${await writePage(remote, sharing.project)}  is the page\n`);
    else await refreshPage(remote, sharing.project);
  } finally {
    progress.clear();
    remote.close();
  }
  return 0;
}

function secretsToTake({ redact }: Options, sharing: Sharing): Secrets {
  if (!redact) {
    warn('--no-redact: what the logs and commands hold of passwords and tokens leaves this machine as it is');
    return NO_SECRETS;
  }
  return secretsFrom(secretsOf(process.env), sharing.redact);
}

function shown(progress: SendProgress): PushProgress {
  let [packed, sent, total] = [0, 0, 0];
  return {
    packed: (bytes) => {
      progress.show('packing', (packed += bytes));
    },
    sending: (bytes) => {
      total = bytes;
    },
    sent: (bytes) => {
      progress.show('sending', (sent += bytes), total);
    },
  };
}
