// `loglin trend TARGET [REMOTE]`: time, output and warnings of a target over builds.

import { Failure, isFailure } from '../../model/failure.ts';
import { jsonLine } from '../../render/records/line.ts';
import { type Trended, trendLines, trendRecord } from '../../render/trend.ts';
import { openShared } from '../../remote/fetchbuild.ts';
import { openRemote } from '../../remote/open.ts';
import { findRemote, readSharing } from '../../remote/remotes.ts';
import { filteredRows } from '../../remote/rows.ts';
import { listBuilds } from '../../store/builds.ts';
import type { Place } from '../../store/place.ts';
import { trendPoint } from '../../view/trend.ts';
import { userPatterns } from '../../view/userpatterns.ts';
import { addStoreOption } from '../buildoptions.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { sinceOf } from '../since.ts';
import { warn, warnAll } from '../stderr.ts';

interface Options {
  readonly number: string;
  readonly since?: string;
  readonly branch?: string;
  readonly json?: true;
  readonly ascii?: true;
  readonly store?: string;
}

/** A build, and the place whose store it can be read in. */
interface Readable {
  /** As the user knows it. */
  readonly id: string;
  readonly place: Place;
  readonly storedId: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand('trend', 'Shows how time, output and warnings of a target have changed over builds.')
      .usage('[options] <target> [remote]')
      .argument('<target>', 'as loglin show takes it')
      .argument('[remote]', 'look at the builds of a remote instead of those here')
      .option('-n, --number <n>', 'look at the last n builds', '40')
      .option('--since <time>', 'of a remote: only builds since then: 7d, 12h, 2026-11-27')
      .option('--branch <name>', 'of a remote: only builds of this branch')
      .option('--ascii', 'use only ASCII characters')
      .option('--json', 'print NDJSON (docs/json.md)'),
  ).addHelpText(
    'after',
    '\nExamples:\n  loglin trend server.o\n  loglin trend test/net ci --branch main -n 100\n',
  );
  return parse(cmd, args, () => trend(cmd.args[0] ?? '', cmd.args[1], cmd.opts<Options>()));
}

async function trend(word: string, remote: string | undefined, options: Options): Promise<number> {
  if (!/^[1-9]\d{0,5}$/.test(options.number)) throw new Failure(`-n ${options.number}: want a number`);
  const folder = currentFolder();
  const place = placeOf(folder, options.store);
  if (remote === undefined)
    for (const name of ['branch', 'since'] as const)
      if (options[name] !== undefined)
        throw new Failure(`--${name}: of which remote? loglin trend ${word} ci --${name} …`);
  const { patterns, errors } = userPatterns(place, warn);
  warnAll(errors);
  const points: Trended[] = [];
  let looked = 0;
  const builds =
    remote === undefined ? storedBuilds(place, options) : sharedBuilds(place, remote, options, errors);
  for await (const { id, place: where, storedId } of builds) {
    looked++;
    try {
      const point = trendPoint(where, storedId, folder, word, patterns);
      if (point) points.push({ id, ...point });
    } catch (error) {
      if (!isFailure(error)) throw error;
      warn(error.message);
    }
  }
  if (points.length === 0) throw new Failure(`${word}: ran in none of ${looked} builds`, 1);
  points.reverse();
  if (options.json) for (const point of points) print(jsonLine(trendRecord(point)));
  else for (const line of trendLines(word, points, looked, options.ascii ?? false)) print(`${line}\n`);
  return 0;
}

/** The newest first. */
function* storedBuilds(place: Place, { number }: Options): Generator<Readable> {
  const ids = listBuilds(place.store).reverse().slice(0, Number(number));
  for (const id of ids) yield { id, place, storedId: id };
}

/** The newest first. */
async function* sharedBuilds(
  place: Place,
  word: string,
  options: Options,
  said: readonly string[],
): AsyncGenerator<Readable> {
  const sharing = await readSharing(place);
  warnAll(sharing.errors.filter((error) => !said.includes(error)));
  const { url } = findRemote(sharing, word.replace(/:$/, ''));
  const { project } = sharing;
  const remote = openRemote(url);
  const filter = { since: sinceOf(options.since), branch: options.branch };
  let left = Number(options.number);
  try {
    for await (const { id } of filteredRows(remote, project, filter)) {
      const opened = await openShared({ remote, url, project, id });
      yield { id, place: { ...place, store: opened.store }, storedId: opened.id };
      if (--left === 0) return;
    }
  } finally {
    remote.close();
  }
}
