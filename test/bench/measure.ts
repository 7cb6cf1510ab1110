// Running and timing. Everything is a ratio of two commands that were run in turns, so that what else the
// machine does hits both.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** The checkout: this file runs from build/test/bench/. */
export const ROOT = path.resolve(import.meta.dirname, '../..');
export const LOGLIN = path.join(ROOT, 'bin/loglin');

/** One run: seconds by the clock, and of the processor (0 where that was not asked for). */
export interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Two commands, run in turns. */
export interface Pairs {
  readonly ours: readonly Sample[];
  readonly peer: readonly Sample[];
}

/**
 * What the measured commands find: no loglin or make around them, no locale that would change their text, and
 * no certificates, which each Node would read for 70 ms, so that all ratios would look better.
 */
export function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env))
    if (!/^(LOGLIN|MAKE|MFLAGS|npm_|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|FORCE_COLOR|NO_COLOR|LC_ALL)/.test(name))
      env[name] = value;
  const PATH = `${path.dirname(LOGLIN)}:${process.env.PATH ?? '/usr/bin:/bin'}`;
  // Whoever measures may be a coding agent.
  return { ...env, PATH, LC_ALL: 'C.UTF-8', LOGLIN_AGENT: '0', ...extra };
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process that runs the script, right after its start. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs a line of sh; its output, if it does not say otherwise, goes nowhere. @throws when it fails. */
export async function run(script: string, { cwd, env, started }: RunOptions): Promise<Sample> {
  const start = process.hrtime.bigint();
  const child = spawn('/bin/sh', ['-c', `{ ${script}\n}; status=$?; times >&3; exit $status`], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  started?.(child);
  let times = '';
  let errors = '';
  child.stdio[3]?.on('data', (bytes: Buffer) => (times += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (errors = (errors + bytes.toString()).slice(-2000)));
  let wall = 0;
  child.on('exit', () => (wall = Number(process.hrtime.bigint() - start) / 1e9));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', reject);
  });
  if (code !== 0) throw new Error(`status ${String(code)}: ${script}\n${errors}`);
  let cpu = 0;
  for (const [, minutes, seconds] of times.matchAll(/(\d+)m([\d.]+)s/g))
    cpu += 60 * Number(minutes) + Number(seconds);
  return { wall, cpu };
}

/** Runs a program with nothing around it; its output goes nowhere. @throws when it fails. */
export function runBare(file: string, args: readonly string[], { cwd, env }: RunOptions): Sample {
  const options = { cwd, env: environment(env), stdio: 'ignore' } as const;
  const start = process.hrtime.bigint();
  const { status } = spawnSync(file, args, options);
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`status ${String(status)}: ${file} ${args.join(' ')}`);
  return { wall, cpu: 0 };
}

/** What a line of sh prints. @throws when it fails. */
export function output(script: string, { cwd, env }: RunOptions): string {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], {
    cwd,
    env: environment(env),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`status ${String(status)}: ${script}\n${stderr}`);
  return stdout;
}

type Action = () => Sample | Promise<Sample>;

/** Runs both `count` times in turns, the one that goes first taking turns too. */
export async function inTurns(count: number, ours: Action, peer: Action): Promise<Pairs> {
  const pairs = { ours: [] as Sample[], peer: [] as Sample[] };
  for (let i = 0; i < count; i++)
    for (const side of i % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const))
      pairs[side].push(await (side === 'ours' ? ours : peer)());
  return pairs;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}

/** Of each pair, how many times the peer ours took. */
export function ratios(pairs: Pairs, of: keyof Sample = 'wall'): Spread {
  return spread(pairs.ours.map((sample, i) => sample[of] / pairs.peer[i]![of]));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/**
 * Follows the peak memory of a process until it ends. The number of the process is in a file that need not be
 * there yet.
 * @returns what stops it and gives the peak, in bytes.
 */
export function followPeak(pidFile: string): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const pid = fs.readFileSync(pidFile, 'utf8').trim();
      const kib = /VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      peak = Math.max(peak, Number(kib ?? 0) * 1024);
    } catch {
      // Not started, or over.
    }
  }, 20);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
