// Tests what `loglin doctor` claims: builds of two lines in a temporary folder, recorded by this very loglin.
// Knows no tool.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Finding, Trial } from '../capture/hooks/hook.ts';
import { packageFile } from '../capture/package.ts';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import { listBuilds } from '../store/builds.ts';
import { openBuild } from '../store/reader.ts';

/** A trial that takes longer will never end. */
const GUARD_MS = 60_000;

/**
 * Variables that trials must not inherit: those of an enclosing build, and options that change what tools do.
 */
const OTHERS = /^(?:LOGLIN|MAKE|MFLAGS|NINJA_STATUS|npm_|SCONSFLAGS|REDO|LD_PRELOAD$)/;

/** Trials and their folder, which `remove` deletes. */
export class Trials {
  readonly #folder: string;
  #count = 0;

  /** @throws Failure if it cannot be made. */
  constructor() {
    try {
      this.#folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-doctor-')));
    } catch (error) {
      throw new Failure(`${os.tmpdir()}: ${reason(error)}`);
    }
  }

  /** Runs the trial of a finding, if it has one. @returns the finding that results. */
  prove(finding: Finding): Finding {
    const { trial, what } = finding;
    if (!trial || !finding.ok) return finding;
    const why = this.#objection(trial);
    if (why === undefined) return finding;
    return { ok: false, what: `${what.replace(/: .*/s, '')}: one job`, remedy: why };
  }

  /** Why the trial was not split into jobs; undefined if it was. */
  #objection({ files, argv, jobs }: Trial): string | undefined {
    const folder = path.join(this.#folder, String(this.#count++));
    const store = path.join(folder, '.loglin');
    fs.mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
    }
    const loglin = packageFile('../bin/loglin');
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OTHERS.test(name)));
    const { status, error, stdout, stderr } = spawnSync(loglin, ['--store', store, '--', ...argv], {
      cwd: folder,
      env: { ...env, LOGLIN_BIN: loglin },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: GUARD_MS,
    });
    const [last = ''] = `${stdout}${stderr}`.trim().split('\n').slice(-1);
    if (error) return `a trial of it failed: ${reason(error)}`;
    try {
      const [id] = listBuilds(store);
      if (id === undefined) return `a trial of it was not recorded: ${last}`;
      const { build, logs } = openBuild(store, id);
      logs.close();
      if (build.jobs.filter((job) => job.id !== ROOT).length >= jobs) return undefined;
      if (build.unsplit.length > 0) return build.unsplit.join('; ');
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      return failure.message;
    }
    return status === 0
      ? 'a trial of it ran, and nothing of it came here; is there something that forbids LD_PRELOAD?'
      : `a trial of it failed: ${last}`;
  }

  remove(): void {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}
