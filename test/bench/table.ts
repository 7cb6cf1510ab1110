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
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
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

/** The machine, in a few lines. */
export function machine(): string {
  const version = (command: string): string => {
    try {
      return output(`${command} 2>/dev/null`, { cwd: ROOT }).split('\n')[0]!.trim();
    } catch {
      return 'none';
    }
  };
  const cpus = os.cpus();
  const commit = version('git rev-parse --short HEAD');
  return [
    `- date: ${new Date().toISOString().slice(0, 10)}; loglin at ${commit}`,
    `- machine: ${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, ${os.type()} ${os.release()}`,
    `- Node ${process.version}; ${version('make --version')}; ${version('cc --version')}; ${version('parallel --version')}; redo ${version('redo --version')}`,
    `- load before the run: ${os.loadavg()[0]!.toFixed(2)}`,
    '',
  ].join('\n');
}

export function writeDocument(results: readonly Result[], about: string): string {
  const file = `${ROOT}/docs/benchmarks.md`;
  fs.mkdirSync(`${ROOT}/docs`, { recursive: true });
  const text = `# Benchmarks

Written by \`npm run bench -- --write\`; \`npm run bench -- --help\` names the rows. Each number is a ratio of two commands run in
turns on the same machine (which of them goes first takes turns too); the ratio given is the median of the pairs' ratios, with
the least and the greatest. The times are medians. CPU ratio is the same of user + system time. A goal is met when the median
meets it. What each row runs is in \`test/bench/rows.ts\`.

${about}
${table(results)}`;
  fs.writeFileSync(file, text);
  return file;
}
