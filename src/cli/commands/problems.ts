// `loglin problems`: the errors and warnings of a build, each once, as a list that editors and CI understand.

import fs from 'node:fs';
import { Option } from 'commander';
import pkg from '../../../package.json' with { type: 'json' };
import type { Job } from '../../model/build.ts';
import { Failure } from '../../model/failure.ts';
import type { ByteOffset } from '../../model/ids.ts';
import { escapeName } from '../../model/printable.ts';
import type { Problem } from '../../problems/problem.ts';
import { type FoundProblem, ProblemList, fingerprint } from '../../problems/problemlist.ts';
import { nameFrom } from '../../problems/paths.ts';
import { type Paint, painter, shellWord } from '../../render/formats.ts';
import { fitting, lineBytes } from '../../render/budget.ts';
import { chooseProblems } from '../../render/ci/choice.ts';
import { github } from '../../render/ci/github.ts';
import { placeText, problemRows } from '../../render/problem.ts';
import { jsonLine } from '../../render/records/line.ts';
import { foundProblemRecord } from '../../render/records/problem.ts';
import { lineByItself } from '../../render/report.ts';
import { PROBLEM_FORMATS, type ProblemFormat } from '../../render/reports/names.ts';
import { Sanitizer } from '../../render/sanitize.ts';
import type { RecordedBuild } from '../../store/reader.ts';
import type { Place } from '../../store/place.ts';
import { namedForPages } from '../checkout.ts';
import { TARGETS, newCommand, parse } from '../command.ts';
import { type ListingOptions, addListingOptions, startListing } from '../listing.ts';
import { currentFolder } from '../place.ts';
import { buildBefore, problemsBefore, readProblems } from '../../view/buildproblems.ts';
import { userPatterns } from '../../view/userpatterns.ts';
import { chosenJobs } from '../../view/targets.ts';
import { canMoveCursor, columns, isTerminal, styleOf } from '../terminal.ts';
import type { Style } from '../../render/renderers.ts';
import { type AgentOptions, addAgentOptions, budgetOf } from '../agent.ts';
import { type BuildOptions, addBuildOptions, openChosenBuild } from '../buildoptions.ts';
import { warn, warnAll } from '../stderr.ts';
import { damageOf } from '../../view/viewedbuild.ts';

interface Options extends BuildOptions, ListingOptions, AgentOptions {
  readonly new?: true;
  readonly errors?: true;
  readonly warnings?: true;
  readonly snippets?: true;
  readonly format: Format;
  readonly exitCode?: true;
}

type Format = 'text' | 'json' | 'github' | ProblemFormat;
const FORMATS: readonly Format[] = ['text', 'json', 'github', ...PROBLEM_FORMATS];

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand(
      'problems',
      'Lists the errors and warnings of the last build, or only of some targets and what is below them, each once.',
    ),
  )
    .usage('[options] [target…]')
    .argument('[target...]', TARGETS)
    .option('--new', 'list only problems that the previous build did not have')
    .option('--errors', 'list only errors')
    .option('--warnings', 'list only warnings')
    .option('--snippets', 'include the lines of the log')
    .addOption(new Option('--format <format>', 'output format').choices(FORMATS).default('text'))
    .option('--exit-code', 'exit with status 1 if there are errors')
    .addHelpText(
      'after',
      '\nExamples:\n  loglin problems\n  loglin problems --new --exit-code\n  loglin problems --errors --snippets server.o\n  loglin problems -b @failed --format=sarif > problems.sarif\n',
    );
  addAgentOptions(cmd, 'for a coding agent: what fits, errors first, and how many there are');
  addListingOptions(cmd);
  return parse(cmd, args, () => problems(cmd.opts<Options>(), cmd.args));
}

async function problems(options: Options, words: readonly string[]): Promise<number> {
  // Emacs' compile reads lines of one shape from a terminal that can do nothing.
  const terminal = canMoveCursor() && (await isTerminal(1));
  const style = styleOf(options.agent ? 'never' : options.color, options.ascii ?? false, terminal);
  const format = options.json ? 'json' : options.format;
  if (options.agent && (format !== 'text' || options.snippets))
    throw new Failure('--agent prints a list of its own: it goes with no option on how to print one');
  const viewed = await openChosenBuild(options);
  const { place, recorded, nameOf } = viewed;
  const jobs = chosenJobs(viewed, words);
  let slow = false as boolean;
  const { patterns, errors: mistakes } = userPatterns(place, (text) => {
    slow = true;
    warn(text);
  });
  let damaged = warnAll(mistakes);
  damaged = warnAll(damageOf(recorded)) || damaged;

  const all = new ProblemList();
  const short = readProblems(recorded, place, jobs, patterns, (job, problem) => all.add(job, problem));
  damaged = warnAll(short.messages()) || damaged;
  let found = all.list();
  if (options.new) {
    const before = problemsBefore(place, recorded, jobs, patterns, warn);
    found = found.filter(({ problem }) => !before.has(fingerprint(problem)));
  }
  const errors = found.filter(({ problem }) => problem.severity === 'error').length;
  if (options.errors || options.warnings)
    found = found.filter(({ problem: { severity } }) =>
      severity === 'error' ? options.errors : options.warnings,
    );

  const paged = terminal && options.pager && format === 'text' && !options.agent;
  // Every other format is for programs, or means what it says to the CI system.
  const listing = await startListing(paged, format === 'text' ? {} : { json: true });
  const folder = fs.realpathSync(currentFolder());
  const printer = new Printer(
    recorded,
    nameOf,
    // Of a build that was recorded elsewhere, nobody knows where the files are.
    (file) => (isHere(recorded, place) ? nameFrom(file, place.root, folder) : file),
    style,
    terminal,
    options.snippets ?? false,
    // Only a terminal is worth the time that it takes to load what measures text.
    terminal && !options.agent ? (await import('../../render/width.ts')).displayWidth : undefined,
  );
  if (options.agent) {
    const lines = found.map((one) => printer.text(one).trimEnd());
    const counts = summary(found, jobs.length, options);
    listing.write(withinBudget(lines, counts, listAll(recorded.id, options, words), budgetOf(options)));
  } else if (isReport(format)) {
    const { PROBLEM_REPORTS } = await import('../../render/reports/formats.ts');
    const report = { problems: found, version: pkg.version, nameOf };
    for (const piece of PROBLEM_REPORTS[format](report)) listing.write(piece);
  } else if (format === 'github') {
    const before = (): Set<string> => problemsBefore(place, recorded, jobs, patterns, warn);
    const compared = !options.new && buildBefore(place.store, recorded.id) !== undefined;
    const named = namedForPages(github, place.root);
    for (const line of annotations(found, compared ? before : undefined, named)) listing.write(line);
  } else {
    for (const one of found) {
      if (listing.closed) break;
      listing.write(printer[format](one));
    }
  }
  await listing.end();
  if (all.dropped > 0) warn(`${all.dropped} more are not listed: there are too many different ones`);
  if (terminal && !options.agent) warn(summary(found, jobs.length, options));
  return damaged || slow || (options.exitCode && errors > 0) ? 1 : 0;
}

const isReport = (format: Format): format is ProblemFormat => PROBLEM_FORMATS.some((one) => one === format);

/** The command that lists all that these options ask for. */
function listAll(id: string, options: Options, words: readonly string[]): string {
  const asked = (['new', 'errors', 'warnings'] as const).filter((name) => options[name]);
  return [
    'loglin problems',
    '-b',
    id,
    ...asked.map((name) => `--${name}`),
    ...(words.length > 0 ? ['--'] : []),
  ]
    .concat(words.map(shellWord))
    .join(' ');
}

/** The first lines, as far as they fit, and how many there are as the last one. */
function withinBudget(lines: readonly string[], counts: string, all: string, budget: number): string {
  const last = (left: number): string => `loglin: ${counts}${left > 0 ? `; ${left} left out: ${all}` : ''}`;
  const ranked = lines.map((text) => ({ text, rank: 0 }));
  const kept = fitting(ranked, budget - lineBytes(last(lines.length))).indexOf(false);
  const shown = kept < 0 ? lines : lines.slice(0, kept);
  return [...shown, last(lines.length - shown.length), ''].join('\n');
}

/**
 * The annotations that GitHub shows of these problems.
 * @param before what the build before had. It is read where there are too many: then the others come first.
 */
function annotations(
  found: readonly FoundProblem[],
  before: (() => Set<string>) | undefined,
  named: (problem: Problem) => Problem,
): string[] {
  const known = found.length > github.most ? before?.() : undefined;
  const { shown, count } = chooseProblems(
    found.map(({ problem }) => problem),
    known && ((problem) => !known.has(fingerprint(problem))),
    () => github.most,
  );
  if (shown.length < found.length) warn(`${count}; loglin problems lists all`);
  return shown.map((problem) => github.problem?.(named(problem)) ?? '');
}

function isHere({ build }: RecordedBuild, place: Place): boolean {
  return (build.started?.root ?? place.root) === place.root;
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
  readonly #measure: ((text: string) => number) | undefined;
  /** The job that was printed above the last problem. */
  #heading = '';

  /**
   * @param called what a file is called in the current folder.
   * @param measure columns of a text, on a terminal.
   */
  constructor(
    recorded: RecordedBuild,
    nameOf: (job: Job) => string,
    called: (file: string) => string,
    style: Style,
    terminal: boolean,
    snippets: boolean,
    measure: ((text: string) => number) | undefined,
  ) {
    this.#measure = measure;
    this.#recorded = recorded;
    this.#nameOf = nameOf;
    this.#called = called;
    this.#style = style;
    this.#paint = painter(style.colour);
    this.#terminal = terminal;
    this.#snippets = snippets;
  }

  /**
   * `src/a.c:3:5: warning: unused variable ‘x’ [-Wunused-variable] (src/a.o)`; on a terminal, the job in a
   * row of its own above its problems.
   */
  text({ problem, jobs }: FoundProblem): string {
    const { severity, tool, code } = problem;
    const file = problem.file === undefined ? undefined : this.#called(problem.file);
    const place = escapeName(placeText({ ...problem, file }) ?? tool);
    const message = `${escapeName(problem.message)}${code === undefined ? '' : ` [${escapeName(code)}]`}`;
    const [first] = jobs;
    const target = first ? escapeName(this.#nameOf(first)) : '';
    const where = jobs.length > 1 ? `${target}, in ${jobs.length} jobs` : target;
    let line: string;
    if (this.#measure) {
      const heading = where === this.#heading ? '' : `${this.#paint('2', where)}\n`;
      this.#heading = where;
      const rows = problemRows({ place, severity, message }, columns(), this.#paint, this.#measure);
      line = (heading + rows).trimEnd();
    } else {
      line = [
        this.#paint('1', `${place}:`),
        this.#paint(severity === 'error' ? '1;31' : '1;35', `${severity}:`),
        message,
        this.#paint('2', `(${where})`),
      ].join(' ');
    }
    return this.#snippets ? `${line}\n${this.#snippet({ problem, jobs })}\n` : `${line}\n`;
  }

  json(found: FoundProblem): string {
    const text = this.#snippets ? this.#bytes(found).toString('utf8') : undefined;
    return jsonLine(foundProblemRecord(found, this.#nameOf, text));
  }

  #bytes({ problem: { from, to }, jobs: [job] }: FoundProblem): Buffer {
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
  #snippet(found: FoundProblem): string {
    const sanitizer = new Sanitizer(this.#terminal && !this.#style.never ? 'colours' : 'strip');
    const bytes = Buffer.concat([sanitizer.push(this.#bytes(found)), sanitizer.flush()]);
    const text = bytes.toString('utf8').trimEnd();
    return text
      .split('\n')
      .map((line) => `  ${lineByItself(line)}\n`)
      .join('');
  }
}

/** How many were found, of the kinds that were asked for. */
function summary(found: readonly FoundProblem[], jobs: number, options: Options): string {
  const errors = found.filter(({ problem }) => problem.severity === 'error').length;
  const count = (n: number, what: string): string =>
    `${n === 0 ? 'no' : n}${options.new ? ' new' : ''} ${what}${n === 1 ? '' : 's'}`;
  const both = !options.errors === !options.warnings;
  const counts = [
    ...(both || options.errors ? [count(errors, 'error')] : []),
    ...(both || options.warnings ? [count(found.length - errors, 'warning')] : []),
  ];
  return `${counts.join(', ')} in ${jobs === 1 ? '1 job' : `${jobs} jobs`}`;
}
