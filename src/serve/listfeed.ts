// Tells the clients that look at the list of builds which builds have come, changed or gone. The store's
// folder is looked at five times a second, while somebody wants to know.

import type { JsonRecord } from '../render/records/line.ts';
import type { BuildState } from '../record/recordreader.ts';
import { type BuildSummary, silentSince } from '../store/builds.ts';
import { buildFolder, buildsFolder } from '../store/layout.ts';
import { statOf } from '../store/plainfile.ts';

const LOOK_MS = 200;
/** A recorder writes its first record sooner. */
const NEW_MS = 10_000;

/** Where builds are looked up. */
export interface BuildRows {
  ids(): readonly string[];
  summary(id: string): BuildSummary;
  row(summary: BuildSummary): JsonRecord;
}

export interface ListNews {
  /** Rows as of `ls --json`, of builds that are new or in another state, the newest first. */
  readonly changed: readonly JsonRecord[];
  readonly removed: readonly string[];
}

/** Somebody who is told. */
export interface ListClient {
  /** Whether all that was sent has left. */
  readonly ready: boolean;
  send(news: ListNews): void;
  end(): void;
}

export class ListFeed {
  readonly #store: string;
  readonly #rows: BuildRows;
  readonly #clients = new Set<ListClient>();
  /** Those that may change: running, or not yet described. */
  readonly #open = new Map<string, BuildState | 'new'>();
  #known = new Set<string>();
  #stamp = -1;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: string, rows: BuildRows) {
    this.#store = store;
    this.#rows = rows;
  }

  /** Adds a client. It asks for the list itself, once it hears. */
  add(client: ListClient): void {
    if (this.#clients.size === 0) this.#look(false);
    this.#clients.add(client);
    this.#timer ??= setInterval(() => {
      this.#tell(this.#look());
    }, LOOK_MS);
  }

  remove(client: ListClient): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tell(message: ListNews): void {
    if (message.changed.length === 0 && message.removed.length === 0) return;
    for (const client of this.#clients) {
      if (client.ready) client.send(message);
      // It has missed something, and asks for the whole list when it has connected again.
      else client.end();
    }
  }

  /** @param told somebody is told. */
  #look(told = true): ListNews {
    const stamp = statOf(buildsFolder(this.#store))?.mtimeMs ?? 0;
    const came: string[] = [];
    const removed: string[] = [];
    // A change within the clock's grain may follow.
    if (stamp !== this.#stamp || Date.now() - stamp < 2 * LOOK_MS) {
      this.#stamp = stamp;
      const ids = new Set(this.#rows.ids());
      for (const id of ids) if (!this.#known.has(id)) came.push(id);
      for (const id of this.#known) if (!ids.has(id)) removed.push(id);
      this.#known = ids;
    }
    for (const id of removed) this.#open.delete(id);
    for (const id of came) this.#open.set(id, 'new');
    const changed: JsonRecord[] = [];
    for (const [id, state] of this.#open) {
      const summary = this.#rows.summary(id);
      const { started, state: now } = summary;
      const settled = now !== 'running' && (started ?? silentSince(buildFolder(this.#store, id)) > NEW_MS);
      if (settled) this.#open.delete(id);
      else this.#open.set(id, now);
      if (told && now !== state) changed.push(this.#rows.row(summary));
    }
    return { changed: changed.reverse(), removed };
  }
}
