// `loglin show`: a recorded build again, or what is below some of its targets.

import { inShownOrder, rootFailures, targetsThatRan } from '../../linearize/paths.ts';
import { displayNamesWithPast } from '../../linearize/names.ts';
import { type Order, type Root, Walk, type WalkOptions } from '../../linearize/walk.ts';
import type { Instance } from '../../model/build.ts';
import type { Status } from '../../model/events.ts';
import { Failure, isFailure } from '../../model/failure.ts';
import { targetWord } from '../../render/formats.ts';
import { ROOT } from '../../model/ids.ts';
import { Past } from '../../play/past.ts';
import { Player } from '../../play/player.ts';
import { Stdout, atOnce } from '../../play/stdout.ts';
import { chooseBuild, summarise } from '../../store/builds.ts';
import { rootOf, shownName } from '../../store/layout.ts';
import { TARGETS, addViewOptions, newCommand, parse } from '../command.ts';
import {
  type BuildOptions,
  type Opened,
  ShortLogs,
  addBuildOptions,
  complain,
  complainOf,
  openWanted,
} from '../opened.ts';
import { follow, runningBuild } from '../follow.ts';
import { startPager } from '../pager.ts';
import { currentFolder, placeOf } from '../place.ts';
import { type ViewOptions, makeRenderer, orderOption, withHideSilent } from '../render.ts';
import { findTargets } from '../targets.ts';
import { isTerminal, look } from '../terminal.ts';

const NOTHING = Buffer.alloc(0);

interface Options extends ViewOptions, BuildOptions {
  readonly failed?: true;
  readonly follow?: true;
  readonly exitCode?: true;
  readonly pager: boolean;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    addViewOptions(newCommand('show', 'Prints the log of the last build, or of what is below some targets.')),
  )
    .usage('[options] [target…]')
    .argument('[target...]', TARGETS)
    .option('--failed', 'only the jobs that failed by themselves')
    .option('--commands', 'also the commands that the log does not show')
    .option('--raw', 'the bytes of the logs and nothing else')
    .option('-f, --follow', 'a build that runs: until it ends')
    .option('--exit-code', "end with the build's status")
    .option('--no-pager', 'do not page on a terminal')
    .addHelpText(
      'after',
      "\nExamples:\n  loglin show\n  loglin show server.o\n  loglin show 'src/*.o' -b -1\n  loglin show --failed\n  loglin show -f\n",
    );
  return parse(cmd, args, () => show(cmd.opts<Options>(), cmd.args));
}

async function show(asked: Options, words: readonly string[]): Promise<number> {
  const order = orderOption(asked) ?? 'needs';
  if (asked.follow) {
    const followed = await showRunning(asked, words, order);
    if (followed !== undefined) return followed;
  }
  const opened = openWanted(asked, order);
  const { place, recorded, ends: ownEnds, nameOf: ownName } = opened;
  const { build, logs } = recorded;
  // What is asked for by name is shown, if by its header alone.
  const options = words.length > 0 ? asked : await withHideSilent(asked, build, place);
  const terminal = await isTerminal(1);
  const view = look(options.color, options.ascii ?? false, terminal);
  const named = build.started?.name !== undefined;

  const past = options.u
    ? new Past(place, recorded.id, build, () => recorded.state === 'running')
    : undefined;
  let roots: Root[] = [{ job: build.jobs[ROOT]! }];
  if (options.failed)
    roots = inShownOrder(build, rootFailures(build), order, ownEnds).map((job) => ({ job, alone: true }));
  else if (words.length > 0) roots = words.flatMap((word) => find(opened, word, past));

  let damaged = complainOf(recorded);
  if (!options.u) sayNothingRan(roots, opened);

  const pager = terminal && options.pager && !options.raw ? await startPager() : undefined;
  const stdout = new Stdout(pager?.write ?? atOnce(1));
  const ends = past?.lineEnds(ownEnds) ?? ownEnds;
  const walkOptions: WalkOptions = {
    order,
    commands: options.commands ?? false,
    links: options.links ?? false,
    rootHeader: named,
    ...past?.walkOptions(),
  };
  const nameOf = past ? displayNamesWithPast(build, roots, walkOptions, ends, () => past.opened()) : ownName;
  const walk = new Walk(build, roots, walkOptions, ends);
  const renderer = makeRenderer(options, {
    look: view,
    terminal,
    nameOf,
    collapse: true,
    coloured: build.started?.coloured ?? false,
    buildOf: (job) => past?.recordedOf(job)?.id,
  });
  const whole = roots.length === 1 && roots[0] && 'job' in roots[0] && roots[0].job === build.jobs[ROOT];
  stdout.write(renderer.begin?.(build, past !== undefined || !whole) ?? NOTHING);
  const short = new ShortLogs();
  const player = new Player(walk, past?.logsOf(logs) ?? (() => logs), renderer, stdout, (job, at) => {
    short.add(past?.recordedOf(job) ?? recorded, job, at);
  });
  while (player.play() === 'full' && !stdout.closed)
    await new Promise<void>((resolve) => {
      stdout.onceDrained(resolve);
    });
  stdout.write(renderer.end?.(build) ?? NOTHING);
  await stdout.flushed();
  await pager?.closed();
  damaged = short.complain() || damaged;
  if (recorded.state === 'interrupted' && terminal)
    complain(`build ${recorded.id} was interrupted: its record ends where loglin was killed`);
  return damaged ? 1 : options.exitCode ? exitStatus(build.ended?.status) : 0;
}

/** @throws Failure where there is no such target: it says if an earlier build has a log of it. */
function find(opened: Opened, word: string, past: Past | undefined): Root[] {
  try {
    return findTargets(opened, word, past);
  } catch (error) {
    if (past || !isFailure(error)) throw error;
    const { place, recorded } = opened;
    if (!new Past(place, recorded.id, recorded.build).unchanged(word, undefined)?.length) throw error;
    throw new Failure(`${word}: did not run in this build; ${lastLog(word)}`, 1);
  }
}

const lastLog = (name: string): string => `its last log: loglin show -u ${targetWord(name)}`;

/** What was up to date, or what the build did not come to, has nothing to show but its last log. */
function sayNothingRan(roots: readonly Root[], { place, recorded: { build } }: Opened): void {
  const asked = new Map<Instance, string[]>();
  for (const root of roots) {
    if ('job' in root) continue;
    const targets = asked.get(root.instance);
    if (targets) targets.push(root.target);
    else asked.set(root.instance, [root.target]);
  }
  const names = new Set<string>();
  for (const [instance, targets] of asked) {
    const ran = targetsThatRan(instance, targets);
    for (const target of targets)
      if (!ran.has(target)) names.add(shownName(rootOf(build, place), instance.cwd, target));
  }
  for (const name of names) complain(`${name}: nothing of it ran in this build; ${lastLog(name)}`);
}

/** Follows the build that is meant, if it runs. @returns undefined where it does not: then it is shown as it is. */
async function showRunning(
  options: Options,
  words: readonly string[],
  order: Order,
): Promise<number | undefined> {
  if (options.failed)
    throw new Failure('-f with --failed: which jobs fail is known when the build has ended');
  const place = placeOf(currentFolder(), options.store);
  const id =
    options.build === undefined ? runningBuild(place.store) : chooseBuild(place.store, options.build);
  if (id === undefined || summarise(place.store, id).state !== 'running') return undefined;
  const terminal = await isTerminal(1);
  const view = look(options.color, options.ascii ?? false, terminal);
  const status = await follow(options, { place, id, order, words, view, terminal });
  return options.exitCode ? exitStatus(status) : 0;
}

/** As a shell has it; 1 for a build whose end is not known. */
function exitStatus(status: Status | undefined): number {
  if (status === undefined) return 1;
  // A process has no more than 8 bits for it: 256 must not become 0.
  return 'exit' in status ? Math.min(status.exit, 255) : 128 + status.signal;
}
