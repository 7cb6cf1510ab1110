// Notes why a build, or a part of it, was not split: because of programs that the library cannot be loaded
// into, or that run others out of its reach (library/launchers.c, report_unsplit).

import type { Fields } from '../../wire.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';

/** By the library's reason: why a program is not split, and what to do. */
const OBJECTIONS: Readonly<Record<string, (program: string) => string>> = {
  static: (program) => `${program} is static, so it is one job; one that is linked dynamically is split`,
  kind: (program) => `${program} is for another machine or C library's kind, so it is one job`,
  sanitizer: (program) => `${program} was built with a sanitizer, so it is one job`,
  setuid: (program) => `${program} is setuid, so it is one job`,
};

/** The most notes: no build has so many kinds of make. */
const MOST = 10;

export class UnsplitRecords implements Hook {
  readonly handlers: Handlers = { U: (record) => this.#unsplit(record) };
  readonly #recording: Recording;
  readonly #noted = new Set<string>();
  /** The first program that has run others out of reach. */
  #away: string | undefined;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  #unsplit({ program, reason: why }: Fields<'U'>): undefined {
    if (why === 'away') this.#away ??= program.slice(program.lastIndexOf('/') + 1);
    const text = Object.hasOwn(OBJECTIONS, why) ? OBJECTIONS[why]?.(program) : undefined;
    if (text === undefined || this.#noted.has(text) || this.#noted.size >= MOST) return;
    this.#noted.add(text);
    this.#recording.jobs.note(text, true);
  }

  /**
   * Many builds run something under sudo and are split all the same. So there is a note only if nothing was
   * split.
   */
  ending(): void {
    const { jobs } = this.#recording;
    if (this.#away !== undefined && jobs.count === 1)
      jobs.note(
        `what ${this.#away} starts cannot be seen from outside, so it is one job; to split it, call loglin inside: ${this.#away} … loglin make`,
        true,
      );
  }
}
