// Lines that wait, by their text. Adding and removing one costs the same however many there are, even if all
// of them are the same. Knows nothing else of lines.

/** The most lines of the same text that are looked at. */
const MOST_SEEN = 100;

interface Queue<L> {
  lines: L[];
  /** The index of the first line that waits. */
  first: number;
  /** The number of lines that no longer wait, but are still in the queue. */
  gone: number;
}

export class SameLines<L extends { readonly text: string }> {
  readonly #queues = new Map<string, Queue<L>>();
  readonly #waits: (line: L) => boolean;

  /** @param waits does a line still wait? */
  constructor(waits: (line: L) => boolean) {
    this.#waits = waits;
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  add(line: L): void {
    const queue = this.#queues.get(line.text);
    if (queue) queue.lines.push(line);
    else this.#queues.set(line.text, { lines: [line], first: 0, gone: 0 });
  }

  /** The first lines of a text, in the order in which they came; not all of them if they are very many. */
  *of(text: string): Iterable<L> {
    const queue = this.#queues.get(text);
    if (!queue) return;
    for (let i = queue.first, seen = 0; i < queue.lines.length && seen < MOST_SEEN; i++, seen++)
      if (this.#waits(queue.lines[i]!)) yield queue.lines[i]!;
  }

  /** To be called when a line no longer waits. */
  removed({ text }: L): void {
    const queue = this.#queues.get(text);
    if (!queue) return;
    queue.gone++;
    if (queue.gone === queue.lines.length) {
      this.#queues.delete(text);
      return;
    }
    while (!this.#waits(queue.lines[queue.first]!)) queue.first++;
    if (queue.gone * 2 <= queue.lines.length) return;
    queue.lines = queue.lines.filter(this.#waits);
    queue.first = queue.gone = 0;
  }
}
