// What a coding agent reads of a build that has ended: each cause of a failure once, what is new, and the
// verdict as the last line, so that it survives `| tail`. All of it within a budget of bytes; what is left
// out is counted, and the command that prints it is named. Pure.

import { succeeded } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { escapeName } from '../model/printable.ts';
import { type RankedLine, fitting, lineBytes } from './budget.ts';
import { duration, namesText, statusText, targetWord } from './formats.ts';
import { type Failed, alsoIn, lastCommand } from './report.ts';
import { elideMiddle } from './width.ts';

/** Errors, or warnings, as lines to print: one for each different message. */
export interface ProblemLines {
  readonly lines: readonly string[];
  /** How many different messages there are, with those that are not in `lines`. */
  readonly different: number;
  /** How many problems: the same message at several places counts as often. */
  readonly total: number;
}

/** A build that has ended. */
export interface AgentEnding {
  readonly id: string;
  readonly status: Status;
  /** The build's wall time in milliseconds. */
  readonly ms: number;
  /** How many jobs ran, and how many of them failed by themselves. */
  readonly jobs: number;
  readonly alone: number;
  /** The different failures, the one that explains most first. */
  readonly failures: readonly Failed[];
  /** The end of the command's own log, if it failed and no job did. */
  readonly commandLog: readonly string[];
  /** Errors of jobs that failed, besides those of `failures`. */
  readonly errors: ProblemLines;
  /** Warnings that the build before did not have. */
  readonly warnings: ProblemLines;
  /** All warnings; undefined: the logs are too large to be read for this. */
  readonly allWarnings: number | undefined;
  /** There is a build before, so that `warnings` are new ones. */
  readonly compared: boolean;
  /** The names of the jobs that ran when the build was stopped; undefined: it was not. */
  readonly stopped: readonly string[] | undefined;
}

export interface AgentStyle {
  /** In bytes. The verdict is printed even if it does not fit. */
  readonly budget: number;
  readonly ascii: boolean;
}

/** A line takes at most this many columns. */
const MOST_COLUMNS = 500;
/** So many lines of an error come before anything else is said of the other failures. */
const FIRST_LINES = 3;

/** Returns the report of a build that failed or was stopped; for one that ended well, the verdict alone. */
export function agentReport(ending: AgentEnding, { budget, ascii }: AgentStyle): string {
  const verdict = `loglin: ${verdictText(ending)}`;
  if (succeeded(ending.status)) return `${verdict}\n`;
  const all = reportLines(ending, ascii);
  const most = budget - lineBytes(verdict);
  const whole = all.reduce((sum, { text }) => sum + lineBytes(text), 0) <= most;
  const note = leftOut(ending, all.length);
  const kept = whole ? all.map(() => true) : fitting(all, most - lineBytes(note));
  const lines = all.filter((_, i) => kept[i]).map(({ text }) => text);
  if (!whole) lines.push(leftOut(ending, all.length - lines.length));
  return [...lines, verdict, ''].join('\n');
}

const leftOut = ({ id, failures }: AgentEnding, lines: number): string =>
  `... ${count(lines, 'line')} left out: loglin show -b ${id}${failures.length > 0 ? ' --failed' : ''}`;

/** All lines but the verdict, in their order. */
function reportLines(ending: AgentEnding, ascii: boolean): RankedLine[] {
  const { id, failures, commandLog, errors, warnings, compared, alone } = ending;
  const lines: RankedLine[] = [];
  const add = (rank: number, text: string): void => {
    lines.push({ rank, text: elideMiddle(text, MOST_COLUMNS) });
  };
  for (const one of failures) addFailure(one, ascii, add);
  const listed = failures.reduce((sum, { also }) => sum + 1 + also.length, 0);
  if (alone > listed)
    add(0, `... ${count(alone - listed, 'more job')} failed: loglin show -b ${id} --failed`);
  for (const line of commandLog) add(1, line);
  addProblems(add, 4, errors, 'more error', `loglin problems -b ${id} --errors`);
  const option = compared ? ' --new' : '';
  const what = compared ? 'new warning' : 'warning';
  addProblems(add, 5, warnings, what, `loglin problems -b ${id} --warnings${option}`);
  return lines;
}

function addFailure(
  { job, name, path, lines, also }: Failed,
  ascii: boolean,
  add: (rank: number, text: string) => void,
): void {
  const status = job.status ? ` (${statusText(job.status)})` : '';
  add(0, `${ascii ? 'x' : '✗'} ${escapeName(name)}${status}${also.length > 0 ? `, ${alsoIn(also)}` : ''}`);
  if (path.length > 1) add(2, `  ${path.map(escapeName).join(ascii ? ' > ' : ' → ')}`);
  for (const command of lastCommand(job)) add(2, `  ${command}`);
  for (const [i, line] of lines.entries()) add(i < FIRST_LINES ? 1 : 3, line);
}

function addProblems(
  add: (rank: number, text: string) => void,
  rank: number,
  { lines, different, total }: ProblemLines,
  what: string,
  command: string,
): void {
  if (total === 0) return;
  const kinds = different < total ? ` (${different} different)` : '';
  const all = different > lines.length ? `, ${lines.length} of them here; all: ${command}` : ':';
  add(rank, count(total, what) + kinds + all);
  for (const line of lines) add(rank, line);
}

/** `FAILED (exit 2), 1 of 37 jobs by itself, in 12.3s; loglin show -b ID TARGET has all of it`. */
function verdictText(ending: AgentEnding): string {
  const { id, status, ms, jobs, alone, failures, stopped, allWarnings } = ending;
  const time = duration(ms);
  const of = count(jobs, 'job');
  if (succeeded(status)) {
    const { compared, warnings } = ending;
    const fresh = warnings.total > 0 ? `${warnings.total} new: loglin problems -b ${id} --new` : 'none new';
    const warned = allWarnings ? `, ${count(allWarnings, 'warning')}${compared ? ` (${fresh})` : ''}` : '';
    return `ok, ${of} in ${time}${warned}; loglin show -b ${id} has the log`;
  }
  if (stopped) {
    const running = stopped.length > 0 ? `, at ${namesText(stopped)}` : '';
    return `STOPPED (${statusText(status)}) after ${time}, ${of}${running}; loglin show -b ${id} has the log`;
  }
  const [first] = failures;
  const by = alone === 1 ? 'itself' : 'themselves';
  const who = alone > 0 ? `${alone} of ${of} by ${by}` : jobs > 0 ? `none of ${of} failed` : 'no job ran';
  const target = first ? ` ${targetWord(first.showName)}` : '';
  return `FAILED (${statusText(status)}), ${who}, in ${time}; loglin show -b ${id}${target} has all of it`;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
