// A temp folder for one test, and commands that are run in it to their end.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

export const LOGLIN_BIN = path.join(import.meta.dirname, '../../bin/loglin');

/** A guard against hanging forever, not a measurement. */
const GUARD_MS = 240_000;

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Buffer;
}

export type Changes = Readonly<Record<string, string | undefined>>;

/** The tests' own environment, without what a make or a loglin around them has put there. */
function environment(changes: Changes): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(env))
    if (
      /^(CI$|GITHUB_ACTIONS$|LOGLIN|MAKE|MFLAGS|NODE_(?!V8_COVERAGE$)|LC_|LANG|NO_COLOR|FORCE_COLOR|CLICOLOR)/.test(
        name,
      )
    )
      env[name] = undefined;
  return { ...env, ...changes };
}

export class Sandbox {
  readonly folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-test.')));

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  path(...names: string[]): string {
    return path.join(this.folder, ...names);
  }

  write(name: string, content: string | Uint8Array): string {
    const file = this.path(name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return file;
  }

  /** Runs a command to its end. */
  run(argv: readonly string[], changes: Changes = {}, cwd = this.folder): Outcome {
    const ran = spawnSync(argv[0] ?? '', argv.slice(1), {
      cwd,
      env: environment(changes),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: GUARD_MS,
      maxBuffer: 2 ** 30,
    });
    if (ran.error) throw ran.error;
    const { status, signal, stdout, stderr } = ran;
    return { status, signal, stdout: stdout.toString(), stderr: stderr.toString(), bytes: stdout };
  }

  /** Same as loglin, while the test goes on: for servers that are in it. @param child told of the process. */
  async loglinBeside(
    args: readonly string[],
    changes: Changes = {},
    child: (started: ChildProcess) => void = () => undefined,
  ): Promise<Omit<Outcome, 'bytes'>> {
    const started = spawn(LOGLIN_BIN, args, {
      cwd: this.folder,
      env: environment(changes),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: GUARD_MS,
    });
    child(started);
    const [stdout, stderr, [status, signal]] = await Promise.all([
      text(started.stdout),
      text(started.stderr),
      once(started, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    return { status, signal, stdout, stderr };
  }

  loglin(args: readonly string[], changes: Changes = {}, cwd = this.folder): Outcome {
    return this.run([LOGLIN_BIN, ...args], changes, cwd);
  }
}
