// A temp folder for one test, and commands that are run in it to their end.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

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

  /**
   * Runs a command; the environment is the tests' own, without what a make or a loglin around them has put
   * there.
   */
  run(argv: readonly string[], changes: Changes = {}, cwd = this.folder): Outcome {
    const env: NodeJS.ProcessEnv = { ...process.env };
    for (const name of Object.keys(env))
      if (
        /^(CI$|GITHUB_ACTIONS$|LOGLIN|MAKE|MFLAGS|NODE_(?!V8_COVERAGE$)|LC_|LANG|NO_COLOR|FORCE_COLOR|CLICOLOR)/.test(
          name,
        )
      )
        env[name] = undefined;
    const ran = spawnSync(argv[0] ?? '', argv.slice(1), {
      cwd,
      env: { ...env, ...changes },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: GUARD_MS,
      maxBuffer: 2 ** 30,
    });
    if (ran.error) throw ran.error;
    const { status, signal, stdout, stderr } = ran;
    return { status, signal, stdout: stdout.toString(), stderr: stderr.toString(), bytes: stdout };
  }

  loglin(args: readonly string[], changes: Changes = {}, cwd = this.folder): Outcome {
    return this.run([LOGLIN_BIN, ...args], changes, cwd);
  }
}
