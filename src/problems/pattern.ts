// The form of a pattern, in which the tables are written. Knows no tool.

import type { Severity } from './problem.ts';

/**
 * How one kind of problem is said. Expressions see one line: as UTF-8, without its newline, escape sequences
 * and blanks at its end, and of a line that was redrawn with `\r` only what it ended as. Where they see
 * several lines, these are joined by newlines. What they find is in named groups:
 *
 * - `file`, `line`, `column`: where;
 * - `severity`: a word; one with `warn` in it is a warning, others are errors;
 * - `code`: the kind of problem, as the tool names it;
 * - `message`;
 * - `what`: what failed (a test's name): goes before the message.
 */
export interface Pattern {
  readonly tool: string;
  /** Pieces of text, one of which is in the raw first line, colours and all. Without: every line is tried. */
  readonly words?: readonly string[];
  /** The line that says it. */
  readonly first: RegExp;
  /** Where no group says it; an error where this does not either. */
  readonly severity?: Severity;
  /** It only says that something failed: Problem.summary. */
  readonly summary?: true;
  /** Lines right above that belong to it, as many as fit. */
  readonly above?: RegExp;
  /** Likewise, but the lines right above (six at most), joined, each with its newline. */
  readonly block?: RegExp;
  /** It is none without the lines of `block`. */
  readonly needsBlock?: true;
  /** The line above a list of such lines, which has the file. It is none without. */
  readonly heading?: RegExp;
  /** It is none unless the lines below (eight at most), joined, fit. */
  readonly needs?: RegExp;
  /** It is none if they fit. */
  readonly unless?: RegExp;
  /** It is none unless its lines give a message. */
  readonly needsMessage?: true;
  /**
   * Lines below that belong to it: for each line the first rule that fits it. A line that none fits is the
   * end.
   */
  readonly below?: readonly Below[];
  /**
   * The tool prints files by their last name only: they are left as printed, unless the package is told
   * further down.
   */
  readonly bare?: true;
}

/** A line below the first. Its groups set what is not known yet. */
export interface Below {
  readonly is: RegExp;
  /** Only below a line that fits this. */
  readonly after?: RegExp;
  /** Only above a line that fits this: a line of source before one of carets. */
  readonly next?: RegExp;
  /** Only if the lines below it (eight at most), joined, fit this. */
  readonly then?: RegExp;
  /** It begins a note: its groups, and those of the lines up to the next note, are the note's. */
  readonly note?: true;
  /** Its groups replace what was known: the last frame of a traceback. */
  readonly replaces?: true;
  /** Its message goes on as far as lines are indented. */
  readonly paragraph?: true;
  /** Its message is appended, after a semicolon. */
  readonly joins?: true;
  /** Its message is appended if the one before ends with a colon. */
  readonly completes?: true;
  /** The first `^` of it is where the column is, if nothing else says it. */
  readonly caret?: true;
  /** The problem ends with this line… */
  readonly ends?: true;
  /** …but not where the lines below it (eight at most), joined, fit this. */
  readonly unless?: RegExp;
  /** It shows that this is no problem. */
  readonly none?: true;
}
