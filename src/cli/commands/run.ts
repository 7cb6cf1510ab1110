// `loglin <command>`: wraps a build, shows it live, and ends as it ended.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import type { Command } from 'commander';
import { type Before, before as readBefore } from '../../capture/launch/before.ts';
import { checkCommand, launch } from '../../capture/launch/launch.ts';
import { type Observer, type Outcome, Session } from '../../capture/session.ts';
import { Signals, dieOf } from '../../capture/signals.ts';
import { displayNames } from '../../linearize/names.ts';
import { inShownOrder, rootFailures, targetPath } from '../../linearize/paths.ts';
import { type Job, failed } from '../../model/build.ts';
import type { Status } from '../../model/events.ts';
import { Failure, isFailure, reason } from '../../model/failure.ts';
import { ROOT } from '../../model/ids.ts';
import { nearest } from '../../model/nearest.ts';
import { lineEnds } from '../../play/player.ts';
import { Stdout } from '../../play/stdout.ts';
import { type Failed, MOST_TOLD, failureReport, wasStopped } from '../../render/report.ts';
import { duration } from '../../render/formats.ts';
import { Sanitizer } from '../../render/sanitize.ts';
import type { Place } from '../../store/place.ts';
import { asksOnly } from '../asksonly.ts';
import { removeOldBuilds } from '../autogc.ts';
import { type Commands, addViewOptions, newCommand, optional, parse } from '../command.ts';
import { startLive } from '../live.ts';
import { addStoreOption, complain } from '../opened.ts';
import { currentFolder, recordingPlace } from '../place.ts';
import { type ViewOptions, orderOption, withHideSilent } from '../render.ts';
import { StatusLine } from '../statusline.ts';
import { told } from '../told.ts';
import { type Look, checkTerminal, forsakeTerminals, isTerminal, look } from '../terminal.ts';

interface Options extends ViewOptions {
  readonly target?: string;
  readonly C?: string;
  readonly strict?: true;
  readonly plan?: true;
  readonly tui?: true;
  readonly store?: string;
  readonly status: boolean;
  readonly hooks: string | boolean;
  readonly forceColor: boolean;
}

/** A prompt waits this long in a pipe before it is passed on without its newline. */
const PROMPT_MS = 1000;

function command(): Command {
  const cmd = newCommand(
    'run',
    'Runs a command, records each of its jobs, and prints their output depth first.',
  )
    .usage('[options] <command> [args…]')
    .argument('<command...>')
    .passThroughOptions()
    .option('-t, --target <name>', "the root job's name; inside a build: the name of the new job")
    .option('--once', 'inside a build: run NAME once, link to it otherwise')
    .option('-C <dir>', 'run there')
    .option('--strict', 'print nothing out of order; wait instead')
    .option(
      '--plan',
      "read make's graph first, for the order of needs from the first build on; costs one more parse",
    )
    .option('--tui', 'under the browser; the command reads from /dev/null')
    .option('-q, --quiet', 'print nothing but the failure report')
    .option('--no-status', 'no status line')
    .addOption(optional('--no-hooks [tools]', 'do not split, or not these tools: --no-hooks=make', 'all'))
    .option('--no-force-color', 'do not ask programs for colours');
  return addStoreOption(addViewOptions(cmd)).addHelpText(
    'after',
    '\nExamples:\n  loglin make -j16\n  loglin --prefix make -j16 2>&1 | grep warning\n  loglin -t docs ./build-docs.sh\n',
  );
}

/**
 * Node 20's V8 optimizes a function after so few calls that in builds of some thousand jobs this takes a third of loglin's own time, beside
 * the build's. Later ones have no such flag, and wait longer.
 */
function optimizeLater(): void {
  if (process.versions.v8.startsWith('11.')) v8.setFlagsFromString('--interrupt-budget=600000');
}

export async function run(args: readonly string[], all: Commands): Promise<number> {
  const before = readBefore();
  optimizeLater();
  const cmd = command();
  return parse(cmd, args, () => wrap(cmd.opts<Options>(), cmd.args, before, Object.keys(all)));
}

async function wrap(
  options: Options,
  argv: readonly string[],
  before: Before,
  commands: readonly string[],
): Promise<number> {
  if (options.C !== undefined && !fs.statSync(options.C, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(`-C ${path.resolve(currentFolder(), options.C)}: no such folder`);
  const [program] = argv;
  if (program === undefined) throw new Failure('run what? loglin run --help');
  checkProgram(program, options.C ?? '.', commands);
  if (asksOnly(argv)) return endAs(await runPlain(argv, options.C, before));
  if (options.plan && !/^g?make$/.test(path.basename(program)))
    throw new Failure(`--plan ${program}: only for make: anything else would have to be run twice`);
  if (options.tui) await checkTerminal();
  const terminal = await isTerminal(1);
  const view = look(options.color, options.ascii ?? false, terminal);
  const order = orderOption(options) ?? 'needs';
  let place: Place;
  let session: Session;
  try {
    const folder = currentFolder();
    const cwd = fs.realpathSync(options.C === undefined ? folder : path.resolve(folder, options.C));
    place = recordingPlace(cwd, options.store);
    session = new Session({
      place,
      argv,
      cwd,
      ...(options.target === undefined ? {} : { name: options.target }),
      before,
      hooked: (tool) => tool === 'nested' || hooked(options.hooks, tool),
      noInput: options.tui ?? false,
      plan: options.plan ?? false,
      coloured: terminal && view.colour && options.forceColor,
    });
  } catch (error) {
    complain(`${told(error)}; the build runs unrecorded`);
    return endAs(await runPlain(argv, options.C, before));
  }
  if (place.unwritable !== undefined)
    complain(`${place.unwritable}: cannot be written; the build is kept in ${place.store}`);
  const shown = await withHideSilent(options, session.build, place);
  const show = (run: Running): Promise<Status> => showLive(session, run, shown, place, view, terminal, order);
  const status = options.tui
    ? await showUnderBrowser(session, place, view, show)
    : await show((observer) => session.run(observer));
  await removeOldBuilds(place);
  return endAs(status);
}

/** @throws Failure where there is no such program; with what was meant, where that can be told. */
function checkProgram(program: string, folder: string, commands: readonly string[]): void {
  try {
    checkCommand(program, folder);
  } catch (error) {
    if (!isFailure(error) || error.exitStatus !== NOT_FOUND) throw error;
    throw new Failure(`${error.message}${meant(program, commands)}`, NOT_FOUND);
  }
}

const NOT_FOUND = 127;

function meant(program: string, commands: readonly string[]): string {
  if (/^\S+\s/.test(program)) return `; without the quotes: loglin ${program.trim()}`;
  const [near] = nearest(program, commands).filter((name) => name.startsWith(program[0] ?? ''));
  return near === undefined || program.length < 2 ? '' : `; did you mean loglin ${near}?`;
}

/** `--no-hooks` and `--no-hooks=make,ninja`. */
function hooked(hooks: string | boolean, tool: string): boolean {
  if (typeof hooks === 'boolean') return hooks;
  return !hooks.split(',').some((word) => word === tool || word === 'all');
}

/** Runs the session, or lets it go on, and tells an observer. */
type Running = (observer: Observer) => Promise<Outcome>;

async function showUnderBrowser(
  session: Session,
  place: Place,
  view: Look,
  show: (run: Running) => Promise<Status>,
): Promise<Status> {
  const { runUnderBrowser } = await import('../underbrowser.ts');
  const under = await runUnderBrowser(session, place, view);
  if ('detached' in under) return show(under.detached);
  session.logs.close();
  return under.ended.status;
}

async function showLive(
  session: Session,
  run: Running,
  options: Options,
  place: Place,
  view: Look,
  terminal: boolean,
  order: 'needs' | 'launch',
): Promise<Status> {
  const { build } = session;
  const stdout = new Stdout();
  const {
    player,
    nameOf,
    renderer,
    unsplit: rest,
  } = startLive(
    options,
    {
      place,
      id: session.id,
      build,
      logs: session.logs,
      order,
      strict: options.strict ?? false,
      view,
      terminal,
      named: options.target !== undefined,
      planned: (instance) => session.plannedGraph(instance),
      output: stdout,
    },
    () => [{ job: build.jobs[ROOT]! }],
  );

  stdout.write(renderer.begin?.(build, options.u !== undefined) ?? Buffer.alloc(0));

  const status =
    (await isTerminal(2)) && options.status
      ? await newStatusLine(session, place.store, stdout, view, terminal)
      : undefined;
  const warn = (text: string): void => {
    status?.wipe();
    complain(text);
  };

  let waitingForRoom = false;
  let prompt: NodeJS.Timeout | undefined;
  const play = (): void => {
    if (waitingForRoom) return;
    const state = player.play();
    clearTimeout(prompt);
    if (state === 'wait' && !stdout.closed)
      prompt = setTimeout(
        () => {
          player.partial();
        },
        terminal ? 0 : PROMPT_MS,
      );
    if (state !== 'full') return;
    waitingForRoom = true;
    stdout.onceDrained(() => {
      waitingForRoom = false;
      play();
    });
  };
  // What is not recorded any more comes after all that was, in the same line where it was cut.
  let unsplit: Buffer[] = [];
  const writeUnsplit = (): void => {
    for (const bytes of unsplit) stdout.write(rest.text(build.jobs[ROOT]!, bytes));
    unsplit = [];
  };
  const pour = (): boolean => {
    play();
    if (waitingForRoom) return unsplit.length === 0;
    clearTimeout(prompt);
    player.partial();
    writeUnsplit();
    stdout.flush();
    return !stdout.full;
  };
  const { status: ended } = await run({
    changed: play,
    unsplit: (bytes) => {
      unsplit.push(bytes);
      return pour();
    },
    warn,
  });
  clearTimeout(prompt);
  for (let state = player.play(); state !== 'done' && !stdout.closed; state = player.play()) {
    if (state === 'wait') break;
    await stdout.flushed();
  }
  clearTimeout(prompt);
  writeUnsplit();
  stdout.write(rest.finish());
  stdout.write(renderer.end?.(build) ?? Buffer.alloc(0));
  const report =
    'exit' in ended && ended.exit === 0
      ? ''
      : await tellFailures(session, view, terminal, nameOf, ended, place, options.quiet ?? false, warn);
  if (report !== '' && !options.json && !options.raw) stdout.write(Buffer.from(report));
  await stdout.flushed();
  status?.stop();
  const jobs = build.jobs.length - 1;
  if (status && report === '' && jobs > 0)
    complain(
      `${jobs === 1 ? '1 job' : `${jobs} jobs`} in ${duration(build.ended?.t ?? build.time)}; loglin show prints ${jobs === 1 ? 'it' : 'them'} again`,
    );
  const onTerminal = await isTerminal(2);
  // What is less than it could be is said in a pipe, too.
  for (const note of build.notes)
    if (onTerminal || note.includes('slots') || build.unsplit.includes(note)) complain(note);
  session.logs.close();
  return ended;
}

async function newStatusLine(
  session: Session,
  store: string,
  stdout: Stdout,
  view: Look,
  shared: boolean,
): Promise<StatusLine> {
  // Measuring text costs a tenth of a start; only a terminal needs it.
  const { statusLine } = await import('../../render/status.ts');
  const { LiveForecast } = await import('../forecast.ts');
  const { build } = session;
  const start = build.started?.at ?? Date.now();
  const forecast = new LiveForecast(store, session.id, build);
  // Counted as jobs end: a build may have 100,000 of them.
  const running = new Set<Job>();
  let taken = 1;
  let done = 0;
  let bad = 0;
  return new StatusLine(stdout, shared, (columns) => {
    for (; taken < build.jobs.length; taken++) running.add(build.jobs[taken]!);
    for (const job of running) {
      if (job.ended === undefined) continue;
      running.delete(job);
      done++;
      if (failed(job)) bad++;
    }
    const runningNames = [...running].map((job) => job.name).reverse();
    const elapsedMs = Date.now() - start;
    const { total, leftMs: etaMs } = forecast.at(elapsedMs, session.total);
    const state = { elapsedMs, running: running.size, done, failed: bad, total, etaMs, runningNames };
    return statusLine(state, columns, { ascii: view.ascii });
  });
}

/** So many bytes of logs are looked at: of thousands of jobs that failed, not each is compared with the others. */
const MOST_READ = 64 * 1024 * 1024;

async function tellFailures(
  session: Session,
  view: Look,
  terminal: boolean,
  nameOf: (job: Job) => string,
  status: Status,
  place: Place,
  quiet: boolean,
  warn: (text: string) => void,
): Promise<string> {
  // The patterns, and the configuration's parser, take 3 ms to load.
  const { FailureReader, ProblemReader, TAIL, ownPatterns } = await import('../problems.ts');
  const { build } = session;
  const ends = lineEnds(session.logs, false);
  // As `show --failed` has them: which was launched first is chance.
  const alone = inShownOrder(build, rootFailures(build), 'needs', ends);
  const recordedName = displayNames(build, 'needs', ends);
  const clean = (bytes: Buffer): string => {
    const sanitizer = new Sanitizer(terminal && !view.never ? 'colours' : 'strip');
    return Buffer.concat([sanitizer.push(bytes), sanitizer.flush()]).toString('utf8');
  };
  const problems = new ProblemReader(build, session.logs, place, ownPatterns(place, warn).patterns);
  const reader = new FailureReader(problems, session.logs, currentFolder(), clean);
  const different = new Map<string, Failed & { also: string[] }>();
  for (let i = 0, read = 0; i < alone.length && read < MOST_READ; i++) {
    const job = alone[i]!;
    const { key, lines } = reader.failure(job);
    read += Math.min(TAIL, job.size);
    const same = key === '' ? undefined : different.get(key);
    if (same) same.also.push(nameOf(job));
    else if (different.size < MOST_TOLD)
      different.set(key === '' ? `job ${job.id}` : key, {
        job,
        name: nameOf(job),
        recorded: recordedName(job),
        path: targetPath(job, nameOf),
        lines,
        also: [],
      });
  }
  const [root] = build.jobs;
  const own = alone.length === 0 && root && !wasStopped(status) ? reader.failure(root) : undefined;
  return failureReport([...different.values()], {
    alone: alone.length,
    ascii: view.ascii,
    colour: view.colour,
    jobs: build.jobs.length - 1,
    failed: build.jobs.filter((job) => job.id !== ROOT && failed(job)).length,
    status,
    command: root?.name ?? '',
    // Its last lines were just printed, unless nothing was.
    own: own && (own.sure || quiet) ? own.lines : [],
  });
}

/** The store cannot be written: the command, as it would run without loglin. */
function runPlain(argv: readonly string[], cwd: string | undefined, before: Before): Promise<Status> {
  return new Promise((resolve, reject) => {
    const signals = new Signals(before.ignored);
    const child = launch({ argv, cwd, output: 'inherit', environment: {}, before });
    signals.guard(child);
    child.on('error', (error) => {
      reject(new Failure(`${argv[0] ?? ''}: ${reason(error)}`, 126));
    });
    child.on('exit', (code, signal) => {
      signals.stop();
      resolve(signal ? { signal: os.constants.signals[signal] } : { exit: code ?? 1 });
    });
  });
}

/** Ends loglin as the command ended: by the same signal, if it was one. */
async function endAs(status: Status): Promise<number> {
  await forsakeTerminals();
  if ('exit' in status) return status.exit;
  await dieOf(status.signal);
  return 128 + status.signal;
}
