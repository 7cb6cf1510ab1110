// The summary of a build as text: what failed by itself, the problems by kind, the slowest jobs, how many ran
// at once. Each line that names a job or a problem leads there.

import { type Job, succeeded } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { escapeName } from '../model/printable.ts';
import type { FoundProblem } from '../problems/problemlist.ts';
import { byteCount, duration, statusText } from '../render/formats.ts';
import { placeText } from '../render/problem.ts';
import { bySlowness } from '../render/timetable.ts';
import type { Timing } from '../timing/critical.ts';
import type { Load } from '../timing/load.ts';
import { type LinkTarget, TextDocument } from '../documents/document.ts';
import { linkTargetOf } from './documents.ts';
import type { OpenBuild } from './state.ts';
import { rowText } from '../documents/spans.ts';
import { jobMark } from './views/marks.ts';
import { timeline } from './views/timeline.ts';

/** What is known so far; the rest is undefined. */
export interface SummaryFacts {
  readonly failures: readonly Job[];
  readonly problems: { readonly list: readonly FoundProblem[]; readonly more: boolean } | undefined;
  readonly timing: Timing | undefined;
  readonly load: Load | undefined;
}

interface Line {
  readonly text: string;
  readonly target?: LinkTarget | undefined;
}

const MOST_FAILURES = 8;
const MOST_KINDS = 6;
const SLOWEST = 5;
const BAR = 24;
const CHART = 48;

const dim = (text: string): string => `\x1b[2m${text}\x1b[0m`;
const coloured = (style: string, text: string): string => `\x1b[${style}m${text}\x1b[0m`;
const heading = (text: string, aside = ''): Line => ({
  text: `\x1b[1m${text}\x1b[0m${aside === '' ? '' : `  ${dim(aside)}`}`,
});
const ERROR = '1;31';
const WARNING = '1;35';
const BLANK: Line = { text: '' };

/** @param warn returns what is wrong with the build. */
export function summaryDocument(
  facts: SummaryFacts,
  open: OpenBuild,
  ascii: boolean,
  warn: () => string | undefined,
): TextDocument {
  const parts = [
    failureLines(facts, open, ascii),
    problemLines(facts),
    slowestLines(facts, open, ascii),
    parallelLines(facts, ascii),
    ownLines(open),
  ].filter((lines) => lines.length > 0);
  return new TextDocument(
    parts.flatMap((lines, i) => (i === 0 ? lines : [BLANK, ...lines])),
    warn,
  );
}

function failureLines({ failures, problems }: SummaryFacts, open: OpenBuild, ascii: boolean): Line[] {
  if (failures.length === 0) {
    const root = open.build.jobs[ROOT];
    if (!root?.status || succeeded(root.status)) return [];
    return [heading(`No job failed, but the command did: ${statusText(root.status)}`)];
  }
  const count =
    failures.length === 1 ? '1 job failed by itself' : `${failures.length} jobs failed by themselves`;
  const out = [heading(count)];
  for (const job of failures.slice(0, MOST_FAILURES)) {
    const mark = jobMark(job, open, ascii);
    const status = job.status ? statusText(job.status) : '';
    const took = job.ended === undefined ? '' : duration(job.ended - job.started);
    const name = escapeName(open.nameOf(job));
    out.push({
      text: `  ${coloured(mark.style, mark.text)} ${name}  ${status}  ${dim(took)}`,
      target: { job },
    });
    const first = problems?.list.find(
      ({ problem, jobs }) => problem.severity === 'error' && jobs.includes(job),
    );
    if (first) out.push({ text: `      ${problemText(first)}`, target: linkTargetOf(first.problem, job) });
  }
  const others = failures.length - MOST_FAILURES;
  if (others > 0) out.push({ text: dim(`    and ${others} more; f in the jobs lists them`) });
  return out;
}

function problemText({ problem }: FoundProblem): string {
  const { severity, tool, message } = problem;
  const style = severity === 'error' ? ERROR : WARNING;
  const where = escapeName(placeText(problem) ?? tool);
  return `\x1b[1m${where}:\x1b[0m ${coloured(style, `${severity}:`)} ${escapeName(message)}`;
}

function problemLines({ problems }: SummaryFacts): Line[] {
  if (!problems) return [heading('Problems', 'looking for them...')];
  const { list, more } = problems;
  const errors = list.filter(({ problem }) => problem.severity === 'error').length;
  const counted = (count: number, what: string): string =>
    `${count}${more ? '+' : ''} ${what}${count === 1 && !more ? '' : 's'}`;
  const warnings = list.length - errors;
  if (list.length === 0)
    return [heading(more ? 'Problems' : 'No errors, no warnings', more ? 'not all was read' : '')];
  const kinds = new Map<string, { readonly first: FoundProblem; count: number }>();
  for (const found of list) {
    const { severity, code, message } = found.problem;
    const key = JSON.stringify([severity, code, code === undefined ? message : '']);
    const kind = kinds.get(key);
    if (kind) kind.count++;
    else kinds.set(key, { first: found, count: 1 });
  }
  const out = [heading(`${counted(errors, 'error')}, ${counted(warnings, 'warning')}`, 'p lists them')];
  const sorted = [...kinds.values()].sort((a, b) => rank(a.first) - rank(b.first) || b.count - a.count);
  for (const { first, count } of sorted.slice(0, MOST_KINDS)) {
    const { severity, code, message } = first.problem;
    const what = escapeName(code ?? message);
    const style = severity === 'error' ? ERROR : WARNING;
    const where = escapeName(placeText(first.problem) ?? '');
    out.push({
      text: `${String(count).padStart(5)}  ${coloured(style, severity.padEnd(7))} ${what}  ${dim(where)}`,
      target: linkTargetOf(first.problem, first.jobs[0]),
    });
  }
  const others = sorted.length - MOST_KINDS;
  if (others > 0) out.push({ text: dim(`       and ${others} more kinds`) });
  return out;
}

const rank = ({ problem }: FoundProblem): number => (problem.severity === 'error' ? 0 : 1);

function slowestLines({ timing }: SummaryFacts, open: OpenBuild, ascii: boolean): Line[] {
  if (!timing) return [heading('Slowest jobs', 'measuring...')];
  const jobs = bySlowness(timing.jobs.filter(({ job }) => job.id !== ROOT)).slice(0, SLOWEST);
  const total = open.now;
  return [
    heading('Slowest jobs', 'loglin time has more'),
    ...jobs.map(({ job, from, to, selfMs }) => {
      const bar = rowText(timeline(from, to, total, BAR, ascii, ''));
      return {
        text: `${duration(selfMs).padStart(9)}  ${dim(bar)}  ${escapeName(open.nameOf(job))}`,
        target: { job },
      };
    }),
  ];
}

function parallelLines({ timing, load }: SummaryFacts, ascii: boolean): Line[] {
  if (!timing) return [];
  const ms = timing.to - timing.from;
  if (ms <= 0) return [];
  const least = `however many ran at once, it could not take less than ${duration(timing.least)} (${Math.round((100 * timing.least) / ms)} %)`;
  if (!load || load.levels.length < 2) return [heading('Parallelism', least)];
  const most = load.levels.length - 1;
  const signs = ascii ? ' ..::||##' : ' ▁▂▃▄▅▆▇█';
  const chart = Array.from(load.over(CHART), (value) => {
    const level = Math.round((8 * value) / most);
    return signs[value > 0 ? Math.max(1, Math.min(8, level)) : 0];
  }).join('');
  const average = (load.work / ms).toFixed(2);
  return [
    heading('Parallelism', `${average} jobs ran on average, ${most} at most`),
    { text: `  ${chart}` },
    { text: dim(`  0${duration(ms).padStart(CHART - 1)}`) },
    { text: `  ${least}` },
  ];
}

/** The way to the log of the wrapped command itself, with the jobs where they were launched. */
function ownLines({ build }: OpenBuild): Line[] {
  const root = build.jobs[ROOT];
  if (!root) return [];
  const launched = root.links.length;
  const aside = `${byteCount(root.size)} bytes, ${launched === 1 ? '1 job' : `${launched} jobs`} launched in it`;
  return [
    {
      ...heading('Own log', root.size < 1000 ? aside : aside.replace(' bytes', 'B')),
      target: { ownLog: true },
    },
  ];
}
