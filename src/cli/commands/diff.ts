// `loglin diff`: what targets said in two builds, and what became of them.

import type { Job } from '../../model/build.ts';
import { Failure, isFailure } from '../../model/failure.ts';
import { ROOT } from '../../model/ids.ts';
import { escapeName, jsonText } from '../../model/printable.ts';
import { type Differing, type PrintOptions, statLine, unified } from '../../compare/print.ts';
import { differenceRecord, onlyRecord } from '../../render/records/difference.ts';
import { EarlierRuns } from '../../view/earlierruns.ts';
import { chooseBuild, listBuilds } from '../../store/builds.ts';
import type { Place } from '../../store/place.ts';
import { TARGETS, newCommand, parse } from '../command.ts';
import { Comparer, type Pair, origin } from '../../view/comparer.ts';
import { type ListingOptions, addListingOptions, type Listing, startListing } from '../listing.ts';
import { currentFolder, placeOf } from '../place.ts';
import { userPatterns } from '../../view/userpatterns.ts';
import { chosenJobs } from '../../view/targets.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import { addStoreOption } from '../buildoptions.ts';
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
      'Prints what targets said in the last build, and not when they ran before; or in two builds.',
    ),
  )
    .usage('[options] [target…]')
    .argument('[target...]', TARGETS)
    .option('-b, --build <a..b>', 'these two builds; or one, with what ran in it before; builds as for show')
    .option('--stat', 'a line for each target')
    .option('--name-only', 'only the names of the targets that differ')
    .option('--exact', 'times, addresses, temporary names, … count too')
    .option('-U, --unified <n>', 'so many lines around a change (3)')
    .option('--exit-code', 'status 1 if something differs')
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
  const to = viewBuild(place, chooseBuild(place.store, b), currentFolder());
  warnAll(damageOf(to.recorded));
  const from = a === undefined ? undefined : viewBuild(place, chooseBuild(place.store, a), currentFolder());
  if (from) warnAll(damageOf(from.recorded));
  if (options.build === undefined && !options.json && isFirst(place.store, to.recorded.id)) {
    warn(`build ${to.recorded.id} is the first one here: there is nothing to compare it with yet`);
    return 0;
  }
  const source = from ? new TwoBuilds(from, to, words) : new LastRuns(place, to, words);

  const terminal = await isTerminal(1);
  const style = styleOf(options.color, options.ascii ?? false, terminal);
  let listing: Listing | undefined;
  const open = async (): Promise<Listing> => (listing ??= await startListing(terminal && options.pager));
  const output = new Output(options, { colour: style.colour, ascii: style.ascii }, open);

  const { patterns: own, errors } = userPatterns(place, warn);
  for (const error of errors) warn(error);
  const comparer = new Comparer(place, own, { exact: options.exact ?? false, context: Number(context) });
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

/** A target that is only in one of them. */
interface Alone {
  readonly name: string;
  readonly job: Job;
}

/** What is compared with what. The targets without a counterpart are known once all pairs were asked for. */
interface Pairs {
  readonly onlyOld: readonly Alone[];
  readonly onlyNew: readonly Alone[];
  /** What they stand under. */
  readonly titleOld: string;
  readonly titleNew: string;
  readonly builds: { readonly old: string | undefined; readonly fresh: string };
  pairs(): Iterable<Pair>;
  close(): void;
}

/** Two builds; the wrapped commands are each other's counterparts whatever they are. */
class TwoBuilds implements Pairs {
  readonly #from: ViewedBuild;
  readonly #to: ViewedBuild;
  readonly #old: readonly Job[];
  readonly #fresh: readonly Job[];
  onlyOld: Alone[] = [];
  onlyNew: Alone[] = [];

  /** @throws Failure where none of the two has such a target. */
  constructor(from: ViewedBuild, to: ViewedBuild, words: readonly string[]) {
    this.#from = from;
    this.#to = to;
    const [old, fresh] = [found(from, words), found(to, words)];
    if ('none' in old && 'none' in fresh) throw fresh.none;
    this.#old = 'none' in old ? [] : old.jobs;
    this.#fresh = 'none' in fresh ? [] : fresh.jobs;
  }

  get builds(): Pairs['builds'] {
    return { old: this.#from.recorded.id, fresh: this.#to.recorded.id };
  }

  get titleOld(): string {
    return `only in ${this.builds.old}:`;
  }

  get titleNew(): string {
    return `only in ${this.builds.fresh}:`;
  }

  *pairs(): Generator<Pair> {
    const key = ({ nameOf }: ViewedBuild, job: Job): string => (job.id === ROOT ? '' : nameOf(job));
    const old = new Map(this.#old.map((job) => [key(this.#from, job), job]));
    for (const job of this.#fresh) {
      const name = this.#to.nameOf(job);
      const counterpart = old.get(key(this.#to, job));
      old.delete(key(this.#to, job));
      if (!counterpart && job.id !== ROOT) this.onlyNew.push({ name, job });
      // The wrapped command is always there, if not always chosen.
      const before = counterpart ?? (job.id === ROOT ? this.#from.recorded.build.jobs[ROOT] : undefined);
      if (before)
        yield {
          name,
          from: { recorded: this.#from.recorded, job: before },
          to: { recorded: this.#to.recorded, job },
        };
    }
    for (const [name, job] of old) {
      const after = job.id === ROOT ? this.#to.recorded.build.jobs[ROOT] : undefined;
      if (!after) this.onlyOld.push({ name, job });
      else
        yield {
          name: this.#to.nameOf(after),
          from: { recorded: this.#from.recorded, job },
          to: { recorded: this.#to.recorded, job: after },
        };
    }
  }

  close(): void {
    this.#from.recorded.logs.close();
  }
}

function found(viewed: ViewedBuild, words: readonly string[]): { jobs: readonly Job[] } | { none: Failure } {
  try {
    return { jobs: chosenJobs(viewed, words) };
  } catch (error) {
    if (isFailure(error)) return { none: error };
    throw error;
  }
}

/** One build, each of whose targets is compared with its last run before. */
class LastRuns implements Pairs {
  readonly #to: ViewedBuild;
  readonly #jobs: readonly Job[];
  readonly #earlier: EarlierRuns;
  readonly onlyOld: Alone[] = [];
  readonly onlyNew: Alone[] = [];
  readonly titleOld = '';
  readonly titleNew = 'ran for the first time:';

  constructor(place: Place, to: ViewedBuild, words: readonly string[]) {
    this.#to = to;
    this.#jobs = chosenJobs(to, words);
    this.#earlier = new EarlierRuns(place.store, to.recorded);
  }

  get builds(): Pairs['builds'] {
    return { old: undefined, fresh: this.#to.recorded.id };
  }

  *pairs(): Generator<Pair> {
    const { recorded, nameOf } = this.#to;
    for (const job of this.#jobs) {
      const name = nameOf(job);
      const from = this.#earlier.find(job, name);
      if (from) yield { name, from, to: { recorded, job } };
      else if (job.id !== ROOT) this.onlyNew.push({ name, job });
    }
  }

  close(): void {
    this.#earlier.close();
  }
}

/** Names are aligned up to this length. */
const ALIGNED = 50;

/** Prints what differs, as the options have it. */
class Output {
  differing = 0;
  /** Nobody reads any more. */
  enough = false;
  readonly #options: Options;
  readonly #print: PrintOptions;
  readonly #open: () => Promise<Listing>;
  readonly #stat: Differing[] = [];

  constructor(options: Options, print: PrintOptions, open: () => Promise<Listing>) {
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
