// `loglin <command>`: wraps a build, shows it live, and ends as it ended.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import type { Command } from 'commander';
import { findChannels } from '../../capture/launch/attendant.ts';
import { before as readBefore } from '../../capture/launch/before.ts';
import { checkCommand, startAttendant } from '../../capture/launch/launch.ts';
import { Session } from '../../capture/session.ts';
import { dieOf } from '../../capture/signals.ts';
import type { Status } from '../../model/events.ts';
import { Failure, isFailure } from '../../model/failure.ts';
import { nearest } from '../../model/nearest.ts';
import type { Place } from '../../store/place.ts';
import type { Style, ViewOptions } from '../../render/renderers.ts';
import { type AgentOptions, addAgentOptions, budgetOf, forAgent } from '../agent.ts';
import { asksOnly } from '../asksonly.ts';
import { removeOldBuilds } from '../autogc.ts';
import { pushAtEnd } from '../autopush.ts';
import { addStoreOption } from '../buildoptions.ts';
import { ciOutput, isCiOff } from '../ci.ts';
import {
  type Commands,
  type LogOptions,
  addLogOptions,
  newCommand,
  optional,
  orderOption,
  parse,
} from '../command.ts';
import { withHideSilent } from '../hidesilent.ts';
import { LogFiles } from '../logfiles.ts';
import { type DisplaySetting, type Running, displayLive } from '../livedisplay.ts';
import { currentFolder, recordingPlace } from '../place.ts';
import { type Launched, runPlain } from '../plainrun.ts';
import { errorText, warn } from '../stderr.ts';
import { REPORTS, reportTo, writeReports } from '../reports.ts';
import { checkTerminal, isPipe, isTerminal, styleOf } from '../terminal.ts';

interface Options extends LogOptions, AgentOptions {
  readonly target?: string;
  readonly C?: string;
  readonly strict?: true;
  readonly plan?: true;
  readonly tui?: true;
  readonly store?: string;
  readonly status?: string | boolean;
  readonly heartbeat?: string;
  readonly hooks: string | boolean;
  readonly forceColor: boolean;
  readonly log?: readonly string[];
  readonly report?: readonly string[];
}

const several = (value: string, before: readonly string[] = []): string[] => [...before, value];

function command(): Command {
  const cmd = addRunOptions(
    newCommand('run', 'Runs a command, records each job, and prints the output of the jobs depth first.'),
  );
  return cmd.addHelpText(
    'after',
    '\nExamples:\n  loglin make -j16\n  loglin --prefix make -j16 2>&1 | grep warning\n  loglin -t docs ./build-docs.sh\n',
  );
}

/** Adds the command that is run, and all options for that. */
export function addRunOptions(cmd: Command): Command {
  cmd
    .usage('[options] <command> [args…]')
    .argument('<command...>')
    .passThroughOptions()
    .option('-t, --target <name>', 'name the root job; inside a build: name the new job')
    .option('--once', 'inside a build: run the job once; after that, only link to it')
    .option('-C <dir>', 'run in this folder')
    .option('--strict', 'never print out of order; wait instead')
    .option(
      '--plan',
      "read make's graph first, so that even the first build is in the order of the prerequisites; costs one more parse",
    )
    .option('--tui', 'show the build in the browser; the command reads from /dev/null')
    .option('-q, --quiet', 'print only the failure report')
    .option('-o, --log <file>', 'write the log also into this file, as into a pipe; can be repeated', several)
    .option('--report <file>', `${REPORTS}; can be repeated`, several)
    .addOption(optional('--status [rows]', 'show a status line of several rows, a job in each', '5'))
    .option('--no-status', 'do not show the status line')
    .option(
      '--heartbeat <seconds>',
      'after so much silence, say on stderr that the build is alive; in CI, this is on',
    )
    .addOption(
      optional(
        '--no-hooks [tools]',
        'do not split the build into jobs, or not for these tools: --no-hooks=make',
        'all',
      ),
    )
    .option('--no-force-color', 'do not make programs use colours');
  addAgentOptions(cmd, 'print a summary for a coding agent instead of the log; the default under one');
  cmd.option('--no-agent', 'print the log, also under a coding agent');
  return addStoreOption(addLogOptions(cmd));
}

/** After this many milliseconds a build is long enough for V8's flags to matter. */
const LONG_MS = 50;

/** V8's flags while a long build runs, and their defaults. */
const LONG_BUILD: readonly (readonly [string, string])[] = [
  // The code cache is to have what the start has used, too.
  ['--no-flush-bytecode', '--flush-bytecode'],
  // Node 20's V8 optimizes functions so early that in builds of some thousand jobs this takes a third of
  // loglin's own time, which the build then lacks. Later versions optimize later.
  ...(process.versions.v8.startsWith('11.')
    ? [['--interrupt-budget=600000', '--interrupt-budget=67584'] as const]
    : []),
];

/**
 * Sets V8's flags while an action runs that takes long. Afterwards they are as before, since code that was
 * kept is only for the same flags (codecache.ts).
 */
async function withFlags<T>(action: () => Promise<T>): Promise<T> {
  const changed: string[] = [];
  const timer = setTimeout(() => {
    for (const [flag, before] of LONG_BUILD) {
      v8.setFlagsFromString(flag);
      changed.push(before);
    }
  }, LONG_MS);
  try {
    return await action();
  } finally {
    clearTimeout(timer);
    for (const flag of changed) v8.setFlagsFromString(flag);
  }
}

export async function run(args: readonly string[], all: Commands): Promise<number> {
  const before = readBefore();
  const channels = findChannels();
  const cmd = command();
  return parse(cmd, args, async () => {
    const attendant = startAttendant(cmd.args, before, channels);
    try {
      return await wrap(cmd.opts<Options>(), cmd.args, { before, attendant }, Object.keys(all));
    } finally {
      attendant?.close();
    }
  });
}

async function wrap(
  options: Options,
  argv: readonly string[],
  launched: Launched,
  commands: readonly string[],
): Promise<number> {
  if (options.C !== undefined && !fs.statSync(options.C, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(`-C ${path.resolve(currentFolder(), options.C)}: no such folder`);
  const [program] = argv;
  if (program === undefined) throw new Failure('run what? loglin run --help');
  checkProgram(program, options.C ?? '.', commands);
  const reports = (options.report ?? []).map(reportTo);
  const unrecorded = async (files: LogFiles, why?: string): Promise<number> => {
    if (why !== undefined) warn(`${why}; the build runs unrecorded`);
    for (const { file } of reports) warn(`${file}: there is no report of what is not recorded`);
    return endAs(await runPlain(argv, options.C, launched, files.outputs));
  };
  if (asksOnly(argv)) return unrecorded(new LogFiles(options.log));
  if (options.plan && !/^g?make$/.test(path.basename(program)))
    throw new Failure(`--plan ${program}: only for make: anything else would have to be run twice`);
  if (options.tui) await checkTerminal();
  const terminal = await isTerminal(1);
  const display = displayOptions(options, terminal);
  const order = orderOption(options) ?? 'needs';
  const files = new LogFiles(options.log);
  const ci = options.tui || display.agentBudget !== undefined ? undefined : await ciOutput(options, false);
  let session: Session;
  let place: Place;
  try {
    place = placeFor(options);
    session = openSession(options, argv, launched, place, terminal && display.style.colour);
  } catch (error) {
    return unrecorded(files, errorText(error));
  }
  if (place.unwritable !== undefined)
    warn(`${place.unwritable}: cannot be written; the build is kept in ${place.store}`);
  const view = await withHideSilent(options, session.build, place);
  const setting = {
    place,
    terminal,
    order,
    strict: options.strict ?? false,
    named: options.target !== undefined,
    suspends: !launched.before.ignored.includes(os.constants.signals.SIGTSTP),
    ci,
    ...display,
  };
  const status = await withFlags(() => showBuild(session, view, options, files, setting));
  await writeReports(session, status, reports, place, !isCiOff(options));
  session.logs.close();
  await pushAtEnd(place, session.id, status);
  await removeOldBuilds(place);
  return endAs(status);
}

/** Where the build is recorded. @throws Failure if that cannot be found. */
function placeFor({ C: folder, store }: Options): Place {
  return recordingPlace(workingFolder(folder), store);
}

const workingFolder = (folder: string | undefined): string =>
  fs.realpathSync(folder === undefined ? currentFolder() : path.resolve(currentFolder(), folder));

/** @throws any error that prevents a recording. */
function openSession(
  options: Options,
  argv: readonly string[],
  launched: Launched,
  place: Place,
  coloured: boolean,
): Session {
  return new Session({
    place,
    argv,
    cwd: workingFolder(options.C),
    ...(options.target === undefined ? {} : { name: options.target }),
    ...launched,
    hooked: (tool) => tool === 'nested' || hooked(options.hooks, tool),
    noInput: options.tui ?? false,
    plan: options.plan ?? false,
    coloured: coloured && options.forceColor,
  });
}

/** Runs the session and shows it. @returns how the command ended. */
async function showBuild(
  session: Session,
  view: ViewOptions,
  options: Options,
  files: LogFiles,
  setting: Omit<DisplaySetting, 'copies'>,
): Promise<Status> {
  const { terminal, agentBudget, ci, place, style } = setting;
  // Only then stdout gets what it would get in a pipe.
  const same = !terminal && !view.quiet && !ci && agentBudget === undefined;
  const copies = same ? files.outputs : [];
  const display = (run: Running): Promise<Status> => displayLive(session, run, view, { ...setting, copies });
  const show = (run: Running): Promise<Status> =>
    options.tui ? runInBrowser(session, run, place, style, display) : display(run);
  if (same) return show(files.copied((observer) => session.run(observer)));
  const { quiet: _, ...whole } = view;
  const piped = {
    ...setting,
    ci: undefined,
    terminal: false,
    style: styleOf(options.color, options.ascii ?? false, false),
  };
  return files.played(session, whole, piped, show);
}

type DisplayOptions = Pick<DisplaySetting, 'style' | 'heartbeat' | 'statusRows' | 'piped' | 'agentBudget'>;

/** What the options say of the display. @throws Failure if they are wrong. */
function displayOptions(options: Options, terminal: boolean): DisplayOptions {
  const agent = !options.tui && forAgent(options);
  const rows = options.status === false ? 0 : (wholeNumber('--status', options.status) ?? 1);
  return {
    style: styleOf(agent ? 'never' : options.color, options.ascii ?? false, terminal),
    heartbeat: wholeNumber('--heartbeat', options.heartbeat),
    statusRows: agent ? 0 : rows,
    piped: typeof options.status !== 'string' && isPipe(1),
    agentBudget: agent ? budgetOf(options) : undefined,
  };
}

/** The number that an option was given. @throws Failure where it is none. */
function wholeNumber(option: string, word: string | true | undefined): number | undefined {
  if (word === undefined || word === true) return undefined;
  if (!/^\d{1,6}$/.test(word)) throw new Failure(`${option}=${word}: want a whole number`);
  return Number(word);
}

/** @returns how the command ended; in plain output, if the browser was left before. */
async function runInBrowser(
  session: Session,
  run: Running,
  place: Place,
  style: Style,
  display: (run: Running) => Promise<Status>,
): Promise<Status> {
  const { runUnderBrowser } = await import('../underbrowser.ts');
  const under = await runUnderBrowser(session, run, place, style);
  if ('detached' in under) return display(under.detached);
  const { printLastWords } = await import('../lastwords.ts');
  if (under.visible) await printLastWords(session, under.ended.status, place, style);
  return under.ended.status;
}

/** @throws Failure if there is no such program; it suggests what was probably meant. */
function checkProgram(program: string, folder: string, commands: readonly string[]): void {
  try {
    checkCommand(program, folder);
  } catch (error) {
    if (!isFailure(error) || error.exitStatus !== NOT_FOUND) throw error;
    throw new Failure(`${error.message}${meant(program, commands)}`, NOT_FOUND);
  }
}

const NOT_FOUND = 127;

/** What other tools call our commands. */
const ELSEWHERE: readonly (readonly [string, readonly string[]])[] = [
  ['show', ['log', 'logs', 'view', 'print', 'last', 'replay']],
  ['ls', ['list', 'builds', 'history', 'runs']],
  ['jobs', ['targets', 'tasks', 'status', 'ps']],
  ['problems', ['errors', 'warnings', 'diagnostics']],
  ['time', ['stats', 'profile', 'timing', 'timings', 'analyze']],
  ['grep', ['search']],
  ['why', ['explain']],
  ['tui', ['ui', 'browse']],
  ['gc', ['clean', 'prune']],
  ['rm', ['remove', 'delete']],
];

function meant(program: string, commands: readonly string[]): string {
  if (/^\S+\s/.test(program)) return `; without the quotes: loglin ${program.trim()}`;
  const ours = ELSEWHERE.find(([, names]) => names.includes(program))?.[0];
  if (ours !== undefined) return `; did you mean loglin ${ours}?`;
  const [near] = nearest(program, commands).filter((name) => name.startsWith(program[0] ?? ''));
  return near === undefined || program.length < 2 ? '' : `; did you mean loglin ${near}?`;
}

/** `--no-hooks` and `--no-hooks=make,ninja`. */
function hooked(hooks: string | boolean, tool: string): boolean {
  if (typeof hooks === 'boolean') return hooks;
  return !hooks.split(',').some((word) => word === tool || word === 'all');
}

/** Ends loglin as the command ended: by the same signal, if it was one. */
async function endAs(status: Status): Promise<number> {
  if ('exit' in status) return status.exit;
  await dieOf(status.signal);
  return 128 + status.signal;
}
