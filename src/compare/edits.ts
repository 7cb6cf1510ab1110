// The edits that turn one sequence of lines into another, in bounded memory and time. Equal lines pass; from
// the first difference on, a window of lines of each side is compared as a whole. If the two have hardly
// anything in common, the lines are compared without their order, in one pass, and the edits are marked as
// rough.

import { diffArrays } from 'diff';

export interface Edit {
  readonly kind: 'same' | 'old' | 'new';
  /** A line that is the same is told as the new side has it. */
  readonly text: string;
  /** The lines around were compared without their order. */
  readonly rough: boolean;
}

export interface EditOptions {
  /** Lines that it makes equal are the same. */
  readonly normal: (line: string) => string;
  /** So many lines of each side, and about so many characters, are compared as a whole. */
  readonly window?: number;
  readonly characters?: number;
  /** A window with more changes than this is compared without its order. */
  readonly most?: number;
}

const WINDOW = 10_000;
const CHARACTERS = 8_000_000;
const MOST = 1_500;

/**
 * Yields the lines of both sides in order: those that are the same, only in the old one, only in the new one.
 */
export function* edits(
  old: Iterable<string>,
  fresh: Iterable<string>,
  options: EditOptions,
): Generator<Edit, void> {
  const { normal, most = MOST } = options;
  const a = new Side(old, options);
  const b = new Side(fresh, options);
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
 * Compares what fits in the windows and takes it from them, unless more is to come: then what follows the
 * last line they have in common stays.
 */
function* windowEdits(
  a: Side,
  b: Side,
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

/** Fewer edits than this cannot do, in whatever order the lines are. */
function leastEdits(x: readonly string[], y: readonly string[]): number {
  let common = 0;
  const left = counts(x);
  for (const key of y) if (take(left, key)) common++;
  return x.length + y.length - 2 * common;
}

/** Each line of one side takes one like it of the other; what is left over was changed. */
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

/** Lines of one side, as far as they were looked at. */
class Side {
  readonly #lines: Iterator<string, unknown>;
  readonly #window: number;
  readonly #characters: number;
  #held: string[] = [];
  /** How many of the held lines are done with. */
  #done = 0;
  /** All lines that there are are held. */
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

  /** Holds a window of lines. */
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
