// A problem as text: in one line, as compilers say it, or in rows of a terminal.

import type { Problem } from '../problems/problem.ts';
import type { Paint } from './formats.ts';

/** `file:line:column`, as far as they are known. */
export function placeText({ file, line, column }: Problem): string | undefined {
  if (file === undefined) return undefined;
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/**
 * `src/a.c:3:5: warning: unused variable ‘x’ [-Wunused-variable]`. Without a file, the tool's name takes its
 * place.
 */
export function problemText(problem: Problem): string {
  const { severity, tool, code, message } = problem;
  return `${placeText(problem) ?? tool}: ${severity}: ${message}${code === undefined ? '' : ` [${code}]`}`;
}

/** A word and how wide it is when it is not painted. */
interface Word {
  readonly text: string;
  readonly width: number;
}

const INDENT = '  ';
const HANGING = '      ';

/**
 * A problem in rows of at most `columns`, broken between words; a word that is wider has a row of its own.
 * @param place `src/a.c:3:5`. @param severity `error`. @param message without control characters.
 * @param widthOf columns of a text.
 */
export function problemRows(
  {
    place,
    severity,
    message,
  }: { readonly place: string; readonly severity: string; readonly message: string },
  columns: number,
  paint: Paint,
  widthOf: (text: string) => number,
): string {
  const word = (text: string, code?: string): Word => ({
    text: code === undefined ? text : paint(code, text),
    width: widthOf(text),
  });
  const words = [
    word(`${place}:`, '1'),
    word(`${severity}:`, severity === 'error' ? '1;31' : '1;35'),
    ...message
      .split(' ')
      .filter(Boolean)
      .map((text) => word(text, /^\[.+\]$/.test(text) ? '2' : undefined)),
  ];
  let rows = '';
  let row = INDENT;
  let width = INDENT.length;
  let empty = true;
  for (const { text, width: wide } of words) {
    if (!empty && width + 1 + wide > columns) {
      rows += `${row}\n`;
      row = HANGING;
      width = HANGING.length;
      empty = true;
    }
    row += empty ? text : ` ${text}`;
    width += empty ? wide : wide + 1;
    empty = false;
  }
  return `${rows}${row}\n`;
}
