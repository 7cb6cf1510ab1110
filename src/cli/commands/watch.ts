// `loglin watch COMMAND…`: builds, and builds again when an input changes, until it is interrupted. Each
// build is one of `loglin run`, in a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import type { Command } from 'commander';
import picomatch from 'picomatch';
import { reportedInputs } from '../../capture/hooks/ninja/reported.ts';
import { packageFile } from '../../capture/package.ts';
import { dieOf } from '../../capture/signals.ts';
import { Failure } from '../../model/failure.ts';
import { escapeName } from '../../model/printable.ts';
import { listBuilds, summarise } from '../../store/builds.ts';
import { readConfig } from '../../store/config.ts';
import { fromRoot } from '../../model/shownname.ts';
import type { Place } from '../../store/place.ts';
import { makeStore } from '../../store/privatefiles.ts';
import { type EndedBuild, type Reason, type RunningBuild, WatchSession } from '../../watch/session.ts';
import { reasonLine, watchingLine } from '../../watch/words.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, recordingPlace } from '../place.ts';
import { print } from '../print.ts';
import type { ServedPage } from '../servedpage.ts';
import { warn, warnAll } from '../stderr.ts';
import { isTerminal, styleOf } from '../terminal.ts';
import { Follower } from '../watchfollower.ts';
import { addRunOptions } from './run.ts';

interface Options {
  readonly restart?: true;
  readonly clear?: true;
  readonly bell?: true;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly ignore?: readonly string[];
  readonly port?: string;
  // Those of run that matter here, too.
  readonly C?: string;
  readonly store?: string;
  readonly tui?: true;
  readonly json?: true;
  readonly ascii?: true;
}

const several = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** The command, and the names of the options that `loglin run` does not have. */
function command(): [cmd: Command, own: ReadonlySet<string>] {
  const own = newCommand('watch', 'Runs a command, and again whenever a file changes that its build reads.')
    .option('--restart', 'interrupt a running build when an input changes')
    .option('--clear', 'clear the screen before each build')
    .option('--on-success <command>', 'run this in a shell after each build that succeeded')
    .option('--on-failure <command>', 'run this in a shell after each build that failed')
    .option('--bell', 'ring the bell after each build that failed')
    .option('--ignore <pattern>', 'changes of such files start no build; can be repeated', several)
    .option('--port <port>', 'serve the page and the feed of changes at this port; 0 takes a free one');
  const names = new Set(own.options.map(({ long }) => long ?? ''));
  const cmd = addRunOptions(own)
    .helpOption('-h, --help', 'show this help')
    .addHelpText(
      'after',
      `\nOptions that run does not have: ${[...names].join(' ')}\n\nExamples:\n  loglin watch make -j4\n  loglin watch --clear --bell ninja\n  loglin watch --on-success './server --once' make server\n`,
    );
  return [cmd, names];
}

export async function run(args: readonly string[]): Promise<number> {
  const [cmd, own] = command();
  return parse(cmd, args, () => watch(cmd.opts<Options>(), cmd.args, runOptions(cmd, own, args)));
}

/** The options that are for `loglin run`, as they were given. */
function runOptions(cmd: Command, own: ReadonlySet<string>, args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < args.length && args[i]!.startsWith('-') && args[i] !== '--'; i++) {
    const [name = ''] = args[i]!.split('=', 1);
    const option = cmd.options.find(({ short, long }) => args[i] === short || args[i] === long);
    const words = option?.required ? args.slice(i, i + 2) : [args[i]!];
    i += words.length - 1;
    // The folder is changed here.
    if (!own.has(name) && !name.startsWith('-C')) kept.push(...words);
  }
  return kept;
}

async function watch(options: Options, argv: readonly string[], passed: readonly string[]): Promise<number> {
  if (options.tui) throw new Failure('--tui: a watch has no browser; loglin tui shows each build');
  if (argv.length === 0) throw new Failure('watch what? loglin watch --help');
  if (options.C !== undefined) enter(options.C);
  const folder = currentFolder();
  const place = recordingPlace(folder, options.store);
  const watched = new Watch(options, argv, passed, place, fromRoot(place.root, fs.realpathSync(folder)));
  return watched.run();
}

function enter(folder: string): void {
  try {
    process.chdir(folder);
  } catch {
    throw new Failure(`-C ${path.resolve(currentFolder(), folder)}: no such folder`);
  }
}

/** loglin's own failures: nothing that changes in a project mends them. */
const HOPELESS: ReadonlySet<number> = new Set([125, 126, 127]);

/** V8's flags for little memory, and as they are otherwise: compiled code is kept for the same flags only. */
const TIDY = [
  ['--heap-growing-percent=10', '--heap-growing-percent=0'],
  ['--semi-space-growth-factor=1', '--semi-space-growth-factor=2'],
] as const;

class Watch {
  readonly #options: Options;
  readonly #argv: readonly string[];
  readonly #passed: readonly string[];
  readonly #place: Place;
  readonly #session: WatchSession;
  readonly #follower = new Follower();
  #terminal = false;
  #builds = 0;
  #child: ChildProcess | undefined;
  #status = 0;
  #signal: NodeJS.Signals | undefined;

  constructor(
    options: Options,
    argv: readonly string[],
    passed: readonly string[],
    place: Place,
    cwd: string,
  ) {
    this.#options = options;
    this.#argv = argv;
    this.#passed = passed;
    this.#place = place;
    const config = readConfig(place);
    warnAll(config.errors);
    const patterns = [...config.watchIgnore, ...(options.ignore ?? [])];
    const ignored = patterns.length === 0 ? () => false : picomatch(patterns, { dot: true });
    this.#session = new WatchSession({
      place,
      argv,
      cwd,
      restart: options.restart ?? false,
      ignored,
      reported: (tool, folder, words) => (tool === 'ninja' ? reportedInputs(folder, words) : undefined),
      build: (reason) => this.#build(reason),
      watching: (files) => {
        this.#afterBuild(files);
      },
      warn,
    });
  }

  async run(): Promise<number> {
    // It stays for hours, and reads a graph after each build, which would leave twice its size behind.
    for (const [flag] of TIDY) v8.setFlagsFromString(flag);
    this.#terminal = await isTerminal(1);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        this.#stop(signal);
      });
    const page = await this.#servePage();
    await this.#session.run();
    await this.#follower.end();
    await page?.close();
    for (const [, before] of TIDY) v8.setFlagsFromString(before);
    if (this.#signal === undefined) return this.#status;
    const number = os.constants.signals[this.#signal];
    await dieOf(number);
    return 128 + number;
  }

  async #servePage(): Promise<ServedPage | undefined> {
    if (this.#options.port === undefined) return undefined;
    const { portOf, servePage } = await import('../servedpage.ts');
    const port = portOf(this.#options.port);
    makeStore(this.#place.store);
    const page = await servePage(this.#place.store, port, '127.0.0.1');
    this.#say(page.address);
    return page;
  }

  /** The terminal sends SIGINT to the build as well; other signals come to us alone. */
  #stop(signal: NodeJS.Signals): void {
    this.#signal ??= signal;
    if (signal !== 'SIGINT') this.#child?.kill(signal);
    this.#session.stop();
  }

  /** A line of ours, between the builds'. */
  #say(line: string): void {
    const text = `${escapeName(line)}\n`;
    // In NDJSON it would be no record.
    if (this.#options.json) process.stderr.write(text);
    else print(text);
  }

  #build({ changes, targets }: Reason): RunningBuild {
    const ended = this.#follower.end().then(() => this.#start(changes, targets));
    return {
      ended,
      interrupt: () => this.#child?.kill('SIGTERM'),
    };
  }

  async #start(changes: Reason['changes'], targets: number | undefined): Promise<EndedBuild> {
    const { store } = this.#place;
    const before = new Set(listBuilds(store));
    if (this.#options.clear && this.#terminal) print('\x1b[H\x1b[2J\x1b[3J');
    const { ascii } = styleOf(undefined, this.#options.ascii ?? false, this.#terminal);
    this.#say(reasonLine(changes, targets, ascii));
    const child = spawn(packageFile('../bin/loglin'), ['run', ...this.#passed, '--', ...this.#argv], {
      stdio: 'inherit',
    });
    this.#child = child;
    const { status, signal } = await new Promise<{ status: number | null; signal: NodeJS.Signals | null }>(
      (resolve) => {
        child.on('exit', (code, by) => {
          resolve({ status: code, signal: by });
        });
        child.on('error', (error) => {
          warn(error.message);
          resolve({ status: 126, signal: null });
        });
      },
    );
    this.#child = undefined;
    this.#status = status ?? 128 + (signal ? os.constants.signals[signal] : 0);
    this.#builds++;
    const id = this.#recorded(before);
    return { id, hopeless: this.#builds === 1 && id === undefined && HOPELESS.has(this.#status) };
  }

  /** The build that was recorded since: another one may have been started elsewhere at the same time. */
  #recorded(before: ReadonlySet<string>): string | undefined {
    const { store } = this.#place;
    return listBuilds(store)
      .filter((id) => !before.has(id))
      .find((id) => {
        const { started } = summarise(store, id);
        return started && !started.inside && started.argv.join('\0') === this.#argv.join('\0');
      });
  }

  #afterBuild(files: number): void {
    const { bell, onSuccess, onFailure } = this.#options;
    if (this.#builds === 1 && !this.#session.graphed && this.#signal === undefined)
      warn('no graph tells what this build reads: all files count that git does not ignore');
    this.#say(watchingLine(files));
    if (this.#signal !== undefined) return;
    if (this.#status !== 0 && bell && this.#terminal) print('\x07');
    const command = this.#status === 0 ? onSuccess : onFailure;
    if (command !== undefined) this.#follower.start(command);
  }
}
