// Answers what is asked of the store: the list of builds, the files of each, and what changes.

import { reason } from '../model/failure.ts';
import type { JobId } from '../model/ids.ts';
import type { JsonRecord } from '../render/records/line.ts';
import { type BuildSummary, listBuilds, summarise } from '../store/builds.ts';
import { buildFolder, buildsFolder, graphFile, journalFile, logFile, logsFolder } from '../store/layout.ts';
import { logSize, loggedJobs } from '../store/logs.ts';
import { checkFolder, statOf } from '../store/plainfile.ts';
import { isThinned } from '../store/reader.ts';
import { type CountedBuild, counted, recordOf, wentWrong } from '../view/listedbuilds.ts';
import { JSON_TYPE, TEXT, type Request, type Response, answer } from './answer.ts';
import { ChangeFeed } from './changefeed.ts';
import { BuildFeed } from './buildfeed.ts';
import { type StoredFile, sendFile } from './files.ts';
import { ListFeed } from './listfeed.ts';
import type { Route } from './route.ts';
import { smallLogs } from './smalllogs.ts';
import { EventStream } from './sse.ts';

const NDJSON = 'application/x-ndjson; charset=utf-8';

type Counts = Pick<CountedBuild, 'jobs' | 'failed' | 'ms'>;

export class Builds {
  readonly changes: ChangeFeed;
  readonly #store: string;
  readonly #list: ListFeed;
  readonly #feeds = new Map<string, BuildFeed>();
  /** The counts of builds that were interrupted, which have to be read for that. */
  readonly #counts = new Map<string, Counts>();

  constructor(store: string) {
    this.#store = store;
    this.#list = new ListFeed(store, {
      ids: () => listBuilds(store),
      summary: (id) => summarise(store, id),
      row: (summary) => this.#row(summary),
    });
    this.changes = new ChangeFeed(store, this.#list);
  }

  /** Answers a request for anything but the page. */
  send(route: Exclude<Route, { kind: 'page' | 'websocket' }>, request: Request, response: Response): void {
    if (route.kind === 'builds') this.#sendRows(route, response);
    else if (route.kind === 'buildsFeed') this.#feedList(request, response);
    else if (!this.#exists(route.id)) answer(response, 404, noBuild(route.id));
    else this.#sendOfBuild(route, request, response);
  }

  close(): void {
    this.changes.close();
    this.#list.close();
    for (const feed of this.#feeds.values()) feed.close();
  }

  #exists(id: string): boolean {
    return statOf(buildFolder(this.#store, id))?.isDirectory() ?? false;
  }

  #sendOfBuild(
    route: Exclude<Route, { kind: 'page' | 'websocket' | 'builds' | 'buildsFeed' }>,
    request: Request,
    response: Response,
  ): void {
    const { id } = route;
    const folder = buildFolder(this.#store, id);
    const send = (file: string, type: string, missing: string): void => {
      const stored: StoredFile = { store: this.#store, id, file };
      void sendFile(request, response, stored, type, missing);
    };
    switch (route.kind) {
      case 'meta':
        answer(response, 200, JSON.stringify(this.#meta(id, folder)), JSON_TYPE);
        break;
      case 'sizes':
        answer(response, 200, JSON.stringify(sizesOf(folder)), JSON_TYPE);
        break;
      case 'journal':
        send(journalFile(folder), NDJSON, `build ${id} has no journal\n`);
        break;
      case 'graph':
        send(graphFile(folder), NDJSON, `build ${id} has no graph\n`);
        break;
      case 'log':
        send(
          logFile(folder, route.job),
          TEXT,
          isThinned(folder) ? 'the log was removed by gc\n' : 'the log is missing\n',
        );
        break;
      case 'smallLogs':
        this.#sendSmallLogs(folder, route.job, response);
        break;
      case 'feed':
        this.#feedBuild(id, request, response);
        break;
    }
  }

  #sendSmallLogs(folder: string, from: JobId, response: Response): void {
    try {
      for (const at of [buildsFolder(this.#store), folder, logsFolder(folder)]) checkFolder(at);
      answer(response, 200, smallLogs(folder, from), 'application/octet-stream');
    } catch (error) {
      answer(response, 403, `${reason(error)}\n`);
    }
  }

  #meta(id: string, folder: string): Readonly<Record<string, unknown>> {
    const { state } = summarise(this.#store, id);
    const size = (file: string): number | null => {
      const stat = statOf(file);
      return stat?.isFile() ? stat.size : null;
    };
    const journal = size(journalFile(folder));
    return { id, state, journal, graph: size(graphFile(folder)), thinned: isThinned(folder) };
  }

  #sendRows({ before, count, bad }: Extract<Route, { kind: 'builds' }>, response: Response): void {
    const rows: JsonRecord[] = [];
    try {
      for (const id of listBuilds(this.#store).reverse()) {
        if (rows.length >= count) break;
        if (before !== undefined && id >= before) continue;
        const summary = summarise(this.#store, id);
        if (!bad || wentWrong(summary)) rows.push(this.#row(summary));
      }
      answer(response, 200, JSON.stringify(rows), JSON_TYPE);
    } catch (error) {
      answer(response, 500, `${reason(error)}\n`);
    }
  }

  #row(summary: BuildSummary): JsonRecord {
    return recordOf(this.#store, { ...summary, ...this.#count(summary) });
  }

  #count(summary: BuildSummary): Counts {
    const { id, state, started, ended } = summary;
    // The page counts the jobs of a build that runs, and reads it for that; a list would read it again and
    // again.
    if (state === 'running')
      return { jobs: undefined, failed: undefined, ms: Date.now() - (started?.at ?? Date.now()) };
    const known = this.#counts.get(id);
    if (known) return known;
    const counts = counted(this.#store, summary);
    if (!ended && started) this.#counts.set(id, counts);
    return counts;
  }

  #feedList(request: Request, response: Response): void {
    if (request.method === 'HEAD') {
      answer(response, 200, '', 'text/event-stream');
      return;
    }
    const stream: EventStream = new EventStream(response, () => {
      this.#list.remove(stream);
    });
    this.#list.add(stream);
  }

  #feedBuild(id: string, request: Request, response: Response): void {
    let feed = this.#feeds.get(id);
    try {
      feed ??= new BuildFeed(this.#store, id);
    } catch (error) {
      answer(response, 404, `${reason(error)}\n`);
      return;
    }
    const told = feed.ended && request.headers['last-event-id'] === String(feed.journal);
    if (told || request.method === 'HEAD') {
      if (!this.#feeds.has(id)) feed.close();
      response.writeHead(told ? 204 : 200).end();
      return;
    }
    const watched = feed;
    this.#feeds.set(id, watched);
    const stream = new EventStream(response, () => {
      if (!watched.remove(stream)) return;
      watched.close();
      this.#feeds.delete(id);
    });
    watched.add(stream);
  }
}

function sizesOf(folder: string): [number, number][] {
  return loggedJobs(folder).map((job) => [job, logSize(folder, job) ?? 0]);
}

const noBuild = (id: string): string =>
  `build ${id} is not in this store; if it was, it has been removed (gc, rm)\n`;
