// Finds the edits that turn one sequence of lines into another, in bounded memory and time. Equal lines pass.
// From the first difference on, a window of lines of each side is compared as a whole. If the two windows
// have hardly anything in common, their lines are compared regardless of order, in one pass, and the edits
// are marked as rough.

import { diffArrays } from 'diff';

export interface Edit {
  readonly kind: 'same' | 'old' | 'new';
  /** For a line that is the same, the new side's text. */
  readonly text: string;
  /** The surrounding lines were compared regardless of order. */
  readonly rough: boolean;
}

export interface EditOptions {
  /** Normalises a line. Lines that become equal count as the same. */
  readonly normal: (line: string) => string;
  /** The window: how many lines of each side, and about how many characters, are compared as a whole. */
  readonly window?: number;
  readonly characters?: number;
  /** A window with more changes than this is compared regardless of order. */
  readonly most?: number;
}

const WINDOW = 10_000;
const CHARACTERS = 8_000_000;
const MOST = 1_500;

/**
 * Yields the lines of both sides in order: those that are the same, those only on the old side, those only on
 * the new side.
 */
export function* edits(
  old: Iterable<string>,
  fresh: Iterable<string>,
  options: EditOptions,
): Generator<Edit, void> {
  const { normal, most = MOST } = options;
  const a = new LineBuffer(old, options);
  const b = new LineBuffer(fresh, options);
  for (;;) {
    for (;;) {
      const [x, y] = [a.first(), b.first()];
      if (x === undefined || y === undefined || (x !== y && normal(x) !== normal(y))) break;
      yield { kind: 'same', text: y, rough: false };
      a.drop(1);
      b.drop(1);
    }
    if (a.first() === undefined && b.first() === undefined) return;
    yield* windowEdits(a, b, normal, most);
  }
}

/**
 * Compares the contents of the windows and removes them. If more lines are to come, those after the last
 * common line stay.
 */
function* windowEdits(
  a: LineBuffer,
  b: LineBuffer,
  normal: (line: string) => string,
  most: number,
): Generator<Edit, void> {
  const x = a.fill();
  const y = b.fill();
  const [keysX, keysY] = [x.map(normal), y.map(normal)];
  const changes =
    leastEdits(keysX, keysY) > most ? undefined : diffArrays(keysX, keysY, { maxEditLength: most });
  if (!changes) {
    yield* rough(x, y, keysX, keysY);
    a.drop(x.length);
    b.drop(y.length);
    return;
  }
  const last = changes.findLastIndex(({ added, removed }) => !added && !removed);
  const whole = (a.complete && b.complete) || last < 0;
  let i = 0;
  let j = 0;
  for (const { added, removed, count } of whole ? changes : changes.slice(0, last + 1))
    for (let n = 0; n < count; n++) {
      if (removed) yield { kind: 'old', text: x[i++]!, rough: false };
      else {
        if (!added) i++;
        yield { kind: added ? 'new' : 'same', text: y[j++]!, rough: false };
      }
    }
  a.drop(i);
  b.drop(j);
}

/** The minimum number of edits, whatever the order of the lines. */
function leastEdits(x: readonly string[], y: readonly string[]): number {
  let common = 0;
  const left = counts(x);
  for (const key of y) if (take(left, key)) common++;
  return x.length + y.length - 2 * common;
}

/** Pairs each line of one side with an equal line of the other. The remaining lines were changed. */
function* rough(
  x: readonly string[],
  y: readonly string[],
  keysX: readonly string[],
  keysY: readonly string[],
): Generator<Edit, void> {
  const there = counts(keysY);
  const both: string[] = [];
  for (const [i, text] of x.entries())
    if (take(there, keysX[i]!)) both.push(keysX[i]!);
    else yield { kind: 'old', text, rough: true };
  const taken = counts(both);
  for (const [i, text] of y.entries())
    yield { kind: take(taken, keysY[i]!) ? 'same' : 'new', text, rough: true };
}

function counts(keys: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const key of keys) found.set(key, (found.get(key) ?? 0) + 1);
  return found;
}

function take(from: Map<string, number>, key: string): boolean {
  const count = from.get(key) ?? 0;
  if (count > 0) from.set(key, count - 1);
  return count > 0;
}

/** The lines of one side that have been read so far. */
class LineBuffer {
  readonly #lines: Iterator<string, unknown>;
  readonly #window: number;
  readonly #characters: number;
  #held: string[] = [];
  /** How many of the held lines have been dealt with. */
  #done = 0;
  /** Whether all remaining lines are held. */
  complete = false;

  constructor(lines: Iterable<string>, { window = WINDOW, characters = CHARACTERS }: EditOptions) {
    this.#lines = lines[Symbol.iterator]();
    this.#window = window;
    this.#characters = characters;
  }

  first(): string | undefined {
    if (this.#done === this.#held.length) {
      this.#held = [];
      this.#done = 0;
      this.#pull();
    }
    return this.#held[this.#done];
  }

  /** Fills the window with lines. */
  fill(): readonly string[] {
    this.#held = this.#held.slice(this.#done);
    this.#done = 0;
    let characters = this.#held.reduce((sum, { length }) => sum + length, 0);
    while (this.#held.length < this.#window && characters < this.#characters && this.#pull())
      characters += this.#held.at(-1)?.length ?? 0;
    return this.#held;
  }

  drop(count: number): void {
    this.#done += count;
  }

  #pull(): boolean {
    if (this.complete) return false;
    const next = this.#lines.next();
    this.complete = next.done ?? false;
    if (!this.complete) this.#held.push(next.value as string);
    return !this.complete;
  }
}
