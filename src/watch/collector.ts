// Collects changes until nothing more comes for a while: an editor writes a file in several steps, a checkout
// writes many files. Knows no file.

export interface CollectorSetting {
  /** So long nothing must come, in milliseconds. */
  readonly quietMs: number;
  /** So long it takes at most; a file that is written all the time does not hold everything up. */
  readonly mostMs: number;
  /** Whether it is known that more comes; that may take longer. */
  readonly busy: () => boolean;
  /** Called when it is quiet. What has come is then to be taken, or asked for again. */
  readonly ready: () => void;
}

export class Collector {
  readonly #setting: CollectorSetting;
  readonly #names = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #since = 0;
  #last = 0;

  constructor(setting: CollectorSetting) {
    this.#setting = setting;
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  add(name: string): void {
    this.#names.add(name);
    this.#last = Date.now();
    if (this.#timer !== undefined) return;
    this.#since = this.#last;
    this.#wait(this.#setting.quietMs);
  }

  /** Asks again whether it is quiet, if something has come. */
  check(): void {
    if (this.#names.size > 0 && this.#timer === undefined) this.#wait(0);
  }

  /** What has come, which is then forgotten. */
  take(): string[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const names = [...this.#names];
    this.#names.clear();
    return names;
  }

  #wait(ms: number): void {
    const timer = setTimeout(() => {
      // What has come meanwhile, and was not read yet because others had the processor, is read before that.
      setImmediate(() => {
        if (this.#timer !== timer) return;
        const { quietMs, mostMs, busy, ready } = this.#setting;
        const now = Date.now();
        const over = now - this.#last >= quietMs || now - this.#since >= mostMs;
        this.#timer = undefined;
        if (over && !busy()) ready();
        else this.#wait(Math.max(quietMs - (now - this.#last), 10));
      });
    }, ms);
    this.#timer = timer;
  }
}
