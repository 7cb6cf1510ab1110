// `loglin ls`: past builds, the newest last, as `ls -ltr` and a shell's history have it.

import { failed, succeeded } from '../../model/build.ts';
import { Failure, isFailure } from '../../model/failure.ts';
import { ROOT } from '../../model/ids.ts';
import { jsonText } from '../../model/printable.ts';
import { type BuildRow, buildResult, buildTable, buildTableFor, startOf } from '../../render/buildlist.ts';
import { listedBuildRecord } from '../../render/records/build.ts';
import { sharedBuildRecord } from '../../render/records/sharedbuild.ts';
import type { JsonRecord } from '../../render/records/line.ts';
import { type BuildSummary, backName, listBuilds, shortIds, summarise } from '../../store/builds.ts';
import { isThinned, openBuild } from '../../store/reader.ts';
import { buildFolder } from '../../store/layout.ts';
import { notedSize } from '../../store/sizes.ts';
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
  const builds = wanted(store, ids, options).map((listed) => counted(store, listed));
  const terminal = await isTerminal(1);
  // What fits needs no pager, and less would fill the screen to show its end.
  const long = terminal && builds.length + 1 >= rows();
  const lines = options.json
    ? builds.map((build) => jsonText(record(store, build)))
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
  const listing = await startListing(long && options.pager, true);
  for (const line of lines) {
    if (listing.closed) break;
    listing.write(`${line}\n`);
  }
  await listing.end();
}

function table(
  builds: readonly Counted[],
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

interface Listed extends BuildSummary {
  /** How many builds of this kind were started after it; undefined for a build inside another. */
  readonly back: number | undefined;
}

/** The builds that are asked for, the last one last; no more are looked at than it takes. */
function wanted(store: string, ids: readonly string[], { number, failed: bad }: Options): Listed[] {
  const most = number === undefined ? Infinity : Number(number);
  const found: Listed[] = [];
  let back = 0;
  for (const id of ids.toReversed()) {
    if (found.length >= most) break;
    const summary = summarise(store, id);
    const listed = { ...summary, back: summary.started?.inside ? undefined : back++ };
    if (!bad || wentWrong(summary)) found.push(listed);
  }
  return found.reverse();
}

function wentWrong({ ended, state }: BuildSummary): boolean {
  return ended ? ended.interrupted === true || !succeeded(ended.status) : state !== 'running';
}

interface Counted extends Listed {
  readonly jobs: number | undefined;
  readonly failed: number | undefined;
  readonly ms: number | undefined;
}

/** A build without an end has to be read to be counted. */
function counted(store: string, summary: Listed): Counted {
  const { ended } = summary;
  if (ended) return { ...summary, jobs: ended.jobs, failed: ended.failed, ms: ended.t };
  try {
    const { build } = openBuild(store, summary.id);
    const jobs = build.jobs.filter((job) => job.id !== ROOT);
    const ms = summary.state === 'running' ? Date.now() - (build.started?.at ?? 0) : build.time;
    return { ...summary, jobs: jobs.length, failed: jobs.filter(failed).length, ms };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ...summary, jobs: undefined, failed: undefined, ms: undefined };
  }
}

function row(build: Counted, short: string): BuildRow {
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

function record(store: string, build: Counted): JsonRecord {
  const folder = buildFolder(store, build.id);
  return listedBuildRecord({ ...build, thinned: isThinned(folder), bytes: notedSize(folder) });
}
