// `loglin problems`: the errors and warnings of a build, each once, as a list that editors and CI understand.

import fs from 'node:fs';
import { Option } from 'commander';
import pkg from '../../../package.json' with { type: 'json' };
import type { Job } from '../../model/build.ts';
import { isFailure } from '../../model/failure.ts';
import type { ByteOffset } from '../../model/ids.ts';
import { escapeName } from '../../model/printable.ts';
import { type Found, Problems, likeness } from '../../problems/merge.ts';
import type { OwnPatterns } from '../../problems/own.ts';
import { calledFrom } from '../../problems/paths.ts';
import type { Problem } from '../../problems/problem.ts';
import { type Paint, painter } from '../../render/formats.ts';
import { githubAnnotation } from '../../render/github.ts';
import { placeText } from '../../render/problem.ts';
import { jsonLine } from '../../render/records/line.ts';
import { foundProblemRecord } from '../../render/records/problem.ts';
import { lineByItself } from '../../render/report.ts';
import { sarif } from '../../render/sarif.ts';
import { Sanitizer } from '../../render/sanitize.ts';
import { listBuilds, summarise } from '../../store/builds.ts';
import { type RecordedBuild, openBuild } from '../../store/reader.ts';
import { History } from '../../store/history.ts';
import type { Place } from '../../store/place.ts';
import { TARGETS, newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, startListing } from '../listing.ts';
import { currentFolder } from '../place.ts';
import { ProblemReader } from '../../view/problemreader.ts';
import { userPatterns } from '../../view/userpatterns.ts';
import { chosenJobs } from '../../view/targets.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import type { Style } from '../../view/renderers.ts';
import { type BuildOptions, addBuildOptions, openChosenBuild } from '../buildoptions.ts';
import { warn, warnAll } from '../stderr.ts';
import { damageOf, ShortLogs } from '../../view/viewedbuild.ts';

interface Options extends BuildOptions, ListingOptions {
  readonly new?: true;
  readonly errors?: true;
  readonly warnings?: true;
  readonly snippets?: true;
  readonly format: Format;
  readonly exitCode?: true;
}

type Format = 'text' | 'json' | 'github' | 'sarif';
const FORMATS: readonly Format[] = ['text', 'json', 'github', 'sarif'];

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand(
      'problems',
      'Lists the errors and warnings of the last build, or of what is below some targets, each once.',
    ),
  )
    .usage('[options] [target…]')
    .argument('[target...]', TARGETS)
    .option('--new', 'only those that were not there in the build before')
    .option('--errors', 'only errors')
    .option('--warnings', 'only warnings')
    .option('--snippets', 'with the lines of the log that say it')
    .addOption(new Option('--format <format>', 'how to print them').choices(FORMATS).default('text'))
    .option('--exit-code', 'status 1 if there are errors')
    .addHelpText(
      'after',
      '\nExamples:\n  loglin problems\n  loglin problems --new --exit-code\n  loglin problems --errors --snippets server.o\n  loglin problems -b @failed --format=sarif > problems.sarif\n',
    );
  addListingOptions(cmd);
  return parse(cmd, args, () => problems(cmd.opts<Options>(), cmd.args));
}

async function problems(options: Options, words: readonly string[]): Promise<number> {
  const terminal = await isTerminal(1);
  const style = styleOf(options.color, options.ascii ?? false, terminal);
  const format = options.json ? 'json' : options.format;
  const viewed = openChosenBuild(options);
  const { place, recorded, nameOf } = viewed;
  const jobs = chosenJobs(viewed, words);
  let slow = false as boolean;
  const { patterns: own, errors: mistakes } = userPatterns(place, (text) => {
    slow = true;
    warn(text);
  });
  for (const mistake of mistakes) warn(mistake);
  let damaged = warnAll(damageOf(recorded)) || mistakes.length > 0;

  const all = new Problems();
  damaged = readAll(recorded, place, jobs, own, (job, problem) => all.add(job, problem)) || damaged;
  let found = all.list();
  if (options.new) {
    const before = problemsBefore(place, recorded, jobs, own);
    found = found.filter(({ problem }) => !before.has(likeness(problem)));
  }
  const errors = found.filter(({ problem }) => problem.severity === 'error').length;
  if (options.errors || options.warnings)
    found = found.filter(({ problem: { severity } }) =>
      severity === 'error' ? options.errors : options.warnings,
    );

  const listing = await startListing(terminal && options.pager && format === 'text');
  const folder = fs.realpathSync(currentFolder());
  const printer = new Printer(
    recorded,
    nameOf,
    // Of a build that was recorded elsewhere, nobody knows where the files are.
    (file) => (isHere(recorded, place) ? calledFrom(file, place.root, folder) : file),
    style,
    terminal,
    options.snippets ?? false,
  );
  if (format === 'sarif') {
    for (const piece of sarif(found, { version: pkg.version, nameOf })) listing.write(piece);
  } else {
    for (const one of found) {
      if (listing.closed) break;
      listing.write(printer[format](one));
    }
  }
  await listing.end();
  if (all.left > 0) warn(`${all.left} more are not listed: there are too many different ones`);
  if (terminal) warn(summary(found, jobs.length, options.new ?? false));
  return damaged || slow || (options.exitCode && errors > 0) ? 1 : 0;
}

function isHere({ build }: RecordedBuild, place: Place): boolean {
  return (build.started?.root ?? place.root) === place.root;
}

/** @returns whether logs were shorter than they should be, which is said. */
function readAll(
  recorded: RecordedBuild,
  place: Place,
  jobs: readonly Job[],
  own: OwnPatterns,
  found: (job: Job, problem: Problem) => void,
): boolean {
  const reader = new ProblemReader(recorded.build, recorded.logs, place, own);
  const short = new ShortLogs();
  for (const job of jobs) {
    const at = reader.read(job, (problem) => {
      found(job, problem);
    });
    if (at !== undefined) short.add(recorded, job, at);
  }
  return warnAll(short.messages());
}

/** What the build before said; a target that did not run in it counts as it was when it last ran. */
function problemsBefore(
  place: Place,
  { id, build }: RecordedBuild,
  jobs: readonly Job[],
  own: OwnPatterns,
): Set<string> {
  const { store } = place;
  const known = new Set<string>();
  /** The jobs to read of each build; all of them where it says so. */
  const wanted = new Map<string, Set<number> | 'all'>();
  const last = listBuilds(store)
    .filter((one) => one < id)
    .findLast((one) => !summarise(store, one).started?.inside);
  if (last === undefined) warn(`there is no build before ${id}: all its problems are new`);
  else wanted.set(last, 'all');
  const history = new History(store);
  for (const job of jobs) {
    if (!job.parent && build.started?.name === undefined) continue;
    for (const run of history.last(job.name, id, job.instance?.tool ?? '')) {
      const ids = wanted.get(run.build) ?? new Set();
      if (ids === 'all') continue;
      wanted.set(run.build, ids.add(run.job));
    }
  }
  history.close();
  for (const [from, ids] of wanted) {
    let recorded: RecordedBuild;
    try {
      recorded = openBuild(store, from);
    } catch (error) {
      if (!isFailure(error)) throw error;
      warn(error.message);
      continue;
    }
    const there = recorded.build.jobs.filter((job) => ids === 'all' || ids.has(job.id));
    readAll(recorded, place, there, own, (_, problem) => known.add(likeness(problem)));
    recorded.logs.close();
  }
  return known;
}

/** Prints a problem, in each of the formats that have one after the other. */
class Printer {
  readonly #recorded: RecordedBuild;
  readonly #nameOf: (job: Job) => string;
  readonly #called: (file: string) => string;
  readonly #style: Style;
  readonly #paint: Paint;
  readonly #terminal: boolean;
  readonly #snippets: boolean;

  /** @param called what a file is called in the current folder. */
  constructor(
    recorded: RecordedBuild,
    nameOf: (job: Job) => string,
    called: (file: string) => string,
    style: Style,
    terminal: boolean,
    snippets: boolean,
  ) {
    this.#recorded = recorded;
    this.#nameOf = nameOf;
    this.#called = called;
    this.#style = style;
    this.#paint = painter(style.colour);
    this.#terminal = terminal;
    this.#snippets = snippets;
  }

  /** `src/a.c:3:5: warning: unused variable ‘x’ [-Wunused-variable] (src/a.o)` */
  text({ problem, jobs }: Found): string {
    const { severity, tool, code, message } = problem;
    const file = problem.file === undefined ? undefined : this.#called(problem.file);
    const [first] = jobs;
    const target = first ? escapeName(this.#nameOf(first)) : '';
    const where = jobs.length > 1 ? `${target}, in ${jobs.length} jobs` : target;
    const line = [
      this.#paint('1', `${escapeName(placeText({ ...problem, file }) ?? tool)}:`),
      this.#paint(severity === 'error' ? '1;31' : '1;35', `${severity}:`),
      `${escapeName(message)}${code === undefined ? '' : ` [${escapeName(code)}]`}`,
      this.#paint('2', `(${where})`),
    ].join(' ');
    return this.#snippets ? `${line}\n${this.#snippet({ problem, jobs })}\n` : `${line}\n`;
  }

  json(found: Found): string {
    const text = this.#snippets ? this.#bytes(found).toString('utf8') : undefined;
    return jsonLine(foundProblemRecord(found, this.#nameOf, text));
  }

  github({ problem }: Found): string {
    return `${githubAnnotation(problem)}\n`;
  }

  #bytes({ problem: { from, to }, jobs: [job] }: Found): Buffer {
    const buffer = Buffer.alloc(to - from);
    let n = 0;
    while (job && n < buffer.length) {
      const more = this.#recorded.logs.read(job.id, (from + n) as ByteOffset, buffer.subarray(n));
      if (more === 0) break;
      n += more;
    }
    return buffer.subarray(0, n);
  }

  /** The lines of the log, indented. */
  #snippet(found: Found): string {
    const sanitizer = new Sanitizer(this.#terminal && !this.#style.never ? 'colours' : 'strip');
    const bytes = Buffer.concat([sanitizer.push(this.#bytes(found)), sanitizer.flush()]);
    const text = bytes.toString('utf8').trimEnd();
    return text
      .split('\n')
      .map((line) => `  ${lineByItself(line)}\n`)
      .join('');
  }
}

function summary(found: readonly Found[], jobs: number, fresh: boolean): string {
  const errors = found.filter(({ problem }) => problem.severity === 'error').length;
  const count = (n: number, what: string): string =>
    `${n === 0 ? 'no' : n}${fresh ? ' new' : ''} ${what}${n === 1 ? '' : 's'}`;
  return `${count(errors, 'error')}, ${count(found.length - errors, 'warning')} in ${jobs === 1 ? '1 job' : `${jobs} jobs`}`;
}
