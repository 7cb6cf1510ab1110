// Where a build's time went, as text: the critical path, the slowest jobs, how many jobs ran at once. Gets
// the width to fill and the measurements; knows no file and no terminal.

import type { Job } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import type { JobTiming, Timing } from '../timing/critical.ts';
import type { Load } from '../timing/load.ts';
import type { ResourceTotals } from '../timing/resources.ts';
import { resourcesOf } from '../timing/resources.ts';
import { duration, memorySize, painter } from './formats.ts';
import { elideMiddle, wrapWords } from './width.ts';

export interface Timetable {
  readonly timing: Timing;
  readonly load: Load;
  readonly used: ResourceTotals;
}

export interface TimetableOptions {
  readonly nameOf: (job: Job) => string;
  /** A title for the build or the targets. */
  readonly title: string;
  /**
   * The wrapped command, if the report covers the whole build. It has no row, since it launched the others.
   */
  readonly root: Job | undefined;
  readonly colour: boolean;
  readonly ascii: boolean;
  readonly columns: number;
  /** Whether names are cut to fit the width. */
  readonly fit: boolean;
  /** The maximum number of lines in each list. */
  readonly most: number;
}

/** On narrower terminals, the columns for CPU time and memory are dropped. */
const WIDE = 72;
const LEAST_NAME = 8;
/** Columns are dropped, in this order, until a name has this much room. */
const NAME = 20;
const DROPPED = ['share', 'start', 'waited'];
const MOST_LEVELS = 12;
const MOST_ROWS = 4;
const WIDEST_CHART = 100;

/** Returns the lines of the report. */
export function timetable(table: Timetable, options: TimetableOptions): string {
  const lines = [
    ...summary(table, options),
    ...critical(table, options),
    ...slowest(table, options),
    ...overTime(table, options),
    ...levels(table, options),
    ...alone(table, options),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

const total = ({ timing }: Timetable): number => timing.to - timing.from;
const share = (part: number, whole: number): string =>
  whole > 0 ? `${Math.round((100 * part) / whole)}%` : '';
/** Returns the rows of a sentence, which are broken between words if `fit` is set. */
const sentence = ({ fit, columns }: TimetableOptions, text: string): string[] =>
  fit ? wrapWords(text, columns - 1) : [text];
const heading = (options: TimetableOptions, text: string): string[] =>
  sentence(options, text).map((row) => painter(options.colour)('1', row));

function summary(table: Timetable, options: TimetableOptions): string[] {
  const { load, used, timing } = table;
  const ms = total(table);
  const jobs = timing.jobs.filter(({ job }) => job !== options.root);
  const count = jobs.length === 1 ? '1 job' : `${jobs.length} jobs`;
  const lines = [...heading(options, `${options.title}: ${count} in ${duration(ms)}`)];
  if (jobs.length > 0 && ms > 0)
    lines.push(
      ...sentence(
        options,
        `Their own time together: ${duration(load.work)}; ${(load.work / ms).toFixed(2)} ran on average, ${load.levels.length - 1} at most.`,
      ),
    );
  if (used.known > 0) {
    const of = used.known >= jobs.length ? '' : `, of the ${used.known} jobs that it is known of`;
    const largest = used.largest
      ? `; largest process ${memorySize(used.rss)} (${named(used.largest, options)})`
      : '';
    lines.push(
      ...sentence(
        options,
        `Processor: ${duration(used.user / 1000)} user, ${duration(used.sys / 1000)} system${of}${largest}.`,
      ),
    );
  }
  return lines;
}

function critical(table: Timetable, options: TimetableOptions): string[] {
  const { path, least } = table.timing;
  const ms = total(table);
  if (path.length === 0) return [];
  const waited = path.reduce((sum, piece) => sum + piece.waited, 0);
  const shown = new Set([...path].sort((a, b) => b.ms - a.ms || a.at - b.at).slice(0, options.most));
  const others = path.filter((piece) => !shown.has(piece));
  let before = 0;
  const rows: string[][] = [];
  for (const piece of path) {
    // Dropped rows waited too.
    before += piece.waited;
    if (!shown.has(piece)) continue;
    const times = [duration(piece.at), duration(piece.ms), share(piece.ms, least), durationOrBlank(before)];
    rows.push([...times, named(piece.job, options)]);
    before = 0;
  }
  const lines = [
    '',
    ...heading(
      options,
      `However many ran at once, it could not take less than ${duration(least)} (${share(least, ms)}), because of:`,
    ),
    ...columns(['start', 'took', 'share', 'waited', 'job'], rows, options),
  ];
  if (others.length > 0) {
    const sum = others.reduce((all, piece) => all + piece.ms, 0);
    lines.push(...sentence(options, `and ${others.length} shorter ones, ${duration(sum)} together`));
  }
  if (duration(waited) !== duration(0))
    lines.push(
      ...sentence(
        options,
        `One after the other but for ${duration(waited)} of waiting in between, until there was room for the next.`,
      ),
    );
  return lines;
}

function slowest(table: Timetable, options: TimetableOptions): string[] {
  const jobs = bySlowness(table.timing.jobs.filter(({ job }) => job !== options.root)).slice(0, options.most);
  if (jobs.length === 0) return [];
  const wide = options.columns >= WIDE && table.used.known > 0;
  const rows = jobs.map(({ job, from, selfMs, slack }) => {
    const used = resourcesOf(job);
    const system = used
      ? [duration((used.user + used.sys) / 1000), used.rss === 0 ? '' : memorySize(used.rss)]
      : ['', ''];
    return [duration(selfMs), duration(from), duration(slack), ...(wide ? system : []), named(job, options)];
  });
  const head = ['took', 'start', 'slack', ...(wide ? ['cpu', 'memory'] : []), 'job'];
  return ['', ...heading(options, 'Slowest jobs'), ...columns(head, rows, options)];
}

/** Sorts jobs by their own time, longest first. */
export function bySlowness(jobs: readonly JobTiming[]): JobTiming[] {
  return [...jobs].sort((a, b) => b.selfMs - a.selfMs || a.job.id - b.job.id);
}

/** A chart of how many jobs ran: all columns cover the same share of the time. */
function overTime(table: Timetable, options: TimetableOptions): string[] {
  const { load } = table;
  const most = load.levels.length - 1;
  if (most < 1) return [];
  const label = String(most).length;
  const parts = Math.max(1, Math.min(WIDEST_CHART, options.columns - label - 3));
  const values = load.over(parts);
  const rows = Math.min(MOST_ROWS, most);
  const eighths = options.ascii ? ' ..::||##' : ' ▁▂▃▄▅▆▇█';
  const wall = options.ascii ? '|' : '│';
  const lines = Array.from({ length: rows }, (_, i) => {
    const row = rows - 1 - i;
    const text = Array.from(values, (value) => {
      const fill = Math.round(8 * ((value * rows) / most - row));
      // A small value stays visible.
      const least = row === 0 && value > 0 ? 1 : 0;
      return eighths[Math.max(least, Math.min(8, fill))];
    }).join('');
    const mark = Number.isInteger(((row + 1) * most) / rows) ? String(((row + 1) * most) / rows) : '';
    return `${mark.padStart(label)} ${wall}${text.trimEnd()}`;
  });
  const [first, last] = [duration(load.from), duration(load.to)];
  const axis = `${first}${last.padStart(Math.max(last.length + 1, parts - first.length))}`;
  return ['', ...heading(options, 'Jobs that ran, over time'), ...lines, `${' '.repeat(label + 2)}${axis}`];
}

function levels(table: Timetable, options: TimetableOptions): string[] {
  const { load } = table;
  const ms = total(table);
  const most = load.levels.length - 1;
  if (most < 1) return [];
  const step = Math.ceil(most / MOST_LEVELS);
  const rows: { label: string; ms: number }[] = [{ label: '0', ms: load.levels[0] ?? 0 }];
  for (let first = 1; first <= most; first += step) {
    const end = Math.min(most, first + step - 1);
    const sum = load.levels.slice(first, end + 1).reduce((all, one) => all + one, 0);
    rows.push({ label: end > first ? `${first}-${end}` : String(first), ms: sum });
  }
  const label = Math.max(4, ...rows.map((row) => row.label.length));
  const room = Math.max(1, Math.min(40, options.columns - label - 20));
  const block = options.ascii ? '#' : '█';
  const lines = rows.map((row) =>
    [
      row.label.padStart(label),
      duration(row.ms).padStart(7),
      share(row.ms, ms).padStart(4),
      block.repeat(ms > 0 ? Math.round((room * row.ms) / ms) : 0),
    ].join('  '),
  );
  return ['', ...heading(options, 'So many at once, for so long'), ...lines];
}

function alone(table: Timetable, options: TimetableOptions): string[] {
  const { load } = table;
  const ms = load.alone.reduce((sum, one) => sum + one.ms, 0);
  // With one slot, every job runs alone.
  if (load.levels.length <= 2 || duration(ms) === duration(0)) return [];
  const rows = load.alone
    .filter((one) => duration(one.ms) !== duration(0))
    .slice(0, options.most)
    .map((one) => [duration(one.ms), named(one.job, options)]);
  const text = `While others waited, one job ran alone for ${duration(ms)} (${share(ms, total(table))})`;
  return ['', ...heading(options, text), ...columns(['alone', 'job'], rows, options)];
}

/**
 * Right-aligned columns, except for the last one. If `fit` is set, that is cut to the width, and some of the
 * others are dropped where it would be short.
 */
function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: TimetableOptions,
): string[] {
  const widths = head
    .slice(0, -1)
    .map((title, i) => rows.reduce((widest, row) => Math.max(widest, row[i]!.length), title.length));
  const shown = new Set(widths.keys());
  const roomLeft = (): number => [...shown].reduce((sum, i) => sum - widths[i]! - 2, options.columns - 1);
  if (options.fit) {
    for (const i of widths.keys()) if (rows.every((row) => row[i] === '')) shown.delete(i);
    for (const title of DROPPED) if (roomLeft() < NAME) shown.delete(head.indexOf(title));
  }
  const room = Math.max(LEAST_NAME, roomLeft());
  const line = (cells: readonly string[]): string => {
    const name = cells.at(-1)!;
    const start = [...shown].map((i) => `${cells[i]!.padStart(widths[i]!)}  `).join('');
    return start + (options.fit ? elideMiddle(name, room) : name);
  };
  return [painter(options.colour)('2', line(head)), ...rows.map(line)];
}

const named = (job: Job, options: TimetableOptions): string => escapeName(options.nameOf(job));
/** A duration; '' if it is too short to be shown. */
const durationOrBlank = (ms: number): string => (duration(ms) === duration(0) ? '' : duration(ms));
