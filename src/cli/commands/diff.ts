// `loglin diff`: what targets said in two builds, and what became of them.

import { Failure } from '../../model/failure.ts';
import { escapeName, jsonText } from '../../model/printable.ts';
import { type Differing, type DiffPrintOptions, statLine, unified } from '../../compare/print.ts';
import { differenceRecord, onlyRecord } from '../../render/records/difference.ts';
import { listBuilds } from '../../store/builds.ts';
import { TARGETS, newCommand, parse } from '../command.ts';
import { Comparer, origin } from '../../view/comparer.ts';
import { type Pairs, TwoBuilds, WithLastRuns } from '../../view/pairs.ts';
import { type ListingOptions, addListingOptions, type Listing, startListing } from '../listing.ts';
import { currentFolder, placeOf } from '../place.ts';
import { userPatterns } from '../../view/userpatterns.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import { addStoreOption, chosenBuild } from '../buildoptions.ts';
import { warn, warnAll } from '../stderr.ts';
import { type ViewedBuild, damageOf, viewBuild } from '../../view/viewedbuild.ts';

interface Options extends ListingOptions {
  readonly build?: string;
  readonly store?: string;
  readonly stat?: true;
  readonly nameOnly?: true;
  readonly exact?: true;
  readonly exitCode?: true;
  readonly unified?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand(
      'diff',
      'Compares the output of targets in the last build with that of their previous run, or compares two builds.',
    ),
  )
    .usage('[options] [target…]')
    .argument('[target...]', TARGETS)
    .option(
      '-b, --build <a..b>',
      'compare these two builds; or a single one with the previous runs of its targets',
    )
    .option('--stat', 'print one line for each target')
    .option('--name-only', 'print only the names of targets that differ')
    .option('--exact', 'do not ignore times, addresses, temporary names and the like')
    .option('-U, --unified <n>', 'lines of context around a change (3)')
    .option('--exit-code', 'exit with status 1 if something differs')
    .addHelpText(
      'after',
      '\nExamples:\n  loglin diff\n  loglin diff --stat -b -1..\n  loglin diff server.o -b 20261120-..20261121-\n  loglin diff --exit-code --name-only\n',
    );
  addListingOptions(cmd);
  return parse(cmd, args, () => diff(cmd.opts<Options>(), cmd.args));
}

async function diff(options: Options, words: readonly string[]): Promise<number> {
  const context = options.unified ?? '3';
  if (!/^\d{1,6}$/.test(context)) throw new Failure(`-U ${context}: want a number`);
  const place = placeOf(currentFolder(), options.store);
  const [a, b] = buildsMeant(options.build);
  const view = async (word: string | undefined): Promise<ViewedBuild> => {
    const chosen = await chosenBuild(place, word);
    return viewBuild(chosen.place, chosen.id, currentFolder());
  };
  const to = await view(b);
  warnAll(damageOf(to.recorded));
  const from = a === undefined ? undefined : await view(a);
  if (from) warnAll(damageOf(from.recorded));
  if (options.build === undefined && !options.json && isFirst(place.store, to.recorded.id)) {
    warn(`build ${to.recorded.id} is the first one here: there is nothing to compare it with yet`);
    return 0;
  }
  const source = from ? new TwoBuilds(from, to, words) : new WithLastRuns(to.place, to, words);

  const terminal = await isTerminal(1);
  const style = styleOf(options.color, options.ascii ?? false, terminal);
  let listing: Listing | undefined;
  const open = async (): Promise<Listing> =>
    (listing ??= await startListing(terminal && options.pager, options));
  const output = new Output(options, { colour: style.colour, ascii: style.ascii }, open);

  const { patterns, errors } = userPatterns(place, warn);
  warnAll(errors);
  const comparer = new Comparer(place, patterns, { exact: options.exact ?? false, context: Number(context) });
  for (const pair of source.pairs()) {
    if (output.enough) break;
    const difference = comparer.compare(pair);
    if (difference)
      await output.target({ name: pair.name, from: origin(pair.from), to: origin(pair.to), difference });
  }
  source.close();
  await output.rest(source, comparer.compared);
  await listing?.end();
  warnAll(comparer.short.messages());
  if (comparer.running > 0)
    warn(`${comparer.running} ${comparer.running === 1 ? 'job' : 'jobs'} still running: not compared`);
  const differs =
    output.differing > 0 || (from !== undefined && source.onlyOld.length + source.onlyNew.length > 0);
  return options.exitCode && differs ? 1 : 0;
}

function isFirst(store: string, id: string): boolean {
  return !listBuilds(store).some((other) => other < id);
}

/** `A..B`, each of which may be missing: the last build; or B alone: compared with what ran before. */
function buildsMeant(word: string | undefined): [a: string | undefined, b: string | undefined] {
  const dots = word?.indexOf('..') ?? -1;
  if (word === undefined || dots < 0) return [undefined, word];
  const [a, b] = [word.slice(0, dots), word.slice(dots + 2)];
  return [a === '' ? '-0' : a, b === '' ? undefined : b];
}

/** Names are aligned up to this length. */
const ALIGNED = 50;

/** Prints what differs, as the options have it. */
class Output {
  differing = 0;
  /** Nobody reads any more. */
  enough = false;
  readonly #options: Options;
  readonly #print: DiffPrintOptions;
  readonly #open: () => Promise<Listing>;
  readonly #stat: Differing[] = [];

  constructor(options: Options, print: DiffPrintOptions, open: () => Promise<Listing>) {
    this.#options = options;
    this.#print = print;
    this.#open = open;
  }

  async target(target: Differing): Promise<void> {
    this.differing++;
    const { stat, nameOnly, json } = this.#options;
    if (json)
      await this.#write([jsonText(differenceRecord(target.name, target.from, target.to, target.difference))]);
    else if (nameOnly) await this.#write([escapeName(target.name)]);
    else if (stat) this.#stat.push({ ...target, difference: { ...target.difference, hunks: [] } });
    else await this.#write(unified(target, this.#print));
  }

  /** What is only on one side, and the counts. */
  async rest(pairs: Pairs, compared: number): Promise<void> {
    const { stat, nameOnly, json } = this.#options;
    const { onlyOld, onlyNew, titleOld, titleNew, builds } = pairs;
    const sides = [
      { side: 'old', title: titleOld, build: builds.old, alone: onlyOld },
      { side: 'new', title: titleNew, build: builds.fresh, alone: onlyNew },
    ];
    if (stat && !json && !nameOnly) {
      const widest = this.#stat.reduce((most, { name }) => Math.max(most, escapeName(name).length), 0);
      const width = Math.min(ALIGNED, widest);
      await this.#write(this.#stat.map((target) => statLine(target, width, this.#print)));
      const counts = sides.flatMap(({ title, alone }) =>
        alone.length > 0 ? [`${alone.length} ${title.replace(/:$/, '')}`] : [],
      );
      await this.#write([[` ${compared} compared, ${this.differing} differ`, ...counts].join(', ')]);
      return;
    }
    for (const { side, title, build, alone } of sides) {
      if (alone.length === 0) continue;
      if (json)
        await this.#write(alone.map(({ name, job }) => jsonText(onlyRecord(side, build, { job, name }))));
      else if (!nameOnly) await this.#write([title, ...alone.map(({ name }) => `  ${escapeName(name)}`)]);
      else if (builds.old !== undefined) await this.#write(alone.map(({ name }) => escapeName(name)));
    }
  }

  async #write(lines: Iterable<string>): Promise<void> {
    let listing: Listing | undefined;
    for (const line of lines) {
      listing ??= await this.#open();
      listing.write(`${line}\n`);
      await listing.room();
    }
    this.enough ||= listing?.closed ?? false;
  }
}
