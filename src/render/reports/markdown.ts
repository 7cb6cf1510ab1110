// A build as a page of markdown: for the summary of a job in CI, a comment, a wiki. All that comes from the
// build stands in code spans and blocks, where neither markdown nor HTML, mentions or links count.

import { succeeded } from '../../model/build.ts';
import { escapeLine, escapeName } from '../../model/printable.ts';
import type { FoundProblem } from '../../problems/problemlist.ts';
import { duration, statusText } from '../formats.ts';
import { problemText } from '../problem.ts';
import { type Failed, alsoIn, lastCommand } from '../report.ts';
import { elideMiddle } from '../width.ts';
import type { BuildReport } from './report.ts';

/** GitHub shows no summary that is larger, in bytes. */
export const MOST_SUMMARY = 1024 * 1024;

/** A list has at most so many problems, and a line so many columns. */
const MOST_LISTED = 50;
const MOST_COLUMNS = 400;

/**
 * Returns a page; '' if not even what is left out can be said.
 * @param most in bytes. What does not fit is left out by sections, which the last line says.
 */
export function markdown(build: BuildReport, most = MOST_SUMMARY): string {
  const note = `More than fits here: ${code(`loglin show -b ${build.id} --failed`)}\n`;
  let left = most - Buffer.byteLength(note) - 1;
  if (left < 0) return '';
  let page = '';
  for (const section of sections(build)) {
    left -= Buffer.byteLength(section) + 1;
    if (left < 0) return `${page}${page === '' ? '' : '\n'}${note}`;
    page += `${page === '' ? '' : '\n'}${section}`;
  }
  return page;
}

function* sections(build: BuildReport): Generator<string> {
  const { failures, commandLog, alone, id } = build;
  yield heading(build);
  for (const failure of failures) yield failureText(failure);
  const listed = failures.reduce((sum, { also }) => sum + 1 + also.length, 0);
  if (alone > listed)
    yield `${count(alone - listed, 'more job')} failed: ${code(`loglin show -b ${id} --failed`)}\n`;
  if (commandLog.length > 0) yield block(commandLog);
  const shown = new Set(failures.map(({ error }) => error && problemText(error)));
  const errors = build.problems.filter(
    ({ problem }) => problem.severity === 'error' && !shown.has(problemText(problem)),
  );
  yield* list(errors, failures.length > 0 ? 'more error' : 'error', `loglin problems -b ${id} --errors`);
  yield* list(
    build.fresh,
    build.compared ? 'new warning' : 'warning',
    `loglin problems -b ${id} --warnings${build.compared ? ' --new' : ''}`,
  );
  yield* slowest(build);
}

function heading(build: BuildReport): string {
  const { command, status, stopped, jobs, failed, alone, ms, before, id } = build;
  const good = succeeded(status);
  const verdict = good ? 'ok' : stopped ? 'stopped' : 'failed';
  const by = alone < failed ? `, ${alone} by ${alone === 1 ? 'itself' : 'themselves'}` : '';
  const ran = failed > 0 ? `${failed} of ${count(jobs, 'job')} failed${by}` : count(jobs, 'job');
  const end = good ? '' : ` (${statusText(status)})`;
  return [
    `## ${good ? '✓' : '✗'} ${code(command)} ${verdict}${end}`,
    '',
    `${ran}, in ${duration(ms)}${before ? `; ${compared(ms, before)}` : ''}. ${code(`loglin show -b ${id}`)} has the log.`,
    '',
  ].join('\n');
}

/** `2.1s (20 %) more than the last time`. */
function compared(ms: number, { ms: then, status }: NonNullable<BuildReport['before']>): string {
  const good = succeeded(status);
  const which = `the last time${good ? '' : ', which failed'}`;
  const more = ms - then;
  if (duration(ms) === duration(then)) return `as long as ${which}`;
  const share = then > 0 ? ` (${Math.round((100 * Math.abs(more)) / then)} %)` : '';
  return `${duration(Math.abs(more))}${share} ${more > 0 ? 'more' : 'less'} than ${which}`;
}

function failureText({ job, name, path, lines, also }: Failed): string {
  return [
    `### ✗ ${code(name)}${job.status ? ` (${statusText(job.status)})` : ''}`,
    '',
    ...(path.length > 1 ? [path.map(code).join(' → '), ''] : []),
    ...(also.length > 0 ? [code(alsoIn(also)), ''] : []),
    block([...lastCommand(job), ...lines]),
  ].join('\n');
}

function* list(found: readonly FoundProblem[], what: string, command: string): Generator<string> {
  if (found.length === 0) return;
  const lines = found.slice(0, MOST_LISTED).map(({ problem, jobs }) => {
    return `- ${code(problemText(problem))}${jobs.length > 1 ? ` in ${jobs.length} jobs` : ''}\n`;
  });
  const rest = found.length - lines.length;
  const more = rest > 0 ? `\nand ${rest} more: ${code(command)}\n` : '';
  yield `### ${count(found.length, what)}\n\n${lines.join('')}${more}`;
}

function* slowest({ slowest: jobs }: BuildReport): Generator<string> {
  if (jobs.length === 0) return;
  const rows = jobs.map(
    ({ name, ms, before }) =>
      `| ${cell(name)} | ${duration(ms)} | ${before === undefined ? '' : duration(before)} |\n`,
  );
  yield `### Slowest\n\n| job | time | last time |\n|---|--:|--:|\n${rows.join('')}`;
}

/** A code span: its fence is longer than what it holds. */
function code(text: string): string {
  const shown = elideMiddle(escapeName(text), MOST_COLUMNS);
  const fence = fenceFor(shown, 1);
  const space = shown === '' || /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${fence}${space}${shown}${space}${fence}`;
}

/** Like code(), in a table, where bars and the backslashes before them count even in a code span. */
function cell(text: string): string {
  if (!text.includes('|')) return code(text);
  const shown = elideMiddle(escapeName(text), MOST_COLUMNS);
  return `<code>${shown.replaceAll(/[!-/:-@[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`)}</code>`;
}

function block(lines: readonly string[]): string {
  const shown = lines.map((line) => elideMiddle(escapeLine(line).replaceAll('\t', '    '), MOST_COLUMNS));
  const fence = fenceFor(shown.join('\n'), 3);
  return `${fence}text\n${shown.join('\n')}\n${fence}\n`;
}

function fenceFor(text: string, least: number): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(Math.max(least, longest + 1));
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
