// Compares jobs of two builds: their logs, commands and exit statuses. `loglin diff` prints the result, and
// `d` shows it in the browser.

import { readableLines } from '../compare/loglines.ts';
import type { Differing } from '../compare/print.ts';
import {
  type CompareOptions,
  type Comparison,
  type Difference,
  type Side,
  compareTarget,
  comparison,
} from '../compare/target.ts';
import { hasFailedBelow } from '../linearize/failures.ts';
import { ROOT } from '../model/ids.ts';
import type { RecordedJob } from './earlierruns.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import { commandsOf, outcome } from '../render/joblist.ts';
import type { RecordedBuild } from '../store/reader.ts';
import { ChunkReader } from '../record/chunks.ts';
import type { Place } from '../store/place.ts';
import { sameBytes } from '../store/logs.ts';
import { ShortLogs } from './viewedbuild.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import { stateOf } from './targets.ts';
import { projectAt } from './project.ts';

/** One target in both builds. */
export interface Pair {
  readonly name: string;
  readonly from: RecordedJob;
  readonly to: RecordedJob;
}

export function origin({ recorded, job }: RecordedJob): Differing['from'] {
  return { build: recorded.id, job: job.id, status: job.status };
}

/** Compares pairs of jobs, and collects the logs that are too short. */
export class Comparer {
  readonly short = new ShortLogs();
  compared = 0;
  running = 0;
  readonly #place: Place;
  readonly #patterns: BoundedPatterns;
  readonly #options: Omit<CompareOptions, 'roots'>;
  /** Keyed by the folders that the project was in. */
  readonly #comparisons = new Map<string, Comparison>();
  readonly #readers = [new ChunkReader(), new ChunkReader()] as const;

  /** @param patterns the user's patterns of problems. */
  constructor(place: Place, patterns: BoundedPatterns, options: Omit<CompareOptions, 'roots'>) {
    this.#place = place;
    this.#patterns = patterns;
    this.#options = options;
  }

  compare({ from, to }: Pair): Difference | undefined {
    if ([from, to].some(({ recorded, job }) => stateOf(job, recorded) === 'running')) {
      this.running++;
      return undefined;
    }
    this.compared++;
    const how = this.#comparison(from.recorded, to.recorded);
    const size = to.job.size;
    const same =
      from.job.size === size && sameBytes(from.recorded.logs, from.job.id, to.recorded.logs, to.job.id, size);
    let cut = false as boolean;
    const side = ({ recorded, job }: RecordedJob, reader: ChunkReader): Side => ({
      outcome: outcome(job, stateOf(job, recorded)),
      // The root's command is in the list of builds: -j4 instead of -j1 is no news about a target.
      commands: job.id === ROOT ? undefined : commandsOf(job),
      lines: same
        ? undefined
        : readableLines(
            reader.chunks(recorded.logs, job.id, job.size, (at) => {
              cut = true;
              this.short.add(recorded, job, at);
            }),
            this.#options.exact,
          ),
      problems: (found) => {
        new ProblemReader(recorded.build, recorded.logs, projectAt(this.#place), this.#patterns).read(
          job,
          found,
        );
      },
      passedOn: hasFailedBelow(job),
    });
    const [a, b] = [side(from, this.#readers[0]), side(to, this.#readers[1])];
    const difference = compareTarget(a, b, how);
    // Missing bytes are no difference in what was printed.
    return cut ? compareTarget({ ...a, lines: undefined }, { ...b, lines: undefined }, how) : difference;
  }

  #comparison(from: RecordedBuild, to: RecordedBuild): Comparison {
    const roots = [rootOf(from), rootOf(to), this.#place.root].flatMap((root) => root ?? []);
    const key = roots.join('\0');
    let how = this.#comparisons.get(key);
    if (!how)
      this.#comparisons.set(key, (how = comparison({ ...this.#options, roots: [...new Set(roots)] })));
    return how;
  }
}

const rootOf = ({ build }: RecordedBuild): string | undefined => build.started?.root;
