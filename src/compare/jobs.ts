// Compares jobs of two builds, wherever their logs are: logs, commands and exit statuses. Knows no store.

import { ProblemReader, type Project } from '../documents/problemreader.ts';
import { hasFailedBelow } from '../linearize/failures.ts';
import type { Build, Job } from '../model/build.ts';
import { isStopExit } from '../model/events.ts';
import { ROOT } from '../model/ids.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import { ChunkReader } from '../record/chunks.ts';
import type { LogSource } from '../record/logsource.ts';
import type { BuildState } from '../record/recordreader.ts';
import { commandsOf, jobState, outcome } from '../render/joblist.ts';
import { readableLines } from './loglines.ts';
import {
  type CompareOptions,
  type Comparison,
  type Difference,
  type Side,
  compareTarget,
  comparison,
} from './target.ts';

/** A build that can be compared. */
export interface ComparedBuild {
  readonly id: string;
  readonly build: Build;
  readonly state: BuildState;
  readonly logs: LogSource;
}

/** A job and its build. */
export interface ComparedJob<B extends ComparedBuild> {
  readonly recorded: B;
  readonly job: Job;
}

export interface JobComparerOptions<B extends ComparedBuild> extends Omit<CompareOptions, 'roots'> {
  /** A folder that both builds may name, beside their own. */
  readonly root?: string;
  readonly project: (recorded: B) => Project;
  readonly patterns: BoundedPatterns;
  /** Whether the first bytes of two logs are known to be the same, without their being read as lines. */
  readonly same?: (from: ComparedJob<B>, to: ComparedJob<B>, size: number) => boolean;
  /** Called with a log from which bytes are missing from an offset on. */
  readonly short?: (recorded: B, job: Job, at: number) => void;
}

/** Compares pairs of jobs. */
export class JobComparer<B extends ComparedBuild> {
  compared = 0;
  running = 0;
  readonly #options: JobComparerOptions<B>;
  /** Keyed by the folders that the project was in. */
  readonly #comparisons = new Map<string, Comparison>();
  readonly #readers = [new ChunkReader(), new ChunkReader()] as const;

  constructor(options: JobComparerOptions<B>) {
    this.#options = options;
  }

  /** @returns undefined if both are the same, or one of them runs. */
  compare(from: ComparedJob<B>, to: ComparedJob<B>): Difference | undefined {
    if ([from, to].some(({ recorded, job }) => jobState(job, recorded.state) === 'running')) {
      this.running++;
      return undefined;
    }
    this.compared++;
    const { exact, project, patterns, short } = this.#options;
    const how = this.#comparison(from.recorded, to.recorded);
    const { size } = to.job;
    const same = from.job.size === size && this.#options.same?.(from, to, size) === true;
    let cut = false as boolean;
    const side = ({ recorded, job }: ComparedJob<B>, reader: ChunkReader): Side => ({
      outcome: outcome(job, jobState(job, recorded.state)),
      // The root's command is in the list of builds: -j4 instead of -j1 is no news about a target.
      commands: job.id === ROOT ? undefined : commandsOf(job),
      lines: same
        ? undefined
        : readableLines(
            reader.chunks(recorded.logs, job.id, job.size, (at) => {
              cut = true;
              short?.(recorded, job, at);
            }),
            exact,
          ),
      problems: (found) => {
        new ProblemReader(recorded.build, recorded.logs, project(recorded), patterns).read(job, found);
      },
      passedOn: hasFailedBelow(job),
    });
    const [a, b] = [side(from, this.#readers[0]), side(to, this.#readers[1])];
    const difference = compareTarget(a, b, how);
    // Missing bytes are no difference in what was printed.
    return cut ? compareTarget({ ...a, lines: undefined }, { ...b, lines: undefined }, how) : difference;
  }

  #comparison(from: B, to: B): Comparison {
    const roots = [rootOf(from), rootOf(to), this.#options.root].flatMap((root) => root ?? []);
    const key = roots.join('\0');
    let how = this.#comparisons.get(key);
    if (!how)
      this.#comparisons.set(key, (how = comparison({ ...this.#options, roots: [...new Set(roots)] })));
    return how;
  }
}

const rootOf = ({ build }: ComparedBuild): string | undefined => build.started?.root;

/** Whether a job ended only because its build was interrupted: then its output is incomplete. */
export function wasCutOff(
  { state, build }: Pick<ComparedBuild, 'state' | 'build'>,
  { status }: Job,
): boolean {
  if (state !== 'interrupted' && !build.ended?.interrupted) return false;
  return !status || 'signal' in status || isStopExit(status.exit);
}
