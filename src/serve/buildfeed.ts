// Tells the clients that look at one build what is new in it, at most 50 times a second. The build is looked
// at only while it runs and somebody wants to know.

import type { ByteOffset, JobId } from '../model/ids.ts';
import { JournalNews, type News, type NewsState } from '../store/journalnews.ts';
import type { EventStream } from './sse.ts';

/** How often the journal is looked at. The recorder writes to it 20 times a second. */
const LOOK_MS = 20;

/** What a client is sent. Its id is `journal`. */
interface Message {
  /** The size of the journal, in bytes: what was not read yet is to be read up to here. */
  readonly journal: number;
  /** The logs that have grown, with their sizes; without it, the journal says it. */
  readonly logs?: readonly (readonly [JobId, ByteOffset])[];
  readonly state: NewsState;
  /** Nothing more comes. */
  readonly ended: boolean;
}

/** What a client has not been told yet. */
interface Untold {
  readonly stream: EventStream;
  logs: Map<JobId, ByteOffset> | undefined;
  news: boolean;
}

export class BuildFeed {
  readonly #journal: JournalNews;
  readonly #clients = new Set<Untold>();
  #timer: NodeJS.Timeout | undefined;

  /** @throws like openPlain if the build's journal cannot be opened. */
  constructor(store: string, id: string) {
    this.#journal = new JournalNews(store, id);
  }

  get ended(): boolean {
    return this.#journal.state !== 'running';
  }

  get journal(): number {
    return this.#journal.journal;
  }

  /** Adds a client, which is told at once how things are. */
  add(stream: EventStream): void {
    const client: Untold = { stream, logs: undefined, news: true };
    this.#clients.add(client);
    this.#tell(client);
    this.#timer ??= setInterval(() => {
      this.#look();
    }, LOOK_MS);
    if (this.ended) this.#endTold();
  }

  /** @returns whether it was the last one. */
  remove(stream: EventStream): boolean {
    for (const client of this.#clients) if (client.stream === stream) this.#clients.delete(client);
    return this.#clients.size === 0;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#journal.close();
  }

  #look(): void {
    const news = this.#journal.look();
    if (news) for (const client of this.#clients) note(client, news);
    for (const client of this.#clients) if (client.news && client.stream.ready) this.#tell(client);
    if (this.ended) this.#endTold();
  }

  #tell(client: Untold): void {
    const { journal, state } = this.#journal;
    const { logs } = client;
    const message: Message = { journal, ...(logs && { logs: [...logs] }), state, ended: this.ended };
    client.stream.send(message, journal);
    client.logs = new Map();
    client.news = false;
  }

  #endTold(): void {
    for (const client of this.#clients) if (!client.news) client.stream.end();
  }
}

/** So many logs are named in a message. */
const MOST_LOGS = 1000;

function note(client: Untold, { logs }: News): void {
  client.news = true;
  if (!logs) client.logs = undefined;
  else if (client.logs) for (const [job, size] of logs) client.logs.set(job, size);
  if (client.logs && client.logs.size > MOST_LOGS) client.logs = undefined;
}
