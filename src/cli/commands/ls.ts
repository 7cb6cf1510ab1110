// `loglin ls`: past builds, the newest last, as `ls -ltr` and a shell's history have it.

import { Failure } from '../../model/failure.ts';
import { jsonText } from '../../model/printable.ts';
import { type BuildRow, buildResult, buildTable, buildTableFor, startOf } from '../../render/buildlist.ts';
import { sharedBuildRecord } from '../../render/records/sharedbuild.ts';
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
  readonly branch?: string;
  readonly tag?: readonly string[];
  readonly since?: string;
}

const several = (value: string, before: readonly string[] = []): string[] => [...before, value];

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand('ls', 'Lists the recorded builds, newest last, or those of a remote.')
      .usage('[options] [remote]')
      .argument('[remote]', 'a name that loglin remote lists')
      .option('-n, --number <n>', 'list only the last n; of a remote: 1000')
      .option('--failed', 'list only builds that failed or were interrupted')
      .option('--branch <name>', 'of a remote: only builds of this branch')
      .option('--tag <name=value>', 'of a remote: only builds with this label; can be repeated', several)
      .option('--since <time>', 'of a remote: only builds since then: 7d, 12h, 2026-11-27'),
  ).addHelpText(
    'after',
    '\nExamples:\n  loglin ls\n  loglin ls -n 5\n  loglin ls --failed\n  loglin ls ci --branch main --since 7d\n',
  );
  addListingOptions(cmd);
  return parse(cmd, args, () => {
    const [remote] = cmd.args;
    const [, last] = /^-?(\d+)$/.exec(remote ?? '') ?? [];
    if (last !== undefined)
      throw new Failure(`${remote ?? ''}: the last ${last} are loglin ls -n ${last}; see loglin ls --help`);
    return remote === undefined ? list(cmd.opts<Options>()) : listRemote(remote, cmd.opts<Options>());
  });
}

async function list(options: Options): Promise<number> {
  const { store } = placeOf(currentFolder(), options.store);
  checkNumber(options);
  for (const name of ['branch', 'tag', 'since'] as const)
    if (options[name] !== undefined)
      throw new Failure(`--${name}: of which remote? loglin ls ci --${name} …`);
  const ids = listBuilds(store);
  const most = options.number === undefined ? Infinity : Number(options.number);
  const builds = chosenBuilds(store, ids, most, options.failed).map((listed) => counted(store, listed));
  const terminal = await isTerminal(1);
  // What fits needs no pager, and less would fill the screen to show its end.
  const long = terminal && builds.length + 1 >= rows();
  const lines = options.json
    ? builds.map((build) => jsonText(recordOf(store, build)))
    : table(builds, ids, options, await roomOn(terminal), long);
  await print(lines, options, long);
  // Of a listing that others read, nothing is nothing.
  if (ids.length === 0 && !options.json) warn(`no builds in ${store}; record one: loglin make`);
  return 0;
}

function checkNumber({ number }: Options): void {
  if (number !== undefined && !/^\d{1,9}$/.test(number)) throw new Failure(`-n ${number}: want a number`);
}

async function listRemote(remote: string, options: Options): Promise<number> {
  checkNumber(options);
  const place = placeOf(currentFolder(), options.store);
  const { remoteRows, tableRows } = await import('../remotelist.ts');
  const builds = await remoteRows(place, remote, options);
  const terminal = await isTerminal(1);
  const long = terminal && builds.length + 1 >= rows();
  const filtered = [options.failed, options.branch, options.tag].some((option) => option !== undefined);
  const lines = options.json
    ? builds.map((build) => jsonText(sharedBuildRecord(build)))
    : tableLines(tableRows(builds, filtered), options, await roomOn(terminal), long);
  await print(lines, options, long);
  return 0;
}

async function print(lines: Iterable<string>, options: Options, long: boolean): Promise<void> {
  const listing = await startListing(long && options.pager, options, true);
  for (const line of lines) {
    if (listing.closed) break;
    listing.write(`${line}\n`);
  }
  await listing.end();
}

function table(
  builds: readonly CountedBuild[],
  ids: readonly string[],
  options: Options,
  room: Room | undefined,
  long: boolean,
): Iterable<string> {
  const short = room ? shortIds(ids) : new Map<string, string>();
  const rows = builds.map((build) => row(build, short.get(build.id) ?? build.id));
  return tableLines(rows, options, room, long);
}

function tableLines(
  rows: readonly BuildRow[],
  { color, ascii }: Options,
  room: Room | undefined,
  long: boolean,
): Iterable<string> {
  const style = styleOf(color, ascii ?? false, room !== undefined);
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
