// `loglin watch`: from a write to the build's start, what it takes while nothing changes, and how soon it
// watches many files.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { LOGLIN, environment, output, percentile } from './measure.ts';
import type { Bench } from './rows.ts';
import { type Result, megabytes, milliseconds } from './table.ts';

/** A watch of `make -s`, and when its lines come. */
class Watch {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(cwd: string) {
    this.#child = spawn(
      process.execPath,
      [path.join(LOGLIN, '../../dist/main.cjs'), 'watch', '-q', 'make', '-s'],
      {
        cwd,
        env: environment(),
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    this.#lines = readline.createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Waits for a line that begins so. */
  async line(start: string): Promise<void> {
    for (;;) {
      const next = await this.#lines.next();
      if (next.done) throw new Error(`the watch ended before it said ${start}`);
      if (next.value.startsWith(start)) return;
    }
  }

  /** The processor time so far, in seconds. */
  get cpu(): number {
    const stat = fs.readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1');
    const [user = 0, sys = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return (user + sys) / 100;
  }

  /** The largest memory so far, in bytes. */
  get peak(): number {
    const status = fs.readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const kib = /VmHWM:\s+(\d+)/.exec(status)?.[1] ?? '0';
    return Number(kib) * 1024;
  }

  async end(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }
}

const BUILD = '▸ watch: ';
const WATCHING = 'watching ';

export async function watch({ folder, quick }: Bench): Promise<Result[]> {
  const small = path.join(folder, 'small');
  const large = path.join(folder, 'large');
  return [...(await changes(small, quick)), ...(await many(large, quick))];
}

async function changes(folder: string, quick: boolean): Promise<Result[]> {
  fs.mkdirSync(path.join(folder, '.loglin'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'Makefile'), 'out: in ; cp in out\n');
  fs.writeFileSync(path.join(folder, 'in'), '');
  const count = quick ? 10 : 200;
  const idle = quick ? 2 : 30;
  const watched = new Watch(folder);
  try {
    await watched.line(WATCHING);
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = performance.now();
      fs.writeFileSync(path.join(folder, 'in'), String(i));
      await watched.line(BUILD);
      times.push(performance.now() - at);
      await watched.line(WATCHING);
    }
    const before = watched.cpu;
    await new Promise((resolve) => setTimeout(resolve, idle * 1000));
    const share = ((watched.cpu - before) / idle) * 100;
    const p99 = percentile(times, 0.99);
    return [
      {
        what: "watch: from a write to the build's start",
        ours: `p50 ${milliseconds(percentile(times, 0.5))}, p99 ${milliseconds(p99)}`,
        peer: '100 ms of it: whether more comes',
        runs: count,
        goal: 'p99 ≤ 150 ms',
        met: p99 <= 150,
      },
      {
        what: `watch: processor while nothing changes, ${idle} s`,
        ours: `${share.toFixed(2)} %`,
        peer: '',
        runs: 1,
        goal: '0.0 %',
        met: share < 0.05,
      },
    ];
  } finally {
    await watched.end();
  }
}

/** The graph is known from a build before. */
async function many(folder: string, quick: boolean): Promise<Result[]> {
  const folders = quick ? 100 : 10_000;
  const files = 10;
  fs.mkdirSync(path.join(folder, '.loglin'), { recursive: true });
  const names: string[] = [];
  for (let i = 0; i < folders; i++) {
    const at = `in/${i % 100}/${i}`;
    fs.mkdirSync(path.join(folder, at), { recursive: true });
    for (let n = 0; n < files; n++) names.push(`${at}/${n}`);
  }
  for (const name of names) fs.writeFileSync(path.join(folder, name), '');
  fs.writeFileSync(path.join(folder, 'Makefile'), `out: \\\n${names.join(' \\\n')}\n\ttouch out\n`);
  output('loglin make -s', { cwd: folder });
  const runs = quick ? 1 : 5;
  const times: number[] = [];
  let peak = 0;
  for (let i = 0; i < runs; i++) {
    const begun = performance.now();
    const watched = new Watch(folder);
    try {
      await watched.line(BUILD);
      times.push(performance.now() - begun);
      await watched.line(WATCHING);
      peak = Math.max(peak, watched.peak);
    } finally {
      await watched.end();
    }
  }
  const what = `watch: ${names.length.toLocaleString('en')} inputs in ${folders.toLocaleString('en')} folders`;
  const median = percentile(times, 0.5);
  return [
    {
      what: `${what}: ready`,
      ours: milliseconds(median),
      peer: '',
      runs,
      goal: '≤ 3,000 ms',
      met: median <= 3000,
    },
    {
      what: `${what}: memory, after a build`,
      ours: megabytes(peak),
      peer: '',
      runs,
      goal: '≤ 150 MB',
      met: peak <= 150e6,
    },
  ];
}
