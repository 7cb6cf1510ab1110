// `loglin why [target…]`: why a target ran, traced to the root causes, or since when it is up to date; with
// --tree, for the whole build.

import { type Causes, effects } from '../../linearize/causes.ts';
import { Failure } from '../../model/failure.ts';
import { escapeName } from '../../model/printable.ts';
import { duration, localTime } from '../../render/formats.ts';
import { jsonLine } from '../../render/records/line.ts';
import { effectRecord, whyRecord } from '../../render/records/why.ts';
import { notRemadeText } from '../../render/notremade.ts';
import { EarlierBuilds } from '../../view/earlierbuilds.ts';
import { type WhyOptions, whyText, whyTree } from '../../render/why.ts';
import { rootOf } from '../../store/layout.ts';
import { newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, startListing } from '../listing.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import { type BuildOptions, addBuildOptions, openChosenBuild } from '../buildoptions.ts';
import { warnAll } from '../stderr.ts';
import { damageOf } from '../../view/viewedbuild.ts';
import { type TargetReasons, causesOf, changedWords, selfTime, whyTargets } from '../../view/why.ts';

interface Options extends BuildOptions, ListingOptions {
  readonly tree?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand(
      'why',
      'Says why targets ran: what was newer, missing or changed, traced back to the root causes.',
    ),
  )
    .usage('[options] <target…>\n       loglin why --tree [options]')
    .argument('[target...]', 'a target, named as for show')
    .option('--tree', 'explain the whole build: each root cause, what it triggered, and how long that took')
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
  const viewed = await openChosenBuild(options);
  const { place, recorded, nameOf } = viewed;
  const { build } = recorded;
  const earlier = new EarlierBuilds(place, recorded.id, build, () => recorded.state === 'running');
  const terminal = await isTerminal(1);
  const { colour, ascii } = styleOf(options.color, options.ascii ?? false, terminal);
  const causes = causesOf(build, rootOf(build, place));
  const view: WhyOptions = { nameOf, ascii, colour, commandChange: (job) => changedWords(job, earlier) };
  const damaged = warnAll(damageOf(recorded));
  const listing = await startListing(terminal && options.pager && !options.json, options);
  if (options.tree) {
    const selfMs = selfTime(build);
    const { effects: found, dependents } = effects(build, causes, selfMs);
    if (options.json) for (const effect of found) listing.write(jsonLine(effectRecord(effect, nameOf)));
    else
      listing.write(found.length > 0 ? whyTree(found, dependents, selfMs, causes, view) : 'no target ran\n');
  } else {
    for (const word of words) {
      const targets = whyTargets(viewed, earlier, causes, word);
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

function textOf(target: TargetReasons, causes: Causes, view: WhyOptions): string {
  const { name, job, reasons, last, notRemade, recipe } = target;
  const shown = escapeName(name);
  if (job && !job.parent) return `${shown}: was what you asked for\n`;
  if (notRemade && !last) return `${shown}: was ${notRemadeText(notRemade, view.nameOf)}\n`;
  if (last) {
    const { id, build, job: before } = last;
    const took = before.ended === undefined ? '' : `, and took ${duration(before.ended - before.started)}`;
    const at = localTime(new Date((build.started?.at ?? 0) + before.started));
    const now = notRemade ? `was ${notRemadeText(notRemade, view.nameOf)}` : 'is up to date';
    return `${shown}: ${now}; it last ran at ${at} in build ${id}${took}\n`;
  }
  if (!job && recipe) return `${shown}: did not run, and there is no log of an earlier run\n`;
  if (reasons.length === 0) return `${shown}: has no commands, and nothing that it needs ran\n`;
  return whyText(name, job, reasons, causes, view);
}
