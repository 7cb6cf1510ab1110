// Long work that others need not wait for: a generator that yields after each few milliseconds of it, so that
// who has keys to answer does so meanwhile.

/** Yields while it goes on, and returns what came of it. */
export type Sliced<T> = Generator<undefined, T, void>;

/** Does it all at once. */
export function runToEnd<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
