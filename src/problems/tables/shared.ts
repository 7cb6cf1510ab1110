// What the tables have in common: the words for errors and warnings, and lines of source below a problem.

import type { Below } from '../pattern.ts';

/** Compilers colour "error", so an escape sequence may follow the word. */
export const ERRORS = ['error: ', 'error[', 'error\x1b'];

export const WARNINGS = ['warning: ', 'warning[', 'warning\x1b'];

export const BOTH = [...ERRORS, ...WARNINGS];

export const CARETS = /^[ \t]*[~^][ \t~^]*$/;

/**
 * A line of source and one of carets, as clang and javac have them; below it what could stand there instead.
 */
export const SNIPPET: readonly Below[] = [
  { is: CARETS, caret: true },
  { is: /./, next: CARETS },
];

/** A line of source with its number, as gcc, bison and gfortran print it, and the one of carets. */
export const NUMBERED: Below = { is: /^ *\d* \|(?: |$)/ };
