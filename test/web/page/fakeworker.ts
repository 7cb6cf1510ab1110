// A worker that is none: it answers the page from a build that is made up here. For states that a real build
// reaches seldom (a lost connection, a damaged record, twenty million lines) and for the page's look, which
// must not depend on how fast a compiler was. It runs in the browser.

import type { Port } from '../../../src/web/engine.ts';
import type {
  AnswerTo,
  BuildRow,
  DocumentAsked,
  DocumentState,
  FromWorker,
  JobDetails,
  JobRef,
  Line,
  NoticeName,
  Notices,
  Of,
  ProblemRow,
  QuestionName,
  Standing,
  Summary,
  TreeRow,
} from '../../../src/web/protocol.ts';
import { type FakeJob, JOBS, NAMES_OF_NEEDS, logOf } from './fakebuild.ts';

export interface FakeOptions {
  /** `open` answers with this error. */
  readonly error?: string;
  readonly expected?: boolean;
  readonly problems?: readonly string[];
  readonly running?: boolean;
  /** While the page asks for what it shows first, the build and the list of builds grow. */
  readonly grows?: boolean;
  readonly alone?: boolean;
  readonly noBuilds?: boolean;
  /** All of it went well. */
  readonly ok?: boolean;
  /** The whole log has so many lines. */
  readonly lines?: number;
  /** There are so many jobs. */
  readonly jobs?: number;
  /** The worker never answers `open`. */
  readonly hangs?: boolean;
}

const AT = Date.UTC(2026, 10, 21, 8, 31);
const LINE_BYTES = 80;

type Answers = { [Q in QuestionName]: (of: Of<Q>) => AnswerTo<Q> | Promise<AnswerTo<Q>> };

interface FakeDocument {
  readonly asked: DocumentAsked;
  readonly lines: readonly string[] | undefined;
  readonly count: number;
}

export class FakeWorker implements Port {
  readonly options: FakeOptions;
  readonly asked: { readonly ask: string; readonly of: unknown }[] = [];
  readonly #listeners: ((event: { readonly data: FromWorker }) => void)[] = [];
  readonly #documents: FakeDocument[] = [];
  readonly #folded = new Set<number>();
  readonly #cancelled = new Set<number>();
  #tree: Of<'tree'> = {};
  #revision = 1;
  #newest: BuildRow | undefined;
  #begun = 0;
  readonly #said = new Map<number, string[]>();

  constructor(options: FakeOptions = {}) {
    this.options = options;
  }

  addEventListener(_type: 'message', listener: (event: { readonly data: FromWorker }) => void): void {
    this.#listeners.push(listener);
  }

  postMessage(message: unknown): void {
    const { id, ask, of, cancel } = message as {
      id?: number;
      ask?: QuestionName;
      of?: never;
      cancel?: number;
    };
    if (cancel !== undefined) this.#cancelled.add(cancel);
    if (id === undefined || ask === undefined) return;
    this.asked.push({ ask, of });
    setTimeout(() => void this.#answer(id, ask, of as never));
  }

  #noticesLeft = 8;

  #grow(): void {
    if (this.#noticesLeft-- <= 0) return;
    const jobs = this.#jobs.length;
    this.notice('builds', {});
    this.notice('grown', { state: 'running', jobs, failed: 0, running: 1, revision: ++this.#revision });
  }

  async #answer(id: number, ask: QuestionName, of: never): Promise<void> {
    if (this.options.grows && (ask === 'tree' || ask === 'builds')) this.#grow();
    try {
      const answer = await this.#answers[ask](of);
      if (!this.#cancelled.has(id)) this.#tell({ id, answer });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#tell({ id, error: message, expected: this.options.expected ?? true });
    }
  }

  #tell(data: FromWorker): void {
    for (const listener of this.#listeners) listener({ data });
  }

  /** Tells the page something of its own accord. */
  notice<N extends NoticeName>(notice: N, of: Notices[N]): void {
    this.#tell({ notice, of } as FromWorker);
  }

  /** A job says something more. */
  say(job: number, ...lines: string[]): void {
    this.#said.set(job, [...(this.#said.get(job) ?? []), ...lines]);
    for (const [i, { asked }] of this.#documents.entries())
      if ('job' in asked && asked.job === job) this.#documents[i] = this.#read(asked);
    this.notice('grown', {
      state: 'running',
      jobs: JOBS.length,
      failed: 1,
      running: 1,
      revision: ++this.#revision,
    });
  }

  /** Another build begins. */
  begin(command: string): void {
    this.#newest = { ...this.#build, id: `20261121-09000000${this.#begun++}-beef`, command };
    this.notice('builds', {});
  }

  // -- the build -------------------------------------------------------------------------------------------

  #made: readonly FakeJob[] | undefined;

  get #jobs(): readonly FakeJob[] {
    return (this.#made ??= this.#makeJobs());
  }

  #makeJobs(): readonly FakeJob[] {
    const { jobs, ok } = this.options;
    const all = ok ? JOBS.map((job) => ({ ...job, standing: 'ok' as const, status: '' })) : JOBS;
    if (jobs === undefined) return all;
    return Array.from({ length: jobs }, (_, i) =>
      i === 0
        ? all[0]!
        : {
            ...all[1 + (i % 4)]!,
            job: i,
            name: `src/part${i % 97}/unit${i}.o`,
            depth: 1 + (i % 3),
            children: false,
          },
    );
  }

  get #build(): BuildRow {
    if (this.#newest) return this.#newest;
    const { running, ok } = this.options;
    const standing: Standing = running ? 'running' : ok ? 'ok' : 'failed';
    return {
      id: '20261121-083116659-aea0',
      command: 'make -k -j4',
      standing,
      at: running ? Date.now() - 1780 : AT,
      ms: 1780,
      jobs: this.#jobs.length,
      failed: ok ? 0 : 1,
    };
  }

  get #shownRows(): readonly FakeJob[] {
    const { filter = '', failed, running, slow } = this.#tree;
    const jobs = this.#jobs;
    if (filter !== '' || failed || running || slow) {
      const fits = jobs.filter(
        ({ name, standing, kind }) =>
          kind !== 'seen' &&
          filter.split(' ').every((word) => name.includes(word)) &&
          (!failed || standing === 'failed') &&
          (!running || standing === 'running'),
      );
      const flat = fits.map((job) => ({ ...job, depth: 0, children: false }));
      return slow ? flat.sort((a, b) => b.to - b.from - (a.to - a.from)) : flat;
    }
    const out: FakeJob[] = [];
    let hidden = Infinity;
    for (const job of jobs) {
      if (job.depth > hidden) continue;
      hidden = this.#folded.has(job.job) ? job.depth : Infinity;
      out.push(job);
    }
    return out;
  }

  #row(job: FakeJob): TreeRow {
    const { to, ...rest } = job;
    const ends = job.standing === 'running' ? {} : { to };
    return { ...rest, ...ends, folded: this.#folded.has(job.job) };
  }

  get #treeState(): { rows: number; jobs: number; revision: number } {
    return { rows: this.#shownRows.length, jobs: this.#jobs.length, revision: this.#revision };
  }

  #ref(job: number): JobRef {
    const { name, standing, status, from, to } = this.#jobs[job]!;
    return { job, name, standing, status, ms: to - from };
  }

  get #problems(): readonly ProblemRow[] {
    return this.#jobs.slice(0, 400).flatMap(({ job, name }) => {
      let byte = 0;
      const found: ProblemRow[] = [];
      for (const line of logOf(job)) {
        const match = /^(\S+:\d+:\d+): (error|warning): (.*?)(?: \[(-W[\w-]+)\])?$/.exec(line);
        if (match && (match[2] === 'warning' || !this.options.ok))
          found.push({
            severity: match[2] as 'error' | 'warning',
            tool: 'gcc',
            ...(match[4] !== undefined && { code: match[4] }),
            message: match[3]!,
            where: match[1]!,
            job,
            jobName: name,
            jobs: 1,
            byte,
            isNew: job === 9,
          });
        byte += line.length + 1;
      }
      return found;
    });
  }

  #summary(): Summary {
    const { ok, running } = this.options;
    const problems = this.#problems;
    const errors = problems.filter(({ severity }) => severity === 'error');
    const ranked = [...errors, ...problems.filter(({ severity }) => severity === 'warning')];
    const failures = ok ? [] : this.#jobs.filter(({ standing, depth }) => standing === 'failed' && depth > 0);
    return {
      standing: running ? 'running' : ok ? 'ok' : 'failed',
      verdict: running ? 'running for 1.8 s' : ok ? 'ok after 1.8 s' : 'failed (exit 2) after 1.8 s',
      command: 'make -k -j4',
      ms: 1780,
      jobs: this.#jobs.length,
      failed: failures.length,
      running: running ? 1 : 0,
      bytes: 12_800,
      failures: failures.length,
      rootFailures: failures.slice(0, 50).map(({ job }) => {
        const firstError = errors.find((problem) => problem.job === job);
        return { ...this.#ref(job), ...(firstError && { firstError }) };
      }),
      problems: {
        errors: errors.length,
        warnings: problems.length - errors.length,
        more: false,
        kinds: ranked.slice(0, 20).map((first) => ({ first, count: 1 })),
        newErrors: 0,
        newWarnings: 1,
        newOnes: problems.filter(({ isNew }) => isNew),
      },
      slowest: this.#jobs
        .filter(({ depth, kind }) => depth > 0 && kind === 'job')
        .sort((a, b) => b.to - b.from - (a.to - a.from))
        .slice(0, 5)
        .map(({ job, from, to }) => ({ ...this.#ref(job), selfMs: to - from, from, to })),
      parallelism: {
        average: 3.4,
        most: 4,
        leastMs: 940,
        chart: Array.from({ length: 200 }, (_, i) => (i < 8 ? 1 : i > 180 ? 1 : i % 31 < 4 ? 3 : 4)),
      },
    };
  }

  // -- documents -------------------------------------------------------------------------------------------

  #read(asked: DocumentAsked): FakeDocument {
    const huge = this.options.lines;
    if (asked.kind === 'build' && huge !== undefined) return { asked, lines: undefined, count: huge };
    const lines = this.#linesOf(asked);
    return { asked, lines, count: lines.length };
  }

  #linesOf(asked: DocumentAsked): string[] {
    switch (asked.kind) {
      case 'log':
        return [...logOf(asked.job), ...(this.#said.get(asked.job) ?? [])];
      case 'block':
        return [`▸ ${this.#jobs[asked.job]!.name}`, ...logOf(asked.job)];
      case 'build':
      case 'problems':
        return this.#jobs
          .slice(0, 400)
          .filter(({ kind }) => kind === 'job')
          .flatMap(({ job, name }) => [`▸ ${name}`, ...logOf(job)]);
      case 'why':
        return [`${this.#jobs[asked.job]!.name}: lstrlib.c changed`, '  lstrlib.c  21 Nov 08:30', '  lua.h'];
      case 'diff':
        return [
          'status: exit 1 → ok',
          '--- 20261121-083116659-aea0',
          '+++ 20261121-083141926-9949',
          '@@ -3,11 +3,6 @@',
          ' lstrlib.c:130:21: warning: comparison of integer expressions',
          '-lstrlib.c:132:35: error: expected ‘;’ before ‘return’',
          '-make: *** [<builtin>: lstrlib.o] Error 1',
          '+lstrlib.c:126:7: warning: unused variable ‘blanks’',
        ];
    }
  }

  #state(document: number): DocumentState {
    const { asked, count } = this.#documents[document]!;
    const job = 'job' in asked ? this.#jobs[asked.job] : undefined;
    return {
      document,
      title: job?.name ?? 'make -k -j4',
      length: count * LINE_BYTES,
      complete: true,
      lines: count,
      grows: job?.standing === 'running' || (asked.kind === 'build' && this.options.running === true),
      ...(asked.kind === 'diff' && this.options.alone && { unavailable: 'No other build is in this file' }),
    };
  }

  #text(document: number, i: number): string {
    const { lines } = this.#documents[document]!;
    if (lines) return lines[i]!;
    return i % 1000 === 7
      ? `src/unit${i}.c:${i % 500}:3: warning: unused variable ‘n${i}’ [-Wunused-variable]`
      : `[${i}] cc -O2 -Wall -c -o build/unit${i}.o src/unit${i}.c`;
  }

  #line(document: number, i: number, pattern?: string): Line {
    const { asked } = this.#documents[document]!;
    const text = this.#text(document, i);
    const spans = spansOf(text);
    const plain = spans.map(([part]) => part).join('');
    const found = pattern === undefined ? [] : [...plain.matchAll(new RegExp(pattern, 'gi'))];
    const mark = text.startsWith('▸ ');
    const target = mark ? this.#jobs.find(({ name }) => name === text.slice(2))?.job : undefined;
    return {
      offset: i * LINE_BYTES,
      next: (i + 1) * LINE_BYTES,
      spans,
      number: i + 1,
      ...(mark && { mark: true }),
      ...(target !== undefined && { job: target }),
      ...(!mark && 'job' in asked && { job: asked.job, byte: i * LINE_BYTES }),
      ...(found.length > 0 && {
        matches: found.flatMap((match) => [match.index, match.index + match[0].length]),
      }),
      ...(asked.kind === 'diff' && /^[-+](?![-+])/.test(text) && { change: text[0] as '-' | '+' }),
      ...(text.includes(' error: ') && asked.kind !== 'diff' && { problem: 'error' as const }),
      ...(text.includes(' warning: ') && asked.kind !== 'diff' && { problem: 'warning' as const }),
    };
  }

  #indexOf(document: number, position: Of<'lines'>['position']): number {
    const { count, asked } = this.#documents[document]!;
    const last = Math.max(0, count - 1);
    if ('end' in position) return last;
    if ('line' in position) return Math.min(last, position.line - 1);
    if ('fraction' in position) return Math.min(last, Math.floor(position.fraction * count));
    if ('offset' in position) return Math.min(count, Math.floor(position.offset / LINE_BYTES));
    let byte = 0;
    const lines = asked.kind === 'log' ? logOf(position.job) : [];
    const at = lines.findIndex((line) => (byte += line.length + 1) > position.byte);
    return Math.max(0, at);
  }

  #search(of: { document: number; offset: number; ahead: boolean }, fits: (i: number) => boolean) {
    const { count } = this.#documents[of.document]!;
    const start = Math.floor(of.offset / LINE_BYTES);
    const step = of.ahead ? 1 : -1;
    for (let n = 1; n <= Math.min(count, 200_000); n++) {
      const i = (((start + step * n) % count) + count) % count;
      if (fits(i)) return { offset: i * LINE_BYTES, again: of.ahead ? i <= start : i >= start };
    }
    return undefined;
  }

  readonly #answers: Answers = {
    builds: ({ from, count, filter = '', failed }) => {
      if (this.options.noBuilds && !this.#newest) return { total: 0, rows: [] };
      const all = Array.from({ length: 40 }, (_, i): BuildRow => {
        const bad = i % 3 === 1;
        if (i === 0) return this.#build;
        return {
          id: `20261120-0${i % 10}0000000-${String(i).padStart(4, '0')}`,
          command: i % 4 === 0 ? 'make -k -j4 test' : 'make -k -j4',
          standing: bad ? 'failed' : 'ok',
          at: AT - i * 7_200_000,
          ms: 1000 + 377 * i,
          jobs: 14 + i,
          failed: bad ? 2 : 0,
        };
      });
      const rows = all.filter(
        (row) => `${row.command} ${row.id}`.includes(filter) && (!failed || row.standing === 'failed'),
      );
      return { total: rows.length, rows: rows.slice(from, from + count) };
    },
    open: ({ build }) => {
      const { error, hangs, running, alone, problems = [] } = this.options;
      if (error !== undefined && !this.#newest) throw new Error(error);
      if (hangs) return new Promise(() => undefined);
      const row = build === undefined ? this.#build : { ...this.#build, id: build };
      return {
        build: row,
        folder: '/src/lua',
        state: running ? 'running' : 'finished',
        problems,
        notes: [],
        alone: alone ?? false,
      };
    },
    summary: () => this.#summary(),
    tree: (of) => {
      this.#tree = of;
      this.#revision++;
      return this.#treeState;
    },
    rows: ({ from, count }) => ({
      ...this.#treeState,
      from,
      list: this.#shownRows.slice(from, from + count).map((job) => this.#row(job)),
    }),
    fold: ({ job, folded }) => {
      const jobs =
        job === undefined ? this.#jobs.filter(({ children }) => children).map((one) => one.job) : [job];
      for (const one of jobs) {
        if (folded && (one !== 0 || job === 0)) this.#folded.add(one);
        else this.#folded.delete(one);
      }
      this.#revision++;
      return this.#treeState;
    },
    rowOf: ({ job }) => {
      const row = this.#shownRows.findIndex((one) => one.job === job && one.kind === 'job');
      return { ...this.#treeState, ...(row >= 0 && { row }) };
    },
    nextFailure: ({ from, ahead }) => {
      const rows = this.#shownRows;
      const at = rows
        .map((row, i) => (row.standing === 'failed' && row.depth > 0 ? i : -1))
        .filter((i) => i >= 0);
      const row = ahead
        ? (at.find((i) => i > from) ?? at[0])
        : (at.filter((i) => i < from).at(-1) ?? at.at(-1));
      return row === undefined ? {} : { row };
    },
    job: ({ job }): JobDetails => {
      const { from, to, bytes, name, depth } = this.#jobs[job]!;
      return {
        ...this.#ref(job),
        from,
        to,
        bytes,
        ...(job > 0 && { parent: 0 }),
        tool: 'make',
        folder: '/src/lua',
        commands: [
          depth === 0
            ? 'make -k -j4'
            : `gcc -O2 -Wall -Wextra -std=c99 -c -o ${name} ${name.replace(/\.o$/, '.c')}`,
        ],
        needs: NAMES_OF_NEEDS.filter(() => job === 0).map((need) =>
          this.#ref(this.#jobs.find((one) => one.name === need)?.job ?? 0),
        ),
        neededBy: [],
        userMs: (to - from) * 0.9,
        sysMs: 20,
        maxRss: 48_000_000,
        link: name,
      };
    },
    names: ({ jobs }) => jobs.map((job) => this.#jobs[job]?.name ?? ''),
    document: (asked) => {
      this.#documents.push(this.#read(asked));
      return this.#state(this.#documents.length - 1);
    },
    lines: ({ document, position, before, after, pattern }) => {
      const { count } = this.#documents[document]!;
      const at = this.#indexOf(document, position);
      const from = Math.max(0, at - before);
      const to = Math.min(count, at + after);
      return {
        ...this.#state(document),
        list: Array.from({ length: to - from }, (_, i) => this.#line(document, from + i, pattern)),
        at: at - from,
      };
    },
    close: () => undefined,
    find: ({ pattern, ...of }) => {
      const fits = new RegExp(pattern, 'i');
      return this.#search(of, (i) => fits.test(this.#text(of.document, i)));
    },
    count: ({ document, pattern, offset = 0 }) => {
      const fits = new RegExp(pattern, 'i');
      const { count } = this.#documents[document]!;
      const most = Math.min(count, 10_000);
      const lines = Array.from({ length: most }, (_, i) => i).filter((i) =>
        fits.test(this.#text(document, i)),
      );
      const before = lines.filter((i) => i * LINE_BYTES < offset).length;
      return { document, pattern, lines: lines.length, done: most === count, before };
    },
    grep: ({ pattern }) => {
      const list = this.#jobs.slice(0, 400).flatMap(({ job, name }) =>
        logOf(job).flatMap((line, i) => {
          const match = new RegExp(pattern, 'i').exec(line);
          if (!match) return [];
          const matches = [match.index, match.index + match[0].length];
          return [{ job, jobName: name, byte: i * LINE_BYTES, spans: spansOf(line), matches }];
        }),
      );
      const jobs = this.#jobs.length;
      this.notice('hits', { pattern, from: 0, list, done: true, searched: jobs, jobs });
      return { hits: list.length, done: true };
    },
    problem: (of) => this.#search(of, (i) => / (?:error|warning): /.test(this.#text(of.document, i))),
    marks: ({ document, parts, pattern }) => {
      const { count } = this.#documents[document]!;
      const ticks = new Uint8Array(parts);
      for (let i = 0; i < Math.min(count, 20_000); i++) {
        const text = this.#text(document, i);
        const bit = text.includes(' error: ') ? 1 : text.includes(' warning: ') ? 2 : 0;
        const match = pattern !== undefined && new RegExp(pattern, 'i').test(text) ? 4 : 0;
        ticks[Math.floor((i / count) * parts)]! |= bit | match;
      }
      return { document, ticks, errors: 1, warnings: 2, done: true };
    },
    problems: ({ from, count, severity, filter = '' }) => {
      const all = this.#problems.filter(
        (row) =>
          (severity === undefined || row.severity === severity) &&
          `${row.message} ${row.where}`.includes(filter),
      );
      return { total: all.length, done: true, list: all.slice(from, from + count) };
    },
    timeline: () => {
      const jobs = this.#jobs.filter(({ kind }) => kind === 'job').sort((a, b) => a.from - b.from);
      const ends: number[] = [];
      const lanes = jobs.map(({ from, to, depth }) => {
        if (depth === 0) return 0;
        let lane = ends.findIndex((end, i) => i > 0 && end <= from);
        if (lane === -1) lane = Math.max(1, ends.length);
        ends[0] = Infinity;
        ends[lane] = to;
        return lane;
      });
      const flag = ({ standing, critical, depth }: FakeJob): number =>
        (standing === 'failed' ? 1 : 0) |
        (critical ? 2 : 0) |
        (standing === 'running' ? 4 : 0) |
        (depth === 0 ? 8 : 0);
      return {
        from: 0,
        to: Math.max(...jobs.slice(0, 1000).map(({ to }) => to)),
        jobs: Uint32Array.from(jobs, ({ job }) => job),
        starts: Float32Array.from(jobs, ({ from }) => from),
        ends: Float32Array.from(jobs, ({ to }) => to),
        lanes: Uint16Array.from(lanes),
        laneCount: Math.max(...lanes) + 1,
        flags: Uint8Array.from(jobs, flag),
        critical: Uint32Array.from(jobs.filter(({ critical }) => critical).map(({ job }) => job)),
      };
    },
    text: ({ document, from, to }) => {
      const { count } = this.#documents[document]!;
      const end = Math.min(count, to === undefined ? count : to / LINE_BYTES);
      const texts: string[] = [];
      for (let i = from / LINE_BYTES; i < end; i++) texts.push(`${this.#text(document, i)}\n`);
      return { bytes: new TextEncoder().encode(texts.join('')) };
    },
    raw: ({ job }) => ({
      bytes: new TextEncoder().encode(
        logOf(job)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    }),
    trace: () => ({ bytes: new TextEncoder().encode('{"traceEvents":[]}') }),
    resolve: ({ link }) => {
      const [, view = '', rest = ''] = /^#?(\w+)(?:@[\w-]+)?\/?([^]*)$/.exec(link) ?? [];
      const line = /\/L(\d+)(?:-L\d+)?$/.exec(rest)?.[1] ?? /^L(\d+)/.exec(rest)?.[1];
      if (view === 'build')
        return { view, document: { kind: 'build' }, ...(line !== undefined && { line: Number(line) }) };
      const name = decodeURIComponent(rest.replace(/\/L\d+(?:-L\d+)?$/, ''));
      const job = this.#jobs.find((one) => one.name === name)?.job;
      if (job === undefined) return { view: 'unknown', name };
      const kind = view === 'job' ? ('log' as const) : (view as 'block' | 'why' | 'diff');
      return {
        view: view as 'job',
        document: { kind, job },
        ...(line !== undefined && { line: Number(line) }),
      };
    },
    link: () => '#',
  };
}

/** Spans of a line that has escape sequences, or that a compiler would colour. */
function spansOf(text: string): [string, string][] {
  if (text.includes('\x1b')) {
    const out: [string, string][] = [];
    let style = '';
    for (const [, codes, part] of text.matchAll(/\x1b\[([\d;:]*)m|([^\x1b]+)/g)) {
      if (part !== undefined) out.push([part, style]);
      else style = codes === '' || codes === '0' ? '' : style === '' ? codes! : `${style};${codes}`;
    }
    return out;
  }
  const found = /^(\S+:\d+:\d+:)( )(error:|warning:)(.*)$/.exec(text);
  if (found) {
    const [, where = '', blank = '', severity = '', rest = ''] = found;
    return [
      [where, '1'],
      [blank, ''],
      [severity, severity === 'error:' ? '1;31' : '1;35'],
      [rest, ''],
    ];
  }
  if (/^(?:gcc|cc) /.test(text)) return [[text, '2']];
  return [[text, '']];
}
