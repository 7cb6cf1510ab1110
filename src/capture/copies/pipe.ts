// What is known of a pipe: what goes into it, and what its reader puts before lines. Pure.

import { Passage } from './passage.ts';

/** Which streams of a job go into its pipe; `both`: into two. Other output is shown as it comes. */
export type PipedStreams = 'all' | 'stdout' | 'stderr' | 'both';

/** A pipe is idle when it was closed, and its reader has been silent for so long, in milliseconds. */
const SILENT_MS = 1000;
const MOST_PREFIXES = 20;

export class Pipe {
  /** The words of the job's name, which a prefix may have. */
  readonly words: readonly string[];
  /**
   * The reader is a runner, which puts the same prefix before each line. A shell that has read a value
   * (`v=$(make print); echo "got: $v"`) prints it after the pipe was closed: that is no prefix.
   */
  readonly isRunners: boolean;
  /** What of the output goes there; undefined if all does. */
  readonly passage: Passage | undefined;
  readonly #prefixes = new Set<string>();
  /** When it was closed, in milliseconds; undefined while it is open. */
  #closed: number | undefined;
  #idle = false;

  /**
   * @param name the job's.
   * @param prefix what the reader puts before each line, if that is known. It may as well put nothing there.
   */
  constructor(streams: PipedStreams, isRunners: boolean, name: string, prefix?: string) {
    if (prefix !== undefined) this.#prefixes.add(prefix);
    this.words = name.split(/[^\w-]+/).filter((word) => word.length > 1);
    this.isRunners = isRunners;
    this.passage = streams === 'all' ? undefined : new Passage(streams !== 'stderr');
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  /** @param now in milliseconds. */
  close(now: number): void {
    this.#closed ??= now;
  }

  /**
   * Has it just become idle?
   * @param heard when the reader last printed something. @param isComing there may be more of the jobs' text.
   */
  becomesIdle(now: number, heard: number, isComing: () => boolean): boolean {
    if (this.#closed === undefined || this.#idle) return false;
    this.#idle = now - Math.max(this.#closed, heard) > SILENT_MS && !isComing();
    return this.#idle;
  }

  get prefixes(): ReadonlySet<string> {
    return this.#prefixes;
  }

  /** Learns a prefix, and forgets the oldest one if they are many: ninja's counts are prefixes as well. */
  learn(prefix: string): void {
    this.#prefixes.add(prefix);
    if (this.#prefixes.size <= MOST_PREFIXES) return;
    for (const oldest of [...this.#prefixes].slice(0, 1)) this.#prefixes.delete(oldest);
  }
}
