// Runs a make project twice, plainly and under loglin, in the same folder and from the same files, and
// compares the results: the exit, every file (including those in which recipes noted what they saw), and each
// line of output, which must be in the record exactly once.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Build, Job } from '../../src/model/build.ts';
import { chooseBuild } from '../../src/store/builds.ts';
import { openBuild } from '../../src/store/reader.ts';
import { journalFile, logFile } from '../../src/store/layout.ts';
import { forWantOf } from './tree.ts';

export const LOGLIN = path.join(import.meta.dirname, '../../bin/loglin');

/** A guard against hanging forever, not a measurement. */
const GUARD_MS = 240_000;

/** Relative names and contents; a name that ends in ! is made executable, without the !. */
export type Files = Readonly<Record<string, string | Buffer>>;

export interface HowToRun {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  /** An sh text that ends in `exec "$@"`: limits, umask and the like. */
  readonly before?: string;
  /** Instead of make. */
  readonly command?: string;
  /** Called with the project's folder before the command. */
  readonly prepare?: (folder: string) => void;
}

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** stdout and stderr, through one FIFO, as a terminal or `2>&1 | tee` would have them. */
  readonly out: Buffer;
  /** Every file of the project afterwards, with its mode. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Recorded extends Ran {
  /** `loglin show --raw`. */
  readonly raw: Buffer;
  readonly build: Build;
  /** The jobs but the root, in launch order. */
  readonly jobs: readonly Job[];
  readonly log: (job: Job) => Buffer;
  readonly store: string;
}

/** The environment of these tests, without what a make or a loglin around them has put there. */
function cleanEnvironment(changes: HowToRun['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' };
  for (const name of Object.keys(env))
    if (/^(CI$|GITHUB_ACTIONS$|LOGLIN|MAKE|MFLAGS|NODE_)/.test(name)) env[name] = undefined;
  return { ...env, ...changes };
}

export class MakeProject {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-twin.'));
  readonly work = path.join(this.folder, 'work');
  readonly files: Files;
  #runs = 0;

  constructor(files: Files) {
    this.files = files;
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** The command as it is. */
  async plain(args: readonly string[], how: HowToRun = {}): Promise<Ran> {
    return this.#fresh([how.command ?? 'make', ...args], how);
  }

  /** The command under loglin, and its record. */
  async loglin(args: readonly string[], how: HowToRun = {}, loglin = LOGLIN): Promise<Recorded> {
    const store = path.join(this.folder, `store-${this.#runs}`);
    const ran = await this.#fresh([loglin, '--store', store, how.command ?? 'make', ...args], how);
    return { ...ran, ...readBack(store) };
  }

  async #fresh(argv: readonly string[], how: HowToRun): Promise<Ran> {
    fs.rmSync(this.work, { recursive: true, force: true });
    fs.mkdirSync(this.work);
    for (const [name, content] of Object.entries(this.files)) {
      const file = path.join(this.work, name.replace(/!$/, ''));
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, content);
      if (name.endsWith('!')) fs.chmodSync(file, 0o755);
      // All have the same old time, so that the run made whatever is newer.
      fs.utimesSync(file, 1_500_000_000, 1_500_000_000);
    }
    how.prepare?.(this.work);
    const ran = await this.run(argv, how);
    return { ...ran, files: snapshot(this.work) };
  }

  /** Runs a command in the project in its current state. */
  async run(argv: readonly string[], how: HowToRun = {}): Promise<Omit<Ran, 'files'>> {
    const number = this.#runs++;
    const fifo = path.join(this.folder, `fifo-${number}`);
    const outFile = path.join(this.folder, `out-${number}`);
    const stdinFile = path.join(this.folder, `in-${number}`);
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
    fs.writeFileSync(stdinFile, how.stdin ?? '');
    const words = how.before === undefined ? argv : ['/bin/sh', '-c', how.before, 'sh', ...argv];
    const sink = spawn('sh', ['-c', 'exec cat <"$0" >"$1"', fifo, outFile], { stdio: 'ignore' });
    const sunk = new Promise((resolve) => sink.on('exit', resolve));
    const output = fs.openSync(fifo, 'w');
    const input = how.stdin === undefined ? 'ignore' : fs.openSync(stdinFile, 'r');
    const child = spawn(words[0]!, words.slice(1), {
      cwd: this.work,
      env: cleanEnvironment(how.env),
      stdio: [input, output, output],
      timeout: GUARD_MS,
    });
    fs.closeSync(output);
    if (typeof input === 'number') fs.closeSync(input);
    const ended = await new Promise<Pick<Ran, 'code' | 'signal'>>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        resolve({ code, signal });
      });
    });
    await sunk;
    return { ...ended, out: fs.readFileSync(outFile) };
  }
}

/** The last build of a store. */
export function readBack(store: string): Pick<Recorded, 'raw' | 'build' | 'jobs' | 'log' | 'store'> {
  const shown = spawnSync(LOGLIN, ['show', '--raw', '--store', store], {
    maxBuffer: 1 << 30,
    env: cleanEnvironment({}),
  });
  assert.equal(shown.stderr.toString(), '', 'loglin show complains');
  assert.equal(shown.status, 0);
  const { build, folder, problems } = openBuild(store, chooseBuild(store));
  assert.deepEqual(problems, []);
  // Listings look at the last record alone.
  const last = fs.readFileSync(journalFile(folder), 'utf8').trimEnd().split('\n').at(-1)!;
  if (build.ended) assert.equal((JSON.parse(last) as { e: string }).e, 'close');
  const [, ...jobs] = build.jobs;
  const log = (job: Job): Buffer => fs.readFileSync(logFile(folder, job.id));
  return { raw: shown.stdout, build, jobs, log, store };
}

/** Every file below a folder, with its mode and contents. Names and contents as latin1. */
export function snapshot(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  const look = (below: string): void => {
    const at = Buffer.from(`${folder}/${below}`, 'latin1');
    for (const name of fs.readdirSync(at, { encoding: 'latin1' }).sort()) {
      const file = Buffer.concat([at, Buffer.from(name, 'latin1')]);
      const stat = fs.lstatSync(file);
      let content = '';
      if (stat.isSymbolicLink()) content = ` -> ${fs.readlinkSync(file)}`;
      else if (stat.isFile() && stat.size < 100_000) content = ` ${fs.readFileSync(file, 'latin1')}`;
      else if (stat.isFile()) content = ` ${createHash('sha1').update(fs.readFileSync(file)).digest('hex')}`;
      found.set(below + name, `${stat.mode.toString(8)}${content}`);
      if (stat.isDirectory()) look(`${below}${name}/`);
    }
  };
  look('');
  return found;
}

/** Output as lines in no particular order. Bytes, as latin1. */
export function sortedLines(out: Buffer): string[] {
  return out.toString('latin1').split('\n').sort();
}

/** The lines that are in `part` more often than in `whole`. */
function missing(part: readonly string[], whole: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of whole) counts.set(line, (counts.get(line) ?? 0) + 1);
  return part.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

/** The expectations for one job. */
export interface Expected {
  /** Its whole log, without that of the jobs below it. */
  readonly log?: string;
  /** Default: success. A number is an exit status, `-n` a signal. */
  readonly status?: number | undefined;
  readonly ignored?: boolean;
  readonly steps?: number;
}

export interface Comparison extends HowToRun {
  readonly args?: readonly string[];
  /** The -j of the runs. */
  readonly parallel?: readonly number[];
  /** The plain tool's exit status; 'any': only that loglin's is the same. */
  readonly code?: number | 'any';
  /** All jobs by name (a string is the log); not checked if missing. */
  readonly jobs?: Readonly<Record<string, Expected | string>>;
  /** Allowed differences from plain make's output. */
  readonly normalize?: (line: string) => string;
  /** The notes in the record; none by default. */
  readonly notes?: readonly string[];
  /** Files that may differ. */
  readonly ignoreFiles?: RegExp;
  readonly loglin?: string;
  /** A custom check of both runs. */
  readonly check?: (recorded: Recorded, plain: Ran, project: MakeProject) => void | Promise<void>;
}

export function expectSame(recorded: Recorded, plain: Ran, options: Comparison = {}): void {
  const clean = (out: Buffer): string[] =>
    sortedLines(out)
      .map(options.normalize ?? ((line) => line))
      .sort();
  const outputs = `\n-- plain:\n${plain.out.toString().slice(0, 3000)}\n-- raw:\n${recorded.raw.toString().slice(0, 3000)}`;
  assert.deepEqual(clean(recorded.raw), clean(plain.out), `each line exactly once${outputs}`);
  assert.deepEqual(
    { code: recorded.code, signal: recorded.signal },
    { code: plain.code, signal: plain.signal },
    `the exit status${outputs}`,
  );
  const files = (ran: Ran): Record<string, string> =>
    Object.fromEntries([...ran.files].filter(([name]) => !options.ignoreFiles?.test(name)));
  assert.deepEqual(files(recorded), files(plain), 'the files');
  const unseen = missing(clean(recorded.raw), clean(recorded.out));
  assert.deepEqual(
    unseen,
    [],
    `lines that were recorded but not shown live:\n${recorded.out.toString().slice(0, 3000)}`,
  );
  assert.deepEqual(recorded.build.notes, options.notes ?? []);
}

export function expectJobs(recorded: Recorded, wanted: NonNullable<Comparison['jobs']>): void {
  const look = (job: Job): Required<Omit<Expected, 'steps'>> => ({
    log: recorded.log(job).toString(),
    status: job.status && ('exit' in job.status ? job.status.exit : -job.status.signal),
    ignored: job.ignored,
  });
  const want = (expected: Expected | string, found: Job): ReturnType<typeof look> => {
    const given = typeof expected === 'string' ? { log: expected } : expected;
    return { log: look(found).log, status: 0, ignored: false, ...given };
  };
  assert.deepEqual(recorded.jobs.map((job) => job.name).sort(), Object.keys(wanted).sort(), 'the jobs');
  for (const job of recorded.jobs) {
    const expected = wanted[job.name]!;
    const { steps, ...rest } = typeof expected === 'string' ? { log: expected, steps: undefined } : expected;
    assert.deepEqual(look(job), want(rest, job), job.name);
    if (steps !== undefined) assert.equal(job.steps.length, steps, `the steps of ${job.name}`);
    assert.notEqual(job.ended, undefined, `${job.name} has ended`);
  }
}

/** Runs the project both ways at each -j and compares the results. */
export async function sameAsPlainMake(files: Files, options: Comparison = {}): Promise<void> {
  const project = new MakeProject(files);
  try {
    for (const parallel of options.parallel ?? [1, 4]) {
      const args = [`-j${parallel}`, ...(options.args ?? [])];
      const plain = await project.plain(args, options);
      const recorded = await project.loglin(args, options, options.loglin);
      assert.equal(
        plain.code,
        options.code === 'any' ? plain.code : (options.code ?? 0),
        `plain make's own status:\n${plain.out.toString().slice(0, 3000)}`,
      );
      expectSame(recorded, plain, options);
      if (options.jobs) expectJobs(recorded, options.jobs);
      await options.check?.(recorded, plain, project);
    }
  } finally {
    project.remove();
  }
}

/** Whether a tool is missing here: then the test is skipped, but under CI it fails instead. */
export function without(tool: string, ...args: string[]): string | false {
  if (process.env.CI) return false;
  return spawnSync(tool, args.length > 0 ? args : ['--version']).error ? forWantOf(tool) : false;
}
