// When the build under the cursor of the list is shown: once the cursor rests, so that a held key opens none
// of those that it passes.

/** How long the cursor rests before a build is shown: longer than a held key takes to repeat. */
const REST_MS = 120;

export class Preview {
  readonly #show: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(show: () => void) {
    this.#show = show;
  }

  /** The cursor has moved. */
  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.now();
    }, REST_MS);
  }

  /** Shows what is to be shown soon. */
  now(): void {
    if (this.#timer === undefined) return;
    this.cancel();
    this.#show();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
