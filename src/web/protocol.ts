// The messages between the page and its worker. The worker holds the build and everything that is computed of
// it; the page shows rows and lines, of which it asks for as many as are on the screen. No message is larger
// than about 1 MiB, whatever the build. Types only.
//
// The page asks with `{ id, ask, of }`, and gets one answer, `{ id, answer }` or `{ id, error }`. It may
// withdraw a question with `{ cancel: id }`, which then gets no answer. What happens without being asked for
// is a notice, `{ notice, of }`. src/web/engine.ts has all this as promises and callbacks.
//
// Text that comes from a build (names, lines, commands) is plain text: to be put into text nodes only.

/** A job's number in the build. 0 is the wrapped command. */
export type JobNumber = number;

/** A document that is open in the worker (`document`). */
export type DocumentNumber = number;

/** How a job or a build stands. `skipped`: it did not run because of a failure elsewhere. */
export type Standing = 'ok' | 'failed' | 'ignored' | 'running' | 'skipped' | 'interrupted' | 'absent';

// -- builds ------------------------------------------------------------------------------------------------

/** A build in the list. */
export interface BuildRow {
  readonly id: string;
  /** The command, as one types it. */
  readonly command: string;
  readonly standing: Standing;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  /** How long it took, or has run, in milliseconds. */
  readonly ms: number;
  readonly jobs: number;
  readonly failed: number;
  /** It was started by another build's job. */
  readonly inside?: boolean;
}

export interface BuildsAsked {
  readonly from: number;
  readonly count: number;
  /** Words that its command or id must contain. */
  readonly filter?: string;
  readonly failed?: boolean;
  /** Only builds before this one. */
  readonly before?: string;
}

export interface Builds {
  /** How many there are that fit. */
  readonly total: number;
  readonly rows: readonly BuildRow[];
}

// -- a build -----------------------------------------------------------------------------------------------

/** What is known of a build as soon as its record has been read. */
export interface Opened {
  readonly build: BuildRow;
  /** The folder it ran in. */
  readonly folder: string;
  /** `running`: more may come; notices `grown` tell of it. */
  readonly state: 'running' | 'finished' | 'interrupted';
  /** What is wrong with its record, a line each: to be shown, since something may be missing. */
  readonly problems: readonly string[];
  /** What the tools said (`note` records): for instance that a build could not be split. */
  readonly notes: readonly string[];
  /** Only this build can be read: there are no other builds to list, and none to compare with. */
  readonly alone: boolean;
}

/** A problem that a tool reported. */
export interface ProblemRow {
  readonly severity: 'error' | 'warning';
  readonly tool: string;
  readonly code?: string;
  readonly message: string;
  /** `src/a.c:12:3`, as it is shown. */
  readonly where?: string;
  readonly job: JobNumber;
  readonly jobName: string;
  /** In how many jobs it was reported. */
  readonly jobs: number;
  /** The offset of its line in the job's log: `{ job, byte }` finds it in a document. */
  readonly byte: number;
  /** It was not in the build before; undefined where no other build can be read. */
  readonly isNew?: boolean;
}

export interface JobRef {
  readonly job: JobNumber;
  readonly name: string;
  readonly standing: Standing;
  /** `exit 2`, `SIGSEGV`; '' for success. */
  readonly status: string;
  readonly ms: number;
}

/** The first page. What is still being found out is undefined; a notice `summary` says when there is more. */
export interface Summary {
  /** `failed`, `ok`, … and the words for it: `failed (exit 2) after 3.2 s`. */
  readonly standing: Standing;
  readonly verdict: string;
  readonly command: string;
  readonly ms: number;
  readonly jobs: number;
  readonly failed: number;
  readonly running: number;
  /** The size of all logs, in bytes. */
  readonly bytes: number;
  /** Jobs that failed by themselves, with the first error of each. At most 50 of `failures`. */
  readonly failures: number;
  readonly rootFailures: readonly (JobRef & { readonly firstError?: ProblemRow })[];
  /** Undefined while the logs are read. */
  readonly problems?: {
    readonly errors: number;
    readonly warnings: number;
    /** Not everything was read. */
    readonly more: boolean;
    /** The first of each kind, errors first, with the number of the kind. At most 20. */
    readonly kinds: readonly { readonly first: ProblemRow; readonly count: number }[];
    /** Those that the build before had not; undefined where there is none to read. */
    readonly newErrors?: number;
    readonly newWarnings?: number;
    readonly newOnes?: readonly ProblemRow[];
  };
  /** `from` and `to`: milliseconds since the build's start. `selfMs`: without what it waited for. */
  readonly slowest?: readonly (JobRef & {
    readonly selfMs: number;
    readonly from: number;
    readonly to: number;
  })[];
  readonly parallelism?: {
    /** How many jobs ran at once: on average, at most. */
    readonly average: number;
    readonly most: number;
    /** It could not take less, however many ran at once: the critical path, in milliseconds. */
    readonly leastMs: number;
    /** How many ran, in equal parts of the build's time: about 200 numbers. */
    readonly chart: readonly number[];
  };
}

// -- the tree of jobs --------------------------------------------------------------------------------------

/** How the jobs are listed. With a filter, `failed`, `running` or `slow` the rows are flat. */
export interface TreeAsked {
  readonly order?: 'needs' | 'launch';
  /** All words of it are in the name. Without capitals, case does not matter. */
  readonly filter?: string;
  readonly failed?: boolean;
  readonly running?: boolean;
  /** The slowest first. */
  readonly slow?: boolean;
  /** References to jobs that are shown above are rows, too. */
  readonly references?: boolean;
}

export interface TreeState {
  /** How many rows there are now. */
  readonly rows: number;
  readonly jobs: number;
  /** Changes when rows asked for before are no longer what they were. */
  readonly revision: number;
}

export interface TreeRow {
  readonly kind: 'job' | 'seen' | 'absent';
  /** Undefined for what never ran. */
  readonly job?: JobNumber;
  readonly name: string;
  readonly depth: number;
  /** There are rows below it. */
  readonly children: boolean;
  readonly folded: boolean;
  readonly standing: Standing;
  readonly status: string;
  /** A job below it failed. */
  readonly failedBelow: boolean;
  /** Milliseconds since the build's start; `to` is undefined while it runs. */
  readonly from: number;
  readonly to?: number;
  /** The size of its log. */
  readonly bytes: number;
  /** As far as the log has been read for problems. */
  readonly errors: number;
  readonly warnings: number;
  /** On the critical path. */
  readonly critical: boolean;
}

export interface TreeRows extends TreeState {
  readonly from: number;
  readonly list: readonly TreeRow[];
}

/** All that is known of one job. */
export interface JobDetails extends JobRef {
  readonly parent?: JobNumber;
  readonly tool?: string;
  readonly folder?: string;
  readonly from: number;
  readonly to?: number;
  readonly bytes: number;
  readonly commands: readonly string[];
  /** Jobs that it launched or needs, and what it waited for; at most 200 each. */
  readonly needs: readonly JobRef[];
  readonly neededBy: readonly JobRef[];
  /** User and system time in milliseconds, and the largest memory in bytes, where they are known. */
  readonly userMs?: number;
  readonly sysMs?: number;
  readonly maxRss?: number;
  /** The name to be used in links: `server.o`, `server.o#2`. */
  readonly link: string;
}

// -- documents ---------------------------------------------------------------------------------------------

/** What can be shown as lines. */
export type DocumentAsked =
  /** A job's own log, with a line where each of its jobs was launched. */
  | { readonly kind: 'log'; readonly job: JobNumber }
  /** Its block, as `loglin show JOB` prints it. */
  | { readonly kind: 'block'; readonly job: JobNumber }
  /** All of it, as `loglin show` prints it. */
  | { readonly kind: 'build' }
  | { readonly kind: 'problems' }
  | { readonly kind: 'why'; readonly job: JobNumber }
  /** The job's log against that of its run in another build; without `with`: the run before. */
  | { readonly kind: 'diff'; readonly job: JobNumber; readonly with?: string };

export interface DocumentState {
  readonly document: DocumentNumber;
  readonly title: string;
  /** Offsets are below this. They grow with the lines, but are no line numbers. */
  readonly length: number;
  /** `length` is all there is now; otherwise it is what is known, and grows. */
  readonly complete: boolean;
  /** How many lines there are; undefined while they are counted. */
  readonly lines?: number;
  /** What is wrong: a log that is gone, or shorter than its record says. */
  readonly warning?: string;
  /** The document cannot be shown, and why: for instance no other build to compare with. */
  readonly unavailable?: string;
  /** More may come: the job runs. */
  readonly grows: boolean;
  /** Where to begin: at the first error of a failed job, otherwise 0. Only in the answer to `document`. */
  readonly startAt?: number;
}

/** A place in a document. A byte or a line in a job's log is where the document shows it. */
export type Position =
  | { readonly offset: number }
  /** 0 is the start, 1 the end. */
  | { readonly fraction: number }
  /** The n-th line, from 1. */
  | { readonly line: number }
  | { readonly job: JobNumber; readonly byte: number }
  | { readonly end: true };

export interface LinesAsked {
  readonly document: DocumentNumber;
  readonly position: Position;
  /** How many lines before the line at the position, and from it on. */
  readonly before: number;
  readonly after: number;
  /** The matches of this pattern are marked in the lines. */
  readonly pattern?: string;
}

/** Text, and its style: the parameters of an SGR sequence, '' or `1;31` or `38;5;208` (src/web/sgr.ts). */
export type TextSpan = readonly [text: string, style: string];

export interface Line {
  readonly offset: number;
  /** The offset of the next line. */
  readonly next: number;
  readonly spans: readonly TextSpan[];
  /** A heading, the launch of a job, or a remark: not part of a log. */
  readonly mark?: true;
  /** It goes on with a line that is too long. */
  readonly continued?: true;
  /** From 1; undefined while lines up to here are not counted. */
  readonly number?: number;
  /** Where it comes from, or where a click leads. */
  readonly job?: JobNumber;
  readonly byte?: number;
  /** A place in a source file that the line names. */
  readonly file?: { readonly name: string; readonly line?: number; readonly column?: number };
  /** Ranges of characters that match the pattern, in order: from, to, from, to, … */
  readonly matches?: readonly number[];
  /** In a diff: only in the other build, or only in this one. The text begins with this sign. */
  readonly change?: '-' | '+';
  /** The worst problem that begins in this line, as far as it has been read. */
  readonly problem?: 'error' | 'warning';
}

export interface Lines extends DocumentState {
  readonly list: readonly Line[];
  /** Which of the list is the line at the position. */
  readonly at: number;
}

/** A search goes on at the other end (`again`). */
export interface Found {
  readonly offset: number;
  readonly again: boolean;
}

export interface FindAsked {
  readonly document: DocumentNumber;
  /** A regular expression, as `loglin grep` has it; without capitals, case does not matter. */
  readonly pattern: string;
  /** The search begins behind (or before) the line that starts here. */
  readonly offset: number;
  readonly ahead: boolean;
}

export interface Matches {
  readonly document: DocumentNumber;
  readonly pattern: string;
  /** How many lines match, up to what has been searched. */
  readonly lines: number;
  readonly done: boolean;
  /** How many of them are before this offset, where that is known. */
  readonly before?: number;
}

/** A line that was found in a search of all logs. */
export interface Hit {
  readonly job: JobNumber;
  readonly jobName: string;
  readonly byte: number;
  readonly spans: readonly TextSpan[];
  readonly matches: readonly number[];
}

export interface Hits {
  readonly pattern: string;
  /** Hits from here on, in the order of the build. */
  readonly from: number;
  readonly list: readonly Hit[];
  readonly done: boolean;
  /** How many jobs were searched, and how many there are. */
  readonly searched: number;
  readonly jobs: number;
}

/** What stands beside the text: one byte for each part of the scrollbar: 1 error, 2 warning, 4 match. */
export interface Marks {
  readonly document: DocumentNumber;
  readonly ticks: Uint8Array;
  readonly errors: number;
  readonly warnings: number;
  readonly done: boolean;
}

// -- when jobs ran -----------------------------------------------------------------------------------------

/** All jobs that ran, by their start. A build of 100,000 jobs is 2.2 MB: sent once, as transferred arrays. */
export interface Timeline {
  /** Milliseconds since the build's start. */
  readonly from: number;
  readonly to: number;
  readonly jobs: Uint32Array;
  readonly starts: Float32Array;
  readonly ends: Float32Array;
  /** Bars of one lane do not overlap. */
  readonly lanes: Uint16Array;
  readonly laneCount: number;
  /** Bits: 1 failed, 2 on the critical path, 4 still running, 8 it only waited for jobs that it launched. */
  readonly flags: Uint8Array;
  /** The jobs of the critical path in order. */
  readonly critical: Uint32Array;
}

// -- links -------------------------------------------------------------------------------------------------

/** What the fragment of a URL stands for: `#job/server.o/L12`, `#block/server.o`, `#build/L9`, `#why/x.o`. */
export type LinkTarget =
  | {
      readonly view: 'job' | 'block' | 'build' | 'why' | 'diff' | 'problems';
      readonly document: DocumentAsked;
      readonly line?: number;
    }
  | { readonly view: 'summary' | 'timeline' }
  /** No job has this name. */
  | { readonly view: 'unknown'; readonly name: string };

// -- questions and answers ---------------------------------------------------------------------------------

/** Each question: what is asked with it, and what is answered. */
export interface Questions {
  builds: { of: BuildsAsked; answer: Builds };
  /** Opens a build; without an id, the one of the page, or the newest. Notices `progress` come meanwhile. */
  open: { of: { readonly build?: string }; answer: Opened };
  summary: { of: Record<string, never>; answer: Summary };
  /** Sets how jobs are listed. */
  tree: { of: TreeAsked; answer: TreeState };
  /** Rows of the tree, at most 500. */
  rows: { of: { readonly from: number; readonly count: number }; answer: TreeRows };
  /** Folds or unfolds a job's descendants; without a job, all. */
  fold: { of: { readonly job?: JobNumber; readonly folded: boolean }; answer: TreeState };
  /** The row of a job, which is unfolded if it has to be; undefined if the filter hides it. */
  rowOf: { of: { readonly job: JobNumber }; answer: TreeState & { readonly row?: number } };
  /** The next job that failed by itself, from a row on; undefined if there is none. */
  nextFailure: { of: { readonly from: number; readonly ahead: boolean }; answer: { readonly row?: number } };
  job: { of: { readonly job: JobNumber }; answer: JobDetails };
  names: { of: { readonly jobs: readonly JobNumber[] }; answer: readonly string[] };
  document: { of: DocumentAsked; answer: DocumentState };
  /** Lines of a document, at most 500 in all. */
  lines: { of: LinesAsked; answer: Lines };
  close: { of: { readonly document: DocumentNumber }; answer: undefined };
  find: { of: FindAsked; answer: Found | undefined };
  /** Counts the lines that match: notices `matches` come meanwhile, and the answer is the last. */
  count: {
    of: { readonly document: DocumentNumber; readonly pattern: string; readonly offset?: number };
    answer: Matches;
  };
  /** Searches all logs: notices `hits` come meanwhile. At most 10,000 are found. */
  grep: { of: { readonly pattern: string }; answer: { readonly hits: number; readonly done: boolean } };
  /** The next line with a problem; errors only with `errors`. */
  problem: {
    of: {
      readonly document: DocumentNumber;
      readonly offset: number;
      readonly ahead: boolean;
      readonly errors?: boolean;
    };
    answer: Found | undefined;
  };
  marks: {
    of: { readonly document: DocumentNumber; readonly parts: number; readonly pattern?: string };
    answer: Marks;
  };
  problems: {
    of: {
      readonly from: number;
      readonly count: number;
      readonly severity?: 'error' | 'warning';
      readonly filter?: string;
    };
    answer: { readonly total: number; readonly done: boolean; readonly list: readonly ProblemRow[] };
  };
  timeline: { of: Record<string, never>; answer: Timeline };
  /**
   * The text of lines as `loglin show` prints it to a file, for the clipboard and for a download: from the
   * line at `from`, at most 1 MiB. Go on at `next`, until that is undefined.
   */
  text: {
    of: { readonly document: DocumentNumber; readonly from: number; readonly to?: number };
    answer: { readonly bytes: Uint8Array; readonly next?: number };
  };
  /** The bytes of a job's log, at most 1 MiB. */
  raw: {
    of: { readonly job: JobNumber; readonly from: number };
    answer: { readonly bytes: Uint8Array; readonly next?: number };
  };
  /** The build for Perfetto, as `loglin time --trace` writes it, in parts of at most 1 MiB. */
  trace: { of: { readonly part: number }; answer: { readonly bytes: Uint8Array; readonly next?: number } };
  /** What a fragment stands for, with or without its `#`. */
  resolve: { of: { readonly link: string }; answer: LinkTarget };
  /** The fragment for a line of a document, or for the document. */
  link: { of: { readonly document: DocumentNumber; readonly offset?: number }; answer: string };
}

/** What the worker tells of its own accord. */
export interface Notices {
  /** How much of the build's record has been read, from 0 to 1. */
  progress: { readonly loaded: number };
  /** The build has grown: rows, documents with `grows`, summary and timeline may have changed. */
  grown: {
    readonly state: Opened['state'];
    readonly jobs: number;
    readonly failed: number;
    readonly running: number;
    readonly revision: number;
  };
  /** More of the summary is known. */
  summary: Summary;
  /** More is known of an open document: its lines are counted, its marks. */
  document: DocumentState;
  matches: Matches;
  hits: Hits;
  /** The connection to the server is lost, or is back; it is tried again by itself. */
  connection: { readonly online: boolean; readonly message?: string };
  /** The list of builds has changed. */
  builds: Record<string, never>;
  /** The build that is shown was removed (`loglin gc`, `loglin rm`): what was read is still shown. */
  gone: { readonly message: string };
}

export type QuestionName = keyof Questions;
export type NoticeName = keyof Notices;
export type Of<Q extends QuestionName> = Questions[Q]['of'];
export type AnswerTo<Q extends QuestionName> = Questions[Q]['answer'];

/** From the page to the worker. The first message is `start`. */
export type ToWorker =
  | { readonly start: StartOptions }
  | { [Q in QuestionName]: { readonly id: number; readonly ask: Q; readonly of: Of<Q> } }[QuestionName]
  | { readonly cancel: number }
  /** Whether anybody can see the page. */
  | { readonly seen: boolean };

/** Where builds come from. */
export type StartOptions =
  /** Pieces of the embedded build follow as `piece`s. */
  | { readonly source: 'embedded' }
  /** The address that `api/builds` and `b/` are below, absolute. */
  | { readonly source: 'http'; readonly base: string };

/** A part of the build that the page has in itself: gzip in base64. */
export interface Piece {
  readonly piece: string;
  readonly last: boolean;
}

/** From the worker to the page. */
export type FromWorker =
  | { readonly id: number; readonly answer: AnswerTo<QuestionName> }
  /** `expected`: it says what is wrong with the build or the question; otherwise it is a fault of loglin. */
  | { readonly id: number; readonly error: string; readonly expected: boolean }
  | { [N in NoticeName]: { readonly notice: N; readonly of: Notices[N] } }[NoticeName];
