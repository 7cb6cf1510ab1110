// The tasks that the user starts for a job or for the build: the difference from its last run, why it ran,
// its problems, the source file.

import type { Job } from '../model/build.ts';
import type { Sliced } from '../model/sliced.ts';
import type { Context } from './context.ts';
import type { LinkTarget } from '../documents/document.ts';
import { jobLines, textDocument, whyLines } from './documents.ts';
import type { Handover } from './handover.ts';
import type { LogPane } from './logpane.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import type { ProblemFinder } from './problemfinder.ts';
import { selectedJob } from './state.ts';
import type { Task } from './task.ts';
import { differences } from '../view/differences.ts';

export class JobTasks {
  readonly #context: Context;
  readonly #task: Task;
  readonly #logPane: LogPane;
  readonly #problems: ProblemFinder;
  readonly #handover: Handover;

  constructor(context: Context, task: Task, logPane: LogPane, problems: ProblemFinder, handover: Handover) {
    this.#context = context;
    this.#task = task;
    this.#logPane = logPane;
    this.#problems = problems;
    this.#handover = handover;
  }

  /** Shows a text about the job or the build. */
  text(kind: 'diff' | 'why' | 'problems' | 'needs'): void {
    const { opened, state, wiring } = this.#context;
    const job = state.log.shown.job ?? selectedJob(state);
    if (!opened) {
      state.message = 'no build is open';
      return;
    }
    if (kind === 'problems') {
      this.#task.begin(this.#problems.all(opened));
      return;
    }
    if (!job) return;
    if (kind === 'needs') {
      this.#listNeeds(opened);
      return;
    }
    if (kind === 'why') {
      this.#task.begin(this.#why(opened, job));
      return;
    }
    const { lines, cancel } = differences(wiring.place, opened, job, wiring.ascii);
    this.#task.await('comparing...', lines, cancel, (found) => {
      const shown = found.length > 0 ? found : ['it said the same when it last ran'];
      this.#logPane.visit('diff', `diff ${opened.nameOf(job)}`, textDocument(shown), job);
    });
  }

  /** Lists the needs of the job under the cursor that are shown further up. */
  #listNeeds(opened: GrowingBuild): void {
    const { state } = this.#context;
    const { jobs, ascii } = state;
    const index = jobs.visible[jobs.list.cursor];
    const job = index === undefined ? undefined : jobs.tree.job(index);
    if (index === undefined || !job) return;
    const found = jobs.tree.needRowsOf(index).flatMap((row) => jobs.tree.job(row) ?? []);
    const title = `needs of ${opened.nameOf(job)}, shown further up`;
    this.#logPane.visit('needs', title, jobLines(opened, found, ascii), job);
  }

  *#why(opened: GrowingBuild, job: Job): Sliced<void> {
    const { state, wiring } = this.#context;
    state.working = 'looking why it ran...';
    const document = yield* whyLines(opened, wiring.place, job, state.ascii);
    this.#logPane.visit('why', `why ${opened.nameOf(job)}`, document, job);
  }

  /** Opens a source file in the editor. @param target where the line under the cursor leads. */
  *edit(target: LinkTarget | undefined): Sliced<void> {
    const found = target?.file === undefined ? yield* this.#problems.here() : target;
    if (found) void this.#handover.edit(found);
  }
}
