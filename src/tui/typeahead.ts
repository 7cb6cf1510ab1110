// Keys that are typed while a build is still being read. Those that need all of it wait until it is read, and
// so do the keys after them; the others act on what is there. Escape takes the waiting ones back.

import type { Context } from './context.ts';
import { type Action, actionOf, keyName } from './keys.ts';
import type { Worker } from './slices.ts';

/** The actions that need all jobs of the build, or their tree. */
const NEED_ALL: ReadonlySet<Action> = new Set([
  'diff',
  'why',
  'problems',
  'needs',
  'findEverywhere',
  'critical',
  'nextFailure',
  'previousFailure',
  'foldAll',
  'dashboard',
  'auto',
  'block',
  'olderRun',
  'newerRun',
]);

/** The actions that never wait. */
const AT_ONCE: ReadonlySet<Action> = new Set(['quit', 'redraw', 'suspend']);

/** More waiting keys than these are somebody leaning on the keyboard. */
const MOST = 100;

interface Key {
  readonly name: string;
  readonly typed: string;
}

export class TypeAhead {
  readonly #context: Context;
  /** Whether the open build is read and its jobs are listed. */
  readonly #isReady: () => boolean;
  readonly #press: (name: string, typed: string) => void;
  #waiting: Key[] = [];

  constructor(context: Context, isReady: () => boolean, press: (name: string, typed: string) => void) {
    this.#context = context;
    this.#isReady = isReady;
    this.#press = press;
  }

  /** Another build is open. */
  reset(): void {
    this.#waiting = [];
  }

  /** Handles a key, now or once the build is read. */
  press(name: string, typed: string): void {
    const action = actionOf(name);
    const { state } = this.#context;
    if (this.#isReady() || (action !== undefined && AT_ONCE.has(action))) {
      this.#playAll();
      this.#press(name, typed);
      return;
    }
    if (this.#waiting.length > 0 && name === 'escape') {
      this.reset();
      state.message = 'given up';
    } else if (this.#waiting.length > 0 || this.#waits(action)) {
      if (this.#waiting.length < MOST) this.#waiting.push({ name, typed });
      state.message = `once the build is read: ${this.#names()}`;
    } else {
      this.#press(name, typed);
      return;
    }
    this.#context.changed();
  }

  /** Plays what waited, as soon as that is possible. */
  readonly step: Worker = () => {
    if (this.#waiting.length === 0 || !this.#isReady()) return false;
    this.#playAll();
    return true;
  };

  #waits(action: Action | undefined): boolean {
    const { prompt, question, help } = this.#context.state;
    if (prompt !== undefined || question !== undefined || help !== undefined) return false;
    return action !== undefined && NEED_ALL.has(action);
  }

  #playAll(): void {
    const keys = this.#waiting;
    this.#waiting = [];
    if (keys.length > 0) this.#context.state.message = '';
    // One of them may open another build, for which the next ones wait.
    for (const { name, typed } of keys) this.press(name, typed);
  }

  #names(): string {
    return this.#waiting.map(({ name }) => keyName(name, this.#context.state.ascii)).join(' ');
  }
}
