// `loglin ls`: past builds, the newest last, as `ls -ltr` and a shell's history have it.

import { Failure } from '../../model/failure.ts';
import { jsonText } from '../../model/printable.ts';
import { type BuildRow, buildResult, buildTable, buildTableFor, startOf } from '../../render/buildlist.ts';
import { backName, listBuilds, shortIds } from '../../store/builds.ts';
import { type CountedBuild, chosenBuilds, counted, recordOf, wentWrong } from '../../view/listedbuilds.ts';
import { newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, roomOn, startListing } from '../listing.ts';
import type { Room } from '../../render/width.ts';
import { currentFolder, placeOf } from '../place.ts';
import { addStoreOption } from '../buildoptions.ts';
import { warn } from '../stderr.ts';
import { isTerminal, rows, styleOf } from '../terminal.ts';

interface Options extends ListingOptions {
  readonly failed?: true;
  readonly store?: string;
  readonly number?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand('ls', 'Lists the recorded builds, newest last.')
      .option('-n, --number <n>', 'list only the last n')
      .option('--failed', 'list only builds that failed or were interrupted'),
  ).addHelpText('after', '\nExamples:\n  loglin ls\n  loglin ls -n 5\n  loglin ls --failed\n');
  addListingOptions(cmd);
  return parse(cmd, args, () => list(cmd.opts<Options>()));
}

async function list(options: Options): Promise<number> {
  const { store } = placeOf(currentFolder(), options.store);
  if (options.number !== undefined && !/^\d+$/.test(options.number))
    throw new Failure(`-n ${options.number}: want a number`);
  const ids = listBuilds(store);
  const most = options.number === undefined ? Infinity : Number(options.number);
  const builds = chosenBuilds(store, ids, most, options.failed).map((listed) => counted(store, listed));
  const terminal = await isTerminal(1);
  // What fits needs no pager, and less would fill the screen to show its end.
  const long = terminal && builds.length + 1 >= rows();
  const lines = options.json
    ? builds.map((build) => jsonText(recordOf(store, build)))
    : table(builds, ids, options, await roomOn(terminal), long);
  const listing = await startListing(long && options.pager, true);
  for (const line of lines) {
    if (listing.closed) break;
    listing.write(`${line}\n`);
  }
  await listing.end();
  // Of a listing that others read, nothing is nothing.
  if (ids.length === 0 && !options.json) warn(`no builds in ${store}; record one: loglin make`);
  return 0;
}

function table(
  builds: readonly CountedBuild[],
  ids: readonly string[],
  { color, ascii }: Options,
  room: Room | undefined,
  long: boolean,
): Iterable<string> {
  const style = styleOf(color, ascii ?? false, room !== undefined);
  const short = room ? shortIds(ids) : new Map<string, string>();
  const rows = builds.map((build) => row(build, short.get(build.id) ?? build.id));
  if (!room) return buildTable(rows, style);
  const lines = [...buildTableFor(room, rows, style)];
  // The end is what is seen of a long list, and the first line is not.
  return long ? [...lines, ...lines.slice(0, 1)] : lines;
}

function row(build: CountedBuild, short: string): BuildRow {
  const { id, started, ended, state, version, jobs, failed: bad, ms } = build;
  const back = build.back === undefined ? '' : backName(build.back);
  const common = { id, back, short, inside: started?.inside ?? false, bad: wentWrong(build) };
  if (!started) {
    const nothing = {
      when: undefined,
      age: '',
      ms: undefined,
      jobs: undefined,
      failed: undefined,
      revision: '',
    };
    return version === undefined
      ? { ...common, ...nothing, end: 'damaged', command: 'the first record cannot be read' }
      : { ...common, ...nothing, end: `version ${version}`, command: 'use the loglin that wrote it' };
  }
  return {
    ...common,
    ...startOf(started),
    ms,
    end: buildResult(ended, state),
    jobs,
    failed: bad,
  };
}
