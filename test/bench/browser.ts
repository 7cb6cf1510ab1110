// The browser, as who sits before it has it: from the write of a key to the last byte of the repaint, through
// a pseudo-terminal. And what it takes of the machine meanwhile.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { LOGLIN, environment, percentile, spread } from './measure.ts';
import { LAST_LINE, recordedBuild } from './projects.ts';
import { Terminal, compilePty } from './pty.ts';
import type { Bench } from './rows.ts';
import { type Result, megabytes, milliseconds } from './table.ts';

const SIZE = { columns: 200, rows: 50 };
/** Bytes of each log but the last. */
const EACH = 1000;
const ESCAPE = '\x1b';
const ENTER = '\r';

/** Opens the browser, and other programs to compare with, in a folder. */
type Open = (...command: readonly string[]) => Terminal;

export async function browser({ folder, quick }: Bench): Promise<Result[]> {
  const pty = compilePty(folder);
  const large = path.join(folder, 'large');
  const follow = path.join(folder, 'follow');
  const blocks = path.join(folder, 'blocks');
  for (const project of [large, follow, blocks])
    fs.mkdirSync(path.join(project, '.loglin'), { recursive: true });
  const jobs = quick ? 10_000 : 100_000;
  const last = quick ? 90e6 : 900e6;
  recordedBuild(path.join(large, '.loglin'), jobs, { each: EACH, last });
  recordedBuild(path.join(blocks, '.loglin'), BLOCK_JOBS, { each: EACH, last: EACH });
  const terminals: Terminal[] = [];
  const openIn =
    (cwd: string): Open =>
    (...command) => {
      const terminal = new Terminal(pty, command, { ...SIZE, cwd });
      terminals.push(terminal);
      return terminal;
    };
  const what = `${jobs.toLocaleString('en')} jobs, ${megabytes(jobs * EACH + last)} of logs`;
  try {
    return [
      ...(await opening(openIn(large), what, jobs, quick ? 3 : 11)),
      ...(await keys(openIn(large), what, jobs, last, quick)),
      ...(await inBlock(openIn(blocks), quick)),
      ...(await following(openIn(follow), follow, quick)),
    ];
  } finally {
    for (const terminal of terminals) terminal.close();
  }
}

/** What ended well, in bytes of UTF-8. */
const DONE = /\xe2\x9c\x93/;

/** The whole build is read, and its tree is there. */
async function allRead(terminal: Terminal, jobs: number): Promise<number> {
  await terminal.shows(new RegExp(`Jobs\\x1b[^\\x1b]* ${jobs} `));
  // While jobs are listed as they come, no needs stand beside them.
  return terminal.shows(/ {2}\xe2\x86\x91 /);
}

async function leave(terminal: Terminal): Promise<void> {
  await terminal.write('q');
  await terminal.end();
}

async function opening(open: Open, what: string, jobs: number, count: number): Promise<Result[]> {
  const paints: number[] = [];
  const reads: number[] = [];
  const nodes: number[] = [];
  for (let i = 0; i < count; i++) {
    nodes.push(await open('node', '-e', '0').end());
    const terminal = open(LOGLIN, 'tui');
    paints.push(await terminal.shows(/Builds[^]*\x1b\[\?25l/));
    reads.push(await allRead(terminal, jobs));
    await leave(terminal);
  }
  const more = spread(paints.map((paint, i) => paint - nodes[i]!));
  const node = `node -e 0 ${milliseconds(spread(nodes).median)}`;
  return [
    {
      what: `tui, ${what}: first paint`,
      ours: milliseconds(spread(paints).median),
      peer: node,
      runs: count,
      goal: '≤ 300 ms more',
      met: more.median <= 300,
    },
    {
      what: `tui, ${what}: all is read`,
      ours: milliseconds(spread(reads).median),
      peer: node,
      runs: count,
    },
  ];
}

/** Median and p95 of many times the same key. */
async function often(terminal: Terminal, what: string, key: string, count: number): Promise<Result> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await terminal.press(key));
  const [median, most] = [percentile(times, 0.5), percentile(times, 0.95)];
  return {
    what,
    ours: `p50 ${milliseconds(median)}, p95 ${milliseconds(most)}`,
    peer: '',
    runs: count,
    goal: 'p50 ≤ 20 ms, p95 ≤ 50 ms',
    met: median <= 20 && most <= 50,
  };
}

async function keys(open: Open, what: string, jobs: number, last: number, quick: boolean): Promise<Result[]> {
  const terminal = open(LOGLIN, 'tui');
  await allRead(terminal, jobs);
  await terminal.quiet();
  const count = quick ? 20 : 250;
  const results = [await often(terminal, 'tui: a page down among the jobs', ' ', count)];

  const typed: number[] = [];
  for (let i = 0; i < (quick ? 2 : 7); i++) {
    await terminal.press('/');
    for (const letter of 'out/1') typed.push(await terminal.press(letter));
    await terminal.press(ESCAPE);
  }
  const times = spread(typed);
  results.push({
    what: 'tui: a letter of a filter',
    ours: `p50 ${milliseconds(times.median)}, worst ${milliseconds(times.max)}`,
    peer: '',
    runs: typed.length,
    goal: 'worst ≤ 100 ms',
    met: times.max <= 100,
  });

  // The last job's log is the long one.
  await terminal.press('/');
  await terminal.press(String(jobs));
  await terminal.press(ENTER);
  await terminal.press('3');
  results.push(await often(terminal, `tui: a page down in a log of ${megabytes(last)}`, ' ', count));
  await terminal.press('g');
  const [searched, after] = [LAST_LINE.slice(0, 10), LAST_LINE.slice(10)];
  await terminal.write(`/${searched}`);
  await terminal.write(ENTER);
  // What was found is marked: what follows it is text of its own.
  const found = await terminal.shows(new RegExp(after));
  results.push({
    what: `tui: search of what is in the last line of ${megabytes(last)}`,
    ours: milliseconds(found),
    peer: '',
    runs: 1,
  });
  await terminal.press('g');
  await terminal.press('G');
  await terminal.press('2');
  await terminal.press(ESCAPE);
  await terminal.press('g');
  await terminal.press('G');
  const peak = peakMemory(terminal.pid);
  results.push({
    what: `tui, ${what}: peak memory`,
    ours: megabytes(peak),
    peer: '',
    runs: 1,
    goal: '≤ 200 MB',
    met: peak <= 200e6,
  });

  const waits = await whileBusy(terminal);
  results.push({
    what: 'tui: ? while t, c, O, u, T, p, w or d work',
    ours: `p50 ${milliseconds(waits.median)}, worst ${milliseconds(waits.max)}`,
    peer: '',
    runs: waits.count,
    goal: 'worst ≤ 100 ms',
    met: waits.max <= 100,
  });

  results.push(share('tui: idle', await processorShare(terminal.pid, quick ? 3 : 20), 1));
  await leave(terminal);
  return results;
}

/** How many jobs the build has whose whole block is looked at. */
const BLOCK_JOBS = 5000;

/** Keys in the block of a whole build, with line numbers, wrapping and a search on. */
async function inBlock(open: Open, quick: boolean): Promise<Result[]> {
  const terminal = open(LOGLIN, 'tui');
  await allRead(terminal, BLOCK_JOBS);
  await terminal.quiet();
  const first: number[] = [];
  for (const key of ['g', 'b', '3', 'G', '#', 'W', '/', 'w', 'a', 'r', 'n', ENTER])
    first.push(await terminal.press(key));
  // What is counted in the background is counted.
  await terminal.write('G');
  await terminal.shows(/\d of \d+ |\d matches/);
  await pause(1000);
  const count = quick ? 10 : 100;
  const times: number[] = [];
  for (let i = 0; i < count; i++)
    for (const key of ['\x02', 'k', 'N', 'E', '\x15', 'n', 'e', ' ', 'j'])
      times.push(await terminal.press(key));
  for (let i = 0; i < count / 10; i++) for (const key of ['g', 'G']) times.push(await terminal.press(key));
  const begin = spread(first);
  const [median, most] = [percentile(times, 0.5), percentile(times, 0.95)];
  await leave(terminal);
  const what = `tui: the block of ${BLOCK_JOBS.toLocaleString('en')} jobs`;
  return [
    {
      what: `${what}: g b 3 G # W /warn`,
      ours: `p50 ${milliseconds(begin.median)}, worst ${milliseconds(begin.max)}`,
      peer: '',
      runs: first.length,
      goal: 'worst ≤ 100 ms',
      met: begin.max <= 100,
    },
    {
      what: `${what}: Ctrl-B, k, N, E, Ctrl-U, n, e, Space, j, with all that on`,
      ours: `p50 ${milliseconds(median)}, p95 ${milliseconds(most)}`,
      peer: '',
      runs: times.length,
      goal: 'p50 ≤ 20 ms, p95 ≤ 50 ms',
      met: median <= 20 && most <= 50,
    },
  ];
}

/**
 * Presses the keys that have most to do, and again and again one that draws the whole screen: how long that
 * takes.
 */
async function whileBusy(terminal: Terminal): Promise<{ median: number; max: number; count: number }> {
  const times: number[] = [];
  const jobsPane = async (): Promise<void> => {
    for (const key of [ESCAPE, '2']) {
      await terminal.write(key);
      // What Escape begins may be the beginning of a sequence.
      await pause(300);
    }
  };
  await jobsPane();
  for (const key of ['t', 't', '-', '+', 'c', 'O', 'O', 'u', 'u', 'T', 'T', 'w', 'd', 'p']) {
    await terminal.write(key);
    for (let i = 0; i < 8; i++) {
      await terminal.write('?');
      // The last row but one; only the last row shows what is going on.
      times.push(await terminal.shows(new RegExp(`\\x1b\\[${SIZE.rows - 1};1H`)));
      await pause(50);
    }
    await jobsPane();
  }
  const { median, max } = spread(times);
  return { median, max, count: times.length };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @param most percents of a core. */
function share(what: string, ours: number, most: number): Result {
  return {
    what,
    ours: `${ours.toFixed(1)} % of a core`,
    peer: '',
    runs: 1,
    goal: `≤ ${most} %`,
    met: ours <= most,
  };
}

function peakMemory(pid: number): number {
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

/** Of a process, user and system, in milliseconds; the kernel counts in hundredths of a second. */
function processorMs(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, can hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Percents of a core that a process takes while so many seconds pass. */
async function processorShare(pid: number, seconds: number): Promise<number> {
  const before = processorMs(pid);
  const start = performance.now();
  await pause(seconds * 1000);
  return (100 * (processorMs(pid) - before)) / (performance.now() - start);
}

// -- following -------------------------------------------------------------------------------------------

const SPEED = 50_000;

/** Writes a number of lines per second, a hundred times a second, until it is stopped. */
const LINES = `const fs = require('node:fs');
const start = Date.now();
let said = 0;
const write = () => {
  const due = Math.floor((Date.now() - start) * ${SPEED / 1000});
  let text = '';
  for (; said < due; said++) text += 'line ' + String(said).padStart(9, '0') + ' cc -std=c11 -O2 -g -Wall -Iinclude -c -o src/part.o src/part.c\\n';
  for (let bytes = Buffer.from(text); bytes.length > 0;) bytes = bytes.subarray(fs.writeSync(1, bytes));
  if (!fs.existsSync('over')) setTimeout(write, 10);
};
write();
`;

async function following(open: Open, folder: string, quick: boolean): Promise<Result[]> {
  fs.writeFileSync(path.join(folder, 'lines.cjs'), LINES);
  fs.writeFileSync(path.join(folder, 'Makefile'), 'all: ; @node lines.cjs\n');
  const seconds = quick ? 3 : 20;
  const what = `tui: following ${SPEED.toLocaleString('en')} lines a second`;

  const stop = path.join(folder, 'over');
  const recorder = spawn(LOGLIN, ['make'], { cwd: folder, env: environment(), stdio: 'ignore' });
  const ended = new Promise((resolve) => recorder.once('exit', resolve));
  let plain: number;
  let other: number;
  try {
    await begun(folder);
    plain = await processorShare(recorder.pid!, seconds);
    const terminal = open(LOGLIN, 'tui');
    other = await followed(terminal, seconds);
    await leave(terminal);
  } finally {
    fs.writeFileSync(stop, '');
    await ended;
  }
  fs.rmSync(stop);
  fs.rmSync(path.join(folder, '.loglin/builds'), { recursive: true });

  const terminal = open(LOGLIN, '--tui', 'make');
  let under: number;
  try {
    await begun(folder);
    under = await followed(terminal, seconds);
  } finally {
    fs.writeFileSync(stop, '');
  }
  await terminal.shows(DONE);
  await leave(terminal);
  return [
    share(`${what}, of another loglin`, other, 10),
    {
      ...share(`${what} under --tui`, under, 10),
      peer: `loglin make ${plain.toFixed(1)} %`,
      goal: '≤ 10 % more',
      met: under - plain <= 10,
    },
  ];
}

/** Waits until the job prints something. */
async function begun(folder: string): Promise<void> {
  const builds = path.join(folder, '.loglin/builds');
  const printed = (): boolean =>
    fs.existsSync(builds) &&
    fs.readdirSync(builds).some((id) => fs.existsSync(path.join(builds, id, 'logs/1.log')));
  while (!printed()) await pause(50);
}

/**
 * Lets the dashboard follow the log of the job that runs.
 * @returns percents of a core.
 * @throws where what was shown is not what is being written.
 */
async function followed(terminal: Terminal, seconds: number): Promise<number> {
  await terminal.shows(/ 1 running/);
  await terminal.shows(/line \d{9}/);
  const first = lastShown(terminal);
  const found = await processorShare(terminal.pid, seconds);
  const lines = lastShown(terminal) - first;
  if (lines < 0.9 * SPEED * seconds) throw new Error(`followed ${lines} lines in ${seconds} s`);
  return found;
}

function lastShown({ text }: Terminal): number {
  return Math.max(...[...text.matchAll(/line (\d{9})/g)].map(([, number]) => Number(number)));
}
