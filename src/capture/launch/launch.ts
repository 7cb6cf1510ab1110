// Starts the wrapped command with the state that it would have without loglin (before.ts). The C launcher
// restores that state and becomes the command. Without it a line of sh does so, less exactly.

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Failure, isFailure } from '../../model/failure.ts';
import { launcherFile } from '../package.ts';
import { type Before, splitAtNul } from './before.ts';

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
  /** stdin; by default, ours. */
  readonly input?: number;
  /** stdout and stderr; 'inherit': ours; 'pipe': a stream each of the child process. */
  readonly output: number | 'inherit' | 'pipe';
  /** Variables on top of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly before: Before;
}

/** Starts the command. The child's events report its exit, or that it could not be started. */
export function launch({ argv, cwd, input, output, environment, before: was }: LaunchOptions): ChildProcess {
  const stdio: ('inherit' | 'ignore' | 'pipe' | number)[] = [input ?? 'inherit', output, output];
  for (const fd of was.descriptors) {
    while (stdio.length < fd) stdio.push('ignore');
    stdio[fd] = fd;
  }
  const launcher = was.withoutLauncher ? undefined : launcherFile();
  const raw = rawArguments(argv);
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
  const options = { ...(cwd === undefined ? {} : { cwd }), stdio, env };
  if (launcher === undefined) {
    const words = raw ?? argv.map((arg) => Buffer.from(arg));
    return spawn('/bin/sh', ['-c', prelude(was, words, environment)], options);
  }
  if (was.noted !== undefined)
    env.LOGLIN_WAS = input === undefined ? was.noted : was.noted.replace(/\/0$/, '');
  if (raw) env.LOGLIN_ARGV = Buffer.concat(raw.flatMap((arg) => [arg, Buffer.alloc(1)])).toString('hex');
  return spawn(launcher, ['start', ...argv], options);
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
