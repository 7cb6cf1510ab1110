// What happens in a build, one record each: the journal's lines (docs/journal-format.md) and what a live
// display hears. Times (`t`) are milliseconds since the build's start. Names are as the tools name them;
// paths are relative to the project root.

import type { ByteOffset, InstanceId, JobId } from './ids.ts';

/** A process' end: an exit status, or the signal that killed it. */
export type Status = { readonly exit: number } | { readonly signal: number };

/** Does this signal end a process that is only told to stop? */
export function isStopSignal(signal: number): boolean {
  return [1, 2, 3, 9, 15].includes(signal);
}

/** The first record: what was wrapped, where and when. */
export interface BuildStarted {
  readonly e: 'build';
  /** The version of the journal, and its minor version if it is not 0 (store/versions.ts). */
  readonly v: number;
  readonly minor?: number;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly argv: readonly string[];
  /** The folder in which it ran, relative to the project root; '' for the root itself. */
  readonly cwd: string;
  /** The project's folder at that time, as the output may name it. It is never used to open anything. */
  readonly root?: string;
  /** The root job's name, if `-t` gave one. */
  readonly name?: string;
  /**
   * The recorder's process and its start time in clock ticks: tells a running build from an interrupted one.
   */
  readonly pid: number;
  readonly ticks?: number;
  /** The boot of the machine that `pid` is of. */
  readonly boot?: string;
  /** The PID namespace that `pid` is a number of. */
  readonly ns?: number;
  /** The recorder's temp folder, in which it reads a FIFO as long as it lives. */
  readonly workspace?: string;
  readonly revision?: string;
  /** Programs were asked for coloured output. */
  readonly coloured?: true;
  /** Recorded inside another build; such a build never counts as "the last build". */
  readonly inside?: true;
}

/** A tool instance began to run. */
export interface InstanceStarted {
  readonly e: 'tool';
  readonly t: number;
  readonly i: InstanceId;
  /** make, ninja, … */
  readonly tool: string;
  /** The job whose log gets the instance's own output. */
  readonly j: JobId;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** The offset in that log at which it began. */
  readonly at?: ByteOffset;
  /** How often it has re-executed itself, when this record repeats one. */
  readonly restart?: number;
  /** Its stdout is a pipe, and so is that of everything it launches. */
  readonly piped?: true;
  /** Its process and those above it (lineage.ts): the order of tools that ran side by side. */
  readonly born?: string;
}

/**
 * What an instance itself said in its job's log, where another spoke there at the same time: `[from, to]` for
 * each piece.
 */
export interface InstanceOutput {
  readonly e: 'said';
  readonly i: InstanceId;
  readonly ranges: readonly (readonly [ByteOffset, ByteOffset])[];
}

/** The goals of an instance, once known. */
export interface InstanceGoals {
  readonly e: 'goals';
  readonly i: InstanceId;
  readonly goals: readonly string[];
}

export interface InstanceEnded {
  readonly e: 'toolend';
  readonly t: number;
  readonly i: InstanceId;
  readonly exit?: number;
  /** Would it have gone on after a failure (`-k`)? */
  readonly keepGoing?: boolean;
}

/**
 * A job was launched. The parent's log gets a link at `at`; links to a job that ran already (`--once`) are
 * `link` records.
 */
export interface JobStarted {
  readonly e: 'start';
  readonly t: number;
  readonly j: JobId;
  /** As shown: the target's path relative to the project root, or the name that `-t` gave. */
  readonly name: string;
  /** As the tool names it, if that differs. */
  readonly target?: string;
  readonly parent: JobId;
  /** Where in the parent's log it was launched. */
  readonly at: ByteOffset;
  /** `at` is inside a line of the parent's. */
  readonly mid?: true;
  /** The tool instance that launched it; none: a nested loglin. */
  readonly i?: InstanceId;
  /**
   * Needs of this very run, as the tool lists them (names separated by blanks, `|` before the order-only
   * ones).
   */
  readonly needs?: string;
  /** The needs that were newer, likewise. */
  readonly newer?: string;
  /** The target was missing. */
  readonly missing?: true;
  /**
   * stdout did not go to the log (to a pipe, to a file): a header only if the log says something all the
   * same.
   */
  readonly aside?: true;
  /**
   * What it says may come in its parent's log: its stdout goes into a pipe that somebody reads, or there was
   * no slot for it.
   */
  readonly piped?: true;
  /** A nested loglin's process (lineage.ts). */
  readonly born?: string;
  /**
   * What its output's relative file names are relative to, where no instance says it: relative to the project
   * root, or absolute.
   */
  readonly folder?: string;
}

/** Another job depends on one that has been started already, from this place in its log. */
export interface JobLinked {
  readonly e: 'link';
  readonly t: number;
  readonly parent: JobId;
  readonly at: ByteOffset;
  readonly mid?: true;
  readonly j: JobId;
}

/** `loglin link NAME`: a need that did not run in this build. */
export interface NeedLinked {
  readonly e: 'need';
  readonly t: number;
  readonly parent: JobId;
  readonly at: ByteOffset;
  readonly mid?: true;
  readonly name: string;
}

/** One command of a job began. */
export interface StepStarted {
  readonly e: 'step';
  readonly t: number;
  readonly j: JobId;
  readonly s: number;
  /** Where in the job's log. */
  readonly at: ByteOffset;
  readonly argv: readonly string[];
  /** The tool printed the command: the log has it at `at`. */
  readonly echo?: true;
}

export interface StepEnded {
  readonly e: 'stepend';
  readonly t: number;
  readonly j: JobId;
  readonly s: number;
  readonly status: Status;
  /** User and system time in microseconds, peak memory in KiB. */
  readonly user?: number;
  readonly sys?: number;
  readonly rss?: number;
}

/** How long logs were at this time: pairs of job and size. At most ten a second. */
export interface OutputGrew {
  readonly e: 'out';
  readonly t: number;
  readonly sizes: readonly (readonly [JobId, ByteOffset])[];
}

/** Why a job ran: as its tool said, or as the tool's own records show. */
export interface JobExplained {
  readonly e: 'why';
  readonly t: number;
  readonly j: JobId;
  /** The tool's own words. */
  readonly why?: string;
  /** The needs that were newer, as the tool names them: also those that only its records know (headers). */
  readonly newer?: readonly string[];
  /** An output was missing, or was never made before. */
  readonly missing?: true;
  /** The command differs from the last one. */
  readonly command?: true;
}

/** A job ended. */
export interface JobEnded {
  readonly e: 'end';
  readonly t: number;
  readonly j: JobId;
  /** That of its last step; undefined if it never became known. */
  readonly status?: Status;
  /** The tool goes on as if it had succeeded. */
  readonly ignored?: true;
  /** It did nothing and said so: a test that was skipped. */
  readonly skipped?: true;
  readonly size: ByteOffset;
}

/** Something that the reader should know: what was not captured, and why. */
export interface NoteAdded {
  readonly e: 'note';
  readonly t: number;
  readonly text: string;
  /** The text says why the build, or a part of it, is a single job. */
  readonly unsplit?: true;
}

/** The last record. Missing: the recorder was killed. */
export interface BuildEnded {
  readonly e: 'close';
  readonly t: number;
  readonly status: Status;
  /** The user or a signal stopped it. */
  readonly interrupted?: true;
  /** How many jobs there were, and how many of them failed: for listings, which read no more than this. */
  readonly jobs: number;
  readonly failed: number;
  /** Jobs that left a process behind which can still write into their logs. */
  readonly late?: readonly JobId[];
}

export type BuildEvent =
  | BuildStarted
  | InstanceStarted
  | InstanceGoals
  | InstanceOutput
  | InstanceEnded
  | JobStarted
  | JobLinked
  | NeedLinked
  | StepStarted
  | StepEnded
  | OutputGrew
  | JobExplained
  | JobEnded
  | NoteAdded
  | BuildEnded;
