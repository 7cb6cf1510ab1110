// The recorded logs of real tools (test/problems/logs), and what is to be found in them. An expectation has a
// line for each problem:
//
//     4-7 warning cc unused.c:9:13 | suggest parentheses … [-Wparentheses]
//       note unused.c:9:13 | …
//
// the lines of the log, `summary` where it is one, severity, tool, place (`-`: none), message, code; then its
// notes. Before it `missed: ` where it is in the log and is not found, `invented: ` where it is found and is
// none.

import fs from 'node:fs';
import path from 'node:path';
import { Extractor } from '../../src/problems/extract.ts';
import { untimed } from '../../src/problems/boundedpatterns.ts';
import type { ProblemPattern } from '../../src/problems/pattern.ts';
import type { Place, Problem } from '../../src/problems/problem.ts';

const LOGS = path.join(import.meta.dirname, '../problems/logs');

export interface RecordedLog {
  readonly name: string;
  readonly bytes: Buffer;
  readonly expected: readonly string[];
}

export function recordedLogs(): RecordedLog[] {
  const names = fs
    .readdirSync(LOGS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .map((name) => name.slice(0, -'.log'.length));
  return names.sort().map((name) => {
    const file = path.join(LOGS, name);
    // With colours a tool mostly prints the same.
    const own = fs.existsSync(`${file}.expected`) ? file : file.replace(/-colour$/, '');
    const expected = fs.readFileSync(`${own}.expected`, 'utf8').split('\n').slice(0, -1);
    return { name, bytes: fs.readFileSync(`${file}.log`), expected };
  });
}

/** @param cuts the offsets at which the log is cut into chunks. */
export function extract(
  bytes: Buffer,
  cuts: readonly number[] = [],
  own: readonly ProblemPattern[] = [],
): Problem[] {
  const extractor = new Extractor({ folder: '', root: '/project' }, untimed(own));
  const found: Problem[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    // The reader reuses its buffer.
    const piece = Buffer.from(bytes.subarray(from, to));
    found.push(...extractor.push(piece));
    piece.fill(0);
    from = to;
  }
  return [...found, ...extractor.end()];
}

export function describe(problems: readonly Problem[], bytes: Buffer): string[] {
  return problems.flatMap((problem) => {
    const { from, to, summary, severity, tool, message, code, notes } = problem;
    const [first, last] = [lineOf(bytes, from), lineOf(bytes, to - 1)];
    const lines = first === last ? `${first}` : `${first}-${last}`;
    return [
      `${lines} ${summary ? 'summary ' : ''}${severity} ${tool} ${place(problem)} | ${message}${code === undefined ? '' : ` [${code}]`}`,
      ...notes.map((note) => `  note ${place(note)} | ${note.message}`),
    ];
  });
}

function lineOf(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(10); at >= 0 && at < offset; at = bytes.indexOf(10, at + 1)) line++;
  return line;
}

function place({ file, line, column }: Place): string {
  return file === undefined ? '-' : [file, line, column].filter((part) => part !== undefined).join(':');
}

/** The rows of the table in docs/problems.md: which logs each of them counts. */
const ROWS: readonly (readonly [string, RegExp])[] = [
  ['gcc, clang', /^(?:gcc|clang|jobs\/)/],
  ['ld', /^ld/],
  ['rustc, cargo', /^(?:rust|cargo)/],
  ['tsc', /^tsc/],
  ['eslint', /^eslint/],
  ['javac, java', /^java/],
  ['go build, vet, test', /^go-/],
  ['Python', /^python/],
  ['pytest', /^pytest/],
  ['make', /^make/],
  ['ninja', /^ninja/],
  ['cmake, ctest', /^c(?:make|test)/],
  ['node', /^node$/],
  ['node:test', /^node-test(?!-tap)/],
  ['TAP', /tap$/],
  ['jest', /^jest/],
  ['sh, coreutils', /^shell/],
  ['nothing wrong', /^clean/],
];

/** Counts the expectations, as a Markdown table. */
export function countTable(logs: readonly RecordedLog[]): string {
  const total = { logs: 0, lines: 0, found: 0, missed: 0, invented: 0 };
  const row = (name: string, counts: typeof total): string => {
    const { found, missed, invented } = counts;
    const percent = (part: number, of: number): string =>
      of === 0 ? '' : `${((100 * part) / of).toFixed(1)} %`;
    const rates = [percent(found, found + invented), percent(found, found + missed)];
    return `| ${[name, counts.logs, counts.lines, found + missed, found, missed, invented, ...rates].join(' | ')} |`;
  };
  const rows = ROWS.map(([name, pattern]) => {
    const counts = { logs: 0, lines: 0, found: 0, missed: 0, invented: 0 };
    for (const { name: log, bytes, expected } of logs) {
      if (!pattern.test(log)) continue;
      counts.logs++;
      counts.lines += bytes
        .toString('latin1')
        .split('\n')
        .filter((line) => line.trim() !== '').length;
      for (const line of expected) {
        if (line.startsWith('  note ') || / summary (?:error|warning) /.test(line)) continue;
        counts[
          line.startsWith('missed: ') ? 'missed' : line.startsWith('invented: ') ? 'invented' : 'found'
        ]++;
      }
    }
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key];
    return row(name, counts);
  });
  const head = '| tool | logs | lines | problems | found | missed | invented | precision | recall |';
  return [head, '|---|--:|--:|--:|--:|--:|--:|--:|--:|', ...rows, row('all', total), ''].join('\n');
}
