// Starts the wrapped command with the state that it would have without loglin (before.ts). The C launcher
// restores that state and becomes the command; the attendant does that for us, if there is one. Without the
// launcher a line of sh does so, less exactly.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Failure, isFailure } from '../../model/failure.ts';
import { launcherFile } from '../package.ts';
import { Attendant, type Channels } from './attendant.ts';
import { type Before, splitAtNul } from './before.ts';
import { type Started, startedByNode } from './started.ts';

/**
 * Quotes words of any bytes for a shell. A word that is not UTF-8 is printed by printf into a variable, with
 * a dot at its end, since `$(…)` drops trailing newlines.
 */
class ShellWords {
  readonly lines: string[] = [];
  #count = 0;

  word(bytes: Buffer): string {
    const text = bytes.toString('utf8');
    if (Buffer.from(text).equals(bytes)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
    const name = `ll_word${this.#count++}`;
    const octal = [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    this.lines.push(`${name}=$(printf '${octal}.')`);
    return `"\${${name}%.}"`;
  }
}

/**
 * The sh script that restores the state and then becomes the command.
 * @param environment variables that loglin adds for the command; they take precedence over those that are
 *   restored.
 */
export function prelude(
  was: Before,
  argv: readonly Buffer[],
  environment: Readonly<Record<string, string>>,
): string {
  const words = new ShellWords();
  const command = argv.map((arg) => words.word(arg)).join(' ');
  const changed: string[] = [];
  for (const { name, entry } of was.environment) {
    if (name in environment || name === '') continue;
    if (entry) changed.push(words.word(entry));
    else if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) changed.unshift(`-u ${name}`);
  }
  const ignore = was.ignored.filter((signal) => signal !== 9 && signal !== 19);
  return [
    ...(was.openFiles ? [`ulimit -S -n ${was.openFiles}`] : []),
    ...(ignore.length > 0 ? [`trap '' ${ignore.join(' ')}`] : []),
    ...words.lines,
    `exec ${changed.length > 0 ? `env ${changed.join(' ')} ` : ''}${command}${was.stdinClosed ? ' <&-' : ''}`,
  ].join('\n');
}

/**
 * The command's words as bytes, if Node has replaced bytes that are not UTF-8 by U+FFFD; undefined if Node's
 * words are right.
 */
function rawArguments(argv: readonly string[]): Buffer[] | undefined {
  if (!argv.some((arg) => arg.includes('\ufffd'))) return undefined;
  try {
    const all = splitAtNul(fs.readFileSync('/proc/self/cmdline'));
    return all.slice(all.length - argv.length);
  } catch {
    // No /proc: Node's words have to do.
    return undefined;
  }
}

export interface LaunchOptions {
  readonly argv: readonly string[];
  readonly cwd: string | undefined;
  /** A file for stdin; by default, ours. */
  readonly input?: string | undefined;
  /** A file for stdout and stderr; by default, ours. */
  readonly output?: string;
  /** Variables on top of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly before: Before;
  readonly attendant: Attendant | undefined;
}

/** Starts the command. @throws if that fails at once. */
export function launch(options: LaunchOptions): Started {
  const { cwd, input, output, environment, attendant } = options;
  if (attendant) return attendant.start({ cwd, input, output, environment });
  const opened: number[] = [];
  const open = (file: string | undefined, flags: number): number | 'inherit' => {
    if (file === undefined) return 'inherit';
    const fd = fs.openSync(file, flags);
    opened.push(fd);
    return fd;
  };
  try {
    const stdin = open(input, fs.constants.O_RDONLY);
    const stdout = open(output, fs.constants.O_WRONLY);
    return spawnIt(options, [stdin, stdout, stdout]);
  } finally {
    for (const fd of opened) fs.closeSync(fd);
  }
}

/** Starts an attendant for a command; undefined where that is not possible. */
export function startAttendant(
  argv: readonly string[],
  was: Before,
  channels: Channels | undefined,
): Attendant | undefined {
  const launcher = was.withoutLauncher ? undefined : launcherFile();
  if (launcher === undefined || channels === undefined) return undefined;
  const standard = ['inherit', 'inherit', 'inherit'] as const;
  const env = withNotes({ ...process.env }, was.noted, rawArguments(argv));
  return new Attendant(channels, launcher, argv, withDescriptors(standard, was), env);
}

function spawnIt(
  { argv, cwd, input, environment, before: was }: LaunchOptions,
  standard: readonly ('inherit' | number)[],
): Started {
  const launcher = was.withoutLauncher ? undefined : launcherFile();
  const raw = rawArguments(argv);
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
  const options = { ...(cwd === undefined ? {} : { cwd }), stdio: withDescriptors(standard, was), env };
  if (launcher === undefined) {
    const words = raw ?? argv.map((arg) => Buffer.from(arg));
    return startedByNode(spawn('/bin/sh', ['-c', prelude(was, words, environment)], options));
  }
  withNotes(env, input === undefined ? was.noted : was.noted?.replace(/\/0$/, ''), raw);
  return startedByNode(spawn(launcher, ['start', ...argv], options));
}

/** The descriptors of a process with those that the command was to have. */
function withDescriptors(
  standard: readonly ('inherit' | number)[],
  { descriptors }: Before,
): ('inherit' | 'ignore' | number)[] {
  const stdio: ('inherit' | 'ignore' | number)[] = [...standard];
  for (const fd of descriptors) {
    while (stdio.length < fd) stdio.push('ignore');
    stdio[fd] = fd;
  }
  return stdio;
}

/** Adds to an environment what the launcher needs. */
function withNotes(
  env: NodeJS.ProcessEnv,
  noted: string | undefined,
  raw: readonly Buffer[] | undefined,
): NodeJS.ProcessEnv {
  if (noted !== undefined) env.LOGLIN_WAS = noted;
  if (raw) env.LOGLIN_ARGV = Buffer.concat(raw.flatMap((arg) => [arg, Buffer.alloc(1)])).toString('hex');
  return env;
}

/**
 * Checks that the command exists and is executable.
 * @throws Failure with a shell's message and exit status, 127 or 126.
 */
export function checkCommand(command: string, cwd: string): void {
  // path.resolve() would fail if the current folder is gone.
  const at = (file: string): string => (path.isAbsolute(file) ? file : path.join(cwd, file));
  const candidates = command.includes('/')
    ? [at(command)]
    : (process.env.PATH ?? '/usr/bin:/bin').split(':').map((folder) => path.join(at(folder), command));
  let found = false;
  for (const file of candidates) {
    try {
      if (!fs.statSync(file).isFile()) {
        if (command.includes('/')) throw new Failure(`${command}: is not a program`, 126);
        continue;
      }
      found = true;
      fs.accessSync(file, fs.constants.X_OK);
      return;
    } catch (error) {
      if (isFailure(error)) throw error;
    }
  }
  if (found) throw new Failure(`${command}: permission denied; is it executable?`, 126);
  throw new Failure(`${command}: command not found`, 127);
}
