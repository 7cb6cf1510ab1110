// The results: a table for the terminal and for docs/benchmarks.md, and what it was measured on.

import fs from 'node:fs';
import os from 'node:os';
import { ROOT, type Spread, output } from './measure.ts';

/** One line of the table. */
export interface Result {
  /** What was measured. */
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio?: Spread;
  /** The same of processor time, where it was taken. */
  readonly cpu?: Spread;
  readonly runs: number;
  /** Missing: for information. */
  readonly goal?: string;
  readonly met?: boolean;
}

const HEAD = ['What', 'loglin', 'Beside it', 'Ratio (min–max)', 'CPU ratio', 'Runs', 'Goal', 'Met'];

export function cells(result: Result): string[] {
  const { ratio, cpu } = result;
  return [
    result.what,
    result.ours,
    result.peer,
    ratio ? `${short(ratio.median)} (${short(ratio.min)}–${short(ratio.max)})` : '',
    cpu ? short(cpu.median) : '',
    String(result.runs),
    result.goal ?? '',
    result.met === undefined ? '' : result.met ? 'yes' : '**no**',
  ];
}

/** A Markdown table, in columns. */
export function table(results: readonly Result[]): string {
  return markdown(HEAD, results.map(cells));
}

function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rows = [head, ...lines];
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line), ''].join('\n');
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function seconds(value: Spread): string {
  return value.median < 1 ? `${short(value.median * 1000)} ms` : `${short(value.median)} s`;
}

export function milliseconds(value: number): string {
  return `${short(value)} ms`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function version(command: string): string {
  try {
    return output(`${command} 2>/dev/null`, { cwd: ROOT }).split('\n')[0]!.trim();
  } catch {
    return 'none';
  }
}

const today = (): string => new Date().toISOString().slice(0, 10);
const commit = (): string => version('git rev-parse --short HEAD');

/** The machine, in a few lines. */
export function machine(): string {
  const cpus = os.cpus();
  return [
    `- date: ${today()}; loglin at ${commit()}`,
    `- machine: ${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, ${os.type()} ${os.release()}`,
    `- Node ${process.version}; ${version('make --version')}; ${version('cc --version')}; ${version('parallel --version')}; redo ${version('redo --version')}`,
    `- load before the run: ${os.loadavg()[0]!.toFixed(2)}`,
    '',
  ].join('\n');
}

/**
 * Writes docs/benchmarks.md.
 * @param whole all rows were run; else the others stay as they were measured before.
 * @returns the file.
 */
export function writeDocument(results: readonly Result[], about: string, whole: boolean): string {
  const file = `${ROOT}/docs/benchmarks.md`;
  const measured = `${today()} ${commit()}`;
  const rows = new Map(whole ? [] : earlierRows(file).map((row) => [keyOf(row), row]));
  for (const result of results) {
    const row = [...cells(result), measured];
    rows.set(keyOf(row), row);
  }
  const text = `# Benchmarks
${costs([...rows.values()])}
Written by \`npm run bench -- --write\`; \`npm run bench -- --help\` names the rows. Each number is a ratio of two commands run in
turns on the same machine (which of them goes first takes turns too); the ratio given is the median of the pairs' ratios, with
the least and the greatest. The times are medians. CPU ratio is the same of user + system time. A goal is met when the median
meets it. What each row runs is in \`test/bench/rows.ts\`. The rows of \`tui\` go through a pseudo-terminal: from the write of a key to
the last byte of the repaint. The machine, and the last run:

${about}
${markdown([...HEAD, 'Measured'], [...rows.values()])}`;
  fs.writeFileSync(file, text);
  return file;
}

/** What a user wants to know, from rows of the document; '' where one of them is missing. */
function costs(rows: readonly (readonly string[])[]): string {
  const find = (what: RegExp, beside: string): readonly string[] | undefined =>
    rows.find((row) => what.test(row[0]!) && row[2]!.startsWith(`${beside} `));
  const build = find(/^a C build .*\) at -j2$/, 'make');
  const jobs = find(/^2,000 recipes `@:;echo x` at -j2$/, 'make');
  const idle = find(/^make with nothing to do$/, 'make');
  if (!build || !jobs || !idle) return '';
  const more = (row: readonly string[]): number => time(row[1]!) - time(row[2]!.replace('make ', ''));
  return `
Under loglin, a build of real C files takes **${build[3]!.replace(/ .*/, '')} ×** its time; a job that does nothing takes
**${short(more(jobs) / 2)} ms** more; and a make that finds nothing to do takes **${short(more(idle) * 1000)} ms** more.
`;
}

/** The seconds in a cell: `1.49 s`, `76.0 ms`. */
function time(cell: string): number {
  const [, value, unit] = /^([\d.]+) (m?s)$/.exec(cell) ?? [];
  return unit === undefined ? NaN : Number(value) / (unit === 'ms' ? 1000 : 1);
}

/** What is measured beside what, without the figures. */
function keyOf(row: readonly string[]): string {
  return `${row[0]} ${row[2]!.replace(/\s*\d.*$/, '')}`;
}

/** The rows of the document as it is. */
function earlierRows(file: string): string[][] {
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : [];
  const [, , ...rows] = lines.filter((line) => line.startsWith('|'));
  return rows.map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}
