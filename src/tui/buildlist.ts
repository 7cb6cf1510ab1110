// The list of builds. It is read once, newest first, a few at a time; after that, only new and running builds
// are read.

import { succeeded } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import fs from 'node:fs';
import { type BuildSummary, listBuilds, summarise } from '../store/builds.ts';
import { buildsFolder } from '../store/layout.ts';
import type { BuildItem } from './state.ts';

export class BuildList {
  readonly #store: string;
  readonly #rows = new Map<string, BuildItem>();
  #ids: string[] = [];
  #seen = -1;

  constructor(store: string) {
    this.#store = store;
  }

  /** The rows that are known, newest first. */
  rows(): BuildItem[] {
    return this.#ids.flatMap((id) => this.#rows.get(id) ?? []);
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  /**
   * Lists the store's builds.
   * @returns whether they differ from the last time.
   * @throws Failure if the store cannot be read.
   */
  checkStore(): boolean {
    const mtime = fs.statSync(buildsFolder(this.#store), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (mtime === this.#seen) return false;
    this.#seen = mtime;
    this.#ids = listBuilds(this.#store).reverse();
    const there = new Set(this.#ids);
    for (const id of this.#rows.keys()) if (!there.has(id)) this.#rows.delete(id);
    return true;
  }

  /** Reads up to `most` builds that are not known yet. @returns false if all were known. */
  step(most: number): boolean {
    let read = 0;
    for (const id of this.#ids) {
      if (this.#rows.has(id)) continue;
      if (read === most) break;
      this.#rows.set(id, rowOf(summarise(this.#store, id)));
      read++;
    }
    return read > 0;
  }

  /** Reads running builds again. @returns whether one of them has changed. */
  refresh(): boolean {
    let changed = false;
    for (const [id, row] of this.#rows) {
      if (row.state !== 'running') continue;
      const fresh = rowOf(summarise(this.#store, id));
      if (fresh.state === 'running') continue;
      this.#rows.set(id, fresh);
      changed = true;
    }
    return changed;
  }

  running(): boolean {
    return [...this.#rows.values()].some(({ state }) => state === 'running');
  }
}

function rowOf({ id, started, ended, state }: BuildSummary): BuildItem {
  const ok = ended && succeeded(ended.status);
  return {
    id,
    at: started?.at,
    ms: ended?.t,
    state: !started
      ? 'damaged'
      : ended?.interrupted
        ? 'interrupted'
        : !ended
          ? state === 'running'
            ? 'running'
            : 'interrupted'
          : ok
            ? 'ok'
            : 'failed',
    jobs: ended?.jobs,
    failed: ended?.failed,
    command: started ? escapeName(started.name ?? started.argv.join(' ')) : id,
    revision: started?.revision ?? '',
  };
}
