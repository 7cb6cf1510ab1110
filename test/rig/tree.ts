// A temporary project for end-to-end tests: files, commands that run in it, and what they leave behind. It
// waits for something observable (a file, an end), never for a period of time. The time limits are guards
// only.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export const LOGLIN = fileURLToPath(new URL('../../bin/loglin', import.meta.url));

/** The traces of the tests that failed. */
const TRACES = fileURLToPath(new URL('../../build/traces/', import.meta.url));

/** The first line of a makefile, which records the build's temp folder. */
export const NOTED = '$(shell echo "$$LOGLIN_BUILD" >>.builds)\n';

const GUARD_MS = 90_000;

/**
 * The reason of a test that is skipped because something is missing here that could be installed.
 * .ci/reporter.mjs counts these.
 */
export function forWantOf(...missing: readonly string[]): string {
  return `for want of ${missing.join(', ')}`;
}

/**
 * Skips a test if a tool is missing; fails under CI.
 * @returns false if there is nothing to test.
 */
export function needs(t: TestContext, ...tools: string[]): boolean {
  const missing = absent(tools);
  if (missing.length === 0) return true;
  assert.ok(!process.env.CI, forWantOf(...missing));
  t.skip(forWantOf(...missing));
  return false;
}

/** Like needs, for what is in no package that CI could install. */
export function wants(t: TestContext, ...tools: string[]): boolean {
  const missing = absent(tools);
  if (missing.length > 0) t.skip(forWantOf(...missing));
  return missing.length === 0;
}

function absent(tools: readonly string[]): string[] {
  return tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
}

/** Like needs, for what the machine must allow. */
export function skipOutsideCi(t: TestContext, why: string): void {
  assert.ok(!process.env.CI, why);
  t.skip(why);
}

/** Waits until a condition holds. */
export async function until(what: string, condition: () => boolean, guard = GUARD_MS): Promise<void> {
  for (const end = Date.now() + guard; !condition();) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** How a command ended, as `exit 2` or `SIGTERM`. */
export type End = string;

export interface Ended {
  readonly end: End;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

export interface Start {
  /** Where stdout goes: read by the test (default), or a descriptor. */
  readonly stdout?: number;
  /** stdin; nothing by default. */
  readonly stdin?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** stderr goes where stdout goes. */
  readonly merge?: boolean;
}

export class Tree {
  readonly dir: string;
  /** In the environment of all that runs here. */
  readonly mark = randomBytes(8).toString('hex');

  readonly #mounts: string[] = [];
  /** The trace of loglin's recorders; beside the tree, because tests check the tree's contents. */
  readonly #trace: string;

  constructor(files: Readonly<Record<string, string>>) {
    this.dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'loglin test ')));
    this.#trace = `${this.dir}.trace`;
    for (let at = this.dir; at !== path.dirname(at); at = path.dirname(at))
      for (const entry of ['.loglin', '.git'])
        assert.ok(!fs.existsSync(path.join(at, entry)), `${path.join(at, entry)} is in the way of this test`);
    this.write(files);
  }

  path(name: string): string {
    return path.join(this.dir, name);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
      fs.writeFileSync(this.path(name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
    }
  }

  read(name: string): string {
    return fs.readFileSync(this.path(name), 'utf8');
  }

  has(name: string): boolean {
    return fs.existsSync(this.path(name));
  }

  /** Waits for a file with a complete line in it, and returns that. */
  async line(name: string): Promise<string> {
    await until(`${name} has a line`, () => this.has(name) && this.read(name).includes('\n'));
    return this.read(name).split('\n', 1)[0]!;
  }

  async file(name: string): Promise<void> {
    await until(`${name} is there`, () => this.has(name));
  }

  /** The names in the tree, folders as `name/`, without the store. */
  contents(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const name of fs.readdirSync(this.dir, { recursive: true, encoding: 'utf8' })) {
      if (/^\.(loglin|builds|statuses|tmux)(\/|$)/.test(name)) continue;
      const stat = fs.lstatSync(this.path(name));
      if (stat.isDirectory()) found[`${name}/`] = '';
      else found[name] = stat.isFile() ? this.read(name) : 'special';
    }
    return found;
  }

  environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const env: Record<string, string> = {};
    for (const [name, value] of Object.entries(process.env))
      if (
        value !== undefined &&
        !/^(CI$|GITHUB_ACTIONS$|LOGLIN|MAKE|MFLAGS|NO_COLOR|FORCE_COLOR|CLICOLOR|npm_|INIT_CWD|NODE_(?!V8_COVERAGE$)|SUDO_|TMUX|PAGER|LESS)/.test(
          name,
        )
      )
        env[name] = value;
    // Whoever runs the tests may be a coding agent.
    const own = {
      LC_ALL: 'C.UTF-8',
      LOGLIN_AGENT: '0',
      LOGLIN_BIN: LOGLIN,
      TEST_MARK: this.mark,
      LOGLIN_TRACE: this.#trace,
    };
    return { ...env, ...own, ...more };
  }

  /** Starts a command in a session, and so a process group, of its own. */
  start(argv: readonly string[], options: Start = {}): Started {
    const out = options.stdout ?? 'pipe';
    const script = options.merge ? ['sh', '-c', 'exec "$@" 2>&1', 'sh'] : [];
    const [command = '', ...args] = [...script, ...argv];
    const child = spawn(command, args, {
      cwd: options.cwd ?? this.dir,
      env: this.environment(options.env),
      detached: true,
      stdio: [options.stdin ?? 'ignore', out, 'pipe'],
    });
    const streams: Buffer[][] = [[], []];
    child.stdout?.on('data', (bytes: Buffer) => streams[0]!.push(bytes));
    child.stderr?.on('data', (bytes: Buffer) => streams[1]!.push(bytes));
    const ended = new Promise<Ended>((resolve, reject) => {
      const guard = setTimeout(() => {
        try {
          process.kill(-child.pid!, 'SIGKILL');
        } catch {
          // It has just ended.
        }
        reject(
          new Error(`${argv.join(' ')}: does not end; so far it said:\n${streams.map(text).join('\n')}`),
        );
      }, GUARD_MS);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(guard);
        resolve({ end: signal ?? `exit ${code}`, stdout: text(streams[0]!), stderr: text(streams[1]!) });
      });
    });
    ended.catch(() => undefined);
    return { child, pid: child.pid!, ended };
  }

  run(argv: readonly string[], options: Start = {}): Promise<Ended> {
    return this.start(argv, options).ended;
  }

  sh(script: string, options: Start = {}): Promise<Ended> {
    return this.run(['bash', '-c', script], options);
  }

  loglin(...args: string[]): Promise<Ended> {
    return this.run([LOGLIN, ...args]);
  }

  /** Returns what `loglin show` prints. Fails if it complains. */
  async show(...args: string[]): Promise<string> {
    const { end, stdout, stderr } = await this.loglin('show', ...args);
    assert.equal(stderr, '');
    assert.equal(end, 'exit 0');
    return stdout;
  }

  /**
   * The temp folders of the builds that ran here, as far as they have noted them in `.builds` (see NOTED).
   */
  builds(): string[] {
    if (!this.has('.builds')) return [];
    return [...new Set(this.read('.builds').split('\n').filter(Boolean))];
  }

  /** Fails unless soon nothing started here is running any more, and no temporary file of it remains. */
  async nothingLeft(): Promise<void> {
    let left: string[] = [];
    await until('nothing is left running', () => (left = running(this.mark)).length === 0, 20_000).catch(
      () => {
        assert.deepEqual(left, [], 'left running');
      },
    );
    const builds = this.builds();
    left = [...environments(this.mark), ...builds.filter((folder) => fs.existsSync(folder))];
    assert.deepEqual(left, [], 'left in the temp folder');
  }

  /** Mounts an empty disk. @returns its path, or undefined if that is not allowed. */
  mount(name: string, options: string): string | undefined {
    const folder = this.path(name);
    fs.mkdirSync(folder);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return undefined;
    this.#mounts.push(folder);
    return folder;
  }

  /**
   * Keeps the trace in build/traces/.
   * @param test the test's name.
   * @returns the file; undefined if nothing was recorded.
   */
  keepTrace(test: string): string | undefined {
    if (!fs.existsSync(this.#trace)) return undefined;
    const kept = path.join(TRACES, `${test.replaceAll(/[^\p{L}\p{N}.-]+/gu, '-').slice(0, 80)}.trace`);
    fs.mkdirSync(TRACES, { recursive: true });
    fs.copyFileSync(this.#trace, kept);
    return kept;
  }

  remove(): void {
    for (const folder of this.#mounts) spawnSync('umount', ['-l', folder]);
    fs.rmSync(this.dir, { recursive: true, force: true });
    fs.rmSync(this.#trace, { force: true });
  }
}

function text(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString('utf8');
}

/** The processes with this mark in their environment, and those in the same process group. */
export function running(mark: string): string[] {
  const found: { line: string; group: string; marked: boolean }[] = [];
  for (const pid of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [state = '', , group = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') continue;
      const marked = fs.readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`TEST_MARK=${mark}`);
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      found.push({ line: `${pid} ${command}`, group, marked });
    } catch {
      // It has ended.
    }
  }
  const groups = new Set(found.filter(({ marked }) => marked).map(({ group }) => group));
  return found.filter(({ group }) => groups.has(group)).map(({ line }) => line);
}

/** Copies of the environment with this mark that the entry makes for Node to read. */
function environments(mark: string): string[] {
  const found: string[] = [];
  for (const folder of new Set(['/dev/shm', '/tmp', os.tmpdir()])) {
    if (!fs.existsSync(folder)) continue;
    for (const name of fs.readdirSync(folder)) {
      if (!/^loglin\.\d+\.env$/.test(name)) continue;
      const file = path.join(folder, name);
      try {
        if (fs.readFileSync(file, 'latin1').includes(mark)) found.push(file);
      } catch {
        // It belongs to another test.
      }
    }
  }
  return found;
}

/**
 * A project that is removed when the test ends, with whatever still runs in it. The trace of a test that
 * fails is kept.
 */
export function tree(t: TestContext, files: Readonly<Record<string, string>>): Tree {
  const made = new Tree(files);
  t.after(() => {
    for (const line of running(made.mark)) {
      try {
        process.kill(Number(line.split(' ', 1)[0]), 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
    // Node 20.12 and newer; its types do not have it yet.
    const kept = (t as { passed?: boolean }).passed === false ? made.keepTrace(t.name) : undefined;
    if (kept !== undefined) t.diagnostic(`trace: ${path.relative(process.cwd(), kept)}`);
    made.remove();
  });
  return made;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
