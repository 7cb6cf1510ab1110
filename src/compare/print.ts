// Differences as text: for each target a unified diff, preceded by changes of outcome, command and problems;
// or counts.

import { escapeName } from '../model/printable.ts';
import { painter } from '../render/formats.ts';
import { problemText } from '../render/problem.ts';
import { type Origin, SIGNS } from '../render/records/difference.ts';
import type { Hunk, Stretch } from './hunks.ts';
import type { Difference, Word } from './target.ts';

export interface DiffPrintOptions {
  readonly colour: boolean;
  readonly ascii: boolean;
}

/** A target that differs. */
export interface Differing {
  readonly name: string;
  readonly from: Origin;
  readonly to: Origin;
  readonly difference: Difference;
}

/** The complete difference of a target. */
export function* unified(
  { name, from, to, difference }: Differing,
  options: DiffPrintOptions,
): Generator<string> {
  const paint = painter(options.colour);
  const { outcome, command, fresh, gone, hunks, unshown } = difference;
  const shown = escapeName(name);
  yield paint('1', `diff ${shown}`);
  if (outcome)
    yield `${paint('1', 'status:')} ${outcome[0]} ${options.ascii ? '->' : '→'} ${paint(outcome[1] === 'ok' ? '32' : '31', outcome[1])}`;
  if (command.length > 0) yield `${paint('1', 'command:')} ${commandText(command, options.colour)}`;
  for (const problem of fresh) yield `${paint('1;31', 'new:')}  ${escapeName(problemText(problem))}`;
  for (const problem of gone) yield `${paint('1;32', 'gone:')} ${escapeName(problemText(problem))}`;
  if (hunks.length > 0) {
    yield paint('1', `--- ${shown}\t${from.build}`);
    yield paint('1', `+++ ${shown}\t${to.build}`);
  }
  for (const hunk of hunks) {
    yield paint('36', hunkHead(hunk));
    for (const edit of hunk.lines) yield paint(COLOURS[edit.kind], SIGNS[edit.kind] + edit.text);
  }
  if (unshown > 0) yield paint('36', `@@ and ${unshown} more lines that differ @@`);
}

const COLOURS = { same: '0', old: '31', new: '32' } as const;

function hunkHead({ from, to, rough }: Hunk): string {
  const range = ({ line, count }: Stretch): string => (count === 1 ? String(line) : `${line},${count}`);
  return `@@ -${range(from)} +${range(to)} @@${rough ? ' too different: compared without the order of lines' : ''}`;
}

/** Returns `cc [-O0-]{+-O2+} a.c`, like git's word diff; in colour without the brackets. */
function commandText(words: readonly Word[], colour: boolean): string {
  const paint = painter(colour);
  return words
    .map(({ kind, text }) => {
      const blanks = /\s*$/.exec(text)?.[0] ?? '';
      const word = escapeName(text.slice(0, text.length - blanks.length));
      const after = blanks.includes('\n') ? '; ' : blanks;
      if (kind === 'same') return word + after;
      const marked = kind === 'old' ? `[-${word}-]` : `{+${word}+}`;
      return paint(COLOURS[kind], colour ? word : marked) + (after === '' ? ' ' : after);
    })
    .join('')
    .trimEnd();
}

/** Summarises a target in one line: ` a.o | exit 1 (was ok), +3 -1, 1 new problem`. */
export function statLine(
  { name, difference }: Differing,
  width: number,
  { colour }: DiffPrintOptions,
): string {
  const paint = painter(colour);
  const { outcome, command, added, removed, fresh, gone } = difference;
  const parts = [
    outcome ? paint(outcome[1] === 'ok' ? '32' : '31', outcome[1]) + ` (was ${outcome[0]})` : '',
    command.length > 0 ? 'command' : '',
    added + removed > 0 ? `${paint('32', `+${added}`)} ${paint('31', `-${removed}`)}` : '',
    fresh.length > 0 ? paint('1;31', `${fresh.length} new ${problems(fresh.length)}`) : '',
    gone.length > 0 ? paint('1;32', `${gone.length} ${problems(gone.length)} gone`) : '',
  ];
  return ` ${escapeName(name).padEnd(width)} | ${parts.filter((part) => part !== '').join(', ')}`;
}

const problems = (count: number): string => (count === 1 ? 'problem' : 'problems');
