// What tells a file from any other state of it, for very many files: numbers in flat arrays, since a text for
// each would take ten times the memory. Knows no name.

import type { Stats } from 'node:fs';

/** Time, size and file number. */
const FIELDS = 3;
/** In the place of a size, which is no less than 0. */
const MISSING = -1;
const FOLDER = -2;

export class Stamps {
  #numbers = new Float64Array(64 * FIELDS);
  #length = 0;
  readonly #free: number[] = [];

  /** Takes a file's state. @param stat undefined if there is no file. @returns its place. */
  add(stat: Stats | undefined): number {
    const place = this.#free.pop() ?? this.#length++;
    if (this.#length * FIELDS > this.#numbers.length) {
      const numbers = new Float64Array(this.#numbers.length * 2);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
    }
    this.put(place, stat);
    return place;
  }

  /** Takes a file's state now. @returns whether it was another one. */
  put(place: number, stat: Stats | undefined): boolean {
    const [time, size, ino] = numbersOf(stat);
    const at = place * FIELDS;
    const numbers = this.#numbers;
    if (numbers[at] === time && numbers[at + 1] === size && numbers[at + 2] === ino) return false;
    numbers[at] = time;
    numbers[at + 1] = size;
    numbers[at + 2] = ino;
    return true;
  }

  /** The place can be given to another file. */
  remove(place: number): void {
    this.#free.push(place);
  }

  /** Was there a file, and no folder? */
  isFile(place: number): boolean {
    return this.#numbers[place * FIELDS + 1]! >= 0;
  }
}

/** A folder's contents are none of its own. */
function numbersOf(stat: Stats | undefined): [time: number, size: number, ino: number] {
  if (!stat) return [0, MISSING, 0];
  return stat.isDirectory() ? [0, FOLDER, 0] : [stat.mtimeMs, stat.size, stat.ino];
}
