// Differences as text: a unified diff for each target, with what matters before it; or counts; or as JSON.

import type { Status } from '../model/events.ts';
import { escapeName, jsonText } from '../model/printable.ts';
import { problemJson } from '../problems/problem.ts';
import { problemText } from '../problems/text.ts';
import type { Edit } from './edits.ts';
import type { Hunk, Stretch } from './hunks.ts';
import type { Difference, Word } from './target.ts';

export interface PrintOptions {
  readonly colour: boolean;
  readonly ascii: boolean;
}

/** Where one side of a difference comes from. */
export interface Origin {
  readonly build: string;
  readonly job: number;
  readonly status: Status | undefined;
}

/** A target that differs. */
export interface Differing {
  readonly name: string;
  readonly from: Origin;
  readonly to: Origin;
  readonly difference: Difference;
}

type Paint = (code: string, text: string) => string;

const painter =
  (colour: boolean): Paint =>
  (code, text) =>
    colour && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text;

/** The whole difference of a target. */
export function* unified(
  { name, from, to, difference }: Differing,
  options: PrintOptions,
): Generator<string> {
  const paint = painter(options.colour);
  const { outcome, command, fresh, gone, hunks, unshown } = difference;
  const shown = escapeName(name);
  yield paint('1', `diff ${shown}`);
  if (outcome) yield `${paint('1', 'status:')} ${outcome[0]} ${options.ascii ? '->' : '→'} ${outcome[1]}`;
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

const SIGNS = { same: ' ', old: '-', new: '+' } as const;
const COLOURS = { same: '0', old: '31', new: '32' } as const;

function hunkHead({ from, to, rough }: Hunk): string {
  const range = ({ line, count }: Stretch): string => (count === 1 ? String(line) : `${line},${count}`);
  return `@@ -${range(from)} +${range(to)} @@${rough ? ' too different: compared without the order of lines' : ''}`;
}

/** `cc [-O0-]{+-O2+} a.c`, as git's word diff has it; in colour without the brackets. */
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

/** A target in one line: ` a.o | exit 1 (was ok), +3 -1, 1 new problem`. */
export function statLine({ name, difference }: Differing, width: number, { colour }: PrintOptions): string {
  const paint = painter(colour);
  const { outcome, command, added, removed, fresh, gone } = difference;
  const parts = [
    outcome ? `${outcome[1]} (was ${outcome[0]})` : '',
    command.length > 0 ? 'command' : '',
    added + removed > 0 ? `${paint('32', `+${added}`)} ${paint('31', `-${removed}`)}` : '',
    fresh.length > 0 ? paint('1;31', `${fresh.length} new ${problems(fresh.length)}`) : '',
    gone.length > 0 ? paint('1;32', `${gone.length} ${problems(gone.length)} gone`) : '',
  ];
  return ` ${escapeName(name).padEnd(width)} | ${parts.filter((part) => part !== '').join(', ')}`;
}

const problems = (count: number): string => (count === 1 ? 'problem' : 'problems');

/** docs/json.md */
export function differenceJson({ name, from, to, difference }: Differing): string {
  const { outcome, command, fresh, gone, hunks, added, removed, unshown } = difference;
  const origin = ({ build, job, status }: Origin): unknown => ({ build, job, status: status ?? null });
  const lines = (edits: readonly Edit[]): string[] => edits.map(({ kind, text }) => SIGNS[kind] + text);
  return jsonText({
    type: 'target',
    name,
    from: origin(from),
    to: origin(to),
    outcome: outcome ?? null,
    command: command.length === 0 ? null : command,
    new: fresh.map(problemJson),
    gone: gone.map(problemJson),
    added,
    removed,
    unshown,
    hunks: hunks.map((hunk) => ({
      from: hunk.from,
      to: hunk.to,
      rough: hunk.rough,
      lines: lines(hunk.lines),
    })),
  });
}
