// The summary of the open build, which the log pane shows for the wrapped command: made while it is shown, in
// slices. Knows times and failures; the problems are counted by facts.ts.

import { rootFailures } from '../linearize/failures.ts';
import type { Build, Job } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import type { Sliced } from '../model/sliced.ts';
import { type Timing, findCriticalPath } from '../timing/critical.ts';
import { type Load, loadOf } from '../timing/load.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import type { Context } from './context.ts';
import type { Worker } from './slices.ts';
import type { Document } from '../documents/document.ts';
import { goTo } from './logview.ts';
import { logWindow } from './panesize.ts';
import type { ShownDocument, State } from './state.ts';
import { type SummaryFacts, summaryDocument } from './summarylines.ts';

/** How many ran at once is not found out for more jobs: that is not done in slices. */
const MOST_JOBS = 20_000;

interface Measured {
  readonly timing: Timing;
  readonly load: Load | undefined;
}

function* measure(build: Build): Sliced<Measured> {
  const timing = yield* findCriticalPath(build);
  yield;
  const jobs = timing.jobs.map(({ job }) => job);
  const load = jobs.length <= MOST_JOBS ? loadOf(build, jobs, timing.from, timing.to) : undefined;
  return { timing, load };
}

/** Lets the cursor stay on its line when other lines have come. */
function keepLine(before: Document, state: State): void {
  const { log } = state;
  const text = before.at(log.cursor)?.text;
  const { document } = log.shown;
  for (let line = document.at(0); line; line = document.at(line.next)) {
    if (line.text !== text || line.text === '') continue;
    goTo(document, log, logWindow(state), line.start);
    return;
  }
}

/** Whether the log pane shows the summary for a job. */
export function isSummarised(job: Job, { state, loaded, build }: GrowingBuild, { log }: State): boolean {
  const whole = state !== 'running' && loaded === 1;
  return job === build.jobs[ROOT] && whole && build.jobs.length > 1 && !log.ownLog && !log.block;
}

export class Summary {
  readonly #context: Context;
  /** The build that is summarised. */
  #of: GrowingBuild | undefined;
  #failures: readonly Job[] = [];
  #work: Sliced<Measured> | undefined;
  #warn: () => string | undefined = () => undefined;
  #measured: Measured | undefined;
  /** The facts that are shown. */
  #shown: SummaryFacts | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The summary as far as it is known. @param warn returns what is wrong with the build. */
  document(opened: GrowingBuild, title: string, warn: () => string | undefined): ShownDocument {
    if (this.#of !== opened) {
      this.#of = opened;
      this.#failures = rootFailures(opened.build);
      this.#measured = undefined;
      this.#work = measure(opened.build);
    }
    this.#warn = warn;
    this.#shown = this.#facts();
    const document = summaryDocument(this.#shown, opened, this.#context.state.ascii, warn);
    return { kind: 'summary', title, job: opened.build.jobs[ROOT], document, numbers: undefined };
  }

  #facts(): SummaryFacts {
    const { found } = this.#context.state;
    const { timing, load } = this.#measured ?? {};
    return { failures: this.#failures, problems: found, timing, load };
  }

  /** Goes on while the summary is shown. */
  readonly step: Worker = () => {
    const { opened, state, changed } = this.#context;
    const { log } = state;
    if (!opened || this.#of !== opened || log.shown.kind !== 'summary') return false;
    if (this.#work) {
      const { done, value } = this.#work.next();
      if (!done) return true;
      this.#measured = value;
      this.#work = undefined;
    }
    const facts = this.#facts();
    if (facts.problems === this.#shown?.problems && facts.timing === this.#shown?.timing) return false;
    const before = log.shown.document;
    log.shown = this.document(opened, log.shown.title, this.#warn);
    keepLine(before, state);
    changed();
    return true;
  };
}
