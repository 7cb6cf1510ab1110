// One target in two builds: what became of it, its commands, what it said. Pure: the lines come from outside.

import { diffArrays } from 'diff';
import { type Edit, edits } from './edits.ts';
import { type Hunks, hunksOf } from './hunks.ts';
import { normaliser } from './noise.ts';
import { problemKey } from './telling.ts';

/** One side: a job as a build has it. */
export interface Side {
  /** In words: `ok`, `exit 2`. */
  readonly outcome: string;
  /** undefined: not to be compared. */
  readonly commands: readonly string[] | undefined;
  /** Read only as far as needed; undefined: not to be compared, or known to be the same. */
  readonly lines: Iterable<string> | undefined;
}

export interface CompareOptions {
  /** Noise counts. */
  readonly exact: boolean;
  /** Folders in which the project lay. */
  readonly roots: readonly string[];
  /** Unchanged lines around changes. */
  readonly context: number;
}

/** A word of a command. */
export interface Word {
  readonly kind: Edit['kind'];
  readonly text: string;
}

export interface Difference extends Hunks {
  /** Before and after; undefined where it is the same. */
  readonly outcome: readonly [string, string] | undefined;
  /** The commands word by word; empty where they are the same. */
  readonly command: readonly Word[];
  /** Lines with errors and warnings that are new, or gone: not those that have only moved in their file. */
  readonly fresh: readonly string[];
  readonly gone: readonly string[];
}

const NOTHING: Hunks = { hunks: [], added: 0, removed: 0, unshown: 0 };

/** @returns undefined where the target is the same in both. */
export function compareTarget(a: Side, b: Side, options: CompareOptions): Difference | undefined {
  const { exact, roots, context } = options;
  const normal = exact ? (line: string): string => line : normaliser({ roots });
  const problems = new ProblemCount(normaliser({ roots }));
  const lines =
    a.lines && b.lines
      ? hunksOf(edits(a.lines, b.lines, { normal }), context, (edit) => {
          problems.add(edit);
        })
      : NOTHING;
  const outcome = a.outcome === b.outcome ? undefined : ([a.outcome, b.outcome] as const);
  const command =
    a.commands && b.commands
      ? wordsChanged(
          a.commands.join('\n'),
          b.commands.join('\n'),
          exact ? normal : normaliser({ roots, commands: true }),
        )
      : [];
  if (!outcome && command.length === 0 && lines.added + lines.removed === 0) return undefined;
  return { outcome, command, ...problems.balance(), ...lines };
}

/** More words than this are shown as all old, all new. */
const MOST_WORDS = 1000;

/** Two commands word by word; empty where they are the same. Words keep the blanks after them. */
export function wordsChanged(a: string, b: string, normal: (text: string) => string): Word[] {
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

/** At most so many problems of a target are told. */
const MOST_PROBLEMS = 1000;

/** New and gone problems, each of which may only have moved. */
class ProblemCount {
  readonly #normal: (line: string) => string;
  /** By what they say: how many more there are on the new side, and the lines. */
  readonly #found = new Map<string, { surplus: number; old: string[]; fresh: string[] }>();
  #count = 0;

  constructor(normal: (line: string) => string) {
    this.#normal = normal;
  }

  add({ kind, text }: Edit): void {
    const key = problemKey(text, this.#normal);
    if (key === undefined) return;
    let entry = this.#found.get(key);
    if (!entry) {
      if (this.#count++ >= MOST_PROBLEMS) return;
      entry = { surplus: 0, old: [], fresh: [] };
      this.#found.set(key, entry);
    }
    entry.surplus += kind === 'new' ? 1 : -1;
    const side = kind === 'new' ? entry.fresh : entry.old;
    if (side.length < MOST_PROBLEMS) side.push(text);
  }

  balance(): Pick<Difference, 'fresh' | 'gone'> {
    const all = [...this.#found.values()];
    return {
      fresh: all.flatMap(({ surplus, fresh }) => (surplus > 0 ? fresh.slice(-surplus) : [])),
      gone: all.flatMap(({ surplus, old }) => (surplus < 0 ? old.slice(surplus) : [])),
    };
  }
}
