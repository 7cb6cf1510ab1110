// Long work in slices: a generator that yields after each few milliseconds of work. The browser answers keys
// in between.

/** Yields between slices, and returns the result. */
export type Sliced<T> = Generator<undefined, T, void>;

/** Does all the work at once. */
export function runToEnd<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
