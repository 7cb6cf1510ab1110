// What a CI system understands in a log: groups of lines, and problems that its pages show; and what text of
// others must not contain. Types only: each system has a file that knows its syntax.

import type { Problem, Severity } from '../../problems/problem.ts';

/** A group of lines, which the system shows folded. */
export interface Group {
  /** Lower case letters, digits and `_`. No other group of the log has it. */
  readonly id: string;
  /** One printable line. */
  readonly title: string;
}

/** How many annotations of each kind a log has. */
export type Counts = Readonly<Record<Severity, number>>;

/** Watches the text of jobs that passes unchanged: it may contain commands of its own. */
export interface Watch {
  /** @param lines whole lines, one character for each byte. */
  lines(lines: string): void;
  /** Returns the lines that end what the text has begun, so that what follows is not inside it. */
  end(): string;
  /** How many annotations the text has used up. */
  readonly used: Counts;
}

/** The system can be told to ignore commands for a while. */
export interface Stop {
  /** Returns where the first such command is; -1 if there is none. @param lines whole lines. */
  find(lines: string): number;
  /** @param nonce occurs in no other text. */
  begin(nonce: string): string;
  end(nonce: string): string;
}

/** What a page beside the log shows; the command that hands it over reads it on stdin. */
export interface Page {
  readonly argv: readonly string[];
  readonly input: string;
}

export interface CiSystem {
  /**
   * `nested`: groups may stand in groups. `flat`: a group ends where the next one begins, or earlier.
   * `endless`: only where the next one begins.
   */
  readonly groups: 'nested' | 'flat' | 'endless';
  /**
   * Returns the lines that begin a group.
   * @param at seconds since the epoch. @param open the group is not to be folded.
   * @returns undefined if it would be folded all the same.
   */
  begin(group: Group, at: number, open: boolean): string | undefined;
  /** Returns the lines that end a group; ''  if it is `endless`. @param at seconds since the epoch. */
  end(group: Group, at: number): string;
  /** The line that opens the group before it. */
  readonly reveal?: string;
  /** `\r` has a meaning in the log: a line that is redrawn must pass as it is. */
  readonly redraws?: true;
  /**
   * Returns lines in which nothing acts as a command, except what `stop` is for.
   * @param lines one character for each byte. @param start false: the first one continues a line.
   */
  inert(lines: string, start: boolean): string;
  readonly stop?: Stop;
  watch(): Watch;
  /** The variable with the folder that files are named from: the checkout. */
  readonly checkout?: string;
  /** How many problems of each severity are shown at most: others would be dropped, or be too many. */
  readonly most: number;
  /** Returns a problem as a line for the log. */
  problem?(problem: Problem): string;
  /** Returns a failed job as a line for the log, to be shown on the build's page. */
  failure?(text: string): string;
  /** Returns problems as a page. @param head what stands above them. @param job the id of the CI job. */
  page?(problems: readonly Problem[], head: string, job: string): Page;
}

/** Nothing in the text is worth watching. */
export const NO_WATCH: Watch = { lines: () => undefined, end: () => '', used: { error: 0, warning: 0 } };
