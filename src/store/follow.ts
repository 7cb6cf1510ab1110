// Follows a build that another process records, until the build ends or that process is gone.

import type { Build } from '../model/build.ts';
import { freeze } from '../model/reduce.ts';
import { LogReader } from './logs.ts';
import { BuildReader } from './reader.ts';

/** `interrupted`: the process is gone, and the record has no end. */
export type FollowState = 'running' | 'ended' | 'interrupted';

export class FollowedBuild {
  readonly build: Build;
  readonly logs: LogReader;
  readonly #reader: BuildReader;
  #state: FollowState = 'running';

  /** @throws Failure if the record cannot be read. */
  constructor(store: string, id: string) {
    this.#reader = new BuildReader(store, id);
    this.build = this.#reader.build;
    this.logs = new LogReader(this.#reader.folder);
  }

  get state(): FollowState {
    return this.#state;
  }

  /** The problems of the record, one line each. */
  get problems(): readonly string[] {
    return this.#reader.problems;
  }

  /**
   * Reads what was recorded since the last call.
   * @returns whether there was anything new.
   * @throws Failure if the record cannot be read, or has another version.
   */
  update(): boolean {
    if (this.#state !== 'running') return false;
    const known = this.#reader.records;
    while (this.#reader.step());
    let news = this.#reader.records > known;
    const { started, ended } = this.build;
    if (ended) this.#state = 'ended';
    else if (!news && started && !this.#reader.running) {
      this.#freeze();
      news = true;
    }
    return news;
  }

  close(): void {
    this.#reader.close();
    this.logs.close();
  }

  /** The recorder was killed, so the logs will not grow any more. They may be ahead of the journal. */
  #freeze(): void {
    const { build, logs } = this.#reader.finish();
    logs.close();
    this.#state = build.ended ? 'ended' : 'interrupted';
    freeze(build);
  }
}
