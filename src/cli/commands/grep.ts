// `loglin grep`: looks for a pattern in the logs of a build's jobs, or of all builds.

import type { Job } from '../../model/build.ts';
import { Failure, isFailure } from '../../model/failure.ts';
import { shellWord } from '../../render/formats.ts';
import { jsonLine } from '../../render/records/line.ts';
import { type SearchedLog, matchRecord, matchedLogRecord } from '../../render/records/match.ts';
import { type SearchPattern, compilePattern } from '../../search/pattern.ts';
import { MatchPrinter, type MatchPrintOptions, matchedLine } from '../../search/print.ts';
import { type FoundLine, type SearchOptions } from '../../search/search.ts';
import { newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, type Listing, startListing } from '../listing.ts';
import { currentFolder, placeOf } from '../place.ts';
import { allBuilds, searchJobs } from '../../view/search.ts';
import { chosenJobs } from '../../view/targets.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import { type BuildOptions, addBuildOptions, openChosenBuild } from '../buildoptions.ts';
import { warn, warnAll } from '../stderr.ts';
import { ShortLogs, type ViewedBuild, damageOf } from '../../view/viewedbuild.ts';

interface Options extends BuildOptions, ListingOptions {
  readonly allBuilds?: true;
  readonly e?: readonly string[];
  readonly fixedStrings?: true;
  readonly ignoreCase?: true;
  readonly wordRegexp?: true;
  readonly invertMatch?: true;
  readonly count?: true;
  readonly filesWithMatches?: true;
  readonly lineNumber?: boolean;
  readonly onlyMatching?: true;
  readonly afterContext?: string;
  readonly beforeContext?: string;
  readonly context?: string;
  readonly maxCount?: string;
  readonly quiet?: true;
  readonly heading?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand('grep', "Prints matching lines of the jobs' logs as target:line:text, in the order of show."),
  )
    .usage('[options] pattern [target…]')
    .argument('[pattern...]', 'a JavaScript regular expression, then targets, named as for show')
    .option('--all-builds', "search all builds, newest first; the build's id stands before the target")
    .option('-e <pattern>', 'search for this pattern; can be given several times', (one, all?: string[]) => [
      ...(all ?? []),
      one,
    ])
    .option('-F, --fixed-strings', 'take the pattern literally, not as an expression')
    .option('-E, --extended-regexp', 'take the pattern as an expression; the default')
    .option('-i, --ignore-case', 'ignore case')
    .option('-w, --word-regexp', 'match only whole words')
    .option('-v, --invert-match', 'print the lines that do not match')
    .option('-c, --count', 'print how many lines match, for each target that has any')
    .option('-l, --files-with-matches', 'print only the names of targets')
    .option('-n, --line-number', 'print line numbers; the default')
    .option('--no-line-number', 'print target:text')
    .option('-o, --only-matching', 'print only the matching part of a line')
    .option('-A, --after-context <n>', 'print n lines after each match')
    .option('-B, --before-context <n>', 'print n lines before each match')
    .option('-C, --context <n>', 'print n lines before and after each match')
    .option('-m, --max-count <n>', 'stop after n lines of a target')
    .option('-q, --quiet', 'print nothing; the exit status tells whether there is a match')
    .option('--heading', 'print the name of a target once, above its lines')
    .addHelpText(
      'after',
      "\nExamples:\n  loglin grep warning\n  loglin grep -i 'error|fatal' 'src/*.o'\n  loglin grep -C2 -w undefined -b -1\n  loglin grep -l --all-builds 'Segmentation fault'\n",
    );
  addListingOptions(cmd);
  return parse(cmd, args, () => grep(cmd.opts<Options>(), cmd.args));
}

async function grep(options: Options, args: readonly string[]): Promise<number> {
  const [patterns, words] = options.e ? [options.e, args] : [args.slice(0, 1), args.slice(1)];
  if (patterns.length === 0) throw new Failure('grep for what? loglin grep --help');
  if (options.allBuilds && options.build !== undefined)
    throw new Failure('-b and --all-builds: give one of them');
  const pattern = patternOf(patterns, options);
  const { names, search } = searchOptions(options);
  const terminal = await isTerminal(1);
  const style = styleOf(options.color, options.ascii ?? false, terminal);
  const print: MatchPrintOptions = {
    colour: style.colour,
    terminal,
    numbers: options.lineNumber !== false,
    only: options.onlyMatching ?? false,
    heading: options.heading ?? false,
  };
  // The first line that is found starts it: a pager with nothing to show is in the way.
  let listing: Listing | undefined;
  const open = async (): Promise<Listing> =>
    (listing ??= await startListing(terminal && options.pager && !options.quiet, options));
  const output = new Output(pattern, print, { ...options, names, around: search }, open);

  let anywhere: Failure | undefined;
  let searched = 0;
  for (const viewed of await builds(options)) {
    warnAll(damageOf(viewed.recorded));
    let jobs: readonly Job[];
    try {
      jobs = chosenJobs(viewed, words);
    } catch (error) {
      if (!options.allBuilds || !isFailure(error)) throw error;
      // A target need not have run in each build.
      anywhere ??= error;
      continue;
    }
    searched++;
    const short = new ShortLogs();
    for (const { log, found } of searchJobs(viewed, jobs, pattern, search, short)) {
      await output.log(options.allBuilds ? { ...log, build: viewed.recorded.id } : log, found);
      if (output.enough) break;
    }
    warnAll(short.messages());
    viewed.recorded.logs.close();
    if (output.enough) break;
  }
  await listing?.end();
  if (searched === 0 && anywhere) throw anywhere;
  return output.found ? 0 : 1;
}

/** @throws Failure that says how to look for the characters as they are. */
function patternOf(patterns: readonly string[], options: Options): SearchPattern {
  const { fixedStrings: fixed, ignoreCase, wordRegexp: words } = options;
  try {
    return compilePattern(patterns, { fixed, ignoreCase, words });
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new Failure(
      `${error.message}; to look for these very characters: loglin grep -F ${patterns.map(shellWord).join(' ')}`,
    );
  }
}

function searchOptions(options: Options): { readonly names: boolean; readonly search: SearchOptions } {
  const names = (options.filesWithMatches ?? false) || (options.quiet ?? false);
  const lines = names || (options.count ?? false);
  const around = count('-C', options.context);
  const most = count('-m', options.maxCount);
  return {
    names,
    search: {
      invert: options.invertMatch,
      before: lines ? 0 : (count('-B', options.beforeContext) ?? around),
      after: lines ? 0 : (count('-A', options.afterContext) ?? around),
      most: names && most !== 0 ? 1 : most,
      unnumbered: lines || (options.lineNumber === false && !options.json),
    },
  };
}

function count(option: string, value: string | undefined): number | undefined {
  if (value === undefined || /^\d{1,9}$/.test(value)) return value === undefined ? undefined : Number(value);
  throw new Failure(`${option} ${value}: want a number`);
}

/** The builds to search, opened one after the other. */
async function builds(options: Options): Promise<Iterable<ViewedBuild>> {
  if (!options.allBuilds) return [await openChosenBuild(options)];
  const folder = currentFolder();
  return allBuilds(placeOf(folder, options.store), folder, warn);
}

interface OutputOptions extends Pick<Options, 'count' | 'filesWithMatches' | 'quiet' | 'json'> {
  /** No more than each target's first match is wanted. */
  readonly names: boolean;
  readonly around: SearchOptions;
}

const WORTH_A_WRITE = 64 * 1024;

/** Takes what is found, job by job, and prints it as the options have it. */
class Output {
  found = false;
  /** Nothing more is wanted. */
  enough = false;
  readonly #pattern: SearchPattern;
  readonly #print: MatchPrintOptions;
  readonly #options: OutputOptions;
  readonly #open: () => Promise<Listing>;
  #waiting = '';

  constructor(
    pattern: SearchPattern,
    print: MatchPrintOptions,
    options: OutputOptions,
    open: () => Promise<Listing>,
  ) {
    this.#pattern = pattern;
    this.#print = print;
    this.#options = options;
    this.#open = open;
  }

  async log(source: SearchedLog, lines: Iterable<FoundLine>): Promise<void> {
    const { count, filesWithMatches, quiet, json, around } = this.#options;
    const printer = new MatchPrinter(source, this.#pattern, this.#print);
    const first = !this.found;
    const apart = (around.before ?? 0) > 0 || (around.after ?? 0) > 0;
    let matches = 0;
    let last: number | undefined;
    for (const line of lines) {
      if (line.match) matches++;
      if (this.#options.names || count) continue;
      this.found ||= line.match;
      if (json) this.#waiting += latin1Json(jsonLine(matchRecord(source, matchedLine(this.#pattern, line))));
      else {
        if (last === undefined)
          this.#waiting += (first ? '' : between(this.#print, apart, printer)) + printer.head();
        else if (apart && line.number > last + 1) this.#waiting += printer.gap();
        last = line.number;
        this.#waiting += printer.line(line);
      }
      if (this.#waiting.length >= WORTH_A_WRITE) await this.#write();
      if (this.enough) return;
    }
    this.found ||= matches > 0;
    if (matches > 0 && quiet) this.enough = true;
    else if (matches > 0 && (filesWithMatches || count)) {
      this.#waiting += json
        ? latin1Json(jsonLine(matchedLogRecord(source, count ? matches : undefined)))
        : filesWithMatches
          ? `${printer.name(source)}\n`
          : printer.count(matches);
    }
    if (this.#waiting !== '') await this.#write();
  }

  async #write(): Promise<void> {
    const listing = await this.#open();
    listing.write(Buffer.from(this.#waiting, 'latin1'));
    this.#waiting = '';
    await listing.room();
    this.enough ||= listing.closed;
  }
}

/** What separates a job's lines from those of the one before. */
function between({ heading }: MatchPrintOptions, apart: boolean, printer: MatchPrinter): string {
  return heading ? '\n' : apart ? printer.gap() : '';
}

/** JSON is UTF-8. */
function latin1Json(text: string): string {
  return Buffer.from(text).toString('latin1');
}
