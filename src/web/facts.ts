// The summary of the build, as far as it is known: failures at once, times and problems when they were found.

import { rootFailures } from '../linearize/failures.ts';
import { type Job, succeeded } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { runToEnd, type Sliced } from '../model/sliced.ts';
import { ProblemCounter } from '../documents/problemcounter.ts';
import { untimed } from '../problems/boundedpatterns.ts';
import { type FoundProblem, fingerprint } from '../problems/problemlist.ts';
import { duration, statusText } from '../render/formats.ts';
import { placeText } from '../render/problem.ts';
import { bySlowness } from '../render/timetable.ts';
import { type JobTiming, type Timing, findCriticalPath } from '../timing/critical.ts';
import { type Load, loadOf } from '../timing/load.ts';
import type { PageBuild } from './pagebuild.ts';
import type { ProblemRow, Summary } from './protocol.ts';

const MOST_FAILURES = 50;
const MOST_KINDS = 20;
const SLOWEST = 10;
const CHART = 200;
/** How many ran at once is not found out for more jobs: that is not done in slices. */
const MOST_LOADED = 200_000;

interface Counts {
  errors: number;
  warnings: number;
}

interface Totals {
  readonly revision: number;
  readonly bytes: number;
  readonly failures: readonly Job[];
}

export class Facts {
  readonly #build: PageBuild;
  readonly #counter: ProblemCounter;
  readonly #counts = new Map<Job, Counts>();
  #problems: readonly FoundProblem[] | undefined;
  /** What identifies the problems that were there before; undefined while that is not known. */
  known: ReadonlySet<string> | undefined;
  #timing: Timing | undefined;
  #load: Load | undefined;
  #chart: number[] = [];
  #work: Sliced<void> | undefined;
  #measured = -1;
  #critical = new Set<Job>();
  #slowest: readonly JobTiming[] = [];
  #totals: Totals | undefined;

  constructor(build: PageBuild) {
    this.#build = build;
    const logs = { read: build.logs.read.bind(build.logs), close: () => undefined };
    this.#counter = new ProblemCounter(build.build, logs, build.project, untimed([]), (job, problem) => {
      if (problem.summary) return;
      let counts = this.#counts.get(job);
      if (!counts) this.#counts.set(job, (counts = { errors: 0, warnings: 0 }));
      if (problem.severity === 'error') counts.errors++;
      else counts.warnings++;
    });
  }

  problemsOf(job: Job): Counts | undefined {
    return this.#counts.get(job);
  }

  isCritical(job: Job): boolean {
    return this.#critical.has(job);
  }

  /** The problems that were found; undefined while logs are read. */
  get problems(): readonly FoundProblem[] | undefined {
    return this.#problems;
  }

  /** What was found so far. */
  get found(): readonly FoundProblem[] {
    return this.#problems ?? this.#counter.found;
  }

  get timing(): Timing | undefined {
    return this.#timing;
  }

  /** The times at once, for who cannot wait. */
  measured(): Timing {
    if (!this.#timing || this.#measured !== this.#build.revision) runToEnd(this.#measure());
    return this.#timing!;
  }

  /** Goes on reading problems. @returns false if all that is there has been read. */
  readonly readProblems = (): boolean => {
    if (this.#problems) return false;
    const over = this.#build.state !== 'running';
    if (this.#counter.step(over)) return true;
    if (!over) return false;
    this.#problems = this.#counter.found;
    return true;
  };

  /** Goes on measuring. @returns false if the times are those of the build as it is. */
  readonly measure = (): boolean => {
    if (this.#build.state === 'running') return false;
    if (this.#measured === this.#build.revision) return false;
    this.#work ??= this.#measure();
    if (this.#work.next().done) this.#work = undefined;
    return true;
  };

  *#measure(): Sliced<void> {
    const { build, revision } = this.#build;
    const timing = yield* findCriticalPath(build);
    yield;
    const jobs = timing.jobs.map(({ job }) => job);
    this.#load = jobs.length <= MOST_LOADED ? loadOf(build, jobs, timing.from, timing.to) : undefined;
    this.#chart = Array.from(this.#load?.over(CHART) ?? []);
    this.#timing = timing;
    this.#critical = new Set(timing.path.map(({ job }) => job));
    this.#slowest = bySlowness(timing.jobs.filter(({ job }) => job.id !== ROOT)).slice(0, SLOWEST);
    this.#measured = revision;
  }

  summary(): Summary {
    const shown = this.#build;
    const { row } = shown;
    const { bytes, failures } = this.#total();
    const { found } = this;
    return {
      standing: row.standing,
      verdict: this.#verdict(),
      command: row.command,
      ms: row.ms,
      jobs: row.jobs,
      failed: row.failed,
      running: shown.counts().running,
      bytes,
      failures: failures.length,
      rootFailures: failures.slice(0, MOST_FAILURES).map((job) => {
        const first = found.find(({ problem, jobs }) => problem.severity === 'error' && jobs.includes(job));
        return { ...shown.ref(job), ...(first && { firstError: this.problemRow(first, job) }) };
      }),
      ...this.#problemParts(),
      ...this.#timeParts(),
    };
  }

  /** What takes a look at every job is found out once for what was read of the build. */
  #total(): Totals {
    const { build, revision } = this.#build;
    if (this.#totals?.revision !== revision)
      this.#totals = {
        revision,
        bytes: build.jobs.reduce((sum, { size }) => sum + size, 0),
        failures: rootFailures(build),
      };
    return this.#totals;
  }

  problemRow({ problem, jobs }: FoundProblem, of: Job | undefined = jobs[0]): ProblemRow {
    const { severity, tool, code, message, at } = problem;
    const where = placeText(problem);
    return {
      severity,
      tool,
      ...(code === undefined ? {} : { code }),
      message,
      ...(where === undefined ? {} : { where }),
      job: of?.id ?? ROOT,
      jobName: of ? this.#build.nameOf(of) : '',
      jobs: jobs.length,
      byte: at,
      ...(this.known && { isNew: !this.known.has(fingerprint(problem)) }),
    };
  }

  #verdict(): string {
    const { build, outcome, time } = this.#build;
    const took = duration(time);
    const status = build.ended?.status;
    if (outcome === 'running') return `running for ${took}`;
    if (outcome === 'interrupted') return `interrupted after ${took}`;
    if (!status || succeeded(status)) return `ok after ${took}`;
    return `failed (${statusText(status)}) after ${took}`;
  }

  #problemParts(): Pick<Summary, 'problems'> {
    const { errors, warnings, more } = this.#counter.counts;
    if (!this.#problems) return {};
    const kinds = new Map<string, { readonly first: FoundProblem; count: number }>();
    for (const found of this.#problems) {
      const { severity, code, message } = found.problem;
      const key =
        code === undefined
          ? fingerprint({ ...found.problem, file: undefined, message })
          : `${severity} ${code}`;
      const kind = kinds.get(key);
      if (kind) kind.count++;
      else kinds.set(key, { first: found, count: 1 });
    }
    const rank = ({ first }: { readonly first: FoundProblem }): number =>
      first.problem.severity === 'error' ? 0 : 1;
    const sorted = [...kinds.values()].sort((a, b) => rank(a) - rank(b) || b.count - a.count);
    return {
      problems: {
        errors,
        warnings,
        more,
        kinds: sorted
          .slice(0, MOST_KINDS)
          .map(({ first, count }) => ({ first: this.problemRow(first), count })),
        ...this.#newParts(this.#problems),
      },
    };
  }

  #newParts(found: readonly FoundProblem[]): Partial<NonNullable<Summary['problems']>> {
    const { known } = this;
    if (!known) return {};
    const fresh = found.filter(({ problem }) => !known.has(fingerprint(problem)));
    const errors = fresh.filter(({ problem }) => problem.severity === 'error');
    const warnings = fresh.filter(({ problem }) => problem.severity !== 'error');
    return {
      newErrors: errors.length,
      newWarnings: warnings.length,
      newOnes: [...errors, ...warnings].slice(0, MOST_KINDS).map((one) => this.problemRow(one)),
    };
  }

  #timeParts(): Pick<Summary, 'slowest' | 'parallelism'> {
    const timing = this.#timing;
    if (!timing) return {};
    const ms = timing.to - timing.from;
    const load = this.#load;
    return {
      slowest: this.#slowest.map(({ job, selfMs, from, to }) => ({
        ...this.#build.ref(job),
        selfMs,
        from,
        to,
      })),
      ...(load && ms > 0
        ? {
            parallelism: {
              average: load.work / ms,
              most: load.levels.length - 1,
              leastMs: timing.least,
              chart: this.#chart,
            },
          }
        : {}),
    };
  }
}
