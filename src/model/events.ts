// The events of a build, one record each: the lines of the journal (docs/journal-format.md), which a live
// display receives as well. Times (`t`) are in milliseconds since the build's start. Names are as the tools
// name them. Paths are relative to the project root.

import type { ByteOffset, InstanceId, JobId } from './ids.ts';

/** How a process ended: an exit status, or the signal that killed it. */
export type Status = { readonly exit: number } | { readonly signal: number };

/** Is this a signal that merely asks a process to stop, rather than the sign of a crash? */
export function isStopSignal(signal: number): boolean {
  return [1, 2, 3, 9, 15].includes(signal);
}

/** Is this the exit status with which a shell reports that SIGINT or SIGTERM ended a command? */
export function isStopExit(exit: number): boolean {
  return exit === 130 || exit === 143;
}

/** The first record: what was wrapped, where and when. */
export interface BuildStarted {
  readonly e: 'build';
  /** The version of the journal, and its minor version if that is not 0 (record/versions.ts). */
  readonly v: number;
  readonly minor?: number;
  readonly id: string;
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly argv: readonly string[];
  /** The folder in which it ran, relative to the project root; '' for the root itself. */
  readonly cwd: string;
  /** The project's folder at that time, which the output may mention. It is never used to open a file. */
  readonly root?: string;
  /** The root job's name, if `-t` gave one. */
  readonly name?: string;
  /**
   * The recorder's process and its start time in clock ticks. They tell a running build from an interrupted
   * one.
   */
  readonly pid: number;
  readonly ticks?: number;
  /** The boot of the machine during which `pid` is valid. */
  readonly boot?: string;
  /** The PID namespace in which `pid` is valid. */
  readonly ns?: number;
  /** The recorder's temp folder, in which it keeps a FIFO open for reading as long as it lives. */
  readonly workspace?: string;
  readonly revision?: string;
  /** Programs were asked for coloured output. */
  readonly coloured?: true;
  /** The command is a make that echoes nothing (`-s`), perhaps because its environment says so. */
  readonly silent?: true;
  /** Recorded inside another build; such a build never counts as "the last build". */
  readonly inside?: true;
}

/** A tool instance started. */
export interface InstanceStarted {
  readonly e: 'tool';
  readonly t: number;
  readonly i: InstanceId;
  /** make, ninja, … */
  readonly tool: string;
  /** The job whose log receives the instance's own output. */
  readonly j: JobId;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** The offset in that log at which it began. */
  readonly at?: ByteOffset;
  /** Its stdout is a pipe, and so is that of everything that it launches. */
  readonly piped?: true;
  /** Its process and the ancestors of that (lineage.ts). They order tools that ran side by side. */
  readonly born?: string;
}

/**
 * The ranges `[from, to]` of an instance's own output in its job's log, if others wrote there at the same
 * time.
 */
export interface InstanceOutput {
  readonly e: 'said';
  readonly i: InstanceId;
  readonly ranges: readonly (readonly [ByteOffset, ByteOffset])[];
}

/** The goals of an instance, once they are known. */
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
  /** Whether it would have gone on after a failure (`-k`). */
  readonly keepGoing?: boolean;
}

/**
 * A job was launched. The parent's log gets a link at `at`. Links to a job that ran already (`--once`) are
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
  /** The offset in the parent's log at which it was launched. */
  readonly at: ByteOffset;
  /** `at` is inside a line of the parent's log. */
  readonly mid?: true;
  /** The tool instance that launched it; undefined for a nested loglin. */
  readonly i?: InstanceId;
  /**
   * The needs of this run, as the tool lists them: names separated by blanks, with `|` before the order-only
   * ones.
   */
  readonly needs?: string;
  /** The needs that were newer, in the same form. */
  readonly newer?: string;
  /** The target was missing. */
  readonly missing?: true;
  /**
   * Its stdout did not go to the log (but to a pipe or a file). It gets a header only if its log is not
   * empty.
   */
  readonly aside?: true;
  /**
   * Its output may appear in its parent's log: its stdout is a pipe that somebody reads, or there was no slot
   * for it.
   */
  readonly piped?: true;
  /**
   * It was passed on to a pipe of the build itself. Around it, its output and that of the jobs below it are
   * shown as far as `passed` records say that the pipe's reader has printed it.
   */
  readonly to?: 'pipe';
  /**
   * The pipe's reader keeps all of it to itself: nothing of this job and those below it is shown around it.
   */
  readonly kept?: true;
  /** A nested loglin's process (lineage.ts). */
  readonly born?: string;
  /**
   * The folder to which the file names in its output are relative, if no instance determines it. It is
   * absolute or relative to the project root.
   */
  readonly folder?: string;
}

/** Another job depends, from this place in its log on, on a job that has already been started. */
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

/** A command of a job began. */
export interface StepStarted {
  readonly e: 'step';
  readonly t: number;
  readonly j: JobId;
  readonly s: number;
  /** The offset in the job's log. */
  readonly at: ByteOffset;
  readonly argv: readonly string[];
  /** The tool printed the command, so the log has it at `at`. */
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

/** The sizes of logs at this time, as pairs of job and size. At most ten such records per second. */
export interface OutputGrew {
  readonly e: 'out';
  readonly t: number;
  readonly sizes: readonly (readonly [JobId, ByteOffset])[];
}

/**
 * How much of jobs' logs the reader of their pipe has had its say about: pairs of job and offset. It has
 * printed all of it again, which is left out of its own log, except for the ranges `[job, from, to]`.
 */
export interface OutputPassed {
  readonly e: 'passed';
  readonly t: number;
  readonly sizes: readonly (readonly [JobId, ByteOffset])[];
  readonly without?: readonly (readonly [JobId, ByteOffset, ByteOffset])[];
  /** Jobs whose pipes are closed, and whose readers are silent: a live display does not wait for the rest. */
  readonly idle?: readonly JobId[];
}

/** Why a job ran, according to its tool or to the tool's records. */
export interface JobExplained {
  readonly e: 'why';
  readonly t: number;
  readonly j: JobId;
  /** The tool's own explanation. */
  readonly why?: string;
  /**
   * The needs that were newer, as the tool names them, including those that only its records list (headers).
   */
  readonly newer?: readonly string[];
  /** An output was missing, or had never been made. */
  readonly missing?: true;
  /** The command differs from the last one. */
  readonly command?: true;
}

/** A job ended. */
export interface JobEnded {
  readonly e: 'end';
  readonly t: number;
  readonly j: JobId;
  /** The status of its last step; undefined if it never became known. */
  readonly status?: Status;
  /** The tool goes on as if it had succeeded. */
  readonly ignored?: true;
  /** It did nothing and reported so, like a skipped test. */
  readonly skipped?: true;
  readonly size: ByteOffset;
}

/** Something that the user should know: what was not captured, and why. */
export interface NoteAdded {
  readonly e: 'note';
  readonly t: number;
  readonly text: string;
  /** The text says why the build, or a part of it, is a single job. */
  readonly unsplit?: true;
}

/** The last record. It is missing if the recorder was killed. */
export interface BuildEnded {
  readonly e: 'close';
  readonly t: number;
  readonly status: Status;
  /** The user or a signal stopped it. */
  readonly interrupted?: true;
  /** How many jobs there were, and how many of them failed. Listings read only this record. */
  readonly jobs: number;
  readonly failed: number;
  /** Jobs that left a process behind which can still write to their logs. */
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
  | OutputPassed
  | JobExplained
  | JobEnded
  | NoteAdded
  | BuildEnded;
