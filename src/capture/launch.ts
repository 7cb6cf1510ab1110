// Starts the wrapped command so that it finds everything as it would without loglin. Node raises the limit of open files, resets ignored
// signals, closes inherited descriptors to its children and cannot hold what is not UTF-8; the shell that started Node drops variables
// that it cannot name. bin/loglin has noted how it was (LOGLIN_WAS); a line of sh, which then becomes the command, restores it.

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Failure } from '../model/failure.ts';

/** How it was before Node: from LOGLIN_WAS, `<open files>/<ignored signals>/<descriptors>/<folder with the environment>`. */
export interface Before {
  readonly openFiles: string | undefined;
  readonly ignored: readonly number[];
  readonly descriptors: readonly number[];
  /** `NAME=value` entries as bytes; undefined where they are not known. */
  readonly environment: readonly Buffer[] | undefined;
}

/** Reads LOGLIN_WAS, and takes it out of this process' environment. */
export function before(): Before {
  const was = process.env.LOGLIN_WAS;
  delete process.env.LOGLIN_WAS;
  const [openFiles, ignoredMask = '0', descriptors = '', ...note] = was?.split('/') ?? [];
  const mask = BigInt(`0x${ignoredMask}`);
  const ignored: number[] = [];
  for (let signal = 1; signal < 32; signal++) if (mask & (1n << BigInt(signal - 1))) ignored.push(signal);
  return {
    openFiles,
    ignored,
    descriptors: descriptors.split(' ').filter(Boolean).map(Number),
    environment: note.length > 1 ? readEnvironment(note.join('/')) : undefined,
  };
}

/** @param folder that of bin/loglin's note, which is removed. */
function readEnvironment(folder: string): Buffer[] | undefined {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(path.join(folder, 'environ'));
    fs.rmSync(folder, { recursive: true });
  } catch {
    return undefined;
  }
  return split(bytes);
}

function split(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    let end = bytes.indexOf(0, at);
    if (end < 0) end = bytes.length;
    parts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return parts;
}

/** Words for a shell, of any bytes: what is not plain text goes through printf, into a variable, since `$(…)` eats newlines. */
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
 * The sh text that restores what was and then becomes the command.
 * @param environment what the command is to have beyond the environment that was.
 * @param now the environment of this process: where it is not as it was, a shell has changed it, and will again (PWD, SHLVL, …).
 */
export function prelude(
  was: Before,
  argv: readonly Buffer[],
  environment: Readonly<Record<string, string>>,
  now: NodeJS.ProcessEnv = {},
): string {
  const words = new ShellWords();
  const command = argv.map((arg) => words.word(arg)).join(' ');
  const odd: string[] = [];
  const unknown = new Set(was.environment ? Object.keys(now) : []);
  for (const entry of was.environment ?? []) {
    const name = entry.toString('latin1', 0, Math.max(0, entry.indexOf('=')));
    unknown.delete(name);
    if (name === '' || name in environment || name === 'LOGLIN_WAS') continue;
    const text = entry.toString('utf8');
    const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && Buffer.from(text).equals(entry);
    if (!plain || (now[name] ?? text.slice(name.length + 1)) !== text.slice(name.length + 1))
      odd.push(words.word(entry));
  }
  for (const name of unknown)
    if (!(name in environment) && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) odd.unshift(`-u ${name}`);
  const ignore = was.ignored.filter((signal) => signal !== 9 && signal !== 19);
  return [
    ...(was.openFiles ? [`ulimit -S -n ${was.openFiles}`] : []),
    ...(ignore.length > 0 ? [`trap '' ${ignore.join(' ')}`] : []),
    ...words.lines,
    `exec ${odd.length > 0 ? `env ${odd.join(' ')} ` : ''}${command}`,
  ].join('\n');
}

/** The command's words as bytes: Node has made U+FFFD of what is not UTF-8. */
function rawArguments(argv: readonly string[]): Buffer[] {
  if (argv.some((arg) => arg.includes('\ufffd'))) {
    try {
      const all = split(fs.readFileSync('/proc/self/cmdline'));
      return all.slice(all.length - argv.length);
    } catch {
      // No /proc: as Node has it.
    }
  }
  return argv.map((arg) => Buffer.from(arg));
}

export interface LaunchOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** stdin; as it is where none is given. */
  readonly input?: number;
  /** Where stdout and stderr go; 'inherit': where they go already. */
  readonly output: number | 'inherit';
  /** Variables on top of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly before: Before;
}

/** Starts the command; its exit and its failure to start come as the child's events. */
export function launch({ argv, cwd, input, output, environment, before: was }: LaunchOptions): ChildProcess {
  const stdio: ('inherit' | 'ignore' | number)[] = [input ?? 'inherit', output, output];
  for (const fd of was.descriptors) {
    while (stdio.length < fd) stdio.push('ignore');
    stdio[fd] = fd;
  }
  const script = prelude(was, rawArguments(argv), environment, process.env);
  return spawn('/bin/sh', ['-c', script], { cwd, stdio, env: { ...process.env, ...environment } });
}

/**
 * Makes sure that the command is there, with the words and the statuses that a shell has for it.
 * @throws Failure with 127 or 126.
 */
export function checkCommand(command: string, cwd: string): void {
  const candidates = command.includes('/')
    ? [path.resolve(cwd, command)]
    : (process.env.PATH ?? '/usr/bin:/bin').split(':').map((folder) => path.resolve(cwd, folder, command));
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
      if (error instanceof Failure) throw error;
    }
  }
  if (found) throw new Failure(`${command}: permission denied; is it executable?`, 126);
  throw new Failure(`${command}: command not found`, 127);
}
