// `loglin show`: a recorded build again, or what is below some of its targets.

import { rootFailures } from '../../linearize/failures.ts';
import { isWhole } from '../../linearize/names.ts';
import { inShownOrder } from '../../linearize/shown.ts';
import type { Order, WalkRoot } from '../../linearize/walkoptions.ts';
import type { Status } from '../../model/events.ts';
import { Failure, isFailure } from '../../model/failure.ts';
import { textSize, shellWord, targetWord } from '../../render/formats.ts';
import { ROOT } from '../../model/ids.ts';
import { Excerpt } from '../../play/excerpt.ts';
import { Stdout, syncWriter } from '../../play/stdout.ts';
import { summarise } from '../../store/builds.ts';
import { FollowedBuild } from '../../store/follow.ts';
import { EarlierBuilds } from '../../view/earlierbuilds.ts';
import { follow, runningBuild } from '../../view/follow.ts';
import { playRecorded } from '../../view/playback.ts';
import type { Style } from '../../render/renderers.ts';
import { findTargets, targetsNotRun } from '../../view/targets.ts';
import { ShortLogs, type ViewedBuild, damageOf } from '../../view/viewedbuild.ts';
import { type AgentOptions, addAgentOptions, budgetOf } from '../agent.ts';
import { type BuildOptions, addBuildOptions, chosenBuild, openChosenBuild } from '../buildoptions.ts';
import { ciOutput } from '../ci.ts';
import { type LogOptions, TARGETS, addLogOptions, newCommand, orderOption, parse } from '../command.ts';
import { headline } from '../headline.ts';
import { withHideSilent } from '../hidesilent.ts';
import { startPager } from '../../play/pager.ts';
import { reportOf } from '../lastwords.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { warn, warnAll } from '../stderr.ts';
import { isTerminal, styleOf } from '../terminal.ts';

const NOTHING = Buffer.alloc(0);

interface Options extends LogOptions, BuildOptions, AgentOptions {
  readonly failed?: true;
  readonly follow?: true;
  readonly exitCode?: true;
  readonly pager: boolean;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    addLogOptions(
      newCommand('show', 'Prints the log of the last build, or only of some targets and what is below them.'),
    ),
  );
  addAgentOptions(cmd, 'for a coding agent: the start and the end of what would be too long')
    .usage('[options] [target…]')
    .argument('[target...]', TARGETS)
    .option('--failed', 'show only the jobs that caused the failure')
    .option('--commands', 'also show commands that are not in the log')
    .option('--raw', 'print the bytes of the logs and nothing else')
    .option('-f, --follow', 'follow a running build until it ends')
    .option('--exit-code', "exit with the build's status")
    .option('--no-pager', 'do not use a pager')
    .addHelpText(
      'after',
      "\nExamples:\n  loglin show\n  loglin show server.o\n  loglin show 'src/*.o' -b -1\n  loglin show --failed\n  loglin show -f\n",
    );
  return parse(cmd, args, () => show(cmd.opts<Options>(), cmd.args));
}

async function show(asked: Options, words: readonly string[]): Promise<number> {
  const order = orderOption(asked) ?? 'needs';
  if (asked.agent && asked.json)
    throw new Failure('--agent leaves out the middle of what is too long: it does not go with --json');
  if (asked.follow) {
    const status = await showRunning(asked, words, order);
    if (status !== undefined) return status;
  }
  const viewed = await openChosenBuild(asked, order);
  const { place, recorded } = viewed;
  const { build } = recorded;
  // What is asked for by name is shown, if by its header alone.
  const options = words.length > 0 ? asked : await withHideSilent(asked, build, place);
  const terminal = await isTerminal(1);
  const excerpt = excerptFor(options);
  const style = styleOf(excerpt ? 'never' : options.color, options.ascii ?? false, terminal);

  const earlier = options.u
    ? new EarlierBuilds(place, recorded.id, build, () => recorded.state === 'running')
    : undefined;
  const roots = rootsOf(viewed, order, options.failed ?? false, words, earlier);
  let damaged = warnAll(damageOf(recorded));
  if (!options.u)
    for (const name of targetsNotRun(viewed, roots))
      warn(`${name}: nothing of it ran in this build; ${lastLog(name)}`);

  const ci = excerpt ? undefined : await ciOutput(options, true);
  const paged = terminal && options.pager && !options.raw && !excerpt && !ci;
  const pager = paged ? await startPager() : undefined;
  const stdout = new Stdout(excerpt?.write ?? pager?.write ?? syncWriter(1));
  const short = new ShortLogs();
  const { player, renderer } = playRecorded(options, viewed, {
    order,
    roots,
    earlier,
    style,
    terminal,
    ci,
    output: stdout,
    short: (job, at) => {
      short.add(earlier?.recordedOf(job) ?? recorded, job, at);
    },
  });
  const whole = isWhole(build, roots);
  if (terminal && !excerpt) stdout.write(Buffer.from(await headline(recorded, place, options, style)));
  stdout.write(renderer.begin?.(build, earlier !== undefined || !whole) ?? NOTHING);
  while (player.play() === 'full' && !stdout.closed) await stdout.drained();
  stdout.write(renderer.end?.(build) ?? NOTHING);
  if (ci && whole) stdout.write(Buffer.from(ci.end(await reportIn(viewed, style, terminal))));
  await stdout.flushed();
  await pager?.closed();
  if (excerpt) print(excerpt.text(leftOut(recorded.id, words)));
  damaged = warnAll(short.messages()) || damaged;
  if (recorded.state === 'interrupted' && terminal)
    warn(`build ${recorded.id} was interrupted: its record ends where loglin was killed`);
  return damaged ? 1 : options.exitCode ? exitStatus(build.ended?.status) : 0;
}

/** The failure report of a recorded build; '' if it did not fail. */
async function reportIn(
  { place, recorded: { build, logs }, nameOf }: ViewedBuild,
  style: Style,
  terminal: boolean,
): Promise<string> {
  const status = build.ended?.status;
  if (!status) return '';
  return reportOf({ build, logs, status, nameOf, place, style, terminal, quiet: false }, warn);
}

/** Takes what is printed in place of stdout, if only its start and its end are wanted. */
function excerptFor(options: Options): Excerpt | undefined {
  return options.agent ? new Excerpt(budgetOf(options)) : undefined;
}

/** What stands in place of the middle of a text, and how to get it. */
function leftOut(id: string, words: readonly string[]): (lines: number, bytes: number) => string {
  const what = [`-b ${id}`, ...words.map(shellWord)].join(' ');
  return (lines, bytes) =>
    `... ${textSize(lines, bytes)} left out; all of it: loglin show ${what}; its errors: loglin problems ${what}\n`;
}

function rootsOf(
  viewed: ViewedBuild,
  order: Order,
  failed: boolean,
  words: readonly string[],
  earlier: EarlierBuilds | undefined,
): WalkRoot[] {
  const { build } = viewed.recorded;
  if (failed)
    return inShownOrder(build, rootFailures(build), order, viewed.ends).map((job) => ({ job, alone: true }));
  if (words.length > 0) return words.flatMap((word) => find(viewed, word, earlier));
  return [{ job: build.jobs[ROOT]! }];
}

/** @throws Failure if there is no such target; it says whether an earlier build has a log of it. */
function find(viewed: ViewedBuild, word: string, earlier: EarlierBuilds | undefined): WalkRoot[] {
  try {
    return findTargets(viewed, word, earlier);
  } catch (error) {
    if (earlier || !isFailure(error)) throw error;
    const { place, recorded } = viewed;
    if (!new EarlierBuilds(place, recorded.id, recorded.build).unchanged(word, undefined)?.length)
      throw error;
    throw new Failure(`${word}: did not run in this build; ${lastLog(word)}`, 1);
  }
}

const lastLog = (name: string): string => `its last log: loglin show -u ${targetWord(name)}`;

/**
 * Follows the chosen build if it is running.
 * @returns the exit status; undefined if it is not running and is to be shown from its record.
 */
async function showRunning(
  asked: Options,
  words: readonly string[],
  order: Order,
): Promise<number | undefined> {
  if (asked.failed) throw new Failure('-f with --failed: which jobs fail is known when the build has ended');
  const folder = currentFolder();
  const own = placeOf(folder, asked.store);
  const { place, id } =
    asked.build === undefined
      ? { place: own, id: runningBuild(own.store) }
      : await chosenBuild(own, asked.build);
  if (id === undefined || summarise(place.store, id).state !== 'running') return undefined;
  const terminal = await isTerminal(1);
  const excerpt = excerptFor(asked);
  const style = styleOf(excerpt ? 'never' : asked.color, asked.ascii ?? false, terminal);
  const followed = new FollowedBuild(place.store, id);
  followed.update();
  const options = words.length > 0 ? asked : await withHideSilent(asked, followed.build, place);
  const output = excerpt ? new Stdout(excerpt.write) : new Stdout();
  const { build } = followed;
  const ci = excerpt ? undefined : await ciOutput(options, true);
  if (terminal && !excerpt)
    output.write(Buffer.from(await headline({ id, build, state: 'running' }, place, options, style)));
  const { status, messages } = await follow(followed, options, {
    place,
    folder,
    id,
    order,
    words,
    style,
    terminal,
    ci,
    output,
  });
  if (excerpt) print(excerpt.text(leftOut(id, words)));
  warnAll(messages);
  return asked.exitCode ? exitStatus(status) : 0;
}

/** The status that a shell would have; 1 for a build whose end is not known. */
function exitStatus(status: Status | undefined): number {
  if (status === undefined) return 1;
  // A process has no more than 8 bits for it: 256 must not become 0.
  return 'exit' in status ? Math.min(status.exit, 255) : 128 + status.signal;
}
