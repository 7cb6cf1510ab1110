// `loglin why [target…]`: why a target ran, followed to the roots, or since when it is up to date; with --tree the whole build.

import { commandChange } from '../../compare/command.ts';
import { Causes, type Reason, type Root, effects } from '../../linearize/causes.ts';
import type { Build, Job } from '../../model/build.ts';
import type { Unmade } from '../../linearize/unmade.ts';
import { Failure } from '../../model/failure.ts';
import { escapeName, jsonText } from '../../model/printable.ts';
import { EarlierBuilds } from '../../view/earlierbuilds.ts';
import { duration, unmadeRecord, unmadeText } from '../../render/renderer.ts';
import { type WhyOptions, whyText, whyTree } from '../../render/why.ts';
import { rootOf, shownName } from '../../store/layout.ts';
import { launched, ownSpans } from '../../timing/own.ts';
import { newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, startListing } from '../listing.ts';
import { findTargets } from '../../view/targets.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import { when } from '../when.ts';
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
    if (options.json) for (const effect of found) listing.write(json(effectRecord(effect, nameOf)));
    else
      listing.write(found.length > 0 ? whyTree(found, dependents, ownMs, causes, view) : 'no target ran\n');
  } else {
    for (const word of words) {
      const targets = findWhat(viewed, past, causes, word);
      if (options.json) for (const target of targets) listing.write(json(targetRecord(target, causes, view)));
      // Several instances may have a target in their graphs that none of them made.
      else for (const text of new Set(targets.map((one) => textOf(one, causes, view)))) listing.write(text);
    }
  }
  await listing.end();
  return damaged ? 1 : 0;
}

/** A target that was asked for. */
interface Wanted {
  readonly name: string;
  /** The job that made it; none: it did not run. */
  readonly job: Job | undefined;
  /** Why it ran, or what ran of what it needs. */
  readonly reasons: readonly Reason[];
  /** The last build in which it ran, if not in this one. */
  readonly last?: { readonly id: string; readonly build: Build; readonly job: Job } | undefined;
  /** It did not run: why it is not known to be up to date. */
  readonly unmade?: Unmade | undefined;
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
    const at = when(new Date((build.started?.at ?? 0) + before.started));
    const now = unmade ? `was ${unmadeText(unmade, view.nameOf)}` : 'is up to date';
    return `${shown}: ${now}; it last ran at ${at} in build ${id}${took}\n`;
  }
  if (!job && recipe) return `${shown}: did not run, and there is no log of an earlier run\n`;
  if (reasons.length === 0) return `${shown}: has no commands, and nothing that it needs ran\n`;
  return whyText(name, job, reasons, causes, view);
}

const json = (record: object): string => `${jsonText(record)}\n`;

function targetRecord(target: Wanted, causes: Causes, { nameOf, commandChange: change }: WhyOptions): object {
  const { name, job, reasons, last, unmade } = target;
  return {
    target: name,
    ran: job !== undefined,
    reasons: reasons.map((reason) => reasonRecord(reason, nameOf)),
    roots: causes.roots(reasons).map((root) => ({
      ...reasonRecord(root, nameOf),
      ...(root.kind === 'command' ? { change: change(root.job) } : {}),
    })),
    ...(unmade ? { unmade: unmadeRecord(unmade, nameOf) } : {}),
    ...(last ? { last: { build: last.id, job: last.job.id } } : {}),
  };
}

function reasonRecord(reason: Reason, nameOf: (job: Job) => string): object {
  switch (reason.kind) {
    case 'file':
    case 'always':
      return { kind: reason.kind, name: reason.name };
    case 'launched':
      return { kind: reason.kind, target: nameOf(reason.job), by: nameOf(reason.by) };
    case 'said':
      return { kind: reason.kind, target: nameOf(reason.job), text: reason.text };
    default:
      return { kind: reason.kind, target: nameOf(reason.job) };
  }
}

function effectRecord(
  effect: { root: Root; first: readonly Job[]; jobs: number; ms: number; alone: number },
  nameOf: (job: Job) => string,
): object {
  const { root, first, jobs, ms, alone } = effect;
  return { root: reasonRecord(root, nameOf), first: first.map(nameOf), jobs, ms: Math.round(ms), alone };
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
