// Parts that the tables share: the words for errors and warnings, and the lines of source below a problem.

import type { Below } from '../pattern.ts';

/** Compilers colour "error", so an escape sequence may follow the word. */
export const ERRORS = ['error: ', 'error[', 'error\x1b'];

export const WARNINGS = ['warning: ', 'warning[', 'warning\x1b'];

export const BOTH = [...ERRORS, ...WARNINGS];

export const CARETS = /^[ \t]*[~^][ \t~^]*$/;

/**
 * A line of source and a line of carets, as clang and javac print them, with a suggested replacement below.
 */
export const SNIPPET: readonly Below[] = [
  { is: CARETS, caret: true },
  { is: /./, next: CARETS },
];

/** A numbered line of source and its line of carets, as gcc, bison and gfortran print them. */
export const NUMBERED: Below = { is: /^ *\d* \|(?: |$)/ };
