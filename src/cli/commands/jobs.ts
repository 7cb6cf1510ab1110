// `loglin jobs`: the jobs of a build, one line each.

import { type Job, failed } from '../../model/build.ts';
import { Failure } from '../../model/failure.ts';
import { ROOT } from '../../model/ids.ts';
import { jsonText } from '../../model/printable.ts';
import { commandLine } from '../../render/formats.ts';
import { type JobRow, commandsOf, jobState, jobTable, jobTableFor } from '../../render/joblist.ts';
import { jobRecord } from '../../render/records/job.ts';
import type { RecordedBuild } from '../../store/reader.ts';
import { TARGETS, newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, roomOn, startListing } from '../listing.ts';
import { chosenJobs } from '../../view/targets.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import { type BuildOptions, addBuildOptions, openChosenBuild } from '../buildoptions.ts';
import { warnAll } from '../stderr.ts';
import { damageOf } from '../../view/viewedbuild.ts';

interface Options extends BuildOptions, ListingOptions {
  readonly sort?: string;
  readonly failed?: true;
  readonly running?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand(
      'jobs',
      'Lists the jobs of the last build, or only those below some targets, in the order of show.',
    ),
  )
    .usage('[options] [target…]')
    .argument('[target...]', TARGETS)
    .option('--sort <by>', 'sort by time (longest first), launch, name or bytes (most first)')
    .option('--failed', 'list only jobs that failed')
    .option('--running', 'list only jobs that are running')
    .addHelpText(
      'after',
      '\nExamples:\n  loglin jobs\n  loglin jobs --sort=time | head\n  loglin jobs --failed -b -1\n  loglin jobs --json server.o\n',
    );
  addListingOptions(cmd);
  return parse(cmd, args, () => list(cmd.opts<Options>(), cmd.args));
}

const SORTS: Readonly<Record<string, (a: JobRow, b: JobRow) => number>> = {
  time: (a, b) => (b.ms ?? -1) - (a.ms ?? -1),
  launch: (a, b) => a.job.id - b.job.id,
  name: (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  bytes: (a, b) => b.job.size - a.job.size,
  // As the heading has it.
  size: (a, b) => b.job.size - a.job.size,
};

async function list(options: Options, words: readonly string[]): Promise<number> {
  const { sort } = options;
  if (sort !== undefined && !Object.hasOwn(SORTS, sort))
    throw new Failure(`--sort=${sort}: want time, launch, name or bytes`);
  const viewed = await openChosenBuild(options);
  const { recorded, nameOf } = viewed;
  const wanted = (job: Job): boolean =>
    (!options.failed || failed(job)) && (!options.running || jobState(job, recorded.state) === 'running');
  const rows = chosenJobs(viewed, words)
    .filter(wanted)
    .map((job) => row(job, nameOf(job), recorded));
  // Where they are equal, jobs stay in shown order.
  if (sort !== undefined) rows.sort(SORTS[sort]);
  const damaged = warnAll(damageOf(recorded));

  const terminal = await isTerminal(1);
  const style = styleOf(options.color, options.ascii ?? false, terminal);
  const listing = await startListing(terminal && options.pager, options);
  const room = await roomOn(terminal);
  const lines = options.json
    ? rows.map((one) => jsonText(jobRecord(one)))
    : room
      ? jobTableFor(room, rows, style.colour)
      : jobTable(rows, style.colour);
  for (const line of lines) {
    if (listing.closed) break;
    listing.write(`${line}\n`);
  }
  await listing.end();
  return damaged ? 1 : 0;
}

function row(job: Job, name: string, recorded: RecordedBuild): JobRow {
  const { build } = recorded;
  const state = jobState(job, recorded.state);
  const ended = state === 'running' ? Date.now() - (build.started?.at ?? 0) : job.ended;
  return {
    job,
    name,
    state,
    ms: ended === undefined ? undefined : ended - job.started,
    // There may be many, so none is kept.
    get commands() {
      return job.id === ROOT && build.started ? [commandLine(build.started.argv)] : commandsOf(job);
    },
  };
}
