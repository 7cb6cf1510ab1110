// Answers to what the page asks of an open build besides lines and rows: a job, its links, the problems, the
// timeline, a search in all logs, texts for the clipboard and for files.

import { forward } from '../documents/find.ts';
import { jobLog } from '../documents/log.ts';
import { LogProblems } from '../documents/logproblems.ts';
import { PieceDocument } from '../documents/pieces.ts';
import { ProblemMarks } from '../documents/problemmarks.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import { Heap } from '../linearize/heap.ts';
import { type Job, failed } from '../model/build.ts';
import { type ByteOffset, ROOT } from '../model/ids.ts';
import type { Sliced } from '../model/sliced.ts';
import { untimed } from '../problems/boundedpatterns.ts';
import { commandLine } from '../render/formats.ts';
import { traceText } from '../render/trace.ts';
import type { SearchPattern } from '../search/pattern.ts';
import { WaitedFor } from '../timing/waitedfor.ts';
import type { Facts } from './facts.ts';
import type { OpenDocument } from './opendocuments.ts';
import type { PageBuild } from './pagebuild.ts';
import type { AnswerTo, Found, Hit, Hits, JobDetails, LinkTarget, Of, Timeline } from './protocol.ts';
import type { TextLines } from './textlines.ts';

/** At most so much is answered at once, in bytes. */
const PART = 1 << 20;
const MOST_JOBS = 200;
const MOST_HITS = 10_000;
/** A search tells of its hits at least this often, in milliseconds. */
const TOLD_MS = 100;
const CHUNK = 32 * 1024;

const FAILED = 1;
const CRITICAL = 2;
const RUNNING = 4;
const WAITED = 8;
const MATCH = 4;

export class Answers {
  readonly #build: PageBuild;
  readonly #facts: Facts;
  readonly #text: TextLines;
  readonly #marks = new WeakMap<OpenDocument, ProblemMarks>();
  readonly #reader: ProblemReader;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK);
  #names: { readonly revision: number; readonly jobs: Map<string, Job> } | undefined;
  #waitedFor: { readonly revision: number; readonly of: WaitedFor } | undefined;
  #trace: readonly Uint8Array[] = [];

  constructor(build: PageBuild, facts: Facts, text: TextLines) {
    this.#build = build;
    this.#facts = facts;
    this.#text = text;
    const project = { root: build.build.started?.root ?? '/' };
    this.#reader = new ProblemReader(build.build, build.logs, project, untimed([]));
  }

  // -- jobs ------------------------------------------------------------------------------------------------

  job(id: number): JobDetails {
    const build = this.#build;
    const job = build.job(id);
    const commands =
      job.id === ROOT
        ? [commandLine(build.build.started?.argv ?? [])]
        : job.steps.map(({ argv }) => commandLine(argv));
    return {
      ...build.ref(job),
      ...(job.parent && { parent: job.parent.id }),
      ...(job.instance && { tool: job.instance.tool }),
      from: job.started,
      ...(job.ended !== undefined && { to: job.ended }),
      bytes: job.size,
      commands: commands.slice(0, MOST_JOBS),
      needs: this.#needs(job),
      neededBy: [],
      link: build.nameOf(job),
    };
  }

  #needs(job: Job): JobDetails['needs'] {
    const { revision, build } = this.#build;
    if (this.#waitedFor?.revision !== revision) this.#waitedFor = { revision, of: new WaitedFor(build) };
    return [...this.#waitedFor.of.of(job)].slice(0, MOST_JOBS).map((need) => this.#build.ref(need));
  }

  /** The job that is shown under a name. */
  #named(name: string): Job | undefined {
    const { revision, build, nameOf } = this.#build;
    if (this.#names?.revision !== revision) {
      const jobs = new Map<string, Job>();
      for (const job of build.jobs) if (!jobs.has(nameOf(job))) jobs.set(nameOf(job), job);
      this.#names = { revision, jobs };
    }
    return this.#names.jobs.get(name);
  }

  resolve(link: string): LinkTarget {
    const [, view = '', rest = ''] = /^#?([^/]*)\/?([^]*)$/.exec(link) ?? [];
    const found = /(?:^|\/)L(\d{1,15})(?:-L\d{1,15})?$/.exec(rest);
    const line = found ? { line: Math.max(1, Number(found[1])) } : {};
    switch (view) {
      case 'build':
        return { view, document: { kind: 'build' }, ...line };
      case 'problems':
        return { view, document: { kind: 'problems' } };
      case 'job':
      case 'block':
      case 'why':
      case 'diff': {
        const name = decoded(found ? rest.slice(0, found.index) : rest);
        const job = this.#named(name);
        if (!job) return { view: 'unknown', name };
        const kind = view === 'job' ? 'log' : view;
        return { view, document: { kind, job: job.id }, ...line };
      }
      default:
        return { view: view === 'timeline' ? view : 'summary' };
    }
  }

  link({ asked, numbers }: OpenDocument, offset: number | undefined): string {
    const number = offset === undefined ? undefined : numbers.of(offset);
    const line = number === undefined ? '' : `/L${number}`;
    if (!('job' in asked)) return `#${asked.kind}${line}`;
    const name = encodeURIComponent(this.#build.nameOf(this.#build.job(asked.job))).replaceAll('%2F', '/');
    return `#${asked.kind === 'log' ? 'job' : asked.kind}/${name}${line}`;
  }

  // -- problems --------------------------------------------------------------------------------------------

  #marksOf(open: OpenDocument): ProblemMarks | undefined {
    const { document } = open;
    if (!(document instanceof PieceDocument)) return undefined;
    let marks = this.#marks.get(open);
    if (!marks) {
      const build = this.#build;
      const grows = (job: Job) => (): boolean => build.state === 'running' && job.ended === undefined;
      marks = new ProblemMarks(
        document,
        (job) => new LogProblems(job, build.logs, this.#reader.extractor(job), grows(job), this.#buffer),
      );
      this.#marks.set(open, marks);
    }
    return marks;
  }

  /** What problem a line of a document begins, as far as that is known. */
  problemAt(open: OpenDocument, offset: number): 'error' | 'warning' | undefined {
    const marks = this.#marks.get(open);
    if (!marks) return undefined;
    return has(marks.errors, offset) ? 'error' : has(marks.warnings, offset) ? 'warning' : undefined;
  }

  *marks(open: OpenDocument, parts: number, pattern?: SearchPattern): Sliced<AnswerTo<'marks'>> {
    const marks = this.#marksOf(open);
    while (marks?.step()) yield;
    const end = Math.max(1, open.document.knownEnd);
    const ticks = marks?.ticks.rows(parts, end) ?? new Uint8Array(parts);
    if (pattern)
      for (let from = 0; ;) {
        const at = yield* forward(open.document, from, pattern);
        if (at === undefined) break;
        const part = Math.min(parts - 1, Math.floor((at * parts) / end));
        ticks[part] = ticks[part]! | MATCH;
        // The next match in the same part says nothing new.
        const next = open.document.startOf(Math.ceil(((part + 1) * end) / parts));
        from = Math.max(open.document.at(at)?.next ?? end, next);
        if (from >= end) break;
      }
    const { errorCount: errors = 0, warningCount: warnings = 0 } = marks ?? {};
    return { document: open.number, ticks, errors, warnings, done: true };
  }

  /** The next error, and after the last one the warnings; the other way round before. */
  *problem(open: OpenDocument, { offset, ahead, errors }: Of<'problem'>): Sliced<Found | undefined> {
    const marks = this.#marksOf(open);
    if (!marks) return undefined;
    while (marks.step()) yield;
    const list = [...marks.errors, ...(errors ? [] : marks.warnings)];
    if (list.length === 0) return undefined;
    // A warning is beyond the errors, unless the place is that of a warning.
    const here = list.indexOf(offset);
    if (here >= 0) {
      const next = (here + (ahead ? 1 : list.length - 1)) % list.length;
      return { offset: list[next]!, again: ahead ? next === 0 : here === 0 };
    }
    const near = ahead ? list.find((at) => at > offset) : list.findLast((at) => at < offset);
    return near === undefined
      ? { offset: ahead ? list[0]! : list.at(-1)!, again: true }
      : { offset: near, again: false };
  }

  problems({ from, count, severity, filter = '' }: Of<'problems'>): AnswerTo<'problems'> {
    const words = filter.toLowerCase().split(' ').filter(Boolean);
    const rows = this.#facts.found
      .filter(({ problem }) => severity === undefined || problem.severity === severity)
      .map((found) => this.#facts.problemRow(found))
      .filter(({ message, where = '', jobName, code = '' }) => {
        const text = `${message} ${where} ${jobName} ${code}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
    const list = rows.slice(from, from + Math.min(count, 500));
    return { total: rows.length, done: this.#facts.problems !== undefined, list };
  }

  /** Where a job's document begins: at the first error of a job that failed. */
  startAt(open: OpenDocument): number {
    const { asked, document, job } = open;
    if (asked.kind !== 'log' || !job || !failed(job) || !(document instanceof PieceDocument)) return 0;
    const first = this.#facts.found.find(
      ({ problem, jobs }) => problem.severity === 'error' && jobs.includes(job),
    );
    const offset = first?.jobs[0] === job ? document.find(job, first.problem.at) : undefined;
    return offset === undefined ? 0 : document.startOf(offset);
  }

  // -- when jobs ran ---------------------------------------------------------------------------------------

  timeline(): Timeline {
    const timing = this.#facts.measured();
    const all = [...timing.jobs].sort((a, b) => a.from - b.from || a.job.id - b.job.id);
    const critical = timing.path.map(({ job }) => job);
    const onPath = new Set(critical);
    const flags = all.map(({ job }) => {
      const launched = job.links.length > 0 ? WAITED : 0;
      const runs = job.ended === undefined && this.#build.state === 'running' ? RUNNING : 0;
      return (failed(job) ? FAILED : 0) | (onPath.has(job) ? CRITICAL : 0) | runs | launched;
    });
    const { lanes, count } = lanesOf(all);
    return {
      from: timing.from,
      to: timing.to,
      jobs: Uint32Array.from(all, ({ job }) => job.id),
      starts: Float32Array.from(all, ({ from }) => from),
      ends: Float32Array.from(all, ({ to }) => to),
      lanes,
      laneCount: count,
      flags: Uint8Array.from(flags),
      critical: Uint32Array.from(critical, ({ id }) => id),
    };
  }

  *trace(part: number): Sliced<AnswerTo<'trace'>> {
    if (part === 0) {
      const parts: Uint8Array[] = [];
      let text = '';
      for (const piece of traceText(this.#build.build, this.#facts.measured().jobs, this.#build.nameOf)) {
        text += piece;
        if (text.length < PART / 4) continue;
        parts.push(new TextEncoder().encode(text));
        text = '';
        yield;
      }
      this.#trace = [...parts, new TextEncoder().encode(text)];
    }
    const bytes = this.#trace[part] ?? new Uint8Array(0);
    return { bytes, ...(part + 1 < this.#trace.length && { next: part + 1 }) };
  }

  // -- texts -----------------------------------------------------------------------------------------------

  *grep(pattern: SearchPattern, source: string, tell: (hits: Hits) => void): Sliced<AnswerTo<'grep'>> {
    const { build } = this.#build;
    const jobs = build.jobs.length;
    let found = 0;
    let fresh: Hit[] = [];
    let told = performance.now();
    const flush = (searched: number, done: boolean): void => {
      const hits = { pattern: source, from: found - fresh.length, list: fresh, done, searched, jobs };
      tell(hits);
      fresh = [];
      told = performance.now();
    };
    for (const [searched, job] of build.jobs.entries()) {
      for (const hit of this.#hitsIn(job, pattern)) {
        if (hit) {
          fresh.push(hit);
          found++;
        } else yield;
        if (found >= MOST_HITS) break;
        if (performance.now() - told > TOLD_MS) flush(searched, false);
      }
      if (found >= MOST_HITS) break;
      yield;
    }
    flush(jobs, true);
    return { hits: found, done: found < MOST_HITS };
  }

  /** Yields undefined where others may have their turn. */
  *#hitsIn(job: Job, pattern: SearchPattern): Generator<Hit | undefined> {
    if (job.size === 0) return;
    const document = jobLog(
      job,
      this.#build.blocks,
      () => '',
      () => undefined,
    );
    for (let from = 0; ;) {
      const search = forward(document, from, pattern);
      let step = search.next();
      for (; !step.done; step = search.next()) yield undefined;
      const line = step.value === undefined ? undefined : document.at(step.value);
      if (!line) return;
      from = line.next;
      if (line.mark) continue;
      const { spans, matches = [], byte = 0 } = this.#text.line(line, undefined, pattern);
      yield { job: job.id, jobName: this.#build.nameOf(job), byte, spans, matches };
    }
  }

  /** Lines without their colours. */
  text({ document }: OpenDocument, from: number, to = Infinity): AnswerTo<'text'> {
    const texts: string[] = [];
    let size = 0;
    let at = from;
    for (; at < to && size < PART / 2;) {
      const line = document.at(at);
      if (!line) return { bytes: new TextEncoder().encode(texts.join('')) };
      const text = line.text.replaceAll(/\x1b\[[\d;:]*m/g, '');
      // A line that is too long goes on in the next one.
      const goesOn = document.at(line.next)?.continued === true;
      texts.push(goesOn ? text : `${text}\n`);
      size += text.length + 1;
      at = line.next;
    }
    const bytes = new TextEncoder().encode(texts.join(''));
    return { bytes, ...(at < to && { next: at }) };
  }

  raw(id: number, from: number): AnswerTo<'raw'> {
    const job = this.#build.job(id);
    const room = new Uint8Array(Math.max(0, Math.min(PART, job.size - from)));
    const n = room.length === 0 ? 0 : this.#build.logs.read(job.id, from as ByteOffset, room);
    const next = from + n;
    return { bytes: room.subarray(0, n), ...(n > 0 && next < job.size && { next }) };
  }
}

/** Whether a sorted list has a number. */
function has(sorted: readonly number[], wanted: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Lanes in which no two bars overlap, as few as possible. The bars are in the order of their starts. */
function lanesOf(bars: readonly { readonly from: number; readonly to: number }[]): {
  readonly lanes: Uint16Array;
  readonly count: number;
} {
  const open = new Heap<{ readonly to: number; readonly lane: number }>(
    (a, b) => a.to < b.to || (a.to === b.to && a.lane < b.lane),
  );
  const lanes = new Uint16Array(bars.length);
  let count = 0;
  for (const [i, { from, to }] of bars.entries()) {
    const first = open.pop();
    let lane = count;
    if (first && first.to <= from) lane = first.lane;
    else {
      if (first) open.push(first);
      count++;
    }
    lanes[i] = lane;
    open.push({ to, lane });
  }
  return { lanes, count };
}
