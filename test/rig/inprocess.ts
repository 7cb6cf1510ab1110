// Runs loglin's commands in this process: a thousand of them take seconds. Keeps their output, and the files
// that they open outside their allowed folders. Properties of a process alone (its status, a trace on stderr)
// are for sandbox.ts.

import fs from 'node:fs';
import path from 'node:path';
import { type Commands } from '../../src/cli/command.ts';
import { errorText } from '../../src/cli/stderr.ts';
import { isFailure } from '../../src/model/failure.ts';

const COMMANDS: Commands = {
  show: () => import('../../src/cli/commands/show.ts'),
  ls: () => import('../../src/cli/commands/ls.ts'),
  jobs: () => import('../../src/cli/commands/jobs.ts'),
  why: () => import('../../src/cli/commands/why.ts'),
  diff: () => import('../../src/cli/commands/diff.ts'),
  grep: () => import('../../src/cli/commands/grep.ts'),
  problems: () => import('../../src/cli/commands/problems.ts'),
  time: () => import('../../src/cli/commands/time.ts'),
  path: () => import('../../src/cli/commands/path.ts'),
  export: () => import('../../src/cli/commands/export.ts'),
  import: () => import('../../src/cli/commands/import.ts'),
  gc: () => import('../../src/cli/commands/gc.ts'),
  rm: () => import('../../src/cli/commands/rm.ts'),
  completion: () => import('../../src/cli/commands/completion.ts'),
};

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly bytes: Buffer;
  readonly stderr: string;
  /** An error that is no Failure: a bug. */
  readonly bug: Error | undefined;
  /** Files that were opened or changed outside the allowed folders. */
  readonly forbiddenFiles: readonly string[];
  readonly ms: number;
}

/** Functions that take a file name as the first argument, or also as the second. */
const OPENING = [
  'openSync',
  'readFileSync',
  'writeFileSync',
  'appendFileSync',
  'createReadStream',
  'createWriteStream',
  'readdirSync',
  'mkdirSync',
  'mkdtempSync',
  'rmSync',
  'unlinkSync',
  'truncateSync',
  'chmodSync',
  'chownSync',
] as const;
const TWO = ['renameSync', 'copyFileSync', 'linkSync', 'symlinkSync'] as const;

/** System files that the program reads for reasons of its own. */
const SYSTEM = /^\/proc\/(?:\d+|self)\/(?:stat|status|cmdline)$|^\/proc\/sys\/kernel\/random\/boot_id$/;

type Anything = (...args: unknown[]) => unknown;

/**
 * Runs one command in the first of the folders.
 * @param folders the allowed folders: nothing else may be opened, whatever links lead there.
 */
export async function run(args: readonly string[], folders: readonly string[]): Promise<Ran> {
  const [name = '', ...rest] = args;
  const command = COMMANDS[name];
  if (!command) throw new Error(`no such command: ${name}`);
  const loaded = await command();
  const stdout: Buffer[] = [];
  let stderr = '';
  const outside: string[] = [];
  const roots = folders.map((folder) => fs.realpathSync(folder));
  const restore: (() => void)[] = [];
  const realpath = fs.realpathSync;
  const check = (what: unknown): void => {
    if (typeof what !== 'string' || what === '' || SYSTEM.test(what)) return;
    let real = path.resolve(what);
    try {
      real = realpath(real);
    } catch {
      try {
        real = path.join(realpath(path.dirname(real)), path.basename(real));
      } catch {
        // It does not exist.
      }
    }
    if (!roots.some((root) => real === root || real.startsWith(`${root}/`))) outside.push(what);
  };
  const replace = (holder: object, key: string, make: (old: Anything) => Anything): void => {
    const methods = holder as Record<string, Anything>;
    const old = methods[key]!;
    methods[key] = make(old.bind(holder));
    restore.push(() => {
      methods[key] = old;
    });
  };
  for (const key of OPENING)
    replace(fs, key, (old) => (first, ...others) => {
      const result = old(first, ...others);
      // A refused file was not opened.
      check(first);
      return result;
    });
  for (const key of TWO)
    replace(fs, key, (old) => (first, second, ...others) => {
      const result = old(first, second, ...others);
      check(second);
      return result;
    });
  replace(fs, 'writeSync', (old) => (fd, bytes, ...others) => {
    if (fd !== 1) return old(fd, bytes, ...others);
    const [at = 0] = others as number[];
    const taken = Buffer.from(bytes as Buffer).subarray(at);
    stdout.push(taken);
    return taken.length;
  });
  replace(process.stderr, 'write', () => (text) => {
    stderr += String(text);
    return true;
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = signals.map((signal) => process.listeners(signal));
  const cwd = process.cwd();
  process.chdir(roots[0] ?? cwd);
  const started = performance.now();
  let status = 125;
  let bug: Error | undefined;
  try {
    status = await loaded.run(rest, COMMANDS);
  } catch (error) {
    if (isFailure(error)) {
      status = error.exitStatus;
      stderr += `loglin: ${errorText(error)}\n`;
    } else bug = error instanceof Error ? error : new Error(String(error));
  } finally {
    process.chdir(cwd);
    for (const one of restore.reverse()) one();
    for (const [i, signal] of signals.entries())
      for (const listener of process.listeners(signal))
        if (!before[i]!.includes(listener)) process.removeListener(signal, listener);
  }
  const ms = performance.now() - started;
  closeThoseOf(roots);
  const bytes = Buffer.concat(stdout);
  return { status, stdout: bytes.toString(), bytes, stderr, bug, forbiddenFiles: outside, ms };
}

/** A process that ends leaves its files to the system; this one continues. */
function closeThoseOf(folders: readonly string[]): void {
  for (const name of fs.readdirSync('/proc/self/fd')) {
    let file: string;
    try {
      file = fs.readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      // That of this very listing.
      continue;
    }
    if (folders.some((folder) => file.startsWith(`${folder}/`))) fs.closeSync(Number(name));
  }
}
