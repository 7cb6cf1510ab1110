// Compares one target in two builds: outcome, commands, output. Pure: the lines are given.

import { diffArrays } from 'diff';
import { type Edit, edits } from './edits.ts';
import { type Hunks, hunksOf } from './hunks.ts';
import { normaliser } from './noise.ts';
import {
  type ProblemChanges,
  type ProblemSource,
  type LogProblems,
  problemChanges,
} from './problemchanges.ts';

/** One side of a comparison: a job in one build. */
export interface Side {
  /** In words: `ok`, `exit 2`. */
  readonly outcome: string;
  /** undefined if they are not to be compared. */
  readonly commands: readonly string[] | undefined;
  /** Read only as far as needed; undefined if they are not to be compared, or known to be the same. */
  readonly lines: Iterable<string> | undefined;
  /** Read only if lines differ. */
  readonly problems: ProblemSource;
  /** Whether it failed because of another job. */
  readonly passedOn: boolean;
}

export interface CompareOptions {
  /** Whether noise counts as a difference. */
  readonly exact: boolean;
  /** The project's folders. */
  readonly roots: readonly string[];
  /** How many unchanged lines to show around changes. */
  readonly context: number;
}

/** The options, prepared for comparing many targets. */
export interface Comparison {
  readonly context: number;
  /** Functions that remove the noise from lines, from commands and from problems. */
  readonly ofLines: (line: string) => string;
  readonly ofCommands: (command: string) => string;
  readonly ofProblems: (line: string) => string;
}

export function comparison({ exact, roots, context }: CompareOptions): Comparison {
  const same = (text: string): string => text;
  const ofProblems = normaliser({ roots });
  return {
    context,
    ofLines: exact ? same : ofProblems,
    ofCommands: exact ? same : normaliser({ roots, commands: true }),
    ofProblems,
  };
}

/** A word of a command. */
export interface Word {
  readonly kind: Edit['kind'];
  readonly text: string;
}

export interface Difference extends Hunks, ProblemChanges {
  /** The outcomes before and after; undefined if they are the same. */
  readonly outcome: readonly [string, string] | undefined;
  /** The commands word by word; empty if they are the same. */
  readonly command: readonly Word[];
}

const NOTHING: Hunks = { hunks: [], added: 0, removed: 0, unshown: 0 };

/** @returns undefined if the target is the same in both builds. */
export function compareTarget(a: Side, b: Side, how: Comparison): Difference | undefined {
  const lines =
    a.lines && b.lines ? hunksOf(edits(a.lines, b.lines, { normal: how.ofLines }), how.context) : NOTHING;
  const changed = lines.added + lines.removed > 0;
  const outcome = a.outcome === b.outcome ? undefined : ([a.outcome, b.outcome] as const);
  const command =
    a.commands && b.commands
      ? wordsChanged(a.commands.join('\n'), b.commands.join('\n'), how.ofCommands)
      : [];
  if (!outcome && command.length === 0 && !changed) return undefined;
  const problemsOf = ({ problems, passedOn }: Side): LogProblems => ({ each: problems, passedOn });
  const problems = changed
    ? problemChanges(problemsOf(a), problemsOf(b), how.ofProblems)
    : { fresh: [], gone: [] };
  return { outcome, command, ...problems, ...lines };
}

/** Commands with more words than this are shown as entirely old and entirely new. */
const MOST_WORDS = 1000;

/** Compares two commands word by word. Empty if they are the same. Each word includes the blanks after it. */
export function wordsChanged(a: string, b: string, normal: (text: string) => string): Word[] {
  if (a === b || normal(a) === normal(b)) return [];
  const [x, y] = [words(a), words(b)];
  const key = (word: string): string => normal(word.trimEnd());
  const [keysX, keysY] = [x.map(key), y.map(key)];
  if (keysX.join('\n') === keysY.join('\n')) return [];
  const changes = diffArrays(keysX, keysY, { maxEditLength: MOST_WORDS });
  if (!changes)
    return [
      { kind: 'old', text: a },
      { kind: 'new', text: b },
    ];
  let i = 0;
  let j = 0;
  return changes.map(({ added, removed, count }) => {
    const [from, to] = [i, j];
    if (!added) i += count;
    if (!removed) j += count;
    if (removed) return { kind: 'old', text: x.slice(from, i).join('') };
    return { kind: added ? 'new' : 'same', text: y.slice(to, j).join('') };
  });
}

function words(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [];
}
