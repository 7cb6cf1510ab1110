// The state of the browser: the panes, their selections, open questions. Plain data; update.ts changes it,
// views/ show it.

import type { Build, Job } from '../model/build.ts';
import type { BuildEnded } from '../model/events.ts';
import type { BuildState } from '../record/recordreader.ts';
import type { SearchPattern } from '../search/pattern.ts';
import type { FoundProblem } from '../problems/problemlist.ts';
import type { StatusState } from '../render/statusline.ts';
import type { Counts } from '../view/growingbuild.ts';
import type { ProblemCounts } from '../documents/problemcounter.ts';
import { type Document, type LinkTarget, TextDocument } from '../documents/document.ts';
import type { MatchCount } from '../documents/matchcount.ts';
import type { LineNumbers } from '../documents/numbers.ts';
import type { ProblemMarks } from '../documents/problemmarks.ts';
import type { Rest } from './dashboard.ts';
import type { Pane } from './keys.ts';
import type { ListState } from './list.ts';
import { type RowKey, Tree, nameTest } from '../documents/tree.ts';

/** A build in the list. Times are in milliseconds. */
export interface BuildItem {
  readonly id: string;
  /** Since the epoch; undefined if the record of the start cannot be read. */
  readonly at: number | undefined;
  readonly ms: number | undefined;
  readonly state: 'ok' | 'failed' | 'running' | 'interrupted' | 'damaged';
  readonly jobs: number | undefined;
  readonly failed: number | undefined;
  readonly command: string;
  /** The revision of the project's files; '' if it was not recorded. */
  readonly revision: string;
}

/** The build whose jobs are shown, as far as it has been read. */
export interface OpenBuild {
  readonly id: string;
  readonly build: Build;
  readonly state: BuildState;
  /** How much of the build has been read, from 0 to 1. */
  readonly loaded: number;
  readonly nameOf: (job: Job) => string;
  /** Whether a job belongs to an earlier build. */
  readonly isEarlier: (job: Job) => boolean;
  readonly warning: string | undefined;
  /** For a running build, the milliseconds since its start. */
  readonly now: number;
  /** How it ended, or that it runs. Known before the build has been read. */
  readonly outcome: BuildItem['state'];
  /** What the end of its record says; undefined for a build without one. */
  readonly summary: Pick<BuildEnded, 't' | 'jobs' | 'failed'> | undefined;
}

/** How long a build has taken so far, or took, in milliseconds: the same wherever it is shown. */
export function durationOf({ state, summary, build, now }: OpenBuild): number | undefined {
  if (state === 'running') return now;
  return summary?.t ?? (build.time > 0 ? build.time : undefined);
}

export interface JobsState {
  readonly list: ListState;
  tree: Tree;
  /** Indices of the visible rows of the tree. */
  visible: Uint32Array;
  readonly folded: Set<Job>;
  filter: string;
  failed: boolean;
  running: boolean;
  slow: boolean;
  /** Shared needs have rows of their own. */
  needRows: boolean;
  order: 'needs' | 'launch';
  unchanged: boolean;
  critical: ReadonlySet<Job> | undefined;
  counts: Counts;
  /** The list is that of the dashboard, and no tree. */
  dashboard: boolean;
  /** The user wants the tree while a build runs. */
  preferTree: boolean;
  /** What the dashboard does not list above its line. */
  rest: Rest;
  /** The width of the widest name that was above that line in this build. */
  nameWidth: number;
  /** How long a job's target took when it last ran, in milliseconds. */
  pastMs: (job: Job) => number | undefined;
  /** The names of jobs that will probably determine how long the build takes. */
  willMatter: ReadonlySet<string>;
}

/** What the log pane shows. */
export interface ShownDocument {
  readonly kind: 'log' | 'block' | 'diff' | 'why' | 'problems' | 'needs' | 'summary' | 'matches';
  readonly title: string;
  readonly job: Job | undefined;
  readonly document: Document;
  readonly numbers: LineNumbers | undefined;
  /** When a byte of a job's log arrived, in milliseconds since the build's start. */
  readonly timeOf?: ((job: Job, at: number) => number | undefined) | undefined;
}

/** A position in a document. */
export interface Position {
  /** The first visible line, and how many of its rows are above the window. */
  top: number;
  row: number;
  /** The line of the cursor. */
  cursor: number;
  /** How many columns are left of the window. */
  left: number;
}

export interface LogState extends Position {
  shown: ShownDocument;
  block: boolean;
  /** For the wrapped command: its own log in place of the summary of its build. */
  ownLog: boolean;
  wrap: boolean;
  numbers: boolean;
  times: boolean;
  follow: boolean;
  pattern: SearchPattern | undefined;
  /** A search is in progress. */
  searching: boolean;
  /** The times of lines are being read. */
  timing: boolean;
  /** The offset in the job's log for the cursor, once the log is shown. */
  pendingAt: number | undefined;
  /** The cursor goes to the first error of what is shown. */
  pendingError: boolean;
  /** The problem to which `e` led last, if it did in this document. */
  problem: { readonly document: Document; readonly at: number } | undefined;
  /** The problems of what is shown, and the matches of the pattern, as far as they are known. */
  marks: ProblemMarks | undefined;
  matches: MatchCount | undefined;
}

/** An earlier place, for the way back. */
export interface HistoryEntry {
  readonly shown: ShownDocument;
  readonly position: Position;
  readonly focus: Pane;
  /** The row of the jobs pane that had the cursor. */
  readonly row: RowKey | undefined;
}

/** A line that is being typed. */
export interface Prompt {
  readonly kind: 'builds' | 'jobs' | 'help' | 'search' | 'everywhere' | 'save';
  text: string;
  /** The previous value, for Escape. */
  readonly before: string;
  /** For a search, the pattern and the position before it. */
  readonly origin?: { readonly pattern: SearchPattern | undefined; readonly position: Position };
  /** What is wrong with the text. */
  wrong?: string | undefined;
}

/** A question that one key answers. */
export interface Question {
  readonly kind: 'leave' | 'overwrite';
  readonly text: string;
  readonly file?: string;
}

export interface State {
  width: number;
  height: number;
  focus: Pane;
  zoomed: boolean;
  readonly ascii: boolean;
  now: number;
  builds: BuildItem[];
  readonly buildList: ListState;
  buildFilter: string;
  /** By build: how many problems were found in it, where they were looked for. */
  readonly problemCounts: Map<string, ProblemCounts>;
  open: OpenBuild | undefined;
  /** Which of the store's builds is open, the oldest being the first. */
  position: { readonly nth: number; readonly of: number } | undefined;
  /** The problems in the logs of the open build, as far as they were counted. */
  problems: ProblemCounts | undefined;
  /** These problems, once all were looked for. */
  found: { readonly list: readonly FoundProblem[]; readonly more: boolean } | undefined;
  /** How far the open build is, if it runs. */
  progress: StatusState | undefined;
  readonly jobs: JobsState;
  readonly log: LogState;
  back: HistoryEntry[];
  prompt: Prompt | undefined;
  question: Question | undefined;
  /** The first visible line of the help; undefined while the help is closed. */
  help: number | undefined;
  /** Words that the lines of the help must have. */
  helpFilter: string;
  message: string;
  /** How the build ended that ran until now: shown until the next key. */
  verdict: string;
  /** The cursor follows what plain loglin would print. */
  auto: boolean;
  /** How often a message was set. */
  readonly messages: number;
  /** A task that is in progress and can be cancelled, in words. */
  working: string | undefined;
  mouse: boolean;
  /** A build runs in this process, so that leaving is a question. */
  wrapping: boolean;
}

export const NOTHING: ShownDocument = {
  kind: 'log',
  title: '',
  job: undefined,
  document: new TextDocument([]),
  numbers: undefined,
};

function initialJobs(): JobsState {
  return {
    list: { cursor: 0, top: 0 },
    tree: new Tree(),
    visible: new Uint32Array(),
    folded: new Set(),
    filter: '',
    failed: false,
    running: false,
    slow: false,
    needRows: false,
    order: 'needs',
    unchanged: false,
    critical: undefined,
    dashboard: false,
    preferTree: false,
    rest: { row: 0, running: 0, failed: 0, ended: 0 },
    nameWidth: 0,
    pastMs: () => undefined,
    willMatter: new Set(),
    counts: { jobs: 0, failed: 0, running: 0 },
  };
}

export function initialState(width: number, height: number, ascii: boolean): State {
  let message = '';
  let messages = 0;
  return {
    width,
    height,
    focus: 'builds',
    zoomed: false,
    ascii,
    now: 0,
    builds: [],
    buildList: { cursor: 0, top: 0 },
    buildFilter: '',
    problemCounts: new Map(),
    open: undefined,
    position: undefined,
    problems: undefined,
    found: undefined,
    progress: undefined,
    jobs: initialJobs(),
    log: {
      shown: NOTHING,
      top: 0,
      row: 0,
      cursor: 0,
      left: 0,
      block: false,
      ownLog: false,
      wrap: false,
      numbers: false,
      times: false,
      follow: false,
      pattern: undefined,
      searching: false,
      timing: false,
      pendingAt: undefined,
      pendingError: false,
      problem: undefined,
      marks: undefined,
      matches: undefined,
    },
    back: [],
    prompt: undefined,
    question: undefined,
    help: undefined,
    helpFilter: '',
    get message() {
      return message;
    },
    set message(text) {
      message = text;
      messages++;
    },
    get messages() {
      return messages;
    },
    verdict: '',
    auto: false,
    working: undefined,
    mouse: false,
    wrapping: false,
  };
}

/** The builds that match the filter. */
export function buildsShown({ builds, buildFilter }: State): readonly BuildItem[] {
  if (buildFilter === '') return builds;
  const fits = nameTest(buildFilter);
  return builds.filter(({ id, command, state }) => fits(`${command} ${id} ${state}`));
}

/** The job under the cursor. */
export function selectedJob({ jobs }: State): Job | undefined {
  const index = jobs.visible[jobs.list.cursor];
  return index === undefined ? undefined : jobs.tree.row(index).job;
}

/** What the state wants done outside of it. */
export type Effect =
  | { readonly do: 'open'; readonly id: string }
  /** Shows the build under the cursor, soon. */
  | { readonly do: 'preview' }
  | { readonly do: 'show' }
  | { readonly do: 'tree' }
  | {
      readonly do: 'search';
      readonly from: number;
      readonly forward: boolean;
      readonly typing: boolean;
    }
  | { readonly do: 'everywhere'; readonly pattern: SearchPattern }
  | { readonly do: 'problem'; readonly forward: boolean }
  | { readonly do: 'times' }
  | { readonly do: 'cancel' }
  | { readonly do: 'critical' }
  | { readonly do: 'text'; readonly kind: 'diff' | 'why' | 'problems' | 'needs' }
  | { readonly do: 'run'; readonly newer: boolean }
  | { readonly do: 'copy'; readonly text: string }
  | { readonly do: 'pager' }
  | { readonly do: 'page' }
  | { readonly do: 'edit'; readonly target: LinkTarget | undefined }
  | { readonly do: 'save'; readonly file: string; readonly overwrite: boolean }
  | { readonly do: 'mouse' }
  | { readonly do: 'redraw' }
  | { readonly do: 'suspend' }
  | { readonly do: 'quit'; readonly how: 'leave' | 'detach' | 'stop' };
