// Tells programs which builds have begun and ended, and which changes those of `loglin watch` followed
// (docs/watch.md): the messages, and when they are sent. Knows no sockets.

import type { JsonRecord } from '../render/records/line.ts';
import { listBuilds } from '../store/builds.ts';
import { readChange } from '../store/watchedchange.ts';
import type { ListClient, ListFeed, ListNews } from './listfeed.ts';

/** How often it is looked whether a change was noted beside a build that has ended. */
const LOOK_MS = 50;
/** A watch reads a build's record before it notes the change. */
const NOTED_MS = 60_000;

export type Tell = (message: JsonRecord) => void;

export class ChangeFeed {
  readonly #store: string;
  readonly #list: ListFeed;
  readonly #clients = new Set<Tell>();
  /** Builds whose beginning was told, or was before anybody listened. */
  readonly #begun = new Set<unknown>();
  /** Builds that have ended, with their status, and until when a change may be noted. */
  readonly #ended = new Map<string, { readonly status: unknown; readonly until: number }>();
  readonly #heard: ListClient = {
    ready: true,
    send: (news) => {
      this.#hear(news);
    },
    end: () => undefined,
  };
  #timer: NodeJS.Timeout | undefined;

  constructor(store: string, list: ListFeed) {
    this.#store = store;
    this.#list = list;
  }

  /** @returns what ends this. */
  add(tell: Tell): () => void {
    if (this.#clients.size === 0) {
      for (const id of listBuilds(this.#store)) this.#begun.add(id);
      this.#list.add(this.#heard);
    }
    this.#clients.add(tell);
    return () => {
      if (!this.#clients.delete(tell) || this.#clients.size > 0) return;
      this.#list.remove(this.#heard);
      this.close();
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#ended.clear();
    this.#begun.clear();
  }

  #hear({ changed, removed }: ListNews): void {
    for (const id of removed) this.#begun.delete(id);
    for (const row of [...changed].reverse()) {
      const { id, state, argv, status, jobs, failed, ms } = row;
      // It is not known yet what it is.
      if (argv === null) continue;
      const build = { type: 'build', id, argv };
      if (!this.#begun.has(id)) this.#tell({ ...build, state: 'started' });
      this.#begun.add(id);
      if (state === 'running') continue;
      this.#tell({ ...build, state: 'finished', status, jobs, failed, ms });
      this.#ended.set(String(id), { status, until: Date.now() + NOTED_MS });
      this.#timer ??= setInterval(() => {
        this.#look();
      }, LOOK_MS);
    }
  }

  #look(): void {
    for (const [id, { status, until }] of this.#ended) {
      const noted = readChange(this.#store, id);
      if (noted) this.#tell({ type: 'change', ...noted, id, status });
      if (noted || Date.now() > until) this.#ended.delete(id);
    }
    if (this.#ended.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tell(message: JsonRecord): void {
    for (const tell of this.#clients) tell(message);
  }
}
