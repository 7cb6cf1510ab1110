// `loglin time`: the critical path of a recorded build, its slowest jobs, and how parallel it was.

import { ROOT } from '../../model/ids.ts';
import { Failure } from '../../model/failure.ts';
import { escapeName } from '../../model/printable.ts';
import type { WalkRoot } from '../../linearize/walkoptions.ts';
import { jsonLine } from '../../render/records/line.ts';
import { timeRecords } from '../../render/records/time.ts';
import { timetable } from '../../render/timetable.ts';
import { traceText } from '../../render/trace.ts';
import { criticalPath } from '../../timing/critical.ts';
import { loadOf } from '../../timing/load.ts';
import { totalResources } from '../../timing/resources.ts';
import { newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, startListing } from '../listing.ts';
import { writeOutput, writePieces } from '../output.ts';
import { findTargets } from '../../view/targets.ts';
import { columns, isTerminal, styleOf } from '../terminal.ts';
import { type BuildOptions, addBuildOptions, openChosenBuild } from '../buildoptions.ts';
import { warn, warnAll } from '../stderr.ts';
import { type ViewedBuild, damageOf } from '../../view/viewedbuild.ts';

interface Options extends BuildOptions, ListingOptions {
  readonly number?: string;
  readonly trace?: string;
}

/** Lines in each list. */
const MOST = 10;
/** Of text that goes nowhere near a terminal. */
const COLUMNS = 80;

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand(
      'time',
      'Shows where the time of a build went: the critical path, the slowest jobs, how many ran at once.',
    ),
  )
    .usage('[options] [target…]')
    .argument('[target...]', 'look only at these targets and what they needed')
    .option('-n, --number <n>', `length of each list (${MOST})`)
    .option('--trace <file>', 'write a trace for Perfetto or chrome://tracing instead')
    .addHelpText(
      'after',
      '\nExamples:\n  loglin time\n  loglin time -n 30 -b -1\n  loglin time server.o\n  loglin time --trace build.json\n  loglin time --json | jq \'select(.type == "path")\'\n',
    );
  addListingOptions(cmd);
  return parse(cmd, args, () => time(cmd.opts<Options>(), cmd.args));
}

async function time(options: Options, words: readonly string[]): Promise<number> {
  if (options.number !== undefined && !/^\d+$/.test(options.number))
    throw new Failure(`-n ${options.number}: want a number`);
  const viewed = await openChosenBuild(options);
  const { recorded, nameOf } = viewed;
  const { build } = recorded;
  const roots: WalkRoot[] | undefined =
    words.length === 0 ? undefined : words.flatMap((word) => findTargets(viewed, word));
  const timing = criticalPath(build, roots);
  if (options.trace !== undefined) {
    const text = traceText(build, timing.jobs, nameOf);
    await writeOutput(options.trace, 0o666, (fd) => writePieces(fd, text));
    if (await isTerminal(2)) warn(`${options.trace}: open it at https://ui.perfetto.dev or chrome://tracing`);
    return warnAll(damageOf(recorded)) ? 1 : 0;
  }
  const jobs = timing.jobs.map(({ job }) => job);
  const table = { timing, load: loadOf(build, jobs, timing.from, timing.to), used: totalResources(jobs) };

  const damaged = warnAll(damageOf(recorded));
  const terminal = await isTerminal(1);
  const listing = await startListing(terminal && options.pager, options);
  const most = options.number === undefined ? undefined : Number(options.number);
  if (options.json) {
    for (const record of timeRecords(table, nameOf, most ?? Infinity)) {
      if (listing.closed) break;
      listing.write(jsonLine(record));
    }
  } else {
    const style = styleOf(options.color, options.ascii ?? false, terminal);
    const text = timetable(table, {
      nameOf,
      title: title(viewed, words),
      root: roots ? undefined : build.jobs[ROOT],
      colour: style.colour,
      ascii: style.ascii,
      columns: terminal ? columns() : COLUMNS,
      fit: terminal,
      most: most ?? MOST,
    });
    listing.write(text);
  }
  await listing.end();
  return damaged ? 1 : 0;
}

/** What is looked at, and how the build ended if not well. */
function title({ recorded: { build, state } }: ViewedBuild, words: readonly string[]): string {
  const what = words.length > 0 ? words.map(escapeName).join(' ') : escapeName(build.jobs[ROOT]?.name ?? '');
  if (state !== 'finished') return `${what} (${state})`;
  return build.ended?.interrupted ? `${what} (interrupted)` : what;
}
