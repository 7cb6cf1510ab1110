// The log pane: shows a job's log, its block or another document, searches it, and reads when its lines were
// written. Knows logs, but no keys.

import fs from 'node:fs';
import type { Job } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { escapeName } from '../model/printable.ts';
import { duration } from '../render/formats.ts';
import { PlainRenderer } from '../render/plain.ts';
import { Growth } from '../store/growth.ts';
import { logFile } from '../store/layout.ts';
import { logSize } from '../store/logs.ts';
import type { SearchPattern } from '../search/pattern.ts';
import type { Context } from './context.ts';
import { Blocks } from '../documents/blocks.ts';
import { around } from '../documents/find.ts';
import type { Document } from '../documents/document.ts';
import { jobBlock, jobLog } from '../documents/log.ts';
import { LineNumbers } from '../documents/numbers.ts';
import { PieceDocument } from '../documents/pieces.ts';
import type { ProblemLogs } from './logproblems.ts';
import { LogReadings } from './logreadings.ts';
import { goFirst, goLast, goTo, goToMatch } from './logview.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import { NOTHING, type ShownDocument, selectedJob } from './state.ts';
import { logWindow, resized } from './panesize.ts';
import { Summary, isSummarised } from './summary.ts';
import { visit } from './selection.ts';
import { jobMark } from './views/marks.ts';
import type { Worker } from './slices.ts';

export class LogPane {
  readonly #context: Context;
  readonly summary: Summary;
  #blocks = new Blocks(() => ({ read: () => 0 }));
  #growth: Growth | undefined;
  #search:
    | {
        readonly found: ReturnType<typeof around>;
        readonly pattern: SearchPattern;
        readonly ahead: boolean;
        readonly typing: boolean;
      }
    | undefined;
  #stale = false;
  readonly readings: LogReadings;

  constructor(context: Context, logs: ProblemLogs) {
    this.#context = context;
    this.readings = new LogReadings(context, logs);
    this.summary = new Summary(context);
  }

  /** Shows another build. */
  reset(opened: GrowingBuild): void {
    const { log } = this.#context.state;
    this.#blocks = new Blocks(opened.earlier.logsOf(opened.logs));
    this.close();
    this.#set(NOTHING);
    if (log.times) this.readTimes();
  }

  close(): void {
    this.#growth?.close();
    this.#growth = undefined;
  }

  /** The job under the cursor may have changed. */
  stale(): void {
    this.#stale = true;
  }

  /** Shows the job under the cursor if it may have changed. */
  update(): void {
    if (!this.#stale) return;
    this.#stale = false;
    const { opened, state } = this.#context;
    const { log } = state;
    const job = selectedJob(state);
    if (!opened || !job) {
      this.#set(NOTHING);
      return;
    }
    const toError = log.pendingError;
    log.pendingError = false;
    if (job !== opened.build.jobs[ROOT]) log.ownLog = false;
    const kind = isSummarised(job, opened, state) ? 'summary' : log.block ? 'block' : 'log';
    const same = log.shown.job === job && log.shown.kind === kind;
    if (!same || (kind === 'block' && log.shown.title !== this.#title(opened, job, kind))) {
      if (kind === 'summary') this.#set(this.#summaryDocument(opened, job));
      else this.#set(kind === 'block' ? this.#blockDocument(opened, job) : this.#logDocument(opened, job));
      this.readings.begin();
    } else if (toError && kind === 'log') {
      goFirst(log);
      this.readings.begin();
    }
    const at = log.pendingAt;
    log.pendingAt = undefined;
    if (at !== undefined && log.shown.document instanceof PieceDocument) {
      this.readings.stay();
      const offset = log.shown.document.find(job, at);
      if (offset !== undefined) {
        const start = log.shown.document.startOf(offset);
        if (log.pattern) goToMatch(log.shown.document, log, logWindow(state), start, log.pattern);
        else goTo(log.shown.document, log, logWindow(state), start);
      }
    }
  }

  /** Shows another text. Backspace leads back. */
  visit(kind: ShownDocument['kind'], title: string, document: Document, job: Job | undefined): void {
    const { state, changed } = this.#context;
    visit(state);
    this.#set({ kind, title, job, document, numbers: undefined });
    state.focus = 'log';
    resized(state);
    changed();
  }

  /** The logs may have grown. */
  grown(): void {
    const { state, resumeWork } = this.#context;
    const { log } = state;
    const { document } = log.shown;
    if (document instanceof PieceDocument) document.wake();
    resumeWork();
    if (log.follow) goLast(document, log, logWindow(state));
    if (log.times && !log.timing) while (this.#growth?.step());
  }

  /** Continues reading when lines were written. */
  readTimes(): void {
    const { opened, state, resumeWork } = this.#context;
    if (!opened) return;
    this.#growth ??= new Growth(opened.folder);
    state.log.timing = true;
    resumeWork();
  }

  /** Searches for the next matching line. @param typing while the pattern is being typed. */
  search(from: number, ahead: boolean, typing: boolean): void {
    const { log } = this.#context.state;
    if (!log.pattern) return;
    const { document } = log.shown;
    this.#search = { found: around(document, from, log.pattern, ahead), pattern: log.pattern, ahead, typing };
    log.searching = true;
  }

  endSearch(): void {
    this.#search = undefined;
    this.#context.state.log.searching = false;
  }

  readonly stepSearch: Worker = () => {
    const { state, changed } = this.#context;
    const { log } = state;
    if (!this.#search) return false;
    const { found, pattern, ahead, typing } = this.#search;
    if (!log.searching || log.pattern !== pattern) {
      this.endSearch();
      return true;
    }
    const { done, value } = found.next();
    if (!done) return true;
    this.endSearch();
    if (value) {
      log.follow = false;
      goToMatch(log.shown.document, log, logWindow(state), value.at, pattern);
      if (value.again && !typing) state.message = `from the ${ahead ? 'start' : 'end'} again`;
    } else if (!typing) state.message = 'no match';
    changed();
    return true;
  };

  readonly stepTimes: Worker = () => {
    const { state, changed } = this.#context;
    if (!state.log.timing || !this.#growth) return false;
    state.log.timing = this.#growth.step();
    changed();
    return true;
  };

  #set(shown: ShownDocument): void {
    const { state } = this.#context;
    const { log } = state;
    this.endSearch();
    log.shown = shown;
    log.problem = undefined;
    goFirst(log);
    log.row = 0;
    log.left = 0;
    if (log.follow) goLast(shown.document, log, logWindow(state));
  }

  #title(opened: GrowingBuild, job: Job, kind: ShownDocument['kind']): string {
    const { order, unchanged } = this.#context.state.jobs;
    const how = `${order === 'launch' ? ', launch order' : ''}${unchanged ? ', unchanged too' : ''}`;
    const name = job.parent || opened.build.started?.name !== undefined ? opened.nameOf(job) : job.name;
    return kind === 'block' ? `${name} and below${how}` : name;
  }

  #summaryDocument(opened: GrowingBuild, job: Job): ShownDocument {
    return this.summary.document(opened, this.#title(opened, job, 'summary'), () =>
      this.#warningFor(opened, job),
    );
  }

  #logDocument(opened: GrowingBuild, job: Job): ShownDocument {
    const { ascii } = this.#context.state;
    const mark = (child: Job): string => {
      const name = escapeName(opened.nameOf(child));
      const took = child.ended === undefined ? '' : ` ${duration(child.ended - child.started)}`;
      const sign = jobMark(child, opened, ascii);
      return `\x1b[1m${ascii ? '>' : '▸'} ${name}\x1b[0m \x1b[${sign.style}m${sign.text}\x1b[0m\x1b[2m${took}\x1b[0m`;
    };
    const document = jobLog(job, this.#blocks, mark, () => this.#warningFor(opened, job));
    return {
      kind: 'log',
      title: this.#title(opened, job, 'log'),
      job,
      document,
      numbers: new LineNumbers(document),
      timeOf: (of, at) => this.#timeOf(opened, of, at),
    };
  }

  #blockDocument(opened: GrowingBuild, job: Job): ShownDocument {
    const { ascii } = this.#context.state;
    const walk = opened.blockWalk(job, this.#context.state.jobs);
    const renderer = new PlainRenderer({
      nameOf: opened.nameOf,
      ascii,
      colour: true,
      escapes: 'colours',
      collapse: true,
      times: false,
    });
    const document = jobBlock(walk, renderer, this.#blocks, () => this.#warningFor(opened, job));
    return {
      kind: 'block',
      title: this.#title(opened, job, 'block'),
      job,
      document,
      numbers: new LineNumbers(document),
      timeOf: (of, at) => this.#timeOf(opened, of, at),
    };
  }

  #warningFor(opened: GrowingBuild, job: Job): string | undefined {
    const log = opened.logTrouble(job);
    if (log !== undefined) return log;
    if (opened.warning?.includes('was removed')) return opened.warning;
    if (job.size === 0 || opened.isEarlier(job) || opened.state === 'running') return undefined;
    // The logs of a shared build are not in its folder.
    if (logSize(opened.folder, job.id) !== undefined) return undefined;
    const file = logFile(opened.folder, job.id);
    return fs.existsSync(file) ? undefined : `${file}: no such file`;
  }

  #timeOf(opened: GrowingBuild, job: Job, at: number): number | undefined {
    return opened.isEarlier(job) ? undefined : this.#growth?.writtenAt(job.id, at);
  }
}
