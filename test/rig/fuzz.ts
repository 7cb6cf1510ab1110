// Runs a property for many seeds, and watches time and memory. FUZZ=n runs n seeds of each test, starting
// with FUZZ_FROM, instead of the few that the suite has time for. It reports all failures instead of stopping
// at the first. SEED=n runs that seed alone.

import { Watchdog } from './watchdog.ts';

const { FUZZ, FUZZ_FROM, SEED } = process.env;

/**
 * No command takes this long on a small store, however damaged, in milliseconds. The machine may be busy with
 * other work.
 */
const MOST_MS = 20_000;

/**
 * @param count how many seeds the suite runs.
 * @param property announces through `begin` what it is about to do.
 */
export async function fuzz(
  count: number,
  property: (seed: number, begin: (what: string) => void) => Promise<void>,
): Promise<void> {
  const from = Number(FUZZ_FROM ?? 1);
  const seeds =
    SEED === undefined ? Array.from({ length: Number(FUZZ ?? count) }, (_, i) => from + i) : [Number(SEED)];
  const dog = new Watchdog(MOST_MS);
  const peaks: string[] = [];
  let most = 300;
  const failures = new Map<string, { count: number; seed: number; error: unknown }>();
  try {
    for (const seed of seeds) {
      try {
        await property(seed, (what) => {
          dog.begin(`SEED=${seed} ${what}`);
        });
      } catch (error) {
        if (FUZZ === undefined)
          throw new Error(`SEED=${seed} fails (the environment variable runs it alone)`, { cause: error });
        const key = keyOf(error);
        const known = failures.get(key);
        if (known) known.count++;
        else failures.set(key, { count: 1, seed, error });
      }
      const memory = maxMemory();
      if (memory > most + 20) {
        most = memory;
        peaks.push(`${memory} MiB at SEED=${seed}`);
      }
    }
  } finally {
    await dog.end();
  }
  if (FUZZ === undefined) return;
  const all = [...failures.values()].sort((a, b) => b.count - a.count);
  console.log(
    `${seeds.length} cases, ${all.length} kinds of failures, ${maxMemory()} MiB at most${peaks.map((peak) => `; ${peak}`).join('')}`,
  );
  for (const { count: times, seed, error } of all)
    console.log(`${times} times, SEED=${seed}:\n${describeError(error)}\n`);
  if (all.length > 0) throw new Error(`${all.length} kinds of failures`);
}

/** The peak memory of this process. */
const maxMemory = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

/** Failures of one kind come from one place. */
function keyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stack = '', cause } = error;
  const from = cause instanceof Error ? (cause.stack ?? '') : stack;
  const frames = from.split('\n').filter((line) => /^ +at /.test(line));
  return [
    from
      .split('\n', 1)[0]
      ?.replaceAll(/\d+|'[^']*'|"[^"]*"|\/\S+/g, '#')
      .slice(0, 80),
    ...frames.slice(0, 2),
  ].join('\n');
}

/** The message and its origin. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error;
  const lines = (cause instanceof Error ? (cause.stack ?? '') : (error.stack ?? '')).split('\n');
  const frames = lines.filter((line) => /^ +at .*(\/src\/|\/test\/)/.test(line)).slice(0, 5);
  return [message.slice(0, 600), ...frames].join('\n');
}
