// `loglin ls`: past builds, the newest last, as `ls -ltr` and a shell's history have it.

import { failed, succeeded } from '../../model/build.ts';
import { Failure, isFailure } from '../../model/failure.ts';
import { ROOT } from '../../model/ids.ts';
import { jsonText } from '../../model/printable.ts';
import { type BuildRow, buildTable } from '../../render/buildlist.ts';
import { localTime, statusText } from '../../render/formats.ts';
import { listedBuildRecord } from '../../render/records/build.ts';
import type { JsonRecord } from '../../render/records/line.ts';
import { type BuildSummary, listBuilds, summarise } from '../../store/builds.ts';
import { isThinned, openBuild } from '../../store/reader.ts';
import { buildFolder } from '../../store/layout.ts';
import { notedSize } from '../../store/sizes.ts';
import { newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, roomOn, startListing } from '../listing.ts';
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
  const builds = wanted(store, options).map((summary) => counted(store, summary));
  const terminal = await isTerminal(1);
  const style = styleOf(options.color, options.ascii ?? false, terminal);
  const lines = options.json
    ? builds.map((build) => jsonText(record(store, build)))
    : buildTable(builds.map(row), style, await roomOn(terminal));
  // What fits needs no pager, and less would fill the screen to show its end.
  const long = terminal && builds.length >= rows();
  const listing = await startListing(long && options.pager, true);
  for (const line of lines) {
    if (listing.closed) break;
    listing.write(`${line}\n`);
  }
  await listing.end();
  // Of a listing that others read, nothing is nothing.
  if (builds.length === 0 && !options.json && listBuilds(store).length === 0)
    warn(`no builds in ${store}; record one: loglin make`);
  return 0;
}

/** The builds that are asked for, the last one last; no more are looked at than it takes. */
function wanted(store: string, { number, failed: bad }: Options): BuildSummary[] {
  const most = number === undefined ? Infinity : Number(number);
  const found: BuildSummary[] = [];
  for (const id of listBuilds(store).reverse()) {
    if (found.length >= most) break;
    const summary = summarise(store, id);
    if (!bad || wentWrong(summary)) found.push(summary);
  }
  return found.reverse();
}

function wentWrong({ ended, state }: BuildSummary): boolean {
  return ended ? ended.interrupted === true || !succeeded(ended.status) : state !== 'running';
}

interface Counted extends BuildSummary {
  readonly jobs: number | undefined;
  readonly failed: number | undefined;
  readonly ms: number | undefined;
}

/** A build without an end has to be read to be counted. */
function counted(store: string, summary: BuildSummary): Counted {
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

function row(build: Counted): BuildRow {
  const { id, started, ended, state, version, jobs, failed: bad, ms } = build;
  const common = { id, inside: started?.inside ?? false, bad: wentWrong(build) };
  if (!started) {
    const nothing = { when: undefined, ms: undefined, jobs: undefined, failed: undefined, revision: '' };
    return version === undefined
      ? { ...common, ...nothing, end: 'damaged', command: 'the first record cannot be read' }
      : { ...common, ...nothing, end: `version ${version}`, command: 'use the loglin that wrote it' };
  }
  const end = !ended
    ? state
    : ended.interrupted
      ? 'interrupted'
      : succeeded(ended.status)
        ? 'ok'
        : statusText(ended.status);
  const command = started.name ?? started.argv.join(' ');
  return {
    ...common,
    when: localTime(new Date(started.at)),
    ms,
    end,
    jobs,
    failed: bad,
    revision: started.revision ?? '',
    command,
  };
}

function record(store: string, build: Counted): JsonRecord {
  const folder = buildFolder(store, build.id);
  return listedBuildRecord({ ...build, thinned: isThinned(folder), bytes: notedSize(folder) });
}
