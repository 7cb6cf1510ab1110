// The form in which the tables' patterns are written. Knows no tool.

import type { Severity } from './problem.ts';

/**
 * How to recognise one kind of problem. An expression sees one line as UTF-8, without its newline, escape
 * sequences and trailing blanks. It sees only the last state of a line that was redrawn with `\r`. If it sees
 * several lines, they are joined by newlines. The captures are in named groups:
 *
 * - `file`, `line`, `column`: the place;
 * - `severity`: a word; one that contains `warn` is a warning, any other an error;
 * - `code`: the kind of problem, as the tool names it;
 * - `message`;
 * - `what`: what failed, such as a test's name. It is put before the message.
 */
export interface ProblemPattern {
  readonly tool: string;
  /**
   * Pieces of text, one of which occurs in the raw first line, colours included. Without them, every line is
   * tried.
   */
  readonly words?: readonly string[];
  /** Matches the first line of the problem. */
  readonly first: RegExp;
  /** The severity if no group gives it. Without either, the problem is an error. */
  readonly severity?: Severity;
  /** The problem says only that something failed: Problem.summary. */
  readonly summary?: true;
  /** Matches lines directly above that belong to the problem, as many as fit. */
  readonly above?: RegExp;
  /** Likewise, but matches the lines directly above (six at most) joined, each with its newline. */
  readonly block?: RegExp;
  /** It is not a problem without the lines of `block`. */
  readonly needsBlock?: true;
  /**
   * Matches the line above a list of such lines, which names the file. It is not a problem without that line.
   */
  readonly heading?: RegExp;
  /** It is not a problem unless the lines below (eight at most), joined, fit. */
  readonly needs?: RegExp;
  /** It is not a problem if they fit. */
  readonly unless?: RegExp;
  /** It is not a problem unless its lines give a message. */
  readonly needsMessage?: true;
  /**
   * Rules for the lines below that belong to the problem. The first rule that fits a line applies. A line
   * that fits none ends the problem.
   */
  readonly below?: readonly Below[];
  /**
   * The tool prints files without their folders. They stay as printed unless the package is named further
   * down.
   */
  readonly bare?: true;
}

/** A line below the first. Its groups set what is not known yet. */
export interface Below {
  readonly is: RegExp;
  /** Applies only below a line that fits this. */
  readonly after?: RegExp;
  /** Applies only above a line that fits this, such as a line of source above a line of carets. */
  readonly next?: RegExp;
  /** Applies only if the lines below it (eight at most), joined, fit this. */
  readonly then?: RegExp;
  /** The line begins a note. The note gets its groups, and those of the lines up to the next note. */
  readonly note?: true;
  /** Its groups replace earlier values, as the last frame of a traceback does. */
  readonly replaces?: true;
  /** Its message goes on for as long as lines are indented. */
  readonly paragraph?: true;
  /** Its message is appended after a semicolon. */
  readonly joins?: true;
  /** Its message is appended if the message so far ends with a colon. */
  readonly completes?: true;
  /** Its first `^` marks the column, if nothing else gives one. */
  readonly caret?: true;
  /** The problem ends with this line… */
  readonly ends?: true;
  /** …unless the lines below it (eight at most), joined, fit this. */
  readonly unless?: RegExp;
  /** The line shows that this is not a problem. */
  readonly none?: true;
}
