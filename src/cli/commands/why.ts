// `loglin why [target…]`: why a target ran, followed to the roots, or since when it is up to date; with --tree the whole build.

import { commandChange } from '../../compare/command.ts';
import { Causes, effects } from '../../linearize/causes.ts';
import type { Build, Job } from '../../model/build.ts';
import { Failure } from '../../model/failure.ts';
import { escapeName } from '../../model/printable.ts';
import { duration, localTime } from '../../render/formats.ts';
import { jsonLine } from '../../render/records/line.ts';
import { type AskedTarget, effectRecord, whyRecord } from '../../render/records/why.ts';
import { unmadeText } from '../../render/unmade.ts';
import { EarlierBuilds } from '../../view/earlierbuilds.ts';
import { type WhyOptions, whyText, whyTree } from '../../render/why.ts';
import { rootOf, shownName } from '../../store/layout.ts';
import { launched, ownSpans } from '../../timing/own.ts';
import { newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, startListing } from '../listing.ts';
import { findTargets } from '../../view/targets.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import { type BuildOptions, addBuildOptions, openChosenBuild } from '../buildoptions.ts';
import { warnAll } from '../stderr.ts';
import { type ViewedBuild, damageOf } from '../../view/viewedbuild.ts';

interface Options extends BuildOptions, ListingOptions {
  readonly tree?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand('why', 'Says why targets ran: what was newer, missing or changed, followed to the roots.'),
  )
    .usage('[options] <target…>\n       loglin why --tree [options]')
    .argument('[target...]', 'as for show')
    .option('--tree', 'the whole build: each root, what it set off and what that cost')
    .addHelpText(
      'after',
      '\nExamples:\n  loglin why server.o\n  loglin why --tree\n  loglin why -b -1 src/redis-server\n',
    );
  addListingOptions(cmd);
  return parse(cmd, args, () => why(cmd.opts<Options>(), cmd.args));
}

async function why(options: Options, words: readonly string[]): Promise<number> {
  if (!options.tree && words.length === 0) throw new Failure('why what? name a target, or --tree');
  if (options.tree && words.length > 0) throw new Failure('--tree is of the whole build: without targets');
  const viewed = openChosenBuild(options);
  const { place, recorded, nameOf } = viewed;
  const { build } = recorded;
  const past = new EarlierBuilds(place, recorded.id, build, () => recorded.state === 'running');
  const terminal = await isTerminal(1);
  const { colour, ascii } = styleOf(options.color, options.ascii ?? false, terminal);
  const causes = new Causes(build, (instance, name) => shownName(rootOf(build, place), instance.cwd, name));
  const view: WhyOptions = { nameOf, ascii, colour, commandChange: (job) => changeOf(job, past) };
  const damaged = warnAll(damageOf(recorded));
  const listing = await startListing(terminal && options.pager && !options.json);
  if (options.tree) {
    const ownMs = ownTimes(build);
    const { effects: found, dependents } = effects(build, causes, ownMs);
    if (options.json) for (const effect of found) listing.write(jsonLine(effectRecord(effect, nameOf)));
    else
      listing.write(found.length > 0 ? whyTree(found, dependents, ownMs, causes, view) : 'no target ran\n');
  } else {
    for (const word of words) {
      const targets = findWhat(viewed, past, causes, word);
      if (options.json)
        for (const target of targets)
          listing.write(jsonLine(whyRecord(target, causes, nameOf, view.commandChange)));
      // Several instances may have a target in their graphs that none of them made.
      else for (const text of new Set(targets.map((one) => textOf(one, causes, view)))) listing.write(text);
    }
  }
  await listing.end();
  return damaged ? 1 : 0;
}

/** A target that was asked for. */
interface Wanted extends AskedTarget {
  readonly last?: { readonly id: string; readonly build: Build; readonly job: Job } | undefined;
  /** It has commands, so it could have run. */
  readonly recipe: boolean;
}

function findWhat(viewed: ViewedBuild, past: EarlierBuilds, causes: Causes, word: string): Wanted[] {
  const { place, recorded, nameOf } = viewed;
  const { build } = recorded;
  const lastOf = (job: Job | undefined): Wanted['last'] => {
    const other = job && past.recordedOf(job);
    return other && { id: other.id, build: other.build, job };
  };
  const roots = findTargets(viewed, word, past);
  return roots.map((root): Wanted => {
    if ('job' in root) {
      const last = lastOf(root.job);
      if (last) {
        const unmade = past.unmade(root.job, root.job.target, undefined);
        return { name: root.job.name, job: undefined, reasons: [], last, unmade, recipe: true };
      }
      const reasons = root.job.parent ? causes.of(root.job) : [];
      return { name: nameOf(root.job), job: root.job, reasons, recipe: true };
    }
    const { instance, target } = root;
    const name = shownName(rootOf(build, place), instance.cwd, target);
    const recipe = past.graphOf(instance)?.get(target)?.recipe ?? false;
    const reasons = recipe ? [] : causes.ofNode(instance, target);
    const earlier = past.unchanged(target, instance)?.[0];
    const unmade = past.unmade(earlier, target, instance);
    return { name, job: undefined, reasons, recipe, unmade, last: lastOf(earlier) };
  });
}

function textOf(target: Wanted, causes: Causes, view: WhyOptions): string {
  const { name, job, reasons, last, unmade, recipe } = target;
  const shown = escapeName(name);
  if (job && !job.parent) return `${shown}: was what you asked for\n`;
  if (unmade && !last) return `${shown}: was ${unmadeText(unmade, view.nameOf)}\n`;
  if (last) {
    const { id, build, job: before } = last;
    const took = before.ended === undefined ? '' : `, and took ${duration(before.ended - before.started)}`;
    const at = localTime(new Date((build.started?.at ?? 0) + before.started));
    const now = unmade ? `was ${unmadeText(unmade, view.nameOf)}` : 'is up to date';
    return `${shown}: ${now}; it last ran at ${at} in build ${id}${took}\n`;
  }
  if (!job && recipe) return `${shown}: did not run, and there is no log of an earlier run\n`;
  if (reasons.length === 0) return `${shown}: has no commands, and nothing that it needs ran\n`;
  return whyText(name, job, reasons, causes, view);
}

/** The words that are other in a job's commands than in the last build in which it ran. */
function changeOf(job: Job, past: EarlierBuilds): string[] {
  const before = past.before(job);
  return before ? commandChange(before, job) : [];
}

/** How long jobs took without what they launched, in milliseconds. */
function ownTimes(build: Build): (job: Job) => number {
  const children = launched(build.jobs);
  return (job) => ownSpans(build, job, children.get(job)).reduce((sum, { from, to }) => sum + to - from, 0);
}
