// `loglin remote add|ls|rm`: the places where a project shares its builds.

import { Failure } from '../../model/failure.ts';
import { escapeName, jsonText } from '../../model/printable.ts';
import { addRemote, readSharing, removeRemote } from '../../remote/remotes.ts';
import { addStoreOption } from '../buildoptions.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { warn, warnAll } from '../stderr.ts';

interface Options {
  readonly store?: string;
  readonly json?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand('remote', 'Names the folders and object stores where this project shares builds.')
      .usage('[options] [ls] | add <name> <url> | rm <name>')
      .argument('[words...]')
      .option('--json', 'print NDJSON (docs/json.md)'),
  ).addHelpText(
    'after',
    `
A URL is a folder, s3://bucket/prefix, or https://host/path, which can only be read. Object stores need the
variables of AWS's tools: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL.

Examples:
  loglin remote add ci s3://builds/loglin
  loglin remote add nfs /net/builds
  loglin remote
`,
  );
  return parse(cmd, args, () => remote(cmd.args, cmd.opts<Options>()));
}

async function remote(
  [what = 'ls', name, url, ...rest]: readonly string[],
  { store, json }: Options,
): Promise<number> {
  const folder = currentFolder();
  const place = placeOf(folder, store);
  const sharing = await readSharing(place);
  warnAll(sharing.errors);
  const expects = { ls: 0, add: 2, rm: 1 }[what];
  const given = [name, url, ...rest].filter((word) => word !== undefined).length;
  if (expects === undefined) throw new Failure(`remote ${what}: want ls, add or rm`);
  if (given !== expects)
    throw new Failure(`remote ${what}: want ${['no more words', 'a name', 'a name and a URL'][expects]}`);
  if (what === 'add') {
    const added = addRemote(place, sharing, name!, url!, folder);
    print(`${added.name}  ${escapeName(added.url)}\n`);
  } else if (what === 'rm') {
    removeRemote(place, sharing, name!);
  } else if (json) {
    for (const { name, url, shared } of sharing.remotes) print(`${jsonText({ name, url, shared })}\n`);
  } else {
    const widest = Math.max(0, ...sharing.remotes.map((one) => one.name.length));
    print(sharing.remotes.map((one) => `${one.name.padEnd(widest)}  ${escapeName(one.url)}\n`).join(''));
    if (sharing.remotes.length === 0) warn('no remotes; add one: loglin remote add ci s3://bucket/prefix');
  }
  return 0;
}
